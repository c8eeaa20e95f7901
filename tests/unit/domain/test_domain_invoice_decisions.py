"""A person decides on a supplier's invoice that does not match."""

from decimal import Decimal
from typing import Any

import pytest
from domain_scene import HOUSE, RICE, SELF, TEA, answered, codes, context, only
from test_domain_chain import Buying

from gateway.domain.decision import Snapshot
from gateway.domain.table import decide, needs
from gateway.model.acknowledgement import Acknowledgement
from gateway.model.effects import ActivityAdded, CaseClosed
from gateway.model.faults import Fault
from gateway.model.invoice_decision import InvoiceDecision
from tests.unit.domain.domain_scene import NOW


def word(said: str, invoice: str = "B1", **more: Any) -> InvoiceDecision:
    facts: dict[str, Any] = {"partner": "farm", "user": "ann", "orders": ("PO1",)}
    return InvoiceDecision(id=f"W-{invoice}", issued_at=NOW, invoice=invoice, decision=said, **(facts | more))


def disputed() -> Buying:
    """Two more tea are billed than came."""
    buying = Buying()
    buying.despatched()
    buying.received(tea=46)
    buying.bill()
    assert buying.status() == "disputed"
    return buying


def test_an_approved_invoice_counts_as_matched_and_goes_to_our_house() -> None:
    buying = disputed()
    made = buying.by(word("approve"), SELF)
    assert buying.status() == "matched"
    assert [each.id for each in answered(made, HOUSE.id)] == ["B1"]
    assert {each.code for each in only(CaseClosed, made)} == {"invoice.quantity-differs", "invoice.price-differs"}
    assert buying.orders["purchase", "farm", "PO1"].lines[0].invoiced == 48


def test_a_rejected_invoice_bills_nothing_any_more_and_is_not_to_be_paid() -> None:
    buying = disputed()
    made = buying.by(word("reject"), SELF)
    saved = buying.invoices["purchase", "farm", "B1"]
    assert (saved.status, saved.open) == ("refused", 0)
    (answer,) = made.answers
    assert (answer.to, answer.optional) == ("farm", True)
    assert isinstance(answer.document, Acknowledgement)
    assert (answer.document.outcome, answer.document.document, answer.document.reason) == (
        "rejected",
        "B1",
        "invoice.refused",
    )
    assert [line.invoiced for line in buying.orders["purchase", "farm", "PO1"].lines] == [0, 0]
    (figures,) = only(ActivityAdded, made)
    assert figures.figures == {"supplier_invoices": -1, "supplier_invoice_value": Decimal("-100.80")}
    buying.bill(tea=46, number="B2")
    assert buying.status("B2") == "matched", "the corrected invoice finds the order unbilled"


def test_what_was_too_many_only_together_with_a_rejected_invoice_matches_after_it() -> None:
    buying = Buying()
    buying.despatched()
    buying.received()
    buying.bill(number="B1")
    buying.bill(number="B2")
    assert (buying.status("B1"), buying.status("B2")) == ("matched", "disputed")
    buying.bill(tea=1, rice=1, number="B3")
    assert buying.status("B3") == "disputed"
    made = buying.by(word("reject", "B2"), SELF)
    assert buying.status("B3") == "disputed", "49 of 48 tea are still billed"
    assert answered(made, HOUSE.id) == []
    made = buying.by(word("reject", "B3"), SELF)
    assert [line.invoiced for line in buying.orders["purchase", "farm", "PO1"].lines] == [48, 24]


def test_an_invoice_that_waited_matches_when_the_one_beside_it_is_rejected() -> None:
    buying = Buying()
    buying.despatched()
    buying.received()
    buying.bill(number="B1", price="1.60")
    buying.bill(number="B2")
    assert (buying.status("B1"), buying.status("B2")) == ("disputed", "disputed")
    made = buying.by(word("reject", "B1"), SELF)
    assert buying.status("B2") == "matched"
    assert [each.id for each in answered(made, HOUSE.id)] == ["B2"]


def test_a_second_word_changes_nothing() -> None:
    buying = disputed()
    buying.by(word("approve"), SELF)
    made = buying.by(word("reject"), SELF)
    assert (codes(made), made.effects, buying.status()) == (["invoice.already-decided"], (), "matched")


@pytest.mark.parametrize(
    ("said", "who", "code"),
    [
        (word("approve", "B9"), SELF, "invoice.not-known"),
        (word("pay"), SELF, "invoice.decision-unknown"),
        (word("approve"), HOUSE, "invoice.decision-sender"),
    ],
    ids=["unknown invoice", "unknown decision", "not ours"],
)
def test_what_cannot_be_decided_is_refused(said: InvoiceDecision, who: Any, code: str) -> None:
    buying = disputed()
    with pytest.raises(Fault) as caught:
        buying.by(said, who)
    assert caught.value.code == code


def test_only_the_invoice_and_its_orders_are_asked_for() -> None:
    asked = needs(word("approve"), context(SELF))
    assert asked.invoices == {("purchase", "farm", "B1")}
    assert asked.orders == asked.invoices_of_orders == {("purchase", "farm", "PO1")}
    with pytest.raises(Fault, match=r"invoice\.not-known"):
        decide(word("approve"), context(SELF), Snapshot())
    assert TEA != RICE
