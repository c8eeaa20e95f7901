"""What follows from an event: rules as data, tried on what has happened before they count.

An event is a flat record of what a document has brought (or of a silence). A rule names events, conditions from a
closed vocabulary, and the case that it opens; the same problem has one case, to which later events are added, and which
a later event closes by itself. Nothing in a rule is ever executed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from gateway.domain.crm.cases import TYPES, URGENCIES, Urgency

Value = str | Decimal
Direction = Literal["customer", "supplier"]
Operator = Literal["is", "is-not", "above", "at-least", "below", "at-most", "in", "known", "unknown"]
OPERATORS: tuple[Operator, ...] = ("is", "is-not", "above", "at-least", "below", "at-most", "in", "known", "unknown")
_ORDERED = frozenset(("above", "at-least", "below", "at-most"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened. kind: order-received, delivery-short, customer-silent...; direction: what the account is to us.

    facts: numbers and words that conditions may name; subject: the business reference (order number, invoice, ...);
    message: the document that brought it, None for a silence; place: line and segment or path in it. origin: the
    account that it was told of, where that one has become a part of account; else None.
    """

    id: str
    kind: str
    at: datetime
    account: str
    direction: Direction
    subject: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    message: str | None = None
    place: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """fact is compared with value. in: value holds words parted by blanks; known, unknown: value is empty."""

    fact: str
    operator: Operator
    value: str = ""

    def holds(self, event: Event) -> bool:
        """Tell whether the event meets it. A fact that is absent meets only "unknown" and "is-not"."""
        found = event.facts.get(self.fact)
        if self.operator in ("known", "unknown"):
            return (found is not None) == (self.operator == "known")
        if found is None:
            return self.operator == "is-not"
        if self.operator in _ORDERED:
            return isinstance(found, Decimal) and _compare(found, self.operator, Decimal(self.value))
        if self.operator == "in":
            return any(_same(found, each) for each in self.value.split())
        return _same(found, self.value) == (self.operator == "is")


def _same(found: Value, value: str) -> bool:
    if isinstance(found, Decimal):
        return _is_number(value) and found == Decimal(value)
    return found == value


def _compare(found: Decimal, operator: Operator, value: Decimal) -> bool:
    match operator:
        case "above":
            return found > value
        case "at-least":
            return found >= value
        case "below":
            return found < value
        case _:
            return found <= value


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Opens a case of a type on events; closes it on others for the same account and subject.

    direction None: for customers and suppliers. by: what makes it one problem: the subject, the account, or the account
    and the calendar month. owner: the role that gets it. active False: it only counts in a dry run.
    """

    id: str
    opens_on: frozenset[str]
    closes_on: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()
    direction: Direction | None = None
    case_type: str = "order"
    urgency: Urgency = "normal"
    by: Literal["subject", "account", "month"] = "subject"
    owner: str = "account-manager"
    active: bool = True
    version: int = 1

    def key(self, event: Event) -> str:
        """Return what identifies the problem: the same key is the same case."""
        last = {"subject": event.subject, "account": "", "month": event.at.strftime("%Y-%m")}[self.by]
        return f"{self.id}:{event.account}:{last}"

    def opens(self, event: Event) -> bool:
        """Tell whether an event begins what the rule does: its kind and direction fit and every condition holds."""
        return (
            event.kind in self.opens_on
            and self.direction in (None, event.direction)
            and all(each.holds(event) for each in self.conditions)
        )

    def closes(self, event: Event) -> bool:
        return event.kind in self.closes_on and self.direction in (None, event.direction)


def faults(rule: Rule, kinds: Iterable[str]) -> list[tuple[str, str]]:
    """Return what is wrong with a rule as (field, value); kinds: the events there are."""
    known = frozenset(kinds)
    found = [("opens_on", each) for each in sorted(rule.opens_on - known)]
    found += [("closes_on", each) for each in sorted(rule.closes_on - known)]
    if not rule.opens_on:
        found.append(("opens_on", ""))
    if rule.case_type not in TYPES:
        found.append(("case_type", rule.case_type))
    if rule.urgency not in URGENCIES:
        found.append(("urgency", rule.urgency))
    for each in rule.conditions:
        if each.operator not in OPERATORS:
            found.append(("operator", each.operator))
        elif each.operator in _ORDERED and not _is_number(each.value):
            found.append(("value", each.value))
    return found


def _is_number(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except ArithmeticError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a rule makes of an event: open a case, add to an open one, or close it."""

    what: Literal["open", "again", "close"]
    rule: str
    version: int
    key: str
    event: Event


@dataclass(slots=True)
class Judge:
    """Rules over a stream of events, with the cases that are open. Judging an event a second time changes nothing."""

    rules: Sequence[Rule]
    open: dict[str, Event] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def judge(self, event: Event) -> list[Step]:
        """Return what follows from the event: first what it closes, then what it opens or repeats."""
        if event.id in self.seen:
            return []
        self.seen.add(event.id)
        steps = [self._step("close", rule, event) for rule in self.rules if self._closable(rule, event)]
        for step in steps:
            del self.open[step.key]
        for rule in self.rules:
            if rule.opens(event):
                key = rule.key(event)
                steps.append(self._step("again" if key in self.open else "open", rule, event))
                self.open.setdefault(key, event)
        return steps

    def _closable(self, rule: Rule, event: Event) -> bool:
        return rule.closes(event) and rule.key(event) in self.open

    @staticmethod
    def _step(what: Literal["open", "again", "close"], rule: Rule, event: Event) -> Step:
        return Step(what=what, rule=rule.id, version=rule.version, key=rule.key(event), event=event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a rule would have done: cases opened, events added to them, cases that closed by themselves, examples."""

    rule: str
    events: int
    opened: int
    repeated: int
    closed: int
    accounts: int
    examples: tuple[Step, ...]

    @property
    def still_open(self) -> int:
        return self.opened - self.closed


def dry_run(rule: Rule, events: Iterable[Event], examples: int = 20) -> Trial:
    """Try one rule on events in their order, active or not; nothing is changed."""
    judge = Judge(rules=(rule,))
    looked = 0
    steps: list[Step] = []
    for event in events:
        looked += 1
        steps += judge.judge(event)
    opened = [each for each in steps if each.what == "open"]
    return Trial(
        rule=rule.id,
        events=looked,
        opened=len(opened),
        repeated=sum(each.what == "again" for each in steps),
        closed=sum(each.what == "close" for each in steps),
        accounts=len({each.event.account for each in opened}),
        examples=tuple(opened[:examples]),
    )
