"""What happens to a whole list once its elements are built: rows brought together, and the root of a tree taken off."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from gateway.mapping.rules import refuse
from gateway.mapping.target import Scope, field_facts

Values = dict[int, Any]  # by slot of the scope
Shape = Callable[[Values, int, "list[Any]"], None]  # (values of the scope, slot of the list, frames of the elements)


def shaper(scope: Scope, outer: Scope) -> Shape | None:
    """Return what the list's head asks for, None when it stays as it is. Raises OurFault mapping.unknown-field."""
    head = scope.head
    if head is None:
        return None
    if head.group_by:
        return _merger(tuple(_attribute(scope.kind, name, head.at) for name in head.group_by))
    if head.tree:
        return _rooted(scope, outer)
    if head.alone:
        return _folded(scope, outer)
    return None


def _attribute(kind: Any, name: str, at: str) -> str:
    known = field_facts(kind)
    if name not in known:
        refuse("mapping.unknown-field", at, name, list(known))
    return known[name].name


def _merger(names: tuple[str, ...]) -> Shape:
    """Bring rows together that agree in names and contradict each other in nothing else."""

    def merge(values: Values, slot: int, frames: list[Any]) -> None:
        rows: list[Any] = []
        places: dict[Any, int] = {}
        for number, row in enumerate(values[slot]):
            key = tuple(getattr(row, name) for name in names)
            at = places.get(key)
            union = _union(rows[at], row, names) if at is not None else None
            if at is None or union is None:
                places[key] = at = len(rows)
                rows.append(row)
            else:
                rows[at] = union
            if number < len(frames):
                frames[number].index = at
        values[slot] = rows

    return merge


def _union(one: Any, other: Any, names: tuple[str, ...]) -> Any:
    """Return one with the fields that only other has; None when both have a field besides names: two rows say it."""
    added = {}
    for each in fields(one):
        mine, theirs = getattr(one, each.name), getattr(other, each.name)
        if theirs is None or theirs == ():
            continue
        if mine is None or mine == ():
            added[each.name] = theirs
        elif each.name not in names:
            return None
    if not added:
        return None  # the same row twice: both are kept, nobody knows which is meant
    return replace(one, **added)


def _folded(scope: Scope, outer: Scope) -> Shape:
    """Drop empty elements; the values of an element that is alone go to the fields of the enclosing scope, unless it
    has others, or these say something else."""
    head = scope.head
    assert head is not None
    inside, around = ({slot.key: slot.index for slot in each.slots} for each in (scope, outer))
    pairs: list[tuple[str, str, int]] = []
    for mine, theirs in head.alone.items():
        for name, known in ((mine, inside), (theirs, around)):
            if name not in known:
                refuse("mapping.unknown-field", head.at, name, list(known))
        pairs.append((_attribute(scope.kind, mine, head.at), mine, around[theirs]))
    names = {attribute for attribute, _, _ in pairs}
    rest = [each.name for each in fields(scope.kind) if each.name not in names]
    empty = scope.kind()

    def fold(values: Values, slot: int, frames: list[Any]) -> None:
        rows = [(row, frame) for row, frame in zip(values[slot], frames, strict=False) if row != empty]
        for frame in frames:
            frame.index = -1
        for index, (_, frame) in enumerate(rows):
            frame.index = index
        values[slot] = [row for row, _ in rows]
        if not rows:
            del values[slot]
        if len(rows) != 1 or any(getattr(rows[0][0], name) not in (None, ()) for name in rest):
            return
        (row, frame) = rows[0]
        if any(getattr(row, name) not in (None, values.get(at, getattr(row, name))) for name, _, at in pairs):
            return
        for name, mine, theirs in pairs:
            if getattr(row, name) is not None and theirs not in values:
                values[theirs] = getattr(row, name)
                frame.outer.places[theirs] = frame.places[frame.plan.keys.index(mine)]
        frame.index = -1
        del values[slot]

    return fold


def _rooted(scope: Scope, outer: Scope) -> Shape:
    """Take off the element that stands for the whole message (EDIFACT CPS 1): it has an id and nothing else."""
    head = scope.head
    assert head is not None
    root = head.tree.get("root", "1")
    parent = _attribute(scope.kind, head.tree.get("parent", "parent"), head.at)
    list_name, _, member = head.tree.get("members", "").partition(".")
    others = [each for each in outer.lists if each.key.startswith(f"{list_name}[")]
    if not others:
        refuse("mapping.unknown-field", head.at, list_name, [each.key for each in outer.lists])
    slot_of_members = others[0].slot
    attribute = _attribute(others[0].kind, member, head.at)

    def take_off(values: Values, slot: int, frames: list[Any]) -> None:
        kept: list[Any] = []
        dropped = False
        for number, unit in enumerate(values[slot]):
            if unit.id == root and unit == type(unit)(id=root):
                dropped = True
                if number < len(frames):
                    frames[number].index = -1  # it has no place in the document
                continue
            if number < len(frames):
                frames[number].index = len(kept)
            kept.append(unit)
        if not dropped:
            return
        values[slot] = [replace(each, **{parent: None}) if getattr(each, parent) == root else each for each in kept]
        if not values[slot]:
            del values[slot]
        if values.get(slot_of_members):
            values[slot_of_members] = [
                replace(each, **{attribute: None}) if getattr(each, attribute) == root else each
                for each in values[slot_of_members]
            ]

    return take_off
