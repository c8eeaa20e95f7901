from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from domain_scene import (
    FARM,
    HOUSE,
    NOW,
    OTHER,
    OTHER_GLN,
    RICE,
    SHOP,
    SHOP_GLN,
    SOAP,
    SUPPLIER_GLN,
    TEA,
    WAREHOUSE,
    Records,
    answered,
    codes,
    context,
    despatch,
    level,
    only,
    order,
    units,
)

from gateway.domain.table import needs
from gateway.model.despatch_advice import (
    DespatchAdvice,
    LogisticUnit,
    ReceivingAdvice,
    ReceivingLine,
    ReceivingRefs,
)
from gateway.model.effects import ActivityAdded, CaseOpened, OrderSaved, ShipmentSaved, StockMoved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.order import Order
from gateway.model.replenishment import PlanningRequest, ProposalLine, ReplenishmentProposal
from gateway.model.values import Amount, DocumentRef, Item, Quantity, party


def ordered(*lines: tuple[str, str, object]) -> Records:
    records = Records()
    records.stock = {TEA: level(100), RICE: level(5)}
    records.take(order(*lines))
    return records


def test_a_shipment_takes_stock_and_tells_the_customer_in_its_own_numbers() -> None:
    records = Records()
    records.stock = {TEA: level(100)}
    asked = order(("10", TEA, 30), ship_to=party("4099910000022"))
    asked = replace(asked, lines=(replace(asked.lines[0], item=Item(gtin=TEA, buyer_id="T-1")),))
    records.take(asked)
    said = despatch(("10", TEA, 30))
    said = replace(said, units=(LogisticUnit(id="1", sscc="340999000000000019"),), carrier=party("4099940000016"))
    made = records.take(said, HOUSE)
    assert records.stock[TEA] == level(70)
    advice = answered(made, "shop")[0]
    assert (advice.id, advice.seller.gln, advice.buyer.gln) == ("D1", "4099900000001", SHOP_GLN)
    assert (advice.ship_from.gln, advice.ship_to.gln) == (WAREHOUSE, "4099910000022")
    assert advice.refs.order == DocumentRef(id="A1", issued_at=NOW.date())
    assert advice.units[0].sscc == "340999000000000019"
    assert advice.carrier == said.carrier
    line = advice.lines[0]
    assert line.order == DocumentRef(id="A1", line="10", issued_at=NOW.date())
    assert (line.item.gtin, line.item.buyer_id) == (TEA, "T-1")
    assert (line.despatched_quantity.value, line.ordered_quantity.value) == (30, 30)
    assert made.answers[0].about == "A1"
    assert records.orders["sale", "shop", "A1"].status == "shipped"
    assert records.shipments["sale", "shop", "D1"].lines == (("10", TEA, Decimal(30)),)


def test_an_order_is_shipped_when_its_last_unit_has_left() -> None:
    records = ordered(("1", TEA, 30), ("2", TEA, 10))
    records.take(despatch(("1", TEA, 30), ("2", TEA, 4)), HOUSE)
    assert records.orders["sale", "shop", "A1"].status == "open"
    records.take(despatch(("2", TEA, 6), number="D2"), HOUSE)
    assert records.orders["sale", "shop", "A1"].status == "shipped"
    assert records.stock[TEA] == level(60)


def test_an_order_with_backorders_is_not_shipped_by_what_was_there() -> None:
    records = ordered(("1", RICE, 8))
    records.take(despatch(("1", RICE, 5)), HOUSE)
    assert records.orders["sale", "shop", "A1"].status == "amended"
    assert records.stock[RICE] == level(0, 0, backordered=3)


def test_more_than_allocated_parks() -> None:
    records = ordered(("1", TEA, 30))
    with pytest.raises(PartnerFault) as caught:
        records.take(despatch(("1", TEA, 20), ("1", TEA, 11)), HOUSE)
    fault = caught.value
    assert (fault.code, fault.where.path) == ("despatch.more-than-allocated", "lines[1].despatchedQuantity")
    assert (fault.value, fault.params["allowed"]) == ("11", "10")


@pytest.mark.parametrize(
    ("advice", "code", "path"),
    [
        (despatch(("1", TEA, 1), to="X"), "despatch.order-unknown", "lines[0].order"),
        (despatch((None, TEA, 1), to="X"), "despatch.order-unknown", "refs.order"),
        (despatch(("1", SOAP, 1)), "despatch.line-unknown", "lines[0].item.gtin"),
        (despatch(("1", "04099900099998", 1)), "despatch.item-unknown", "lines[0].item.gtin"),
        (despatch(("1", TEA, -1)), "item.quantity-unusable", "lines[0].despatchedQuantity"),
        (despatch(), "despatch.no-lines", "lines"),
        (despatch(("1", TEA, 1), number=""), "despatch.number-unusable", "id"),
        (replace(despatch((None, TEA, 1)), refs=None), "despatch.order-missing", "lines[0].order"),
    ],
)
def test_what_does_not_fit_an_open_order_parks(advice: DespatchAdvice, code: str, path: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        ordered(("1", TEA, 30)).take(advice, HOUSE)
    assert (caught.value.code, caught.value.where.path) == (code, path)


def test_the_same_despatch_again_changes_nothing_and_another_under_its_number_is_a_clash() -> None:
    records = ordered(("1", TEA, 30))
    records.take(despatch(("1", TEA, 10)), HOUSE)
    again = records.take(despatch(("1", TEA, 10)), HOUSE)
    assert (again.effects, again.answers, codes(again)) == ((), (), ["despatch.repeat"])
    with pytest.raises(PartnerFault, match=r"despatch\.number-clash"):
        records.take(despatch(("1", TEA, 11)), HOUSE)


def test_two_customers_with_one_order_number_are_told_apart_by_the_buyer() -> None:
    records = ordered(("1", TEA, 30))
    records.take(replace(order(("1", TEA, 5)), buyer=party(OTHER_GLN)), OTHER)
    made = records.take(despatch(("1", TEA, 5), buyer=OTHER_GLN), HOUSE)
    assert [each.to for each in made.answers] == ["other"]
    with pytest.raises(PartnerFault, match=r"despatch\.order-ambiguous"):
        records.take(despatch(("1", TEA, 5), number="D2", buyer="4099940000016"), HOUSE)


def test_a_cancelled_order_is_not_shipped() -> None:
    records = ordered(("1", TEA, 30))
    records.take(order(("1", TEA, 30), function="cancel"))
    with pytest.raises(PartnerFault, match=r"despatch\.order-cancelled"):
        records.take(despatch(("1", TEA, 30)), HOUSE)


def test_a_customer_cannot_announce_goods() -> None:
    with pytest.raises(PartnerFault, match=r"despatch\.sender-unexpected"):
        ordered(("1", TEA, 30)).take(despatch(("1", TEA, 30)), SHOP)


def test_a_late_shipment_counts_as_late() -> None:
    records = ordered(("1", TEA, 30), ("2", TEA, 1))
    late = replace(despatch(("1", TEA, 30)), despatch_at=NOW + timedelta(days=3))
    figures = [only(ActivityAdded, records.take(late, HOUSE))[0].figures["shipments_late"]]
    figures.append(
        only(ActivityAdded, records.take(despatch(("2", TEA, 1), number="D2"), HOUSE))[0].figures["shipments_late"]
    )
    assert figures == [1, 0]


def test_shipping_what_was_not_on_hand_is_booked_and_warned_of() -> None:
    records = ordered(("1", TEA, 30))
    records.stock[TEA] = level(10, 30)
    made = records.take(despatch(("1", TEA, 30)), HOUSE)
    assert [(each.code, each.value) for each in made.findings] == [("despatch.stock-negative", TEA)]
    assert records.stock[TEA] == level(-20, 0)


def test_line_numbers_as_sent_go_back_even_when_sent_twice_or_not_at_all() -> None:
    records = ordered(("1", TEA, 1), ("1", TEA, 2), ("", TEA, 3))
    ours = [each.number for each in records.orders["sale", "shop", "A1"].lines]
    made = records.take(despatch(*zip(ours, (TEA, TEA, TEA), (1, 2, 3), strict=True)), HOUSE)
    assert [each.order.line for each in answered(made, "shop")[0].lines] == ["1", "1", "3"]


# --- from a supplier to our warehouse ---------------------------------------------------------------------------------


def purchased(*lines: tuple[str, object]) -> Records:
    """Records after an approved purchase order PO000001. lines: (GTIN, quantity)."""
    from gateway.domain.replenishment.purchase import order_goods

    records = Records()
    records.serial = 1
    proposal = ReplenishmentProposal(
        id="RP1",
        issued_at=NOW,
        supplier="farm",
        ship_to=WAREHOUSE,
        status="approved",
        lines=tuple(
            ProposalLine(
                number=str(n), item=Item(gtin=gtin), quantity=units(value), price=Amount(value=Decimal("1.40"))
            )
            for n, (gtin, value) in enumerate(lines, start=1)
        ),
    )
    effects, _ = order_goods(context(), proposal, "PO000001")
    records.remember(effects)
    return records


def inbound(*lines: tuple[str | None, str, object], number: str = "S1") -> DespatchAdvice:
    return despatch(*lines, to="PO000001", number=number, buyer="4099900000001")


def receipt(*lines: tuple[str, object], of: str | None = "S1", order_id: str | None = "PO000001") -> ReceivingAdvice:
    return ReceivingAdvice(
        id="R1",
        issued_at=NOW,
        receiver=party("4099900000001"),
        seller=party(SUPPLIER_GLN),
        refs=ReceivingRefs(despatch_advice=of, order=DocumentRef(id=order_id) if order_id else None),
        lines=tuple(
            ReceivingLine(number=str(n), item=Item(gtin=gtin), received_quantity=units(value))
            for n, (gtin, value) in enumerate(lines, start=1)
        ),
    )


def test_a_purchase_goes_from_on_order_to_in_transit_to_on_hand() -> None:
    records = purchased((TEA, 48), (RICE, 24))
    assert records.stock[TEA] == level(on_order=48)
    records.take(inbound(("1", TEA, 48), ("2", RICE, 24)), FARM)
    assert records.stock[TEA] == level(in_transit=48)
    assert records.orders["purchase", "farm", "PO000001"].status == "shipped"
    made = records.take(receipt((TEA, 48), (RICE, 24)), HOUSE)
    assert records.stock == {TEA: level(48), RICE: level(24)}
    assert records.orders["purchase", "farm", "PO000001"].status == "received"
    assert records.shipments["purchase", "farm", "S1"].status == "received"
    assert only(CaseOpened, made) == []
    assert [(each.to, type(each.document).__name__, each.optional) for each in made.answers] == [
        ("farm", "ReceivingAdvice", True)
    ]


def test_a_supplier_may_ship_in_parts_and_use_its_own_item_numbers() -> None:
    records = purchased((TEA, 48))
    part = inbound((None, TEA, 24))
    part = replace(part, lines=(replace(part.lines[0], item=Item(seller_id="F-tea")),))
    records.take(part, FARM)
    assert records.stock[TEA] == level(on_order=24, in_transit=24)
    assert records.orders["purchase", "farm", "PO000001"].status == "open"
    records.take(inbound(("1", TEA, 24), number="S2"), FARM)
    records.take(receipt((TEA, 24), of="S1"), HOUSE)
    assert records.stock[TEA] == level(24, in_transit=24)
    assert records.orders["purchase", "farm", "PO000001"].status == "shipped"
    records.take(receipt((TEA, 24), of="S2"), HOUSE)
    assert records.orders["purchase", "farm", "PO000001"].status == "received"


def test_more_than_ordered_is_booked_with_a_case() -> None:
    records = purchased((TEA, 48))
    made = records.take(inbound(("1", TEA, 60)), FARM)
    assert records.stock[TEA] == level(in_transit=60)
    assert [each.code for each in only(CaseOpened, made)] == codes(made) == ["despatch.more-than-ordered"]


def test_a_supplier_cannot_ship_what_we_did_not_order() -> None:
    records = purchased((TEA, 48))
    for advice, code in (
        (replace(inbound(("1", TEA, 1)), refs=None, lines=despatch((None, TEA, 1)).lines), "despatch.order-missing"),
        (despatch(("1", TEA, 1), to="PO9"), "despatch.order-unknown"),
        (inbound(("1", RICE, 1)), "despatch.line-unknown"),
    ):
        with pytest.raises(PartnerFault) as caught:
            records.take(advice, FARM)
        assert caught.value.code == code
    cases = inbound(("1", TEA, 1))
    cases = replace(cases, lines=(replace(cases.lines[0], despatched_quantity=Quantity(value=Decimal(1), unit="CS")),))
    with pytest.raises(OurFault, match=r"despatch\.unit-unknown"):
        records.take(cases, FARM)


def test_a_suppliers_repeat_changes_nothing() -> None:
    records = purchased((TEA, 48))
    records.take(inbound(("1", TEA, 48)), FARM)
    again = records.take(inbound(("1", TEA, 48)), FARM)
    assert (again.effects, codes(again)) == ((), ["despatch.repeat"])
    with pytest.raises(PartnerFault, match=r"despatch\.number-clash"):
        records.take(inbound(("1", TEA, 47)), FARM)


def test_a_short_receipt_closes_the_shipment_and_opens_a_case() -> None:
    records = purchased((TEA, 48), (RICE, 24))
    records.take(inbound(("1", TEA, 48), ("2", RICE, 24)), FARM)
    made = records.take(receipt((TEA, 40)), HOUSE)
    assert records.stock == {TEA: level(40), RICE: level()}
    case = only(CaseOpened, made)[0]
    assert (case.account, case.code, case.subject) == ("farm", "receiving.differs", "S1")
    assert case.params["items"] == f"{TEA}: 48 / 40, {RICE}: 24 / 0"
    assert only(ActivityAdded, made)[0].figures["units_supplier_short"] == 32


def test_accepted_units_count_not_those_that_came() -> None:
    records = purchased((TEA, 48))
    records.take(inbound(("1", TEA, 48)), FARM)
    advice = receipt((TEA, 48))
    records.take(replace(advice, lines=(replace(advice.lines[0], accepted_quantity=units(45)),)), HOUSE)
    assert records.stock[TEA] == level(45)


def test_arrived_goods_serve_the_oldest_backorder_first() -> None:
    records = purchased((TEA, 48))
    records.take(order(("1", TEA, 30), issued_at=NOW.date() - timedelta(days=1), number="OLD"))
    records.take(order(("1", TEA, 10), ("2", TEA, 20), number="NEW"))
    records.take(inbound(("1", TEA, 48)), FARM)
    made = records.take(receipt((TEA, 48)), HOUSE)
    assert records.stock[TEA] == level(48, 48, backordered=12)
    released = answered(made, "warehouse")
    assert [(each.id, [line.quantity.value for line in each.lines]) for each in released] == [
        (f"OLD-B{records.serial:06d}", [30]),
        (f"NEW-B{records.serial:06d}", [10, 8]),
    ]
    shipped = records.take(despatch(("1", TEA, 30), to=released[0].id), HOUSE)
    assert answered(shipped, "shop")[0].refs.order.id == "OLD"
    assert records.orders["sale", "shop", "OLD"].status == "shipped"
    assert records.stock[TEA] == level(18, 18, backordered=12)


def test_goods_without_despatch_advice_are_booked_against_the_order() -> None:
    records = purchased((TEA, 48))
    records.take(receipt((TEA, 40), of=None), HOUSE)
    assert records.stock[TEA] == level(40, on_order=8)
    assert records.orders["purchase", "farm", "PO000001"].status == "open"
    with pytest.raises(PartnerFault, match=r"receiving\.order-unknown"):
        records.take(receipt((TEA, 1), of=None, order_id="PO9"), HOUSE)
    with pytest.raises(PartnerFault, match=r"receiving\.reference-missing"):
        records.take(receipt((TEA, 1), of=None, order_id=None), HOUSE)


def test_a_receipt_must_name_a_shipment_that_is_on_its_way() -> None:
    records = purchased((TEA, 48))
    with pytest.raises(PartnerFault, match=r"receiving\.shipment-unknown"):
        records.take(receipt((TEA, 48)), HOUSE)
    records.take(inbound(("1", TEA, 48)), FARM)
    with pytest.raises(PartnerFault, match=r"receiving\.item-unknown"):
        records.take(receipt(("04099900099998", 1)), HOUSE)
    records.take(receipt((TEA, 48)), HOUSE)
    with pytest.raises(PartnerFault, match=r"receiving\.already-received"):
        records.take(receipt((TEA, 48)), HOUSE)


def test_a_receipt_without_order_number_books_stock_and_warns() -> None:
    records = purchased((TEA, 48))
    records.take(inbound(("1", TEA, 48)), FARM)
    advice = receipt((TEA, 48), order_id=None)
    asked = needs(advice, context(HOUSE))
    snapshot = records.snapshot()
    orders = {key: each for key, each in records.orders.items() if key in asked.orders}
    records.orders = orders
    made = records.take(advice, HOUSE)
    assert snapshot.orders
    assert codes(made) == ["receiving.order-not-named"]
    assert records.stock[TEA] == level(48)


def test_a_customers_receipt_closes_the_shipment_and_moves_no_stock() -> None:
    records = ordered(("1", TEA, 30))
    records.take(despatch(("1", TEA, 30)), HOUSE)
    made = records.take(receipt((TEA, 28), of="D1", order_id="A1"), SHOP)
    assert only(StockMoved, made) == []
    assert only(ShipmentSaved, made)[0].status == "received"
    saved = only(OrderSaved, made)[0]
    assert (saved.status, saved.lines[0].received) == ("received", 28)
    assert only(CaseOpened, made)[0].params["items"] == f"{TEA}: 30 / 28"
    with pytest.raises(PartnerFault, match=r"receiving\.reference-missing"):
        records.take(receipt((TEA, 28), of=None), SHOP)


def test_the_order_to_the_supplier_says_what_when_and_where() -> None:
    records = Records()
    records.stock = {TEA: level(0, 0, backordered=5)}
    made = records.take(PlanningRequest(id="P", issued_at=NOW), replace(HOUSE, kind="self"))
    sent: Order = answered(made, "farm")[0]
    assert (sent.id, sent.type_code, sent.seller.gln, sent.ship_to.gln) == ("PO000001", "220", SUPPLIER_GLN, WAREHOUSE)
    assert sent.requested_delivery == NOW.date() + timedelta(days=3)
    line = sent.lines[0]
    assert (line.number, line.item.gtin, line.item.seller_id, line.quantity.value) == ("1", TEA, "F-tea", 12)
    assert (line.price.net.value, line.amount.value) == (Decimal("1.40"), Decimal("16.80"))
