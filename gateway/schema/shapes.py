"""One regular expression per segment tag that checks presence, number, type and length of all elements at once.

What it matches is right, apart from the codes it captures, which are looked up in sets. What it does not match
goes to ElementChecker, which says what is wrong and where: a shape never makes a finding itself.
"""

import re
from collections.abc import Callable

from gateway.codecs.edifact_marks import Marks
from gateway.schema.directory import ComponentUse, Directory, ElementUse, Format, SegmentLayout
from gateway.schema.overlay import Overlay

_LIST = "1131"


Match = Callable[[bytes], "re.Match[bytes] | None"]
Values = tuple[bytes | None, ...]
_STAND_INS = b"~^|`{}\\"  # for a letter beyond ASCII: in no code, and never all of them marks
_LOW = bytes(range(128))
_SEQUENCE = re.compile(rb"[\x80-\xff][\x80-\xbf]*")
_MAX_KNOWN = 10_000  # combinations of codes that a shape remembers


class Shape:
    """match: for segments without release characters; match_released: for those with some, slower.
    codes: for each capture group of the patterns, the values it may have; known: combinations found right before.
    stand_in: takes the place of letters beyond ASCII; empty: segments with such letters are never told to be right.

    Patterns are compiled when first needed: most segments of a directory never come.
    """

    __slots__ = ("_plain", "_released", "codes", "known", "match", "match_released", "release", "stand_in")

    def __init__(
        self, release: bytes, plain: bytes, released: bytes, codes: tuple[frozenset[bytes], ...], stand_in: bytes = b""
    ) -> None:
        self.release = release
        self.stand_in = stand_in
        self._plain, self._released = plain, released
        self.match: Match = self._first
        self.match_released: Match = self._first_released
        self.codes = codes
        self.known: set[Values] = set()

    def _first(self, raw: bytes) -> "re.Match[bytes] | None":
        self.match = re.compile(self._plain).fullmatch
        return self.match(raw)

    def _first_released(self, raw: bytes) -> "re.Match[bytes] | None":
        self.match_released = re.compile(self._released).fullmatch
        return self.match_released(raw)

    def fits(self, raw: bytes) -> bool:
        """Tell whether raw is right. False may also mean: look closer."""
        found = (self.match_released if self.release in raw else self.match)(raw)
        if found is None:
            return self.fits_foreign(raw)
        return found.groups() in self.known or self.knows(found.groups())

    def fits_foreign(self, raw: bytes) -> bool:
        """Tell whether raw, which is not ASCII, is right whatever its character set.

        A letter beyond ASCII is one byte, or several in UTF-8: with one stand-in for each byte no value is shorter than
        it is, with one for each sequence none is longer. When both fit, so does the text. No code has the stand-in.
        """
        if raw.isascii() or not self.stand_in:
            return False
        bytewise = raw.translate(_LOW + self.stand_in * 128)
        return self.fits(bytewise) and self.fits(_SEQUENCE.sub(self.stand_in, raw))

    def knows(self, values: Values) -> bool:
        """Tell whether all values are in their lists, and remember it."""
        for value, allowed in zip(values, self.codes, strict=True):
            if value is not None and value not in allowed:
                return False
        if len(self.known) >= _MAX_KNOWN:
            self.known.clear()
        self.known.add(values)
        return True


def compile_shape(layout: SegmentLayout, directory: Directory, overlay: Overlay | None, marks: Marks) -> Shape:
    """Return the shape of a segment for these service characters."""
    plain = _Writer(directory, overlay, marks, released=False)
    released = _Writer(directory, overlay, marks, released=marks.release != " ")
    tag = layout.tag.encode()
    return Shape(
        marks.release.encode("latin-1") if marks.release != " " else b"\x00",
        tag + plain.elements(layout.elements),
        tag + released.elements(layout.elements),
        tuple(plain.codes),
        _stand_in(marks.una()[3:]),
    )


def _stand_in(marks: str) -> bytes:
    return (
        next(_STAND_INS[at : at + 1] for at in range(7) if chr(_STAND_INS[at]) not in marks) if marks.isascii() else b""
    )


class _Writer:
    """Writes the pattern from left to right, so that capture groups and code sets stay in step."""

    def __init__(self, directory: Directory, overlay: Overlay | None, marks: Marks, *, released: bool) -> None:
        self.codes: list[frozenset[bytes]] = []
        self._directory = directory
        self._overlay = overlay
        self._element = re.escape(marks.element.encode("latin-1"))
        self._component = re.escape(marks.component.encode("latin-1"))
        banned = {marks.element, marks.component, marks.release, marks.repetition, marks.terminator} - {" "}
        self._release = re.escape(marks.release.encode("latin-1")) if released else b""
        self._separators = self._element + self._component
        self._decimal = re.escape(marks.decimal.encode("latin-1")) if marks.named else b".,"
        self._banned = re.escape("".join(sorted(banned)).encode("latin-1")) + rb"\x00-\x1f\x7f-\xff"

    def elements(self, uses: tuple[ElementUse, ...]) -> bytes:
        """Each element opens an optional tail, unless a mandatory one still follows."""
        out, open_tails = b"", 0
        for place, use in enumerate(uses):
            needed = any(each.required for each in uses[place:])
            out += (b"" if needed else b"(?:") + self._element + self._one(use)
            open_tails += not needed
        return out + b"|)" * open_tails + b"(?<![" + self._separators + b"])"

    def _one(self, use: ElementUse) -> bytes:
        if use.unused:
            return b""
        if not use.composite:
            return self._value(use.components[0], use.required)
        inner = self._components(use.components)
        firm = any(each.required for each in use.components)
        if not use.required:
            return b"(?:" + inner + b"|)" if firm else inner
        return inner if firm else b"(?=" + self._component + b"*[^" + self._separators + b"])" + inner

    def _components(self, components: tuple[ComponentUse, ...]) -> bytes:
        out, open_tails = b"", 0
        for place, component in enumerate(components):
            value = self._value(component, component.required)
            if place:
                needed = any(each.required for each in components[place:])
                out += (b"" if needed else b"(?:") + self._component + value
                open_tails += not needed
            else:
                out += value
        return out + b"|)" * open_tails

    def _value(self, component: ComponentUse, required: bool) -> bytes:
        """What follows a value is never part of one, so nothing here needs to be tried twice: {}+ says so."""
        form = component.format
        if component.unused:
            return b""
        if form.kind == "n":
            return self._number(form, required)
        digits = b"0-9" if form.kind == "a" else b""
        value = b"[^" + self._banned + digits + b"]"
        if self._release and not digits:
            value = b"(?:" + value + b"|" + self._release + rb"[^\x00-\x1f\x7f-\xff])"
        least = form.minimum if required or form.minimum > 1 else 0
        value += b"{%d,%d}+" % (least, form.maximum)
        if component.id != _LIST and self._directory.is_coded(component.id):
            self.codes.append(self._allowed(component.id, required))
            value = b"(" + value + b")"
        return value if required or not least else b"(?:" + value + b"|)"

    def _number(self, form: Format, required: bool) -> bytes:
        if form.minimum == form.maximum:
            value = b"-?[0-9]{%d}" % form.maximum
        else:
            limit = b"(?=[0-9.,]{3,%d}(?![0-9.,]))" % (form.maximum + 1)
            value = b"-?(?:[0-9]{1,%d}|%s[0-9]+[%s][0-9]+)" % (form.maximum, limit, self._decimal)
        return value if required else b"(?:" + value + b"|)"

    def _allowed(self, element: str, required: bool) -> frozenset[bytes]:
        codes = self._directory.codes(element)
        if self._overlay is not None:
            codes = codes | self._overlay.codes.get(element, frozenset())
            codes = codes & self._overlay.only.get(element, codes)
        return frozenset(code.encode() for code in codes) | (frozenset() if required else frozenset((b"",)))
