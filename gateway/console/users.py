"""Users: who may sign in, what each may do and see; one's own account with password, second factor and sessions."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import segno
from aiohttp import web
from markupsafe import Markup

from gateway.api.identity import door_of
from gateway.api.permissions import PERMISSIONS, ROLE_FIELDS, ROLES
from gateway.api.problems import status_of
from gateway.console.pages import PageTable
from gateway.console.reader import Reader
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding
from gateway.store.access_rows import UserLine
from gateway.store.sight import FIELD_GROUPS

TABLE = PageTable()


async def form_of(reader: Reader) -> dict[str, list[str]]:
    """Return the texts of the form that was sent, by name, cut to a sane length."""
    found: dict[str, list[str]] = {}
    for name, value in (await reader.request.post()).items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value[:1000])
    return found


def said(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0].strip()


def sight_of(reader: Reader, form: dict[str, list[str]]) -> dict[str, Any]:
    """Read role, partners and fields. Raises OurFault partner.unknown."""
    role = said(form, "role")
    partners = frozenset(each for each in form.get("partners", ()) if each)
    partner = said(form, "partner") or None if role == "partner" else None
    for each in sorted(partners | ({partner} if partner else frozenset())):
        if each not in reader.services.book().partners:
            raise OurFault("partner.unknown", value=each[:100])
    own = said(form, "fields_by") == "own"
    return {
        "role": role,
        "partner": partner,
        "partners": partners or None if role != "partner" else None,
        "fields": frozenset(form.get("fields", ())) if own else None,
    }


def choices(reader: Reader) -> dict[str, Any]:
    """Return the options of the form of a user or key."""
    words = reader.words
    partners = [(each, words.partner(each)) for each in reader.services.book().partners if each != "self"]
    return {
        "roles": [(each, words.term("role", each)) for each in ROLES],
        "partners": sorted(partners, key=lambda pair: pair[1]),
        "groups": [(each, words(f"fields.{each}"), words(f"fields.{each}-text")) for each in FIELD_GROUPS],
        "role_fields": ROLE_FIELDS,
    }


# --- all users --------------------------------------------------------------------------------------------------------


async def _list(reader: Reader, fault: Finding | None = None, status: int = 200, **values: Any) -> web.StreamResponse:
    people = await reader.read(reader.services.access.people, reader.services.wall.now())
    form = values.pop("form", {})
    return reader.page("users.html", status=status, people=people, fault=fault, form=form, **choices(reader), **values)


@TABLE.get("/users", "users.read")
async def users_page(reader: Reader) -> web.StreamResponse:
    return await _list(reader)


@TABLE.post("/users", "users.write")
async def add_user(reader: Reader) -> web.StreamResponse:
    form, name = await form_of(reader), ""
    try:
        name, sight = said(form, "name"), sight_of(reader, form)
        now = reader.services.wall.now()
        await reader.read(reader.services.access.add_user, name, now=now, by=reader.user, **sight)
    except Fault as fault:
        return await _list(reader, fault.as_finding(), status_of(fault.code), form=form)
    raise web.HTTPSeeOther(f"/users/{name}?done=added")


async def _one(reader: Reader, fault: Finding | None = None, status: int = 200, **values: Any) -> web.StreamResponse:
    access, now, name = reader.services.access, reader.services.wall.now(), reader.request.match_info["name"]
    found: tuple[UserLine, ...] = await reader.read(access.people, now, name)
    if not found:
        raise OurFault("access.user-unknown", value=name[:100])
    sessions = await reader.read(access.sessions, now, name)
    return reader.page(
        "user.html",
        status=status,
        person=found[0],
        sessions=sessions,
        fault=fault,
        made=values.pop("link_made", None),
        permissions=sorted(ROLES[found[0].role]),
        **choices(reader),
        **values,
    )


@TABLE.get("/users/{name}", "users.read")
async def user_page(reader: Reader) -> web.StreamResponse:
    return await _one(reader)


async def _changed(
    reader: Reader, done: str, change: Callable[..., Any], *args: Any, **kwargs: Any
) -> web.StreamResponse:
    """Make a change of another person and go back to its page; refuse it of oneself."""
    name = reader.request.match_info["name"]
    try:
        if name == reader.user:
            raise OurFault("access.own-role")
        await reader.read(change, name, *args, by=reader.user, **kwargs)
    except Fault as fault:
        return await _one(reader, fault.as_finding(), status_of(fault.code))
    raise web.HTTPSeeOther(f"/users/{name}?done={done}")


@TABLE.post("/users/{name}", "users.write")
async def change_user(reader: Reader) -> web.StreamResponse:
    try:
        sight = sight_of(reader, await form_of(reader))
    except Fault as fault:
        return await _one(reader, fault.as_finding(), status_of(fault.code))
    return await _changed(reader, "changed", reader.services.access.change_user, _now(reader), **sight)


@TABLE.post("/users/{name}/disable", "users.write")
async def disable_user(reader: Reader) -> web.StreamResponse:
    return await _changed(reader, "disabled", reader.services.access.disable_user, _now(reader))


@TABLE.post("/users/{name}/enable", "users.write")
async def enable_user(reader: Reader) -> web.StreamResponse:
    return await _changed(reader, "enabled", reader.services.access.enable_user, _now(reader))


@TABLE.post("/users/{name}/second-factor", "users.write")
async def reset_factor(reader: Reader) -> web.StreamResponse:
    return await _changed(reader, "factor", reader.services.access.end_second_factor, _now(reader))


@TABLE.post("/users/{name}/link", "users.write")
async def make_link(reader: Reader) -> web.StreamResponse:
    """Show a one-time link on the page itself: it must not stand in an address or a log."""
    name = reader.request.match_info["name"]
    token = await reader.read(reader.services.access.make_login_link, name, _now(reader), by=reader.user)
    person = await reader.read(reader.services.access.user, name)
    settings = reader.services.settings
    base = f"{'https' if settings.secure else 'http'}://{reader.request.host}"
    if person is not None and person.role == "partner" and settings.portal:
        base = settings.portal  # its door; the console lets it in nowhere
    return await _one(reader, link_made=f"{base}/login?token={token}")


def _now(reader: Reader) -> datetime:
    return reader.services.wall.now()


# --- oneself ----------------------------------------------------------------------------------------------------------


async def _me(reader: Reader, fault: Finding | None = None, status: int = 200, **values: Any) -> web.StreamResponse:
    access, now = reader.services.access, _now(reader)
    line = await _own_line(reader)
    issuer = reader.services.settings.title or "Gateway"
    begun = await reader.read(access.pending_second_factor, reader.user, issuer=issuer)
    assert reader.caller is not None
    return reader.page(
        "me.html",
        status=status,
        person=line,
        sessions=await reader.read(access.sessions, now, reader.user),
        factor=begun and {"secret": _spaced(begun[0]), "qr": qr_of(begun[1])},
        codes=values.pop("codes", ()),
        sight=reader.caller.sight,
        mine=sorted(each for each in PERMISSIONS if reader.may(each)),
        fault=fault,
        **values,
    )


async def _own_line(reader: Reader) -> UserLine:
    """Raises OurFault access.needs-person when the caller is an API key."""
    found = await reader.read(reader.services.access.people, _now(reader), reader.user)
    if not found:
        raise OurFault("access.needs-person")
    return found[0]


def _spaced(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def qr_of(address: str) -> Markup:
    """Return a QR code as SVG that needs no style and no script."""
    out = io.BytesIO()
    code = segno.make(address, error="m")
    code.save(out, kind="svg", scale=4, border=3, xmldecl=False, svgns=True, light="#fff", dark="#000", nl=False)
    return Markup(out.getvalue().decode())  # noqa: S704 - made here, of our own shapes


@TABLE.get("/me", None)
async def me_page(reader: Reader) -> web.StreamResponse:
    return await _me(reader)


@TABLE.post("/me/password", None)
async def set_password(reader: Reader) -> web.StreamResponse:
    form, access, now = await form_of(reader), reader.services.access, _now(reader)
    new, again, current = (form.get(each, [""])[0] for each in ("new", "again", "current"))
    try:
        if new != again:
            raise OurFault("access.passwords-differ")
        if (await _own_line(reader)).has_password:
            await reader.read(access.prove_password, reader.user, current, now, reader.request.remote or "")
        keep = reader.request.cookies.get(door_of(reader.request).cookie, "")
        await reader.read(access.set_password, reader.user, new, now, by=reader.user, keep=keep)
    except Fault as fault:
        return await _me(reader, fault.as_finding(), status_of(fault.code))
    raise web.HTTPSeeOther("/me?done=password")


@TABLE.post("/me/second-factor", None)
async def begin_factor(reader: Reader) -> web.StreamResponse:
    issuer = reader.services.settings.title or "Gateway"
    try:
        await reader.read(reader.services.access.begin_second_factor, reader.user, _now(reader), issuer=issuer)
    except Fault as fault:
        return await _me(reader, fault.as_finding(), status_of(fault.code))
    raise web.HTTPSeeOther("/me#factor")


@TABLE.post("/me/second-factor/confirm", None)
async def confirm_factor(reader: Reader) -> web.StreamResponse:
    code = said(await form_of(reader), "code")
    try:
        confirm = reader.services.access.confirm_second_factor
        codes = await reader.read(confirm, reader.user, code, _now(reader), by=reader.user)
    except Fault as fault:
        return await _me(reader, fault.as_finding(), status_of(fault.code))
    return await _me(reader, codes=codes)


@TABLE.post("/me/recovery-codes", None)
async def new_codes(reader: Reader) -> web.StreamResponse:
    try:
        await _prove(reader)
        renew = reader.services.access.new_recovery_codes
        codes = await reader.read(renew, reader.user, _now(reader), by=reader.user)
    except Fault as fault:
        return await _me(reader, fault.as_finding(), status_of(fault.code))
    return await _me(reader, codes=codes)


@TABLE.post("/me/second-factor/off", None)
async def end_factor(reader: Reader) -> web.StreamResponse:
    try:
        await _prove(reader)
        await reader.read(reader.services.access.end_second_factor, reader.user, _now(reader), by=reader.user)
    except Fault as fault:
        return await _me(reader, fault.as_finding(), status_of(fault.code))
    raise web.HTTPSeeOther("/me?done=factor-off")


async def _prove(reader: Reader) -> None:
    """Weaken nothing without a code: a console left open is not enough. Raises OurFault access.wrong-code."""
    code = said(await form_of(reader), "code")
    await reader.read(reader.services.access.prove_code, reader.user, code, _now(reader), reader.request.remote or "")


@TABLE.post("/me/sessions/{id}/end", None)
async def end_own_session(reader: Reader) -> web.StreamResponse:
    session_id, now = reader.request.match_info["id"], _now(reader)
    await reader.read(reader.services.access.revoke_session, session_id, now, by=reader.user, of=reader.user)
    raise web.HTTPSeeOther("/me?done=session")
