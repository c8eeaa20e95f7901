"""Laws that hold for any orders, counts and shipments, not only for the examples."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from domain_scene import (
    FARM,
    HOUSE,
    NOW,
    OLD,
    OTHER,
    OTHER_GLN,
    RICE,
    SELF,
    SHOP,
    SHOP_GLN,
    SUPPLIER_GLN,
    TEA,
    TODAY,
    WAREHOUSE,
    Records,
    answered,
    despatch,
    level,
    only,
    order,
    units,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.domain.days import spread
from gateway.domain.decision import StockLevel
from gateway.domain.replenishment import formulas
from gateway.model.despatch_advice import ReceivingAdvice, ReceivingLine, ReceivingRefs
from gateway.model.effects import ActivityAdded, OrderSaved, StockMoved
from gateway.model.faults import Fault
from gateway.model.order import Order, OrderResponse
from gateway.model.replenishment import PlanningRequest
from gateway.model.sales_report import InventoryLine, InventoryReport
from gateway.model.values import DocumentRef, Item, party

UNKNOWN = "04099900099998"
amounts = st.decimals(min_value=0, max_value=50, places=1)
line_numbers = st.sampled_from(["", "1", "2", "10", " 3", "x" * 30])
order_lines = st.lists(
    st.tuples(line_numbers, st.sampled_from([TEA, RICE, OLD, UNKNOWN]), amounts), min_size=1, max_size=8
)
levels = st.builds(level, st.integers(-5, 60), st.integers(0, 30))


@settings(max_examples=150, deadline=None)
@given(lines=order_lines, tea=levels, rice=levels, backorder=st.booleans())
def test_each_line_is_answered_once_and_fully_and_stock_moves_by_just_that(
    lines: list[tuple[str, str, Decimal]], tea: StockLevel, rice: StockLevel, backorder: bool
) -> None:
    records = Records()
    records.stock = {TEA: tea, RICE: rice}
    made = records.take(order(*lines), unknown_item="refuse", backorder=backorder)
    response = answered(made, "shop")[0]
    assert [each.number for each in response.lines] == [str(n + 1) for n in range(len(lines))]
    assert [(each.item.gtin, each.ordered_quantity.value) for each in response.lines] == [each[1:] for each in lines]
    saved = only(OrderSaved, made)[0]
    assert len({each.number for each in saved.lines}) == len(lines)
    confirmed: dict[str, Decimal] = defaultdict(Decimal)
    waiting: dict[str, Decimal] = defaultdict(Decimal)
    for line, state in zip(response.lines, saved.lines, strict=True):
        back = line.backorder_quantity.value if line.backorder_quantity else Decimal(0)
        assert (line.confirmed_quantity.value, back) == (state.confirmed, state.backordered)
        refused = state.ordered - state.confirmed - state.backordered
        assert min(state.confirmed, state.backordered, refused) >= 0
        assert (line.status == "rejected") == (state.confirmed == state.backordered == 0)
        confirmed[state.gtin] += state.confirmed
        waiting[state.gtin] += state.backordered
    for gtin, before in ((TEA, tea), (RICE, rice)):
        after = records.stock[gtin]
        assert after == replace(
            before, allocated=before.allocated + confirmed[gtin], backordered=before.backordered + waiting[gtin]
        )
        assert after.allocated <= max(after.on_hand, before.allocated), "never promised what is not there"
    house = answered(made, "warehouse")
    shipped = sum((line.quantity.value for each in house for line in each.lines), Decimal(0))
    assert shipped == sum(confirmed.values())


@settings(max_examples=100, deadline=None)
@given(total=st.decimals(min_value=-10_000, max_value=10_000, places=3), count=st.integers(1, 366))
def test_spreading_keeps_the_total_and_is_even(total: Decimal, count: int) -> None:
    parts = spread(total, count)
    assert (sum(parts), len(parts)) == (total, count)
    assert max(parts) - min(parts) <= 1


@settings(max_examples=100, deadline=None)
@given(
    sold=st.lists(st.integers(0, 500), min_size=1, max_size=28),
    stock=levels,
    pack=st.integers(1, 48),
    lead=st.integers(0, 60),
)
def test_an_order_is_whole_packs_and_lifts_the_position_to_the_target(
    sold: list[int], stock: StockLevel, pack: int, lead: int
) -> None:
    found = formulas.targets(formulas.demand([Decimal(n) for n in sold]), lead, 1, Decimal("1.64"))
    units_ = formulas.proposed_units(stock, found, Decimal(pack))
    assert units_ % pack == 0
    assert found.safety_stock <= found.reorder_point <= found.order_up_to
    after = formulas.position(stock) + units_
    if units_:
        assert found.order_up_to <= after < found.order_up_to + pack
    else:
        assert after > found.reorder_point or after >= found.order_up_to


def _share(units: Decimal, share: Decimal) -> Decimal:
    """Return a share that our records can hold: halves of halves get more decimals than that."""
    return (units * share).quantize(Decimal("0.001"), ROUND_DOWN)


class Trade(RuleBasedStateMachine):
    """Customers order and cancel, the warehouse ships, counts and receives, suppliers ship, planning buys.

    Whatever happens, our stock says the same as our orders and shipments.
    """

    def __init__(self) -> None:
        super().__init__()
        self.records = Records()
        self.to_ship: list[Order] = []
        self.bought: list[Order] = []
        self.count = 0
        self.told: Counter[str] = Counter()

    def _take(self, document: object, who: object) -> None:
        before = dict(self.records.orders)
        made = self.records.take(document, who, unknown_item="refuse")  # type: ignore[arg-type]
        for answer in made.answers:
            if answer.to == "warehouse" and isinstance(answer.document, Order):
                cancelled = answer.document.function == "cancel"
                if cancelled:
                    self.to_ship = [each for each in self.to_ship if not each.id.startswith(answer.document.id)]
                else:
                    self.to_ship.append(answer.document)
            elif isinstance(answer.document, OrderResponse):
                self.told[answer.document.order.id] += 1
            elif isinstance(answer.document, Order) and answer.to == "farm":
                self.bought.append(answer.document)
        moves = sum((each.delta for each in only(StockMoved, made) if each.measure == "allocated"), Decimal(0))
        assert moves == self._open_allocation(self.records.orders) - self._open_allocation(before)
        assert all(isinstance(value, Decimal) for each in only(ActivityAdded, made) for value in each.figures.values())

    @staticmethod
    def _open_allocation(orders: dict[tuple[str, str, str], OrderSaved]) -> Decimal:
        return sum(
            (
                line.confirmed - line.despatched
                for key, each in orders.items()
                if key[0] == "sale"
                for line in each.lines
            ),
            Decimal(0),
        )

    @rule(lines=order_lines, other=st.booleans())
    def customer_orders(self, lines: list[tuple[str, str, Decimal]], other: bool) -> None:
        self.count += 1
        who, gln = (OTHER, OTHER_GLN) if other else (SHOP, SHOP_GLN)
        self._take(order(*lines, number=f"Z{self.count}", buyer=party(gln)), who)

    @precondition(lambda self: any(each.side == "sale" for each in self.records.orders.values()))
    @rule(data=st.data())
    def customer_cancels(self, data: st.DataObject) -> None:
        sales = [each for each in self.records.orders.values() if each.side == "sale"]
        saved = data.draw(st.sampled_from(sales))
        assert isinstance(saved.document, Order)
        who = OTHER if saved.partner == "other" else SHOP
        self._take(replace(saved.document, function="cancel"), who)

    @precondition(lambda self: self.to_ship)
    @rule(data=st.data(), share=st.sampled_from([Decimal("0.5"), Decimal(1)]))
    def warehouse_ships(self, data: st.DataObject, share: Decimal) -> None:
        wanted = data.draw(st.sampled_from(self.to_ship))
        self.to_ship.remove(wanted)
        self.count += 1
        lines = [(line.number, line.item.gtin or "", _share(line.quantity.value, share)) for line in wanted.lines]
        buyer = wanted.buyer.gln or ""
        self._take(despatch(*lines, to=wanted.id, number=f"D{self.count}", buyer=buyer), HOUSE)

    @rule(gtin=st.sampled_from([TEA, RICE]), counted=st.integers(0, 80))
    def warehouse_counts(self, gtin: str, counted: int) -> None:
        line = InventoryLine(item=Item(gtin=gtin), type="onHand", quantity=units(counted))
        self._take(InventoryReport(id="I", issued_at=NOW, reporter=party(WAREHOUSE), lines=(line,)), HOUSE)

    @rule(sold=st.integers(0, 30))
    def planning_runs(self, sold: int) -> None:
        self.records.daily_sales[TEA] = {TODAY - timedelta(days=n): Decimal(sold) for n in range(1, 29)}
        self._take(PlanningRequest(id="P", issued_at=NOW), SELF)

    @precondition(lambda self: self.bought)
    @rule(data=st.data(), extra=st.integers(-3, 3), short=st.integers(0, 3))
    def supplier_delivers(self, data: st.DataObject, extra: int, short: int) -> None:
        bought = data.draw(st.sampled_from(self.bought))
        self.bought.remove(bought)
        self.count += 1
        lines = [(line.number, line.item.gtin or "", line.quantity.value + extra) for line in bought.lines]
        self._take(despatch(*lines, to=bought.id, number=f"S{self.count}"), FARM)
        received = tuple(
            ReceivingLine(number=n, item=Item(gtin=gtin), received_quantity=units(max(Decimal(0), value - short)))
            for n, gtin, value in lines
        )
        refs = ReceivingRefs(despatch_advice=f"S{self.count}", order=DocumentRef(id=bought.id))
        receipt = ReceivingAdvice(
            id=f"R{self.count}",
            issued_at=NOW,
            receiver=party(WAREHOUSE),
            seller=party(SUPPLIER_GLN),
            refs=refs,
            lines=received,
        )
        self._take(receipt, HOUSE)

    @invariant()
    def stock_says_what_the_orders_say(self) -> None:
        for gtin in (TEA, RICE):
            held = self.records.stock.get(gtin, StockLevel())
            sales = [
                line
                for each in self.records.orders.values()
                if each.side == "sale"
                for line in each.lines
                if line.gtin == gtin
            ]
            assert held.allocated == sum((line.confirmed - line.despatched for line in sales), Decimal(0))
            assert held.backordered == sum((line.backordered for line in sales), Decimal(0))
            buys = [
                line
                for each in self.records.orders.values()
                if each.side == "purchase"
                for line in each.lines
                if line.gtin == gtin
            ]
            open_ = [max(Decimal(0), line.confirmed + line.backordered - line.despatched) for line in buys]
            assert held.on_order == sum(open_, Decimal(0))
            assert held.in_transit == 0, "every shipment was received whole in this scene"
            assert min(held.allocated, held.backordered, held.on_order) >= 0

    @invariant()
    def nothing_is_shipped_beyond_what_was_ordered(self) -> None:
        for each in self.records.orders.values():
            for line in each.lines:
                if each.side == "sale":
                    assert line.despatched <= max(line.confirmed, Decimal(0))
                    assert line.confirmed + line.backordered <= line.ordered


Trade.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestTrade = Trade.TestCase


@settings(max_examples=60, deadline=None)
@given(
    value=st.one_of(
        st.decimals(allow_nan=True, allow_infinity=True),
        st.sampled_from([Decimal("1E+50"), Decimal("-0"), Decimal("1E-50"), Decimal("0.001")]),
    ),
    number=st.text(max_size=90),
    line=st.text(max_size=50),
)
def test_no_order_makes_anything_but_a_decision_or_a_fault(value: Decimal, number: str, line: str) -> None:
    records = Records()
    records.stock = {TEA: level(10)}
    try:
        made = records.take(order((line, TEA, value), number=number))
    except Fault:
        return
    for move in only(StockMoved, made):
        assert move.delta == move.delta.quantize(Decimal("0.001"))
        assert abs(move.delta) < 10**12
