"""The careful way through a message: find the place of each segment, go on at the next that fits, report the rest.

Source: ISO 9735:1988 clauses 6 to 9 (order, groups, repetition), UNTDID part 4 chapter 2.3.
"""

import re
from dataclasses import dataclass, replace

from gateway.codecs.edifact_report import add, report
from gateway.codecs.envelope import RawMessage
from gateway.model.findings import Finding, Where
from gateway.model.tree import Group, Segment
from gateway.schema.directory import GroupUse, SegmentUse

_SECURITY = frozenset({"USA", "USB", "USC", "USD", "USE", "USF", "USH", "USL", "USR", "UST", "USU", "USX", "USY"})
_TAG = re.compile(r"[A-Z]{3}[^A-Za-z0-9]")


@dataclass(slots=True, eq=False)
class _Frame:
    """An open group: where in its children the walk stands, and how often that child has come."""

    use: GroupUse
    group: Group
    place: int = 0
    count: int = 0


_NONE: list[tuple[SegmentUse | GroupUse, int]] = []


class Walk:
    """One pass over one message. tags: all that the structure knows."""

    def __init__(self, structure: GroupUse, message: RawMessage, findings: list[Finding]) -> None:
        self.tags = structure.tags
        self._message = message
        self._findings = findings
        self._root = Group(structure.name)
        self._stack = [_Frame(structure, self._root)]
        self._last: Segment | None = None
        self._last_index: dict[str, int] | None = None

    def run(self) -> Group:
        """Return the tree of groups that the segments form; what does not fit is found on the way."""
        for index, segment in enumerate(self._message.segments):
            if not self._step(segment):
                self._take(segment, index)
        end = self._message.segments[-1]
        while self._stack:
            self._leave(end, end.tag == "UNT")
        return self._root

    def _step(self, segment: Segment) -> bool:
        """Take the usual way: the first place that fits, with nothing mandatory left out. False: not usual.

        Decides nothing on its own: what it takes, _take would take too.
        """
        stack = self._stack
        depth = len(stack) - 1
        while True:
            frame = stack[depth]
            use = frame.use
            places = use.places.get(segment.tag)
            if places is not None:
                place = places[-1]
                if len(places) > 1 and place >= frame.place:
                    return False
                child = use.children[place]
                if place > frame.place or (place == frame.place and frame.count < child.repeats):
                    break
            if not depth or frame.place < use.last_required:
                return False
            depth -= 1
        if place > frame.place and (frame.place < use.last_required or not frame.count):
            return False
        del stack[depth + 1 :]
        frame.count = frame.count + 1 if place == frame.place else 1
        frame.place = place
        group = frame.group
        if isinstance(child, GroupUse):
            group = Group(child.name)
            frame.group.children.append(group)
            stack.append(_Frame(child, group, 0, 1))
        group.children.append(segment)
        self._last = segment
        return True

    def _take(self, segment: Segment, index: int) -> None:
        """Find where segment belongs: forward in the innermost open group, then outward."""
        full: tuple[int, int] | None = None  # a place that fits but has had all its repeats
        for depth in range(len(self._stack) - 1, -1, -1):
            frame = self._stack[depth]
            for place in frame.use.places.get(segment.tag, ()):
                if place < frame.place:
                    continue
                if place == frame.place and frame.count >= frame.use.children[place].repeats:
                    if depth == 0 or place:  # a trigger is counted by its group, one level out
                        full = full or (depth, place)
                elif not self._skips_what_comes(depth, place, index):
                    self._put(segment, depth, place)
                    return
        if full:
            self._too_many(segment, *full)
            self._put(segment, *full)
        else:
            self._misplaced(segment)

    def _skips_what_comes(self, depth: int, place: int, index: int) -> bool:
        """Tell whether going there would leave out a mandatory segment that still comes later in the message.

        Then it is this segment that stands wrong, and not the other that is missing.
        """
        for level in range(len(self._stack) - 1, depth - 1, -1):
            frame = self._stack[level]
            until = place if level == depth else len(frame.use.children)
            for child, _ in self._missing(frame, until):
                tag = child.trigger if isinstance(child, GroupUse) else child.tag
                if self._comes_after(tag, index):
                    return True
        return False

    def _comes_after(self, tag: str, index: int) -> bool:
        if self._last_index is None:
            self._last_index = {each.tag: at for at, each in enumerate(self._message.segments)}
        return self._last_index.get(tag, -1) > index

    def _missing(self, frame: _Frame, until: int) -> list[tuple[SegmentUse | GroupUse, int]]:
        """Return the mandatory children between where the frame stands and until that have not come."""
        start = frame.place + 1 if frame.count else frame.place
        if start > frame.use.last_required:
            return _NONE
        children = frame.use.children
        return [(children[at], at) for at in range(start, until) if children[at].required]

    def _put(self, segment: Segment, depth: int, place: int) -> None:
        while len(self._stack) - 1 > depth:
            self._leave(segment)
        frame = self._stack[depth]
        self._report_missing(frame, place, segment)
        if place == frame.place:
            frame.count += 1
        else:
            frame.place, frame.count = place, 1
        child = frame.use.children[place]
        if isinstance(child, GroupUse):
            group = Group(child.name)
            frame.group.children.append(group)
            self._stack.append(_Frame(child, group))
            self._put(segment, depth + 1, 0)
            return
        frame.group.children.append(segment)
        self._last = segment

    def _leave(self, segment: Segment, complete: bool = True) -> None:
        frame = self._stack.pop()
        if complete:
            self._report_missing(frame, len(frame.use.children), segment)

    def _report_missing(self, frame: _Frame, until: int, segment: Segment) -> None:
        for child, _ in self._missing(frame, until):
            tag = child.trigger if isinstance(child, GroupUse) else child.tag
            where = replace(
                segment.where(),
                segment=self._last.number if self._last else segment.number,
                tag=tag,
                path="/".join((*self._names(frame), tag)),
            )
            add(self._findings, report("edifact.segment-missing", where, tag=tag, group=frame.use.name))

    def _names(self, frame: _Frame) -> list[str]:
        """Names of the open groups down to frame, which may have just been closed."""
        frames = self._stack if frame in self._stack else [*self._stack, frame]
        return [each.use.name for each in frames[1:]]

    def _where(self, segment: Segment) -> Where:
        path = "/".join([*[each.use.name for each in self._stack[1:]], segment.tag])
        number, tag, offset, line, column = segment.spot()
        return Where(segment=number, tag=tag, offset=offset, line=line, column=column, path=path)

    def _too_many(self, segment: Segment, depth: int, place: int) -> None:
        child = self._stack[depth].use.children[place]
        if isinstance(child, GroupUse):
            finding = report("edifact.group-repeats", self._where(segment), group=child.name, limit=str(child.repeats))
        else:
            finding = report("edifact.segment-repeats", self._where(segment), tag=child.tag, limit=str(child.repeats))
        add(self._findings, finding)

    def _misplaced(self, segment: Segment) -> None:
        if segment.tag in self.tags:
            after = self._last.tag if self._last else "-"
            finding = report(
                "edifact.segment-misplaced",
                self._where(segment),
                value=segment.tag,
                tag=segment.tag,
                message=self._message.type,
                after=after,
            )
        elif segment.tag in _SECURITY:
            finding = report("edifact.security-refused", self._where(segment), value=segment.tag, tag=segment.tag)
        elif len(segment.tag) > 3 and _TAG.match(segment.tag):
            finding = report(
                "edifact.service-character",
                segment.where(),
                value=segment.tag,
                expected=self._message.marks.element,
            )
        else:
            finding = report(
                "edifact.segment-unknown",
                self._where(segment),
                value=segment.tag,
                tag=segment.tag,
                message=self._message.type,
            )
        add(self._findings, finding)
