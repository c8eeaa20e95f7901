"""Invoices and credit notes: ours from our house to a customer, a supplier's to us."""

from gateway.domain import invoice_match, invoicing
from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.invoice_state import kind_of
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.invoice import Invoice

LONGEST_NUMBER = 70


def needs(invoice: Invoice, context: Context) -> Needs:
    """Return the records for deciding an invoice."""
    return (
        invoicing.needs(invoice, context) if context.partner.kind == "house" else invoice_match.needs(invoice, context)
    )


def decide(invoice: Invoice, context: Context, snapshot: Snapshot) -> Decision:
    """Raises PartnerFault invoice.*."""
    if not invoice.id.strip() or len(invoice.id) > LONGEST_NUMBER:
        raise PartnerFault("invoice.number-unusable", Where(path="id"), value=invoice.id[:80])
    kind_of(invoice)
    if context.partner.kind == "house":
        return invoicing.decide(invoice, context, snapshot)
    return invoice_match.decide(invoice, context, snapshot)
