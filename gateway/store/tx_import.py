"""Imported lists: rows of our house's tables, with what was there before, so that an import can be undone whole.

Stock is moved by the difference and undone by it: what was sold in between stays sold, and a row that the import made
goes when nothing is left in it. Every other row is put back as it was, unless something else has changed it since.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, delete, insert, select, update

from gateway.model.faults import OurFault
from gateway.ports.records import ImportRun
from gateway.store.among import among
from gateway.store.forms import AnyRow, clip, dump, micros, moment
from gateway.store.prepared import Inserter, Prepared, given, listed
from gateway.store.tables import (
    import_change,
    import_columns,
    import_run,
    item,
    item_pack,
    place,
    price,
    stock,
)
from gateway.store.tables_agreements import calendar, customer
from gateway.store.tx_open import OpenTx

_TABLES: Mapping[str, Table] = {
    "items": item,
    "packs": item_pack,
    "prices": price,
    "places": place,
    "stock": stock,
    "calendars": calendar,
    "customers": customer,
}
_MEASURES = ("on_hand", "allocated", "backordered", "on_order", "in_transit")
MOST_PROBLEMS = 1_000


def _rows_by(table: Table, many: str, same: str | None = None) -> Prepared:
    """The rows of one value of `same` with any of a list of `many`: one statement for a portion of any size."""
    chosen = select(table).where(table.c[many].op("IN")(listed(many)))
    return Prepared(lambda _: chosen if same is None else chosen.where(table.c[same] == given(same)))


_BY_LIST: Mapping[str, tuple[str, str | None]] = {
    "item": ("gtin", None),
    "item_pack": ("gtin", None),
    "price": ("gtin", "price_list"),
    "place": ("gln", None),
    "calendar": ("owner", "kind"),
    "customer": ("account", None),
    "stock": ("gtin", "location"),
}  # table -> columns of its key to look rows up by; more than was asked for may come
_PRESENT = {table.name: _rows_by(table, *_BY_LIST[table.name]) for table in _TABLES.values()}
_ADD_CHANGES = Prepared(lambda insert: insert(import_change), ("run", "seq", "key", "before"))


def _add_on_hand(insert: Inserter) -> Any:
    row = insert(stock)
    added = {"on_hand": stock.c.on_hand + row.excluded.on_hand, "updated_at": row.excluded.updated_at}
    return row.on_conflict_do_update(index_elements=[stock.c.gtin, stock.c.location], set_=added)


_ADD_ON_HAND = Prepared(_add_on_hand, ("gtin", "location", *_MEASURES, "updated_at"))
_DROP_EMPTY = Prepared(
    lambda _: delete(stock).where(
        stock.c.gtin == given("gtin"),
        stock.c.location == given("location"),
        *(stock.c[name] == 0 for name in _MEASURES),
    )
)


class ImportTx(OpenTx):
    """Imported lists, row by row, and how they are undone."""

    def start_import(self, run: ImportRun) -> None:
        """See ports.journal."""
        self.connection.execute(
            insert(import_run).values(
                id=run.id,
                kind=run.kind,
                file=clip(run.file, import_run.c.file),
                sha256=run.sha256,
                user=run.user,
                state="running",
                at=micros(run.at),
                updated_at=micros(run.at),
            )
        )

    def import_rows(
        self, run: ImportRun, rows: Sequence[Mapping[str, Any]], problems: Sequence[str], now: datetime
    ) -> int:
        """See ports.journal."""
        table = _TABLES[run.kind]
        kept = self.connection.execute(
            select(import_run.c.changed, import_run.c.problems).where(import_run.c.id == run.id)
        ).one()
        changes = self._write_stock(rows, now) if table is stock else self._write(table, rows, now)
        if changes:
            self._driver.many(
                _ADD_CHANGES,
                [
                    {"run": run.id, "seq": kept.changed + n, "key": key, "before": before}
                    for n, (key, before) in enumerate(changes)
                ],
            )
        known = json.loads(kept.problems)
        self.connection.execute(
            update(import_run)
            .where(import_run.c.id == run.id)
            .values(
                rows=import_run.c.rows + len(rows) + len(problems),
                changed=import_run.c.changed + len(changes),
                rejected=import_run.c.rejected + len(problems),
                problems=dump([*known, *problems][:MOST_PROBLEMS]),
                updated_at=micros(now),
            )
        )
        return len(changes)

    def _write(self, table: Table, rows: Sequence[Mapping[str, Any]], now: datetime) -> list[tuple[str, str]]:
        """Insert or replace rows; return (key, [written at, row before]) of those that differ from what is there."""
        keys = [column.name for column in table.primary_key]
        names = [column.name for column in table.columns if column.name in rows[0]] if rows else []
        before = self._present(table, keys, rows)
        fresh: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in rows:
            fresh[tuple(row[name] for name in keys)] = dict(row)
        changes: list[tuple[str, str]] = []
        written = []
        for key, row in fresh.items():
            old = before.get(key)
            if old is not None and all(old[name] == row[name] for name in names):
                continue
            changes.append((dump(list(key)), dump([micros(now), old])))
            written.append({**_filled(table, old), **row, "updated_at": micros(now)})
        if written:
            statement = self._insert(table)
            self.connection.execute(
                statement.on_conflict_do_update(
                    index_elements=keys,
                    set_={name: statement.excluded[name] for name in written[0] if name not in keys},
                ),
                written,
            )
        return changes

    def _write_stock(self, rows: Sequence[Mapping[str, Any]], now: datetime) -> list[tuple[str, str]]:
        """Bring on hand to what the list says; return (key, [difference, whether the row is new])."""
        before = self._present(stock, ["gtin", "location"], rows)
        wanted = {(row["gtin"], row["location"]): row["on_hand"] for row in rows}
        changes, written = [], []
        for key, on_hand in wanted.items():
            delta = on_hand - (before[key]["on_hand"] if key in before else 0)
            if delta or key not in before:
                changes.append((dump(list(key)), dump([delta, key not in before])))
                written.append(_moved(key, delta, now))
        self._driver.many(_ADD_ON_HAND, written)
        return changes

    def _present(
        self, table: Table, keys: Sequence[str], rows: Sequence[Mapping[str, Any]]
    ) -> dict[tuple[Any, ...], dict[str, Any]]:
        wanted = {tuple(row[name] for name in keys) for row in rows}
        many, same = _BY_LIST[table.name]
        groups: dict[Any, set[Any]] = defaultdict(set)
        for row in rows:
            groups[row[same] if same else None].add(row[many])
        found = {}
        for shared, values in groups.items():
            asked = {many: dump(sorted(values)), **({same: shared} if same else {})}
            for row in self._driver.all(_PRESENT[table.name], **asked):
                values_of = row._asdict()
                key = tuple(values_of[name] for name in keys)
                if key in wanted:
                    found[key] = values_of
        return found

    def end_import(self, run_id: str, state: str, now: datetime) -> ImportRun:
        """See ports.journal."""
        self.connection.execute(
            update(import_run).where(import_run.c.id == run_id).values(state=state, updated_at=micros(now))
        )
        return self.import_of(run_id)

    def undo_rows(self, run_id: str, limit: int, now: datetime) -> tuple[int, int]:
        """See ports.journal."""
        run = self.import_of(run_id)
        rows = self.connection.execute(
            select(import_change).where(import_change.c.run == run_id).order_by(import_change.c.seq.desc()).limit(limit)
        ).all()
        if not rows:
            return 0, 0
        table = _TABLES[run.kind]
        left = self._undo_stock(rows, now) if table is stock else self._undo(table, rows)
        self.connection.execute(
            delete(import_change).where(import_change.c.run == run_id, import_change.c.seq >= rows[-1].seq)
        )
        return len(rows), left

    def _undo_stock(self, rows: Sequence[AnyRow], now: datetime) -> int:
        moves, made = [], []
        for row in rows:
            key = tuple(json.loads(row.key))
            before = json.loads(row.before)
            delta, new = before if isinstance(before, list) else (before, False)  # a number: of an earlier release
            moves.append(_moved(key, -delta, now))
            if new:
                made.append({"gtin": key[0], "location": key[1]})
        self._driver.many(_ADD_ON_HAND, moves)
        self._driver.many(_DROP_EMPTY, made)
        return 0

    def _undo(self, table: Table, rows: Sequence[AnyRow]) -> int:
        """Put rows back as they were; return how many were left because something changed them after the import."""
        keys = [column.name for column in table.primary_key]
        named = [dict(zip(keys, json.loads(row.key), strict=True)) for row in rows]
        present = self._present(table, keys, named)
        kept = 0
        gone, back = [], []
        for key, row in zip(named, rows, strict=True):
            now_there = present.get(tuple(key.values()))
            written_at, old = json.loads(row.before)
            if now_there is None or now_there["updated_at"] != written_at:
                kept += 1
            elif old is None:
                gone.append(key)
            else:
                back.append(old)
        for condition in among([table.c[name] for name in keys], [tuple(each.values()) for each in gone]):
            self.connection.execute(delete(table).where(condition))
        for old in back:
            same = and_(*(table.c[name] == old[name] for name in keys))
            self.connection.execute(update(table).where(same).values({n: v for n, v in old.items() if n not in keys}))
        return kept

    def import_of(self, run_id: str) -> ImportRun:
        """Raises OurFault import.unknown."""
        row = self.connection.execute(select(import_run).where(import_run.c.id == run_id)).first()
        if row is None:
            raise OurFault("import.unknown", value=run_id)
        return _run(row)

    def imports(self, limit: int) -> list[ImportRun]:
        """See ports.journal."""
        chosen = select(import_run).order_by(import_run.c.at.desc(), import_run.c.id.desc()).limit(limit)
        return [_run(row) for row in self.connection.execute(chosen)]

    def remembered_columns(self, kind: str, header: str) -> dict[str, str]:
        """See ports.journal."""
        row = self.connection.execute(
            select(import_columns.c.columns).where(import_columns.c.kind == kind, import_columns.c.header == header)
        ).first()
        return {} if row is None else dict(json.loads(row.columns))

    def remember_columns(self, kind: str, header: str, columns: Mapping[str, str], now: datetime) -> None:
        """See ports.journal."""
        statement = self._insert(import_columns).values(
            kind=kind, header=header, columns=dump(dict(columns)), at=micros(now)
        )
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[import_columns.c.kind, import_columns.c.header],
                set_={"columns": statement.excluded.columns, "at": statement.excluded.at},
            )
        )


def _moved(key: tuple[Any, ...], delta: int, now: datetime) -> dict[str, Any]:
    gtin, location = key
    zeros = dict.fromkeys(_MEASURES, 0)
    return {**zeros, "gtin": gtin, "location": location, "on_hand": delta, "updated_at": micros(now)}


def _filled(table: Table, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what an import does not say of a row: as it is, else empty."""
    if old is not None:
        return dict(old)
    return {"data": "{}"} if "data" in table.columns else {}


def _run(row: AnyRow) -> ImportRun:
    return ImportRun(
        id=row.id,
        kind=row.kind,
        file=row.file,
        sha256=row.sha256,
        user=row.user,
        state=row.state,
        rows=row.rows,
        changed=row.changed,
        rejected=row.rejected,
        problems=tuple(json.loads(row.problems)),
        at=moment(row.at),
        updated_at=moment(row.updated_at),
    )
