"""Payments: a customer tells us what it has paid, or our house what it has paid to a supplier."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.invoice_state import sign_of
from gateway.domain.parties import day_of, partner_of
from gateway.domain.stock import ZERO
from gateway.model.effects import CaseOpened, DocumentLinked, Effect, InvoiceSaved, PaymentSettled, Side
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.partner import Partner
from gateway.model.remittance_advice import RemittanceAdvice, SettledDocument

LONGEST_NUMBER = 70


def _parties(advice: RemittanceAdvice, context: Context) -> tuple[Side, Partner]:
    """Return whose invoices are paid: ours to the partner who sends this, or the supplier's that our house pays.

    Raises PartnerFault payment.payee-unknown.
    """
    if context.partner.kind != "house":
        return "sale", context.partner
    payee = partner_of(context, advice.payee)
    if payee is None:
        raise PartnerFault("payment.payee-unknown", Where(path="payee"), value=advice.payee.any_id or advice.id)
    return "purchase", payee


def needs(advice: RemittanceAdvice, context: Context) -> Needs:
    """Return the invoices that are settled."""
    side, partner = _parties(advice, context)
    return Needs(invoices=frozenset((side, partner.id, line.document_ref.id) for line in advice.lines))


def decide(advice: RemittanceAdvice, context: Context, snapshot: Snapshot) -> Decision:
    """Settle each invoice by what was paid for it. What cannot be settled is a problem, the rest goes on.

    Raises PartnerFault payment.no-lines, payment.number-unusable, payment.payee-unknown.
    """
    if not advice.id.strip() or len(advice.id) > LONGEST_NUMBER:
        raise PartnerFault("payment.number-unusable", Where(path="id"), value=advice.id[:80])
    if not advice.lines:
        raise PartnerFault("payment.no-lines", Where(path="lines"), value=advice.id)
    side, partner = _parties(advice, context)
    states: dict[str, InvoiceSaved] = {}
    effects: list[Effect] = []
    findings: list[Finding] = []
    paid = ZERO
    for index, line in enumerate(advice.lines):
        number = line.document_ref.id
        known = states.get(number) or snapshot.invoices.get((side, partner.id, number))
        if known is None or known.status in ("paid", "credited"):
            code = "payment.invoice-unknown" if known is None else "payment.already-paid"
            findings.append(_finding(code, index, number))
            effects.append(_case(code, partner.id, advice.id, number))
            continue
        settled = _settled(advice, line, known, index)
        states[number] = _after(known, settled)
        paid += sign_of(known.kind) * settled.paid
        effects += [settled, *_problems(states[number], settled, partner.id, advice.id)]
    effects += [replace(state, key=f"invoice:{number}") for number, state in states.items()]
    effects += _links(states.values(), advice, side, partner)
    effects.append(_figures(side, partner.id, advice.id, paid))
    return Decision(effects=tuple(effects), answers=_forward(advice, context, side, partner), findings=tuple(findings))


def _settled(advice: RemittanceAdvice, line: SettledDocument, known: InvoiceSaved, index: int) -> PaymentSettled:
    """Amounts of a credit note count as positive, whichever sign was sent with them."""
    said = line.paid.value if line.paid else (line.due.value if line.due else known.open)
    adjustment = line.adjustment.value if line.adjustment else ZERO
    currency = (line.paid.currency if line.paid else None) or advice.currency or known.currency
    if currency != known.currency:
        raise PartnerFault(
            "payment.currency-differs", Where(path=f"lines[{index}].paid"), value=currency, invoice=known.currency
        )
    return PaymentSettled(
        key=f"settled:{index}",
        side=known.side,
        partner=known.partner,
        remittance=advice.id,
        invoice=known.number,
        paid=abs(said) if known.kind == "credit-note" else said,
        currency=currency,
        paid_on=day_of(advice.paid_at or advice.issued_at),
        adjustment=abs(adjustment),
        reason=line.adjustment_reason,
    )


def _after(known: InvoiceSaved, settled: PaymentSettled) -> InvoiceSaved:
    """An adjustment with a reason is taken as agreed; without one the difference stays open."""
    taken = settled.paid + (settled.adjustment if settled.reason else ZERO)
    left = known.open - taken
    return replace(known, open=left, status="paid" if left <= 0 else known.status)


def _problems(state: InvoiceSaved, settled: PaymentSettled, partner: str, remittance: str) -> list[Effect]:
    if state.open < 0:
        return [_case("payment.too-much", partner, remittance, f"{state.number}: {-state.open:f}")]
    if state.open > 0:
        return [_case("payment.short", partner, remittance, f"{state.number}: {state.open:f}")]
    if settled.adjustment:
        return [_case("payment.adjusted", partner, remittance, f"{state.number}: {settled.adjustment:f}")]
    return []


def _case(code: str, partner: str, remittance: str, value: str) -> CaseOpened:
    return CaseOpened(
        key=f"{code}:{value}"[:200],
        account=partner,
        code=code,
        subject=f"{remittance} {value.partition(':')[0]}"[:200],
        params={"value": value, "remittance": remittance},
    )


def _finding(code: str, index: int, value: str) -> Finding:
    return Finding(code=code, severity="warning", where=Where(path=f"lines[{index}].documentRef"), value=value)


def _links(states: Iterable[InvoiceSaved], advice: RemittanceAdvice, side: Side, partner: Partner) -> list[Effect]:
    return [
        DocumentLinked(
            key=f"link:{state.number}",
            side=side,
            partner=partner.id,
            source_type="Invoice",
            source=state.number,
            to_type="RemittanceAdvice",
            to=advice.id,
        )
        for state in states
    ]


def _figures(side: Side, partner: str, number: str, paid: Decimal) -> Effect:
    if side == "sale":
        return activity("paid", partner, "paid", number, payments=1, paid_value=paid)
    return activity("paid", partner, "supplier-paid", number, supplier_payments=1, supplier_paid_value=paid)


def _forward(advice: RemittanceAdvice, context: Context, side: Side, partner: Partner) -> tuple[Answer, ...]:
    """Our house books what a customer paid; a supplier hears what we paid."""
    if side == "purchase":
        return (Answer(to=partner.id, document=advice, optional=True),)
    return (Answer(to=context.house.id, document=advice, optional=True),) if context.house else ()
