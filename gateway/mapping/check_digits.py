"""The GS1 numbers of a document, before it is written: what we send must have right check digits.

Source: GS1 General Specifications section 7.9.
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Literal, get_origin

from gateway.mapping.target import field_facts
from gateway.model.documents import Document
from gateway.model.values import GLN_SCHEME, Amount, PartyIdentifier, Quantity, has_valid_check_digit

_NUMBERED = {"gtin": (14,), "inner_gtin": (14,), "sscc": (18,), "location": (13,), "final_location": (13,)}
_PLAIN = frozenset((str, int, bool, Decimal, date, datetime, date | datetime, Quantity, Amount))
_REMEMBERED = 8192  # numbers: the same items and places stand in document after document


def wrong_check_digits(document: Document) -> Iterator[tuple[str, str]]:
    """Yield canonical path and number of each GTIN, GLN and SSCC whose check digit is wrong.

    A number of another length is none of GS1's and not judged here.
    """
    return _wrong(document, "") if _holds_wrong(document) else iter(())


def _holds_wrong(value: Any) -> bool:
    """Tell whether there is any: a document hardly ever has one, and paths cost three times as much."""
    if value.__class__ is tuple:
        return any(map(_holds_wrong, value))
    if value.__class__ is PartyIdentifier:
        return value.scheme == GLN_SCHEME and _is_wrong(value.value, (13,))
    for name, lengths in _worth_asking(value.__class__):
        inner = getattr(value, name)
        if inner is None or inner == ():
            continue
        if _is_wrong(inner, lengths) if inner.__class__ is str and lengths else _holds_wrong(inner):
            return True
    return False


@cache
def _worth_asking(kind: Any) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the fields of a dataclass below which a number may stand, by their types, with the lengths of a number."""
    return tuple(
        (facts.name, _NUMBERED.get(facts.name, ()))
        for facts in (field_facts(kind).values() if hasattr(kind, "__dataclass_fields__") else ())
        if facts.name in _NUMBERED or _numbers_below(facts.hint)
    )


def _numbers_below(hint: Any) -> bool:
    """Tell whether a value of that type may hold a number: plain values do not, and of what is unclear all may."""
    return hint not in _PLAIN and get_origin(hint) is not Literal


def _wrong(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from _wrong(each, f"{path}[{number}]")
        return
    if isinstance(value, PartyIdentifier):
        if value.scheme == GLN_SCHEME and _is_wrong(value.value, (13,)):
            yield path, value.value
        return
    for name, key in _names(value.__class__):
        inner = getattr(value, name)
        if inner is None or inner == ():
            continue
        full = f"{path}.{key}" if path else key
        if isinstance(inner, str):
            if name in _NUMBERED and _is_wrong(inner, _NUMBERED[name]):
                yield full, inner
        elif isinstance(inner, tuple) or hasattr(inner, "__dataclass_fields__"):
            yield from _wrong(inner, full)


@lru_cache(_REMEMBERED)
def _is_wrong(text: str, lengths: tuple[int, ...]) -> bool:
    return text.isascii() and text.isdigit() and len(text) in lengths and not has_valid_check_digit(text)


@cache
def _names(kind: Any) -> tuple[tuple[str, str], ...]:
    """Return attribute and canonical key of the fields of a dataclass, () for anything else."""
    if not hasattr(kind, "__dataclass_fields__"):
        return ()
    keys = {facts.name: key for key, facts in field_facts(kind).items()}
    return tuple((each.name, keys[each.name]) for each in fields(kind))
