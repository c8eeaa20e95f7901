"""People, their sessions and API keys as rows that pages, API and command line show; tokens only as digests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from sqlalchemy import Engine, Row

from gateway.store.forms import moment
from gateway.store.sql_tx import SqlTx, Writes
from gateway.store.view_reading import optional_moment

ROLES = ("admin", "operator", "planner", "account-manager", "auditor", "partner")
ID_LENGTH = 16  # of a session or key: the beginning of its token's digest, which opens nothing


class Sealing(Protocol):
    """Keeps a secret so that the database alone does not give it away: the key store."""

    def seal(self, secret: str) -> str: ...

    def unseal(self, sealed: str) -> str: ...


class Store:
    """What the parts of Access stand on."""

    _engine: Engine
    _journal: Writes
    _sealing: Sealing | None


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
class UserLine:
    """A person as administrators see one. second_factor: codes of an app are asked for; sessions: running ones."""

    name: str
    role: str
    partner: str | None
    partners: tuple[str, ...] | None
    fields: tuple[str, ...] | None
    language: str | None
    has_password: bool
    second_factor: bool
    recovery_codes: int
    sessions: int
    created_at: datetime
    seen_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person with a running session."""

    user: User
    csrf: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """token: the cookie's value, known only now. pending: a code of the second factor is still to be given."""

    token: str
    user: User
    pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """method: link, password, code or recovery; agent: what the browser calls itself."""

    id: str
    user: str
    created_at: datetime
    seen_at: datetime | None
    expires_at: datetime
    method: str | None
    address: str | None
    agent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """An API key without the key. scopes: permissions that it is for, None for all of its role."""

    id: str
    name: str
    role: str
    partner: str | None
    partners: tuple[str, ...] | None
    fields: tuple[str, ...] | None
    scopes: tuple[str, ...] | None
    created_at: datetime
    issued_by: str | None
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyBearer:
    """user: named key:NAME, with id 0."""

    user: User
    scopes: frozenset[str] | None


def digest_of(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()  # a cookie may hold bytes that are no text


def names_of(kept: str | None) -> tuple[str, ...] | None:
    return None if kept is None else tuple(json.loads(kept))


def kept_names(names: frozenset[str] | None) -> str | None:
    return None if names is None else json.dumps(sorted(names))


def _some(kept: str | None) -> frozenset[str] | None:
    return None if kept is None else frozenset(json.loads(kept))


def user_from(row: Row[Any]) -> User:
    """Return a user as the row says."""
    return User(
        id=row.id,
        name=row.name,
        role=row.role,
        partner=row.partner,
        language=row.language,
        partners=_some(row.partners),
        fields=_some(row.fields),
    )


def bearer_from(row: Row[Any]) -> KeyBearer:
    """Return who a key speaks for: a user named key:NAME of the key's role, and its scopes."""
    user = User(
        id=0,
        name=f"key:{row.name}",
        role=row.role,
        partner=row.partner,
        language=None,
        partners=_some(row.partners),
        fields=_some(row.fields),
    )
    return KeyBearer(user=user, scopes=_some(row.scopes))


def key_line(row: Row[Any]) -> KeyLine:
    """Return a key as administrators see it; nothing of it opens anything."""
    return KeyLine(
        id=row.sha256[:ID_LENGTH],
        name=row.name,
        role=row.role,
        partner=row.partner,
        partners=names_of(row.partners),
        fields=names_of(row.fields),
        scopes=names_of(row.scopes),
        created_at=moment(row.created_at),
        issued_by=row.issued_by,
        expires_at=optional_moment(row.expires_at),
        used_at=optional_moment(row.used_at),
        revoked_at=optional_moment(row.revoked_at),
    )


def record(
    tx: SqlTx,
    user: str,
    action: str,
    subject: str,
    now: datetime,
    *,
    before: Mapping[str, Any] | str | None = None,
    after: Mapping[str, Any] | str | None = None,
) -> None:
    """Write one entry of the audit log."""
    tx.audit(user, action, subject, _kept(before), _kept(after), now)


def _kept(value: Mapping[str, Any] | str | None) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
