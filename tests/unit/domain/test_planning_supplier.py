"""Our supplier plans what we get (VMI, CMI with us as the buyer): what he hears, what he raises, how it is judged."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import FARM, HOUSE, NOW, RICE, SELF, TEA, TODAY, WAREHOUSE, answered, codes, despatch, only, order
from test_planning_runs import BOUGHT, FILLED, Gateway, house_count, sold, word
from test_planning_wiring import made, why  # noqa: F401

from gateway.domain.decision import Needs
from gateway.model.effects import DocumentLinked, OrderSaved, ProposalSaved
from gateway.model.faults import PartnerFault
from gateway.model.order import Order, OrderResponse, OrderResponseLine
from gateway.model.planning import SupplierPlan
from gateway.model.planning_effects import PlanChanged
from gateway.model.replenishment import LineApproval, PlanValue, ProposalDecision
from gateway.model.sales_report import InventoryReport, SalesReport
from gateway.model.values import DocumentRef, Item, Quantity, party

US, THEM = party("4099900000001"), party("4099930000019")


def planned(make: Any, mode: str = "vmi", **more: object) -> Gateway:
    plan = SupplierPlan(supplier="farm", mode=mode, **more)  # type: ignore[arg-type]
    found: Gateway = make(FILLED, replace(BOUGHT, supplier_plans=(plan,)))
    found.take(house_count(tea=100), HOUSE)
    levels = [("minimum", "80"), ("maximum", "200")]
    values = (PlanValue(place=WAREHOUSE, gtin=TEA, name=name, value=value) for name, value in levels)
    found.take(word("parameters", *values), SELF)
    return found


def raised(tea: int, number: str = "F-1", function: str = "original") -> Order:
    found = order(("1", TEA, tea), number=number, buyer=US, seller=THEM, type_code="22E", function=function)
    return replace(found, requested_delivery=TODAY + timedelta(days=2))


def level(gateway: Gateway) -> tuple[int, int]:
    """Return what is on order and in transit."""
    found = gateway.journal.read(lambda tx: tx.snapshot(Needs(stock=frozenset({TEA})), WAREHOUSE)).stock[TEA]
    return int(found.on_order), int(found.in_transit)


def decided(gateway: Gateway, proposal: str, word: str = "approve", *lines: LineApproval) -> Any:
    said = ProposalDecision(
        id=f"W{gateway.count}", issued_at=NOW, proposal=proposal, decision=word, user="ann", lines=lines
    )
    return gateway.take(said, SELF)


def told(found: Any) -> list[tuple[str, str, list[tuple[str, Decimal]]]]:
    """Return our answers to the supplier: order, status, and what of each line we take."""
    return [
        (each.order.id, each.status, [(line.status, line.confirmed_quantity.value) for line in each.lines])
        for each in answered(found, "farm")
        if isinstance(each, OrderResponse)
    ]


def test_the_supplier_hears_stock_levels_and_sales_and_we_order_nothing(made: Any) -> None:  # noqa: F811
    gateway = planned(made)
    found = gateway.run()
    stock = next(each for each in answered(found, "farm") if isinstance(each, InventoryReport))
    said = {each.type: each.quantity.value for each in stock.lines if each.item.gtin == TEA}
    assert said == {"available": 100, "min": 80, "max": 200}
    assert not [each for each in answered(found, "farm") if isinstance(each, Order)]
    assert answered(gateway.run(release=False), "farm") == [], "only the nightly run tells"


def test_sales_of_known_days_are_told_and_those_of_unknown_days_are_not(made: Any) -> None:  # noqa: F811
    gateway = planned(made, sales_days=5)
    for n in (5, 4, 2):
        gateway.take(sold(TODAY - timedelta(days=n), tea=7))
    report = next(each for each in answered(gateway.run(), "farm") if isinstance(each, SalesReport))
    days = {each.period.start: each.sold_quantity.value for each in report.lines if each.item.gtin == TEA}
    assert days == {TODAY - timedelta(days=n): 7 for n in (5, 4, 2)}


def test_on_other_days_nothing_is_told(made: Any) -> None:  # noqa: F811
    other = tuple({1, 2, 3, 4, 5, 6, 7} - {TODAY.isoweekday()})
    assert answered(planned(made, report_days=other).run(), "farm") == []


def test_under_vmi_what_the_supplier_raises_is_an_order_at_once_and_twice_is_once(made: Any) -> None:  # noqa: F811
    gateway = planned(made)
    found = gateway.take(raised(60), FARM)
    assert told(found) == [("F-1", "accepted", [("accepted", 60)])]
    assert [(each.side, each.source, each.to) for each in only(DocumentLinked, found)] == [
        ("purchase", "F-1", answered(found, "farm")[0].id)
    ], "the chain of a purchase"
    assert [each.order_id for each in answered(found, "warehouse")] == ["F-1"], "our house knows what comes"
    assert level(gateway) == (60, 0)
    assert [each.location for each in only(PlanChanged, found)] == [WAREHOUSE], "planned anew within seconds"
    gateway.run(changed=100, release=False)
    assert why(gateway, WAREHOUSE)["position"]["position"] == "160"
    assert codes(gateway.take(raised(60), FARM)) == ["order.repeat"]
    with pytest.raises(PartnerFault, match=r"order\.number-clash"):
        gateway.take(raised(61), FARM)
    assert level(gateway) == (60, 0)


def test_another_state_of_his_order_counts_until_it_is_shipped(made: Any) -> None:  # noqa: F811
    gateway = planned(made)
    gateway.take(raised(60), FARM)
    gateway.take(raised(40, function="replace"), FARM)
    assert level(gateway) == (40, 0)
    gateway.take(despatch(("1", TEA, 40), to="F-1", number="FD1", buyer="4099900000001"), FARM)
    assert level(gateway) == (0, 40)
    with pytest.raises(PartnerFault, match=r"plan\.supplier-shipped"):
        gateway.take(raised(10, function="replace"), FARM)
    gateway.take(raised(30, "F-2"), FARM)
    gateway.take(raised(30, "F-2", "cancel"), FARM)
    assert level(gateway) == (0, 40)


def test_goods_that_come_without_any_order_are_on_the_road(made: Any) -> None:  # noqa: F811
    gateway = planned(made)
    advice = despatch((None, TEA, 48), number="FD1", buyer="4099900000001")
    alone = replace(advice, refs=None, lines=tuple(replace(each, order=None) for each in advice.lines))
    assert codes(gateway.take(alone, FARM)) == ["despatch.supplier-raised"]
    assert level(gateway) == (0, 48)
    assert codes(gateway.take(alone, FARM)) == ["despatch.repeat"]
    assert level(gateway) == (0, 48)


def test_a_confirmation_of_no_order_of_ours_is_his_order(made: Any) -> None:  # noqa: F811
    gateway = planned(made)
    line = OrderResponseLine(
        number="1",
        order_line="",
        status="accepted",
        item=Item(gtin=TEA),
        confirmed_quantity=Quantity(value=Decimal(24)),
    )
    gateway.take(
        OrderResponse(
            id="AB7",
            issued_at=NOW,
            status="accepted",
            order=DocumentRef(id="F-9"),
            buyer=US,
            seller=THEM,
            lines=(line,),
        ),
        FARM,
    )
    assert level(gateway) == (24, 0)


@pytest.mark.parametrize(("units", "code"), [(120, "plan.supplier-over"), (0, "plan.supplier-under")])
def test_what_is_not_within_the_agreed_levels_is_on_the_work_list(made: Any, units: int, code: str) -> None:  # noqa: F811
    gateway = planned(made)
    if units:
        gateway.take(raised(units), FARM)
    else:
        gateway.take(replace(house_count(tea=10), id="H9"), HOUSE)
    gateway.run(changed=100, release=False)
    plan = gateway.plans((WAREHOUSE, TEA))[WAREHOUSE, TEA]
    assert (plan.status, plan.exceptions) == ("exception", (code,))
    why(gateway, WAREHOUSE)


def test_under_cmi_an_offer_inside_the_levels_is_accepted_and_one_outside_waits(made: Any) -> None:  # noqa: F811
    gateway = planned(made, "cmi")
    assert told(gateway.take(raised(60), FARM)) == [("F-1", "accepted", [("accepted", 60)])]
    waits = gateway.take(raised(90, "F-2"), FARM)
    assert told(waits) == []
    assert level(gateway) == (60, 0), "an offer is no order"
    (offer,) = [each.proposal for each in only(ProposalSaved, waits)]
    gateway.run(changed=100, release=False)
    plan = gateway.plans((WAREHOUSE, TEA))[WAREHOUSE, TEA]
    assert (plan.status, plan.quantity, plan.proposal) == ("exception", 90, offer.id)
    assert plan.exceptions == ("plan.supplier-offers", "plan.supplier-over")
    why(gateway, WAREHOUSE)
    taken = decided(gateway, offer.id, "approve", LineApproval(number="1", quantity=Decimal(40), note="full"))
    assert told(taken) == [("F-2", "amended", [("quantity-changed", 40)])]
    assert level(gateway) == (100, 0)
    gateway.run(changed=100, release=False)
    assert gateway.plans((WAREHOUSE, TEA))[WAREHOUSE, TEA].status == "nothing"


def test_an_offer_is_refused_and_the_supplier_told(made: Any) -> None:  # noqa: F811
    gateway = planned(made, "cmi")
    (offer,) = [each.proposal for each in only(ProposalSaved, gateway.take(raised(150), FARM))]
    assert codes(gateway.take(raised(150), FARM)) == ["order.repeat"]
    said = decided(gateway, offer.id, "reject")
    assert told(said) == [("F-1", "rejected", [])]
    assert {each.side for each in only(DocumentLinked, said)} == {"purchase"}
    assert level(gateway) == (0, 0)


def test_an_offer_of_two_items_is_taken_line_by_line_as_one_order(made: Any) -> None:  # noqa: F811
    gateway = planned(made, "cmi")
    both = replace(raised(150), lines=(*raised(150).lines, *order(("2", RICE, 12)).lines))
    (offer,) = [each.proposal for each in only(ProposalSaved, gateway.take(both, FARM))]
    decided(gateway, offer.id, "approve", LineApproval(number="1"))
    last = decided(gateway, offer.id, "approve", LineApproval(number="2"))
    (saved,) = only(OrderSaved, last)
    assert [(line.number, line.ordered) for line in saved.lines] == [("1", 150), ("2", 12)]
    gateway.take(despatch(("1", TEA, 150), ("2", RICE, 12), to="F-1", number="FD1", buyer="4099900000001"), FARM)
    assert level(gateway) == (0, 150)


def test_items_of_others_are_not_his_to_plan_and_nobody_else_may_plan(made: Any) -> None:  # noqa: F811
    gateway = planned(made)
    with pytest.raises(PartnerFault, match=r"plan\.supplier-item"):
        gateway.take(replace(raised(1), lines=order(("1", "04099900009998", 1)).lines), FARM)
    plain = made(FILLED, BOUGHT)
    with pytest.raises(PartnerFault, match=r"order\.sender-unexpected"):
        plain.take(raised(10), FARM)


def two_items(number: str = "F-1") -> Order:
    return replace(raised(150, number), lines=(*raised(150).lines, *order(("2", RICE, 12)).lines))


def test_an_offer_of_which_a_line_was_set_to_nothing_may_come_again(made: Any) -> None:  # noqa: F811
    gateway = planned(made, "cmi")
    (offer,) = [each.proposal for each in only(ProposalSaved, gateway.take(two_items(), FARM))]
    none = LineApproval(number="2", quantity=Decimal(0), note="too much of it")
    said = decided(gateway, offer.id, "approve", LineApproval(number="1"), none)
    assert told(said) == [("F-1", "amended", [("accepted", 150), ("rejected", 0)])]
    before = level(gateway)
    assert codes(gateway.take(two_items(), FARM)) == ["order.repeat"]
    assert level(gateway) == before
    with pytest.raises(PartnerFault, match=r"order\.number-clash"):
        gateway.take(replace(two_items(), lines=two_items().lines[:1]), FARM)


def test_an_offer_of_which_one_line_was_decided_may_come_again(made: Any) -> None:  # noqa: F811
    gateway = planned(made, "cmi")
    (offer,) = [each.proposal for each in only(ProposalSaved, gateway.take(two_items(), FARM))]
    decided(gateway, offer.id, "approve", LineApproval(number="1"))
    assert codes(gateway.take(two_items(), FARM)) == ["order.repeat"]


def test_an_offer_of_which_nothing_is_taken_is_refused_to_the_supplier(made: Any) -> None:  # noqa: F811
    gateway = planned(made, "cmi")
    (offer,) = [each.proposal for each in only(ProposalSaved, gateway.take(raised(150), FARM))]
    said = decided(gateway, offer.id, "approve", LineApproval(number="1", quantity=Decimal(0)))
    assert told(said) == [("F-1", "rejected", [])]
    assert codes(gateway.take(raised(150), FARM)) == ["order.repeat"]
