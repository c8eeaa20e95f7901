"""Gaps on the shelves of our customers become opportunities by themselves: an item that most of a customer's shops sell
and some do not. One opportunity for a customer and item; once its shops all sell it, it is won."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, func, select

from gateway.domain.crm.trade import Gap
from gateway.store import tables as t
from gateway.store.crm_entries import entries_of, keep_entry
from gateway.store.crm_trade import spreads
from gateway.store.sql_tx import SqlTx

BY = "gateway"
PLACES_SHOWN = 12
LATEST_DAYS = 14  # without sales reports for so long nothing is concluded from their silence
YEAR_DAYS = 365


def follow_gaps(tx: SqlTx, now: datetime) -> int:
    """Open an opportunity for each gap that has none yet, and close as won those whose gap is there no more. One that a
    person has closed stays closed. Return how many were opened or won."""
    connection = tx.connection
    reporting = _reporting(connection, now)
    gaps = {f"gap:{each.account}:{each.gtin}": each for each in spreads(connection, now.date())[1]}
    known = entries_of(connection, "opportunity")
    changed = 0
    for name, gap in gaps.items():
        if name not in known and gap.account in reporting:
            keep_entry(connection, "opportunity", name, "lead", _entry(connection, gap), actor=BY, now=now, origin=BY)
            tx.audit(BY, "opportunity.opened", f"opportunity/{name}", None, gap.gtin, now)
            changed += 1
    for name, entry in known.items():
        over = entry.origin == BY and name.startswith("gap:") and entry.state not in ("won", "lost")
        if over and name not in gaps and entry.account in reporting:
            data = {**entry.data, "reason": "sold-in-every-shop"}
            keep_entry(connection, "opportunity", name, "won", data, actor=BY, now=now)
            tx.audit(BY, "opportunity.won", f"opportunity/{name}", entry.state, "won", now)
            changed += 1
    return changed


def _reporting(connection: Connection, now: datetime) -> set[str]:
    """Return the partners whose shops have reported lately."""
    since = (now.date() - timedelta(days=LATEST_DAYS)).isoformat()
    query = select(t.sales.c.partner, func.max(t.sales.c.day)).group_by(t.sales.c.partner)
    return {partner for partner, day in connection.execute(query) if day >= since}


def _entry(connection: Connection, gap: Gap) -> dict[str, str]:
    row = connection.execute(select(t.item.c.name, t.item.c.sales_price).where(t.item.c.gtin == gap.gtin)).first()
    price = Decimal(row.sales_price) if row is not None and row.sales_price else None
    entry = {
        "title": row.name if row is not None else gap.gtin,
        "account": gap.account,
        "item": gap.gtin,
        "place": " ".join(gap.stores_without[:PLACES_SHOWN]),
        "source": "sell-through",
    }
    if price is not None:
        worth = gap.rate * YEAR_DAYS * len(gap.stores_without) * price
        entry["expectedRevenue"] = format(worth.quantize(Decimal("0.01")), "f")
    return entry
