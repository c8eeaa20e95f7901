"""While writing: which parts of a group have something to write, without asking each of them.

A line of an order knows some forty fields and has ten. What those let a group write depends only on which of its fields
have a value, so it is thought through once for each such set: the lines of a document mostly have the same.
"""

from collections.abc import Callable, Hashable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

from gateway.mapping.target import getter

Path = tuple[str, ...]
Paths = tuple[Path, ...]  # attributes that lead to a value, from the source of a part
_REMEMBERED = 1000  # sets of fields: who sends ever new ones waits a little longer


Plan = TypeVar("Plan")


class Chooser(Generic[Plan]):
    """parts: in the order in which they write; each has paths: None when it writes whatever the source.

    plan: makes of the parts for which a source has a value, and such a source, what is remembered for all like it
    """

    __slots__ = ("_known", "_parts", "_pattern", "_plan")

    def __init__(self, parts: Sequence[Any], plan: Callable[[tuple[Any, ...], Any], Plan]) -> None:
        self._parts = tuple((part, _has_any(part.paths)) for part in parts)
        self._pattern = _pattern({path for part in parts for path in part.paths or ()})
        self._plan = plan
        self._known: dict[Hashable, Plan] = {}

    def parts(self, source: Any) -> tuple[Any, ...]:
        """Return the parts for which source has a value."""
        return tuple(part for part, has_any in self._parts if has_any(source))

    def chosen(self, source: Any) -> Plan:
        """Return the plan of the parts for which source has a value."""
        pattern = self._pattern(source)
        found = self._known.get(pattern)
        if found is None:
            found = self._plan(self.parts(source), source)
            if len(self._known) < _REMEMBERED:
                self._known[pattern] = found
        return found


def _has_any(paths: Paths | None) -> Callable[[Any], bool]:
    if paths is None:
        return lambda _: True
    getters = [getter(path) for path in paths]
    return lambda source: any(get(source) not in (None, ()) for get in getters)


def _pattern(paths: set[Path]) -> Callable[[Any], Hashable]:
    """Return what tells of a source which of the paths lead to a value: equal results, equal answers for each path."""
    heads = sorted({path[0] for path in paths})
    below = {head: {path[1:] for path in paths if path[0] == head and len(path) > 1} for head in heads}
    inner = tuple((at, _pattern(below[head])) for at, head in enumerate(heads) if below[head])
    if not heads:
        return lambda _: None
    values = attrgetter(*heads) if len(heads) > 1 else _alone(heads[0])

    def pattern(source: Any) -> Hashable:
        found = values(source)
        own: list[Hashable] = [each is not None and each != () for each in found]
        for at, of in inner:
            if own[at]:
                own.append(of(found[at]))
        return tuple(own)

    return pattern


def _alone(name: str) -> Callable[[Any], tuple[Any]]:
    return lambda source: (getattr(source, name),)
