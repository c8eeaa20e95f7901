"""Invoices as our records keep them: lines in our units, amounts checked, what is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from gateway.domain.days import later
from gateway.domain.decision import Context
from gateway.domain.items import ItemFinder, identifier, item_path, positive_amount, record_gtin
from gateway.domain.open_order import OpenOrder
from gateway.domain.parties import day_of
from gateway.domain.sizes import MOST_DIGITS, bounded, per_unit
from gateway.domain.stock import ZERO
from gateway.domain.terms import terms_of
from gateway.model.effects import InvoiceLineState, InvoiceSaved, OrderSaved, Side
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.invoice import Invoice, InvoiceLine
from gateway.model.partner import Partner

CENT = Decimal("0.01")
KINDS = {"380": "invoice", "381": "credit-note", "383": "debit-note", "389": "invoice"}  # UNCL 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """One line of an invoice, matched with the order line that it bills, where it names one of ours."""

    state: InvoiceLineState
    order: OpenOrder | None


def kind_of(invoice: Invoice) -> str:
    """Return invoice, credit-note or debit-note. Raises PartnerFault invoice.kind-unknown."""
    found = KINDS.get(invoice.type_code)
    if found is None:
        raise PartnerFault("invoice.kind-unknown", Where(path="typeCode"), value=invoice.type_code)
    return found


def order_numbers(invoice: Invoice) -> list[str | None]:
    """Return the order of each line, that of the header where the line names none."""
    header = invoice.refs.order.id if invoice.refs and invoice.refs.order else None
    return [line.order.id if line.order and line.order.id else header for line in invoice.lines]


def sign_of(kind: str) -> int:
    """Return how a document counts: a credit note takes back."""
    return -1 if kind == "credit-note" else 1


def billed_lines(
    invoice: Invoice, context: Context, orders: Mapping[str, OrderSaved], supplier: str | None = None
) -> list[Billed]:
    """Match every line with its order. orders: by number, of the one partner that the invoice is about.

    A line that names no order is kept without one. Raises PartnerFault invoice.no-lines, invoice.order-unknown,
    invoice.line-unknown, item.quantity-unusable.
    """
    if not invoice.lines:
        raise PartnerFault("invoice.no-lines", Where(path="lines"), value=invoice.id)
    finder = ItemFinder(context.own, supplier)
    opened: dict[str, OpenOrder] = {}
    found = []
    for index, (line, number) in enumerate(zip(invoice.lines, order_numbers(invoice), strict=True)):
        if number is not None and number not in opened:
            if number not in orders:
                where = Where(path=f"lines[{index}].order" if line.order else "refs.order")
                raise PartnerFault("invoice.order-unknown", where, value=number)
            opened[number] = OpenOrder(orders[number])
        item = finder.find(line.item)
        gtin = item.gtin if item else record_gtin(line.item)
        order = opened.get(number) if number else None
        said = line.order.line if line.order else None
        state = order.line(said, gtin or None) if order else None
        if order is not None and state is None:
            path = item_path(f"lines[{index}]", line.item)
            raise PartnerFault("invoice.line-unknown", Where(path=path), value=identifier(line.item), order=str(number))
        found.append(
            Billed(
                order=order,
                state=InvoiceLineState(
                    number=line.number or str(index + 1),
                    gtin=state.gtin if state else gtin,
                    quantity=positive_amount(line.quantity, f"lines[{index}].quantity"),
                    amount=line_amount(line),
                    price=unit_price(line),
                    order=number,
                    order_line=state.number if state else None,
                ),
            )
        )
    return found


def unit_price(line: InvoiceLine) -> Decimal | None:
    """Return the net price of one unit, None when the line names none. Raises PartnerFault document.amount-unusable."""
    if line.price is None or line.price.net is None:
        return None
    return per_unit(line.price.net.value, line.price.base, "lines")


def line_amount(line: InvoiceLine) -> Decimal:
    """Return the line's net amount as it says, else quantity times price less allowances plus charges, in cents.

    Raises PartnerFault document.amount-unusable.
    """
    if line.amount is not None:
        return line.amount.value
    value = (unit_price(line) or ZERO) * line.quantity.value
    for each in line.allowances_charges:
        if each.amount is not None:
            value += each.amount.value if each.kind == "charge" else -each.amount.value
    return bounded(value.quantize(CENT) if value.adjusted() < MOST_DIGITS else value, "lines")


def saved_invoice(
    invoice: Invoice, context: Context, partner: Partner, side: Side, lines: Sequence[Billed]
) -> InvoiceSaved:
    """Return the invoice's first state: open, with all of it to be paid."""
    totals = invoice.totals
    net = totals.taxable.value if totals and totals.taxable else _net(invoice, lines)
    tax = totals.tax.value if totals and totals.tax else sum((t.amount.value for t in invoice.taxes if t.amount), ZERO)
    gross = net + tax
    if totals is not None and (said := totals.payable or totals.gross) is not None:
        gross = said.value
    refs = invoice.refs
    return InvoiceSaved(
        key=f"invoice:{invoice.id}",
        side=side,
        partner=partner.id,
        number=invoice.id,
        kind=kind_of(invoice),
        status="open",
        issued_on=day_of(invoice.issued_at),
        due_on=_due(invoice, replace(context, partner=partner)),
        currency=invoice.currency or "EUR",
        net=net,
        tax=tax,
        gross=gross,
        open=gross,
        order=next((each.state.order for each in lines if each.state.order), None),
        shipment=refs.despatch_advice.id if refs and refs.despatch_advice else None,
        credits=refs.invoice.id if refs and refs.invoice else None,
        lines=tuple(each.state for each in lines),
        document=invoice,
    )


def _net(invoice: Invoice, lines: Sequence[Billed]) -> Decimal:
    net = sum((each.state.amount for each in lines), ZERO)
    for each in invoice.allowances_charges:
        if each.amount is not None:
            net += each.amount.value if each.kind == "charge" else -each.amount.value
    return net


def _due(invoice: Invoice, context: Context) -> date:
    if invoice.payment_terms is not None and invoice.payment_terms.due_on is not None:
        return day_of(invoice.payment_terms.due_on)
    return later(day_of(invoice.issued_at), terms_of(context).payment_days)


def sum_findings(invoice: Invoice, lines: Sequence[Billed]) -> list[Finding]:
    """Return a warning for every sum that the invoice states and its own lines do not give, to the cent per line."""
    totals = invoice.totals
    if totals is None:
        return []
    allowed = CENT * max(1, len(lines))
    found = []
    computed = sum((each.state.amount for each in lines), ZERO)
    net = _net(invoice, lines)
    pairs = [
        (totals.lines, computed, "totals.lines"),
        (totals.taxable, net, "totals.taxable"),
    ]
    if totals.taxable is not None and totals.tax is not None:
        pairs.append((totals.gross, totals.taxable.value + totals.tax.value, "totals.gross"))
    for said, wanted, path in pairs:
        if said is not None and abs(said.value - wanted) > allowed:
            found.append(
                Finding(
                    code="invoice.total-differs",
                    severity="warning",
                    where=Where(path=path),
                    value=format(said.value, "f"),
                    params=(("computed", format(wanted, "f")),),
                )
            )
    return found


def same_invoice(one: InvoiceSaved, other: InvoiceSaved) -> bool:
    """Tell whether two invoices of one number ask for the same."""
    return (one.kind, one.gross, one.currency, one.lines) == (other.kind, other.gross, other.currency, other.lines)
