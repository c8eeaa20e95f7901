"""How two documents differ, field by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal

from gateway.mapping.trace import leaves
from gateway.model.documents import Document
from gateway.model.json_form import plain
from gateway.model.json_keys import fields_of

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


def document_differences(before: Document, after: Document, limit: int) -> list[Difference]:
    """Return the first fields that differ between two documents of one type, at most limit; what is equal is passed
    over as a whole, so that it is quick for long documents that differ little."""
    found: list[Difference] = []
    for name, key, _, _ in fields_of(type(before)):
        one, other = getattr(before, name), getattr(after, name)
        if one == other:
            continue
        if isinstance(one, tuple) and isinstance(other, tuple):
            pairs = [(f"{key}[{at}]", *each) for at, each in enumerate(zip_longest(one, other))]
        else:
            pairs = [(key, one, other)]
        for path, old, new in pairs:
            if old != new:
                found += between(dict(leaves(plain(old), path)), dict(leaves(plain(new), path)))
            if len(found) >= limit:
                return found[:limit]
    return found


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Difference]:
    """Return the fields that differ between two documents in canonical JSON, in the order of the first. None: there is
    no document, every field is added or lost."""
    return between(dict(leaves(before or {})), dict(leaves(after or {})))


def between(old: Mapping[str, str], new: Mapping[str, str]) -> list[Difference]:
    """The same of documents that are values by path already."""
    gone = [(path, value, new.get(path)) for path, value in old.items() if new.get(path) != value]
    come = [(path, None, value) for path, value in new.items() if path not in old]
    return [Difference(field=path, before=before, after=after) for path, before, after in (*gone, *come)]
