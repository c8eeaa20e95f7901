"""Plans of items and places on the real journal: reports come in, runs go over them, orders go out."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from domain_scene import (
    FARM,
    HOUSE,
    NOW,
    OWN,
    RICE,
    SELF,
    SHOP,
    TEA,
    TODAY,
    WAREHOUSE,
    answered,
    codes,
    context,
    despatch,
    only,
    units,
)

from gateway.domain.decision import Decision, Needs
from gateway.domain.replenishment.facts import PlanScope
from gateway.domain.table import decide, needs
from gateway.model.despatch_advice import ReceivingAdvice, ReceivingLine, ReceivingRefs
from gateway.model.documents import Document
from gateway.model.effects import OrderSaved, ProposalSaved
from gateway.model.faults import OurFault
from gateway.model.json_form import dumps, loads
from gateway.model.order import OrderResponse, OrderResponseLine
from gateway.model.partner import Partner
from gateway.model.planning import PlanAgreement, PlanCalendar, PlanningTerms, PlanParameters
from gateway.model.planning_effects import LineOrdered, LinesPlanned, PlannedLine
from gateway.model.replenishment import (
    LineApproval,
    PlanningRequest,
    PlanningWord,
    PlanValue,
    ProposalDecision,
)
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import DocumentRef, Item, Period, party
from gateway.ports.journal import Tx
from gateway.store.journal import SqlJournal

STORE = "4099910000022"
FILLED = PlanAgreement(id="vmi-shop", method="vmi", partner="shop", places=(STORE,), calendar=PlanCalendar(lead_days=2))
BOUGHT = PlanAgreement(id="own", method="purchase", places=(WAREHOUSE,))
TERMS = PlanningTerms(agreements=(FILLED, BOUGHT), history_days=56)


class Gateway:
    """Decides as the pipeline does: document through JSON, only the records asked for, effects into the journal."""

    def __init__(self, journal: SqlJournal, terms: PlanningTerms = TERMS) -> None:
        self.journal = journal
        self.own = replace(OWN, planning=terms)
        self.count = 0

    def take(self, document: Document, who: Partner = SHOP) -> Decision:
        self.count += 1

        def work(tx: Tx) -> Decision:
            said = loads(dumps(document))
            about = context(who, tx.serial(), self.own)
            made = decide(said, about, tx.snapshot(needs(said, about), WAREHOUSE))
            tx.write_effects(f"m{self.count:04d}", made.effects, NOW, test=False)
            for answer in made.answers:
                assert loads(dumps(answer.document)) == answer.document
            return made

        return self.journal.write(work)

    def run(self, **asked: object) -> Decision:
        return self.take(PlanningRequest(id=f"P{self.count}", issued_at=NOW, **asked), SELF)  # type: ignore[arg-type]

    def plans(self, *pairs: tuple[str, str]) -> dict[tuple[str, str], PlannedLine]:
        return dict(self.journal.read(lambda tx: tx.snapshot(Needs(plan_why=frozenset(pairs)), WAREHOUSE)).plans)

    def sales(self, place: str = STORE, gtin: str = TEA) -> dict[date, Decimal]:
        scope = PlanScope(
            since=TODAY - timedelta(days=60), today=TODAY, places=(place,), pairs=frozenset({(place, gtin)})
        )
        facts = self.journal.read(lambda tx: tx.snapshot(Needs(planning=scope), WAREHOUSE)).planning
        return {day: each.sold for day, each in facts.pairs[place, gtin].sales.get(place, {}).items()}


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    journal = SqlJournal.in_memory()
    yield Gateway(journal)
    journal.close()


def sold(
    day: date, number: str | None = None, function: str = "original", issued: date | None = None, **named: object
) -> SalesReport:
    """named: tea=5."""
    lines = tuple(
        SalesLine(item=Item(gtin={"tea": TEA, "rice": RICE}[name]), location=STORE, sold_quantity=units(value))
        for name, value in named.items()
    )
    return SalesReport(
        id=number or f"V{day:%m%d}",
        issued_at=issued or day + timedelta(days=1),
        reporter=party("4099910000015"),
        receiver=party("4099900000001"),
        period=Period(start=day, end=day),
        lines=lines,
        function=function,
    )


def counted(day: date, number: str = "I1", kind: str = "onHand", **named: object) -> InventoryReport:
    lines = tuple(
        InventoryLine(
            item=Item(gtin={"tea": TEA, "rice": RICE}[name]), type=kind, quantity=units(value), location=STORE
        )
        for name, value in named.items()
    )
    return InventoryReport(id=number, issued_at=day, at=day, reporter=party("4099910000015"), lines=lines)


def house_count(**named: object) -> InventoryReport:
    lines = tuple(
        InventoryLine(item=Item(gtin={"tea": TEA, "rice": RICE}[name]), type="onHand", quantity=units(value))
        for name, value in named.items()
    )
    return InventoryReport(id="H1", issued_at=NOW, reporter=party(WAREHOUSE), lines=lines)


def weeks(gateway: Gateway, days: int = 42, tea: int = 10) -> None:
    """Sales of the last days, each in its own report, and a count of this morning's stock."""
    for n in range(days, 0, -1):
        gateway.take(sold(TODAY - timedelta(days=n), tea=tea + n % 3))


YESTERDAY = TODAY - timedelta(days=1)


def test_a_customers_place_is_filled_by_an_order_of_our_own(gateway: Gateway) -> None:
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=12))
    made = gateway.run()
    (plan,) = gateway.plans((STORE, TEA)).values()
    assert (plan.status, plan.partner, plan.method) == ("ordered", "shop", "vmi")
    assert plan.quantity > 0
    assert plan.quantity % 12 == 0, "whole packs"
    raised = next(each for each in answered(made, "shop") if each.id.startswith("VM"))
    assert (raised.type_code, raised.ship_to.gln) == ("22E", STORE)
    assert [line.quantity.value for line in raised.lines] == [plan.quantity]
    saved = next(each for each in only(OrderSaved, made) if each.side == "sale")
    assert (saved.partner, saved.ship_to, saved.lines[0].confirmed) == ("shop", STORE, plan.quantity)
    assert saved.number in [each.id for each in answered(made, "warehouse")], "our warehouse shall ship it"
    again = gateway.run()
    (plan,) = gateway.plans((STORE, TEA)).values()
    assert plan.status == "nothing", "what is on its way is not ordered again"
    assert only(LineOrdered, again) == []


def test_the_reasons_add_up(gateway: Gateway) -> None:
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=30))
    gateway.take(sold(TODAY - timedelta(days=1), number="late", tea=7))
    gateway.run()
    (plan,) = gateway.plans((STORE, TEA)).values()
    why = json.loads(plan.why)
    position = why["position"]
    assert sum(Decimal(each["units"]) for each in position["steps"]) == Decimal(position["on_hand"]) == 30
    days = why["interval"]["days"]
    assert sum(each["units"] for each in why["forecast"]["daily"][:days]) == pytest.approx(why["demand"]["mean"])
    need = why["target"]["order_up_to"] - float(position["position"])
    assert why["rounding"][0] == {"step": "need", "units": pytest.approx(need), "reason": "needed"}
    assert Decimal(why["quantity"]) == plan.quantity
    assert why["interval"]["first_day"] == TODAY.isoformat()


def test_an_old_count_is_rolled_forward_by_what_was_sold_and_received(gateway: Gateway) -> None:
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(TODAY - timedelta(days=4), tea=40))
    made = gateway.run()
    why = json.loads(gateway.plans((STORE, TEA))[STORE, TEA].why)
    sales = gateway.sales()
    expected = 40 - sum(sales[TODAY - timedelta(days=n)] for n in (3, 2, 1))
    assert Decimal(why["position"]["on_hand"]) == expected
    assert why["position"]["through"] == YESTERDAY.isoformat()
    assert "plan.count-old" in why["exceptions"], "four days is older than agreed"
    assert only(LineOrdered, made) == []
    proposal = next(each.proposal for each in only(ProposalSaved, made) if each.proposal.supplier == "shop")
    assert proposal.status == "proposed"


def test_what_arrives_is_counted_once(gateway: Gateway) -> None:
    """Ordered, despatched, received: the position counts the goods in each state, and never in two."""
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=12))
    raised = next(each for each in answered(gateway.run(), "shop") if each.id.startswith("VM"))
    quantity = raised.lines[0].quantity.value

    def position() -> dict[str, object]:
        gateway.run(release=False)
        found: dict[str, object] = json.loads(gateway.plans((STORE, TEA))[STORE, TEA].why)["position"]
        return found

    before = position()
    assert [each["source"] for each in before["supply"]] == ["OrderResponse"]  # type: ignore[union-attr]
    whole = Decimal(12) + quantity
    assert Decimal(str(before["position"])) == whole
    gateway.take(despatch(("1", TEA, quantity), to=raised.id, number="D7"), HOUSE)
    sent = position()
    assert [each["source"] for each in sent["supply"]] == ["DespatchAdvice"]  # type: ignore[union-attr]
    assert Decimal(str(sent["position"])) == whole
    shipped = gateway.journal.read(
        lambda tx: tx.snapshot(Needs(shipments_of_orders=frozenset({("sale", "shop", raised.id)})), WAREHOUSE)
    ).shipments
    ((_, _, number),) = shipped
    advice = ReceivingAdvice(
        id="R1",
        issued_at=NOW,
        received_at=NOW,
        receiver=party(STORE),
        seller=party("4099900000001"),
        ship_to=party(STORE),
        refs=ReceivingRefs(despatch_advice=number),
        lines=(ReceivingLine(number="1", item=Item(gtin=TEA), received_quantity=units(quantity)),),
    )
    gateway.take(advice)
    received = position()
    assert received["supply"] == []
    assert Decimal(str(received["on_hand"])) == whole == Decimal(str(received["position"]))
    gateway.take(counted(TODAY, "I2", tea=whole - 3))
    assert Decimal(str(position()["position"])) == whole - 3, "a newer count holds what has arrived"


def test_reports_twice_late_corrected_and_taken_back_leave_what_is_right(gateway: Gateway) -> None:
    day = TODAY - timedelta(days=3)
    first = sold(day, "V1", tea=5)
    gateway.take(first)
    gateway.take(first)
    assert gateway.sales() == {day: 5}
    gateway.take(sold(day, "V2", issued=day + timedelta(days=2), tea=9))
    gateway.take(sold(day, "V0", issued=day, tea=1))
    assert gateway.sales() == {day: 9}, "issued later counts, whenever it comes"
    gateway.take(sold(day, "V2", "cancel", issued=day + timedelta(days=3)))
    assert gateway.sales() == {day: 5}, "without it the report before it counts again"
    gateway.take(sold(day, "V1", "replace", issued=day + timedelta(days=3), rice=4))
    assert gateway.sales() == {day: 1}, "the replaced report no longer speaks of tea; the oldest one does"
    gateway.take(sold(day, "V0", "cancel"))
    assert gateway.sales() == {}
    gateway.take(sold(day, "V1", "duplicate", issued=day + timedelta(days=3), rice=4))
    assert gateway.sales(gtin=RICE) == {day: 4}


def test_a_day_without_a_report_is_unknown_and_a_reported_day_without_a_line_is_zero(gateway: Gateway) -> None:
    gateway.take(house_count(tea=1000), HOUSE)
    for n in range(40, 0, -1):
        if n == 5:
            continue
        if n == 6:
            gateway.take(sold(TODAY - timedelta(days=n), rice=1))
            continue
        gateway.take(sold(TODAY - timedelta(days=n), tea=10))
    gateway.take(counted(YESTERDAY, tea=500))
    gateway.run()
    history = json.loads(gateway.plans((STORE, TEA))[STORE, TEA].why)["history"]
    assert history["units"][-7:] == ["10", "0", None, "10", "10", "10", "10"]
    assert history["units"][0] is None, "before its first day the item was not there"


def test_a_change_makes_a_plan_old_and_a_run_over_changes_renews_it(gateway: Gateway) -> None:
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=500))
    gateway.run()
    assert gateway.plans((STORE, TEA))[STORE, TEA].quantity == 0
    assert only(LinesPlanned, gateway.run(changed=10, release=False))[0].lines == ()
    gateway.take(counted(TODAY, "I2", tea=0))
    made = gateway.run(changed=10, release=False)
    assert {(each.location, each.gtin) for each in only(LinesPlanned, made)[0].lines} == {(STORE, TEA)}
    assert gateway.plans((STORE, TEA))[STORE, TEA].quantity > 0
    assert made.answers == (), "only a releasing run orders"


def waiting(gateway: Gateway) -> str:
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(TODAY - timedelta(days=4), tea=10))
    made = gateway.run()
    return next(each.proposal.id for each in only(ProposalSaved, made) if each.proposal.supplier == "shop")


def approve(gateway: Gateway, proposal: str, *lines: LineApproval) -> Decision:
    word = ProposalDecision(
        id=f"W{gateway.count}",
        issued_at=NOW,
        proposal=proposal,
        decision="approve",
        user="ann",
        lines=lines,
        items=(Item(gtin=TEA),),
        customer="shop",
    )
    return gateway.take(word, SELF)


def test_a_planner_changes_a_quantity_with_a_reason_and_the_order_goes_out(gateway: Gateway) -> None:
    proposal = waiting(gateway)
    made = approve(gateway, proposal, LineApproval(number="1", quantity=Decimal(48), note="promotion"))
    (ordered,) = only(LineOrdered, made)
    assert (ordered.quantity, ordered.approved_by) == (48, "ann")
    assert ordered.system_quantity != 48
    raised = next(each for each in answered(made, "shop") if each.id.startswith("VM"))
    assert raised.lines[0].quantity.value == 48
    assert codes(approve(gateway, proposal)) == ["plan.already-decided"]


def test_an_open_proposal_follows_the_position(gateway: Gateway) -> None:
    proposal = waiting(gateway)
    gateway.take(counted(TODAY - timedelta(days=4), "I9", tea=500))
    made = gateway.run(changed=10, release=False)
    (saved,) = [each.proposal for each in only(ProposalSaved, made)]
    assert (saved.id, saved.status) == (proposal, "withdrawn")


def word(kind: str, *values: PlanValue, number: str = "K1", **more: object) -> PlanningWord:
    facts: dict[str, object] = {"reason": "because", "user": "ann"}
    return PlanningWord(id=number, issued_at=NOW, kind=kind, values=values, **(facts | more))  # type: ignore[arg-type]


def test_parameters_are_set_and_taken_back(gateway: Gateway) -> None:
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=12))
    gateway.take(word("freeze", PlanValue(place=STORE, gtin=TEA)), SELF)
    made = gateway.run()
    assert gateway.plans((STORE, TEA))[STORE, TEA].status == "frozen"
    assert not [each for each in answered(made, "shop") if each.id.startswith("VM")]
    gateway.take(word("undo", number="K2", about="K1"), SELF)
    with pytest.raises(OurFault, match=r"plan\.already-undone"):
        gateway.take(word("undo", number="K3", about="K1"), SELF)
    gateway.run()
    assert gateway.plans((STORE, TEA))[STORE, TEA].status == "ordered"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("servise", "0.9", "parameter-unknown"),
        ("service", "1.2", "parameter-wrong"),
        ("service", "NaN", "parameter-wrong"),
        ("rule", "guess", "parameter-wrong"),
        ("capacity", "-1", "parameter-wrong"),
    ],
)
def test_a_wrong_parameter_is_refused(gateway: Gateway, name: str, value: str, code: str) -> None:
    with pytest.raises(OurFault, match=rf"plan\.{code}"):
        gateway.take(word("parameters", PlanValue(place=STORE, gtin=TEA, name=name, value=value)), SELF)


def test_a_quantity_override_holds_for_one_run(gateway: Gateway) -> None:
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=12))
    said = PlanValue(place=STORE, gtin=TEA, quantity=Decimal(36), first_day=TODAY, last_day=TODAY)
    gateway.take(word("override", said), SELF)
    (ordered,) = only(LineOrdered, gateway.run())
    assert ordered.quantity == 36
    why = json.loads(ordered.why or "{}")
    assert why["override"] == {"quantity": "36", "author": "ann", "reason": "because"}
    assert why["system_quantity"] != "36"
    gateway.run()
    assert "plan.quantity-overridden" not in gateway.plans((STORE, TEA))[STORE, TEA].exceptions


def test_a_forecast_override_lies_on_top_and_the_systems_forecast_stays_beside_it(gateway: Gateway) -> None:
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=12))
    said = PlanValue(place=STORE, gtin=TEA, quantity=Decimal(40), first_day=TODAY, last_day=TODAY)
    gateway.take(word("override", said, what="forecast"), SELF)
    gateway.run()
    first = json.loads(gateway.plans((STORE, TEA))[STORE, TEA].why)["forecast"]["daily"][0]
    assert (first["units"], first["said"]) == (40.0, True)
    assert 5 < first["system"] < 20


def test_a_partners_211_is_for_the_next_run_alone(gateway: Gateway) -> None:
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=500))
    gateway.take(counted(TODAY, "I2", "override", tea=24))
    (ordered,) = only(LineOrdered, gateway.run())
    assert ordered.quantity == 24
    assert only(LineOrdered, gateway.run()) == []


def test_the_quantity_codes_mean_what_they_say(gateway: Gateway) -> None:
    """41 is no demand, 217 is demand that was not served, 212 has its returns taken off already; 17 holds what is
    damaged."""
    day = TODAY - timedelta(days=2)
    line = SalesLine(
        item=Item(gtin=TEA),
        location=STORE,
        net_quantity=units(8),
        returned_quantity=units(2),
        excluded_quantity=units(3),
        missing_quantity=units(4),
    )
    gateway.take(replace(sold(day), lines=(line,)))
    gateway.take(counted(day, tea=50))
    gateway.take(replace(counted(day, "I1b", "damaged", tea=6)))
    gateway.take(house_count(tea=1000), HOUSE)
    gateway.run()
    why = json.loads(gateway.plans((STORE, TEA))[STORE, TEA].why)
    assert why["history"]["units"][-1] == "11", "8 + 2 - 3 + 4"
    assert why["position"]["on_hand"] == "44"


def test_shards_give_what_one_run_gives(gateway: Gateway) -> None:
    gateway.take(house_count(tea=1000, rice=1000), HOUSE)
    for n in range(42, 0, -1):
        gateway.take(sold(TODAY - timedelta(days=n), tea=10 + n % 3, rice=n % 4))
    gateway.take(counted(YESTERDAY, tea=12, rice=400))
    gateway.run(release=False)
    pairs = [(STORE, TEA), (STORE, RICE), (WAREHOUSE, TEA), (WAREHOUSE, RICE)]
    whole = {pair: plan.why for pair, plan in gateway.plans(*pairs).items()}
    assert len(whole) == 4
    for part in range(3):
        gateway.run(release=False, shard=part, shards=3)
    assert {pair: plan.why for pair, plan in gateway.plans(*pairs).items()} == whole


def test_our_warehouse_buys_what_its_places_sell(gateway: Gateway) -> None:
    weeks(gateway)
    gateway.take(house_count(tea=5), HOUSE)
    made = gateway.run()
    bought = answered(made, "farm")[0]
    assert bought.lines[0].quantity.value % 12 == 0
    (line,) = [each for each in only(LineOrdered, made) if each.partner == "farm"]
    assert line.approved_by == "limit"
    said = OrderResponseLine(
        number="1", order_line="1", status="quantity-changed", item=Item(gtin=TEA), confirmed_quantity=units(12)
    )
    response = OrderResponse(
        id="OR1",
        issued_at=NOW,
        status="amended",
        order=DocumentRef(id=bought.id),
        buyer=party("4099900000001"),
        seller=party("4099930000019"),
        lines=(said,),
    )
    gateway.take(response, FARM)
    gateway.run(release=False)
    supply = json.loads(gateway.plans((WAREHOUSE, TEA))[WAREHOUSE, TEA].why)["position"]["supply"]
    assert [(each["source"], each["units"]) for each in supply] == [("OrderResponse", "12")]


def test_the_rule_of_a_place_can_be_the_partners_levels() -> None:
    journal = SqlJournal.in_memory()
    levels = replace(FILLED, parameters=PlanParameters(rule="min-max"))
    gateway = Gateway(journal, PlanningTerms(agreements=(levels,), history_days=56))
    gateway.take(house_count(tea=1000), HOUSE)
    weeks(gateway)
    gateway.take(counted(YESTERDAY, tea=12))
    gateway.take(counted(YESTERDAY, "I1m", "min", tea=20))
    gateway.take(counted(YESTERDAY, "I1x", "max", tea=60))
    (ordered,) = only(LineOrdered, gateway.run())
    assert ordered.quantity == 48, "up to 60 from 12"
    journal.close()
