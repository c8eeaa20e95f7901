from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from domain_scene import (
    FARM,
    HOUSE,
    NOW,
    OLD,
    OTHER,
    OTHER_GLN,
    OWN,
    PARTNERS,
    RICE,
    SHOP,
    TEA,
    TODAY,
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

from gateway.domain.decision import Snapshot
from gateway.domain.table import decide, needs
from gateway.model.effects import ActivityAdded, CaseOpened, OrderSaved, StockMoved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.order import DeliveryWindow, OrderLine, Split
from gateway.model.values import Amount, Item, Party, PartyIdentifier, Price, Quantity, party


def stocked(**levels: object) -> Records:
    records = Records()
    records.stock = {TEA: level(100), RICE: level(5)}
    return records


def test_an_order_in_stock_is_accepted_allocated_answered_and_passed_to_the_warehouse() -> None:
    records = stocked()
    made = records.take(order(("10", TEA, 30)))
    response = answered(made, "shop")[0]
    assert (response.id, response.status, response.order.id) == ("OR000001", "accepted", "A1")
    line = response.lines[0]
    assert (line.number, line.order_line, line.status, line.reason) == ("1", "10", "accepted", None)
    assert (line.ordered_quantity.value, line.confirmed_quantity.value, line.backorder_quantity) == (30, 30, None)
    assert line.promised_delivery == TODAY + timedelta(days=OWN.delivery_days)
    assert line.price.net == Amount(value=Decimal("2.50"), currency="EUR")
    assert records.stock[TEA] == level(100, 30)
    house = answered(made, "warehouse")[0]
    assert (house.id, house.buyer.gln) == ("A1", SHOP.gln)
    assert [(each.number, each.item.gtin, each.quantity.value) for each in house.lines] == [("10", TEA, 30)]
    assert records.orders["sale", "shop", "A1"].status == "open"


def test_the_account_learns_of_order_and_answer() -> None:
    made = stocked().take(order(("1", TEA, 30), ("2", RICE, 8)))
    received, reply = only(ActivityAdded, made)
    assert received.kind == "order-received"
    assert received.figures == {"orders": 1, "order_lines": 2, "units_ordered": 38, "order_value": Decimal("95.00")}
    assert reply.figures == {"responses": 1, "units_confirmed": 35, "units_backordered": 3, "units_rejected": 0}


def test_what_is_not_in_stock_is_backordered_with_a_later_day() -> None:
    records = stocked()
    made = records.take(order(("1", RICE, 8), ("2", TEA, 1)))
    part, whole = answered(made, "shop")[0].lines
    assert (part.status, part.reason) == ("backordered-part", "order.stock-short")
    assert (part.confirmed_quantity.value, part.backorder_quantity.value) == (5, 3)
    assert whole.status == "accepted"
    assert records.stock[RICE] == level(5, 5, backordered=3)
    made = records.take(order(("1", RICE, 2), number="A2"))
    none = answered(made, "shop")[0].lines[0]
    assert (none.status, none.confirmed_quantity.value, none.backorder_quantity.value) == ("backordered", 0, 2)
    assert none.promised_delivery == TODAY + timedelta(days=OWN.backorder_days)
    assert answered(made, "warehouse") == []


def test_a_customer_without_backorders_gets_the_rest_cut() -> None:
    made = stocked().take(order(("1", RICE, 8), ("2", RICE, 1)), backorder=False)
    cut, gone = answered(made, "shop")[0].lines
    assert (cut.status, cut.confirmed_quantity.value, cut.backorder_quantity) == ("quantity-changed", 5, None)
    assert (gone.status, gone.confirmed_quantity.value) == ("rejected", 0)


def test_several_lines_of_one_item_share_what_is_available() -> None:
    made = stocked().take(order(("1", RICE, 3), ("2", RICE, 3), ("3", RICE, 3)))
    lines = answered(made, "shop")[0].lines
    assert [each.confirmed_quantity.value for each in lines] == [3, 2, 0]


def test_stock_that_others_have_is_not_available() -> None:
    records = Records()
    records.stock = {TEA: level(10, 12)}
    records.take(order(("1", TEA, 4)))
    assert records.stock[TEA] == level(10, 12, backordered=4)


def test_an_inactive_item_is_refused_and_the_rest_goes_on() -> None:
    made = stocked().take(order(("1", OLD, 3), ("2", TEA, 3)))
    refused, taken = answered(made, "shop")[0].lines
    assert (refused.status, refused.reason, refused.confirmed_quantity.value) == ("rejected", "item.inactive", 0)
    assert taken.status == "accepted"
    assert answered(made, "shop")[0].status == "amended"
    assert "item.inactive" in codes(made)


def test_an_order_refused_whole_is_saved_rejected_and_moves_no_stock() -> None:
    made = stocked().take(order(("1", OLD, 3)))
    assert only(OrderSaved, made)[0].status == "rejected"
    assert only(StockMoved, made) == []
    assert answered(made, "shop")[0].status == "rejected"
    assert answered(made, "warehouse") == []


def test_unknown_items_park_the_order_and_every_one_is_named() -> None:
    asked = order(("1", TEA, 1), ("2", "04099900099998", 1), ("3", "04099900099981", 2))
    with pytest.raises(OurFault) as caught:
        stocked().take(asked)
    fault = caught.value
    assert (fault.code, fault.where.path, fault.value) == ("item.unknown", "lines[1].item.gtin", "04099900099998")
    assert [each.where.path for each in fault.findings] == ["lines[1].item.gtin", "lines[2].item.gtin"]


def test_unknown_items_are_refused_when_the_agreement_says_so() -> None:
    made = stocked().take(order(("1", TEA, 1), ("2", "04099900099998", 7)), unknown_item="refuse")
    lines = answered(made, "shop")[0].lines
    assert [(each.status, each.reason) for each in lines] == [("accepted", None), ("rejected", "item.unknown")]
    assert lines[1].ordered_quantity.value == 7
    assert only(OrderSaved, made)[0].lines[1].gtin == "04099900099998"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (Item(seller_id="F-tea"), TEA),
        (Item(buyer_id="4099900000100"), TEA),  # a GTIN-13 in the wrong place
        (Item(gtin="4099900000100"), TEA),
        (Item(gtin="04099900099998", seller_id="F-tea"), None),
        (Item(buyer_id="F-tea"), None),  # the buyer's own number, which ours only looks like
        (Item(seller_id="F-none"), None),
        (Item(), None),
    ],
)
def test_an_item_is_found_by_gtin_else_by_number(said: Item, found: str | None) -> None:
    asked = replace(order(), lines=(OrderLine(number="1", item=said, quantity=units(1)),))
    assert needs(asked, context()).stock == (frozenset({found}) if found else frozenset())


def test_two_items_under_one_supplier_number_are_not_guessed() -> None:
    twin = replace(OWN.items[RICE], supplier_item="F-tea")
    own = replace(OWN, items={**OWN.items, RICE: twin})
    asked = replace(order(), lines=(OrderLine(number="1", item=Item(seller_id="F-tea"), quantity=units(1)),))
    assert needs(asked, context(own=own)).stock == frozenset()


def test_repeated_and_missing_line_numbers_are_answered_once_each() -> None:
    records = stocked()
    made = records.take(order(("1", TEA, 1), ("1", RICE, 2), ("", TEA, 3), ("3", TEA, 4)))
    lines = answered(made, "shop")[0].lines
    assert [each.order_line for each in lines] == ["1", "1", "3", "3"]
    assert [each.number for each in lines] == ["1", "2", "3", "4"]
    assert [each.ordered_quantity.value for each in lines] == [1, 2, 3, 4]
    numbers = [each.number for each in records.orders["sale", "shop", "A1"].lines]
    assert len(set(numbers)) == 4


def test_the_same_order_again_changes_nothing() -> None:
    records = stocked()
    records.take(order(("1", TEA, 30)))
    for function in ("original", "duplicate"):
        again = records.take(order(("1", TEA, 30), function=function))
        assert (again.effects, again.answers, codes(again)) == ((), (), ["order.repeat"])


def test_the_same_number_with_other_content_is_a_clash() -> None:
    records = stocked()
    records.take(order(("1", TEA, 30)))
    with pytest.raises(PartnerFault, match=r"order\.number-clash"):
        records.take(order(("1", TEA, 31)))
    assert answered(records.take(order(("1", TEA, 31), buyer=party(OTHER_GLN)), OTHER), "other"), (
        "another buyer may use the number"
    )


def test_a_duplicate_without_original_is_taken_and_a_copy_is_not() -> None:
    records = stocked()
    assert records.take(order(("1", TEA, 1), function="copy")).effects == ()
    made = records.take(order(("1", TEA, 1), function="duplicate"))
    assert codes(made) == ["order.duplicate-unknown"]
    assert records.stock[TEA].allocated == 1


def test_other_functions_park() -> None:
    with pytest.raises(OurFault) as caught:
        stocked().take(order(("1", TEA, 1), function="weird"))
    assert (caught.value.code, caught.value.where.path) == ("order.function-not-supported", "function")


BEFORE = TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"requested_delivery": BEFORE}, "requestedDelivery"),
        ({"delivery_window": DeliveryWindow(latest=BEFORE)}, "deliveryWindow.latest"),
        (
            {"delivery_window": DeliveryWindow(earliest=TODAY + timedelta(days=5), latest=TODAY + timedelta(days=4))},
            "deliveryWindow.latest",
        ),
    ],
)
def test_a_delivery_before_the_order_is_the_buyers_mistake(facts: dict[str, object], path: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        stocked().take(order(("1", TEA, 1), **facts))
    assert (caught.value.code, caught.value.where.path) == ("order.date-wrong", path)


def test_a_wrong_date_of_a_line_is_found_in_that_line() -> None:
    asked = order(("1", TEA, 1), ("2", TEA, 1))
    asked = replace(asked, lines=(asked.lines[0], replace(asked.lines[1], requested_delivery=BEFORE)))
    with pytest.raises(PartnerFault) as caught:
        stocked().take(asked)
    assert caught.value.where.path == "lines[1].requestedDelivery"


def test_an_old_order_is_taken_with_a_warning_and_the_next_possible_day() -> None:
    made = stocked().take(order(("1", TEA, 1), issued_at=date(2025, 1, 1), requested_delivery=date(2025, 1, 8)))
    assert codes(made) == ["order.date-past"]
    line = answered(made, "shop")[0].lines[0]
    assert (line.status, line.reason) == ("date-changed", "order.date-too-soon")
    assert line.promised_delivery == TODAY + timedelta(days=2)


def test_a_later_wish_is_promised_as_wished() -> None:
    wish = TODAY + timedelta(days=9)
    made = stocked().take(order(("1", TEA, 1), requested_delivery=wish))
    assert answered(made, "shop")[0].lines[0].promised_delivery == wish
    assert answered(made, "warehouse")[0].lines[0].requested_delivery == wish


def test_another_price_is_answered_with_ours() -> None:
    asked = order(("1", TEA, 10))
    price = Price(net=Amount(value=Decimal("24.00")), base=Quantity(value=Decimal(10)))
    made = stocked().take(replace(asked, lines=(replace(asked.lines[0], price=price),)))
    line = answered(made, "shop")[0].lines[0]
    assert (line.status, line.price.net.value) == ("price-changed", Decimal("2.50"))
    assert codes(made) == ["order.price-differs"]
    same = Price(net=Amount(value=Decimal("25.00")), base=Quantity(value=Decimal(10)))
    made = stocked().take(replace(asked, lines=(replace(asked.lines[0], price=same),)))
    assert answered(made, "shop")[0].lines[0].status == "accepted"


def test_a_price_in_another_currency_is_never_confirmed_as_it_stands() -> None:
    asked = order(("1", TEA, 10))
    price = Price(net=Amount(value=Decimal("2.50"), currency="USD"))
    made = stocked().take(replace(asked, lines=(replace(asked.lines[0], price=price),)))
    line = answered(made, "shop")[0].lines[0]
    assert (line.status, line.price.net) == ("price-changed", Amount(value=Decimal("2.50"), currency="EUR"))
    assert codes(made) == ["order.price-differs"]


def test_a_unit_we_do_not_sell_in_is_refused_and_pieces_are_pieces() -> None:
    asked = order(("1", TEA, 1), ("2", TEA, 1))
    lines = tuple(
        replace(line, quantity=Quantity(value=Decimal(1), unit=unit))
        for line, unit in zip(asked.lines, ("KGM", "EA"), strict=True)
    )
    made = stocked().take(replace(asked, lines=lines))
    first, second = answered(made, "shop")[0].lines
    assert (first.status, first.reason) == ("rejected", "order.unit-not-sold")
    assert (second.status, second.confirmed_quantity.unit) == ("accepted", "EA")


@pytest.mark.parametrize("value", ["-1", "0.0005", "1000000000000", "NaN", "Infinity"])
def test_a_quantity_our_records_cannot_hold_parks(value: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        stocked().take(order(("1", TEA, 1), ("2", TEA, value)))
    assert (caught.value.code, caught.value.where.path) == ("item.quantity-unusable", "lines[1].quantity")


def test_part_of_a_piece_is_refused_and_part_of_a_kilogram_is_not() -> None:
    made = stocked().take(order(("1", TEA, "1.5"), ("2", TEA, "2.0")))
    first, second = answered(made, "shop")[0].lines
    assert (first.status, first.reason) == ("rejected", "order.quantity-fraction")
    assert (second.status, second.confirmed_quantity.value) == ("accepted", 2)


def test_an_order_to_another_partner_of_ours_is_not_taken() -> None:
    asked = order(("1", TEA, 5))
    with pytest.raises(PartnerFault, match=r"order\.not-for-us"):
        stocked().take(replace(asked, seller=Party(ids=(PartyIdentifier(value=FARM.gln, scheme="0088"),))))


def test_nothing_of_the_order_is_dropped_in_silence() -> None:
    asked = order(("1", TEA, 0), ("2", TEA, 5))
    line = replace(asked.lines[1], free_quantity=units(1), splits=(Split(location="4099910000024", quantity=units(4)),))
    made = stocked().take(replace(asked, lines=(asked.lines[0], line)))
    assert codes(made) == ["order.quantity-zero", "order.free-goods-ignored", "order.splits-unequal"]


def test_an_order_needs_a_number_and_lines() -> None:
    with pytest.raises(PartnerFault, match=r"order\.no-lines"):
        stocked().take(order())
    with pytest.raises(PartnerFault, match=r"order\.number-unusable"):
        stocked().take(order(("1", TEA, 1), number=" "))
    with pytest.raises(PartnerFault, match=r"order\.number-unusable"):
        stocked().take(order(("1", TEA, 1), number="9" * 71))


@pytest.mark.parametrize("who", [FARM, HOUSE])
def test_only_customers_order(who: object) -> None:
    with pytest.raises(PartnerFault, match=r"order\.sender-unexpected"):
        stocked().take(order(("1", TEA, 1)), who)  # type: ignore[arg-type]


def test_without_a_warehouse_the_order_is_taken_with_a_warning() -> None:
    alone = {name: each for name, each in PARTNERS.items() if each.kind != "house"}
    made = decide(order(("1", TEA, 1)), replace(context(), partners=alone), Snapshot(stock={TEA: level(3)}))
    assert codes(made) == ["order.no-house"]
    assert [each.to for each in made.answers] == ["shop"]


def test_a_cancelled_order_releases_its_stock_and_tells_both_sides() -> None:
    records = stocked()
    records.take(order(("1", TEA, 30), ("2", RICE, 8)))
    made = records.take(order(("1", TEA, 30), ("2", RICE, 8), function="cancel"))
    assert records.stock == {TEA: level(100), RICE: level(5)}
    assert records.orders["sale", "shop", "A1"].status == "cancelled"
    assert answered(made, "shop")[0].status == "accepted"
    house = answered(made, "warehouse")[0]
    assert (house.id, house.function) == ("A1", "cancel")
    assert [each.quantity.value for each in house.lines] == [30, 5]
    again = records.take(order(("1", TEA, 30), function="cancel"))
    assert (again.effects, again.answers, codes(again)) == ((), (), ["order.repeat"])


def test_freed_units_go_to_the_order_that_waits() -> None:
    records = stocked()
    records.take(order(("1", RICE, 5)))
    records.take(order(("1", RICE, 4), number="B1", buyer=party(OTHER_GLN)), OTHER)
    made = records.take(order(("1", RICE, 5), function="cancel"))
    assert records.stock[RICE] == level(5, 4)
    follow_up = answered(made, "warehouse")[-1]
    assert (follow_up.id, follow_up.function) == ("B1-B000003", "original")
    assert [each.quantity.value for each in follow_up.lines] == [4]


def test_a_cancellation_after_shipping_is_refused_with_a_case() -> None:
    records = stocked()
    records.take(order(("1", TEA, 30)))
    records.take(despatch(("1", TEA, 10)), HOUSE)
    before = dict(records.stock)
    made = records.take(order(("1", TEA, 30), function="cancel"))
    assert records.stock == before
    assert answered(made, "shop")[0].status == "rejected"
    assert only(CaseOpened, made)[0].code == "order.cancel-too-late"


def test_an_unknown_order_cannot_be_cancelled() -> None:
    with pytest.raises(PartnerFault, match=r"order\.cancel-unknown"):
        stocked().take(order(("1", TEA, 1), function="cancel"))


def test_the_answer_is_dated_by_the_given_clock() -> None:
    assert answered(stocked().take(order(("1", TEA, 1))), "shop")[0].issued_at == NOW
