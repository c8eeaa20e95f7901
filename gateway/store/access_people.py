"""Users: who there is, what each may see, and what each has to sign in with."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select
from sqlalchemy.exc import IntegrityError

from gateway.model.faults import OurFault
from gateway.store import tables as t
from gateway.store.access_rows import ROLES, Store, User, UserLine, kept_names, names_of, record, user_from
from gateway.store.forms import micros, moment
from gateway.store.sight import FIELD_GROUPS, PARTNER_ID
from gateway.store.sql_tx import SqlTx
from gateway.store.tables_access import recovery_code
from gateway.store.view_reading import optional_moment

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class People(Store):
    """Users, their roles and what they see, with an audit row for each change."""

    def add_user(
        self,
        name: str,
        role: str,
        now: datetime,
        *,
        by: str,
        partner: str | None = None,
        partners: frozenset[str] | None = None,
        fields: frozenset[str] | None = None,
        language: str | None = None,
    ) -> None:
        """Raises OurFault access.user-exists, access.role-unknown, access.fields-unknown, access.bad-name."""
        if not NAME.fullmatch(name):
            raise OurFault("access.bad-name", value=name[:100])
        check_sight(role, partner, partners, fields)

        def work(tx: SqlTx) -> None:
            row = {"role": role, "partner": partner, "partners": kept_names(partners), "fields": kept_names(fields)}
            values = {**row, "name": name, "language": language, "created_at": micros(now)}
            tx.connection.execute(t.user.insert().values(values))
            record(tx, by, "user.added", name, now, after=_shown(row))

        try:
            self._journal.write(work)
        except IntegrityError:
            raise OurFault("access.user-exists", value=name) from None

    def change_user(
        self,
        name: str,
        now: datetime,
        *,
        by: str,
        role: str,
        partner: str | None = None,
        partners: frozenset[str] | None = None,
        fields: frozenset[str] | None = None,
    ) -> None:
        """Give name another role or sight; it counts from the next request on.

        Raises OurFault access.user-unknown, access.role-unknown, access.fields-unknown, access.last-admin.
        """
        check_sight(role, partner, partners, fields)

        def work(tx: SqlTx) -> None:
            row = row_of(tx.connection, name)
            after = {"role": role, "partner": partner, "partners": kept_names(partners), "fields": kept_names(fields)}
            before = {key: row._mapping[key] for key in after}
            if before == after:
                return
            tx.connection.execute(t.user.update().where(t.user.c.id == row.id).values(after))
            _keep_an_admin(tx.connection)
            record(tx, by, "user.changed", name, now, before=_shown(before), after=_shown(after))

        self._journal.write(work)

    def disable_user(self, name: str, now: datetime, *, by: str) -> None:
        """End all sessions of name and let it in no more. Raises OurFault access.user-unknown, access.last-admin."""

        def work(tx: SqlTx) -> None:
            row = row_of(tx.connection, name)
            if row.disabled_at is not None:
                return
            tx.connection.execute(t.user.update().where(t.user.c.id == row.id).values(disabled_at=micros(now)))
            tx.connection.execute(t.session.delete().where(t.session.c.user == row.id))
            _keep_an_admin(tx.connection)
            record(tx, by, "user.disabled", name, now, before="enabled", after="disabled")

        self._journal.write(work)

    def enable_user(self, name: str, now: datetime, *, by: str) -> None:
        """Raises OurFault access.user-unknown."""

        def work(tx: SqlTx) -> None:
            row = row_of(tx.connection, name)
            if row.disabled_at is not None:
                tx.connection.execute(t.user.update().where(t.user.c.id == row.id).values(disabled_at=None))
                record(tx, by, "user.enabled", name, now, before="disabled", after="enabled")

        self._journal.write(work)

    def user(self, name: str) -> User | None:
        """Return a user by name, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(t.user).where(t.user.c.name == name)).one_or_none()
            return user_from(row) if row else None

    def users(self) -> tuple[User, ...]:
        with self._engine.connect() as connection:
            return tuple(user_from(row) for row in connection.execute(select(t.user).order_by(t.user.c.name)))

    def people(self, now: datetime, name: str | None = None) -> tuple[UserLine, ...]:
        """Return users as administrators see them, by name. name: this one only."""
        running = and_(t.session.c.user == t.user.c.id, t.session.c.expires_at > micros(now), ~t.session.c.pending)
        codes = and_(recovery_code.c.user == t.user.c.id, recovery_code.c.used_at.is_(None))
        query = select(
            t.user,
            select(func.count()).select_from(t.session).where(running).scalar_subquery().label("sessions"),
            select(func.count()).select_from(recovery_code).where(codes).scalar_subquery().label("codes"),
        ).order_by(t.user.c.name)
        if name is not None:
            query = query.where(t.user.c.name == name)
        with self._engine.connect() as connection:
            return tuple(_line(row) for row in connection.execute(query))


def check_sight(role: str, partner: str | None, partners: frozenset[str] | None, fields: frozenset[str] | None) -> None:
    """Raises OurFault access.role-unknown (a partner's person needs its partner, nobody else has one),
    access.fields-unknown, access.bad-name (of a partner)."""
    for each in sorted((partners or frozenset()) | ({partner} if partner is not None else frozenset())):
        if not PARTNER_ID.fullmatch(each):
            raise OurFault("access.bad-name", value=each[:100])
    if role not in ROLES or (role == "partner") != (partner is not None):
        raise OurFault("access.role-unknown", value=role)
    unknown = sorted((fields or frozenset()) - set(FIELD_GROUPS))
    if unknown:
        raise OurFault("access.fields-unknown", value=", ".join(unknown)[:100], expected=", ".join(FIELD_GROUPS))


def row_of(connection: Connection, name: str) -> Row[Any]:
    """Raises OurFault access.user-unknown."""
    row = connection.execute(select(t.user).where(t.user.c.name == name)).one_or_none()
    if row is None:
        raise OurFault("access.user-unknown", value=name[:100])
    return row


def _keep_an_admin(connection: Connection) -> None:
    """Raises OurFault access.last-admin, and the transaction with it, when nobody would be left to let people in."""
    columns = t.user.c
    able = and_(columns.role == "admin", columns.disabled_at.is_(None), columns.partners.is_(None))
    if connection.execute(select(columns.id).where(able).limit(1)).first() is None:
        raise OurFault("access.last-admin")


def _shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row's values as the audit log keeps them: what is said, without what is not."""
    shown = {key: names_of(value) if key in ("partners", "fields") else value for key, value in row.items()}
    return {key: value for key, value in shown.items() if value is not None}


def _line(row: Row[Any]) -> UserLine:
    return UserLine(
        name=row.name,
        role=row.role,
        partner=row.partner,
        partners=names_of(row.partners),
        fields=names_of(row.fields),
        language=row.language,
        has_password=row.password is not None,
        second_factor=row.totp_since is not None,
        recovery_codes=row.codes,
        sessions=row.sessions,
        created_at=moment(row.created_at),
        seen_at=optional_moment(row.seen_at),
        disabled_at=optional_moment(row.disabled_at),
    )
