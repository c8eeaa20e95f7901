"""`when`: whether a rule counts, told by other canonical fields of the same scope.

Comparisons with constants, joined by and (several names), `any` and `not`; nothing that could loop."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.mapping.rules import ANY_TEXT, When, refuse
from gateway.mapping.target import Scope, Slot
from gateway.model.values import Amount, Quantity

Getter = Callable[[Slot], Any]  # the value of a slot, None when absent
Holds = Callable[[Getter], bool]


def compile_when(when: When | None, scope: Scope, at: str) -> Holds | None:
    """Return the test, None when there is no condition. Raises OurFault mapping.unknown-field."""
    if when is None:
        return None
    slots = {slot.key: slot for slot in scope.slots if not slot.many}
    return _compiled(when, slots, at)


def _compiled(when: When, slots: Mapping[str, Slot], at: str) -> Holds:
    parts: list[Holds] = []
    for name, wanted in when.fields:
        if name not in slots:
            refuse("mapping.unknown-field", at, name, list(slots))
        parts.append(_compare(slots[name], wanted))
    if when.negated is not None:
        inner = _compiled(when.negated, slots, at)
        parts.append(lambda get: not inner(get))
    if when.options:
        options = [_compiled(each, slots, at) for each in when.options]
        parts.append(lambda get: any(each(get) for each in options))
    return lambda get: all(part(get) for part in parts)


def _compare(slot: Slot, wanted: tuple[str, ...]) -> Holds:
    def holds(get: Getter) -> bool:
        text = canonical_text(get(slot))
        return text in wanted or (bool(text) and ANY_TEXT in wanted)

    return holds


def canonical_text(value: Any) -> str:
    """Return the text that a condition compares: "" for an absent value, the number of a quantity or amount."""
    if value is None:
        return ""
    if isinstance(value, Quantity | Amount):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)
