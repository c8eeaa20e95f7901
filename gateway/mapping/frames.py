"""While reading: the values found so far, where they came from, and what was wrong with them.

Both syntaxes share this: their readers only find texts; a Store turns a text into the value of a slot.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.mapping.codes import CodeTable, LookupTable
from gateway.mapping.conditions import Holds, compile_when
from gateway.mapping.converters import Converter, DoubtError, converters_for, default_name
from gateway.mapping.functions import FUNCTIONS
from gateway.mapping.moments import at_time
from gateway.mapping.money import Money, inheriting, money_of
from gateway.mapping.reading import Reading, Sources
from gateway.mapping.rules import Rule, refuse
from gateway.mapping.shape import Shape, shaper
from gateway.mapping.target import Build, Scope, Slot, builder, canonical_key
from gateway.model.findings import Finding, Severity, Where
from gateway.model.places import Places, Row, row_of
from gateway.model.values import Quantity

Place = Any  # (segment, element, component) or an XML element
Texts = tuple[str, ...]
POSITION = "position"  # check: position numbers what is written from 1; what was sent is not compared
_VALUE_LIMIT = 200
FINDING_LIMIT = 1000
_MISSING: dict[bool, tuple[str, Severity]] = {
    True: ("mapping.required-missing", "error"),
    False: ("mapping.incomplete", "warning"),
}


class Frame:
    """One scope while its values are collected: only slots that have one are in values and places.

    places  by slot: where the value was read; of a list one (place, order of the rule) for each value
    ranks   by slot: of the rule that filled it, lower is better; 0 when there is none
    """

    __slots__ = ("bad", "children", "index", "more", "others", "outer", "place", "places", "plan", "ranks", "values")

    def __init__(self, plan: "FramePlan", outer: "Frame | None", place: Place, index: int) -> None:
        self.plan = plan
        self.outer = outer
        self.place = place
        self.index = index
        self.values: dict[int, Any] = {}
        self.places: dict[int, Any] = {}
        self.ranks: dict[int, int] | None = None
        self.bad: set[int] | None = None
        self.children: dict[int, list[Frame]] | None = None
        self.more: dict[int, dict[Any, Place]] | None = None  # values for which there will be elements of their own
        self.others: dict[int, list[tuple[Severity, str, Place]]] | None = None  # texts beside the one that was taken

    def rank(self, index: int) -> int:
        """Return the rank of the rule that filled a slot."""
        return self.ranks.get(index, 0) if self.ranks else 0

    def set_rank(self, index: int, rank: int) -> None:
        """Keep the rank of the rule that has filled a slot."""
        if rank or self.ranks:
            self.ranks = self.ranks or {}
            self.ranks[index] = rank

    def mark_bad(self, index: int) -> None:
        """Keep that there was a text for a slot which could not be read."""
        self.bad = (self.bad or set()) | {index}

    @property
    def path(self) -> str:
        """Canonical path with indexes, "" for the document: lines[3]."""
        if self.outer is None:
            return ""
        return f"{_prefixed(self.outer.path, self.plan.key)}[{self.index}]"


def _prefixed(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


@dataclass(slots=True)
class State:
    """One reading. locate: place -> Where; row: the same as a row of gateway.model.places, None: no quicker.
    currency: of the document, once it has been read.
    """

    locate: Callable[[Place], Where]
    row: Callable[[Place], Row] | None = None
    findings: list[Finding] = field(default_factory=list)
    failed: bool = False
    splits: int = 0  # elements that others were split into
    overflow: set[Severity] = field(default_factory=set)
    foreign: bool = False  # an amount came with a currency before the document's own was known
    currency: str = ""
    later: "list[tuple[Frame, int, str, str, Place]]" = field(default_factory=list)  # counts: frame, list, key, text

    def note(
        self, code: str, severity: Severity, frame: Frame, key: str, place: Place, value: str | None, **params: str
    ) -> None:
        """Add a finding about the canonical place key of frame; from FINDING_LIMIT on only one more of each severity,
        that says so: an error after a thousand warnings is still an error."""
        if len(self.findings) >= FINDING_LIMIT:
            told: Severity = "error" if severity == "error" else "warning"
            if told not in self.overflow:
                self.overflow.add(told)
                self.findings.append(Finding(code="mapping.too-many-findings", severity=told, value=str(FINDING_LIMIT)))
            return
        path = _prefixed(frame.path, key)
        where = self.locate(place) if place is not None else Where()
        named = tuple(sorted({"field": path, **params}.items()))
        cut = value[:_VALUE_LIMIT] if value is not None else None
        self.findings.append(
            Finding(code=code, severity=severity, where=replace(where, path=path), params=named, value=cut)
        )


Store = Callable[[Frame, State, str, Texts, Place, int], None]  # text, companions, place, rank


@dataclass(slots=True)
class FramePlan:
    """What a scope needs at run time. defaults: (slot, value); times: (slot of the day, slot of the time)."""

    key: str  # "" for the document
    at: str  # file:line of the list
    slot: int
    keys: tuple[str, ...]
    canonical: tuple[str, ...]  # the same with buyer.gln as it stands in the document: buyer.ids
    build: Build
    improve: Callable[[Any], Any] | None
    defaults: list[tuple[int, Any]] = field(default_factory=list)
    times: list[tuple[int, int]] = field(default_factory=list)
    required: list[int] = field(default_factory=list)
    conditions: list[tuple[int, int, Holds]] = field(default_factory=list)  # (slot, order of the rule, its `when`)
    origins: tuple[tuple[str, ...], ...] = ()  # by slot: file:line of its rules, in their order
    lists: "dict[str, FramePlan]" = field(default_factory=dict)  # by key: lines[], lines[returned]
    shapes: list[tuple[int, Shape]] = field(default_factory=list)  # slot of the list
    quantities: tuple[int, ...] = ()  # slots
    tree: tuple[int, int, tuple[int, ...]] | None = None  # slots of an element: its id, its parent, what parts share
    unfinished: bool = True  # something is left to do when the last text has come
    money: Money | None = None  # of the whole document


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What rules may refer to by name."""

    kind: str
    codes: Mapping[str, CodeTable]
    lookups: Mapping[str, LookupTable]

    def code_table(self, rule: Rule) -> CodeTable | None:
        """Return the code table that a rule names or makes up with choose, None without one. Raises OurFault
        mapping.unknown-table."""
        if rule.choose:
            pairs = [(value, code) for value, codes in rule.choose for code in codes]
            return CodeTable.from_pairs(f"choose at {rule.at}", pairs)
        if not rule.code:
            return None
        if rule.code not in self.codes:
            refuse("mapping.unknown-table", rule.at, rule.code, list(self.codes))
        return self.codes[rule.code]

    def lookup(self, rule: Rule) -> Mapping[str, str] | None:
        """Return key -> column of the rule's table."""
        if not rule.lookup:
            return None
        table = self.lookups.get(rule.lookup)
        if table is None:
            refuse("mapping.unknown-table", rule.at, rule.lookup, list(self.lookups))
        if rule.column not in table.columns:
            refuse("mapping.table-column", rule.at, rule.column, table.columns)
        return {key: row[rule.column] for key, row in table.rows.items()}

    def converter(self, rule: Rule, slot: Slot) -> Converter:
        """Return the converter that the rule names, else the one of its canonical type."""
        table = converters_for(self.kind)
        try:
            name = rule.converter or slot.converter or default_name(slot.hint)
        except KeyError:
            refuse("mapping.no-converter", rule.at, rule.key)
        if name not in table:
            refuse("mapping.unknown-converter", rule.at, name, list(table))
        return table[name]


def _tell_others(frame: Frame, others: dict[int, list[tuple[Severity, str, Place]]], state: State) -> None:
    for index, texts in others.items():
        for severity, text, place in texts:
            state.note("mapping.repeated", severity, frame, frame.plan.keys[index], place, text)


def open_frame(plan: FramePlan, outer: Frame, place: Place) -> Frame:
    """Start an element of a list."""
    children = outer.children
    if children is None:
        children = outer.children = {}
    siblings = children.get(plan.slot)
    if siblings is None:
        siblings = children[plan.slot] = []
    inner = Frame(plan, outer, place, len(siblings))
    siblings.append(inner)
    return inner


def _complete(frame: Frame) -> None:
    """Add defaults and times of day, and bring the lists into shape."""
    plan, values = frame.plan, frame.values
    for index, order, holds in plan.conditions:
        chosen = index in frame.places and frame.rank(index) >> 8 == order
        if chosen and not holds(lambda slot: values.get(slot.index)):
            del values[index], frame.places[index]
    for index, default in plan.defaults:
        if index not in values and (frame.bad is None or index not in frame.bad):
            values[index] = default
    for day, clock in plan.times:
        if clock in values:
            time_of_day = values.pop(clock)
            if day in values:
                values[day] = at_time(values[day], time_of_day)
    for index, shape in plan.shapes:
        if index in values:
            shape(values, index, (frame.children or {}).get(index, []))


def _missing(frame: Frame, state: State, key: str, needed: bool) -> None:
    if needed:
        state.failed = True
    known = (frame.bad or set()) | set(frame.children or ())  # told already, at the value or in the list's elements
    keys = [frame.plan.keys[index] for index in known]
    if not any(each.startswith(key) or key.startswith(f"{each}.") for each in keys):
        code, severity = _MISSING[needed]
        state.note(code, severity, frame, key, frame.place, None)


def close_frame(frame: Frame, state: State) -> Any:
    """Build the frame's object; None, with findings, when something required is missing."""
    plan, values = frame.plan, frame.values
    if frame.others:
        _tell_others(frame, frame.others, state)
    if plan.unfinished:
        _complete(frame)
    for index in plan.required:
        if index not in values:
            _missing(frame, state, plan.keys[index], True)
    lacking: list[tuple[str, bool]] = []
    built = plan.build(values, lacking)
    for key, needed in lacking:
        _missing(frame, state, key, needed)
    return plan.improve(built) if plan.improve is not None and built is not None else built


def close_element(frame: Frame, state: State) -> None:
    """Build a list element, or one for each value that splits it, and append to the list in the enclosing frame."""
    if frame.more:
        for each in split(frame, state):
            _close_one(each, state)
    else:
        _close_one(frame, state)


def split(frame: Frame, state: State) -> list[Frame]:
    """Return frame and one more for each further value of a slot. In a tree these stand under it, the first value in
    one of them too: what was said of the whole stays with the whole. Elsewhere a quantity of all is none of each: it is
    left out, with a warning."""
    plan, outer, found = frame.plan, frame.outer, [frame]
    assert outer is not None
    for index in () if plan.tree else plan.quantities:
        if index in frame.values:
            shared = frame.values.pop(index)
            state.note(
                "mapping.quantity-shared",
                "warning",
                frame,
                plan.keys[index],
                frame.places.pop(index),
                str(shared.value),
            )
    for index, further in (frame.more or {}).items():
        values = [(frame.values[index], frame.places[index]), *further.items()]
        if plan.tree:
            del frame.values[index], frame.places[index]
        for number, (value, place) in enumerate(values, start=1):
            if number == 1 and not plan.tree:
                continue
            other = open_frame(plan, outer, frame.place)
            kept = frame.values if plan.tree is None else plan.tree[2]
            for slot in kept:
                if slot in frame.values:
                    other.values[slot], other.places[slot] = frame.values[slot], frame.places.get(slot, frame.place)
            other.values[index], other.places[index] = value, place
            if plan.tree and plan.tree[0] in frame.values:
                above, at = frame.values[plan.tree[0]], frame.places[plan.tree[0]]
                other.values |= {plan.tree[0]: f"{above}/{number}", plan.tree[1]: above}
                other.places |= {plan.tree[0]: at, plan.tree[1]: at}
            found.append(other)
    return found


def _close_one(frame: Frame, state: State) -> None:
    built = close_frame(frame, state)
    outer = frame.outer
    assert outer is not None
    if built is None:
        state.failed = True
        return
    rows = outer.values.get(frame.plan.slot)
    if rows is None:
        outer.values[frame.plan.slot] = [built]
    else:
        rows.append(built)


def finish(root: Frame, state: State, leftovers: Callable[[], Any]) -> Reading:
    """Compare the control counts, build the document and what goes with it."""
    for frame, slot, key, text, place in state.later:
        counted = str(len((frame.children or {}).get(slot, [])))
        if text.strip().lstrip("0") != counted.lstrip("0"):
            state.note("mapping.count-differs", "warning", frame, key, place, text, counted=counted)
    document = close_frame(root, state)
    _let_go(root)
    locate = state.locate
    row = state.row or (lambda place: row_of(locate(place)))
    if document is not None and state.foreign and root.plan.money is not None:
        document = inheriting(document, root.plan.money)
    return Reading(
        document=None if state.failed else document,
        findings=tuple(state.findings),
        sources=Places.from_rows(lambda: {path: row(place) for path, place, at in _places(root) if at}),
        rules=Sources(lambda: {path: at for path, _, at in _places(root) if at}),
        find_leftovers=leftovers,
        find_touched=lambda: frozenset(_touched(root)),
        find_texts=lambda: ((path, _text(place), locate(place), at) for path, place, at in _places(root) if at),
    )


def _text(place: Place) -> str:
    """Return what stands at a place: the text of an XML element, a component of a segment, the tag of a whole one."""
    if not isinstance(place, tuple):
        return (place.text or "").strip()
    segment, element, component = place
    return str(segment.get(element + 1, component + 1) if element >= 0 else segment.tag)


def _let_go(frame: Frame) -> None:
    """Forget the way outwards, so that a reading is gone when nobody holds it, and not when the collector comes."""
    for frames in (frame.children or {}).values():
        for inner in frames:
            inner.outer = None
            if inner.children:
                _let_go(inner)


def _places(frame: Frame, path: str = "") -> Iterator[tuple[str, Place, str]]:
    """Yield canonical path, place in the source and file:line of the rule, for every value and list element."""
    plan = frame.plan
    for index in sorted(frame.places):
        place, own = frame.places[index], _prefixed(path, plan.canonical[index])
        if isinstance(place, list):
            for number, (each, order) in enumerate(place):
                yield f"{own}[{number}]", each, plan.origins[index][order]
        else:
            at = plan.origins[index][frame.rank(index) >> 8] if index < len(plan.origins) else ""  # a time of day
            yield own, place, at
    for frames in (frame.children or {}).values():
        for inner in frames:
            if inner.index < 0:
                continue
            own = f"{_prefixed(path, inner.plan.key)}[{inner.index}]"
            if inner.place is not None:
                yield own, inner.place, inner.plan.at
            yield from _places(inner, own)


def _touched(root: Frame) -> Iterator[str]:
    """Yield file:line of each rule that gave a value, and of each list that has elements."""
    plans: dict[int, FramePlan] = {}
    seen: dict[int, set[tuple[int, int]]] = {}  # by plan: slot and order of the rule
    waiting = [root]
    while waiting:
        frame = waiting.pop()
        own = seen.get(id(frame.plan))
        if own is None:
            plans[id(frame.plan)], own = frame.plan, seen.setdefault(id(frame.plan), set())
        for index, place in frame.places.items():
            if isinstance(place, list):
                own.update((index, order) for _, order in place)
            else:
                own.add((index, frame.rank(index) >> 8))
        for inner in (frame.children or {}).values():
            waiting += [each for each in inner if each.index >= 0]
    for each, rules in seen.items():
        plan = plans[each]
        yield plan.at
        yield from (plan.origins[index][order] for index, order in rules if index < len(plan.origins))


def plan_for(scope: Scope, resources: Resources) -> FramePlan:
    """Return the run-time plan of a scope and the lists in it."""
    hidden = [slot for slot in scope.slots if any(rule.time for rule in slot.rules)]
    size = len(scope.slots)
    keys = tuple(slot.key for slot in scope.slots) + tuple(slot.key for slot in hidden)
    plan = FramePlan(
        key=scope.key.rpartition("].")[2].partition("[")[0],
        at=scope.head.at if scope.head else "",
        slot=scope.slot,
        keys=keys,
        canonical=tuple(map(canonical_key, (*scope.slots, *hidden))),
        build=builder(scope),
        improve=_improver(scope),
        times=[(slot.index, size + number) for number, slot in enumerate(hidden)],
        quantities=tuple(slot.index for slot in scope.slots if slot.hint is Quantity),
        origins=tuple(tuple(rule.at for rule in slot.rules) for slot in scope.slots),
    )
    if scope.head is None:
        plan.money = money_of(scope)
    elif scope.head.tree:
        plan.tree = _tree_slots(scope)
    for slot in scope.slots:
        for order, rule in enumerate(slot.rules):
            holds = compile_when(rule.when, scope, rule.at)
            if holds is not None and slot.many:
                refuse("mapping.bad-shape", rule.at, "when")
            if holds is not None:
                plan.conditions.append((slot.index, order, holds))
            if rule.required:
                plan.required.append(slot.index)
            if rule.default is not None:
                given = default_value(rule, slot, resources)
                plan.defaults.append((slot.index, [given] if slot.many else given))
    for inner in scope.lists:
        shape = shaper(inner, scope)
        first = inner.slot not in [each.slot for each in plan.lists.values()]
        plan.lists[inner.key] = plan_for(inner, resources)
        if shape is not None and first:
            plan.shapes.append((inner.slot, shape))
    plan.unfinished = bool(plan.conditions or plan.defaults or plan.times or plan.shapes)
    return plan


def _tree_slots(scope: Scope) -> tuple[int, int, tuple[int, ...]]:
    assert scope.head is not None
    known = {slot.key: slot.index for slot in scope.slots}
    tree = scope.head.tree
    for name in ("id", tree.get("parent", "parent"), *tree.get("alike", "").split()):
        if name not in known:
            refuse("mapping.unknown-field", scope.head.at, name, list(known))
    return (
        known["id"],
        known[tree.get("parent", "parent")],
        tuple(known[each] for each in tree.get("alike", "").split()),
    )


def default_value(rule: Rule, slot: Slot, resources: Resources) -> Any:
    """Return the canonical value of a rule's default. Raises OurFault mapping.bad-default."""
    assert rule.default is not None
    try:
        converter = resources.converter(rule, slot)
        return converter.read(rule.default, ("",) * len(converter.companions))
    except (ValueError, DoubtError):
        refuse("mapping.bad-default", rule.at, rule.default)


def _improver(scope: Scope) -> Callable[[Any], Any] | None:
    name = scope.head.fn if scope.head else ""
    if not name:
        return None
    if name not in FUNCTIONS:
        assert scope.head is not None
        refuse("mapping.unknown-function", scope.head.at, name, list(FUNCTIONS))
    return FUNCTIONS[name]
