"""Lists that a person has handed over and looks at before they are taken in: for a day, known to every node."""

import json
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select

from gateway.model.faults import OurFault
from gateway.store.forms import micros
from gateway.store.sql_tx import SqlTx, Writes
from gateway.store.tables_console import staged_list as s

KEPT_FOR = timedelta(days=1)
MOST = 50  # of all people of a partner together, or of ours; the oldest go first
_LEVEL = 1  # of compression: a list shrinks to a fifth at once


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedList:
    """header: the file's column names. user: who has handed it over."""

    id: str
    kind: str
    file: str
    header: tuple[str, ...]
    user: str


class StagedLists:
    """partner: whose people hand lists over and reach them, nobody else's; "": ours."""

    def __init__(self, engine: Engine, journal: Writes, partner: str = "") -> None:
        self._engine = engine
        self._journal = journal
        self._partner = partner
        self._own = s.c.partner == partner

    def keep(self, made: StagedList, data: bytes, now: datetime) -> None:
        """Keep a list; what has lain for too long, or is one too many, goes."""
        packed = zlib.compress(data, _LEVEL)
        row = {
            "id": made.id,
            "kind": made.kind,
            "file": made.file,
            "header": json.dumps(made.header),
            "user": made.user,
        }

        def work(tx: SqlTx) -> None:
            tx.connection.execute(delete(s).where(s.c.at < micros(now - KEPT_FOR)))
            newest = select(s.c.id).where(self._own).order_by(s.c.at.desc(), s.c.id.desc())
            tx.connection.execute(delete(s).where(self._own, s.c.id.not_in(newest.limit(MOST - 1))))
            tx.connection.execute(
                s.insert().values(**row, partner=self._partner, at=micros(now), size_bytes=len(data), data=packed)
            )

        self._journal.write(work)

    def get(self, list_id: str) -> StagedList:
        """Raises OurFault import.stage-gone."""
        columns = (s.c.id, s.c.kind, s.c.file, s.c.header, s.c.user)
        with self._engine.connect() as connection:
            row = connection.execute(select(*columns).where(s.c.id == list_id, self._own)).one_or_none()
        if row is None:
            raise OurFault("import.stage-gone", value=list_id[:40])
        return StagedList(id=row.id, kind=row.kind, file=row.file, header=tuple(json.loads(row.header)), user=row.user)

    def data(self, list_id: str) -> bytes:
        """Raises OurFault import.stage-gone."""
        with self._engine.connect() as connection:
            row = connection.execute(select(s.c.data, s.c.size_bytes).where(s.c.id == list_id, self._own)).one_or_none()
        if row is None:
            raise OurFault("import.stage-gone", value=list_id[:40])
        return zlib.decompressobj().decompress(row.data, row.size_bytes + 1)

    def drop(self, list_id: str) -> None:
        self._journal.write(lambda tx: tx.connection.execute(delete(s).where(s.c.id == list_id, self._own)))
