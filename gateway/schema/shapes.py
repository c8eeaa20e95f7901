"""One regular expression per segment tag that checks presence, number, type and length of all elements at once.

What it matches is right, apart from the codes it captures, which are looked up in sets. What it does not match
goes to ElementChecker, which says what is wrong and where: a shape never makes a finding itself.
"""

import re
from dataclasses import dataclass

from gateway.codecs.edifact_marks import Marks
from gateway.schema.directory import ComponentUse, Directory, ElementUse, SegmentLayout
from gateway.schema.overlay import Overlay

_LIST = "1131"


@dataclass(frozen=True, slots=True)
class Shape:
    """plain: for segments without release characters; released: for those with some, slower.
    codes: for each capture group of the patterns, the values it may have."""

    release: bytes
    plain: re.Pattern[bytes]
    released: re.Pattern[bytes]
    codes: tuple[frozenset[bytes], ...]

    def fits(self, raw: bytes) -> bool:
        """Tell whether raw, a segment in ASCII, is right. False may also mean: look closer."""
        found = (self.released if self.release in raw else self.plain).fullmatch(raw)
        if found is None:
            return False
        for value, allowed in zip(found.groups(), self.codes, strict=True):
            if value is not None and value not in allowed:
                return False
        return True


def compile_shape(layout: SegmentLayout, directory: Directory, overlay: Overlay | None, marks: Marks) -> Shape:
    """Return the shape of a segment for these service characters."""
    plain = _Writer(directory, overlay, marks, released=False)
    released = _Writer(directory, overlay, marks, released=marks.release != " ")
    tag = layout.tag.encode()
    return Shape(
        marks.release.encode("latin-1"),
        re.compile(tag + plain.elements(layout.elements)),
        re.compile(tag + released.elements(layout.elements)),
        tuple(plain.codes),
    )


class _Writer:
    """Writes the pattern from left to right, so that capture groups and code sets stay in step."""

    def __init__(self, directory: Directory, overlay: Overlay | None, marks: Marks, *, released: bool) -> None:
        self.codes: list[frozenset[bytes]] = []
        self._directory = directory
        self._overlay = overlay
        self._element = re.escape(marks.element.encode("latin-1"))
        self._component = re.escape(marks.component.encode("latin-1"))
        banned = {marks.element, marks.component, marks.release, marks.terminator} - {" "}
        self._release = re.escape(marks.release.encode("latin-1")) if released else b""
        self._separators = self._element + self._component
        self._banned = re.escape("".join(sorted(banned)).encode("latin-1")) + rb"\x00-\x1f"

    def elements(self, uses: tuple[ElementUse, ...]) -> bytes:
        """Each element opens an optional tail, unless a mandatory one still follows."""
        out, open_tails = b"", 0
        for place, use in enumerate(uses):
            needed = any(each.required for each in uses[place:])
            out += (b"" if needed else b"(?:") + self._element + self._one(use)
            open_tails += not needed
        return out + self._element + b"*" + b")?" * open_tails if open_tails else out + self._element + b"*"

    def _one(self, use: ElementUse) -> bytes:
        inner = self._components(use.components) if use.composite else self._value(use.components[0])
        if not use.required:
            return b"(?:" + inner + b")?"
        return b"(?=" + self._component + b"*[^" + self._separators + b"])" + inner

    def _components(self, components: tuple[ComponentUse, ...]) -> bytes:
        out, open_tails = b"", 0
        for place, component in enumerate(components):
            value = self._value(component)
            value = value if component.required else b"(?:" + value + b")?"
            if place:
                needed = any(each.required for each in components[place:])
                out += (b"" if needed else b"(?:") + self._component + value
                open_tails += not needed
            else:
                out += value
        return out + b")?" * open_tails

    def _value(self, component: ComponentUse) -> bytes:
        form = component.format
        size = b"{%d}" % form.maximum if form.minimum == form.maximum else b"{%d,%d}" % (form.minimum, form.maximum)
        if form.kind == "n":
            whole = b"[0-9]" + size
            if form.minimum == form.maximum:
                return b"-?" + whole
            limit = b"(?=[0-9.,]{3,%d}(?![0-9.,]))" % (form.maximum + 1)
            return b"-?(?:" + whole + b"(?![0-9.,])|" + limit + rb"[0-9]+[.,][0-9]+)"
        digits = b"0-9" if form.kind == "a" else b""
        value = b"[^" + self._banned + digits + b"]"
        if self._release and not digits:
            value = b"(?:" + value + b"|" + self._release + b"[^\x00-\x1f])"
        value += size
        if component.id != _LIST and self._directory.is_coded(component.id):
            self.codes.append(self._allowed(component.id))
            return b"(" + value + b")"
        return value

    def _allowed(self, element: str) -> frozenset[bytes]:
        codes = self._directory.codes(element)
        if self._overlay is not None:
            codes = codes | self._overlay.codes.get(element, frozenset())
        return frozenset(code.encode() for code in codes)
