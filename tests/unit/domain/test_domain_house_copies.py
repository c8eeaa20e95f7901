"""Our own house hears what was ordered from suppliers and what is on its way, where it wants to."""

from domain_scene import HOUSE, RICE, TEA, answered, despatch
from test_domain_basket import basket, line, take
from test_domain_chain import Buying

from gateway.model.replenishment import ReplenishmentProposal


def test_a_suppliers_despatch_is_a_receipt_that_our_house_expects_and_a_repeat_is_none() -> None:
    buying = Buying()
    advice = despatch(("1", TEA, 48), ("2", RICE, 24), to="PO1", number="S1")
    first = buying.by(advice, buying.farm)
    assert answered(first, HOUSE.id) == [advice]
    assert [(each.about, each.optional) for each in first.answers] == [("PO1", True)], "only where it is agreed"
    assert buying.by(advice, buying.farm).answers == ()


def test_an_order_to_a_supplier_is_told_as_its_approved_proposal() -> None:
    made = take(basket(line("mill", TEA, 10)))
    (copy,) = [each for each in made.answers if each.to == HOUSE.id]
    assert isinstance(copy.document, ReplenishmentProposal)
    assert (copy.document.status, copy.document.order_id, copy.optional) == ("approved", copy.about, True)
    waiting = take(basket(line("farm", RICE, 626)))
    assert waiting.answers == (), "what waits for a person is not ordered yet"
