"""What a caller gives in a body, a query or a form: read strictly, or refused with what belongs there.

Bounds hold for all: a number or a day far beyond any trade is a slip, or somebody who wants arithmetic to fail.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from gateway.model.faults import Fault, OurFault
from gateway.model.json_form import build
from gateway.model.json_keys import fields_of

T = TypeVar("T")

YEARS = range(1900, 9000)  # days may be added to, and zones taken from, any of them
LARGEST = Decimal(10) ** 15
FINEST = -12  # exponent of the last place
_TEXT, _DAY, _MOMENT, _AMOUNT = "text", "2026-03-02", "2026-01-31T08:00:00Z", 'a decimal number as text, "1.25"'


def bad(name: str, value: object, expected: str) -> OurFault:
    """Return the refusal of one value."""
    return OurFault("api.bad-value", name=name[:80], value=str(value)[:100], expected=expected)


def text_of(body: Mapping[str, Any], name: str, longest: int = 500, *, least: int = 1) -> str | None:
    """Return a text of the body, None when it is absent. Raises OurFault api.bad-value."""
    value = body.get(name)
    if value is None or (isinstance(value, str) and least <= len(value) <= longest):
        return value
    raise bad(name, value, f"text of {least}-{longest} characters")


def needed(body: Mapping[str, Any], name: str, allowed: tuple[str, ...] = (), *, longest: int = 500) -> str:
    """Return a text that must be there and say something. Raises OurFault api.bad-value."""
    value = text_of(body, name, longest)
    if value is None or not value.strip() or (allowed and value not in allowed):
        raise bad(name, value or "", ", ".join(allowed) or _TEXT)
    return value


def said(body: Mapping[str, Any], name: str, longest: int = 100_000) -> str:
    """Return a text of the body, "" where there is none. Raises OurFault api.bad-value."""
    return text_of(body, name, longest, least=0) or ""


def names_in(body: Mapping[str, Any], name: str) -> frozenset[str] | None:
    """Return the texts of a list, None when it is absent. Raises OurFault api.bad-value."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, list) and len(value) <= 1000 and all(isinstance(each, str) for each in value):
        return frozenset(value)
    raise bad(name, value, "a list of texts")


def is_count(text: str, digits: int = 9) -> bool:
    """Tell whether a text is a whole number of at most so many digits, in the digits of ASCII."""
    return text.isascii() and text.isdigit() and len(text) <= digits


def amount_of(value: object, name: str) -> Decimal:
    """Return an exact number from text or a whole number; a float is refused. Raises OurFault api.bad-value."""
    try:
        plain = isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) <= 40
        found = Decimal(str(value)) if plain else Decimal("NaN")
    except (InvalidOperation, ValueError):  # ValueError: a whole number of thousands of digits
        found = Decimal("NaN")
    if not is_amount(found):
        raise bad(name, value if plain else "", _AMOUNT)
    return found


def units_of(value: object, name: str) -> Decimal:
    """Return an exact number that is not negative. Raises OurFault api.bad-value."""
    found = amount_of(value, name)
    if found < 0:
        raise bad(name, value, "0 or more")
    return found


def is_amount(value: Decimal) -> bool:
    """Tell whether a number may be reckoned with."""
    if not value.is_finite() or abs(value) >= LARGEST:
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= FINEST


def day_of(value: str | None, name: str) -> date | None:
    """Return a day, None for nothing. Raises OurFault api.bad-value."""
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = date.min
    if found.year not in YEARS:
        raise bad(name, value, _DAY)
    return found


def start_of(value: str | None, name: str) -> datetime | None:
    """Return the beginning of a day, UTC; None for nothing. Raises OurFault api.bad-value."""
    day = day_of(value, name)
    return None if day is None else datetime.combine(day, time(), UTC)


def moment_of(value: str | None, name: str) -> datetime | None:
    """Return an instant, UTC, from one with its zone; None for nothing. Raises OurFault api.bad-value."""
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = datetime.min  # noqa: DTZ901 - without a zone: refused
    if found.tzinfo is None or found.year not in YEARS:
        raise bad(name, value, _MOMENT)
    return found.astimezone(UTC)


def document_of(kind: type[T], body: Mapping[str, Any], **ours: object) -> T:
    """Return the document that a body describes. ours: what the caller does not say. Raises OurFault api.bad-value."""
    try:
        found = build(kind, {**body, **ours})
    except Fault as fault:
        expected = fault.params.get("expected") or "a value"
        if fault.code == "json.unknown-key":
            expected = ", ".join(key for _, key, _, _ in fields_of(kind))
        name = str(fault.where.path)[:80]
        raise OurFault(
            "api.bad-value", fault.where, name=name, value=str(fault.value or "")[:80], expected=expected
        ) from None
    assert isinstance(found, kind)
    return found
