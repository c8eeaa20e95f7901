"""What a mapping leaves alone by name: it is not told as left over. Names are looked up, a wrong one is refused.

EDIFACT: a segment anywhere (MEA), a segment at its place (SG9/TDT), a group with all in it (SG9), a data element or a
composite (BGM/4343, SG25/LOC/C517.3055, SG8/PAT/C112). XML: an element with all in it, anywhere (cbc:UUID) or behind
others (cac:Price/cbc:ID).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.mapping.paths import Grammar
from gateway.mapping.rules import qualified
from gateway.model.tree import Segment

_GROUP = re.compile(r"SG\d+\Z")
_WHOLE = -1  # all components of a composite
_TAG = re.compile(r"[A-Z]{3}\Z")


class IgnoredPlaces:
    """The names of one EDIFACT mapping. Raises OurFault mapping.unknown-path when there is no such place."""

    def __init__(self, grammar: Grammar, names: Iterable[str]) -> None:
        self.tags: set[str] = set()
        self.segments: set[str] = set()
        self.groups: tuple[str, ...] = ()
        self.elements: set[tuple[str, int, int]] = set()
        for name in names:
            *groups, last = name.split("/")
            if _GROUP.match(last):
                grammar.group_at([*groups, last], "ignore")
                self.groups += (f"{name}/",)
            elif _TAG.match(last) and groups:
                grammar.segment_order(grammar.group_at(groups, "ignore"), last, "ignore")
                self.segments.add(name)
            elif _TAG.match(last):
                grammar.layout(last, "ignore")
                self.tags.add(last)
            else:
                tag = groups[-1] if groups else ""
                grammar.segment_order(grammar.group_at(groups[:-1], "ignore"), tag, "ignore")
                element, component = grammar.position(tag, last, "ignore")
                self.elements.add(("/".join(groups), element, component if "." in last else _WHOLE))

    def segment(self, path: str, segment: Segment) -> bool:
        """Tell whether a segment is left alone. path: of its group with a slash at the end, "" at the head."""
        return segment.tag in self.tags or path.startswith(self.groups) or f"{path}{segment.tag}" in self.segments

    def element(self, path: str, segment: Segment, element: int, component: int) -> bool:
        """Tell whether one place in the segment is left alone; counted from 0."""
        place = f"{path}{segment.tag}"
        return (place, element, component) in self.elements or (place, element, _WHOLE) in self.elements


class IgnoredElements:
    """The names of one XML mapping."""

    def __init__(self, namespaces: Mapping[str, str], names: Iterable[str]) -> None:
        self.tails: dict[str, list[tuple[str, ...]]] = {}
        for name in names:
            steps = tuple(qualified(step, namespaces, "ignore") for step in _steps(name))
            self.tails.setdefault(steps[-1], []).append(steps)

    def element(self, element: Any) -> bool:
        """Tell whether an element, and with it all below, is left alone."""
        return any(_ends(element, steps) for steps in self.tails.get(element.tag, ()))


def _steps(name: str) -> Sequence[str]:
    return [name] if name.startswith("{") else name.split("/")


def _ends(element: Any, steps: tuple[str, ...]) -> bool:
    for step in reversed(steps):
        if element is None or element.tag != step:
            return False
        element = element.getparent()
    return True
