"""An order that names another partner as its buyer is booked on somebody only where that is agreed."""

from dataclasses import replace

import pytest
from domain_scene import OTHER, SHOP, SHOP_GLN, TEA, context, order

from gateway.domain.decision import Snapshot
from gateway.domain.mandates import account_asked, account_of
from gateway.domain.orders import decide, needs
from gateway.model.effects import OrderSaved
from gateway.model.faults import OurFault
from gateway.model.order import Order
from gateway.model.values import party

ORDERED = replace(order(("1", TEA, 2)), buyer=party(OTHER.ids[0].value))


def saved(made: Order, **agreed: object) -> tuple[OrderSaved, list[str]]:
    sender = replace(SHOP, **agreed)  # type: ignore[arg-type]
    decision = decide(made, context(sender), Snapshot())
    found = [each for each in decision.effects if isinstance(each, OrderSaved)]
    return found[0], [each.code for each in decision.findings]


def test_without_a_word_about_it_the_order_waits_for_us() -> None:
    with pytest.raises(OurFault) as caught:
        decide(ORDERED, context(), Snapshot())
    assert (caught.value.code, caught.value.where.path, caught.value.value) == ("order.buyer-other", "buyer", "other")


def test_who_may_order_for_the_buyer_has_it_booked_on_the_buyer() -> None:
    booked, codes = saved(ORDERED, orders_for=("other",))
    assert booked.partner == "other"
    assert codes[0] == "order.for-another"
    wanted = needs(ORDERED, context(replace(SHOP, orders_for=("other",))))
    assert wanted.orders == {("sale", "other", ORDERED.id)}


def test_where_the_sender_pays_it_is_booked_on_the_sender_with_a_warning() -> None:
    booked, codes = saved(ORDERED, other_buyer="sender")
    assert booked.partner == "shop"
    assert codes[0] == "order.buyer-is-sender"


@pytest.mark.parametrize("gln", [SHOP_GLN, "4099940000016"], ids=["the sender's own", "a shop nobody lists"])
def test_any_other_buyer_is_the_sender_by_another_name(gln: str) -> None:
    account, said = account_of(party(gln), context())
    assert (account.partner.id, said) == ("shop", ())


def test_a_mandate_for_one_says_nothing_of_another() -> None:
    sender = replace(SHOP, orders_for=("warehouse",))
    assert account_asked(ORDERED.buyer, context(sender)).partner.id == "shop"
    with pytest.raises(OurFault, match=r"order\.buyer-other"):
        account_of(ORDERED.buyer, context(sender))
