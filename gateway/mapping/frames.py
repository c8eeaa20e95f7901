"""While reading: the values found so far, where they came from, and what was wrong with them.

Both syntaxes share this: their readers only find texts; a Store turns a text into the value of a slot.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
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
from gateway.mapping.target import Build, Scope, Slot, builder
from gateway.model.findings import Finding, Severity, Where
from gateway.model.values import GLN_SCHEME, Amount, PartyIdentifier

Place = Any  # (segment, element, component) or an XML element
POSITION = "position"  # check: position numbers what is written from 1; what was sent is not compared
_LAST = 1 << 30
_VALUE_LIMIT = 200
FINDING_LIMIT = 1000
ALIKE_LIMIT = 5000  # rows of a table in which keys like a missing one are looked for
ALIKE_FINDINGS = 10
ALIKE_LENGTH = 40
_MISSING: dict[bool, tuple[str, Severity]] = {
    True: ("mapping.required-missing", "error"),
    False: ("mapping.incomplete", "warning"),
}


class Frame:
    """One scope while its values are collected. ranks: of the rule that filled a slot, lower is better."""

    __slots__ = ("bad", "children", "index", "others", "outer", "place", "places", "plan", "ranks", "values")

    def __init__(self, plan: "FramePlan", outer: "Frame | None", place: Place, index: int) -> None:
        size = plan.size
        self.plan = plan
        self.outer = outer
        self.place = place
        self.index = index
        self.values: list[Any] = [None] * size
        self.places: list[Any] = [None] * size
        self.ranks: list[int] = [_LAST] * size
        self.bad: set[int] | None = None
        self.children: dict[int, list[Frame]] | None = None
        self.others: dict[int, list[tuple[Severity, str, Place]]] | None = None  # texts beside the one that was taken

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
    """One reading. locate: place -> Where. currency: of the document, once it has been read."""

    locate: Callable[[Place], Where]
    findings: list[Finding] = field(default_factory=list)
    failed: bool = False
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


Store = Callable[[Frame, State, str, tuple[str, ...], Place, int], None]


@dataclass(slots=True)
class FramePlan:
    """What a scope needs at run time. defaults: (slot, value); times: (slot of the day, slot of the time)."""

    key: str  # "" for the document
    at: str  # file:line of the list
    slot: int
    size: int
    keys: tuple[str, ...]
    build: Build
    improve: Callable[[Any], Any]
    defaults: list[tuple[int, Any]] = field(default_factory=list)
    times: list[tuple[int, int]] = field(default_factory=list)
    required: list[int] = field(default_factory=list)
    conditions: list[tuple[int, int, Holds]] = field(default_factory=list)  # (slot, order of the rule, its `when`)
    origins: tuple[tuple[str, ...], ...] = ()  # by slot: file:line of its rules, in their order
    lists: "dict[str, FramePlan]" = field(default_factory=dict)  # by key: lines[], lines[returned]
    shapes: dict[int, Shape] = field(default_factory=dict)  # by slot of the list
    money: Money | None = None  # of the whole document


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What rules may refer to by name."""

    kind: str
    codes: Mapping[str, CodeTable]
    lookups: Mapping[str, LookupTable]

    def code_table(self, rule: Rule) -> CodeTable | None:
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


def store_for(rule: Rule, slot: Slot, order: int, resources: Resources, *, in_list: bool) -> tuple[Store, Converter]:
    """Return the function that converts a text of rule and puts it into slot. order: of the rule among its options.

    in_list: the slot belongs to an element of a list. A second, other value for it is then an error, because what a
    line says twice (a quantity, an item, an order number) must not be lost; at the head it is a warning.
    """
    converter = resources.converter(rule, slot)
    units = resources.codes.get(converter.units) if converter.units else None
    index, key, many, base, fault, read = slot.index, slot.key, slot.many, order << 8, converter.fault, converter.read
    translate = _translations(rule, resources)
    severity: Severity = rule.twice or ("error" if in_list else "warning")

    def store(frame: Frame, state: State, text: str, companions: tuple[str, ...], place: Place, rank: int) -> None:
        rank += base
        taken = frame.ranks[index]
        if not many and taken < rank:
            return
        for table, name, code in translate:
            found = table.get(text)
            if found is None:
                _mark_bad(frame, index)
                state.note(code, "error", frame, key, place, text, table=name, nearest=_alike(text, table, state))
                return
            text = found
        if units is not None and companions[0]:
            companions = (units.to_canonical.get(companions[0], companions[0]),)
        try:
            value = read(text, companions)
        except DoubtError as doubt:
            value = doubt.value
            state.note(doubt.code, "warning", frame, key, place, text)
        except ValueError:
            _mark_bad(frame, index)
            state.note(fault, "error", frame, key, place, text)
            return
        if value.__class__ is Amount and value.currency:
            if value.currency == state.currency:
                value = Amount(value=value.value)  # the document's own currency is inherited, not repeated
            else:
                state.foreign = True
        if taken == rank and not many and frame.values[index] is not None:
            if value != frame.values[index]:
                _set_aside(frame, index, severity, text, place)
            return
        _keep(frame, index, many, value, place, rank)

    return store, converter


def _alike(text: str, table: Mapping[str, str], state: State) -> str:
    """Return the keys that look most like text, "-" when there are none: of tables and for findings that a person can
    take in, because comparing is slow."""
    if len(table) > ALIKE_LIMIT or len(state.findings) > ALIKE_FINDINGS or len(text) > ALIKE_LENGTH:
        return "-"
    return ", ".join(get_close_matches(text, table, n=3)) or "-"


def _translations(rule: Rule, resources: Resources) -> list[tuple[Mapping[str, str], str, str]]:
    """Return the tables a text goes through: (text -> text, name, code of the finding when it is not in there)."""
    found: list[tuple[Mapping[str, str], str, str]] = []
    codes, lookup = resources.code_table(rule), resources.lookup(rule)
    if codes is not None:
        found.append((codes.to_canonical, codes.name, "mapping.unknown-code"))
    if lookup is not None:
        found.append((lookup, rule.lookup, "mapping.lookup-missing"))
    return found


def _mark_bad(frame: Frame, index: int) -> None:
    frame.bad = (frame.bad or set()) | {index}


def _set_aside(frame: Frame, index: int, severity: Severity, text: str, place: Place) -> None:
    if frame.others is None:
        frame.others = {}
    frame.others.setdefault(index, []).append((severity, text, place))


def _tell_others(frame: Frame, state: State) -> None:
    for index, others in (frame.others or {}).items():
        for severity, text, place in others:
            state.note("mapping.repeated", severity, frame, frame.plan.keys[index], place, text)


def _keep(frame: Frame, index: int, many: bool, value: Any, place: Place, rank: int) -> None:
    if not many:
        frame.values[index], frame.places[index], frame.ranks[index] = value, place, rank
        if frame.others:
            frame.others.pop(index, None)  # they repeated a value that gave way to this one
        return
    if frame.values[index] is None:
        frame.values[index], frame.places[index] = [], []
    place = (place, rank >> 8)
    if value in frame.values[index]:
        return
    at = len(frame.values[index])
    if value.__class__ is PartyIdentifier and value.scheme == GLN_SCHEME:  # GLNs lead, wherever they were sent
        at = sum(each.scheme == GLN_SCHEME for each in frame.values[index])
    frame.values[index].insert(at, value)
    frame.places[index].insert(at, place)


def open_frame(plan: FramePlan, outer: Frame, place: Place) -> Frame:
    """Start an element of a list."""
    if outer.children is None:
        outer.children = {}
    siblings = outer.children.setdefault(plan.slot, [])
    inner = Frame(plan, outer, place, len(siblings))
    siblings.append(inner)
    return inner


def _complete(frame: Frame) -> None:
    """Add defaults and times of day, and bring the lists into shape."""
    plan, values = frame.plan, frame.values
    for index, order, holds in plan.conditions:
        if frame.ranks[index] >> 8 == order and not holds(lambda slot: values[slot.index]):
            values[index] = frame.places[index] = None
    for index, default in plan.defaults:
        if values[index] is None and (frame.bad is None or index not in frame.bad):
            values[index] = default
    for day, clock in plan.times:
        if values[day] is not None and values[clock] is not None:
            values[day] = at_time(values[day], values[clock])
    for index, shape in plan.shapes.items():
        if values[index] is not None:
            shape(values, index, (frame.children or {}).get(index, []))


def close_frame(frame: Frame, state: State) -> Any:
    """Build the frame's object; None, with findings, when something required is missing."""
    plan, values = frame.plan, frame.values
    _tell_others(frame, state)
    _complete(frame)

    def missing(key: str, needed: bool) -> None:
        if needed:
            state.failed = True
        known = (frame.bad or set()) | set(frame.children or ())  # told already, at the value or in the list's elements
        if not any(plan.keys[index].startswith(key) for index in known):
            code, severity = _MISSING[needed]
            state.note(code, severity, frame, key, frame.place, None)

    for index in plan.required:
        if values[index] is None:
            missing(plan.keys[index], True)
    built = plan.build(values, missing)
    return plan.improve(built) if built is not None else None


def close_element(frame: Frame, state: State) -> None:
    """Build a list element and append it to the list in the enclosing frame."""
    built = close_frame(frame, state)
    outer = frame.outer
    assert outer is not None
    if built is None:
        state.failed = True
        return
    slot = frame.plan.slot
    if outer.values[slot] is None:
        outer.values[slot] = []
    outer.values[slot].append(built)


def finish(root: Frame, state: State, leftovers: Callable[[], Any]) -> Reading:
    """Compare the control counts, build the document and what goes with it."""
    for frame, slot, key, text, place in state.later:
        counted = str(len((frame.children or {}).get(slot, [])))
        if text.strip().lstrip("0") != counted.lstrip("0"):
            state.note("mapping.count-differs", "warning", frame, key, place, text, counted=counted)
    document = close_frame(root, state)
    if document is not None and state.foreign and root.plan.money is not None:
        document = inheriting(document, root.plan.money)
    return Reading(
        document=None if state.failed else document,
        findings=tuple(state.findings),
        sources=Sources(lambda: {path: state.locate(place) for path, place, _ in _places(root)}),
        rules=Sources(lambda: {path: at for path, _, at in _places(root) if at}),
        find_leftovers=leftovers,
    )


def _places(frame: Frame) -> Iterator[tuple[str, Place, str]]:
    """Yield canonical path, place in the source and file:line of the rule, for every value and list element."""
    path, origins = frame.path, frame.plan.origins
    for index, (key, place) in enumerate(zip(frame.plan.keys, frame.places, strict=False)):
        own = _prefixed(path, key)
        if isinstance(place, list):
            for number, (each, order) in enumerate(place):
                yield f"{own}[{number}]", each, origins[index][order]
        elif place is not None:
            yield own, place, origins[index][frame.ranks[index] >> 8] if index < len(origins) else ""
    for frames in (frame.children or {}).values():
        for inner in frames:
            if inner.place is not None:
                yield inner.path, inner.place, inner.plan.at
            yield from _places(inner)


def plan_for(scope: Scope, resources: Resources) -> FramePlan:
    """Return the run-time plan of a scope and the lists in it."""
    hidden = [slot for slot in scope.slots if any(rule.time for rule in slot.rules)]
    size = len(scope.slots)
    keys = tuple(slot.key for slot in scope.slots) + tuple(slot.key for slot in hidden)
    plan = FramePlan(
        key=scope.key.rpartition("].")[2].partition("[")[0],
        at=scope.head.at if scope.head else "",
        slot=scope.slot,
        size=size + len(hidden),
        keys=keys,
        build=builder(scope),
        improve=_improver(scope),
        times=[(slot.index, size + number) for number, slot in enumerate(hidden)],
        origins=tuple(tuple(rule.at for rule in slot.rules) for slot in scope.slots),
    )
    if scope.head is None:
        plan.money = money_of(scope)
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
                plan.defaults.append((slot.index, default_value(rule, slot, resources)))
    for inner in scope.lists:
        plan.lists[inner.key] = plan_for(inner, resources)
        plan.shapes.setdefault(inner.slot, shaper(inner, scope))
    return plan


def default_value(rule: Rule, slot: Slot, resources: Resources) -> Any:
    """Return the canonical value of a rule's default. Raises OurFault mapping.bad-default."""
    assert rule.default is not None
    try:
        converter = resources.converter(rule, slot)
        return converter.read(rule.default, ("",) * len(converter.companions))
    except (ValueError, DoubtError):
        refuse("mapping.bad-default", rule.at, rule.default)


def _improver(scope: Scope) -> Callable[[Any], Any]:
    name = scope.head.fn if scope.head else ""
    if not name:
        return lambda built: built
    if name not in FUNCTIONS:
        assert scope.head is not None
        refuse("mapping.unknown-function", scope.head.at, name, list(FUNCTIONS))
    return FUNCTIONS[name]


def free_check(rule: Rule, scope: Scope) -> Store:
    """Return the store of a constant or a control count: compares, keeps nothing; what is only written is passed."""
    slot = next((each.slot for each in scope.lists if each.key.partition("[")[0] == rule.check), -1)
    if rule.check == POSITION or rule.direction == "out":
        return lambda frame, state, text, companions, place, rank: None
    if rule.check and slot < 0:
        refuse("mapping.unknown-list", rule.at, rule.check, [each.key for each in scope.lists])

    def check(frame: Frame, state: State, text: str, _: tuple[str, ...], place: Place, rank: int) -> None:
        if rule.check:
            state.later.append((frame, slot, rule.check, text, place))
        elif text != rule.const:
            state.note("mapping.constant-differs", "info", frame, rule.key, place, text, expected=rule.const or "")

    return check
