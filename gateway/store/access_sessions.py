"""Signing in by one-time link or password, with a code where one is asked for; running sessions, listed and ended."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, or_, select, update

from gateway.model.faults import OurFault
from gateway.store import tables as t
from gateway.store.access_factors import Factors, is_password, take_recovery_code, take_step
from gateway.store.access_people import People, row_of
from gateway.store.access_rows import ID_LENGTH, SessionLine, SignedIn, Ticket, digest_of, record, user_from
from gateway.store.forms import micros, moment
from gateway.store.sql_tx import SqlTx
from gateway.store.view_reading import optional_moment

LINK_LIFETIME = timedelta(minutes=15)
PENDING_LIFETIME = timedelta(minutes=5)  # for the code after the password
IDLE_LIFETIME = timedelta(hours=8)
ABSOLUTE_LIFETIME = timedelta(days=7)
_EXTEND_AFTER = timedelta(minutes=10)  # a session's end is moved at most this often: a page view is no write


class Sessions(People, Factors):
    # --- one-time links ---

    """Signing in, by password, code or link, and the sessions that come of it."""

    def make_login_link(
        self, name: str, now: datetime, *, lifetime: timedelta = LINK_LIFETIME, by: str = "system"
    ) -> str:
        """Return the token of a link that signs name in once. Raises OurFault access.user-unknown."""
        user = self.user(name)
        if user is None:
            raise OurFault("access.user-unknown", value=name)
        token = secrets.token_urlsafe(32)

        def work(tx: SqlTx) -> None:
            row = {"sha256": digest_of(token), "user": user.id, "expires_at": micros(now + lifetime)}
            tx.connection.execute(t.login_link.insert().values(row))
            record(tx, by, "login-link.made", name, now)

        self._journal.write(work)
        return token

    def redeem(self, token: str, now: datetime, agent: str = "", address: str = "") -> Ticket | None:
        """Use a login link: start a session and return its ticket. None: unknown, used, or too old."""

        def work(tx: SqlTx) -> Ticket | None:
            open_link = and_(
                t.login_link.c.sha256 == digest_of(token),
                t.login_link.c.used_at.is_(None),
                t.login_link.c.expires_at > micros(now),
            )
            used = tx.connection.execute(t.login_link.update().where(open_link).values(used_at=micros(now)))
            if used.rowcount != 1:
                return None
            owner = select(t.login_link.c.user).where(t.login_link.c.sha256 == digest_of(token)).scalar_subquery()
            enabled = and_(t.user.c.id == owner, t.user.c.disabled_at.is_(None))
            row = tx.connection.execute(select(t.user).where(enabled)).one_or_none()
            return None if row is None else _start(tx, row, "link", now, agent, address)

        return self._journal.write(work)

    # --- passwords and codes ---

    def sign_in(self, name: str, password: str, now: datetime, *, agent: str = "", address: str = "") -> Ticket:
        """Start a session by password; it is pending while a code is to be given (confirm). Slow: run it in a thread.

        Raises OurFault access.too-many-tries, access.wrong-password.
        """
        self.admit_try(name, address, now)
        with self._engine.connect() as connection:
            kept = connection.execute(select(t.user).where(t.user.c.name == name)).one_or_none()
        right = is_password(password, kept.password if kept is not None and kept.disabled_at is None else None)

        def work(tx: SqlTx) -> Ticket | None:
            row = _same(tx.connection, kept) if right and kept is not None else None
            if row is None:
                self.count_failure(tx, name, address, now)
                record(tx, name, "session.refused", name, now, after=f"password, {address}")
                return None
            if row.totp_since is None:
                self.forget_failures(tx, name, address)
            return _start(tx, row, "password", now, agent, address)

        ticket = self._journal.write(work)
        if ticket is None:
            raise OurFault("access.wrong-password")
        return ticket

    def confirm(self, token: str, code: str, now: datetime, *, agent: str = "", address: str = "") -> Ticket:
        """Give the code of the app, or a recovery code, to a pending session; return a new, full one.

        Raises OurFault access.not-signed-in, access.too-many-tries, access.wrong-code.
        """
        name = self.pending(token, now)
        if name is None:
            raise OurFault("access.not-signed-in")
        self.admit_try(name, address, now)
        step = self.step_of(name, code, now)

        def work(tx: SqlTx) -> Ticket | None:
            waiting = and_(t.session.c.sha256 == digest_of(token), t.session.c.pending, t.user.c.disabled_at.is_(None))
            joined = select(t.user).join_from(t.user, t.session, t.session.c.user == t.user.c.id).where(waiting)
            row = tx.connection.execute(joined).one_or_none()
            if row is None:
                return None
            by_app = step is not None and take_step(tx.connection, row.id, step)
            if not by_app and not take_recovery_code(tx.connection, row.id, code, now):
                self.count_failure(tx, name, address, now)
                record(tx, name, "session.refused", name, now, after=f"code, {address}")
                return None
            tx.connection.execute(delete(t.session).where(t.session.c.sha256 == digest_of(token)))
            self.forget_failures(tx, name, address)
            return _start(tx, row, "code" if by_app else "recovery", now, agent, address)

        ticket = self._journal.write(work)
        if ticket is None:
            raise OurFault("access.wrong-code")
        return ticket

    def prove_code(self, name: str, code: str, now: datetime, address: str) -> None:
        """Take a code of name's app, or a recovery code. Raises OurFault access.wrong-code, access.too-many-tries."""
        self.admit_try(name, address, now)
        step = self.step_of(name, code, now)

        def work(tx: SqlTx) -> bool:
            user_id = row_of(tx.connection, name).id
            if step is not None and take_step(tx.connection, user_id, step):
                return True
            right = take_recovery_code(tx.connection, user_id, code, now)
            if not right:
                self.count_failure(tx, name, address, now)
            return right

        if not self._journal.write(work):
            raise OurFault("access.wrong-code")

    def pending(self, token: str, now: datetime) -> str | None:
        """Return whose code a pending session waits for; None when there is none, or it has waited too long."""
        query = (
            select(t.user.c.name)
            .join_from(t.user, t.session, t.session.c.user == t.user.c.id)
            .where(t.session.c.sha256 == digest_of(token), t.session.c.pending, t.session.c.expires_at > micros(now))
        )
        with self._engine.connect() as connection:
            return connection.execute(query).scalar()

    # --- sessions ---

    def session(self, token: str, now: datetime) -> SignedIn | None:
        """Return who the cookie's bearer is, and keep the session alive; None when it has ended."""
        query = (
            select(t.session, t.user)
            .join_from(t.session, t.user, t.session.c.user == t.user.c.id)
            .where(
                t.session.c.sha256 == digest_of(token),
                t.session.c.expires_at > micros(now),
                t.session.c.created_at > micros(now - ABSOLUTE_LIFETIME),
                ~t.session.c.pending,
                t.user.c.disabled_at.is_(None),
            )
            .with_only_columns(
                t.session.c.csrf,
                t.session.c.created_at,
                t.session.c.expires_at,
                *(t.user.c[name] for name in ("id", "name", "role", "partner", "language", "partners", "fields")),
                maintain_column_froms=True,
            )
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        expires_at = moment(row.expires_at)
        if now + IDLE_LIFETIME - expires_at > _EXTEND_AFTER:
            expires_at = now + IDLE_LIFETIME
            change = update(t.session).where(t.session.c.sha256 == digest_of(token))
            change = change.values(expires_at=micros(expires_at), seen_at=micros(now))
            self._journal.write(lambda tx: tx.connection.execute(change).rowcount)
        return SignedIn(user=user_from(row), csrf=row.csrf, created_at=moment(row.created_at), expires_at=expires_at)

    def sessions(self, now: datetime, user: str | None = None, limit: int = 500) -> tuple[SessionLine, ...]:
        """Return running sessions, the newest first. user: of this person only."""
        query = (
            select(t.session, t.user.c.name)
            .join_from(t.session, t.user, t.session.c.user == t.user.c.id)
            .where(t.session.c.expires_at > micros(now), t.session.c.created_at > micros(now - ABSOLUTE_LIFETIME))
            .where(~t.session.c.pending)
            .order_by(t.session.c.created_at.desc(), t.session.c.sha256)
            .limit(limit)
        )
        if user is not None:
            query = query.where(t.user.c.name == user)
        with self._engine.connect() as connection:
            return tuple(_line(row) for row in connection.execute(query))

    def end_session(self, token: str, user: str, now: datetime) -> None:
        """End the session of a cookie; one that is not there stays so."""

        def work(tx: SqlTx) -> None:
            tx.connection.execute(delete(t.session).where(t.session.c.sha256 == digest_of(token)))
            record(tx, user, "session.ended", user, now)

        self._journal.write(work)

    def revoke_session(self, session_id: str, now: datetime, *, by: str, of: str | None = None) -> None:
        """End a session by its id. of: only when it is this person's. Raises OurFault access.session-not-found."""
        if len(session_id) != ID_LENGTH:
            raise OurFault("access.session-not-found", value=session_id[:40])

        def work(tx: SqlTx) -> None:
            named = t.session.c.sha256.between(session_id, session_id + "g")  # digits of a digest end with f
            found = select(t.session.c.sha256, t.user.c.name).join_from(
                t.session, t.user, t.session.c.user == t.user.c.id
            )
            row = tx.connection.execute(found.where(named)).first()
            if row is None or (of is not None and row.name != of):
                raise OurFault("access.session-not-found", value=session_id)
            tx.connection.execute(delete(t.session).where(t.session.c.sha256 == row.sha256))
            record(tx, by, "session.revoked", row.name, now, before=session_id)

        self._journal.write(work)


def _same(connection: Connection, seen: Row[Any]) -> Row[Any] | None:
    """Return the user that was seen, when its password is still that one and it was not disabled since."""
    columns = t.user.c
    still = and_(columns.id == seen.id, columns.password == seen.password, columns.disabled_at.is_(None))
    return connection.execute(select(t.user).where(still)).one_or_none()


def _start(tx: SqlTx, row: Row[Any], method: str, now: datetime, agent: str, address: str) -> Ticket:
    """Start a session of the user in row; pending when a second factor is on and method did not show it."""
    cookie = secrets.token_urlsafe(32)
    pending = row.totp_since is not None and method not in ("code", "recovery")
    session = {
        "sha256": digest_of(cookie),
        "user": row.id,
        "csrf": secrets.token_urlsafe(32),
        "created_at": micros(now),
        "expires_at": micros(now + (PENDING_LIFETIME if pending else IDLE_LIFETIME)),
        "agent": agent[:200],
        "address": address[:64] or None,
        "method": method,
        "seen_at": micros(now),
        "pending": pending,
    }
    tx.connection.execute(t.session.insert().values(session))
    old = or_(t.session.c.expires_at <= micros(now), t.session.c.created_at <= micros(now - ABSOLUTE_LIFETIME))
    tx.connection.execute(delete(t.session).where(old))
    if not pending:
        tx.connection.execute(update(t.user).where(t.user.c.id == row.id).values(seen_at=micros(now)))
        record(tx, row.name, "session.started", row.name, now, after=f"{method}, {address}".rstrip(", "))
    return Ticket(token=cookie, user=user_from(row), pending=pending)


def _line(row: Row[Any]) -> SessionLine:
    return SessionLine(
        id=row.sha256[:ID_LENGTH],
        user=row.name,
        created_at=moment(row.created_at),
        seen_at=optional_moment(row.seen_at),
        expires_at=moment(row.expires_at),
        method=row.method,
        address=row.address,
        agent=row.agent,
    )
