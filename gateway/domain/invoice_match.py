"""A supplier asks for money: order, receipt and invoice must agree (three-way match), within what is tolerated.

What agrees goes to our house for payment. What does not is a problem for a person; what has not arrived yet waits for
its receipt and is matched again then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.invoice_state import (
    Billed,
    billed_lines,
    order_numbers,
    same_invoice,
    saved_invoice,
    sign_of,
    sum_findings,
)
from gateway.model.effects import (
    CaseClosed,
    CaseOpened,
    DocumentLinked,
    Effect,
    InvoiceLineState,
    InvoiceSaved,
    OrderLineState,
    OrderSaved,
    Side,
)
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.invoice import Invoice
from gateway.model.partner import Partner, Terms

QUANTITY, PRICE = "invoice.quantity-differs", "invoice.price-differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What comparing gives. waiting: goods of it are still to arrive; differences: (code, what is said)."""

    waiting: bool
    differences: tuple[tuple[str, str], ...]

    @property
    def status(self) -> str:
        return "disputed" if self.differences else "open" if self.waiting else "matched"


def needs(invoice: Invoice, context: Context) -> Needs:
    """Return the purchase orders that are billed, their other invoices, and the invoice itself if we have it."""
    supplier = context.partner.id
    numbers = {each for each in order_numbers(invoice) if each}
    wanted = {invoice.id} | ({invoice.refs.invoice.id} if invoice.refs and invoice.refs.invoice else set())
    return Needs(
        orders=frozenset(("purchase", supplier, number) for number in numbers),
        invoices=frozenset(("purchase", supplier, number) for number in wanted),
        invoices_of_orders=frozenset(("purchase", supplier, number) for number in numbers),
    )


def decide(invoice: Invoice, context: Context, snapshot: Snapshot) -> Decision:
    """Match the invoice. Raises PartnerFault invoice.*."""
    supplier = context.partner
    if supplier.role not in ("supplier", "both"):
        raise PartnerFault("invoice.sender-unexpected", Where(path="seller"), value=supplier.id)
    orders = {number: order for (_, _, number), order in snapshot.orders.items()}
    lines = billed_lines(invoice, context, orders, supplier.id)
    saved = saved_invoice(invoice, context, supplier, "purchase", lines)
    known = snapshot.invoices.get(("purchase", supplier.id, invoice.id))
    if known is not None:
        if not same_invoice(known, saved):
            raise PartnerFault("invoice.number-clash", Where(path="id"), value=invoice.id)
        return Decision(
            findings=(Finding(code="invoice.repeat", severity="warning", where=Where(path="id"), value=invoice.id),)
        )
    updated = _billed_orders(lines, saved.kind)
    found = match(saved, {order.number: order for order in updated}, supplier.terms_on(context.now.date()))
    saved = replace(saved, status=found.status)
    findings = sum_findings(invoice, lines)
    figures = activity("billed", supplier.id, "billed", saved.number, **_figures(saved))
    return Decision(
        effects=(saved, *updated, *_links(saved), *_cases(saved, found), figures),
        answers=to_the_house(saved, context),
        findings=(*findings, *(_finding(code, said) for code, said in found.differences)),
    )


def _figures(saved: InvoiceSaved) -> dict[str, Decimal]:
    if saved.kind == "credit-note":
        return {"supplier_credit_notes": Decimal(1), "supplier_credit_value": saved.net}
    return {"supplier_invoices": Decimal(1), "supplier_invoice_value": saved.net}


def _finding(code: str, said: str) -> Finding:
    return Finding(code=code, severity="warning", where=Where(path="lines"), value=said)


def _billed_orders(lines: Iterable[Billed], kind: str) -> list[OrderSaved]:
    orders = {}
    for each in lines:
        if each.order is None or each.state.order_line is None:
            continue
        line = each.order.lines[each.state.order_line]
        each.order.put(replace(line, invoiced=line.invoiced + sign_of(kind) * each.state.quantity))
        orders[each.order.saved.number] = each.order
    return [order.result(f"order:{n}") for n, order in enumerate(orders.values(), start=1)]


def match(invoice: InvoiceSaved, orders: Mapping[str, OrderSaved], terms: Terms) -> Match:
    """Compare price with order and quantity with receipt. orders: as they stand with this invoice booked on them."""
    if invoice.kind == "credit-note":
        return Match(waiting=False, differences=())
    waiting, differences = False, []
    for line in invoice.lines:
        state = _order_line(line, orders)
        if state is None:
            continue
        if (
            state.price is not None
            and line.price is not None
            and _beyond(line.price, state.price, terms.price_tolerance)
        ):
            differences.append((PRICE, f"{line.gtin}: {line.price:f} / {state.price:f}"))
        over = state.invoiced - state.received
        if over > 0 and _beyond(state.invoiced, state.received, terms.quantity_tolerance):
            if state.status == "received" or (state.received and state.received >= state.despatched):
                differences.append((QUANTITY, f"{line.gtin}: {state.invoiced:f} / {state.received:f}"))
            else:
                waiting = True
    return Match(waiting=waiting, differences=tuple(dict.fromkeys(differences)))


def _order_line(line: InvoiceLineState, orders: Mapping[str, OrderSaved]) -> OrderLineState | None:
    order = orders.get(line.order or "")
    return next((each for each in order.lines if each.number == line.order_line), None) if order else None


def _beyond(one: Decimal, other: Decimal, percent: Decimal) -> bool:
    return abs(one - other) * 100 > percent * abs(other)


def _cases(saved: InvoiceSaved, found: Match) -> list[Effect]:
    """One problem per kind of difference; a kind that is gone closes its problem."""
    cases: list[Effect] = []
    for code in (PRICE, QUANTITY):
        said = [text for kind, text in found.differences if kind == code]
        name = f"{code}:{saved.number}"
        if said:
            params = {"value": saved.number, "items": ", ".join(said[:10])}
            cases.append(CaseOpened(key=name, account=saved.partner, code=code, subject=saved.number, params=params))
        else:
            cases.append(CaseClosed(key=name, account=saved.partner, code=code, subject=saved.number))
    return cases


def _links(saved: InvoiceSaved) -> list[Effect]:
    source = ("Invoice", saved.credits) if saved.credits else ("Order", saved.order)
    if source[1] is None:
        return []
    return [
        DocumentLinked(
            key=f"link:{saved.number}",
            side="purchase",
            partner=saved.partner,
            source_type=source[0],
            source=source[1],
            to_type="Invoice",
            to=saved.number,
        )
    ]


def to_the_house(saved: InvoiceSaved, context: Context) -> tuple[Answer, ...]:
    """Return the invoice for our house to pay, once it matches; nothing before."""
    if saved.status != "matched" or context.house is None or not isinstance(saved.document, Invoice):
        return ()
    return (Answer(to=context.house.id, document=saved.document, about=saved.order, optional=True),)


def match_again(
    order: OrderSaved,
    invoices: Mapping[tuple[Side, str, str], InvoiceSaved],
    context: Context,
    supplier: Partner | None,
) -> tuple[list[Effect], tuple[Answer, ...]]:
    """Goods of an order have arrived: match what waited for them. order: with the receipt booked on it."""
    effects: list[Effect] = []
    answers: tuple[Answer, ...] = ()
    terms = supplier.terms_on(context.now.date()) if supplier else Terms()
    for key in sorted(invoices):
        invoice = invoices[key]
        if invoice.side != "purchase" or invoice.order != order.number or invoice.status not in ("open", "disputed"):
            continue
        found = match(invoice, {order.number: order}, terms)
        if found.status == invoice.status:
            continue
        changed = replace(invoice, key=f"invoice:{invoice.number}", status=found.status)
        effects += [changed, *_cases(changed, found)]
        answers += to_the_house(changed, context)
    return effects, answers
