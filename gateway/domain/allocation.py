"""What we can promise: each order line against stock, open supply, prices and what is agreed with the buyer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from gateway.domain.decision import Context, StockLevel
from gateway.domain.items import PIECES, ItemFinder, identifier, is_unit_of, item_path, positive_amount
from gateway.domain.parties import day_of
from gateway.domain.stock import ZERO
from gateway.domain.terms import Agreed, agreed, promise_from_supply
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.model.making import changed
from gateway.model.order import Order, OrderLine
from gateway.model.order_decision import LineWord
from gateway.model.partner import ItemRecord
from gateway.model.values import Moment

_NOTHING = StockLevel()
_NEVER = 9990  # years from here on stand for "no date"
COMPLETE_ONLY = "complete-only"  # Order.conditions: all of a line or nothing of it


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDecision:
    """Our word on one order line. ordered = confirmed + backordered + refused, in units of the item.

    number      unique within the order, for our records and the warehouse
    said        the buyer's line number as sent (its position when none was sent), for the answer
    item        what is shipped: the substitute when one is; None when we do not know what was ordered
    asked       our record of what was ordered, when a substitute takes its place
    price       ours, net per unit; currency: of it
    reason      code of the catalogue when the line is not taken as ordered
    """

    number: str
    said: str
    line: OrderLine
    item: ItemRecord | None
    ordered: Decimal
    confirmed: Decimal = ZERO
    backordered: Decimal = ZERO
    status: str = "rejected"
    promised: date | None = None
    price: Decimal | None = None
    currency: str = "EUR"
    asked: ItemRecord | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What can be given away: stock by GTIN, what suppliers owe, and what the order itself already holds.

    held     GTIN -> units allocated to earlier states of the same order and not yet shipped
    waiting  GTIN -> units of it among the backorders
    """

    stock: Mapping[str, StockLevel]
    supply: Mapping[str, tuple[tuple[date, Decimal], ...]] = field(default_factory=dict)
    held: Mapping[str, Decimal] = field(default_factory=dict)
    waiting: Mapping[str, Decimal] = field(default_factory=dict)

    def available(self, gtin: str) -> Decimal:
        level = self.stock.get(gtin, _NOTHING)
        return max(ZERO, level.available + self.held.get(gtin, ZERO))

    def backordered(self, gtin: str) -> Decimal:
        """Units of other orders that wait before this one."""
        level = self.stock.get(gtin, _NOTHING)
        return max(ZERO, level.backordered - self.waiting.get(gtin, ZERO))


class Allocation:
    """The lines of one order, decided in the order of the document: several lines of one item share what there is."""

    def __init__(self, order: Order, context: Context, shelf: Shelf, terms: Agreed, words: Mapping[str, LineWord]):
        self._order = order
        self._context = context
        self._shelf = shelf
        self._agreed = terms
        self._words = words
        self._left: dict[str, Decimal] = {}
        self._queued: dict[str, Decimal] = {}

    def decide(self, start: LineDecision, already: Decimal) -> LineDecision:
        """Return the word on one line. already: units of it that have been shipped and stay confirmed."""
        word = self._words.get(start.number) or LineWord(number=start.number)
        item = start.item
        reason = "order.refused-by-person" if word.refuse else self._refusal(start)
        if reason is not None or item is None:
            instead = self._substitute(start, word) if reason in ("item.inactive", None) else None
            if instead is None:
                kept = already if item is not None else ZERO
                status = "rejected" if not kept else "quantity-changed"
                return replace(start, reason=reason, confirmed=kept, status=status)
            return self._replaced(start, instead, word)
        if word.substitute is not None and (instead := self._substitute(start, word)):
            return self._replaced(start, instead, word)
        decided = self._promise(start, item, word, already)
        if decided.confirmed < start.ordered and not decided.confirmed:
            instead = self._substitute(start, word)
            if instead is not None and self._free(instead.gtin) >= start.ordered:
                return self._replaced(start, instead, word)
        return self._taken(decided, already)

    def _free(self, gtin: str) -> Decimal:
        return self._left.setdefault(gtin, self._shelf.available(gtin))

    def _taken(self, line: LineDecision, already: Decimal = ZERO) -> LineDecision:
        if line.item is not None:
            gtin = line.item.gtin
            self._left[gtin] = max(ZERO, self._free(gtin) - max(ZERO, line.confirmed - already))
            self._queued[gtin] = self._queued.get(gtin, ZERO) + line.backordered
        return line

    def _refusal(self, line: LineDecision) -> str | None:
        if line.item is None:
            return "item.unknown"
        if not line.item.active:
            return "item.inactive"
        if not self._agreed.may_order(line.item):
            return "item.not-agreed"
        if not is_unit_of(line.line.quantity, line.item):
            return "order.unit-not-sold"
        if line.ordered == 0:
            return "order.quantity-zero"
        if line.item.unit in PIECES and line.ordered % 1:
            return "order.quantity-fraction"
        return None

    def _substitute(self, start: LineDecision, word: LineWord) -> ItemRecord | None:
        """Return the item that may be shipped instead: a person's choice, or ours where the buyer allows it."""
        items = self._context.own.items
        if word.substitute is not None:
            return items.get(word.substitute)
        allowed = start.line.substitution_allowed
        if start.item is None or not (self._agreed.terms.substitutes if allowed is None else allowed):
            return None
        found = items.get(start.item.substitute) if start.item.substitute else None
        return found if found is not None and found.active and self._agreed.may_order(found) else None

    def _replaced(self, start: LineDecision, instead: ItemRecord, word: LineWord) -> LineDecision:
        decided = self._promise(replace(start, item=instead), instead, word, ZERO)
        if decided.confirmed or decided.backordered:
            decided = replace(decided, status="substituted", asked=start.item, reason="order.substituted")
        return self._taken(decided)

    def _promise(self, line: LineDecision, item: ItemRecord, word: LineWord, already: Decimal) -> LineDecision:
        open_units = line.ordered - already
        can = min(self._free(item.gtin), max(ZERO, open_units))
        if word.quantity is not None:
            can = max(ZERO, min(word.quantity, line.ordered) - already)
        short = max(ZERO, open_units - can)
        if short and can and word.quantity is None and self._complete_only(line.line):
            can, short = ZERO, open_units
        backordered = short if self._backorders() and word.quantity is None else ZERO
        confirmed = already + can if open_units > 0 else already
        price, currency = self._agreed.price(item, line.ordered)
        price = price if word.price is None else word.price
        wanted_from, wanted_by = wanted(self._order, line.line)
        promised = (
            self._day(item, bool(confirmed), short, wanted_from) if word.promised is None else day_of(word.promised)
        )
        late = wanted_by is not None and promised > wanted_by
        differs = word.price is not None or self._price_differs(line.line, price, currency)
        status, reason = _status(line.ordered, confirmed, backordered, late, differs)
        return changed(
            line,
            confirmed=confirmed,
            backordered=backordered,
            status=status,
            reason=reason,
            price=price,
            currency=currency,
            promised=promised if confirmed or backordered else None,
        )

    def _backorders(self) -> bool:
        return self._context.agreement is None or self._context.agreement.backorder

    def _complete_only(self, line: OrderLine) -> bool:
        if line.partial_allowed is not None:
            return not line.partial_allowed
        return COMPLETE_ONLY in self._order.conditions or not self._agreed.terms.partial

    def _day(self, item: ItemRecord, from_stock: bool, short: Decimal, wanted_from: date | None) -> date:
        """Return the day we promise: by lead time when stock is there, else when suppliers have delivered."""
        own, today = self._context.own, self._context.now.date()
        lead = self._agreed.terms.lead_time_days
        days = own.delivery_days if lead is None else lead
        promised = self._agreed.ordered_on + timedelta(days=days)
        if not from_stock:
            waiting = self._shelf.backordered(item.gtin) + self._queued.get(item.gtin, ZERO)
            found = promise_from_supply(self._shelf.supply.get(item.gtin, ()), waiting, short, promised)
            promised = today + timedelta(days=own.backorder_days) if found is None else found
        if wanted_from is not None:
            promised = max(promised, wanted_from)
        return self._agreed.delivery_from(promised)

    def _price_differs(self, line: OrderLine, ours: Decimal | None, currency: str) -> bool:
        """Tell whether the buyer states another net price than ours; in another currency none is ours."""
        net = line.price.net if line.price else None
        if net is None or line.price is None or ours is None:
            return False
        base = line.price.base.value if line.price.base and line.price.base.value else Decimal(1)
        theirs = net.currency or self._order.currency or currency
        return theirs != currency or not self._agreed.tolerates_price(net.value, ours * base)


def decide_lines(
    order: Order,
    context: Context,
    shelf: Shelf,
    *,
    terms: Agreed | None = None,
    words: Mapping[str, LineWord] | None = None,
    shipped: Mapping[str, Decimal] | None = None,
    numbers: list[str] | None = None,
) -> tuple[list[LineDecision], list[Finding]]:
    """Decide each line once, in the order of the document.

    words    of a person, by our line number
    shipped  units of each line that have left already, by our line number
    numbers  our line numbers where the order has been taken before; None: made from what was sent

    Raises OurFault item.unknown when an item is not ours and the agreement says to park the order.
    """
    terms = terms or agreed(context, {})
    items = _items(order, context)
    numbers = numbers or unique_numbers([line.number for line in order.lines])
    allocation = Allocation(order, context, shelf, terms, words or {})
    decided: list[LineDecision] = []
    findings: list[Finding] = []
    for index, (line, item) in enumerate(zip(order.lines, items, strict=True)):
        start = LineDecision(
            number=numbers[index],
            said=line.number.strip() or str(index + 1),
            line=line,
            item=item,
            ordered=positive_amount(line.quantity, f"lines[{index}].quantity"),
        )
        found = allocation.decide(start, (shipped or {}).get(numbers[index], ZERO))
        decided.append(found)
        findings.extend(_oddities(index, line, found))
    return decided, findings


def _items(order: Order, context: Context) -> list[ItemRecord | None]:
    finder = ItemFinder(context.own)
    items = [finder.find(line.item) for line in order.lines]
    unknown = tuple(
        _warning("item.unknown", index, order.lines[index], "error") for index, each in enumerate(items) if each is None
    )
    if unknown and (context.agreement is None or context.agreement.unknown_item == "park"):
        first = unknown[0]
        raise OurFault("item.unknown", first.where, value=first.value, findings=unknown, count=str(len(unknown)))
    return items


def unique_numbers(said: list[str]) -> list[str]:
    """Return a unique, short line number for each number as sent; a good one stays as it is."""
    used: set[str] = set()
    numbers = []
    for position, each in enumerate(said, start=1):
        number = each.strip() if 0 < len(each.strip()) <= 20 else f"#{position}"
        if number in used:
            number = f"{number}#{position}"
        while number in used:
            number += "#"
        used.add(number)
        numbers.append(number)
    return numbers


def _status(
    ordered: Decimal, confirmed: Decimal, backordered: Decimal, late: bool, price: bool
) -> tuple[str, str | None]:
    """Return status and reason; what changes the quantity counts before date, date before price."""
    if confirmed > ordered:
        return "quantity-changed", "order.change-too-late"  # more has left than the change wants
    if confirmed < ordered:
        if backordered:
            return ("backordered-part" if confirmed else "backordered"), "order.stock-short"
        return ("quantity-changed" if confirmed else "rejected"), "order.stock-short"
    if late:
        return "date-changed", "order.date-too-soon"
    if price:
        return "price-changed", "order.price-differs"
    return "accepted", None


def wanted(order: Order, line: OrderLine) -> tuple[date | None, date | None]:
    """Return the first and the last day on which the buyer wants the line; None is "any"."""
    for window, day in (
        (line.delivery_window, line.requested_delivery),
        (order.delivery_window, order.requested_delivery),
    ):
        if window is not None and (window.earliest or window.latest):
            return _day(window.earliest or day), _day(window.latest)
        if day is not None:
            return _day(day), _day(day)
    return None, None


def _day(moment: Moment | None) -> date | None:
    """Return the day, None where there is none: 9999-12-31 fills a field and wishes nothing."""
    return day_of(moment) if moment is not None and moment.year < _NEVER else None


def _oddities(index: int, line: OrderLine, decided: LineDecision) -> Iterable[Finding]:
    if decided.status == "rejected" and decided.reason not in (None, "order.stock-short"):
        yield _warning(decided.reason or "item.unknown", index, line)
    elif decided.reason in ("order.price-differs", "order.substituted", "order.change-too-late"):
        yield _warning(decided.reason, index, line)
    if line.free_quantity is not None and line.free_quantity.value:
        yield _warning("order.free-goods-ignored", index, line)
    if line.splits and sum((each.quantity.value for each in line.splits if each.quantity), ZERO) != line.quantity.value:
        yield _warning("order.splits-unequal", index, line)


def _warning(code: str, index: int, line: OrderLine, severity: str = "warning") -> Finding:
    path = f"lines[{index}]"
    if code.startswith("item."):
        path = item_path(path, line.item)
    return Finding(
        code=code,
        severity="error" if severity == "error" else "warning",
        where=Where(path=path),
        value=identifier(line.item)[:200],
        params=(("line", line.number or str(index + 1)),),
    )
