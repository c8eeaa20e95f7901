"""The statement that inserts whole rows, or replaces those of the same key."""

from typing import Any

from sqlalchemy import Table

from gateway.store.prepared import Inserter, Prepared


def replacing(table: Table, *, kept: tuple[str, ...] = (), not_older: str | None = None) -> Prepared:
    """Insert whole rows, or replace those with the same primary key except the kept columns."""
    names = tuple(column.name for column in table.columns)
    keys = [column.name for column in table.primary_key]

    def make(insert: Inserter) -> Any:
        row = insert(table)
        return row.on_conflict_do_update(
            index_elements=keys,
            set_={name: row.excluded[name] for name in names if name not in keys and name not in kept},
            where=None if not_older is None else row.excluded[not_older] >= table.c[not_older],
        )

    return Prepared(make, names)
