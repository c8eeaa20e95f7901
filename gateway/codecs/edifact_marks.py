"""Service characters, and how one segment's text falls into elements and components.

Source: ISO 9735:1988 (syntax 1 to 3) clauses 5 and 7; ISO 9735-1:1998 (syntax 4) clauses 7 and 8.
"""

import re
from dataclasses import dataclass

from gateway.model.tree import Elements, Repeats

_SERVICE_BANNED = re.compile(rb"[A-Za-z0-9\x00]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Service characters, one character each. release " ": there is none. repetition " ": none (syntax 1 to 3).

    named: the decimal mark was named in a UNA and binds (before syntax 4); else point and comma are equal."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = " "
    terminator: str = "'"
    named: bool = False

    @classmethod
    def from_una(cls, una: bytes) -> "Marks":
        """Read the six characters after "UNA". Raises ValueError when they cannot serve as marks."""
        una = una[:4] + una[4:5].replace(b"\0", b" ") + una[5:]  # reserved before syntax 4: some fill it with NUL
        marks = [chr(each) for each in una]
        separators = [marks[0], marks[1], marks[5], *(each for each in (marks[3], marks[4]) if each != " ")]
        doubled = len(set(separators)) != len(separators)
        if len(una) != 6 or doubled or " " in separators or _SERVICE_BANNED.search(una):
            raise ValueError("service characters must differ and be neither letter, digit nor NUL")
        return cls(
            component=marks[0],
            element=marks[1],
            decimal=marks[2],
            release=marks[3],
            repetition=marks[4],
            terminator=marks[5],
            named=marks[2] in ".,",
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
Restore = dict[int, str]  # for str.translate


def split_segment(text: str, marks: Marks) -> tuple[str, Elements, Repeats]:
    """Return (tag, elements, repeats) of a segment's text, release characters resolved."""
    restore: Restore = {}
    release = marks.release
    if release != " " and release in text:
        text, restore = _hide_released(text, marks)
    component = marks.component
    head, *parts = text.split(marks.element)
    tag = head.partition(component)[0]
    repeats = _NO_REPEATS
    if marks.repetition != " " and marks.repetition in text:
        parts, repeats = _split_repeats(parts, marks, restore)
    if restore:
        return tag, tuple([_components(part, component, restore) for part in parts]), repeats
    return tag, tuple([tuple(part.split(component)) for part in parts]), repeats


def split_released(text: str, element: str, component: str, release: str) -> Elements:
    """Return what split_segment does of the text behind the tag and its element mark, quicker. text: printable, with
    no release character released and no repetition."""
    found = []
    for part in text.replace(release + element, _RELEASED_ELEMENT).split(element):
        if _RELEASED_ELEMENT in part:
            part = part.replace(_RELEASED_ELEMENT, release + element)  # the split is done
        if release not in part:
            found.append(tuple(part.split(component)))
        elif release + component not in part:
            found.append(tuple(part.replace(release, "").split(component)))
        else:
            hidden = part.replace(release + component, _RELEASED_COMPONENT).replace(release, "")
            found.append(tuple([each.replace(_RELEASED_COMPONENT, component) for each in hidden.split(component)]))
    return tuple(found)


def _hide_released(text: str, marks: Marks) -> tuple[str, Restore]:
    release = marks.release
    if not text.isprintable():
        text = _STAND_INS.sub(" ", text)
    text = text.replace(release + release, _RELEASED)
    text = text.replace(release + marks.element, _RELEASED_ELEMENT)
    text = text.replace(release + marks.component, _RELEASED_COMPONENT)
    text = text.replace(release + marks.terminator, _RELEASED_TERMINATOR)
    text = text.replace(release + marks.repetition, _RELEASED_REPETITION)
    if release in text:
        text = text.replace(release, "")  # before any other character it means nothing
    return text, {0: release, 1: marks.element, 2: marks.component, 3: marks.terminator, 4: marks.repetition}


def _components(part: str, component: str, restore: Restore) -> tuple[str, ...]:
    if part.isprintable():  # no stand-in in it
        return tuple(part.split(component))
    return tuple([each.translate(restore) for each in part.split(component)])


def _split_repeats(parts: list[str], marks: Marks, restore: Restore) -> tuple[list[str], Repeats]:
    firsts: list[str] = []
    repeats: list[tuple[int, tuple[str, ...]]] = []
    for place, part in enumerate(parts):
        first, *others = part.split(marks.repetition)
        firsts.append(first)
        repeats += [(place, _components(each, marks.component, restore)) for each in others]
    return firsts, tuple(repeats)
