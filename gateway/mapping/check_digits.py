"""The GS1 numbers of a document, before it is written: what we send must have right check digits.

Source: GS1 General Specifications section 7.9.
"""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from gateway.mapping.target import field_facts
from gateway.model.documents import Document
from gateway.model.values import GLN_SCHEME, PartyIdentifier, has_valid_check_digit

_NUMBERED = {"gtin": (14,), "inner_gtin": (14,), "sscc": (18,), "location": (13,), "final_location": (13,)}


def wrong_check_digits(document: Document) -> Iterator[tuple[str, str]]:
    """Yield canonical path and number of each GTIN, GLN and SSCC whose check digit is wrong.

    A number of another length is none of GS1's and not judged here.
    """
    yield from _wrong(document, "")


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


def _is_wrong(text: str, lengths: tuple[int, ...]) -> bool:
    return text.isascii() and text.isdigit() and len(text) in lengths and not has_valid_check_digit(text)


@cache
def _names(kind: Any) -> tuple[tuple[str, str], ...]:
    """Return attribute and canonical key of the fields of a dataclass, () for anything else."""
    if not hasattr(kind, "__dataclass_fields__"):
        return ()
    keys = {facts.name: key for key, facts in field_facts(kind).items()}
    return tuple((each.name, keys[each.name]) for each in fields(kind))
