"""Cross docking: goods that our warehouse does not keep. They are bought for the shops that wait for them, and marked.

A shop's order for such an item finds nothing in our warehouse and waits there as a back-order, whoever has raised it: a
run (22E), a planner, or the customer. What waits and is neither there nor on its way is bought in one order to the
supplier (ORDERS 402) whose lines say which shop gets what. So nothing is lost when an order of a shop, or the order to
the supplier, waits for a person, or is refused.

Source: EANCOM 1997, ORDERS, BGM 1001 = 402: the splits (LOC+7, QTY+11) sum to the line (QTY+21).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from gateway.domain.decision import Context, Snapshot, StockLevel
from gateway.domain.replenishment.docked_items import docked_items
from gateway.domain.replenishment.effective import pack_of
from gateway.domain.replenishment.facts import ZERO, Pair
from gateway.domain.replenishment.item_plans import ItemPlan
from gateway.domain.replenishment.offers import bought_as
from gateway.domain.replenishment.ordering import PREFIXES
from gateway.domain.replenishment.wanted import Wanted
from gateway.domain.splits import divided
from gateway.model.effects import Effect, OrderSaved, StockMoved
from gateway.model.order import Split
from gateway.model.partner import ItemRecord
from gateway.model.planning import PlanningTerms
from gateway.model.values import Quantity

NEVER = Decimal("Infinity")
KEPT_CODES = ("plan.price-missing", "plan.supplier-short", "plan.quantity-overridden")  # what is forecast is no matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Units that a shop waits for. cover: days that it lasts, as far as a plan says so."""

    shop: str
    units: Decimal
    order: str = ""
    cover: Decimal = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Docked:
    """A line for the supplier: whole packs, and which shop gets what of it. why: for its reasons."""

    quantity: Decimal
    splits: tuple[Split, ...]
    why: dict[str, Any]


def waiting(orders: Iterable[OrderSaved], gtin: str, otherwise: str) -> list[Wish]:
    """Return who waits for an item, who has waited longest first. otherwise: the place of orders that name none."""
    found = [each for each in orders if each.side == "sale" and each.status in ("open", "amended")]
    return [
        Wish(shop=each.ship_to or otherwise, units=line.backordered, order=each.number)
        for each in sorted(found, key=_age)
        for line in each.lines
        if line.gtin == gtin and line.backordered > 0
    ]


def _age(order: OrderSaved) -> tuple[date, bool, str, str]:
    """Of one day a run's own orders are older: goods were bought for them at once."""
    return order.ordered_on, not order.number.startswith(PREFIXES["vmi"]), order.partner, order.number


def uncovered(wishes: Sequence[Wish], level: StockLevel) -> list[Wish]:
    """Return what is neither in our warehouse nor on its way: who has waited longest is served first by that."""
    covered = max(level.available, ZERO) + level.on_order + level.in_transit
    found = []
    for each in wishes:
        served = min(each.units, covered)
        covered -= served
        if each.units > served:
            found.append(Wish(shop=each.shop, units=each.units - served, order=each.order, cover=each.cover))
    return found


def whole(units: Decimal, pack: Decimal) -> Decimal:
    """Return units in whole packs, rounded up."""
    return (units / pack).to_integral_value(ROUND_CEILING) * pack


def cover_of(plan: ItemPlan, more: Decimal = ZERO) -> Decimal:
    """Return the days that what a place has and gets will last."""
    daily = Decimal(repr(plan.mean)) / max(plan.given.interval.days, 1)
    return (plan.given.counted + more) / daily if daily > 0 else NEVER


def raised(
    shops: Sequence[tuple[ItemPlan, Decimal]], need: Decimal, item: ItemRecord
) -> dict[Pair, tuple[Decimal, dict[str, Any]]]:
    """Return what the shops get when all that must be bought is rounded up to the supplier's pack, with why; nothing
    where it fits. need: of all who wait, these shops among them. What is added goes to who would run out first."""
    pack = pack_of(item)
    extra = whole(need, pack) - need
    if extra <= 0 or extra != extra.to_integral_value():
        return {}
    needs = [quantity for _, quantity in shops]
    order = sorted(range(len(shops)), key=lambda at: (cover_of(*shops[at]), shops[at][0].given.pair))
    given = divided(sum(needs, ZERO) + extra, needs, order)
    return {
        plan.given.pair: (
            units,
            {
                "wanted": str(quantity),
                "given": str(units),
                "pack": str(pack),
                "wanted_by_all": str(need),
                "places": len(shops),
            },
        )
        for (plan, quantity), units in zip(shops, given, strict=True)
    }


def docked(wishes: Sequence[Wish], level: StockLevel, item: ItemRecord, said: Decimal | None, otherwise: str) -> Docked:
    """Return the line that is bought for those who wait. said: the quantity that a planner wants instead; what nobody
    waits for then is for otherwise."""
    open_wishes = uncovered(wishes, level)
    need = sum((each.units for each in open_wishes), ZERO)
    pack = pack_of(item)
    quantity = whole(need, pack) if said is None else said
    shops: dict[str, Decimal] = defaultdict(Decimal)
    cover: dict[str, Decimal] = {}
    for each in open_wishes:
        shops[each.shop] += each.units
        cover[each.shop] = min(each.cover, cover.get(each.shop, NEVER))
    if not shops and quantity > 0:
        shops[otherwise], cover[otherwise] = quantity, NEVER
    names = sorted(shops, key=lambda shop: cover[shop])  # of equal ones who has waited longest: the sort is stable
    splits: tuple[Split, ...] = ()
    if quantity > 0 and quantity == quantity.to_integral_value():
        given = divided(quantity, [shops[shop] for shop in names], range(len(names)))
        splits = tuple(
            Split(location=shop, quantity=Quantity(value=units, unit=item.unit))
            for shop, units in zip(names, given, strict=True)
            if units > 0
        )
    why = {
        "pack": str(pack),
        "available": str(max(level.available, ZERO)),
        "on_order": str(level.on_order),
        "in_transit": str(level.in_transit),
        "waiting": [{"shop": each.shop, "units": str(each.units), "order": each.order} for each in wishes],
        "needed": str(need),
        "splits": [
            {"shop": each.location, "units": str(each.quantity.value)} for each in splits if each.quantity is not None
        ],
    }
    return Docked(quantity=quantity, splits=splits, why=why)


@dataclass(slots=True)
class Docks:
    """The items of one run that are bought for the shops, who waits for them, and what is there, side by side.

    gtins: empty where no supplier is cross-docked; then nothing here does anything.
    """

    context: Context
    before: Snapshot
    gtins: frozenset[str]
    stock: dict[str, StockLevel]
    orders: list[OrderSaved]
    covers: dict[tuple[str, str], Decimal] = field(default_factory=dict)  # by shop and GTIN

    @classmethod
    def of(cls, context: Context, snapshot: Snapshot, terms: PlanningTerms) -> "Docks":
        """Return what the terms say of our warehouse's suppliers."""
        gtins = docked_items(context.own, terms)
        return cls(context, snapshot, gtins, dict(snapshot.stock), list(snapshot.orders.values()) if gtins else [])

    def rounded(self, wanted: list[Wanted], release: bool) -> list[Wanted]:
        """Return the orders of the shops raised so that all of an item together are whole packs of its supplier."""
        found = list(wanted)
        for gtin in sorted(self.gtins & {each.pair[1] for each in wanted}):
            shops = [at for at, each in enumerate(found) if each.pair[1] == gtin and self._of_shop(each)]
            for at in shops:
                self.covers[found[at].pair] = cover_of(found[at].plan, found[at].quantity)
            due = [at for at in shops if self._leaves(found[at], release)]
            if not due:
                continue
            wishes = [
                *waiting(self.orders, gtin, self.context.own.warehouse),
                *(Wish(shop=found[at].pair[0], units=found[at].quantity) for at in due),
            ]
            need = sum((each.units for each in uncovered(wishes, self._level(gtin))), ZERO)
            terms = self.context.own.items[gtin]
            changed = raised([(found[at].plan, found[at].quantity) for at in due], need, self._bought_as(terms))
            for at in due:
                if found[at].pair in changed:
                    units, why = changed[found[at].pair]
                    found[at] = replace(found[at], quantity=units, more={**found[at].more, "through_dock": why})
        return found

    def _of_shop(self, each: Wanted) -> bool:
        return each.plan.given.agreement.method != "purchase"

    def _leaves(self, each: Wanted, release: bool) -> bool:
        agreement, today = each.plan.given.agreement, self.context.now.date()
        due = each.plan.given.interval.order_on <= today
        return each.status == "normal" and due and (release or agreement.quick) and agreement.method == "vmi"

    def _bought_as(self, item: ItemRecord) -> ItemRecord:
        terms = self.context.own.suppliers.get(item.supplier or "")
        return item if terms is None else bought_as(item, terms, self.before, self.context.now.date())

    def _level(self, gtin: str) -> StockLevel:
        return self.stock.get(gtin, StockLevel())

    def shops_first(self, side: tuple[tuple[str, str], list[Wanted]]) -> tuple[bool, tuple[str, str]]:
        """Return the key that sorts the sides of a run: what shops order is known before it is bought."""
        name, wanted = side
        return bool(self.gtins) and wanted[0].plan.given.agreement.method == "purchase", name

    def snapshot(self) -> Snapshot:
        """Return the records as they are after the sides that were decided: no unit is given out twice."""
        return replace(self.before, stock=self.stock) if self.gtins else self.before

    def saw(self, effects: Sequence[Effect]) -> None:
        """Take note of what a side has ordered."""
        for each in effects if self.gtins else ():
            if isinstance(each, OrderSaved) and each.side == "sale":
                self.orders.append(each)
            elif isinstance(each, StockMoved) and each.gtin in self.gtins:
                level = self._level(each.gtin)
                amount = getattr(level, each.measure) + each.delta
                self.stock[each.gtin] = replace(level, **{each.measure: amount})

    def bought(self, wanted: list[Wanted]) -> list[Wanted]:
        """Return what is bought: of a cross-docked item what its shops wait for, and nothing for our own shelf."""
        return [
            self._docked(each) if each.pair[1] in self.gtins and not self._of_shop(each) else each for each in wanted
        ]

    def _docked(self, each: Wanted) -> Wanted:
        gtin, ours = each.pair[1], self.context.own.warehouse
        wishes = [
            replace(wish, cover=self.covers.get((wish.shop, gtin), NEVER)) for wish in waiting(self.orders, gtin, ours)
        ]
        said = None if each.override is None else each.quantity
        line = docked(wishes, self._level(gtin), each.plan.given.item, said, ours)
        codes = tuple(code for code in each.codes if code in KEPT_CODES)
        if line.quantity > 0:
            codes = (*codes, "plan.cross-docked")
        more = {**each.more, "cross_dock": line.why}
        return replace(each, quantity=line.quantity, splits=line.splits, codes=codes, more=more)
