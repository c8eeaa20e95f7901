"""Service characters, and how one segment's text falls into elements and components.

Source: ISO 9735:1988 (syntax 1 to 3) clauses 5 and 7; ISO 9735-1:1998 (syntax 4) clauses 7 and 8.
"""

import re
from dataclasses import dataclass

from gateway.model.tree import Elements

_SERVICE_BANNED = re.compile(rb"[A-Za-z0-9]")
Repeats = tuple[tuple[int, tuple[str, ...]], ...]  # (element index from 0, components)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Service characters, one character each. release " ": there is none. repetition " ": none (syntax 1 to 3)."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = " "
    terminator: str = "'"

    @classmethod
    def from_una(cls, una: bytes) -> "Marks":
        """Read the six characters after "UNA". Raises ValueError when they cannot serve as marks."""
        marks = [chr(each) for each in una]
        separators = [marks[0], marks[1], marks[5], *(each for each in (marks[3], marks[4]) if each != " ")]
        if len(una) != 6 or len(set(separators)) != len(separators) or _SERVICE_BANNED.search(una):
            raise ValueError("service characters must differ and be neither letter nor digit")
        return cls(
            component=marks[0],
            element=marks[1],
            decimal=marks[2],
            release=marks[3],
            repetition=marks[4],
            terminator=marks[5],
        )

    def una(self) -> str:
        return "UNA" + self.component + self.element + self.decimal + self.release + self.repetition + self.terminator


DEFAULT_MARKS = Marks()
SYNTAX_4_MARKS = Marks(repetition="*")
LEVEL_B_MARKS = Marks(component="\x1f", element="\x1d", release=" ", terminator="\x1c")  # IS1, IS3, IS4


# Stand-ins for released characters while a segment is split. Control characters: they are no data in EDIFACT.
_RELEASED, _RELEASED_ELEMENT, _RELEASED_COMPONENT, _RELEASED_TERMINATOR, _RELEASED_REPETITION = "\x00\x01\x02\x03\x04"
_STAND_INS = re.compile("[\x00-\x04]")
_NO_REPEATS: Repeats = ()


def split_segment(text: str, marks: Marks) -> tuple[str, Elements, Repeats]:
    """Return (tag, elements, repeats) of a segment's text, release characters resolved."""
    restore: dict[str, str] | None = None
    release = marks.release
    if release != " " and release in text:
        text, restore = _hide_released(text, marks)
    component = marks.component
    head, *parts = text.split(marks.element)
    tag = head.partition(component)[0]
    repeats = _NO_REPEATS
    if marks.repetition != " " and marks.repetition in text:
        parts, repeats = _split_repeats(parts, marks, restore)
    elements = tuple([tuple(part.split(component)) for part in parts])
    if restore:
        elements = tuple([_restored(each, restore) for each in elements])
    return tag, elements, repeats


def _hide_released(text: str, marks: Marks) -> tuple[str, dict[str, str]]:
    release = marks.release
    if _STAND_INS.search(text):
        text = _STAND_INS.sub(" ", text)
    text = text.replace(release + release, _RELEASED)
    text = text.replace(release + marks.element, _RELEASED_ELEMENT)
    text = text.replace(release + marks.component, _RELEASED_COMPONENT)
    text = text.replace(release + marks.terminator, _RELEASED_TERMINATOR)
    text = text.replace(release + marks.repetition, _RELEASED_REPETITION)
    text = text.replace(release, "")  # before any other character it means nothing
    restore = {
        _RELEASED: release,
        _RELEASED_ELEMENT: marks.element,
        _RELEASED_COMPONENT: marks.component,
        _RELEASED_TERMINATOR: marks.terminator,
        _RELEASED_REPETITION: marks.repetition,
    }
    return text, restore


def _restored(components: tuple[str, ...], restore: dict[str, str]) -> tuple[str, ...]:
    return tuple(
        [
            _STAND_INS.sub(lambda found: restore[found[0]], each) if _STAND_INS.search(each) else each
            for each in components
        ]
    )


def _split_repeats(parts: list[str], marks: Marks, restore: dict[str, str] | None) -> tuple[list[str], Repeats]:
    firsts: list[str] = []
    repeats: list[tuple[int, tuple[str, ...]]] = []
    for place, part in enumerate(parts):
        first, *others = part.split(marks.repetition)
        firsts.append(first)
        for each in others:
            components = tuple(each.split(marks.component))
            repeats.append((place, _restored(components, restore) if restore else components))
    return firsts, tuple(repeats)
