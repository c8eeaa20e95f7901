"""Exact business values: identifiers, quantities, amounts, parties and items.

All are immutable. Numbers are Decimal, never float. A moment without zone means local time of the
ship-to location (UN/EDIFACT data element 2380 and xsd:date carry none).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NewType

Gln = NewType("Gln", str)  # GS1 Global Location Number, 13 digits
Gtin = NewType("Gtin", str)  # GS1 Global Trade Item Number, stored with 14 digits
Sscc = NewType("Sscc", str)  # GS1 Serial Shipping Container Code, 18 digits
PartnerId = NewType("PartnerId", str)  # folder name under partners/, kebab-case

Moment = date | datetime
GLN_SCHEME = "0088"  # ISO 6523 ICD of the GLN


_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})")


def plain_number(text: str) -> Decimal | None:
    """Return the number that text writes with a sign, digits and a point alone; None for anything else, exponents
    too: 1E+999999999 is ten characters here and a gigabyte in every text that is made of it."""
    return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None


def check_digit(body: str) -> str:
    """Return the GS1 mod-10 check digit of body (digits only, without the check digit).

    Weights 3 and 1 alternate from the right. Source: GS1 General Specifications section 7.9.
    """
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def has_valid_check_digit(code: str) -> bool:
    """Tell whether code is digits only and ends in its GS1 check digit."""
    return code.isascii() and code.isdigit() and len(code) > 1 and check_digit(code[:-1]) == code[-1]


def gtin14(code: str) -> Gtin:
    """Return code (GTIN-8, -12, -13 or -14) padded to 14 digits, so that one item has one key."""
    return Gtin(code.strip().rjust(14, "0"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A count or measure with its unit.

    unit  UN/ECE Recommendation 20 code, or None
    per   "gtin" when no unit was sent: the quantity counts trade units of the line's GTIN (EANCOM)
    """

    value: Decimal
    unit: str | None = None
    per: Literal["gtin"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Money. currency: ISO 4217 code; None inherits the currency of the document."""

    value: Decimal
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Both ends are included. end: None is open, as of a price until further notice."""

    start: Moment
    end: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyIdentifier:
    """scheme: ISO 6523 ICD (0088 GLN, 0060 DUNS), or "buyer", "seller" (who gave it), "vat", "registration" (company
    register), "other"."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where somebody is, as far as it was told."""

    street: str | None = None
    building: str | None = None  # house number or name, where it is told apart from the street
    additional: str | None = None  # further lines
    city: str | None = None
    postal_code: str | None = None
    region: str | None = None  # county, state or province
    country: str | None = None  # ISO 3166-1 alpha-2


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party as a document names it. Who that is in our records is found later, never in a mapping."""

    ids: tuple[PartyIdentifier, ...] = ()
    name: str | None = None
    address: Address | None = None
    contact: Contact | None = None

    @property
    def gln(self) -> str | None:
        """The identifier of scheme 0088, or None."""
        return next((each.value for each in self.ids if each.scheme == GLN_SCHEME), None)

    @property
    def any_id(self) -> str | None:
        """The GLN, else the first identifier, else None."""
        return self.gln or (self.ids[0].value if self.ids else None)


def party(gln: str, name: str | None = None) -> Party:
    """Return a party known by GLN."""
    return Party(ids=(PartyIdentifier(scheme=GLN_SCHEME, value=gln),), name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A trade item as a document names it. gtin: 14 digits."""

    gtin: str | None = None
    buyer_id: str | None = None
    seller_id: str | None = None
    variant: str | None = None
    group: str | None = None  # product group, in the words of who sends it
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Price per base quantity (None: per 1). net and gross are without tax."""

    net: Amount | None = None
    gross: Amount | None = None
    base: Quantity | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceCharge:
    """What is taken off (an allowance) or added (a charge). Header and lines are independent: never add one up in both.

    kind      allowance or charge
    code      UNCL 5189 or 7161
    sequence  order of calculation, from 1
    percent   of base; amount: the result
    """

    kind: str
    code: str | None = None
    reason: str | None = None
    sequence: int | None = None
    percent: Decimal | None = None
    base: Amount | None = None
    amount: Amount | None = None
    tax_category: str | None = None  # UNCL 5305
    tax_percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """type: VAT, GST, ... (UNCL 5153). category: UNCL 5305 (S standard, Z zero, E exempt). percent: the rate."""

    type: str | None = None
    category: str | None = None
    percent: Decimal | None = None
    base: Amount | None = None
    amount: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """due_on: the net date, or due_days after the invoice. discount_percent may be taken until discount_until, or for
    discount_days."""

    code: str | None = None
    due_on: Moment | None = None
    discount_percent: Decimal | None = None
    discount_until: Moment | None = None
    due_days: int | None = None
    discount_days: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTerms:
    """code: Incoterms (EXW, DAP, ...). place: the named place."""

    code: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """A pointer to another document, or to one of its lines."""

    id: str
    line: str | None = None
    issued_at: Moment | None = None
