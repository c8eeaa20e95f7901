"""What a mapping returns when it reads: the document, the findings, and where every value came from."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from gateway.model.documents import Document
from gateway.model.findings import Finding, Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A value of the source that no rule touched. path: SG25/QTY/C186.6060, or the names of the XML elements."""

    where: Where
    path: str
    value: str


T = TypeVar("T")


class Sources(Mapping[str, T]):
    """Canonical path -> place in the source, or rule; worked out when first asked for: most readings never are."""

    def __init__(self, make: Callable[[], dict[str, T]]) -> None:
        self._make = make

    @cached_property
    def _places(self) -> dict[str, T]:
        return self._make()

    def __getitem__(self, path: str) -> T:
        return self._places[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """document: None when a required field is missing; the findings then hold at least one error.

    sources: canonical path ("lines[0].item.gtin") -> place; keys are camelCase as in canonical JSON
    rules: canonical path -> file:line of the rule that read it
    find_texts: (canonical path, text in the source, place, file:line) of every value and list element; worked out when
    it is called, so that a reading whose trace nobody wants pays nothing
    find_touched: file:line of every rule that gave a value, without saying which: a fifth of the time of rules
    """

    document: Document | None
    findings: tuple[Finding, ...] = ()
    sources: Mapping[str, Where] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    find_leftovers: Callable[[], tuple[Leftover, ...]] = tuple
    find_texts: Callable[[], Iterable[tuple[str, str, Where, str]]] = tuple
    find_touched: Callable[[], frozenset[str]] = frozenset

    @cached_property
    def leftovers(self) -> tuple[Leftover, ...]:
        """What of the source no rule touched."""
        return self.find_leftovers()
