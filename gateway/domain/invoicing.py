"""Our house has invoiced a customer, or credited something: the order learns it, the customer gets the document."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.house import order_numbers as house_numbers
from gateway.domain.invoice_state import (
    Billed,
    billed_lines,
    order_numbers,
    same_invoice,
    saved_invoice,
    sign_of,
    sum_findings,
)
from gateway.domain.open_order import OpenOrder
from gateway.domain.parties import customers, named, own_party, partner_of, partner_party
from gateway.domain.stock import ZERO
from gateway.model.effects import DocumentLinked, Effect, InvoiceSaved, OrderSaved, ReturnSaved
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.invoice import Invoice
from gateway.model.partner import Partner


def needs(invoice: Invoice, context: Context) -> Needs:
    """Return the orders that are billed, the returns about them, and the invoice itself if we have it."""
    numbers = {n for each in order_numbers(invoice) if each for n in house_numbers(each)}
    credited = invoice.refs.invoice.id if invoice.refs and invoice.refs.invoice else None
    wanted = {invoice.id} | ({credited} if credited else set())
    return Needs(
        orders_by_number=frozenset(numbers),
        invoices=frozenset(("sale", customer, number) for customer in customers(context) for number in wanted),
        returns_of_orders=frozenset(("sale", customer, n) for customer in customers(context) for n in numbers),
    )


def decide(invoice: Invoice, context: Context, snapshot: Snapshot) -> Decision:
    """Book the invoice on its orders and pass it on.

    Raises PartnerFault invoice.* for what does not fit what we have shipped.
    """
    customer = _customer(invoice, context, snapshot)
    orders = {
        number: order
        for (side, partner, number), order in snapshot.orders.items()
        if (side, partner) == ("sale", customer.id)
    }
    asked = {n: orders[k] for n in order_numbers(invoice) if n for k in house_numbers(n) if k in orders}
    lines = billed_lines(invoice, context, asked)
    saved = saved_invoice(invoice, context, customer, "sale", lines)
    known = snapshot.invoices.get(("sale", customer.id, invoice.id))
    if known is not None:
        if not same_invoice(known, saved):
            raise PartnerFault("invoice.number-clash", Where(path="id"), value=invoice.id)
        return Decision(
            findings=(Finding(code="invoice.repeat", severity="warning", where=Where(path="id"), value=invoice.id),)
        )
    for each in lines:
        _bill(each, saved.kind)
    billed = {id(each.order): each.order for each in lines if each.order is not None}.values()
    figures = _figures(saved)
    return Decision(
        effects=(
            saved,
            *(_invoiced(order, f"order:{n}") for n, order in enumerate(billed, start=1)),
            *_links(saved),
            *_credited(saved, snapshot),
            figures,
        ),
        answers=(Answer(to=customer.id, document=_for_customer(invoice, context, customer), about=saved.order),),
        findings=tuple(sum_findings(invoice, lines)),
    )


def _customer(invoice: Invoice, context: Context, snapshot: Snapshot) -> Partner:
    """Return whom the invoice is for: the buyer it names, else the only customer with such an order."""
    named_buyer = partner_of(context, invoice.buyer) or partner_of(context, invoice.bill_to)
    if named_buyer is not None:
        return named_buyer
    found = sorted({partner for (side, partner, _) in snapshot.orders if side == "sale"})
    if len(found) != 1:
        raise PartnerFault("invoice.buyer-unknown", Where(path="buyer"), value=invoice.buyer.any_id or invoice.id)
    return context.partners[found[0]]


def _bill(billed: Billed, kind: str) -> None:
    """Book one line on its order line. What was never shipped cannot be billed, nor credited what was not billed."""
    if billed.order is None or billed.state.order_line is None:
        return
    line = billed.order.lines[billed.state.order_line]
    units = line.invoiced + sign_of(kind) * billed.state.quantity
    if units > line.despatched:
        raise PartnerFault(
            "invoice.more-than-shipped",
            Where(path="lines"),
            value=format(billed.state.quantity, "f"),
            allowed=format(line.despatched - line.invoiced, "f"),
            order=billed.order.saved.number,
        )
    if units < 0:
        raise PartnerFault(
            "invoice.credit-too-large",
            Where(path="lines"),
            value=format(billed.state.quantity, "f"),
            allowed=format(line.invoiced, "f"),
            order=billed.order.saved.number,
        )
    billed.order.put(replace(line, invoiced=units))


def _invoiced(order: OpenOrder, key: str) -> OrderSaved:
    """An order is invoiced when all of it has been shipped and, but for what came back, billed."""
    result = order.result(key)
    live = [line for line in result.lines if line.confirmed or line.backordered or line.despatched]
    if (
        result.status in ("shipped", "received")
        and live
        and all(line.invoiced >= line.despatched - line.returned for line in live)
    ):
        return replace(result, status="invoiced")
    return result


def _links(saved: InvoiceSaved) -> list[Effect]:
    """The chain: a credit note follows from the invoice, an invoice from the despatch, else from the order."""
    if saved.credits:
        source = ("Invoice", saved.credits)
    elif saved.shipment:
        source = ("DespatchAdvice", saved.shipment)
    elif saved.order:
        source = ("Order", saved.order)
    else:
        return []
    return [
        DocumentLinked(
            key=f"link:{saved.number}",
            side=saved.side,
            partner=saved.partner,
            source_type=source[0],
            source=source[1],
            to_type="Invoice",
            to=saved.number,
        )
    ]


def _credited(saved: InvoiceSaved, snapshot: Snapshot) -> list[Effect]:
    """Close the returns whose goods came back and are covered by this credit note, the oldest number first."""
    if saved.kind != "credit-note":
        return []
    left: dict[str, Decimal] = defaultdict(Decimal)
    for line in saved.lines:
        left[line.gtin] += line.quantity
    closed: list[Effect] = []
    for key in sorted(snapshot.returns):
        notice = snapshot.returns[key]
        if notice.partner != saved.partner or notice.status != "received" or notice.order != saved.order:
            continue
        back = {gtin: ZERO for _, gtin, _, _, _ in notice.lines}
        for _, gtin, _, _, received in notice.lines:
            back[gtin] += received
        if all(left[gtin] >= units for gtin, units in back.items()):
            for gtin, units in back.items():
                left[gtin] -= units
            closed += _closed(notice, saved)
    return closed


def _closed(notice: ReturnSaved, saved: InvoiceSaved) -> list[Effect]:
    return [
        replace(notice, key=f"return:{notice.number}", status="credited"),
        DocumentLinked(
            key=f"link:{notice.number}:{saved.number}",
            side=saved.side,
            partner=saved.partner,
            source_type="ReturnNotice",
            source=notice.number,
            to_type="Invoice",
            to=saved.number,
        ),
    ]


def _figures(saved: InvoiceSaved) -> Effect:
    if saved.kind == "credit-note":
        return activity("credited", saved.partner, "credited", saved.number, credit_notes=1, credit_value=saved.net)
    return activity("invoiced", saved.partner, "invoiced", saved.number, invoices=1, invoice_value=saved.net)


def _for_customer(invoice: Invoice, context: Context, customer: Partner) -> Invoice:
    return replace(
        invoice,
        seller=named(invoice.seller, own_party(context.own)),
        buyer=named(invoice.buyer, partner_party(customer)),
    )
