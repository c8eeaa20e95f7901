import statistics
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from domain_scene import (
    FARM,
    HOUSE,
    NOW,
    OLD,
    OWN,
    PARTNERS,
    RICE,
    SELF,
    SHOP,
    SOAP,
    TEA,
    TODAY,
    Records,
    answered,
    codes,
    context,
    level,
    only,
    units,
)

from gateway.domain.decision import Context, Decision, Snapshot
from gateway.domain.replenishment import formulas
from gateway.domain.table import decide, needs
from gateway.model.effects import (
    ActivityAdded,
    CaseClosed,
    CaseOpened,
    DocumentLinked,
    OrderSaved,
    ParcelAnswered,
    ProposalSaved,
    StockMoved,
)
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.order import OrderResponse, OrderResponseLine
from gateway.model.partner import OwnCompany, SupplierTerms
from gateway.model.replenishment import PlanningRequest, ProposalDecision, ReplenishmentProposal
from gateway.model.values import Amount, DocumentRef, Item, Price, party

RUN = PlanningRequest(id="P1", issued_at=NOW)


def days(*net: object) -> dict[date, Decimal]:
    """Net sales of the last days, yesterday last."""
    return {TODAY - timedelta(days=len(net) - n): Decimal(str(each)) for n, each in enumerate(net)}


def plan(records: Records, request: PlanningRequest = RUN, own: OwnCompany = OWN, serial: int = 7) -> Decision:
    about = replace(context(SELF, serial, own), agreement=None)
    return decide(request, about, records.snapshot())


def proposals(made: Decision) -> list[ReplenishmentProposal]:
    return [each.proposal for each in only(ProposalSaved, made)]


# --- formulas -----------------------------------------------------------------------------------------------------


def test_demand_is_mean_and_sample_deviation() -> None:
    found = formulas.demand([Decimal(n) for n in (4, 7, 0, 9, 5)])
    assert found.mean == 5
    assert float(found.deviation) == pytest.approx(statistics.stdev([4, 7, 0, 9, 5]), rel=1e-15)
    assert found.days == 5
    assert formulas.demand([Decimal(3)]) == formulas.Demand(mean=Decimal(3), deviation=Decimal(0), days=1)
    assert formulas.demand([]) == formulas.Demand(mean=Decimal(0), deviation=Decimal(0), days=0)


def test_targets_of_a_worked_example() -> None:
    """Mean 10, deviation 4, L = 3, R = 1, z = 1.64: safety 1.64 * 4 * 2 = 13.12; 40 + 13.12; one day more."""
    found = formulas.targets(formulas.Demand(mean=Decimal(10), deviation=Decimal(4), days=28), 3, 1, Decimal("1.64"))
    assert (found.safety_stock, found.reorder_point, found.order_up_to) == (
        Decimal("13.12"),
        Decimal("53.12"),
        Decimal("63.12"),
    )


@pytest.mark.parametrize(
    ("need", "pack", "ordered"),
    [("0", 12, 0), ("-3", 12, 0), ("0.001", 12, 12), ("12", 12, 12), ("12.5", 12, 24), ("7", 1, 7)],
)
def test_orders_are_whole_packs(need: str, pack: int, ordered: int) -> None:
    assert formulas.whole_packs(Decimal(need), Decimal(pack)) == ordered


def test_the_position_counts_what_comes_and_what_is_promised() -> None:
    assert formulas.position(level(50, 10, backordered=5, on_order=20, in_transit=7)) == 62


def test_history_is_the_reported_days_of_the_last_four_weeks() -> None:
    sales = {TEA: {TODAY - timedelta(days=40): Decimal(99), TODAY - timedelta(days=5): Decimal(3), TODAY: Decimal(8)}}
    sales[RICE] = {TODAY - timedelta(days=2): Decimal(1)}
    known = formulas.history_range(sales, TODAY)
    assert known == (TODAY - timedelta(days=5), TODAY - timedelta(days=2))
    assert formulas.daily_units(sales[TEA], known) == [3, 0, 0, 0]
    assert formulas.history_range({}, TODAY) is None
    assert formulas.daily_units({}, None) == []


def test_a_day_with_more_returns_than_sales_is_no_demand() -> None:
    sales = days(5, -3)
    assert formulas.daily_units(sales, formulas.history_range({TEA: sales}, TODAY)) == [5, 0]


def test_a_thread_with_poor_precision_changes_no_plan() -> None:
    import decimal

    numbers = [Decimal(n) for n in (4, 7, 1)]
    with decimal.localcontext() as poor:
        poor.prec = 3
        low = formulas.demand(numbers)
    assert low == formulas.demand(numbers)


# --- planning run ---------------------------------------------------------------------------------------------------


def test_the_run_asks_for_stock_open_proposals_and_four_weeks_of_sales() -> None:
    asked = needs(RUN, context(SELF))
    assert (asked.all_stock, asked.open_proposals, asked.sales_since) == (True, True, TODAY - timedelta(days=28))


def test_an_item_at_its_reorder_point_is_ordered_in_whole_packs() -> None:
    """Mean 10, no deviation: reorder point 40, up to 50; position 30, so 20 are short: two packs of 12."""
    records = Records()
    records.stock = {TEA: level(30), RICE: level(500)}
    records.daily_sales[TEA] = days(*[10] * 28)
    made = plan(records)
    (proposal,) = proposals(made)
    assert (proposal.id, proposal.status, proposal.approved_by, proposal.order_id) == (
        "RP000007-farm",
        "approved",
        "limit",
        "PO000007",
    )
    assert proposal.value == Amount(value=Decimal("33.60"), currency="EUR")
    (line,) = proposal.lines
    assert (line.item.gtin, line.quantity.value) == (TEA, 24)
    reason = line.reason
    assert reason is not None
    assert (reason.daily_demand, reason.demand_deviation, reason.days_of_history) == (10, 0, 28)
    assert (reason.safety_stock, reason.reorder_point, reason.order_up_to) == (0, 40, 50)
    assert (reason.lead_time_days, reason.review_days, reason.service_factor) == (3, 1, Decimal("1.64"))
    assert (reason.on_hand, reason.allocated, reason.on_order, reason.in_transit) == (30, 0, 0, 0)


def test_an_approved_proposal_is_an_order_on_its_way() -> None:
    records = Records()
    records.daily_sales[TEA] = days(*[10] * 28)
    made = plan(records)
    assert answered(made, "farm")[0].id == "PO000007"
    assert made.answers[0].about == "RP000007-farm"
    saved = only(OrderSaved, made)[0]
    assert (saved.side, saved.partner, saved.status) == ("purchase", "farm", "open")
    move = only(StockMoved, made)[0]
    assert (move.measure, move.delta, move.reference) == ("on_order", 60, "PO000007")
    figures = only(ActivityAdded, made)[0]
    assert (figures.account, figures.kind, figures.figures["units_purchased"]) == ("farm", "purchase-ordered", 60)
    records.remember(made.effects)
    assert plan(records).effects == (), "what is on order is not ordered again"


def test_above_the_limit_a_person_decides_and_the_item_rests() -> None:
    records = Records()
    records.daily_sales[TEA] = days(*[1000] * 28)
    made = plan(records)
    (proposal,) = proposals(made)
    assert (proposal.status, proposal.limit, proposal.order_id) == (
        "proposed",
        Amount(value=Decimal(1000), currency="EUR"),
        None,
    )
    case = only(CaseOpened, made)[0]
    assert (case.account, case.code, case.subject) == ("farm", "plan.approval-needed", proposal.id)
    assert (made.answers, only(StockMoved, made)) == ((), [])
    records.remember(made.effects)
    records.daily_sales[RICE] = days(*[10] * 28)
    (second,) = proposals(plan(records, serial=8))
    assert [line.item.gtin for line in second.lines] == [RICE]


def test_exactly_the_limit_is_inside() -> None:
    own = replace(OWN, suppliers={"farm": replace(OWN.suppliers["farm"], approval_limit=Decimal("84.00"))})
    records = Records()
    records.daily_sales[TEA] = days(*[10] * 28)
    assert [each.status for each in proposals(plan(records, own=own))] == ["approved"]
    own = replace(OWN, suppliers={"farm": replace(OWN.suppliers["farm"], approval_limit=Decimal("83.99"))})
    assert [each.status for each in proposals(plan(records, own=own))] == ["proposed"]


def test_without_a_price_a_person_decides() -> None:
    for wrong in ({"purchase_price": None}, {"currency": "USD"}):
        own = replace(OWN, items={TEA: replace(OWN.items[TEA], **wrong)})  # type: ignore[arg-type]
        records = Records()
        records.daily_sales[TEA] = days(*[10] * 28)
        made = plan(records, own=own)
        assert [each.status for each in proposals(made)] == ["proposed"]
        assert codes(made) == ["plan.price-missing"]


def test_the_reorder_point_itself_triggers_an_order_and_one_unit_more_does_not() -> None:
    for held, ordered_units in ((40, 12), (41, None)):
        records = Records()
        records.stock = {TEA: level(held)}
        records.daily_sales[TEA] = days(*[10] * 28)
        found = [line.quantity.value for each in proposals(plan(records)) for line in each.lines]
        assert found == ([ordered_units] if ordered_units else [])


def test_backorders_are_bought_even_without_any_sales_report() -> None:
    records = Records()
    records.stock = {TEA: level(0, 0, backordered=13)}
    (proposal,) = proposals(plan(records))
    assert proposal.lines[0].quantity.value == 24


def test_nothing_sold_and_nothing_owed_is_not_bought() -> None:
    assert plan(Records()).effects == ()


def test_an_inactive_item_is_not_bought() -> None:
    records = Records()
    records.daily_sales[OLD] = days(*[10] * 28)
    assert plan(records).effects == ()


def test_each_supplier_gets_its_own_proposal_and_order() -> None:
    mill = replace(FARM, id="mill", ids=())
    own = replace(
        OWN,
        items={**OWN.items, SOAP: replace(OWN.items[SOAP], supplier="mill")},
        suppliers={**OWN.suppliers, "mill": SupplierTerms(partner="mill")},
    )
    records = Records()
    records.daily_sales[TEA] = days(*[10] * 28)
    records.daily_sales[SOAP] = days(*[5] * 28)
    about = replace(context(SELF, 7, own), partners={**PARTNERS, "mill": mill})
    made = decide(RUN, about, records.snapshot())
    assert [(each.supplier, each.order_id) for each in proposals(made)] == [
        ("farm", "PO000007"),
        ("mill", "PO000007-2"),
    ]
    records.remember(made.effects)
    made = decide(replace(RUN, supplier="mill"), about, Records().snapshot())
    assert proposals(made) == [], "no sales in these records"


def test_gaps_in_the_master_data_are_named_and_the_rest_is_planned() -> None:
    own = replace(
        OWN,
        items={
            **OWN.items,
            RICE: replace(OWN.items[RICE], pack=Decimal(0)),
            SOAP: replace(OWN.items[SOAP], supplier="mill"),
        },
    )
    records = Records()
    for gtin in (TEA, RICE, SOAP):
        records.daily_sales[gtin] = days(*[10] * 28)
    made = plan(records, own=own)
    assert sorted(codes(made)) == ["plan.pack-wrong", "plan.terms-missing"]
    assert [line.item.gtin for line in proposals(made)[0].lines] == [TEA]


def test_only_we_start_planning_and_only_for_suppliers_we_have() -> None:
    with pytest.raises(PartnerFault, match=r"plan\.sender-unexpected"):
        decide(RUN, context(FARM), Snapshot())
    with pytest.raises(OurFault, match=r"plan\.supplier-unknown"):
        plan(Records(), replace(RUN, supplier="nobody"))


# --- a person's word --------------------------------------------------------------------------------------------------


def waiting() -> Records:
    records = Records()
    records.daily_sales[TEA] = days(*[1000] * 28)
    records.remember(plan(records).effects)
    return records


def word(records: Records, said: str, proposal: str = "RP000007-farm", who: Context | None = None) -> Decision:
    document = ProposalDecision(id="W1", issued_at=NOW, proposal=proposal, decision=said, user="ann")
    asked = needs(document, context(SELF))
    assert asked.proposals == {proposal}
    made = decide(document, who or context(SELF, 9), records.snapshot())
    records.remember(made.effects)
    return made


def test_an_approved_proposal_goes_out_and_its_case_closes() -> None:
    records = waiting()
    made = word(records, "approve")
    (proposal,) = proposals(made)
    assert (proposal.status, proposal.approved_by, proposal.order_id) == ("approved", "ann", "PO000009")
    assert answered(made, "farm")[0].lines[0].quantity.value == proposal.lines[0].quantity.value
    assert records.stock[TEA].on_order == proposal.lines[0].quantity.value
    closed = only(CaseClosed, made)[0]
    assert (closed.account, closed.code, closed.subject) == ("farm", "plan.approval-needed", "RP000007-farm")
    again = word(records, "approve")
    assert (again.effects, again.answers, codes(again)) == ((), (), ["plan.already-decided"])


def test_a_rejected_proposal_orders_nothing_and_frees_its_items() -> None:
    records = waiting()
    made = word(records, "reject")
    assert [(each.status, each.approved_by) for each in proposals(made)] == [("rejected", "ann")]
    assert (made.answers, only(StockMoved, made), len(only(CaseClosed, made))) == ((), [], 1)
    assert len(proposals(plan(records, serial=10))) == 1


def test_a_decision_must_make_sense_and_come_from_us() -> None:
    records = waiting()
    with pytest.raises(OurFault, match=r"plan\.proposal-unknown"):
        word(records, "approve", "RP9")
    with pytest.raises(OurFault, match=r"plan\.decision-unknown"):
        word(records, "perhaps")
    with pytest.raises(PartnerFault, match=r"plan\.sender-unexpected"):
        word(records, "approve", who=context(FARM))


# --- the supplier answers ---------------------------------------------------------------------------------------------


def ordered() -> Records:
    records = Records()
    records.daily_sales[TEA] = days(*[10] * 28)
    records.daily_sales[RICE] = days(*[10] * 28)
    records.remember(plan(records).effects)
    assert records.stock == {TEA: level(on_order=60), RICE: level(on_order=60)}
    return records


def response(status: str, *lines: OrderResponseLine, number: str = "PO000007") -> OrderResponse:
    return OrderResponse(
        id="OR1",
        issued_at=NOW,
        status=status,
        order=DocumentRef(id=number),
        buyer=party("4099900000001"),
        seller=party("4099930000019"),
        lines=lines,
    )


def said(
    line: str, status: str, now: object | None = None, later: object | None = None, **more: object
) -> OrderResponseLine:
    return OrderResponseLine(
        number="1",
        order_line=line,
        status=status,
        item=Item(),
        confirmed_quantity=units(now) if now is not None else None,
        backorder_quantity=units(later) if later is not None else None,
        **more,  # type: ignore[arg-type]
    )


def test_an_accepted_order_stays_on_order_and_settles_the_parcel() -> None:
    records = ordered()
    made = records.take(response("accepted"), FARM)
    assert {line.status for line in records.orders["purchase", "farm", "PO000007"].lines} == {"accepted"}
    assert only(StockMoved, made) == []
    word = only(ParcelAnswered, made)[0]
    assert (word.partner, word.kind, word.outcome, word.document) == ("farm", "response", "accepted", "PO000007")
    again = records.take(response("accepted"), FARM)
    assert (only(ActivityAdded, again), codes(again)) == ([], ["order.response-repeat"])


def test_what_the_supplier_refuses_is_no_longer_on_order() -> None:
    records = ordered()
    made = records.take(response("amended", said("1", "quantity-changed", 48), said("2", "rejected")), FARM)
    assert records.stock == {TEA: level(on_order=48), RICE: level()}
    saved = records.orders["purchase", "farm", "PO000007"]
    assert saved.status == "amended"
    assert [(line.confirmed, line.status) for line in saved.lines] == [(48, "quantity-changed"), (0, "rejected")]
    case = only(CaseOpened, made)[0]
    assert (case.account, case.code, case.params["units"]) == ("farm", "order.supplier-short", "72")
    closed = records.take(response("accepted"), FARM)
    assert [each.code for each in only(CaseClosed, closed)] == ["order.supplier-short"]
    assert records.stock == {TEA: level(on_order=60), RICE: level(on_order=60)}


def test_what_comes_later_stays_on_order() -> None:
    records = ordered()
    made = records.take(response("amended", said("1", "backordered-part", 20), said("2", "backordered")), FARM)
    assert only(StockMoved, made) == []
    lines = records.orders["purchase", "farm", "PO000007"].lines
    assert [(line.confirmed, line.backordered) for line in lines] == [(20, 40), (0, 60)]


def test_a_line_answered_in_two_lines_adds_up() -> None:
    records = ordered()
    records.take(response("amended", said("1", "backordered-part", 20, 0), said("1", "backordered", 0, 30)), FARM)
    line = records.orders["purchase", "farm", "PO000007"].lines[0]
    assert (line.confirmed, line.backordered, line.status) == (20, 30, "backordered-part")
    assert records.stock[TEA] == level(on_order=50)


def test_a_refused_order_is_off_and_its_parcel_refused() -> None:
    records = ordered()
    made = records.take(response("rejected"), FARM)
    assert records.stock == {TEA: level(), RICE: level()}
    assert records.orders["purchase", "farm", "PO000007"].status == "rejected"
    assert only(ParcelAnswered, made)[0].outcome == "rejected"


def test_received_is_not_yet_a_decision() -> None:
    records = ordered()
    made = records.take(response("received"), FARM)
    assert {type(each) for each in made.effects} == {ParcelAnswered, DocumentLinked}, "kept, and nothing else changed"
    assert only(ParcelAnswered, made)[0].outcome == "received"


def test_a_later_day_opens_a_case_and_another_price_is_named() -> None:
    records = ordered()
    late = TODAY + timedelta(days=9)
    price = Price(net=Amount(value=Decimal("1.50")))
    made = records.take(response("amended", said("1", "date-changed", 60, promised_delivery=late, price=price)), FARM)
    case = only(CaseOpened, made)[0]
    assert (case.code, case.params["day"]) == ("order.supplier-late", late.isoformat())
    assert codes(made) == ["order.supplier-price"]


def test_an_answer_after_the_goods_left_only_corrects_the_rest() -> None:
    records = ordered()
    from domain_scene import despatch

    records.take(despatch(("1", TEA, 24), to="PO000007", number="S1"), FARM)
    records.take(response("amended", said("1", "quantity-changed", 36)), FARM)
    assert records.stock[TEA] == level(on_order=12, in_transit=24)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (response("accepted", number="PO9"), "order.response-unknown"),
        (response("amended", said("9", "accepted")), "order.response-line-unknown"),
        (response("amended", said("1", "perhaps")), "order.response-status-unknown"),
        (response("amended", said("1", "accepted", -1)), "item.quantity-unusable"),
    ],
)
def test_an_answer_that_does_not_fit_parks(answer: OrderResponse, code: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        ordered().take(answer, FARM)
    assert caught.value.code == code


def test_a_supplier_cannot_answer_anothers_order() -> None:
    with pytest.raises(PartnerFault, match=r"order\.response-unknown"):
        ordered().take(response("accepted"), SHOP)
    assert HOUSE.id not in OWN.suppliers
