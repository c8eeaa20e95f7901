"""Invoice: what the seller asks for, and what he gives back. EDIFACT INVOIC, UBL Invoice-2 and CreditNote-2."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.model.values import (
    AllowanceCharge,
    Amount,
    DocumentRef,
    Item,
    Moment,
    Party,
    PaymentTerms,
    Period,
    Price,
    Quantity,
    Tax,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRefs:
    """invoice: the invoice that is credited or corrected."""

    order: DocumentRef | None = None
    despatch_advice: DocumentRef | None = None
    delivery_note: str | None = None
    receiving_advice: DocumentRef | None = None
    invoice: DocumentRef | None = None
    contract: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One invoiced item. EDIFACT INVOIC: the LIN group; UBL 2.1: cac:InvoiceLine."""

    number: str
    item: Item
    quantity: Quantity
    free_quantity: Quantity | None = None
    delivered_quantity: Quantity | None = None  # where it is not what is invoiced
    price: Price | None = None
    amount: Amount | None = None  # without tax, allowances and charges of the line included
    tax: Tax | None = None
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    order: DocumentRef | None = None
    despatch_advice: DocumentRef | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTotals:
    """lines: sum of the line amounts. allowances, charges: of the header. taxable: without tax. payable: to be paid."""

    lines: Amount | None = None
    allowances: Amount | None = None
    charges: Amount | None = None
    adjustment: Amount | None = None  # charges less allowances, where one figure stands for both
    taxable: Amount | None = None
    tax: Amount | None = None
    gross: Amount | None = None
    prepaid: Amount | None = None
    payable: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """type_code: UNCL 1001: 380 invoice, 381 credit note, 383 debit note, 389 self-billed.

    account    number of the payee's account (IBAN)
    tax_rate   from currency to tax_currency
    """

    id: str
    issued_at: Moment
    seller: Party
    buyer: Party
    lines: tuple[InvoiceLine, ...]
    type_code: str = "380"
    currency: str | None = None
    tax_currency: str | None = None
    tax_rate: Decimal | None = None
    tax_point: Moment | None = None
    delivered_at: Moment | None = None
    period: Period | None = None
    refs: InvoiceRefs | None = None
    bill_to: Party | None = None
    ship_to: Party | None = None
    payee: Party | None = None
    account: str | None = None
    payment_terms: PaymentTerms | None = None
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    taxes: tuple[Tax, ...] = ()
    totals: InvoiceTotals | None = None
    notes: tuple[str, ...] = ()
