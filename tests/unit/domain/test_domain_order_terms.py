"""What is agreed with an account decides on its orders; what goes beyond it waits for a person."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import (
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
    despatch,
    level,
    only,
    order,
    units,
)

from gateway.domain.decision import Context, Decision, Snapshot
from gateway.domain.table import decide, needs
from gateway.model.effects import CaseClosed, CaseOpened, DocumentLinked, PriceSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.order import OrderLine
from gateway.model.order_change import OrderCancellation, OrderChange
from gateway.model.order_decision import LineWord, OrderDecision
from gateway.model.partner import Agreement, Terms
from gateway.model.values import Amount, DocumentRef, Item, Price, party


class Trade(Records):
    """Records, with terms for the shop and what else a snapshot may hold."""

    def __init__(self, terms: Terms | None = None, **snapshot: Any) -> None:
        super().__init__()
        self.stock = {TEA: level(100), RICE: level(5), SOAP: level(0)}
        self.more = snapshot
        self.shop = replace(SHOP, terms=(terms,) if terms else ())
        self.own = OWN

    def decide(self, document: Any, who: Any = None, **agreed: Any) -> Decision:
        self.serial += 1
        who = who or self.shop
        agreement = Agreement(direction="receive", mapping="eancom-1997/ORDERS", over="as2", **agreed)
        context = Context(
            partner=who,
            own=self.own,
            partners=PARTNERS | {"shop": self.shop},
            now=NOW,
            serial=self.serial,
            agreement=None if who.kind == "self" else agreement,
        )
        needs(document, context)
        made = decide(document, context, replace(self.snapshot(), **self.more))
        self.remember(made.effects)
        return made

    def order(self) -> Any:
        return self.orders["sale", "shop", "A1"]


def word(decision: str = "accept", *lines: LineWord, order_id: str = "A1", **more: Any) -> OrderDecision:
    return OrderDecision(
        id=f"{decision}-{order_id}",
        issued_at=NOW,
        partner="shop",
        order=order_id,
        decision=decision,
        user="anna",
        lines=lines,
        items=(Item(gtin=TEA), Item(gtin=RICE)),
        **more,
    )


def change(*lines: OrderLine, number: str = "C1", **more: Any) -> OrderChange:
    return OrderChange(
        id=number,
        issued_at=NOW,
        order=DocumentRef(id="A1"),
        buyer=party("4099910000015"),
        seller=party("4099900000001"),
        lines=lines,
        **more,
    )


def line(number: str, gtin: str | None, quantity: Any, action: str | None = None) -> OrderLine:
    return OrderLine(number=number, item=Item(gtin=gtin), quantity=units(quantity), action=action)


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (Terms(minimum_value=Decimal("75.01")), "order.below-minimum"),
        (Terms(auto_value=Decimal("74.99")), "order.value-above-limit"),
        (Terms(auto_quantity=Decimal(29)), "order.quantity-above-limit"),
        (Terms(credit_class="C"), "order.credit-prepaid"),
        (Terms(credit_limit=Decimal("174.99")), "order.credit-exceeded"),
    ],
)
def test_an_order_beyond_a_limit_waits_and_holds_nothing(terms: Terms, code: str) -> None:
    trade = Trade(terms, receivables={"shop": Decimal(100)})
    made = trade.decide(order(("1", TEA, 30)))
    assert made.answers == ()
    assert codes(made) == [code]
    (case,) = only(CaseOpened, made)
    assert (case.code, case.subject, case.params["reasons"]) == ("order.waits", "A1", code)
    assert trade.order().status == "waiting"
    assert trade.stock[TEA] == level(100)


@pytest.mark.parametrize(
    "terms",
    [
        Terms(minimum_value=Decimal(75), auto_value=Decimal(75), auto_quantity=Decimal(30)),
        Terms(credit_limit=Decimal(175)),
        Terms(),
    ],
)
def test_an_order_at_its_limits_is_taken_at_once(terms: Terms) -> None:
    trade = Trade(terms, receivables={"shop": Decimal(100)})
    trade.decide(order(("1", TEA, 30)))
    assert trade.order().status == "open"


def test_terms_count_from_their_first_day_to_their_last() -> None:
    strict = Terms(valid_from=TODAY, valid_to=TODAY, auto_value=Decimal(1))
    assert replace(SHOP, terms=(Terms(), strict)).terms_on(TODAY) is strict
    assert replace(SHOP, terms=(Terms(), strict)).terms_on(TODAY + timedelta(days=1)) == Terms()
    assert replace(SHOP, terms=(strict,)).terms_on(TODAY - timedelta(days=1)) == Terms()


def test_a_person_releases_what_waits_and_the_stock_of_that_moment_counts() -> None:
    trade = Trade(Terms(credit_class="C"))
    trade.decide(order(("1", TEA, 30), ("2", RICE, 8)))
    made = trade.decide(word(), SELF)
    reply = answered(made, "shop")[0]
    assert [(each.status, each.confirmed_quantity.value) for each in reply.lines] == [
        ("accepted", 30),
        ("backordered-part", 5),
    ]
    assert trade.stock[TEA] == level(100, 30)
    assert [each.code for each in only(CaseClosed, made)] == ["order.waits"]
    assert trade.order().pending is None
    assert [each.function for each in answered(made, "warehouse")] == ["original"]
    assert codes(trade.decide(word(), SELF)) == ["order.already-decided"]


def test_a_person_may_change_quantity_day_price_and_refuse_a_line() -> None:
    trade = Trade(Terms(credit_class="C"))
    trade.decide(order(("1", TEA, 30), ("2", RICE, 3)))
    day = TODAY + timedelta(days=20)
    changed = LineWord(number="1", quantity=Decimal(20), promised=day, price=Decimal("2.10"))
    made = trade.decide(word("accept", changed, LineWord(number="2", refuse=True)), SELF)
    first, second = answered(made, "shop")[0].lines
    assert (first.status, first.confirmed_quantity.value, first.promised_delivery) == ("quantity-changed", 20, day)
    assert first.price.net == Amount(value=Decimal("2.10"), currency="EUR")
    assert (second.status, second.reason, second.confirmed_quantity.value) == ("rejected", "order.refused-by-person", 0)
    assert trade.stock[TEA] == level(100, 20)


def test_a_person_rejects_an_order_and_the_customer_hears_it() -> None:
    trade = Trade(Terms(credit_class="C"))
    trade.decide(order(("1", TEA, 30)))
    made = trade.decide(word("reject", reason="Please pay first"), SELF)
    reply = answered(made, "shop")[0]
    assert (reply.status, reply.notes) == ("rejected", ("Please pay first",))
    assert trade.order().status == "rejected"
    assert trade.stock[TEA] == level(100)


def test_only_our_own_people_decide_and_only_on_what_we_have() -> None:
    trade = Trade(Terms(credit_class="C"))
    trade.decide(order(("1", TEA, 30)))
    with pytest.raises(PartnerFault, match=r"order\.decision-sender"):
        trade.decide(word(), trade.shop)
    with pytest.raises(OurFault, match=r"order\.not-known"):
        trade.decide(word(order_id="A9"), SELF)
    with pytest.raises(OurFault, match=r"order\.decision-unknown"):
        trade.decide(word("perhaps"), SELF)


# --- prices, items, days ----------------------------------------------------------------------------------------------


def a_price(price: str, minimum: int = 0, begins: date = TODAY, ends: date | None = None) -> PriceSaved:
    return PriceSaved(
        key=f"p{price}",
        price_list="retail",
        gtin=TEA,
        price=Decimal(price),
        currency="EUR",
        valid_from=begins,
        valid_to=ends,
        minimum=Decimal(minimum),
    )


def test_the_price_of_the_accounts_list_that_is_valid_and_reached_by_the_quantity_counts() -> None:
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    prices = (
        a_price("2.40", begins=date(2026, 1, 1)),
        a_price("2.30", begins=yesterday),
        a_price("2.00", minimum=50),
        a_price("1.00", begins=tomorrow),
        a_price("0.90", begins=date(2026, 1, 1), ends=yesterday),
    )
    trade = Trade(Terms(price_list="retail"), prices={("retail", TEA): prices})
    few, many = answered(trade.decide(order(("1", TEA, 30), ("2", TEA, 50))), "shop")[0].lines
    assert (few.price.net.value, many.price.net.value) == (Decimal("2.30"), Decimal("2.00"))


@pytest.mark.parametrize(("theirs", "status"), [("2.45", "accepted"), ("2.55", "accepted"), ("2.44", "price-changed")])
def test_a_price_within_the_tolerance_counts_as_ours(theirs: str, status: str) -> None:
    trade = Trade(Terms(price_tolerance=Decimal(2)))
    asked = order(("1", TEA, 1))
    priced = replace(asked.lines[0], price=Price(net=Amount(value=Decimal(theirs), currency="EUR")))
    assert answered(trade.decide(replace(asked, lines=(priced,))), "shop")[0].lines[0].status == status


def test_an_item_outside_the_assortment_is_refused_line_by_line() -> None:
    trade = Trade(Terms(items="drinks"))
    trade.shop = replace(trade.shop, assortments={"drinks": frozenset({TEA})})
    made = trade.decide(order(("1", TEA, 1), ("2", RICE, 1)))
    assert [each.status for each in answered(made, "shop")[0].lines] == ["accepted", "rejected"]
    assert codes(made) == ["item.not-agreed"]


def test_the_promise_falls_on_a_day_on_which_we_deliver() -> None:
    thursdays = Terms(lead_time_days=1, delivery_days=(4,))
    reply = answered(Trade(thursdays).decide(order(("1", TEA, 1))), "shop")[0]
    assert TODAY.isoweekday() == 1
    assert reply.lines[0].promised_delivery == TODAY + timedelta(days=3)


def test_what_suppliers_owe_us_gives_the_day_of_a_backorder() -> None:
    come = TODAY + timedelta(days=4)
    trade = Trade(supply={SOAP: ((come, Decimal(6)), (come + timedelta(days=3), Decimal(6)))})
    trade.stock[SOAP] = level(backordered=4)
    days = [
        answered(trade.decide(order(("1", SOAP, wanted), number=f"S{wanted}")), "shop")[0].lines[0].promised_delivery
        for wanted in (2, 6, 1)
    ]
    assert days == [come + timedelta(days=1), come + timedelta(days=4), TODAY + timedelta(days=OWN.backorder_days)]


# --- part deliveries and substitutes ----------------------------------------------------------------------------------


def test_complete_only_ships_all_of_a_line_or_nothing() -> None:
    trade = Trade(Terms(partial=False))
    made = trade.decide(order(("1", RICE, 8)))
    (reply,) = answered(made, "shop")[0].lines
    assert (reply.status, reply.confirmed_quantity.value, reply.backorder_quantity.value) == ("backordered", 0, 8)
    assert trade.stock[RICE] == level(5, backordered=8)


def test_a_substitute_is_shipped_where_the_buyer_allows_it_and_the_records_say_so() -> None:
    trade = Trade(Terms(substitutes=True))
    trade.own = replace(OWN, items=OWN.items | {OLD: replace(OWN.items[OLD], substitute=TEA)})
    made = trade.decide(order(("1", OLD, 10)))
    (reply,) = answered(made, "shop")[0].lines
    assert (reply.status, reply.item.gtin, reply.substitute.gtin) == ("substituted", OLD, TEA)
    assert trade.stock[TEA] == level(100, 10)
    assert trade.order().lines[0].gtin == TEA
    assert answered(made, "warehouse")[0].lines[0].item.gtin == TEA


def test_no_substitute_goes_to_a_buyer_who_does_not_allow_it() -> None:
    trade = Trade()
    trade.own = replace(OWN, items=OWN.items | {OLD: replace(OWN.items[OLD], substitute=TEA)})
    assert answered(trade.decide(order(("1", OLD, 10))), "shop")[0].lines[0].status == "rejected"
    assert trade.stock[TEA] == level(100)


# --- changes ----------------------------------------------------------------------------------------------------------


def test_a_change_moves_only_the_difference_and_replaces_the_work_of_the_warehouse() -> None:
    trade = Trade()
    trade.decide(order(("1", TEA, 30), ("2", RICE, 2)))
    made = trade.decide(change(line("1", TEA, 50, "changed"), line("3", SOAP, 4, "added")))
    reply = answered(made, "shop")[0]
    assert [(each.order_line, each.status, each.confirmed_quantity.value) for each in reply.lines] == [
        ("1", "accepted", 50),
        ("2", "accepted", 2),
        ("3", "backordered", 0),
    ]
    assert (trade.stock[TEA], trade.stock[RICE]) == (level(100, 50), level(5, 2))
    assert trade.stock[SOAP] == level(backordered=4)
    house = answered(made, "warehouse")[0]
    assert (house.function, house.id) == ("replace", "A1")
    assert [(each.number, each.quantity.value) for each in house.lines] == [("1", 50), ("2", 2)]
    assert {(each.source_type, each.to_type, each.to) for each in only(DocumentLinked, made)} == {
        ("Order", "OrderChange", "C1"),
        ("OrderChange", "OrderResponse", reply.id),
    }


def test_the_same_change_again_changes_nothing() -> None:
    trade = Trade()
    trade.decide(order(("1", TEA, 30)))
    trade.decide(change(line("1", TEA, 50)))
    again = trade.decide(change(line("1", TEA, 50)))
    assert (codes(again), again.effects, again.answers) == (["order.repeat"], (), ())
    assert trade.stock[TEA] == level(100, 50)


def test_a_deleted_line_frees_its_units_for_others() -> None:
    trade = Trade()
    trade.decide(order(("1", TEA, 10), ("2", RICE, 5)))
    trade.decide(order(("1", RICE, 4), number="A2"))
    assert trade.orders["sale", "shop", "A2"].lines[0].backordered == 4
    made = trade.decide(change(line("2", RICE, 0, "deleted")))
    assert trade.orders["sale", "shop", "A2"].lines[0].confirmed == 4
    assert trade.stock[RICE] == level(5, 4)
    assert [each.id for each in answered(made, "warehouse")] == ["A1", f"A2-B{trade.serial:06d}"]
    assert [each.status for each in trade.order().lines] == ["accepted", "cancelled"]


def test_what_has_been_shipped_stands_whatever_the_change_wants() -> None:
    trade = Trade()
    trade.decide(order(("1", TEA, 30)))
    trade.decide(despatch(("1", TEA, 20)), HOUSE)
    made = trade.decide(change(line("1", TEA, 5)))
    (reply,) = answered(made, "shop")[0].lines
    assert (reply.status, reply.reason, reply.confirmed_quantity.value) == (
        "quantity-changed",
        "order.change-too-late",
        20,
    )
    assert trade.stock[TEA] == level(80)
    assert [(each.function, each.lines[0].quantity.value) for each in answered(made, "warehouse")] == [("cancel", 10)]


def test_an_unchanged_line_keeps_the_day_it_was_promised_for() -> None:
    trade = Trade()
    trade.decide(order(("1", TEA, 30), ("2", RICE, 2)))
    trade.own = replace(OWN, delivery_days=9)
    reply = answered(trade.decide(change(line("1", TEA, 31))), "shop")[0]
    assert [each.promised_delivery for each in reply.lines] == [
        TODAY + timedelta(days=9),
        TODAY + timedelta(days=OWN.delivery_days),
    ]


def test_a_replacement_is_the_whole_order_anew() -> None:
    trade = Trade()
    trade.decide(order(("1", TEA, 30), ("2", RICE, 2)))
    made = trade.decide(order(("1", TEA, 12), function="replace"))
    assert [each.confirmed_quantity.value for each in answered(made, "shop")[0].lines] == [12]
    assert (trade.stock[TEA], trade.stock[RICE]) == (level(100, 12), level(5))
    again = trade.decide(order(("1", TEA, 12), function="replace"))
    assert codes(again) == ["order.repeat"]


def test_a_replacement_of_nothing_is_a_new_order_with_a_note() -> None:
    trade = Trade()
    assert codes(trade.decide(order(("1", TEA, 12), function="replace"))) == ["order.replace-unknown"]
    assert trade.stock[TEA] == level(100, 12)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (change(line("7", RICE, 1, "changed")), "order.change-line-unknown"),
        (change(line("7", SOAP, 1, "deleted")), "order.change-line-unknown"),
        (change(line("1", TEA, 0, "deleted")), "order.no-lines"),
        (replace(change(line("1", TEA, 1)), order=DocumentRef(id="A7")), "order.change-unknown"),
    ],
)
def test_a_change_that_names_nothing_we_have_parks(document: OrderChange, code: str) -> None:
    trade = Trade()
    trade.decide(order(("1", TEA, 30)))
    with pytest.raises(PartnerFault, match=code.replace(".", r"\.")):
        trade.decide(document)
    assert trade.stock[TEA] == level(100, 30)


def test_a_cancelled_order_cannot_be_changed() -> None:
    trade = Trade()
    trade.decide(order(("1", TEA, 30)))
    cancelled = OrderCancellation(
        id="X1",
        issued_at=NOW,
        order=DocumentRef(id="A1"),
        buyer=party("4099910000015"),
        seller=party("4099900000001"),
    )
    trade.decide(cancelled)
    assert (trade.order().status, trade.stock[TEA]) == ("cancelled", level(100))
    with pytest.raises(PartnerFault, match=r"order\.change-of-cancelled"):
        trade.decide(change(line("1", TEA, 1)))


def test_a_change_beyond_a_limit_waits_and_the_order_keeps_what_it_has() -> None:
    trade = Trade(Terms(auto_quantity=Decimal(40)))
    trade.decide(order(("1", TEA, 30)))
    made = trade.decide(change(line("1", TEA, 50)))
    assert made.answers == ()
    assert (trade.order().status, trade.stock[TEA]) == ("waiting", level(100, 30))
    kept = replace(trade.order())
    trade.decide(word("reject"), SELF)
    assert (trade.order().status, trade.stock[TEA]) == ("open", level(100, 30))
    trade.orders["sale", "shop", "A1"] = kept
    trade.decide(word("accept"), SELF)
    assert (trade.order().status, trade.stock[TEA]) == ("open", level(100, 50))


def test_any_row_of_changes_leaves_in_stock_what_the_last_one_says() -> None:
    trade = Trade()
    trade.decide(order(("1", TEA, 10), ("2", RICE, 5)))
    for wanted in (40, 3, 120, 0.5, 25):
        trade.decide(change(line("1", TEA, wanted), number=f"C{wanted}"))
    assert trade.stock[TEA] == level(100, 25)
    trade.decide(change(line("1", TEA, 130), number="C130"))
    assert trade.stock[TEA] == level(100, 100, backordered=30)
    made = decide(
        order(("1", TEA, 1), number="A3"),
        Context(partner=trade.shop, own=OWN, partners=PARTNERS, now=NOW, serial=99),
        Snapshot(stock=trade.stock),
    )
    assert answered(made, "shop")[0].lines[0].status == "backordered"
