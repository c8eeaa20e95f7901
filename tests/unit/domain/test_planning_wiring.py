"""What the formulas know reaches the orders: classes, events, like items, predecessors, places below a warehouse,
shortage, minimum and truck, suppliers who deliver short. All through documents and the real journal."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from domain_scene import FARM, HOUSE, RICE, SELF, TEA, TODAY, WAREHOUSE, answered, only
from test_planning_runs import BOUGHT, FILLED, STORE, YESTERDAY, Gateway, counted, house_count, sold, weeks, word

from gateway.domain.replenishment.facts import DaySales, PairFacts, PlanFacts, StockCount
from gateway.domain.replenishment.inputs import history
from gateway.model.planning import LoadTerms, PlanAgreement, PlanCalendar, PlanningTerms
from gateway.model.planning_effects import LineOrdered, RecordSaved
from gateway.model.price_catalogue import CatalogueItem, CataloguePrice, PriceCatalogue
from gateway.model.replenishment import PartnerStanding, PlanValue
from gateway.model.retail_event import RetailEvent
from gateway.model.sales_report import SalesLine, SalesReport
from gateway.model.values import Amount, Item, Period, Quantity, party
from gateway.store.journal import SqlJournal

SCRIPT = Path(__file__).parents[2] / "independent" / "recompute_order.py"
OTHER_STORE = "4099910000039"


@pytest.fixture
def made() -> Iterator[Any]:
    journals: list[SqlJournal] = []

    def make(*agreements: PlanAgreement) -> Gateway:
        journal = SqlJournal.in_memory()
        journals.append(journal)
        return Gateway(journal, PlanningTerms(agreements=agreements or (FILLED, BOUGHT), history_days=56))

    yield make
    for journal in journals:
        journal.close()


def why(gateway: Gateway, place: str = STORE, gtin: str = TEA) -> dict[str, Any]:
    """Return the reasons of a plan, once the independent script agrees with them."""
    plan = gateway.plans((place, gtin))[place, gtin]
    checked = subprocess.run([sys.executable, "-I", str(SCRIPT)], input=plan.why, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    found: dict[str, Any] = json.loads(plan.why)
    return found


def stocked(gateway: Gateway, *, tea: int = 12, ours: int = 1000) -> Gateway:
    gateway.take(house_count(tea=ours, rice=ours), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=tea))
    return gateway


def test_a_customer_in_a_higher_class_gets_more(made: Any) -> None:
    services = {"A": Decimal("0.995"), "B": Decimal("0.97"), "C": Decimal("0.9")}
    gateway = stocked(made(replace(FILLED, customer_service=services), BOUGHT))
    levels = {}
    for name in "CBA":
        standing = PartnerStanding(partner="shop", value_class=name)
        gateway.run(release=False, standings=(standing,))
        found = why(gateway)
        levels[name] = found["target"]["order_up_to"]
        assert found["policy"]["service_from"] == f"customer-class {name}"
    assert levels["C"] < levels["B"] < levels["A"]
    gateway.run(release=False)
    assert why(gateway)["policy"]["service_from"] == "agreement", "who is not in the record has what is agreed"


def test_what_is_set_for_the_item_goes_before_every_class(made: Any) -> None:
    gateway = stocked(made(replace(FILLED, customer_service={"A": Decimal("0.999")})))
    gateway.take(word("parameters", PlanValue(place=STORE, gtin=TEA, name="service", value="0.8")), SELF)
    gateway.run(release=False, standings=(PartnerStanding(partner="shop", value_class="A"),))
    found = why(gateway)["policy"]
    assert (found["service"], found["service_from"]) == (0.8, "parameter")


def test_a_learning_run_keeps_what_is_shared_and_the_next_run_plans_with_it(made: Any) -> None:
    gateway = made(replace(FILLED, item_service={"A": Decimal("0.99"), "B": Decimal("0.97"), "C": Decimal("0.9")}))
    gateway.take(house_count(tea=1000, rice=1000), HOUSE)
    for n in range(70, 0, -1):
        day = TODAY - timedelta(days=n)
        busy = 3 if day.weekday() == 5 else 1
        gateway.take(sold(day, tea=10 * busy, rice=1 if n % 9 == 0 else 0))
    gateway.take(counted(YESTERDAY, tea=12, rice=3))
    gateway.run(release=False)
    assert why(gateway)["forecast"]["learned_through"] is None
    (record,) = only(RecordSaved, gateway.run(learn=True, release=False))
    assert (record.kind, record.id) == ("learned", "vmi-shop")
    assert record.data == only(RecordSaved, gateway.run(learn=True, release=False))[0].data, "the same days, the same"
    gateway.run(release=False)
    found = why(gateway)
    assert found["forecast"]["learned_through"] == YESTERDAY.isoformat()
    assert found["policy"]["service_from"] == "item-class A"
    assert why(gateway, gtin=RICE)["policy"]["service_from"] == "item-class C"
    record_of_all = json.loads(record.data)["groups"][""]
    assert record_of_all["weekday"][5] == max(record_of_all["weekday"]) > 1.8
    days = {date.fromisoformat(day["day"]).weekday(): day["weekday"] for day in found["forecast"]["daily"]}
    assert all(factor < 1 for number, factor in days.items() if number != 5)


@pytest.mark.parametrize("days", [0, 1, 5, 34, 35])
def test_little_history_teaches_nothing_and_hinders_nobody(made: Any, days: int) -> None:
    """Found by the journey over AS2: the first week of a shop parked its learning run."""
    gateway = made(FILLED)
    for n in range(days, 0, -1):
        gateway.take(sold(TODAY - timedelta(days=n), tea=10))
    assert len(only(RecordSaved, gateway.run(learn=True))) == (days == 35)
    gateway.run()


def event(first: date, last: date, number: str = "E1", uplift: str | None = "1.0", **more: Any) -> RetailEvent:
    facts: dict[str, Any] = {"kind": "promotion", "name": "weeks of tea", "mechanic": "leaflet", "partner": "shop"}
    return RetailEvent(
        id=number,
        issued_at=TODAY,
        first_day=first,
        last_day=last,
        items=(Item(gtin=TEA),),
        uplift=None if uplift is None else Decimal(uplift),
        **(facts | more),
    )


def test_a_promotion_lifts_the_forecast_of_its_days_and_the_order(made: Any) -> None:
    gateway = stocked(made(), tea=40)
    gateway.run(release=False)
    before = why(gateway)
    gateway.take(event(TODAY, TODAY + timedelta(days=6)), SELF)
    gateway.run(release=False)
    after = why(gateway)
    assert after["forecast"]["events"][0]["uplift"] == "2.0"
    assert [day["promotion"] for day in after["forecast"]["daily"]] == [2.0] * len(after["forecast"]["daily"])
    assert after["demand"]["mean"] == pytest.approx(2 * before["demand"]["mean"])
    assert float(after["quantity"]) > float(before["quantity"])
    gateway.run(release=False)
    ours = why(gateway, WAREHOUSE)
    assert ours["forecast"]["daily"][0]["promotion"] == 2.0, "all that our warehouse ships goes to that shop"


def test_the_effect_of_a_mechanic_is_learned_from_what_it_did(made: Any) -> None:
    gateway = made()
    gateway.take(house_count(tea=1000), HOUSE)
    for n in range(90, 0, -1):
        lifted = 40 <= n < 54 or 10 <= n < 17
        gateway.take(sold(TODAY - timedelta(days=n), tea=60 if lifted else 20))
    gateway.take(counted(YESTERDAY, tea=30))
    for number, (first, last) in enumerate([(53, 40), (16, 10), (0, -6)]):
        days = (TODAY - timedelta(days=first), TODAY - timedelta(days=last))
        gateway.take(event(*days, number=f"E{number}", uplift=None), SELF)
    gateway.run(learn=True, release=False)
    gateway.run(release=False)
    today = why(gateway)["forecast"]["daily"][0]
    assert 2.3 < today["promotion"] < 3.2
    assert 45 < today["units"] < 70


def test_a_new_item_sells_like_the_one_that_a_planner_names(made: Any) -> None:
    gateway = made(FILLED)
    gateway.take(house_count(tea=1000, rice=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=60, rice=0))
    gateway.run(release=False)
    assert why(gateway, gtin=RICE)["demand"]["mean"] < 1
    gateway.take(word("parameters", PlanValue(place=STORE, gtin=RICE, name="like", value=TEA)), SELF)
    gateway.run(release=False)
    found, like = why(gateway, gtin=RICE), why(gateway)
    assert found["forecast"]["like"] == TEA
    assert found["demand"]["mean"] == pytest.approx(like["demand"]["mean"], rel=0.35)
    assert found["demand"]["variance"] > like["demand"]["variance"], "less is known of it"


def test_a_successor_inherits_history_and_stock(made: Any) -> None:
    gateway = stocked(made(FILLED), tea=30)
    gateway.take(
        word(
            "parameters",
            PlanValue(place=STORE, gtin=RICE, name="predecessor", value=TEA),
            PlanValue(place=STORE, gtin=RICE, name="factor", value="0.5"),
        ),
        SELF,
    )
    gateway.take(counted(YESTERDAY, "I2", rice=4))
    gateway.run(release=False)
    new, old = why(gateway, gtin=RICE), why(gateway)
    assert Decimal(new["position"]["on_hand"]) == 4 + 15
    assert [step["kind"] for step in new["position"]["steps"]] == ["counted", "predecessor"]
    assert new["demand"]["mean"] == pytest.approx(old["demand"]["mean"] / 2, rel=0.2)


SECOND = replace(FILLED, places=(STORE, OTHER_STORE))


def sold_in_both(gateway: Gateway) -> None:
    for n in range(42, 0, -1):
        day = TODAY - timedelta(days=n)
        lines = tuple(
            SalesLine(item=Item(gtin=TEA), location=place, sold_quantity=Quantity(value=Decimal(units + n % 3)))
            for place, units in ((STORE, 10), (OTHER_STORE, 20))
        )
        gateway.take(
            SalesReport(
                id=f"B{day:%m%d}", issued_at=day, reporter=party("4099910000015"), receiver=party("4099900000001"),
                period=Period(start=day, end=day), lines=lines,
            )
        )  # fmt: skip
    for place, units, number in ((STORE, 12, "I1"), (OTHER_STORE, 5, "I2")):
        report = counted(YESTERDAY, number, tea=units)
        gateway.take(replace(report, lines=tuple(replace(line, location=place) for line in report.lines)))


def test_of_too_little_every_place_gets_a_fair_share_and_no_unit_more_than_there_is(made: Any) -> None:
    gateway = made(SECOND)
    gateway.take(house_count(tea=60), HOUSE)
    sold_in_both(gateway)
    ordered = only(LineOrdered, gateway.run())
    assert sum(each.quantity for each in ordered) == 60, "all that there is, in whole packs"
    assert {each.location for each in ordered} == {STORE, OTHER_STORE}
    for each in ordered:
        found = why(gateway, each.location)
        assert found["shortage"]["available"] == "60"
        assert "plan.shortage-shared" in found["exceptions"]
    after = {each.location: (12 if each.location == STORE else 5) + each.quantity for each in ordered}
    assert after[OTHER_STORE] > after[STORE], "who sells more gets more"
    assert only(LineOrdered, gateway.run()) == [], "nothing is left to give"


def test_a_warehouse_planned_as_an_echelon_sees_what_its_places_have(made: Any) -> None:
    plain, echelon = made(SECOND, BOUGHT), made(SECOND, replace(BOUGHT, echelon=True))
    for gateway in (plain, echelon):
        gateway.take(house_count(tea=100), HOUSE)
        sold_in_both(gateway)
        gateway.run(release=False)
    alone, whole = why(plain, WAREHOUSE), why(echelon, WAREHOUSE)
    assert alone["position"]["places"] == []
    places = whole["position"]["places"]
    assert [each["place"] for each in places] == [STORE, OTHER_STORE]
    wanted = sum(Decimal(each["order_up_to"]) - Decimal(each["position"]) for each in places)
    assert wanted > 0
    assert Decimal(whole["position"]["position"]) == Decimal(alone["position"]["position"]) - wanted
    for each in places:
        own = why(echelon, each["place"])
        assert own["target"]["order_up_to"] == pytest.approx(float(each["order_up_to"]), abs=0.001)
        assert own["position"]["position"] == each["position"]
    assert float(whole["quantity"]) > float(alone["quantity"])


def load(**terms: Any) -> PlanAgreement:
    facts = {name: value if name == "measure" else Decimal(value) for name, value in terms.items()}
    return replace(BOUGHT, loads=(LoadTerms(supplier="farm", **facts),))


def bought(gateway: Gateway, tea: int = 20, rice: int = 90) -> dict[str, Decimal]:
    gateway.take(house_count(tea=tea, rice=rice), HOUSE)
    for n in range(42, 0, -1):
        gateway.take(sold(TODAY - timedelta(days=n), tea=10 + n % 3, rice=6 + n % 2))
    return {each.gtin: each.quantity for each in only(LineOrdered, gateway.run())}


def test_an_order_below_the_suppliers_minimum_pulls_forward_what_will_be_needed_next(made: Any) -> None:
    plain = bought(made(BOUGHT))
    assert set(plain) == {TEA}
    gateway = made(load(measure="units", minimum=str(plain[TEA] + 120)))
    raised = bought(gateway)
    assert sum(raised.values()) == plain[TEA] + 120
    assert all(units % 12 == 0 for units in raised.values())
    assert RICE in raised, "what would last shortest, not only what was due"
    assert why(gateway, WAREHOUSE)["load"]["result"] == "pulled-forward"
    assert why(gateway, WAREHOUSE, RICE)["load"]["line_before"] == "0"


def test_far_below_the_minimum_it_waits_and_says_so(made: Any) -> None:
    gateway = made(load(measure="units", minimum="5000", wait_below="0.5"))
    assert bought(gateway) == {}
    plan = gateway.plans((WAREHOUSE, TEA))[WAREHOUSE, TEA]
    assert (plan.status, "plan.load-waits" in plan.exceptions) == ("nothing", True)
    assert why(gateway, WAREHOUSE)["load"]["result"] == "waited"


def test_an_almost_full_truck_is_filled(made: Any) -> None:
    due = sum(bought(made(BOUGHT)).values())
    gateway = made(load(measure="units", truck=str(due + 24), fill_from="0.6"))
    assert sum(bought(gateway).values()) == due + 24
    assert why(gateway, WAREHOUSE)["load"]["capacity"] == float(due + 24)


def test_what_is_ordered_with_a_minimum_goes_out_as_one_order(made: Any) -> None:
    gateway = made(load(measure="units", minimum="200"))
    gateway.take(house_count(tea=20, rice=30), HOUSE)
    for n in range(42, 0, -1):
        gateway.take(sold(TODAY - timedelta(days=n), tea=10 + n % 3, rice=6 + n % 2))
    orders = [each for part in range(3) for each in answered(gateway.run(shard=part, shards=3), "farm")]
    assert len(orders) == 1, "all items of one supplier are planned in one shard"
    assert sum(line.quantity.value for line in orders[0].lines) >= 200


def test_the_third_short_delivery_raises_the_safety_stock(made: Any) -> None:
    gateway = made(replace(BOUGHT, calendar=PlanCalendar(order_days=(1, 4))))
    gateway.take(house_count(tea=20), HOUSE)
    for n in range(42, 0, -1):
        gateway.take(sold(TODAY - timedelta(days=n), tea=30 + n % 3))
    safety = []
    for times in (0, 2, 3):
        standing = PartnerStanding(partner="farm", short_deliveries=times, short_share=Decimal("0.3"))
        gateway.run(release=False, standings=(standing,))
        found = why(gateway, WAREHOUSE)
        safety.append(found["target"]["safety_stock"])
        assert ("plan.supplier-short" in found["exceptions"]) == (times == 3)
    assert safety[0] == safety[1] < safety[2]


def test_the_suppliers_catalogue_says_price_and_order_step(made: Any) -> None:
    gateway = made(BOUGHT)
    gateway.take(house_count(tea=20), HOUSE)
    for n in range(42, 0, -1):
        gateway.take(sold(TODAY - timedelta(days=n), tea=10 + n % 3))
    offered = catalogue(price="1.75", step=30)
    gateway.take(offered, FARM)
    gateway.run(release=False)
    found = why(gateway, WAREHOUSE)
    assert found["packing"]["pack"] == 30
    order = answered(gateway.run(), "farm")[0]
    assert (order.lines[0].price.net.value, order.lines[0].quantity.value % 30) == (Decimal("1.75"), 0)


def test_a_day_on_which_a_place_is_closed_is_told_and_nothing_was_sold(made: Any) -> None:
    """Sunday 1 March has no report, because nobody opens on Sundays: Saturday evening is Monday morning."""
    gateway = made(replace(FILLED, calendar=PlanCalendar(lead_days=2, open_days=(1, 2, 3, 4, 5, 6))))
    gateway.take(house_count(tea=1000), HOUSE)
    for n in range(42, 0, -1):
        if (TODAY - timedelta(days=n)).weekday() != 6:
            gateway.take(sold(TODAY - timedelta(days=n), tea=10))
    gateway.take(counted(TODAY - timedelta(days=3), tea=30))
    gateway.run(release=False)
    found = why(gateway)
    assert (found["position"]["through"], found["position"]["on_hand"]) == (YESTERDAY.isoformat(), "20")
    assert found["history"]["units"][-1] == "0"
    assert found["history"]["days_unknown"] == found["history"]["days"] - 42, "before its first day only"
    sunday = next(day for day in found["forecast"]["daily"] if date.fromisoformat(day["day"]).weekday() == 2)
    assert sunday["units"] > 5


def catalogue(price: str, step: int) -> PriceCatalogue:
    amount = Amount(value=Decimal(price), currency="EUR")
    line = CatalogueItem(
        item=Item(gtin=TEA),
        order_increment=Quantity(value=Decimal(step)),
        prices=(CataloguePrice(kind="net", amount=amount),),
    )
    return PriceCatalogue(
        id="C1",
        issued_at=TODAY - timedelta(days=1),
        provider=party("4099930000019"),
        receiver=party("4099900000001"),
        lines=(line,),
        currency="EUR",
    )


def test_the_history_of_one_place_is_that_of_many_of_which_the_others_never_sold(made: Any) -> None:
    """One place goes a shorter way through the days than several: both give the same."""
    chance = Random(7)
    for _ in range(40):
        days = [TODAY - timedelta(days=n) for n in range(30, 0, -1)]
        rows = {
            day: DaySales(sold=Decimal(chance.randint(0, 5)), lost=Decimal(chance.choice((0, 0, 2))))
            for day in chance.sample(days, chance.randint(1, 25))
        }
        counts = tuple(
            StockCount(type="onHand", quantity=Decimal(chance.randint(0, 1)), at=day, report="I") for day in days[::7]
        )
        told = frozenset(chance.sample(days, 20)) | rows.keys()
        one = PairFacts(place=STORE, gtin=TEA, sales={STORE: rows}, stock=counts)
        two = replace(one, sales={STORE: rows, OTHER_STORE: {}})
        known = PlanFacts(reported={STORE: told, OTHER_STORE: frozenset(days)})
        short, long = (history(each, known, YESTERDAY, 40) for each in (one, two))
        assert short == long
