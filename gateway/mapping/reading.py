"""What a mapping returns when it reads: the document, the findings, and where every value came from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gateway.model.documents import Document
from gateway.model.findings import Finding, Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A value of the source that no rule touched. path: SG25/QTY/C186.6060, or the names of the XML elements."""

    where: Where
    path: str
    value: str


class Sources(Mapping[str, Where]):
    """Canonical path -> place in the source; worked out when first asked for, because most readings never are."""

    def __init__(self, make: Callable[[], dict[str, Where]]) -> None:
        self._make = make

    @cached_property
    def _places(self) -> dict[str, Where]:
        return self._make()

    def __getitem__(self, path: str) -> Where:
        return self._places[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """document: None when a required field is missing; the findings then hold at least one error.

    sources: canonical path ("lines[0].item.gtin") -> place; keys are camelCase as in canonical JSON
    """

    document: Document | None
    findings: tuple[Finding, ...] = ()
    sources: Mapping[str, Where] = field(default_factory=dict)
    find_leftovers: Callable[[], tuple[Leftover, ...]] = tuple

    @cached_property
    def leftovers(self) -> tuple[Leftover, ...]:
        """What of the source no rule touched."""
        return self.find_leftovers()
