"""Every value of a message of a sample, at its path as a rule would write it, and what the mapping makes of it: the
left pane of the mapping editor."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count, islice
from typing import Any, Literal

from gateway.codecs.xml_places import Locator
from gateway.mapping.reading import Leftover
from gateway.mapping.rules import Syntax
from gateway.mapping.trace import Traced
from gateway.model.findings import Where
from gateway.model.tree import Group, Segment
from gateway.schema.directory import Directory, ElementUse, GroupUse

_SERVICE = ("UNH", "UNT", "UNS")
_QUALIFIER_LENGTH = 3  # of a code that says what the value beside it is: an..3

State = Literal["read", "left", "ignored"]
Place = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleValue:
    """One value. path: from the message, as a rule writes it: SG25/QTY/C186.6060, cac:OrderLine/cbc:Note, a column.

    group      what it stands in, for the eye: "QTY 11", a path of elements; part: the last name of its path
    qualifiers (name, value) that choose it among others of its path, as conditions of a rule from the message
    field      canonical path that it is read as, "" when it is not; rule: file:line
    state      read; left: no rule touches it; ignored by name, or what only chooses another value
    """

    number: int
    group: str
    part: str
    path: str
    value: str
    qualifiers: tuple[tuple[str, str], ...] = ()
    field: str = ""
    rule: str = ""
    line: int | None = None
    state: State = "ignored"


@dataclass(slots=True)
class _Marks:
    """Where values were read, and where they are left over."""

    read: dict[Place, Traced] = field(default_factory=dict)
    left: set[Place] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)  # of the values, in their order

    @classmethod
    def of(cls, trace: Sequence[Traced], leftovers: Sequence[Leftover]) -> "_Marks":
        marks = cls()
        for row in trace:
            if row.where is not None and row.how != "element":
                marks.read.setdefault(_place(row.where), row)
        marks.left = {_place(each.where) for each in leftovers}
        return marks

    def said(self, place: Place) -> tuple[str, str, State]:
        """Return field, rule and state of the value at a place."""
        found = self.read.get(place)
        if found is not None:
            return found.field, found.rule, "read"
        return "", "", "left" if place in self.left else "ignored"


def _place(where: Where) -> Place:
    if where.segment is not None:
        return (where.segment, where.element, where.component)
    return (where.path,)


def sample_values(
    tree: Any,
    syntax: Syntax,
    directories: Mapping[str, Directory],
    trace: Sequence[Traced],
    leftovers: Sequence[Leftover],
    limit: int,
) -> list[SampleValue]:
    """Return the first values of a message, at most limit, in its order. tree: as the codec has read it."""
    marks = _Marks.of(trace, leftovers)
    if isinstance(tree, Group):
        directory = directories.get(syntax.directory)
        found = _edifact(tree, directory, syntax, marks) if directory is not None else iter(())
    elif syntax.kind == "xml":
        found = _xml(tree, syntax, marks)
    else:
        found = _told(trace, leftovers, marks)
    return list(islice(found, limit))


# --- EDIFACT ----------------------------------------------------------------------------------------------------------


def _edifact(tree: Group, directory: Directory, syntax: Syntax, marks: _Marks) -> Iterator[SampleValue]:
    chosen: dict[int, tuple[tuple[str, str], ...]] = {}  # by id of a group: what its trigger says it is
    for groups, segment in _walk(tree, ()):
        if segment.tag in _SERVICE:
            continue
        around: tuple[tuple[str, str], ...] = ()
        for depth, group in enumerate(groups):
            if id(group) not in chosen:
                prefix = "/".join(each.name for each in groups[: depth + 1])
                chosen[id(group)] = _chooses(group.trigger, directory, f"{prefix}/")
            if group.trigger is not segment:
                around += chosen[id(group)]
        yield from _of_segment(segment, groups, directory, around, marks)


def _walk(group: Group, above: tuple[Group, ...]) -> Iterator[tuple[tuple[Group, ...], Segment]]:
    for child in group.children:
        if isinstance(child, Group):
            yield from _walk(child, (*above, child))
        else:
            yield above, child


@lru_cache(2_000)
def _names(directory: Directory, tag: str) -> list[list[str]]:
    """Return the path of each component of a segment within it: [element][component]."""
    try:
        layout = directory.layout(tag)
    except KeyError:
        return []
    paths = layout.paths()
    return [[next(paths) for _ in (each.components if each.composite else (None,))] for each in layout.elements]


def _of_segment(
    segment: Segment,
    groups: tuple[Group, ...],
    directory: Directory,
    around: tuple[tuple[str, str], ...],
    marks: _Marks,
) -> Iterator[SampleValue]:
    names = _names(directory, segment.tag)
    prefix = "".join(f"{each.name}/" for each in groups)
    stands_in = f"{segment.tag} {segment.number}"
    for element, composite in enumerate(segment.elements):
        for component, text in enumerate(composite):
            if not text:
                continue
            known = element < len(names) and component < len(names[element])
            part = names[element][component] if known else f"{element + 1}.{component + 1}"
            own = _qualifier(segment, directory, element, component) if known else ()
            canonical, rule, state = marks.said((segment.number, element + 1, component + 1))
            yield SampleValue(
                number=next(marks.numbers),
                group=stands_in,
                part=part,
                path=f"{prefix}{segment.tag}/{part}" if known else "",
                value=text[:200],
                qualifiers=(*around, *own),
                field=canonical,
                rule=rule,
                line=segment.line,
                state=state,
            )


def _qualifier(segment: Segment, directory: Directory, element: int, component: int) -> tuple[tuple[str, str], ...]:
    """Return what says which of several values this is: a short code in its composite, else in the first element."""
    uses = directory.layout(segment.tag).elements
    names = _names(directory, segment.tag)
    own = uses[element]
    if own.composite:
        for place, each in enumerate(own.components):
            said = segment.get(element + 1, place + 1)
            if place != component and each.required and _is_code(own, place) and said:
                return ((names[element][place], said),)
    first = segment.get(1)
    if element > 0 and first and _is_code(uses[0], 0):
        return ((names[0][0], first),)
    return ()


def _is_code(use: ElementUse, place: int) -> bool:
    """Tell whether a place holds a code of the kind that stands beside a value: alphanumeric, at most three long."""
    form = use.components[place].format
    return form.kind == "an" and form.maximum <= _QUALIFIER_LENGTH


def _chooses(trigger: Segment, directory: Directory, prefix: str) -> tuple[tuple[str, str], ...]:
    """Return the condition that a group's first segment fulfils, as a rule writes it from the message."""
    try:
        uses = directory.layout(trigger.tag).elements
    except KeyError:
        return ()
    said = trigger.get(1)
    if not said or not uses or not _is_code(uses[0], 0):
        return ()
    return ((f"{prefix}{trigger.tag}/{_names(directory, trigger.tag)[0][0]}", said),)


def edifact_paths(directory: Directory, root: GroupUse) -> Iterator[str]:
    """Yield every path of a message that a rule may name, from the message, in the order of its segments."""

    def walk(group: GroupUse, prefix: str) -> Iterator[str]:
        for child in group.children:
            if isinstance(child, GroupUse):
                yield from walk(child, f"{prefix}{child.name}/")
            elif child.tag not in _SERVICE:
                for paths in _names(directory, child.tag):
                    yield from (f"{prefix}{child.tag}/{each}" for each in paths)

    yield from walk(root, "")


# --- XML and tables ---------------------------------------------------------------------------------------------------


def _xml(root: Any, syntax: Syntax, marks: _Marks) -> Iterator[SampleValue]:
    prefixes = {space: prefix for prefix, space in syntax.namespaces.items()}
    locate = Locator()
    waiting: list[tuple[Any, str]] = [(child, "") for child in reversed(root)]
    while waiting:
        element, above = waiting.pop()
        if not isinstance(element.tag, str):
            continue
        name = _prefixed(element.tag, prefixes)
        path = f"{above}{name}"
        waiting.extend((child, f"{path}/") for child in reversed(element))
        text = (element.text or "").strip()
        if not text:
            continue
        where = locate(element)
        canonical, rule, state = marks.said((where.path,))
        yield SampleValue(
            number=next(marks.numbers),
            group=(where.path or "").rpartition("/")[0],
            part=name,
            path=path,
            value=text[:200],
            qualifiers=tuple((f"@{_prefixed(key, prefixes)}", said) for key, said in element.attrib.items())[:3],
            field=canonical,
            rule=rule,
            line=where.line,
            state=state,
        )


def _prefixed(tag: str, prefixes: Mapping[str, str]) -> str:
    space, _, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    prefix = prefixes.get(space, "")
    return f"{prefix}:{local}" if prefix else local


def _told(trace: Sequence[Traced], leftovers: Sequence[Leftover], marks: _Marks) -> Iterator[SampleValue]:
    """What is no tree of ours to walk (CSV, JSON): what was read, then what is left."""
    for row in trace:
        if row.where is not None and row.how != "element":
            number, at = next(marks.numbers), row.where
            yield _cell(number, at.path or "", at, row.text, field=row.field, rule=row.rule, state="read")
    for left in leftovers:
        yield _cell(next(marks.numbers), left.path, left.where, left.value, state="left")


def _cell(number: int, path: str, where: Where, text: str, **said: Any) -> SampleValue:
    name = path.rpartition("/")[2]
    return SampleValue(
        number=number, group=_row(where), part=name, path=name, value=text[:200], line=where.line, **said
    )


def _row(where: Where) -> str:
    return f"{where.line}" if where.line else ""
