"""A person's word on a supplier's invoice that differs from order and receipt, or that waits for goods."""

from dataclasses import replace

from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.invoice_match import PRICE, QUANTITY, match_again, to_the_house
from gateway.domain.invoice_state import sign_of
from gateway.domain.open_order import OpenOrder
from gateway.domain.parties import own_party, partner_party
from gateway.domain.stock import ZERO
from gateway.model.acknowledgement import Acknowledgement
from gateway.model.effects import CaseClosed, Effect, InvoiceSaved, OrderSaved, Side
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.invoice_decision import InvoiceDecision

UNDECIDED = ("disputed", "open")


def needs(decision: InvoiceDecision, context: Context) -> Needs:
    """Return the invoice, the orders that it bills, and what else bills them."""
    supplier = decision.partner
    orders: frozenset[tuple[Side, str, str]] = frozenset(("purchase", supplier, each) for each in decision.orders)
    return Needs(
        invoices=frozenset({("purchase", supplier, decision.invoice)}), orders=orders, invoices_of_orders=orders
    )


def decide(decision: InvoiceDecision, context: Context, snapshot: Snapshot) -> Decision:
    """Approve: it counts as matched and our house gets it. Reject: it bills nothing, and the supplier hears why, as
    ApplicationResponse or APERAK, whichever is agreed. A second word changes nothing.

    Raises PartnerFault invoice.decision-sender, OurFault invoice.not-known, invoice.decision-unknown.
    """
    if context.partner.kind != "self":
        raise PartnerFault("invoice.decision-sender", Where(path="user"), value=context.partner.id)
    known = snapshot.invoices.get(("purchase", decision.partner, decision.invoice))
    if known is None:
        raise OurFault("invoice.not-known", Where(path="invoice"), value=decision.invoice)
    if decision.decision not in ("approve", "reject"):
        raise OurFault("invoice.decision-unknown", Where(path="decision"), value=decision.decision)
    if known.status not in UNDECIDED:
        finding = Finding(
            code="invoice.already-decided", severity="warning", value=known.number, params=(("status", known.status),)
        )
        return Decision(findings=(finding,))
    if decision.decision == "approve":
        approved = replace(known, key="invoice", status="matched")
        return Decision(effects=(approved, *_closed(known)), answers=to_the_house(approved, context))
    return _refused(known, decision, context, snapshot)


def _closed(known: InvoiceSaved) -> list[Effect]:
    return [CaseClosed(key=code, account=known.partner, code=code, subject=known.number) for code in (PRICE, QUANTITY)]


def _refused(known: InvoiceSaved, decision: InvoiceDecision, context: Context, snapshot: Snapshot) -> Decision:
    """What it billed is free again, so that a corrected invoice, or one that was too many with it, can match."""
    refused = replace(known, key="invoice", status="refused", open=ZERO)
    figures = activity(
        "refused",
        known.partner,
        "bill-refused",
        known.number,
        supplier_invoices=-1,
        supplier_invoice_value=-known.net,
    )
    effects: list[Effect] = [refused, *_closed(known), figures]
    answers = _to_the_supplier(known, decision.reason, context)
    others = {key: each for key, each in snapshot.invoices.items() if each.number != known.number}
    for n, order in enumerate(_unbilled(known, snapshot), start=1):
        effects.append(replace(order, key=f"order:{n}"))
        again, sent = match_again(order, others, context, context.partners.get(known.partner))
        effects += again
        answers += sent
    return Decision(effects=tuple(effects), answers=answers)


def _to_the_supplier(known: InvoiceSaved, reason: str | None, context: Context) -> tuple[Answer, ...]:
    supplier = context.partners.get(known.partner)
    if supplier is None:
        return ()
    word = Acknowledgement(
        id=f"IR{context.serial:06d}",
        kind="application-response",
        outcome="rejected",
        issued_at=context.now,
        sender=own_party(context.own),
        receiver=partner_party(supplier),
        document=known.number,
        reason=reason or "invoice.refused",
    )
    return (Answer(to=supplier.id, document=word, about=known.number, optional=True),)


def _unbilled(known: InvoiceSaved, snapshot: Snapshot) -> list[OrderSaved]:
    """Return the orders without what the invoice has billed of them."""
    opened: dict[str, OpenOrder] = {}
    for line in known.lines:
        saved = snapshot.orders.get(("purchase", known.partner, line.order or ""))
        if saved is None or line.order_line is None:
            continue
        order = opened.setdefault(saved.number, OpenOrder(saved))
        state = order.line(line.order_line, None)
        if state is not None:
            units = state.invoiced - sign_of(known.kind) * line.quantity
            order.put(replace(state, invoiced=max(ZERO, units)))
    return [opened[number].result("order") for number in sorted(opened)]
