"""Segments to EDIFACT bytes."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain

from gateway.codecs.edifact_charset import CODECS, writable
from gateway.codecs.edifact_marks import DEFAULT_MARKS, Marks
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.tree import Elements, Segment, all_made
from gateway.model.written import Written


def write_segments(
    segments: Iterable[Segment],
    marks: Marks = DEFAULT_MARKS,
    syntax_id: str = "UNOC",
    *,
    line_end: str = "",
    transliterate: bool = False,
) -> bytes:
    """Return the segments as bytes: marks in data released, trailing empty elements and components left out.

    syntax_id  UNOA, UNOB, ...: decides the repertoire and the character set
    Raises OurFault edifact.character-unwritable when a character has no place in the character set, OurFault
    edifact.repetition-unwritable when an element is repeated and the marks have no repetition separator.
    """
    writer = _Writer(marks, syntax_id, transliterate, marks.terminator + line_end)
    text = writer.written(segments) if isinstance(segments, Written) else writer.text(tuple(segments))
    return text.encode(CODECS.get(syntax_id, "utf-8"))


@lru_cache(maxsize=32)
def _special(marks: Marks) -> re.Pattern[str]:
    found = {marks.component, marks.element, marks.terminator, marks.release, marks.repetition} - {" "}
    return re.compile("[" + re.escape("".join(sorted(found))) + "]")


class _Writer:
    """end: what follows each segment."""

    def __init__(self, marks: Marks, syntax_id: str, transliterate: bool, end: str = "") -> None:
        self._marks = marks
        self._syntax_id = syntax_id
        self._transliterate = transliterate
        self._end = end
        self._special = _special(marks)

    def written(self, body: Written) -> str:
        """Return what a mapping has written; runs whose values may not stand as they are go segment by segment."""
        component, element, end = self._marks.component, self._marks.element, self._end
        forms = {form.constants for form, _ in body.runs}
        if self._as_it_is("".join([*forms, *chain.from_iterable([values for _, values in body.runs])])):
            return "".join([form.text(values, component, element, end) for form, values in body.runs])
        return "".join(
            [
                form.text(values, component, element, end)
                if self._as_it_is("".join([form.constants, *values]))
                else self.text(tuple(form.segments(values)))
                for form, values in body.runs
            ]
        )

    def text(self, segments: Sequence[Segment]) -> str:
        """Return segments as text; what has to be released or looked at closely is mostly in few of them."""
        rows = self.at_once(segments)
        if rows is None:
            rows = [(self.at_once((each,)) or (self.segment(each),))[0] for each in segments]
        return "".join([row + self._end for row in rows])

    def at_once(self, segments: Sequence[Segment]) -> Sequence[str] | None:
        """Return the segments as text when all that they hold may be written as it is; None when not, or when one has
        repetitions. A message of a hundred segments costs a tenth of going value by value."""
        if not all_made(segments):
            return None
        elements = [each.elements for each in segments]
        if not self._as_it_is("".join(chain.from_iterable(chain.from_iterable(elements)))):
            return None
        return [self._row(each.tag, of_it) for each, of_it in zip(segments, elements, strict=True)]

    def _as_it_is(self, contents: str) -> bool:
        return not self._special.search(contents) and writable(contents, self._syntax_id) == contents

    def _row(self, tag: str, elements: Elements) -> str:
        """Return a segment whose values hold no marks: those at the end of an element or of all belong to absent
        components and elements."""
        element, component = self._marks.element, self._marks.component
        row = element.join([tag, *map(component.join, elements)])
        if component + element in row or row.endswith(component):
            row = element.join([tag, *[component.join(each).rstrip(component) for each in elements]])
        return row.rstrip(element)

    def segment(self, segment: Segment) -> str:
        if segment.repeats and self._marks.repetition == " ":
            raise OurFault("edifact.repetition-unwritable", Where(tag=segment.tag), tag=segment.tag)
        parts = [segment.tag]
        for place, element in enumerate(segment.elements):
            occurrences = [element, *[components for at, components in segment.repeats if at == place]]
            written = [self._element(components, segment.tag, place + 1) for components in occurrences]
            parts.append(self._marks.repetition.join(written))
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        return self._marks.element.join(parts)

    def _element(self, components: tuple[str, ...], tag: str, element: int) -> str:
        done = [self._value(each, tag, element, at) if each else "" for at, each in enumerate(components, 1)]
        while done and not done[-1]:
            done.pop()
        return self._marks.component.join(done)

    def _value(self, value: str, tag: str, element: int, component: int) -> str:
        text = writable(value, self._syntax_id, transliterate=self._transliterate)
        if text is None or (self._marks.release == " " and self._special.search(text)):
            where = Where(tag=tag, element=element, component=component)
            raise OurFault("edifact.character-unwritable", where, value=value, level=self._syntax_id)
        release = self._marks.release
        return self._special.sub(lambda found: release + found[0], text)
