"""Every report on every journal: figures worked out by hand from a quarter of two customers."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from gateway.domain.crm.reports import REPORTS, wanted
from gateway.domain.crm.standard_rules import STANDARD
from gateway.model.effects import ActivityAdded, CaseClosed, CaseOpened, Effect, OrderLineState, OrderSaved
from gateway.store import tables as t
from gateway.store.crm_answers import add_answers
from gateway.store.crm_entries import keep_entry
from gateway.store.crm_metrics import refresh
from gateway.store.crm_projection import CrmProjection
from gateway.store.journal import SqlJournal
from gateway.store.view_archive import JournalViews

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
TODAY = NOW.date()
OATS, RICE = "09521001100014", "09521001100038"


def caused(journal: SqlJournal, message: str, at: datetime, *effects: Effect) -> None:
    journal.write(lambda tx: tx.write_effects(message, effects, at, test=False))


def did(kind: str, number: str, account: str, **figures: int) -> ActivityAdded:
    told = {name: Decimal(value) for name, value in figures.items()}
    return ActivityAdded(key=f"{kind}{number}", account=account, kind=kind, reference=number, figures=told)


def sold(partner: str, shop: str, gtin: str, units: int, day: date, promo: int = 0):
    return {
        "partner": partner, "location": shop, "gtin": gtin, "day": day.isoformat(), "sold": units * 1000,
        "promo": promo * 1000, "report": "R",
    }  # fmt: skip


@pytest.fixture
def views(journal: SqlJournal) -> JournalViews:
    """nord: an order a month and a complaint; shop: one order long ago. A promotion of oats at nord in June."""
    for month in range(3):
        at = NOW - timedelta(days=30 * month + 2)
        line = OrderLineState(
            number="1", gtin=OATS, ordered=Decimal(10), confirmed=Decimal(10), status="accepted", price=Decimal(2)
        )
        saved = OrderSaved(
            key="o", side="sale", partner="nord", number=f"N{month}", status="open", ordered_on=at.date(), lines=(line,)
        )
        order = did("order-received", f"N{month}", "nord", orders=1, order_value=20)
        caused(journal, f"n{month}", at, saved, order, did("shipped", f"D{month}", "nord", shipments=1))
    caused(journal, "s0", NOW - timedelta(days=200), did("order-received", "S0", "shop", orders=1, order_value=500))
    short = {"account": "nord", "code": "receiving.differs", "subject": "D1"}
    caused(journal, "c1", NOW - timedelta(days=20), CaseOpened(key="c", **short))
    caused(journal, "c2", NOW - timedelta(days=19), CaseClosed(key="c", **short))
    rows = [sold("nord", "A", OATS, 10, TODAY - timedelta(days=day)) for day in range(10, 20)]
    rows += [sold("nord", "A", OATS, 25, TODAY - timedelta(days=day), promo=25) for day in range(10)]
    rows += [sold("shop", "B", OATS, 10, TODAY - timedelta(days=day)) for day in range(20)]
    rows += [sold("nord", "C", RICE, 1, TODAY - timedelta(days=120))]

    def work(tx):
        tx.connection.execute(insert(t.sales), rows)
        begun = (TODAY - timedelta(days=9)).isoformat()
        campaign = {"title": "June", "items": OATS[1:], "since": begun, "until": TODAY.isoformat(), "account": "nord"}
        keep_entry(tx.connection, "campaign", "june", "running", campaign, actor="a", now=NOW)
        entry = {"title": "x", "account": "nord", "expectedRevenue": "100"}
        keep_entry(tx.connection, "opportunity", "one", "proposed", entry, actor="a", now=NOW - timedelta(days=40))
        call = {"title": "Where", "account": "nord", "way": "in", "topic": "delivery", "on": TODAY.isoformat()}
        keep_entry(tx.connection, "call", "c", "logged", call, actor="a", now=NOW)
        _, audit = keep_entry(
            tx.connection, "survey", "a", "running", {"title": "A", "form": "audit"}, actor="a", now=NOW
        )
        _, nps = keep_entry(tx.connection, "survey", "n", "running", {"title": "N", "form": "nps"}, actor="a", now=NOW)
        add_answers(tx.connection, audit, "nord", {"importance:on-time": 6}, "", by="a", now=NOW)
        for score in (10, 9, 2):
            add_answers(tx.connection, nps, "nord", {"nps": score}, "", by="a", now=NOW)
        projection = CrmProjection(tx.connection, STANDARD, {})
        while projection.hear().messages:
            pass
        refresh(tx.connection, NOW)

    journal.write(work)
    return JournalViews(journal.reader, None, None)


def rows_of(views: JournalViews, name: str, **values):
    asked = wanted(name, TODAY, **values)
    made = views.report(asked, NOW)
    assert all(set(row) <= {*asked.columns} for row in made.rows)
    return {row["key"]: {key: value for key, value in row.items() if value is not None} for row in made.rows}


def test_goods_are_told_with_their_trend_and_the_reason(views: JournalViews):
    found = rows_of(views, "goods", days=10)[OATS]
    assert (found["sold"], found["before"], found["trend"]) == ("350", "200", "0.75")
    assert (found["shops"], found["accounts"], found["promo"]) == ("2", "2", "0.7143")
    assert (found["ordered"], found["amount"], found["why"]) == ("10", "20", "promoted")
    assert rows_of(views, "goods", days=10, account="shop")[OATS]["why"] == "steady"
    assert set(rows_of(views, "goods", group="account")) == {"nord", "shop"}
    assert rows_of(views, "goods", group="month", days=10)["2026-06"]["sold"] == "350"
    assert rows_of(views, "goods", item=RICE) == {}


def test_who_came_back(views: JournalViews):
    found = rows_of(views, "returned")
    assert (found["nord"]["orders"], found["nord"]["first"], found["nord"]["last"]) == ("3", "2026-04-29", "2026-06-28")
    cohorts = rows_of(views, "returned", group="cohort")
    assert cohorts["2026-04"] == {"key": "2026-04", "accounts": "1", "repeat": "1", "active": "1"}
    assert cohorts["2025-12"] == {"key": "2025-12", "accounts": "1", "repeat": "0", "active": "0"}


def test_types_of_customers_and_what_they_bring(views: JournalViews):
    found = rows_of(views, "types", group="value-class")
    assert (found["A"]["accounts"], found["A"]["amount"]) == ("1", "500")
    assert sum(Decimal(each["share"]) for each in found.values()) == pytest.approx(Decimal(1), abs=Decimal("0.001"))


def test_what_they_care_about_is_asked_complained_and_called(views: JournalViews):
    found = rows_of(views, "cares")
    assert (found["on-time"]["kind"], found["on-time"]["mean"]) == ("asked", "6")
    assert found["receiving.differs"]["kind"] == "case"
    assert found["delivery"] == {"key": "delivery", "kind": "call", "count": "1"}
    assert "delivery" not in rows_of(views, "cares", account="shop")


def test_problems_after_a_delivery_are_counted_by_deliveries(views: JournalViews):
    found = rows_of(views, "after-delivery")["receiving.differs"]
    assert (found["opened"], found["open"], found["per-hundred"], found["hours"]) == ("1", "0", "33.33", "24")
    assert rows_of(views, "after-delivery", group="account")["nord"]["per-hundred"] == "33.33"


def test_a_promotion_is_held_against_the_days_before_and_the_others(views: JournalViews):
    found = rows_of(views, "promotions")["June"]
    assert (found["before"], found["during"], found["uplift"], found["net"]) == ("10", "25", "1.5", "1.5")
    assert found["extra"] == "150"
    assert "after" not in found  # not over yet


def test_market_service_and_pipeline(views: JournalViews):
    found = rows_of(views, "market")[OATS]
    assert (found["shops"], found["of"], found["penetration"]) == ("2", "2", "1")
    june = rows_of(views, "service")["2026-06"]
    assert (june["recommendation"], june["answers"]) == ("33", "3")
    stage = rows_of(views, "pipeline")["proposed"]
    assert (stage["count"], stage["amount"], stage["weighted_value"], stage["stalled"]) == ("1", "100", "50", "1")


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_an_empty_journal_has_empty_reports(journal: SqlJournal, name: str):
    views = JournalViews(journal.reader, None, None)
    for group in REPORTS[name].groups or ("",):
        assert views.report(wanted(name, TODAY, group=group), NOW).rows == ()
