"""Who may come in: users, one-time login links, sessions, API keys. Tokens are kept only as their SHA-256.

Reads go over the read engine, writes through the journal's one writer. A token is 256 random bits, so a fast digest is
enough; only passwords need a slow one.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, Row, and_, or_, select
from sqlalchemy.exc import IntegrityError

from gateway.model.faults import OurFault
from gateway.store import tables as t
from gateway.store.forms import micros, moment

T = TypeVar("T")

ROLES = ("admin", "operator", "planner", "account-manager", "auditor", "partner")
LINK_LIFETIME = timedelta(minutes=15)
IDLE_LIFETIME = timedelta(hours=8)
ABSOLUTE_LIFETIME = timedelta(days=7)
_EXTEND_AFTER = timedelta(minutes=10)  # a session's end is moved at most this often: a page view is no write


class SqlTx(Protocol):
    """What the journal's transaction shows to modules of the store."""

    @property
    def connection(self) -> Connection: ...


class Writer(Protocol):
    """The journal, as far as this module needs it."""

    def write(self, work: Callable[[Any], T]) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """partner: of a person of role partner. partners: that one of ours sees, None for all; fields: groups that are
    shown, None for those of the role."""

    id: int
    name: str
    role: str
    partner: str | None
    language: str | None
    partners: frozenset[str] | None = None
    fields: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person with a running session."""

    user: User
    csrf: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """token: the cookie's value, known only now."""

    token: str
    user: User


def digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _user_from(row: Row[Any]) -> User:
    return User(id=row.id, name=row.name, role=row.role, partner=row.partner, language=row.language)


def _audit(tx: SqlTx, user: str, action: str, subject: str, now: datetime, after: str | None = None) -> None:
    tx.connection.execute(
        t.audit.insert().values(at=micros(now), user=user, action=action, subject=subject, after=after)
    )


class Access:
    def __init__(self, engine: Engine, journal: Writer) -> None:
        self._engine = engine
        self._journal = journal

    # --- users ---

    def add_user(self, name: str, role: str, now: datetime, *, by: str, partner: str | None = None) -> None:
        """Raises OurFault access.role-unknown or access.user-exists."""
        if role not in ROLES or (role == "partner") != (partner is not None):
            raise OurFault("access.role-unknown", value=role)

        def work(tx: SqlTx) -> None:
            row = {"name": name, "role": role, "partner": partner, "created_at": micros(now)}
            tx.connection.execute(t.user.insert().values(row))
            _audit(tx, by, "user.added", name, now, after=role)

        try:
            self._journal.write(work)
        except IntegrityError:
            raise OurFault("access.user-exists", value=name) from None

    def user(self, name: str) -> User | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(t.user).where(t.user.c.name == name)).one_or_none()
            return _user_from(row) if row else None

    def users(self) -> tuple[User, ...]:
        with self._engine.connect() as connection:
            return tuple(_user_from(row) for row in connection.execute(select(t.user).order_by(t.user.c.name)))

    def set_language(self, user: User, language: str) -> None:
        change = t.user.update().where(t.user.c.id == user.id).values(language=language)
        self._journal.write(lambda tx: tx.connection.execute(change).rowcount)

    # --- one-time links ---

    def make_login_link(self, name: str, now: datetime, *, lifetime: timedelta = LINK_LIFETIME) -> str:
        """Return the token of a link that signs name in once. Raises OurFault access.user-unknown."""
        user = self.user(name)
        if user is None:
            raise OurFault("access.user-unknown", value=name)
        token = secrets.token_urlsafe(32)

        def work(tx: SqlTx) -> None:
            row = {"sha256": digest_of(token), "user": user.id, "expires_at": micros(now + lifetime)}
            tx.connection.execute(t.login_link.insert().values(row))
            _audit(tx, "system", "login-link.made", name, now)

        self._journal.write(work)
        return token

    def redeem(self, token: str, now: datetime, agent: str = "") -> Ticket | None:
        """Use a login link: start a session and return its ticket. None: unknown, used, or too old."""
        cookie = secrets.token_urlsafe(32)

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
            if row is None:
                return None
            session = {
                "sha256": digest_of(cookie),
                "user": row.id,
                "csrf": secrets.token_urlsafe(32),
                "created_at": micros(now),
                "expires_at": micros(now + IDLE_LIFETIME),
                "agent": agent[:200],
            }
            tx.connection.execute(t.session.insert().values(session))
            old = or_(t.session.c.expires_at <= micros(now), t.session.c.created_at <= micros(now - ABSOLUTE_LIFETIME))
            tx.connection.execute(t.session.delete().where(old))
            _audit(tx, row.name, "session.started", row.name, now)
            return Ticket(token=cookie, user=_user_from(row))

        return self._journal.write(work)

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
                t.user.c.disabled_at.is_(None),
            )
            .with_only_columns(
                t.session.c.csrf,
                t.session.c.created_at,
                t.session.c.expires_at,
                *(t.user.c[name] for name in ("id", "name", "role", "partner", "language")),
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
            change = t.session.update().where(t.session.c.sha256 == digest_of(token))
            self._journal.write(lambda tx: tx.connection.execute(change.values(expires_at=micros(expires_at))).rowcount)
        return SignedIn(user=_user_from(row), csrf=row.csrf, created_at=moment(row.created_at), expires_at=expires_at)

    def end_session(self, token: str, user: str, now: datetime) -> None:
        def work(tx: SqlTx) -> None:
            tx.connection.execute(t.session.delete().where(t.session.c.sha256 == digest_of(token)))
            _audit(tx, user, "session.ended", user, now)

        self._journal.write(work)

    # --- API keys ---

    def issue_key(self, name: str, role: str, now: datetime, *, by: str, partner: str | None = None) -> str:
        """Return a new API key, shown only this once. Raises OurFault access.role-unknown."""
        if role not in ROLES or (role == "partner") != (partner is not None):
            raise OurFault("access.role-unknown", value=role)
        token = "gw_" + secrets.token_urlsafe(32)

        def work(tx: SqlTx) -> None:
            row = {
                "sha256": digest_of(token),
                "name": name,
                "role": role,
                "partner": partner,
                "created_at": micros(now),
            }
            tx.connection.execute(t.api_key.insert().values(row))
            _audit(tx, by, "api-key.issued", name, now, after=role)

        self._journal.write(work)
        return token

    def key_user(self, token: str) -> User | None:
        """Return the bearer of an API key as a user (id 0, name key:NAME); None when unknown or revoked."""
        query = select(t.api_key).where(t.api_key.c.sha256 == digest_of(token), t.api_key.c.revoked_at.is_(None))
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return User(id=0, name=f"key:{row.name}", role=row.role, partner=row.partner, language=None)
