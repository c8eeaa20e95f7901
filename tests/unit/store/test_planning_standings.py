"""How partners stand is read from the customer record when a run is asked for, and stays in its document."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Connection, insert

from gateway.store.journal import SqlJournal
from gateway.store.planning_standings import standings
from gateway.store.tables_crm import crm_day, crm_metric

TODAY = date(2026, 3, 2)


def measure(account: str, name: str, value: str | None) -> dict[str, object]:
    return {"account": account, "name": name, "value": value, "rows": 1, "until": "2026-03-02", "parts": "{}", "at": 1}


def figure(account: str, days_ago: int, name: str, units: int = 5) -> dict[str, object]:
    return {"account": account, "day": str(TODAY - timedelta(days=days_ago)), "name": name, "value": units * 1000}


def filled(connection: Connection) -> None:
    connection.execute(
        insert(crm_metric),
        [
            measure("shop", "value-class", "A"),
            measure("shop", "segment", "champion"),
            measure("shop", "health", "70"),
            measure("other", "value-class", None),
            measure("stranger", "value-class", "B"),
        ],
    )
    received = [figure("farm", n, "supplier_receipts", 1) for n in range(1, 11)]
    short = [figure("farm", n, "units_supplier_short") for n in (2, 4, 9)]
    old = [figure("farm", 91, "units_supplier_short"), figure("farm", 3, "units_supplier_short", 0)]
    connection.execute(insert(crm_day), [*received, *short, *old])


def test_classes_of_customers_and_short_deliveries_of_suppliers() -> None:
    journal = SqlJournal.in_memory()
    with journal.reader.begin() as connection:
        filled(connection)
        shop, farm = sorted(
            standings(connection, {"shop", "other", "farm", "nobody"}, TODAY), key=lambda each: each.short_deliveries
        )
        assert standings(connection, set(), TODAY) == ()
    assert (shop.partner, shop.value_class, shop.segment, shop.short_deliveries) == ("shop", "A", "champion", 0)
    assert (farm.partner, farm.short_deliveries, farm.short_share) == ("farm", 3, Decimal("0.3"))
    journal.close()
