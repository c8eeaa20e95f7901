"""Which keys the fields of a dataclass have in canonical JSON."""

from collections.abc import Hashable
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any, cast, get_type_hints


def camel(name: str) -> str:
    """order_line -> orderLine."""
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


def key_of(each: Field[Any]) -> str:
    """Return the JSON key of a dataclass field: camelCase, or what its metadata name as `key`."""
    return str(each.metadata.get("key") or camel(each.name))


def fields_of(kind: type[Any]) -> tuple[tuple[str, str, Any, bool], ...]:
    """Return (attribute, key, type, required) for each field of kind."""
    return _known_fields(cast(Hashable, kind))


@cache
def _known_fields(kind: Any) -> tuple[tuple[str, str, Any, bool], ...]:
    hints = get_type_hints(kind)
    return tuple(
        (
            each.name,
            key_of(each),
            hints[each.name],
            each.default is MISSING and each.default_factory is MISSING,
        )
        for each in fields(kind)
    )
