"""While reading: a text becomes the value of a slot.

Nearly every text is the first for its slot, of a kind that was read before, and good: it goes the quick way. Whatever
else comes goes the long way, which alone knows of second values, code tables and findings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from gateway.mapping.converters import EDIFACT, Converter, DoubtError
from gateway.mapping.frames import POSITION, Frame, Place, Resources, State, Store, Texts
from gateway.mapping.ranges import RANGE_LIMIT, numbers_between
from gateway.mapping.rules import DROP, KEEP, OTHER, Rule, refuse
from gateway.mapping.target import Scope, Slot
from gateway.model.findings import Severity
from gateway.model.values import GLN_SCHEME, Amount, PartyIdentifier

Read = Callable[[str, Texts], Any]
Memory = dict[object, Any]  # by text, or by text and companions
PLAIN_TEXT: Read = EDIFACT["text"].read
ALIKE_LIMIT = 5000  # rows of a table in which keys like a missing one are looked for
ALIKE_FINDINGS = 10
ALIKE_LENGTH = 40
KEPT_LENGTH = 14  # characters of an unknown code that is kept: with OTHER before it, what a stock record holds
_REMEMBERED = 4096  # values of one converter
SPLIT_LIMIT = 2000  # elements that one element may become
SPLITS_LIMIT = 20_000  # of a whole document: a range of a thousand numbers is only forty characters
VALUES_LIMIT = 1000  # plain values of one list (notes, identifiers): each is compared with those before it
_LONGEST = 40  # characters of a text worth remembering
_INHERITED = ("",)
_LAST = 1 << 30


@dataclass(frozen=True, slots=True)
class Direct:
    """What a reader may do by itself: put the value of a text, stripped, into an empty slot. memory: of the values of
    texts without companions, None when the text is the value."""

    index: int
    memory: Memory | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """store: converts a text and puts the value into its slot; companions: what the converter needs beside the text;
    direct: store in short, None when there is no such way."""

    store: Store
    companions: tuple[str, ...] = ()
    direct: Direct | None = None


def keeping(rule: Rule, slot: Slot, order: int, resources: Resources, *, in_list: bool) -> Keeping:
    """Return how the texts of rule come into slot. order: of the rule among its options.

    in_list: the slot belongs to an element of a list. A second, other value for it is then an error, because what a
    line says twice (a quantity, an item, an order number) must not be lost; at the head it is a warning.
    """
    converter = resources.converter(rule, slot)
    severity: Severity = rule.twice or ("error" if in_list else "warning")
    careful = _Careful(rule, slot, order, converter, resources, severity, in_list)
    money = slot.hint is Amount
    direct = None
    if slot.many or careful.tables or rule.split or (money and len(converter.companions) != 1):
        store: Store = careful.store
    elif converter.read is PLAIN_TEXT:
        store = _quick_text(careful.store, slot.index, order << 8)
        direct = Direct(slot.index, None)
    else:
        memory = memory_of(converter.read)
        store = _quick(careful.store, slot.index, order << 8, converter.read, memory, careful.units is not None)
        direct = Direct(slot.index, memory) if not converter.companions else None
        store = _quick_amount(store, careful.store) if money else store
    if slot.key == "currency" and not in_list and not order:
        return Keeping(_noting_currency(store, slot.index), converter.companions)
    return Keeping(store, converter.companions, direct if not order else None)


class _Careful:
    """The long way."""

    def __init__(
        self,
        rule: Rule,
        slot: Slot,
        order: int,
        converter: Converter,
        resources: Resources,
        severity: Severity,
        in_list: bool,
    ) -> None:
        self.slot, self.order, self.converter, self.severity = slot, order, converter, severity
        self.units = resources.codes.get(converter.units) if converter.units else None
        self.tables: list[tuple[Mapping[str, str], str, str]] = []  # text -> text, name, code when it is not in there
        codes, lookup = resources.code_table(rule), resources.lookup(rule)
        self.unknown = rule.unknown
        self.rule = rule
        if rule.split and (slot.many or not in_list):
            refuse("mapping.bad-shape", rule.at, "twice")
        if codes is not None:
            known = {KEEP, DROP, "", *codes.to_canonical.values()}
            if rule.unknown not in known:
                refuse("mapping.unknown-code-value", rule.at, rule.unknown, sorted(known - {""}))
            self.tables.append((codes.to_canonical, codes.name, "mapping.unknown-code"))
        if lookup is not None:
            self.tables.append((lookup, rule.lookup, "mapping.lookup-missing"))

    def store(self, frame: Frame, state: State, text: str, companions: Texts, place: Place, rank: int) -> None:
        slot, rank = self.slot, rank + (self.order << 8)
        index = slot.index
        taken = frame.rank(index) if index in frame.places and not slot.many else _LAST
        if self.rule.split:
            self.split(frame, state, text, companions, place)
            return
        if taken < rank:
            return
        value = self.value(frame, state, text, companions, place)
        if value is None:
            frame.mark_bad(index)
        elif slot.many:
            _keep_one(frame, state, index, value, place, self.order)
        elif taken == rank:
            if value != frame.values[index]:
                _set_aside(frame, index, self.severity, text, place)
        else:
            frame.values[index], frame.places[index] = value, place
            frame.set_rank(index, rank)
            if frame.others:
                frame.others.pop(index, None)  # they repeated a value that gave way to this one

    def split(self, frame: Frame, state: State, text: str, companions: Texts, place: Place) -> None:
        """Keep every other value; both ends of a range (first and last, parted as `join` says) and what is between."""
        index, apart = self.slot.index, self.rule.join
        if state.splits > SPLITS_LIMIT:
            return  # told already
        ends = text.split(apart) if apart else [text]
        read = [self.value(frame, state, each, companions, place) for each in ends]
        found = [each for each in read if each is not None]
        if len(found) == 2:
            between = numbers_between(*found)
            if between is None:
                state.note("mapping.bad-range", "warning", frame, self.slot.key, place, text, limit=str(RANGE_LIMIT))
            found = between or found
        for value in found:
            if index not in frame.values:
                frame.values[index], frame.places[index] = value, place
                continue
            more = (frame.more or {}).get(index, {})
            if value == frame.values[index] or value in more:
                continue
            state.splits += 1
            if len(more) >= SPLIT_LIMIT or state.splits > SPLITS_LIMIT:
                limit = str(SPLIT_LIMIT if len(more) >= SPLIT_LIMIT else SPLITS_LIMIT)
                state.note("mapping.too-many-values", "error", frame, self.slot.key, place, text, limit=limit)
                state.failed = True
                return
            if frame.more is None:
                frame.more = {}
            frame.more.setdefault(index, {})[value] = place

    def value(self, frame: Frame, state: State, text: str, companions: Texts, place: Place) -> Any:
        """Return what text means, None and a finding when it means nothing."""
        key, converter = self.slot.key, self.converter
        for table, name, code in self.tables:
            found = table.get(text)
            if found is None and self.unknown and code == "mapping.unknown-code" and len(text) <= KEPT_LENGTH:
                found = self.other(frame, state, text, place, name)
                if found is None:
                    return None
            if found is None:
                state.note(code, "error", frame, key, place, text, table=name, nearest=_alike(text, table, state))
                return None
            text = found
        if self.units is not None and companions[0]:
            companions = (self.units.to_canonical.get(companions[0], companions[0]),)
        try:
            value = converter.read(text, companions)
        except DoubtError as doubt:
            value = doubt.value
            state.note(doubt.code, "warning", frame, key, place, text)
        except ValueError:
            state.note(converter.fault, "error", frame, key, place, text)
            return None
        if value.__class__ is Amount and value.currency:
            if value.currency == state.currency:
                return Amount(value=value.value)  # the document's own currency is inherited, not repeated
            state.foreign = True
        return value

    def other(self, frame: Frame, state: State, text: str, place: Place, table: str) -> str | None:
        """Return what the rule makes of a code that is not in its table, None for nothing; with a warning."""
        told = {KEEP: "mapping.code-kept", DROP: "mapping.code-dropped"}
        value = {KEEP: OTHER + text, DROP: None}.get(self.unknown, self.unknown)
        code = told.get(self.unknown, "mapping.code-taken")
        state.note(code, "warning", frame, self.slot.key, place, text, table=table, taken=value or "")
        return value


def _quick(careful: Store, index: int, base: int, read: Read, memory: Memory, has_units: bool) -> Store:
    def store(frame: Frame, state: State, text: str, companions: Texts, place: Place, rank: int) -> None:
        places = frame.places
        if index in places or (has_units and companions[0]):
            return careful(frame, state, text, companions, place, rank)
        key: object = (text, companions) if companions else text
        value = memory.get(key)
        if value is None:
            if len(text) > _LONGEST or any(len(each) > _LONGEST for each in companions):
                return careful(frame, state, text, companions, place, rank)
            try:
                value = read(text, companions)
            except (ValueError, DoubtError):
                return careful(frame, state, text, companions, place, rank)
            if len(memory) >= _REMEMBERED:
                memory.clear()
            memory[key] = value
        frame.values[index] = value
        places[index] = place
        if rank := rank + base:
            frame.set_rank(index, rank)
        return None

    return store


def _quick_text(careful: Store, index: int, base: int) -> Store:
    def store(frame: Frame, state: State, text: str, companions: Texts, place: Place, rank: int) -> None:
        places = frame.places
        if index in places:
            return careful(frame, state, text, companions, place, rank)
        frame.values[index] = text.strip()
        places[index] = place
        if rank := rank + base:
            frame.set_rank(index, rank)
        return None

    return store


def _quick_amount(quick: Store, careful: Store) -> Store:
    def store(frame: Frame, state: State, text: str, companions: Texts, place: Place, rank: int) -> None:
        if companions[0] and companions[0] == state.currency:
            companions = _INHERITED  # the document's own currency is inherited, not repeated
        if companions[0]:
            careful(frame, state, text, companions, place, rank)
        else:
            quick(frame, state, text, companions, place, rank)

    return store


def _noting_currency(inner: Store, index: int) -> Store:
    """Return the store of the document's currency: amounts that come after the best rule for it need no second look."""

    def store(frame: Frame, state: State, text: str, companions: Texts, place: Place, rank: int) -> None:
        inner(frame, state, text, companions, place, rank)
        if rank == 0 and not state.currency:
            state.currency = frame.values.get(index, "")

    return store


@lru_cache(maxsize=256)
def memory_of(read: Read) -> Memory:
    """Return the values that a converter has read: the same dates, quantities and numbers of items come in one document
    after another. What it refuses is not kept, nor what is long: a memory is no place for a partner's megabytes."""
    return {}


def _alike(text: str, table: Mapping[str, str], state: State) -> str:
    """Return the keys that look most like text, "-" when there are none: of tables and for findings that a person can
    take in, because comparing is slow."""
    if len(table) > ALIKE_LIMIT or len(state.findings) > ALIKE_FINDINGS or len(text) > ALIKE_LENGTH:
        return "-"
    return ", ".join(get_close_matches(text, table, n=3)) or "-"


def _set_aside(frame: Frame, index: int, severity: Severity, text: str, place: Place) -> None:
    if frame.others is None:
        frame.others = {}
    frame.others.setdefault(index, []).append((severity, text, place))


def _keep_one(frame: Frame, state: State, index: int, value: Any, place: Place, order: int) -> None:
    """Add value to a list of plain values, once; one more than the limit says that there are too many."""
    values = frame.values.get(index)
    if values is None:
        frame.values[index], frame.places[index] = [value], [(place, order)]
        return
    if len(values) > VALUES_LIMIT or value in values:
        return
    if len(values) == VALUES_LIMIT:
        state.note(
            "mapping.too-many-values", "error", frame, frame.plan.keys[index], place, None, limit=str(VALUES_LIMIT)
        )
        state.failed = True
    at = len(values)
    if value.__class__ is PartyIdentifier and value.scheme == GLN_SCHEME:  # GLNs lead, wherever they were sent
        at = sum(each.scheme == GLN_SCHEME for each in values)
    values.insert(at, value)
    frame.places[index].insert(at, (place, order))


def free_check(rule: Rule, scope: Scope) -> Store:
    """Return the store of a constant or a control count: compares, keeps nothing; what is only written is passed."""
    slot = next((each.slot for each in scope.lists if each.key.partition("[")[0] == rule.check), -1)
    if rule.check == POSITION or rule.direction == "out":
        return lambda frame, state, text, companions, place, rank: None
    if rule.check and slot < 0:
        refuse("mapping.unknown-list", rule.at, rule.check, [each.key for each in scope.lists])

    def check(frame: Frame, state: State, text: str, _: Texts, place: Place, rank: int) -> None:
        if rule.check:
            state.later.append((frame, slot, rule.check, text, place))
        elif text != rule.const:
            state.note("mapping.constant-differs", "info", frame, rule.key, place, text, expected=rule.const or "")

    return check
