"""RemittanceAdvice: which invoices a payment settles. EDIFACT REMADV, UBL RemittanceAdvice-2."""

from dataclasses import dataclass

from gateway.model.values import Amount, DocumentRef, Moment, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledDocument:
    """type_code: UNCL 1001 of the settled document. adjustment: taken off, with its reason (UNCL 4465)."""

    document_ref: DocumentRef
    number: str | None = None
    type_code: str | None = None
    due: Amount | None = None
    paid: Amount | None = None
    adjustment: Amount | None = None
    adjustment_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceAdvice:
    """payment: number of the payment or transfer. paid_at: when the money leaves."""

    id: str
    issued_at: Moment
    payer: Party
    payee: Party
    lines: tuple[SettledDocument, ...]
    currency: str | None = None
    paid_at: Moment | None = None
    payment: str | None = None
    total: Amount | None = None
