"""Every document of the chain is linked with what it follows from."""

from dataclasses import replace

from domain_scene import (
    FARM,
    HOUSE,
    NOW,
    RICE,
    SHOP,
    SHOP_GLN,
    TEA,
    Records,
    answered,
    despatch,
    level,
    only,
    order,
    units,
)
from test_domain_chain import Buying, invoice

from gateway.domain.decision import Decision
from gateway.model.despatch_advice import ReceivingAdvice, ReceivingLine, ReceivingRefs
from gateway.model.effects import DocumentLinked
from gateway.model.order import OrderResponse
from gateway.model.order_change import OrderCancellation
from gateway.model.values import DocumentRef, Item, party


def steps(decision: Decision) -> set[str]:
    found = only(DocumentLinked, decision)
    assert len({each.key for each in found}) == len(found)
    return {f"{e.side} {e.partner}: {e.source_type} {e.source} > {e.to_type} {e.to}" for e in found}


def test_a_sale_is_linked_from_order_to_receipt() -> None:
    records = Records()
    records.stock = {TEA: level(100), RICE: level(50)}
    made = records.take(order(("1", TEA, 30)))
    (response,) = [each for each in answered(made, "shop") if isinstance(each, OrderResponse)]
    assert steps(made) == {f"sale shop: Order A1 > OrderResponse {response.id}"}
    assert steps(records.take(order(("1", TEA, 30)))) == set(), "a repeat changes nothing"
    made = records.take(despatch(("1", TEA, 30)), HOUSE)
    assert steps(made) == {"sale shop: Order A1 > DespatchAdvice D1"}
    receipt = ReceivingAdvice(
        id="R1",
        issued_at=NOW,
        receiver=party(SHOP_GLN),
        seller=party("4099900000001"),
        refs=ReceivingRefs(despatch_advice="D1", order=DocumentRef(id="A1")),
        lines=(ReceivingLine(number="1", item=Item(gtin=TEA), received_quantity=units(30)),),
    )
    assert steps(records.take(receipt, SHOP)) == {"sale shop: DespatchAdvice D1 > ReceivingAdvice R1"}
    assert steps(records.take(invoice(("1", TEA, 30, "2.50")), HOUSE)) == {"sale shop: Order A1 > Invoice INV1"}


def test_a_despatch_of_several_orders_is_linked_with_each() -> None:
    records = Records()
    records.stock = {TEA: level(100)}
    records.take(order(("1", TEA, 30)))
    records.take(order(("1", TEA, 10), number="A2"))
    advice = despatch(("1", TEA, 30))
    other = replace(advice.lines[0], number="2", order=DocumentRef(id="A2", line="1"), despatched_quantity=units(10))
    made = records.take(replace(advice, lines=(*advice.lines, other)), HOUSE)
    assert steps(made) == {f"sale shop: Order {number} > DespatchAdvice D1" for number in ("A1", "A2")}


def test_a_cancellation_and_its_answer_follow_the_order() -> None:
    records = Records()
    records.take(order(("1", TEA, 30)))
    cancellation = OrderCancellation(
        id="C1", issued_at=NOW, order=DocumentRef(id="A1"), buyer=party(SHOP_GLN), seller=party("4099900000001")
    )
    made = records.take(cancellation)
    (answer,) = [each for each in answered(made, "shop") if isinstance(each, OrderResponse)]
    assert steps(made) == {
        "sale shop: Order A1 > OrderCancellation C1",
        f"sale shop: OrderCancellation C1 > OrderResponse {answer.id}",
    }


def test_a_purchase_is_linked_with_response_despatch_and_receipt() -> None:
    buying = Buying()
    response = OrderResponse(
        id="OR1",
        issued_at=NOW,
        status="accepted",
        order=DocumentRef(id="PO1"),
        buyer=party("4099900000001"),
        seller=party("4099930000019"),
    )
    assert steps(buying.by(response, FARM)) == {"purchase farm: Order PO1 > OrderResponse OR1"}
    advice = despatch(("1", TEA, 48), ("2", RICE, 24), to="PO1", number="S1")
    assert steps(buying.by(advice, FARM)) == {"purchase farm: Order PO1 > DespatchAdvice S1"}
    assert steps(buying.received()) == {"purchase farm: DespatchAdvice S1 > ReceivingAdvice R1"}
