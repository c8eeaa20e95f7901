"""Converters: pairs of functions between the text on the wire and a canonical value.

A reader gets the text and the texts beside it that belong to the value (its companions: the format code 2379 of a
date, the unit 6411 of a quantity, an attribute of an XML element). It raises ValueError when there is no such value,
or DoubtError when there is one that should be looked at. A writer returns the same texts; None leaves one out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gateway.mapping.moments import (
    read_clock_time,
    read_edi_moment,
    read_edi_period,
    read_first_day,
    read_iso_moment,
    read_last_day,
    write_edi_moment,
    write_edi_period,
    write_iso_date,
    write_iso_time,
)
from gateway.model.values import (
    GLN_SCHEME,
    Amount,
    PartyIdentifier,
    Quantity,
    gtin14,
    has_valid_check_digit,
)

Companions = tuple[str, ...]
Texts = tuple[str | None, ...]


class DoubtError(Exception):
    """The value was read, but something about it is odd: value is kept, code becomes a warning."""

    def __init__(self, value: Any, code: str) -> None:
        super().__init__(code)
        self.value = value
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """companions: data elements (in the same composite, else segment) or @attributes that the value needs.

    read    (text, companions) -> value
    write   value -> (text, *companions)
    takes   tells on writing whether this place is for that value; only asked for lists
    fault   code of the finding when read raises ValueError
    units   code table for the companion; a code that is not in it passes unchanged
    """

    read: Callable[[str, Companions], Any]
    write: Callable[[Any], Texts]
    companions: tuple[str, ...] = ()
    takes: Callable[[Any], bool] = lambda value: True
    fault: str = "mapping.bad-value"
    units: str = ""


_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:[.,]\d{0,15})?|[.,]\d{1,15})\Z", re.ASCII)


def read_decimal(text: str) -> Decimal:
    """Return the number of text; the decimal mark may be a point or a comma. Raises ValueError."""
    text = text.strip()
    if not _NUMBER.match(text):
        raise ValueError(text)
    return Decimal(text.replace(",", "."))


def write_decimal(value: Decimal) -> str:
    """Return value without exponent, with a point."""
    return format(value, "f")


def _read_integer(text: str) -> int:
    number = read_decimal(text)
    if number != number.to_integral_value():
        raise ValueError(text)
    return int(number)


def read_gtin(text: str) -> str:
    """Return GTIN-8, -12, -13 or -14 with 14 digits. Raises ValueError, or DoubtError for a wrong check digit."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) in (8, 12, 13, 14)):
        raise ValueError(text)
    if not has_valid_check_digit(text):
        raise DoubtError(gtin14(text), "mapping.check-digit")
    return gtin14(text)


def write_gtin(value: str) -> str:
    """Return the usual length: 8 for a GTIN-8, 14 for a GTIN-14, else 13."""
    if len(value) != 14 or value[0] != "0":
        return value
    return value[6:] if value.startswith("000000") else value[1:]


def _read_code_number(digits: int, prefix: str = "") -> Callable[[str, Companions], str]:
    def read(text: str, _: Companions) -> str:
        text = text.strip()
        if prefix and len(text) == digits + len(prefix):
            text = text.removeprefix(prefix)
        if not (text.isascii() and text.isdigit() and len(text) == digits):
            raise DoubtError(text, "mapping.not-a-gs1-number")
        if not has_valid_check_digit(text):
            raise DoubtError(text, "mapping.check-digit")
        return text

    return read


def _is_gln(text: str) -> bool:
    return len(text) == 13 and text.isascii() and text.isdigit()


def _doubtful_gln(text: str) -> PartyIdentifier:
    found = PartyIdentifier(scheme=GLN_SCHEME, value=text)
    if not has_valid_check_digit(text):
        raise DoubtError(found, "mapping.check-digit")
    return found


_AGENCY_SCHEME = {"91": "seller", "92": "buyer"}  # 3055: assigned by seller, by buyer
_SCHEME_AGENCY = {GLN_SCHEME: "9"} | {scheme: agency for agency, scheme in _AGENCY_SCHEME.items()}


def _read_edi_party(text: str, companions: Companions) -> PartyIdentifier:
    text, agency = text.strip(), companions[0]
    if agency in _AGENCY_SCHEME:
        return PartyIdentifier(scheme=_AGENCY_SCHEME[agency], value=text)
    if _is_gln(text):
        return _doubtful_gln(text)
    other = PartyIdentifier(scheme="other", value=text)
    if agency in ("", "9"):
        raise DoubtError(other, "mapping.not-a-gln")
    return other


def _write_edi_party(value: PartyIdentifier) -> Texts:
    return value.value, _SCHEME_AGENCY.get(value.scheme)


_ELSEWHERE = ("vat", "registration")  # schemes that have places of their own
_NAMED_SCHEMES = {"GLN": GLN_SCHEME, "GS1:GLN": GLN_SCHEME, "DUNS": "0060"}
_OWN_SCHEMES = ("buyer", "seller", "other")


def _read_xml_party(text: str, companions: Companions) -> PartyIdentifier:
    text, scheme = text.strip(), companions[0].strip()
    scheme = _NAMED_SCHEMES.get(scheme.upper(), scheme)
    if scheme == GLN_SCHEME or (not scheme and _is_gln(text)):
        if not _is_gln(text):
            raise DoubtError(PartyIdentifier(scheme="other", value=text), "mapping.not-a-gln")
        return _doubtful_gln(text)
    known = scheme in _OWN_SCHEMES or (len(scheme) == 4 and scheme.isdigit())
    return PartyIdentifier(scheme=scheme if known else "other", value=text)


def _write_xml_party(value: PartyIdentifier) -> Texts:
    return value.value, None if value.scheme == "other" else value.scheme


def _of_scheme(scheme: str) -> Converter:
    """A place that holds identifiers of one scheme only."""
    return Converter(
        read=lambda text, _: PartyIdentifier(scheme=scheme, value=text.strip()),
        write=lambda value: (value.value,),
        takes=lambda value: bool(value.scheme == scheme),
    )


def _read_quantity(text: str, companions: Companions) -> Quantity:
    unit = companions[0].strip()
    return Quantity(value=read_decimal(text), unit=unit) if unit else Quantity(value=read_decimal(text), per="gtin")


def _read_amount(text: str, companions: Companions) -> Amount:
    return Amount(value=read_decimal(text), currency=companions[0].strip() or None)


def _number_and_rest(text: str) -> tuple[Decimal, str | None]:
    """Return the number and the word behind it: "2.5 KGM". Raises ValueError."""
    number, _, rest = text.strip().partition(" ")
    if not rest.isalnum() and rest:
        raise ValueError(text)
    return read_decimal(number), rest or None


def _read_quantity_text(text: str) -> Quantity:
    value, unit = _number_and_rest(text)
    return Quantity(value=value, unit=unit) if unit else Quantity(value=value, per="gtin")


def _read_amount_text(text: str) -> Amount:
    value, currency = _number_and_rest(text)
    return Amount(value=value, currency=currency)


def _with_rest(value: Decimal, rest: str | None) -> str:
    return f"{write_decimal(value)} {rest}" if rest else write_decimal(value)


def _read_bool(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]


def _plain(read: Callable[[str], Any], write: Callable[[Any], str], fault: str = "mapping.bad-value") -> Converter:
    return Converter(read=lambda text, _: read(text), write=lambda value: (write(value),), fault=fault)


def _bool_or_fault(text: str) -> bool:
    try:
        return _read_bool(text)
    except KeyError:
        raise ValueError(text) from None


def _gs1(digits: int, prefix: str = "") -> Converter:
    return Converter(read=_read_code_number(digits, prefix), write=lambda value: (value,))


ANY_SYNTAX: dict[str, Converter] = {
    "text": _plain(str.strip, str),
    "upper": _plain(lambda text: text.strip().upper(), str),
    "int": _plain(_read_integer, str, "mapping.bad-number"),
    "decimal": _plain(read_decimal, write_decimal, "mapping.bad-number"),
    "bool": _plain(_bool_or_fault, lambda value: "true" if value else "false"),
    "gtin": _plain(read_gtin, write_gtin, "mapping.bad-gtin"),
    "gtin14": _plain(read_gtin, gtin14, "mapping.bad-gtin"),
    "gln": _gs1(13),
    "sscc": _gs1(18, "00"),
    "vat-id": _of_scheme("vat"),
    "registration-id": _of_scheme("registration"),
    "customer-id": _of_scheme("seller"),  # the number that the seller has given the party
}

EDIFACT: dict[str, Converter] = ANY_SYNTAX | {
    "moment": Converter(
        read=lambda text, companions: read_edi_moment(text, companions[0]),
        write=write_edi_moment,
        companions=("2379",),
        fault="mapping.bad-date",
    ),
    "period": Converter(
        read=lambda text, companions: read_edi_period(text, companions[0]),
        write=write_edi_period,
        companions=("2379",),
        fault="mapping.bad-date",
    ),
    "first-day": Converter(  # of a week or month where one is written instead of a date
        read=lambda text, companions: read_first_day(text, companions[0]),
        write=write_edi_moment,
        companions=("2379",),
        fault="mapping.bad-date",
    ),
    "last-day": Converter(
        read=lambda text, companions: read_last_day(text, companions[0]),
        write=write_edi_moment,
        companions=("2379",),
        fault="mapping.bad-date",
    ),
    "quantity": Converter(
        read=_read_quantity,
        write=lambda value: (write_decimal(value.value), value.unit),
        companions=("6411",),
        fault="mapping.bad-number",
        units="units/edifact",
    ),
    "amount": Converter(
        read=_read_amount,
        write=lambda value: (write_decimal(value.value), value.currency),
        companions=("6345",),
        fault="mapping.bad-number",
    ),
    "days": Converter(  # a number of days after the date of the document (2475 = 5)
        read=lambda text, _: _read_integer(text),
        write=lambda value: (str(value), "5", "D"),
        companions=("2475", "2151"),
        fault="mapping.bad-number",
    ),
    "party-id": Converter(
        read=_read_edi_party,
        write=_write_edi_party,
        companions=("3055",),
        takes=lambda value: value.scheme not in _ELSEWHERE,
    ),
}

XML: dict[str, Converter] = ANY_SYNTAX | {
    "moment": Converter(
        read=lambda text, _: read_iso_moment(text),
        write=lambda value: (value.isoformat(),),
        fault="mapping.bad-date",
    ),
    "date": Converter(
        read=lambda text, _: read_iso_moment(text),
        write=lambda value: (write_iso_date(value),),
        fault="mapping.bad-date",
    ),
    "quantity": Converter(
        read=_read_quantity,
        write=lambda value: (write_decimal(value.value), value.unit),
        companions=("@unitCode",),
        fault="mapping.bad-number",
    ),
    "amount": Converter(
        read=_read_amount,
        write=lambda value: (write_decimal(value.value), value.currency),
        companions=("@currencyID",),
        fault="mapping.bad-number",
    ),
    "party-id": Converter(
        read=_read_xml_party,
        write=_write_xml_party,
        companions=("@schemeID",),
        takes=lambda value: value.scheme not in _ELSEWHERE,
    ),
    "endpoint-id": Converter(
        read=_read_xml_party,
        write=_write_xml_party,
        companions=("@schemeID",),
        takes=lambda value: bool(value.scheme == GLN_SCHEME),
    ),
    "quantity-text": _plain(
        _read_quantity_text, lambda value: _with_rest(value.value, value.unit), "mapping.bad-number"
    ),
    "amount-text": _plain(
        _read_amount_text, lambda value: _with_rest(value.value, value.currency), "mapping.bad-number"
    ),
    "gtin": Converter(
        read=lambda text, _: read_gtin(text),
        write=lambda value: (write_gtin(value), "0160"),
        companions=("@schemeID",),
        fault="mapping.bad-gtin",
    ),
    "time": Converter(
        read=lambda text, _: read_clock_time(text),
        write=lambda value: (write_iso_time(value),),
        fault="mapping.bad-date",
    ),
}


def converters_for(kind: str) -> Mapping[str, Converter]:
    """Return the converters of a syntax kind, by name."""
    return EDIFACT if kind == "edifact" else XML


def default_name(hint: Any) -> str:
    """Return the converter that a canonical type asks for by itself. Raises KeyError for a type that has none."""
    return _BY_TYPE[hint]


_BY_TYPE: dict[Any, str] = {
    str: "text",
    int: "int",
    bool: "bool",
    Decimal: "decimal",
    date | datetime: "moment",
    Quantity: "quantity",
    Amount: "amount",
    PartyIdentifier: "party-id",
}
