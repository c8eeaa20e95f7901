"""The chain of a document: what was before and after it, how far each step is, and what is open."""

from dataclasses import dataclass
from decimal import Decimal

from aiohttp import web

from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.store.view_house_rows import Chain
from gateway.store.view_rows import OrderView

TABLE = PageTable()
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Step:
    """A step from order to payment. share: of what was ordered, 0 to 100; state: done, now (part of it), or todo."""

    name: str
    units: Decimal | None
    amount: Decimal | None
    currency: str | None
    share: int
    state: str


def steps_of(order: OrderView, chain: Chain | None) -> tuple[Step, ...]:
    """Return ordered, confirmed, shipped, received, invoiced and paid, each with what has come so far."""
    sums = {name: sum((getattr(each, name) for each in order.lines), _ZERO) for name in _UNITS}
    ordered = sums["ordered"]
    steps = [_step(name, sums[name], ordered) for name in _UNITS]
    billed, paid = _amount(chain, "Invoice"), _amount(chain, "RemittanceAdvice")
    share = int(paid * 100 / billed) if billed > 0 else 0
    currency = next((each.currency for each in chain.nodes if each.currency), None) if chain else None
    state = "done" if billed > 0 and paid >= billed else "now" if paid else "todo"
    return (*steps, Step("paid", None, paid, currency or order.currency, min(100, share), state))


_UNITS = ("ordered", "confirmed", "despatched", "received", "invoiced")


def _step(name: str, units: Decimal, ordered: Decimal) -> Step:
    share = int(units * 100 / ordered) if ordered else 0
    return Step(name, units, None, None, min(100, share), "done" if units >= ordered else "now" if units else "todo")


def _amount(chain: Chain | None, kind: str) -> Decimal:
    nodes = chain.nodes if chain else ()
    return sum((each.amount for each in nodes if each.type == kind and each.amount is not None), _ZERO)


@TABLE.get("/chain", "orders.read")
async def chain_page(reader: Reader) -> web.StreamResponse:
    """Any document's chain; that of an order is on the order's page."""
    side = reader.query("side") if reader.query("side") in ("sale", "purchase") else "sale"
    partner, kind, wanted = reader.query("partner"), reader.query("type"), reader.query("number")
    if kind == "Order":
        raise web.HTTPSeeOther(reader.request.rel_url.with_path("/orders/" + wanted).with_query({}))
    found = await reader.read(reader.services.views.chain, side, partner, kind, wanted)
    if found is None:
        return not_found(reader, "document", wanted)
    return reader.page("chain.html", chain=found, kind=kind, number=wanted)
