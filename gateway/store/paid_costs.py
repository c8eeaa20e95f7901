"""What our items have cost us: by the suppliers' invoices that were found right, where there are any."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Connection, and_, select

from gateway.store import tables as t
from gateway.store.among import portions
from gateway.store.forms import units

BACK = timedelta(days=365)  # of invoices that tell what an item costs
RIGHT = ("matched", "paid")  # states of an invoice that agrees with order and receipt, or that a person has approved
ZERO = Decimal(0)


def paid_costs(connection: Connection, gtins: Collection[str], last: date) -> dict[str, Decimal]:
    """Return the mean net price of a unit by GTIN, weighed by units, of the year up to last.

    Of invoices in several currencies those count in which most lines were billed. Credit notes do not: they give money
    back for goods that went back, which have left the stock as well.
    """
    line, invoice = t.invoice_line.c, t.invoice.c
    joined = and_(invoice.side == line.side, invoice.partner == line.partner, invoice.number == line.invoice_number)
    billed: dict[str, dict[str, tuple[Decimal, Decimal]]] = defaultdict(dict)
    lines: dict[str, int] = defaultdict(int)
    for portion in portions(gtins):
        query = (
            select(line.gtin, line.quantity, line.amount, invoice.currency)
            .join_from(t.invoice_line, t.invoice, joined)
            .where(
                line.side == "purchase",
                line.gtin.in_(portion),
                invoice.kind == "invoice",
                invoice.status.in_(RIGHT),
                invoice.issued_on > (last - BACK).isoformat(),
                invoice.issued_on <= last.isoformat(),
            )
        )
        for gtin, quantity, amount, currency in connection.execute(query):
            money, pieces = billed[currency].get(gtin, (ZERO, ZERO))
            billed[currency][gtin] = (money + Decimal(amount), pieces + units(quantity))
            lines[currency] += 1
    usual = max(lines, key=lambda each: (lines[each], each), default=None)
    if usual is None:
        return {}
    return {gtin: money / pieces for gtin, (money, pieces) in billed[usual].items() if pieces and money > 0}
