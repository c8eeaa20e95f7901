"""Hold the elements of a segment against its layout: presence, number, type, length and codes.

Source: ISO 9735:1988 clauses 8 and 10; representations and code lists of the directory.
"""

import re
from collections.abc import Iterable, Iterator

from gateway.codecs.edifact_marks import Marks
from gateway.codecs.edifact_report import MAX_FINDINGS, add, report
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.model.tree import Segment
from gateway.schema.directory import ComponentUse, Directory, ElementUse, GroupUse, SegmentLayout
from gateway.schema.narrowed import layout_of, structure_of
from gateway.schema.overlay import Overlay
from gateway.schema.quick import QuickWalk
from gateway.schema.shapes import Shape, compile_shape

_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?\Z")
_LOOSE_NUMBER = re.compile(r"-?[0-9]*+[.,]?[0-9]*\Z")  # a value may be long: nothing is tried twice
_SEPARATED = re.compile(r"-?[0-9]+(?:[.,][0-9]+){2,}\Z")  # with separators for thousands
_DIGIT = re.compile(r"[0-9]")
_LIST = "1131"  # the code list's own name: when set, codes beside it are not the directory's
_AGENCY = "3055"
_OWN_AGENCIES = ("", "6")  # the directory's lists


_MAX_MARKS = 8  # sets of service characters for which shapes are kept: a sender can invent any number of them


def checker_of(directory: Directory, overlay: Overlay | None, marks: Marks) -> "ElementChecker":
    """Return the checker for segments with these marks; it lives with the directory."""
    kept: dict[tuple[int, Marks], ElementChecker] = directory.kept("checkers", dict)
    key = (id(overlay), marks)  # the checker holds the overlay, so that no other gets its id
    found = kept.get(key)
    if found is None:
        found = ElementChecker(directory, overlay, marks, shaped=len(kept) < _MAX_MARKS)
        if found.shaped:
            kept[key] = found
    return found


class ElementChecker:
    """Checks the elements of segments.

    shaped: has shapes to tell quickly what is right; without them every segment is gone through.
    """

    def __init__(self, directory: Directory, overlay: Overlay | None, marks: Marks, *, shaped: bool = True) -> None:
        self.shaped = shaped
        self._directory = directory
        self._overlay = overlay
        self._marks = marks
        self.dates: set[bytes] = set()  # raw DTM segments whose dates are right (see dates.py)
        self._shapes: dict[str, Shape] = {}
        self._walks: dict[str, QuickWalk] = {}
        self._structures: dict[str, GroupUse] = {}
        self._layouts: dict[str, SegmentLayout] = {}

    def quick_walk(self, message: str) -> QuickWalk:
        """Return the quick way through a message type that the directory has."""
        found = self._walks.get(message)
        if found is None:
            found = self._walks[message] = QuickWalk(self.structure(message), self.shape)
        return found

    def structure(self, message: str) -> GroupUse:
        """Return the structure of a message type that the directory has, as the overlay has it."""
        found = self._structures.get(message)
        if found is None:
            found = self._structures[message] = structure_of(self._directory, message, self._overlay)
        return found

    def shape(self, tag: str) -> Shape:
        """Return the shape of a segment that the directory has."""
        found = self._shapes.get(tag)
        if found is None:
            layout = self._layout(tag)
            found = self._shapes[tag] = compile_shape(layout, self._directory, self._overlay, self._marks)
        return found

    def odd(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        """Yield the segments that need a closer look; the directory must have them all."""
        for segment in segments:
            if not (self.shaped and self.shape(segment.tag).fits(segment.raw)):
                yield segment

    def _layout(self, tag: str) -> SegmentLayout:
        found = self._layouts.get(tag)
        if found is None:
            try:
                found = self._layouts[tag] = layout_of(self._directory, tag, self._overlay)
            except KeyError as error:
                raise OurFault("edifact.directory-unreadable", value=tag, directory=self._directory.name) from error
        return found

    def explain(self, segment: Segment, findings: list[Finding]) -> None:
        """Go through the segment element by element and report what is wrong."""
        _Explanation(self._directory, self._overlay, self._marks, findings).segment(segment, self._layout(segment.tag))


class _Explanation:
    """One segment, element by element."""

    def __init__(self, directory: Directory, overlay: Overlay | None, marks: Marks, findings: list[Finding]) -> None:
        self._has_19 = marks.repetition == " "  # the list 0085 of syntax 4 has no "invalid decimal notation"
        self._other_mark = {".": ",", ",": "."}[marks.decimal] if marks.named else None
        self._directory = directory
        self._overlay = overlay
        self._findings = findings

    def segment(self, segment: Segment, layout: SegmentLayout) -> None:
        for place, use in enumerate(layout.elements):
            components = segment.elements[place] if place < len(segment.elements) else ("",)
            self._element(segment, use, place + 1, components)
        self._surplus(segment, layout)
        self._trailing(segment)
        repeats = segment.repeats
        for place, components in repeats[:MAX_FINDINGS]:  # more are too many anyway
            if place < len(layout.elements):
                self._element(segment, layout.elements[place], place + 1, components)
        if repeats:
            self._repeats(segment, layout)

    def _element(self, segment: Segment, use: ElementUse, place: int, components: tuple[str, ...]) -> None:
        if not any(components):
            if use.required:
                self._report("edifact.element-missing", segment.where(place), tag=segment.tag, element=use.id)
            return
        if use.unused:
            value = next(each for each in components if each)
            self._report("edifact.element-unused", segment.where(place), value=value, tag=segment.tag, element=use.id)
            return
        limit = len(use.components)
        if len(components) > limit and any(components[limit:]):
            where = segment.where(place, limit + 1)
            self._report(
                "edifact.component-surplus",
                where,
                value=next(each for each in components[limit:] if each),
                tag=segment.tag,
                element=use.id,
                limit=str(limit),
            )
        foreign_list = self._names_other_list(use, components)
        for index, component in enumerate(use.components):
            value = components[index] if index < len(components) else ""
            where_args = (place, index + 1 if use.composite else None)
            if not value:
                if component.required:
                    self._report(
                        "edifact.element-missing", segment.where(*where_args), tag=segment.tag, element=component.id
                    )
                continue
            if component.unused:
                self._report(
                    "edifact.element-unused",
                    segment.where(*where_args),
                    value=value,
                    tag=segment.tag,
                    element=component.id,
                )
                continue
            good = self._value(segment.where(*where_args), component, value)
            if good and (not foreign_list or component.id == _AGENCY):
                self._code(segment.where(*where_args), component.id, value)

    def _names_other_list(self, use: ElementUse, components: tuple[str, ...]) -> bool:
        """Tell whether 1131 or 3055 say that the codes of this composite are another agency's."""
        for index, component in enumerate(use.components[: len(components)]):
            if component.id == _LIST and components[index]:
                return True
            if component.id == _AGENCY and components[index] not in _OWN_AGENCIES:
                return True
        return False

    def _value(self, where: Where, component: ComponentUse, value: str) -> bool:
        """Check type and length; False when something was found."""
        before = len(self._findings)
        form = component.format
        length = len(value)
        if form.kind == "n":
            if not _NUMBER.match(value):
                loose = (_LOOSE_NUMBER.match(value) and _DIGIT.search(value)) or _SEPARATED.match(value)
                code = "edifact.decimal-notation" if loose else "edifact.value-not-numeric"
                iso = "38" if loose and value.lstrip("-")[:1] in ".," else None if self._has_19 else "37"
                self._report(code, where, value=value, iso=iso, element=component.id, format=str(form))
                return False
            if self._other_mark and self._other_mark in value:
                self._report("edifact.decimal-mark", where, value=value, mark=self._other_mark)
            length -= value.startswith("-") + ("." in value or "," in value)
        elif form.kind == "a" and _DIGIT.search(value):
            self._report("edifact.value-not-alphabetic", where, value=value, element=component.id, format=str(form))
        if length > form.maximum:
            self._length("edifact.value-too-long", where, component, value, form.maximum)
        elif length < form.minimum:
            self._length("edifact.value-too-short", where, component, value, form.minimum)
        return len(self._findings) == before

    def _length(self, code: str, where: Where, component: ComponentUse, value: str, limit: int) -> None:
        self._report(code, where, value=value, element=component.id, format=str(component.format), limit=str(limit))

    def _code(self, where: Where, element: str, value: str) -> None:
        overlay = self._overlay
        if element == _LIST:
            return
        if self._directory.has_code(element, value) or (overlay is not None and overlay.has_code(element, value)):
            if overlay is not None and not overlay.agrees(element, value):
                self._report("edifact.code-not-agreed", where, value=value, element=element)
            return
        temporary = overlay is not None and overlay.is_temporary(value)
        self._report(
            "edifact.code-temporary" if temporary else "edifact.code-unknown", where, value=value, element=element
        )

    def _trailing(self, segment: Segment) -> None:
        """Told once for a message: who writes trailing separators writes them everywhere."""
        final = segment.elements[-1] if segment.elements else ("x",)
        empty = final == ("",) or (len(final) > 1 and not final[-1])
        if empty and not any(each.code == "edifact.separator-trailing" for each in self._findings):
            self._report("edifact.separator-trailing", segment.where(len(segment.elements)), tag=segment.tag)

    def _surplus(self, segment: Segment, layout: SegmentLayout) -> None:
        limit = len(layout.elements)
        for place in range(limit, len(segment.elements)):
            if any(segment.elements[place]):
                value = next(each for each in segment.elements[place] if each)
                where = segment.where(place + 1)
                self._report("edifact.element-surplus", where, value=value, tag=segment.tag, limit=str(limit))
                return

    def _repeats(self, segment: Segment, layout: SegmentLayout) -> None:
        counts: dict[int, int] = {}
        for place, _ in segment.repeats:
            counts[place] = counts.get(place, 1) + 1
        for place, count in counts.items():
            if place < len(layout.elements) and count > (limit := layout.elements[place].repeats):
                use = layout.elements[place]
                where = segment.where(place + 1)
                self._report("edifact.element-repeats", where, tag=segment.tag, element=use.id, limit=str(limit))

    def _report(
        self, code: str, where: Where, *, value: str | None = None, iso: str | None = None, **params: str
    ) -> None:
        add(self._findings, report(code, where, value=value, iso=iso, **params))
