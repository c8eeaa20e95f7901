"""Numbers that partners and people write where nobody expects them, and what many events and lines cost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import process_time

import pytest
from domain_scene import OWN, SHOP, SHOP_GLN, TODAY, context, item, units

from gateway.domain.crm.cases import CaseEvent, course
from gateway.domain.crm.events import Caused, events_of
from gateway.domain.crm.interactions import Word, checked_fields
from gateway.domain.crm.matrices import scores_of
from gateway.domain.crm.metrics import AccountFacts, Outlook, all_metrics
from gateway.domain.crm.registers import REGISTERS, checked
from gateway.domain.crm.service_hours import always_open
from gateway.domain.decision import Snapshot
from gateway.domain.forecasts import decide
from gateway.model.faults import OurFault
from gateway.model.forecast import Forecast, ForecastLine
from gateway.model.planning import PlanAgreement, PlanCalendar, PlanningTerms
from gateway.model.planning_effects import OverrideSaved
from gateway.model.values import Item, Period, party, plain_number

SIZE = Word(list="field", code="size", en="Size", zh="尺寸", type="number")
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BOMBS = ("1E+999999999", "1E-9999999", "1e12", "NaN", "Infinity", "1_000", "٣", "1" * 41, "", ".", "-")


@pytest.mark.parametrize("text", BOMBS, ids=range(len(BOMBS)))
def test_only_plain_digits_are_a_number(text: str) -> None:
    assert plain_number(text) is None
    with pytest.raises(OurFault, match=r"matrix\.setting-wrong"):
        scores_of(f"order={text}")
    if text:
        with pytest.raises(OurFault, match=r"crm\.value-wrong"):
            checked_fields({"size": text}, {"size": SIZE})


@pytest.mark.parametrize("text", ["1E+999999999", "1E-9999999", "1.1E+12", "NaN", "Infinity"])
def test_no_entry_holds_a_number_that_is_megabytes_where_it_is_written_out(text: str) -> None:
    with pytest.raises(OurFault, match=r"crm\.entry-wrong"):
        checked(REGISTERS["opportunity"], {"title": "t", "account": "a", "expectedRevenue": text})


def test_plain_numbers_stay_numbers() -> None:
    assert [plain_number(each) for each in ("1", "-2.50", "+.5", "3.")] == [
        Decimal(1), Decimal("-2.50"), Decimal("0.5"), Decimal(3)
    ]  # fmt: skip
    assert (
        checked(REGISTERS["opportunity"], {"title": "t", "account": "a", "expectedRevenue": "12.5"})["expectedRevenue"]
        == "12.5"
    )
    assert scores_of("order=3.5") == {"order": Decimal("3.5")}


def test_an_order_number_that_looks_like_a_power_of_ten_is_a_word() -> None:
    def fact(value: str) -> object:
        data = {"account": "shop", "code": "order.waits", "subject": "S", "params": {"value": value}}
        (found,) = events_of(Caused(message="m", key="k", kind="CaseOpened", at=NOW, data=data), {})
        return found.facts["value"]

    assert [fact("4500012E7"), fact("1_000"), fact("1E999999999")] == ["4500012E7", "1_000", "1E999999999"]
    assert [fact("12.50"), fact("-3")] == [Decimal("12.50"), Decimal(-3)]


def account(name: str, invoiced: str, credited: str) -> AccountFacts:
    sums = {"orders": Decimal(2), "invoice_value": Decimal(invoiced), "credit_value": Decimal(credited)}
    days = (TODAY - timedelta(days=40), TODAY - timedelta(days=3))
    return AccountFacts(account=name, order_days=days, orders=2, sums=sums)


def test_shares_of_value_are_shares_where_credit_notes_outweigh_invoices() -> None:
    found = all_metrics([account("good", "100", "0"), account("back", "50", "150")], TODAY, Outlook())
    shares = {each.account: each.parts["share"] for each in found if each.name == "value-class"}
    assert shares == {"good": 1, "back": 0}


def test_a_case_of_many_words_is_told_in_a_moment() -> None:
    def told(count: int) -> float:
        events = [CaseEvent(at=NOW + timedelta(minutes=n), kind="noted", actor="a") for n in range(count)]
        events[0] = CaseEvent(at=NOW, kind="opened", actor="a", values={"urgency": "low"})
        start = process_time()
        found = course(events, always_open(), NOW + timedelta(days=30))
        assert sum(found.in_state.values(), timedelta()) == timedelta(days=30)
        return process_time() - start

    told(10)
    assert told(8_000) < 1.0


def test_a_long_forecast_is_decided_in_a_moment() -> None:
    gtins = [f"{4_099_900_100_000 + n:014d}" for n in range(1_500)]
    place = "4099910000022"
    agreed = PlanAgreement(id="a", method="vmi", partner="shop", places=(place,), calendar=PlanCalendar(lead_days=2))
    own = replace(OWN, items={each: item(each, "i") for each in gtins}, planning=PlanningTerms(agreements=(agreed,)))
    lines = tuple(
        ForecastLine(
            item=Item(gtin=gtin),
            location=place,
            quantity=units(7),
            period=Period(start=TODAY + timedelta(days=n), end=TODAY + timedelta(days=n)),
        )
        for gtin in gtins
        for n in range(10)
    )
    told = Forecast(id="F", issued_at=TODAY, sender=party(SHOP_GLN), receiver=party("4099900000001"), lines=lines)
    start = process_time()
    made = decide(told, context(SHOP, 1, own), Snapshot())
    assert len([each for each in made.effects if isinstance(each, OverrideSaved)]) == len(lines)
    assert process_time() - start < 1.5
