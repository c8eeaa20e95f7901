"""JSON: users, sessions, API keys, what one may do oneself, and the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.api.given import names_in, needed, start_of, text_of
from gateway.api.messages import NOT_FOUND
from gateway.api.permissions import PERMISSIONS, ROLES
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.store.access_rows import KeyLine, SessionLine, UserLine
from gateway.store.sight import FIELD_GROUPS

TABLE = RouteTable()
KEY_DAYS = 365  # that a key opens something, when nothing was said
_LIST = {"type": "array", "items": {"type": "string"}}
_SIGHT = {
    "role": {"enum": list(ROLES)},
    "partner": {"type": "string", "description": "of role partner: whose person it is"},
    "partners": {**_LIST, "description": "partner ids that are seen; absent: all"},
    "fields": {"type": "array", "items": {"enum": list(FIELD_GROUPS)}, "description": "absent: those of the role"},
}
_CODE = {"type": "object", "required": ["code"], "properties": {"code": {"type": "string", "maxLength": 40}}}
_CHANGED = {**NOT_FOUND, 400: "bad value", 409: "the last administrator, or yourself"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role with all that it may do."""

    name: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """partners: None is all. scopes: of an API key, None is all of the role."""

    name: str
    role: str
    partners: tuple[str, ...] | None
    hidden: tuple[str, ...]
    scopes: tuple[str, ...] | None
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """token: signs in once, at /login?token=, within 15 minutes."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """key: shown only now."""

    key: str
    line: KeyLine


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """secret: for the app; address: the same for a QR code."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodes:
    """Each signs in once in place of the app's code; shown only now."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """That it is done."""

    done: bool = True


# --- reading what was sent --------------------------------------------------------------------------------------------


def check_partners(call: Call, *partners: str | None) -> None:
    """Raises OurFault partner.unknown."""
    for each in partners:
        if each is not None and each not in call.services.book().partners:
            raise OurFault("partner.unknown", value=each[:100])


def check_scopes(role: str, scopes: frozenset[str] | None) -> None:
    """Raises OurFault access.scopes-unknown."""
    beyond = sorted((scopes or frozenset()) - ROLES.get(role, frozenset()))
    if beyond:
        raise OurFault("access.scopes-unknown", value=", ".join(beyond)[:100], role=role)


def _sight(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    partner, partners = text_of(body, "partner", 100), names_in(body, "partners")
    check_partners(call, partner, *sorted(partners or ()))
    return {
        "role": needed(body, "role", longest=20),
        "partner": partner,
        "partners": partners,
        "fields": names_in(body, "fields"),
    }


def person(call: Call) -> str:
    """Return the name of the person who calls. Raises OurFault access.needs-person for an API key."""
    if call.caller.csrf is None:
        raise OurFault("access.needs-person")
    return call.user


# --- oneself ----------------------------------------------------------------------------------------------------------


@TABLE.route("GET", "/api/v1/me", summary="Who you are, and what you may do and see", permission="")
async def show_me(call: Call) -> Me:
    caller = call.caller
    return Me(
        name=call.user,
        role=caller.user.role,
        partners=None if caller.partners is None else tuple(sorted(caller.partners)),
        hidden=tuple(sorted(caller.sight.hidden)),
        scopes=None if caller.scopes is None else tuple(sorted(caller.scopes)),
        permissions=tuple(sorted(each for each in PERMISSIONS if caller.may(each))),
    )


@TABLE.route(
    "POST",
    "/api/v1/me/password",
    summary="Set your password; your other sessions end",
    permission="",
    body={
        "type": "object",
        "required": ["password"],
        "properties": {
            "password": {"type": "string", "minLength": 12, "maxLength": 200},
            "current": {"type": "string", "description": "needed when you have one"},
        },
    },
    responses={400: "too easy to guess"},
)
async def set_password(call: Call) -> Done:
    body, name = await call.body(), person(call)
    await change_password(call, name, needed(body, "password", longest=1000), text_of(body, "current", 1000) or "")
    return Done()


async def change_password(call: Call, name: str, password: str, current: str) -> None:
    """Raises OurFault access.wrong-password, access.password-weak, access.too-many-tries."""
    access, now = call.services.access, call.services.wall.now()
    (line,) = await call.read(access.people, now, name)
    if line.has_password:
        await call.read(access.prove_password, name, current, now, call.request.remote or "")
    token = call.request.cookies.get("gateway_session", "")
    await call.read(access.set_password, name, password, now, by=name, keep=token)


@TABLE.route(
    "POST",
    "/api/v1/me/second-factor",
    summary="Begin a second factor: a secret for your app, which counts once you have confirmed a code",
    permission="",
    secret=True,
    responses={409: "on already"},
)
async def begin_second_factor(call: Call) -> SecondFactor:
    access, name = call.services.access, person(call)
    issuer, now = call.services.settings.title or "Gateway", call.services.wall.now()
    secret, address = await call.read(access.begin_second_factor, name, now, issuer=issuer)
    return SecondFactor(secret=secret, address=address)


@TABLE.route(
    "POST",
    "/api/v1/me/second-factor/confirm",
    summary="Confirm a code of your app: from now on one is asked for; the answer holds recovery codes",
    permission="",
    body=_CODE,
    secret=True,
    responses={400: "bad body", 409: "on already"},
)
async def confirm_second_factor(call: Call) -> RecoveryCodes:
    access, name, now = call.services.access, person(call), call.services.wall.now()
    code = needed(await call.body(), "code", longest=20)
    return RecoveryCodes(codes=await call.read(access.confirm_second_factor, name, code, now, by=name))


@TABLE.route(
    "POST",
    "/api/v1/me/recovery-codes",
    summary="Replace your recovery codes; a code of your app, or one of the old ones, proves that it is you",
    permission="",
    body=_CODE,
    secret=True,
    responses={409: "no second factor"},
)
async def replace_recovery_codes(call: Call) -> RecoveryCodes:
    access, name, now = call.services.access, person(call), call.services.wall.now()
    await _prove(call, name)
    return RecoveryCodes(codes=await call.read(access.new_recovery_codes, name, now, by=name))


@TABLE.route(
    "POST",
    "/api/v1/me/second-factor/off",
    summary="Be asked for no more codes; a last one proves that it is you",
    permission="",
    body=_CODE,
)
async def end_second_factor(call: Call) -> Done:
    access, name, now = call.services.access, person(call), call.services.wall.now()
    await _prove(call, name)
    await call.read(access.end_second_factor, name, now, by=name)
    return Done()


async def _prove(call: Call, name: str) -> None:
    """Weaken nothing without a code. Raises OurFault access.wrong-code, access.too-many-tries."""
    code, now = needed(await call.body(), "code", longest=40), call.services.wall.now()
    await call.read(call.services.access.prove_code, name, code, now, call.request.remote or "")


@TABLE.route("GET", "/api/v1/me/sessions", summary="Your running sessions", permission="")
async def list_own_sessions(call: Call) -> tuple[SessionLine, ...]:
    return await call.read(call.services.access.sessions, call.services.wall.now(), call.user)


@TABLE.route(
    "DELETE", "/api/v1/me/sessions/{id}", summary="End one of your sessions", permission="", responses=NOT_FOUND
)
async def end_own_session(call: Call) -> Done:
    access, now = call.services.access, call.services.wall.now()
    await call.read(access.revoke_session, call.path("id"), now, by=call.user, of=call.user)
    return Done()


# --- users ------------------------------------------------------------------------------------------------------------


@TABLE.route("GET", "/api/v1/roles", summary="Roles with their permissions", permission="users.read")
async def list_roles(call: Call) -> tuple[Role, ...]:
    return tuple(Role(name=name, permissions=tuple(sorted(each))) for name, each in ROLES.items())


@TABLE.route("GET", "/api/v1/users", summary="Everybody who may sign in", permission="users.read")
async def list_users(call: Call) -> tuple[UserLine, ...]:
    return await call.read(call.services.access.people, call.services.wall.now())


@TABLE.route("GET", "/api/v1/users/{name}", summary="One user", permission="users.read", responses=NOT_FOUND)
async def show_user(call: Call) -> UserLine:
    return await user_line(call, call.path("name"))


async def user_line(call: Call, name: str) -> UserLine:
    """Raises OurFault access.user-unknown."""
    found = await call.read(call.services.access.people, call.services.wall.now(), name)
    if not found:
        raise OurFault("access.user-unknown", value=name[:100])
    return found[0]


@TABLE.route(
    "POST",
    "/api/v1/users",
    summary="Add a user; a link or a password lets it in",
    permission="users.write",
    status=201,
    body={"type": "object", "required": ["name", "role"], "properties": {"name": {"type": "string"}, **_SIGHT}},
    responses={400: "bad value", 409: "there already"},
)
async def add_user(call: Call) -> UserLine:
    body = await call.body()
    name, sight = needed(body, "name", longest=64), _sight(call, body)
    await call.read(call.services.access.add_user, name, now=call.services.wall.now(), by=call.user, **sight)
    return await user_line(call, name)


@TABLE.route(
    "PUT",
    "/api/v1/users/{name}",
    summary="Change what a user may do and see; it counts from the next request on",
    permission="users.write",
    body={"type": "object", "required": ["role"], "properties": _SIGHT},
    responses=_CHANGED,
)
async def change_user(call: Call) -> UserLine:
    name = call.path("name")
    _not_oneself(call, name)
    sight = _sight(call, await call.body())
    await call.read(call.services.access.change_user, name, call.services.wall.now(), by=call.user, **sight)
    return await user_line(call, name)


def _not_oneself(call: Call, name: str) -> None:
    if name == call.user:
        raise OurFault("access.own-role")


@TABLE.route(
    "POST",
    "/api/v1/users/{name}/disable",
    summary="Let a user in no more; its sessions end at once",
    permission="users.write",
    responses=_CHANGED,
)
async def disable_user(call: Call) -> UserLine:
    _not_oneself(call, call.path("name"))
    await call.read(call.services.access.disable_user, call.path("name"), call.services.wall.now(), by=call.user)
    return await user_line(call, call.path("name"))


@TABLE.route(
    "POST",
    "/api/v1/users/{name}/enable",
    summary="Let a user in again",
    permission="users.write",
    responses=_CHANGED,
)
async def enable_user(call: Call) -> UserLine:
    await call.read(call.services.access.enable_user, call.path("name"), call.services.wall.now(), by=call.user)
    return await user_line(call, call.path("name"))


@TABLE.route(
    "POST",
    "/api/v1/users/{name}/link",
    summary="Make a link that signs a user in once, within 15 minutes",
    permission="users.write",
    secret=True,
    responses=NOT_FOUND,
)
async def make_link(call: Call) -> Link:
    access, now = call.services.access, call.services.wall.now()
    return Link(token=await call.read(access.make_login_link, call.path("name"), now, by=call.user))


@TABLE.route(
    "DELETE",
    "/api/v1/users/{name}/second-factor",
    summary="Ask a user for no more codes: its phone is lost",
    permission="users.write",
    responses=NOT_FOUND,
)
async def reset_second_factor(call: Call) -> UserLine:
    access, now = call.services.access, call.services.wall.now()
    await call.read(access.end_second_factor, call.path("name"), now, by=call.user)
    return await user_line(call, call.path("name"))


# --- sessions ---------------------------------------------------------------------------------------------------------


@TABLE.route(
    "GET",
    "/api/v1/sessions",
    summary="Running sessions, the newest first",
    permission="users.read",
    query={"user": "of this user only"},
)
async def list_sessions(call: Call) -> tuple[SessionLine, ...]:
    return await call.read(call.services.access.sessions, call.services.wall.now(), call.query("user"))


@TABLE.route("DELETE", "/api/v1/sessions/{id}", summary="End a session", permission="users.write", responses=NOT_FOUND)
async def revoke_session(call: Call) -> Done:
    await call.read(call.services.access.revoke_session, call.path("id"), call.services.wall.now(), by=call.user)
    return Done()


# --- API keys ---------------------------------------------------------------------------------------------------------


@TABLE.route(
    "GET",
    "/api/v1/keys",
    summary="API keys, the newest first, without what opens",
    permission="keys.read",
    query={"revoked": "yes: those too that were revoked"},
    responses={400: "bad value"},
)
async def list_keys(call: Call) -> tuple[KeyLine, ...]:
    revoked = call.choice("revoked", ("yes", "no")) == "yes"
    return await call.read(call.services.access.keys, revoked=revoked)


@TABLE.route("GET", "/api/v1/keys/{id}", summary="One API key", permission="keys.read", responses=NOT_FOUND)
async def show_key(call: Call) -> KeyLine:
    found = await call.read(call.services.access.key, call.path("id"))
    if found is None:
        raise OurFault("access.key-not-found", value=call.path("id")[:40])
    return found


@TABLE.route(
    "POST",
    "/api/v1/keys",
    summary="Issue an API key; the answer alone holds it",
    permission="keys.write",
    status=201,
    body={
        "type": "object",
        "required": ["name", "role"],
        "properties": {
            "name": {"type": "string", "maxLength": 100},
            **_SIGHT,
            "scopes": {**_LIST, "description": "permissions it is for; absent: all of the role"},
            "expires": {"type": "string", "format": "date", "description": "last day; absent: in a year; never"},
        },
    },
    secret=True,
    responses={400: "bad value"},
)
async def issue_key(call: Call) -> IssuedKey:
    body = await call.body()
    sight, scopes = _sight(call, body), names_in(body, "scopes")
    check_scopes(sight["role"], scopes)
    now = call.services.wall.now()
    ends = end_of(text_of(body, "expires", 20), now)
    issue = call.services.access.issue_key
    name = needed(body, "name", longest=100)
    token = await call.read(issue, name, now=now, by=call.user, scopes=scopes, expires_at=ends, **sight)
    keys = await call.read(call.services.access.keys)
    return IssuedKey(key=token, line=next(each for each in keys if each.name == name))


def end_of(said: str | None, now: datetime) -> datetime | None:
    """Return when a key ends: after the day said, in a year when nothing was said, None for never."""
    if said == "never":
        return None
    day = start_of(said, "expires")
    return now + timedelta(days=KEY_DAYS) if day is None else day + timedelta(days=1)


@TABLE.route("DELETE", "/api/v1/keys/{id}", summary="Revoke an API key", permission="keys.write", responses=NOT_FOUND)
async def revoke_key(call: Call) -> KeyLine:
    await call.read(call.services.access.revoke_key, call.path("id"), call.services.wall.now(), by=call.user)
    return await show_key(call)
