"""API keys: issued once, kept as digests; with scopes, partners, an end, and the time of their last use."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from gateway.model.faults import OurFault
from gateway.store import tables as t
from gateway.store.access_people import check_sight
from gateway.store.access_rows import (
    ID_LENGTH,
    KeyBearer,
    KeyLine,
    Store,
    bearer_from,
    digest_of,
    kept_names,
    key_line,
    names_of,
    record,
)
from gateway.store.forms import micros, moment
from gateway.store.sql_tx import SqlTx

SEND = "documents.send"  # the scope of a partner's key on the partners' port
_NOTE_USE_AFTER = timedelta(minutes=10)  # last use is written at most this often


class ApiKeys(Store):
    """Keys of programs, kept as digests, with what they may and when they were used last."""

    def issue_key(
        self,
        name: str,
        role: str,
        now: datetime,
        *,
        by: str,
        partner: str | None = None,
        partners: frozenset[str] | None = None,
        fields: frozenset[str] | None = None,
        scopes: frozenset[str] | None = None,
        expires_at: datetime | None = None,
    ) -> str:
        """Return a new API key, shown only this once.

        Raises OurFault access.role-unknown, access.fields-unknown, access.key-name, access.key-ended.
        """
        check_sight(role, partner, partners, fields)
        if not name.strip() or len(name) > 100 or not name.isprintable():
            raise OurFault("access.key-name", value=name[:100])
        if expires_at is not None and expires_at <= now:
            raise OurFault("access.key-ended", value=expires_at.date().isoformat())
        token = "gw_" + secrets.token_urlsafe(32)

        def work(tx: SqlTx) -> None:
            row = {
                "sha256": digest_of(token),
                "name": name,
                "role": role,
                "partner": partner,
                "created_at": micros(now),
                "partners": kept_names(partners),
                "fields": kept_names(fields),
                "scopes": kept_names(scopes),
                "expires_at": None if expires_at is None else micros(expires_at),
                "issued_by": by[:100],
            }
            tx.connection.execute(t.api_key.insert().values(row))
            after = {
                "role": role,
                "partner": partner,
                "partners": names_of(kept_names(partners)),
                "scopes": names_of(kept_names(scopes)),
                "expires": None if expires_at is None else expires_at.isoformat(),
            }
            shown = {key: value for key, value in after.items() if value is not None}
            record(tx, by, "api-key.issued", name, now, after=shown)

        self._journal.write(work)
        return token

    def revoke_key(self, key_id: str, now: datetime, *, by: str) -> None:
        """Let a key open nothing any more; a second call changes nothing. Raises OurFault access.key-not-found."""
        if len(key_id) != ID_LENGTH:
            raise OurFault("access.key-not-found", value=key_id[:40])

        def work(tx: SqlTx) -> None:
            row = tx.connection.execute(select(t.api_key).where(_named(key_id))).first()
            if row is None:
                raise OurFault("access.key-not-found", value=key_id)
            if row.revoked_at is None:
                end = update(t.api_key).where(t.api_key.c.sha256 == row.sha256)
                tx.connection.execute(end.values(revoked_at=micros(now)))
                record(tx, by, "api-key.revoked", row.name, now, before="in use", after="revoked")

        self._journal.write(work)

    def keys(self, *, revoked: bool = False, limit: int = 1000) -> tuple[KeyLine, ...]:
        """Return API keys, the newest first. revoked: those too that open nothing any more."""
        query = select(t.api_key).order_by(t.api_key.c.created_at.desc(), t.api_key.c.sha256).limit(limit)
        if not revoked:
            query = query.where(t.api_key.c.revoked_at.is_(None))
        with self._engine.connect() as connection:
            return tuple(key_line(row) for row in connection.execute(query))

    def key(self, key_id: str) -> KeyLine | None:
        """Return a key by its short id, None when there is none."""
        if len(key_id) != ID_LENGTH:
            return None
        with self._engine.connect() as connection:
            row = connection.execute(select(t.api_key).where(_named(key_id))).first()
        return None if row is None else key_line(row)

    def key_bearer(self, token: str, now: datetime) -> KeyBearer | None:
        """Return who bears an API key; None when it is unknown, revoked or past its end. Its use is noted."""
        digest = digest_of(token)
        with self._engine.connect() as connection:
            row = connection.execute(select(t.api_key).where(t.api_key.c.sha256 == digest, _valid(now))).one_or_none()
        if row is None:
            return None
        if row.used_at is None or now - moment(row.used_at) > _NOTE_USE_AFTER:
            note = update(t.api_key).where(t.api_key.c.sha256 == digest).values(used_at=micros(now))
            self._journal.write(lambda tx: tx.connection.execute(note).rowcount)
        return bearer_from(row)

    def partner_for_key(self, digest: str, now: datetime) -> str | None:
        """Return the partner whose key with this digest hands documents in at the partners' port; None: nobody's."""
        query = select(t.api_key).where(t.api_key.c.sha256 == digest, t.api_key.c.role == "partner", _valid(now))
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        scopes = None if row is None else names_of(row.scopes)
        return None if row is None or (scopes is not None and SEND not in scopes) else row.partner


def _named(key_id: str) -> ColumnElement[bool]:
    return t.api_key.c.sha256.between(key_id, key_id + "g")  # digits of a digest end with f


def _valid(now: datetime) -> ColumnElement[bool]:
    columns = t.api_key.c
    return and_(columns.revoked_at.is_(None), or_(columns.expires_at.is_(None), columns.expires_at > micros(now)))
