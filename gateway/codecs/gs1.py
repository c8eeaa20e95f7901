"""GS1 element strings: what stands in a GS1-128 symbol, as data and as a person reads it.

Source: GS1 General Specifications sections 3.2 (application identifiers), 7.8 (FNC1) and 7.11 (character set 82).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.model.faults import OurFault
from gateway.model.values import has_valid_check_digit

FNC1 = "\x1d"  # ends an element of variable length; the first of a symbol says that it is GS1's

_SET_82 = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
# AI -> form of its data. Those of fixed length here are also on GS1's list of predefined lengths, except 421.
_FORMS = {
    "00": r"\d{18}",  # SSCC
    "01": r"\d{14}",  # GTIN of the unit
    "02": r"\d{14}",  # GTIN of what is contained
    "10": _SET_82 + "{1,20}",  # batch
    "15": r"\d{6}",  # best before, YYMMDD
    "37": r"\d{1,8}",  # count of what is contained
    "400": _SET_82 + "{1,30}",  # the buyer's order number
    "410": r"\d{13}",  # ship to, GLN
    "413": r"\d{13}",  # ship for, GLN
    "420": _SET_82 + "{1,20}",  # ship to, postal code
    "421": r"\d{3}" + _SET_82 + "{1,9}",  # ship to, country (ISO 3166 numeric) and postal code
}
_PREDEFINED = frozenset({"00", "01", "02", "15", "410", "413"})
_CHECKED = frozenset({"00", "01", "02", "410", "413"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element string. ai: application identifier, without parentheses."""

    ai: str
    data: str

    @property
    def text(self) -> str:
        """The human readable interpretation: (00)340999..."""
        return f"({self.ai}){self.data}"


def can_say(ai: str, data: str) -> bool:
    """Tell whether data is what ai may hold: form, characters and check digit."""
    if not re.fullmatch(_FORMS[ai], data, re.ASCII):
        return False
    return ai not in _CHECKED or has_valid_check_digit(data)


def element_string(elements: Iterable[Element]) -> str:
    """Return the data of one symbol after its first FNC1: those of predefined length first, FNC1 between the others.

    Raises OurFault gs1.element-unusable.
    """
    ordered = sorted(elements, key=lambda each: each.ai not in _PREDEFINED)
    for each in ordered:
        if each.ai not in _FORMS or not can_say(each.ai, each.data):
            raise OurFault("gs1.element-unusable", value=each.data[:40], ai=each.ai)
    parts = [each.ai + each.data + ("" if each.ai in _PREDEFINED else FNC1) for each in ordered]
    return "".join(parts).removesuffix(FNC1)


def in_order(elements: Iterable[Element]) -> list[Element]:
    """Return the elements in the order in which element_string writes them."""
    return sorted(elements, key=lambda each: each.ai not in _PREDEFINED)
