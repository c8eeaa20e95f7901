"""How two documents differ, field by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.mapping.trace import leaves

NUMBER = re.compile(r"\d+(?=\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field. field: canonical path with indexes; before, after: None where it is absent."""

    field: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> Literal["added", "lost", "changed"]:
        return "added" if self.before is None else "lost" if self.after is None else "changed"

    @property
    def key(self) -> str:
        """The field without indexes, as rules have it: lines[].quantity.value."""
        return NUMBER.sub("", self.field)


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Difference]:
    """Return the fields that differ between two documents in canonical JSON, in the order of the first. None: there is
    no document, every field is added or lost."""
    return between(dict(leaves(before or {})), dict(leaves(after or {})))


def between(old: Mapping[str, str], new: Mapping[str, str]) -> list[Difference]:
    """The same of documents that are values by path already."""
    found = [Difference(field=path, before=value, after=new.get(path)) for path, value in old.items()]
    found += [Difference(field=path, before=None, after=value) for path, value in new.items() if path not in old]
    return [each for each in found if each.before != each.after]
