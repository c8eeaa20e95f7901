"""How customers and suppliers stand in the customer record, for the service that a plan keeps."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Connection, select

from gateway.model.replenishment import PartnerStanding
from gateway.store.tables_crm import crm_day, crm_metric

WINDOW = timedelta(days=90)
_MEASURES = {"value-class": "value_class", "segment": "segment"}


def standings(connection: Connection, partners: Collection[str], today: date) -> tuple[PartnerStanding, ...]:
    """Return the standing of each of the partners that has one, by id."""
    if not partners:
        return ()
    names = sorted(partners)
    classes: dict[str, dict[str, str]] = defaultdict(dict)
    columns = crm_metric.c
    chosen = select(columns.account, columns.name, columns.value).where(
        columns.account.in_(names), columns.name.in_(sorted(_MEASURES)), columns.value.is_not(None)
    )
    for row in connection.execute(chosen):
        classes[row.account][_MEASURES[row.name]] = row.value
    received, short = (
        _days(connection, names, figure, today) for figure in ("supplier_receipts", "units_supplier_short")
    )
    found = []
    for name in names:
        late = len(short[name])
        if not classes[name] and not late:
            continue
        share = Decimal(late) / max(len(received[name]), late, 1)
        found.append(
            PartnerStanding(
                partner=name,
                value_class=classes[name].get("value_class"),
                segment=classes[name].get("segment"),
                short_deliveries=late,
                short_share=round(share, 4),
            )
        )
    return tuple(found)


def _days(connection: Connection, names: list[str], figure: str, today: date) -> dict[str, set[str]]:
    """Return the days on which an account has that figure."""
    columns = crm_day.c
    found: dict[str, set[str]] = defaultdict(set)
    chosen = select(columns.account, columns.day).where(
        columns.account.in_(names),
        columns.name == figure,
        columns.value > 0,
        columns.day >= (today - WINDOW).isoformat(),
    )
    for row in connection.execute(chosen):
        found[row.account].add(row.day)
    return found
