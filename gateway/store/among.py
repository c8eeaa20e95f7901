"""Rows by many keys, and by keys of several columns.

SQLite scans the whole table for (a, b) IN ((1, 2), ...); it takes the index for a = 1 AND b = 2 OR ..., and so does
PostgreSQL.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

_AT_ONCE = 100  # keys in one condition: SQLite limits the depth of an expression
LISTED = 500  # keys per IN list


def portions(keys: Iterable[Any], size: int = LISTED) -> Iterator[list[Any]]:
    """Cut keys, in their order, into lists that fit one statement."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def among(columns: Sequence[ColumnElement[Any]], keys: Collection[tuple[Any, ...]]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that together are met by the rows with one of keys; none for no keys."""
    for portion in portions(keys, _AT_ONCE):
        yield or_(*(and_(*(column == value for column, value in zip(columns, key, strict=True))) for key in portion))
