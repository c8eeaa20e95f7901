"""Calls with an Idempotency-Key: the answer of the first is the answer of every repeat.

Source: IETF draft-ietf-httpapi-idempotency-key-header.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, select, update

from gateway.model.faults import OurFault
from gateway.store.access_rows import Store
from gateway.store.database import insert_for
from gateway.store.forms import micros, moment
from gateway.store.sql_tx import SqlTx
from gateway.store.tables_access import idempotent_call

KEPT_FOR = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(minutes=2)  # a call that has not ended by then died with its process
_SEALED = "sealed:"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered. body: the JSON text, which may be kept sealed."""

    status: int
    body: str


class IdempotentCalls(Store):
    """Answers of calls with an Idempotency-Key, for a day."""

    def begin_call(self, caller: str, key: str, request: str, now: datetime) -> Answer | None:
        """Note that a call begins: None. When it was made before, return what was answered.

        Raises OurFault api.key-reused (another request), api.call-running (the first has not been answered yet).
        """
        columns = idempotent_call.c
        own = and_(columns.caller == caller[:120], columns.key == key)

        def work(tx: SqlTx) -> Answer | None:
            tx.connection.execute(idempotent_call.delete().where(columns.at < micros(now - KEPT_FOR)))
            values = {"request": request, "at": micros(now), "status": None, "body": None}
            insert = insert_for(tx.connection.dialect.name, idempotent_call)
            begun = insert.values(caller=caller[:120], key=key, **values).on_conflict_do_nothing()
            if tx.connection.execute(begun.returning(columns.key)).first() is not None:
                return None
            row = tx.connection.execute(select(idempotent_call).where(own).with_for_update()).one_or_none()
            if row is None:  # refused at this moment: the next repeat is tried afresh
                raise OurFault("api.call-running", value=key[:100])
            if row.request != request:
                raise OurFault("api.key-reused", value=key[:100])
            if row.status is not None:
                return Answer(row.status, self._opened(row.body or ""))
            if now - moment(row.at) < GIVEN_UP_AFTER:
                raise OurFault("api.call-running", value=key[:100])
            tx.connection.execute(update(idempotent_call).where(own).values(values))
            return None

        return self._journal.write(work)

    def end_call(self, caller: str, key: str, answer: Answer | None, *, secret: bool = False) -> None:
        """Keep the answer of a call. None: it was refused or failed, a repeat is tried afresh. secret: it holds what is
        shown only once, and is kept sealed."""
        own = and_(idempotent_call.c.caller == caller[:120], idempotent_call.c.key == key)

        def work(tx: SqlTx) -> None:
            if answer is None:
                tx.connection.execute(idempotent_call.delete().where(own))
            else:
                body = self._sealed(answer.body) if secret else answer.body
                kept = {"status": answer.status, "body": body}
                tx.connection.execute(update(idempotent_call).where(own).values(kept))

        self._journal.write(work)

    def _sealed(self, body: str) -> str:
        return _SEALED + self._sealing.seal(body) if self._sealing is not None else "{}"

    def _opened(self, kept: str) -> str:
        if not kept.startswith(_SEALED):  # which no JSON does
            return kept
        return "{}" if self._sealing is None else self._sealing.unseal(kept.removeprefix(_SEALED))
