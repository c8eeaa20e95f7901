"""What an association (EANCOM, ...) or a partner's guide changes of a UN directory: wider or narrower.

An association's overlay is chosen by the association code of UNH (0057); a guide is given to validate() by name.
The form, every key optional but one of association and guide:

    {"association": "EAN",                      what 0057 must begin with
     "temporary": "[0-9]{1,3}E",                form of codes that are given out until the UN lists have them
     "codes": {"1001": "50E 73E"},              codes beside those of the directory
     "only": {"6345": "EUR USD"},               codes that are agreed, of all there are
     "structure": {"ORDERS": {"SG1": "C 5", "SG25/QTY": "M 1", "SG25/FTX": "unused"}},   status and repeats by place
     "segments": {"BGM": {"1004": "M", "4343": "unused"}},      elements, as SegmentLayout.position names them
     "values": {"ORDERS": {"SG2/NAD": {"3035": "BY SU DP"}}}}   values agreed at one place only
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_CHANGE = re.compile(r"(?:(?P<status>[MC])(?: (?P<repeats>[1-9]\d{0,8}))?|unused)\Z")
_KEYS = {"association", "guide", "temporary", "codes", "only", "structure", "segments", "values"}
Codes = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """status: M, C, or None for "not used". repeats: None leaves it as it is."""

    status: str | None
    repeats: int | None = None

    @classmethod
    def of(cls, text: object) -> "Change":
        """Read "M", "C 99" or "unused". Raises ValueError."""
        found = _CHANGE.match(str(text))
        if not found:
            raise ValueError(f"not a change: {text!r}")
        return cls(status=found["status"], repeats=int(found["repeats"]) if found["repeats"] else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """association: "" for a guide, which nothing chooses by itself. codes: added values by element; only: what is left
    of a list; temporary: form of codes given out in advance; None: there are none. structure and segments: changes by
    message type or tag, then by place; values: by message type, place and element."""

    name: str
    association: str = ""
    codes: Codes = field(default_factory=dict)
    only: Codes = field(default_factory=dict)
    temporary: re.Pattern[str] | None = None
    structure: Mapping[str, Mapping[str, Change]] = field(default_factory=dict)
    segments: Mapping[str, Mapping[str, Change]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Codes]] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, table: Mapping[str, object]) -> "Overlay":
        """Read the form above. Raises ValueError, KeyError or TypeError when it has another."""
        if unknown := set(table) - _KEYS:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        if not {"association", "guide"} & set(table):
            raise KeyError("association")
        temporary = table.get("temporary")
        return cls(
            name=name,
            association=str(table.get("association", "")),
            codes=_codes(table.get("codes", {})),
            only=_codes(table.get("only", {})),
            temporary=None if temporary is None else re.compile(str(temporary)),
            structure={str(key): _changes(each) for key, each in _table(table.get("structure", {})).items()},
            segments={str(key): _changes(each) for key, each in _table(table.get("segments", {})).items()},
            values={
                str(message): {str(place): _codes(each) for place, each in _table(places).items()}
                for message, places in _table(table.get("values", {})).items()
            },
        )

    def has_code(self, element: str, value: str) -> bool:
        """Tell whether the overlay has value beside the directory's list."""
        return value in self.codes.get(element, ())

    def is_temporary(self, value: str) -> bool:
        """Tell whether value has the form of the codes that the association gives out in advance."""
        return self.temporary is not None and self.temporary.fullmatch(value) is not None

    def agrees(self, element: str, value: str) -> bool:
        """Tell whether value is among those that are left of the element's list."""
        only = self.only.get(element)
        return only is None or value in only


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError("a table is expected")
    return value


def _codes(value: object) -> Codes:
    return {str(element): frozenset(str(values).split()) for element, values in _table(value).items()}


def _changes(value: object) -> Mapping[str, Change]:
    return {str(place): Change.of(each) for place, each in _table(value).items()}
