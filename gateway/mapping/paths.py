"""Source names of EDIFACT: from SG25/QTY/C186.6060 to groups, tag and positions, checked against the directory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.mapping.rules import Conditions, refuse
from gateway.schema.directory import Directory, GroupUse, SegmentLayout, SegmentUse

SPOTS_KEPT = 5_000
_GS1 = ("SRV", "GU", "NTP", "41", "212", "217")  # codes of GS1 that are not of the form 73E, or of a later directory


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on a segment. Positions from 0. values: what is accepted, in order of preference."""

    element: int
    component: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A group on the way down, with what its first segment must say."""

    group: str
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a rule finds its text. Positions from 0.

    elements    candidates: more than one when the composite repeats in the segment and no [n] was given
    components  more than one only for a text that is split over them
    nth         which of the segment's places in its group, when it has several (DELFOR has two UNS)
    tests       of the same segment, their element given relative to the directory
    """

    groups: tuple[Step, ...]
    tag: str
    elements: tuple[int, ...]
    components: tuple[int, ...]
    composite: str
    tests: tuple[Test, ...]
    nth: int = 1


@dataclass(slots=True)
class Grammar:
    """The message a mapping is for. It remembers the spots that it has resolved: a draft is compiled anew at each key
    stroke, and nearly all of its rules are those of the stroke before."""

    directory: Directory
    root: GroupUse
    _spots: dict[tuple[tuple[str, ...], str, Conditions, bool], Spot] = field(default_factory=dict, repr=False)

    def layout(self, tag: str, at: str) -> SegmentLayout:
        """Return the layout of a segment. Raises OurFault mapping.unknown-path."""
        try:
            return self.directory.layout(tag)
        except KeyError:
            refuse("mapping.unknown-path", at, tag, sorted(self.directory.segments))

    def child(self, group: GroupUse, name: str, at: str) -> GroupUse:
        """Return the group of that name directly below group."""
        below = {each.name: each for each in group.children if isinstance(each, GroupUse)}
        if name not in below:
            refuse("mapping.unknown-path", at, f"{group.name}/{name}", [f"{group.name}/{each}" for each in below])
        return below[name]

    def position(self, tag: str, name: str, at: str) -> tuple[int, int]:
        """Return element and component from 0."""
        layout = self.layout(tag, at)
        try:
            element, component = layout.position(name)
        except KeyError:
            refuse("mapping.unknown-path", at, f"{tag}/{name}", [f"{tag}/{each}" for each in layout.paths()])
        return element - 1, component - 1

    def group_at(self, names: Sequence[str], at: str) -> GroupUse:
        """Follow group names from the root."""
        group = self.root
        for name in names:
            group = self.child(group, name, at)
        return group

    def segment_order(self, group: GroupUse, tag: str, at: str, nth: int = 1) -> int:
        """Return the place of a segment among the children of its group. nth: from 1, when it has several places."""
        segments = [(n, each.tag) for n, each in enumerate(group.children) if isinstance(each, SegmentUse)]
        places = [n for n, name in segments if name == tag]
        if not 1 <= nth <= len(places):
            refuse("mapping.unknown-path", at, f"{group.name}/{tag}", [f"{group.name}/{name}" for _, name in segments])
        return places[nth - 1]

    def group_order(self, group: GroupUse, name: str) -> int:
        return next(n for n, each in enumerate(group.children) if isinstance(each, GroupUse) and each.name == name)

    def segment_repeats(self, group: GroupUse, tag: str) -> int:
        return next((each.repeats for each in group.children if isinstance(each, SegmentUse) and each.tag == tag), 1)

    def spot(self, base: Sequence[str], path: str, where: Conditions, join: bool, at: str) -> Spot:
        """Resolve a path from base (group names from the root). Raises OurFault mapping.unknown-path."""
        key = (tuple(base), path, where, join)
        found = self._spots.get(key)
        if found is None:
            if len(self._spots) >= SPOTS_KEPT:
                self._spots.clear()
            found = self._spots[key] = self._resolved(base, path, where, join, at)
        return found

    def _resolved(self, base: Sequence[str], path: str, where: Conditions, join: bool, at: str) -> Spot:
        *names, tag, name = path.split("/") if "/" in path else ("", path)
        group = self.group_at([*base, *names], at)
        tag, numbered, number = tag.removesuffix("]").partition("[")
        nth = (int(number) if number.isdecimal() and len(number) < 6 else 0) if numbered else 1
        self.segment_order(group, tag, at, nth)
        element, component = self.position(tag, name, at)
        layout = self.layout(tag, at)
        tests, steps = self.tests(base, names, tag, name, where, at)
        elements = self._repeats(layout, element, name)
        components: tuple[int, ...] = (component,)
        if join:
            use = layout.elements[element]
            components = tuple(
                n for n, each in enumerate(use.components) if n >= component and each.id == use.components[component].id
            )
        return Spot(
            groups=steps, tag=tag, elements=elements, components=components, composite=name.partition(".")[0],
            tests=tests, nth=nth,
        )  # fmt: skip

    def segment_list(
        self, base: Sequence[str], each: str, where: Conditions, at: str
    ) -> tuple[tuple[Test, ...], tuple[Step, ...]]:
        """Resolve the head of a list that repeats a segment: tests of the segment, groups on the way to it."""
        *names, tag = each.split("/")
        own = tuple((name.removeprefix(f"{each}/"), values) for name, values in where if name.startswith(f"{each}/"))
        others = tuple((name, values) for name, values in where if not name.startswith(f"{each}/"))
        self.segment_order(self.group_at([*base, *names], at), tag, at)
        return self.tests(base, names, tag, "", (*own, *others), at)

    def _repeats(self, layout: SegmentLayout, element: int, name: str) -> tuple[int, ...]:
        if "[" in name.partition(".")[0] or "." not in name:
            return (element,)
        same = layout.elements[element].id
        return tuple(n for n, each in enumerate(layout.elements) if each.id == same)

    def tests(
        self, base: Sequence[str], names: Sequence[str], tag: str, name: str, where: Conditions, at: str
    ) -> tuple[tuple[Test, ...], tuple[Step, ...]]:
        """Sort conditions into those of the segment itself and those of the groups on the way."""
        own: list[Test] = []
        outer: dict[int, list[Test]] = {}
        for condition, values in where:
            *groups, test_tag, test_name = condition.split("/") if "/" in condition else (tag, condition)
            position = self.position(test_tag, test_name, at)
            self._codes(test_name, values, at)
            test = Test(*position, values)
            if "/" not in condition:
                own.append(test)
                continue
            if list(names[: len(groups)]) != groups or not groups:
                refuse("mapping.condition-elsewhere", at, condition, ["/".join(names)])
            group = self.group_at([*base, *groups], at)
            if group.trigger != test_tag:
                refuse("mapping.condition-elsewhere", at, condition, [f"{'/'.join(groups)}/{group.trigger}"])
            outer.setdefault(len(groups) - 1, []).append(test)
        return tuple(own), tuple(Step(each, tuple(outer.get(n, ()))) for n, each in enumerate(names))

    def _codes(self, name: str, values: tuple[str, ...], at: str) -> None:
        """Values of a coded element should be in the directory's list; GS1's own codes (50E, 33E) are outside it."""
        element = name.rpartition(".")[2].partition("[")[0]
        for value in values:
            if value and not self.directory.has_code(element, value) and not value.endswith("E") and value not in _GS1:
                refuse("mapping.unknown-code-value", at, f"{element}={value}", sorted(self.directory.codes(element)))
