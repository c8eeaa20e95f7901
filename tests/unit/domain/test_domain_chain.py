"""From order to cash: invoices, three-way match, payments, returns and credit notes."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import (
    FARM,
    HOUSE,
    NOW,
    PARTNERS,
    RICE,
    SELF,
    SHOP,
    SHOP_GLN,
    SUPPLIER_GLN,
    TEA,
    TODAY,
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

from gateway.domain.decision import Decision
from gateway.domain.invoice_match import match
from gateway.domain.replenishment.purchase import order_goods
from gateway.domain.table import decide, needs
from gateway.model.despatch_advice import ReceivingAdvice, ReceivingLine, ReceivingRefs
from gateway.model.effects import (
    ActivityAdded,
    CaseClosed,
    CaseOpened,
    DocumentLinked,
    InvoiceSaved,
    PaymentSettled,
)
from gateway.model.faults import PartnerFault
from gateway.model.invoice import Invoice, InvoiceLine, InvoiceRefs, InvoiceTotals
from gateway.model.partner import Terms
from gateway.model.remittance_advice import RemittanceAdvice, SettledDocument
from gateway.model.replenishment import ProposalLine, ReplenishmentProposal
from gateway.model.return_notice import ReturnLine, ReturnNotice
from gateway.model.values import Amount, DocumentRef, Item, PaymentTerms, Price, party

US = party("4099900000001")


def eur(value: object) -> Amount:
    return Amount(value=Decimal(str(value)), currency="EUR")


def invoice(*lines: tuple[str, str, object, object], number: str = "INV1", to: str = "A1", **more: Any) -> Invoice:
    """lines: (order line, GTIN, quantity, price)."""
    facts: dict[str, Any] = {
        "issued_at": TODAY,
        "seller": US,
        "buyer": party(SHOP_GLN),
        "currency": "EUR",
        "refs": InvoiceRefs(order=DocumentRef(id=to)),
    }
    made = tuple(
        InvoiceLine(
            number=str(n),
            item=Item(gtin=gtin),
            quantity=units(quantity),
            price=Price(net=eur(price)),
            order=DocumentRef(id=to, line=line),
        )
        for n, (line, gtin, quantity, price) in enumerate(lines, start=1)
    )
    return Invoice(id=number, lines=made, **(facts | more))


def credit(*lines: tuple[str, str, object, object], number: str = "CN1", about: str = "INV1", **more: Any) -> Invoice:
    made = invoice(*lines, number=number, type_code="381", **more)
    refs = InvoiceRefs(order=DocumentRef(id="A1"), invoice=DocumentRef(id=about))
    return replace(made, refs=refs)


def shipped() -> Records:
    """An order of 30 tea and 5 rice, shipped whole."""
    records = Records()
    records.stock = {TEA: level(100), RICE: level(5)}
    records.take(order(("1", TEA, 30), ("2", RICE, 5)))
    records.take(despatch(("1", TEA, 30), ("2", RICE, 5)), HOUSE)
    return records


# --- sale -------------------------------------------------------------------------------------------------------------


def test_an_invoice_of_our_house_is_booked_on_the_order_and_goes_to_the_customer() -> None:
    records = shipped()
    made = records.take(invoice(("1", TEA, 30, "2.50"), ("2", RICE, 5, "2.50")), HOUSE)
    (saved,) = only(InvoiceSaved, made)
    assert (saved.partner, saved.kind, saved.status, saved.gross, saved.open) == (
        "shop",
        "invoice",
        "open",
        Decimal("87.50"),
        Decimal("87.50"),
    )
    assert saved.due_on == TODAY + timedelta(days=30)
    kept = records.orders["sale", "shop", "A1"]
    assert [line.invoiced for line in kept.lines] == [30, 5]
    assert kept.status == "invoiced"
    assert answered(made, "shop")[0].id == "INV1"
    (link,) = only(DocumentLinked, made)
    assert (link.source_type, link.source, link.to_type, link.to) == ("Order", "A1", "Invoice", "INV1")
    assert only(ActivityAdded, made)[0].figures == {"invoices": 1, "invoice_value": Decimal("87.50")}


def test_an_invoice_over_a_part_leaves_the_order_open_for_the_rest() -> None:
    records = shipped()
    records.take(invoice(("1", TEA, 10, "2.50")), HOUSE)
    assert records.orders["sale", "shop", "A1"].status == "shipped"
    records.take(invoice(("1", TEA, 20, "2.50"), ("2", RICE, 5, "2.50"), number="INV2"), HOUSE)
    assert records.orders["sale", "shop", "A1"].status == "invoiced"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (invoice(("1", TEA, 31, 1)), "invoice.more-than-shipped"),
        (invoice(("1", TEA, 1, 1), to="A9"), "invoice.order-unknown"),
        (invoice(("7", "04099900000124", 1, 1)), "invoice.line-unknown"),
        (invoice(), "invoice.no-lines"),
        (invoice(("1", TEA, 1, 1), type_code="999"), "invoice.kind-unknown"),
        (invoice(("1", TEA, 1, 1), number=" "), "invoice.number-unusable"),
        (credit(("1", TEA, 1, 1)), "invoice.credit-too-large"),
    ],
)
def test_what_does_not_fit_what_was_shipped_parks(document: Invoice, code: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        shipped().take(document, HOUSE)
    assert caught.value.code == code


def test_the_same_invoice_again_is_a_repeat_and_another_under_its_number_a_clash() -> None:
    records = shipped()
    records.take(invoice(("1", TEA, 10, "2.50")), HOUSE)
    assert codes(records.take(invoice(("1", TEA, 10, "2.50")), HOUSE)) == ["invoice.repeat"]
    with pytest.raises(PartnerFault, match=r"invoice\.number-clash"):
        records.take(invoice(("1", TEA, 11, "2.50")), HOUSE)
    assert records.orders["sale", "shop", "A1"].lines[0].invoiced == 10


def test_stated_totals_count_and_wrong_ones_are_named() -> None:
    totals = InvoiceTotals(lines=eur("25.00"), taxable=eur("26.00"), tax=eur("1.75"), payable=eur("27.75"))
    document = invoice(("1", TEA, 10, "2.50"), totals=totals, payment_terms=PaymentTerms(due_on=date(2026, 3, 9)))
    made = shipped().take(document, HOUSE)
    (saved,) = only(InvoiceSaved, made)
    assert (saved.net, saved.tax, saved.gross, saved.due_on) == (
        Decimal("26.00"),
        Decimal("1.75"),
        Decimal("27.75"),
        date(2026, 3, 9),
    )
    assert [(each.code, each.where.path, dict(each.params)) for each in made.findings] == [
        ("invoice.total-differs", "totals.taxable", {"computed": "25.00"})
    ]


def test_a_credit_note_takes_back_what_was_billed() -> None:
    records = shipped()
    records.take(invoice(("1", TEA, 30, "2.50"), ("2", RICE, 5, "2.50")), HOUSE)
    made = records.take(credit(("1", TEA, 4, "2.50")), HOUSE)
    (saved,) = only(InvoiceSaved, made)
    assert (saved.kind, saved.credits, saved.gross) == ("credit-note", "INV1", Decimal("10.00"))
    assert records.orders["sale", "shop", "A1"].lines[0].invoiced == 26
    assert only(DocumentLinked, made)[0].source_type == "Invoice"


# --- payment ----------------------------------------------------------------------------------------------------------


def remittance(*lines: tuple[str, object], number: str = "RA1", **more: Any) -> RemittanceAdvice:
    settled = tuple(SettledDocument(document_ref=DocumentRef(id=name), paid=eur(paid), **more) for name, paid in lines)
    return RemittanceAdvice(id=number, issued_at=TODAY, payer=party(SHOP_GLN), payee=US, lines=settled, currency="EUR")


def billed() -> Records:
    records = shipped()
    records.take(invoice(("1", TEA, 30, "2.50"), ("2", RICE, 5, "2.50")), HOUSE)
    return records


def test_a_payment_closes_the_invoice() -> None:
    records = billed()
    made = records.take(remittance(("INV1", "87.50")), SHOP)
    assert (records.invoices["sale", "shop", "INV1"].status, records.invoices["sale", "shop", "INV1"].open) == (
        "paid",
        0,
    )
    assert [(each.invoice, each.paid) for each in only(PaymentSettled, made)] == [("INV1", Decimal("87.50"))]
    assert only(CaseOpened, made) == []
    assert [(each.to, each.optional) for each in made.answers] == [("warehouse", True)]


@pytest.mark.parametrize(
    ("paid", "more", "code", "left"),
    [
        ("80.00", {}, "payment.short", "7.50"),
        ("90.00", {}, "payment.too-much", "-2.50"),
        ("80.00", {"adjustment": eur("7.50"), "adjustment_reason": "33"}, "payment.adjusted", "0"),
        ("80.00", {"adjustment": eur("7.50")}, "payment.short", "7.50"),
    ],
)
def test_a_payment_that_is_not_what_was_asked_is_a_problem(paid: str, more: Any, code: str, left: str) -> None:
    records = billed()
    made = records.take(remittance(("INV1", paid), **more), SHOP)
    assert [each.code for each in only(CaseOpened, made)] == [code]
    assert records.invoices["sale", "shop", "INV1"].open == Decimal(left)


def test_a_credit_note_is_set_off_whichever_sign_is_sent() -> None:
    for sign in ("10.00", "-10.00"):
        records = billed()
        records.take(credit(("1", TEA, 4, "2.50")), HOUSE)
        made = records.take(remittance(("INV1", "87.50"), ("CN1", sign)), SHOP)
        assert [each.status for each in records.invoices.values()] == ["paid", "paid"]
        (figures,) = only(ActivityAdded, made)
        assert figures.figures == {"payments": 1, "paid_value": Decimal("77.50")}


def test_unknown_and_paid_invoices_are_problems_and_the_rest_is_settled() -> None:
    records = billed()
    records.take(remittance(("INV1", "87.50")), SHOP)
    records.take(invoice(("1", TEA, 0, 1), number="INV2"), HOUSE)
    made = records.take(remittance(("INV1", "87.50"), ("INV9", "1.00"), ("INV2", "0"), number="RA2"), SHOP)
    assert codes(made) == ["payment.already-paid", "payment.invoice-unknown"]
    assert [each.invoice for each in only(PaymentSettled, made)] == ["INV2"]


def test_a_payment_in_another_currency_parks() -> None:
    advice = remittance(("INV1", 1))
    line = replace(advice.lines[0], paid=Amount(value=Decimal(1), currency="CHF"))
    with pytest.raises(PartnerFault, match=r"payment\.currency-differs"):
        billed().take(replace(advice, lines=(line,)), SHOP)


# --- purchase: the three-way match ------------------------------------------------------------------------------------


class Buying(Records):
    def __init__(self, terms: Terms | None = None) -> None:
        super().__init__()
        self.farm = replace(FARM, terms=(terms,) if terms else ())
        lines = tuple(
            ProposalLine(number=number, item=Item(gtin=gtin), quantity=units(quantity), price=eur("1.40"))
            for number, gtin, quantity in (("1", TEA, 48), ("2", RICE, 24))
        )
        proposal = ReplenishmentProposal(
            id="P1", issued_at=NOW, supplier="farm", ship_to=WAREHOUSE, status="approved", lines=lines
        )
        effects, _ = order_goods(context(SELF), proposal, "PO1")
        self.remember(effects)

    def by(self, document: Any, who: Any) -> Decision:
        self.serial += 1
        scene = replace(context(who, self.serial), partners=PARTNERS | {"farm": self.farm})
        needs(document, scene)
        made = decide(document, scene, self.snapshot())
        self.remember(made.effects)
        return made

    def despatched(self, tea: int = 48, rice: int = 24) -> None:
        self.by(despatch(("1", TEA, tea), ("2", RICE, rice), to="PO1", number="S1"), self.farm)

    def received(self, tea: int = 48, rice: int = 24) -> Decision:
        lines = tuple(
            ReceivingLine(number=str(n), item=Item(gtin=gtin), received_quantity=units(value))
            for n, (gtin, value) in enumerate(((TEA, tea), (RICE, rice)), start=1)
        )
        refs = ReceivingRefs(despatch_advice="S1", order=DocumentRef(id="PO1"))
        receipt = ReceivingAdvice(
            id="R1", issued_at=NOW, receiver=party(WAREHOUSE), seller=party(SUPPLIER_GLN), lines=lines, refs=refs
        )
        return self.by(receipt, HOUSE)

    def bill(self, tea: int = 48, rice: int = 24, price: str = "1.40", number: str = "B1") -> Decision:
        document = invoice(("1", TEA, tea, price), ("2", RICE, rice, price), number=number, to="PO1")
        return self.by(replace(document, seller=party(SUPPLIER_GLN), buyer=US), self.farm)

    def status(self, number: str = "B1") -> str:
        return self.invoices["purchase", "farm", number].status


def test_order_receipt_and_invoice_that_agree_are_matched_and_booked() -> None:
    buying = Buying()
    buying.despatched()
    buying.received()
    made = buying.bill()
    assert buying.status() == "matched"
    assert only(CaseOpened, made) == []
    assert [(each.to, each.document.id) for each in made.answers] == [("warehouse", "B1")]
    assert [line.invoiced for line in buying.orders["purchase", "farm", "PO1"].lines] == [48, 24]


def test_an_invoice_before_the_goods_waits_and_is_matched_by_their_receipt() -> None:
    buying = Buying()
    buying.despatched()
    assert buying.bill().answers == ()
    assert buying.status() == "open"
    made = buying.received()
    assert buying.status() == "matched"
    assert "B1" in [each.document.id for each in made.answers if each.to == "warehouse"]


def test_what_is_billed_and_did_not_arrive_is_a_problem_that_a_credit_note_can_end() -> None:
    buying = Buying()
    buying.despatched()
    buying.bill()
    made = buying.received(tea=40)
    assert buying.status() == "disputed"
    assert "invoice.quantity-differs" in [each.code for each in only(CaseOpened, made)]


def test_a_price_beyond_the_tolerance_is_a_problem_and_one_within_it_is_not() -> None:
    for tolerance, status in (("0", "disputed"), ("3.5", "disputed"), ("3.6", "matched")):
        buying = Buying(Terms(price_tolerance=Decimal(tolerance)))
        buying.despatched()
        buying.received()
        made = buying.bill(price="1.45")
        assert buying.status() == status
        assert [each.code for each in only(CaseOpened, made)] == (
            ["invoice.price-differs"] if status == "disputed" else []
        )


def test_a_quantity_within_the_tolerance_is_matched() -> None:
    buying = Buying(Terms(quantity_tolerance=Decimal(5)))
    buying.despatched()
    buying.received(tea=46)
    buying.bill()
    assert buying.status() == "matched"


def test_two_invoices_over_the_same_goods_are_found() -> None:
    buying = Buying()
    buying.despatched()
    buying.received()
    buying.bill()
    made = buying.bill(number="B2")
    assert (buying.status("B1"), buying.status("B2")) == ("matched", "disputed")
    assert [each.code for each in only(CaseOpened, made)] == ["invoice.quantity-differs"]


def test_only_suppliers_invoice_us() -> None:
    with pytest.raises(PartnerFault, match=r"invoice\.sender-unexpected"):
        Buying().by(invoice(("1", TEA, 1, 1), to="PO1"), SHOP)


def test_our_payment_closes_the_suppliers_invoice_and_is_told_to_it() -> None:
    buying = Buying()
    buying.despatched()
    buying.received()
    buying.bill()
    advice = replace(remittance(("B1", "100.80")), payer=US, payee=party(SUPPLIER_GLN))
    made = buying.by(advice, HOUSE)
    assert buying.status() == "paid"
    assert [each.to for each in made.answers] == ["farm"]


def test_a_match_of_nothing_we_know_differs_in_nothing() -> None:
    saved = only(InvoiceSaved, billed().take(invoice(("1", TEA, 0, 1), number="X"), HOUSE))[0]
    assert match(saved, {}, Terms()).status == "matched"


# --- returns ----------------------------------------------------------------------------------------------------------


def notice(*lines: tuple[str, str, object, str | None], kind: str = "announcement", **more: Any) -> ReturnNotice:
    made = tuple(
        ReturnLine(number=n, item=Item(gtin=gtin), quantity=units(value), instruction=said, order=DocumentRef(id="A1"))
        for n, gtin, value, said in lines
    )
    facts: dict[str, Any] = {"id": "RET1", "issued_at": TODAY, "buyer": party(SHOP_GLN), "seller": US}
    return ReturnNotice(kind=kind, lines=made, **(facts | more))


def back(*lines: tuple[str, object], number: str = "WR9") -> ReceivingAdvice:
    made = tuple(
        ReceivingLine(number=str(n), item=Item(gtin=gtin), received_quantity=units(value))
        for n, (gtin, value) in enumerate(lines, start=1)
    )
    return ReceivingAdvice(
        id=number,
        issued_at=NOW,
        receiver=party(WAREHOUSE),
        seller=party(SHOP_GLN),
        lines=made,
        refs=ReceivingRefs(delivery_note="RET1"),
    )


def test_a_return_goes_from_announcement_by_instruction_and_receipt_to_credit() -> None:
    records = billed()
    made = records.take(notice(("1", TEA, 4, None), ("2", RICE, 1, None)), SHOP)
    kept = records.returns["sale", "shop", "RET1"]
    assert (kept.status, kept.order) == ("announced", "A1")
    assert [each.code for each in only(CaseOpened, made)] == ["return.waits"]

    instruction = notice(
        ("1", TEA, 4, "return"),
        ("2", RICE, 1, "destroy"),
        kind="instruction",
        id="RI1",
        announcement=DocumentRef(id="RET1"),
    )
    made = records.take(instruction, SELF)
    assert records.returns["sale", "shop", "RET1"].status == "instructed"
    assert [each.code for each in only(CaseClosed, made)] == ["return.waits"]
    assert [line.instruction for line in answered(made, "shop")[0].lines] == ["return", "destroy"]

    made = records.take(back((TEA, 4)), HOUSE)
    assert records.stock[TEA] == level(74)
    assert only(CaseOpened, made) == []
    assert [line.returned for line in records.orders["sale", "shop", "A1"].lines] == [4, 0]
    assert records.returns["sale", "shop", "RET1"].status == "received"

    made = records.take(credit(("1", TEA, 4, "2.50")), HOUSE)
    assert records.returns["sale", "shop", "RET1"].status == "credited"
    assert records.orders["sale", "shop", "A1"].status == "invoiced"  # what is credited is what came back
    assert {(each.source_type, each.to) for each in only(DocumentLinked, made)} == {
        ("Invoice", "CN1"),
        ("ReturnNotice", "CN1"),
    }


def test_what_came_back_short_is_a_problem_and_not_yet_credited() -> None:
    records = billed()
    records.take(notice(("1", TEA, 4, None)), SHOP)
    made = records.take(back((TEA, 3)), HOUSE)
    assert [each.code for each in only(CaseOpened, made)] == ["return.differs"]
    assert records.stock[TEA] == level(73)


def test_the_same_goods_do_not_come_back_twice() -> None:
    records = billed()
    records.take(notice(("1", TEA, 4, None)), SHOP)
    records.take(back((TEA, 4)), HOUSE)
    with pytest.raises(PartnerFault, match=r"return\.already-received"):
        records.take(back((TEA, 4), number="WR10"), HOUSE)
    assert records.stock[TEA] == level(74)


def test_more_than_was_delivered_is_named_and_a_repeat_is_none() -> None:
    records = billed()
    made = records.take(notice(("1", TEA, 31, None)), SHOP)
    assert codes(made) == ["return.more-than-delivered"]
    assert codes(records.take(notice(("1", TEA, 31, None)), SHOP)) == ["return.repeat"]
    with pytest.raises(PartnerFault, match=r"return\.number-clash"):
        records.take(notice(("1", TEA, 30, None)), SHOP)


@pytest.mark.parametrize(
    ("document", "who", "code"),
    [
        (notice(("1", TEA, 1, "return"), kind="instruction"), SHOP, "return.sender-unexpected"),
        (notice(("1", TEA, 1, None)), SELF, "return.sender-unexpected"),
        (
            notice(("1", TEA, 1, "return"), kind="instruction", announcement=DocumentRef(id="RET7")),
            SELF,
            "return.unknown",
        ),
        (notice(), SHOP, "return.no-lines"),
        (notice(("1", "04099900000995", 1, None)), SHOP, "return.item-unknown"),
    ],
)
def test_a_return_that_makes_no_sense_parks(document: ReturnNotice, who: Any, code: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        billed().take(document, who)
    assert caught.value.code == code


def test_a_wholly_refused_return_is_closed() -> None:
    records = billed()
    records.take(notice(("1", TEA, 4, None)), SHOP)
    refused = notice(("1", TEA, 4, "refuse"), kind="instruction", announcement=DocumentRef(id="RET1"))
    records.take(refused, HOUSE)
    assert records.returns["sale", "shop", "RET1"].status == "refused"
