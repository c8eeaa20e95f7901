"""Who is calling: a browser with a session cookie, or a program with an API key."""

import asyncio
from dataclasses import dataclass
from hmac import compare_digest

from aiohttp import web

from gateway.api.permissions import fields_of, may
from gateway.api.services import SERVICES
from gateway.model.faults import OurFault
from gateway.store.access import User
from gateway.store.sight import FIELD_GROUPS, Sight

SESSION_COOKIE = "gateway_session"
CSRF_HEADER = "X-CSRF-Token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One of the two ways in for people. outside: for partners' people and for nobody else; keys open nothing there."""

    cookie: str
    outside: bool = False

    @property
    def wanted_cookie(self) -> str:
        """Name of the cookie that remembers where somebody wanted to go before signing in."""
        return f"{self.cookie}_next"

    def admits(self, role: str) -> bool:
        """Tell whether somebody with this role comes in here."""
        return (role == "partner") == self.outside


CONSOLE_DOOR = Door(cookie=SESSION_COOKIE)
DOOR = web.AppKey("door", Door)


def door_of(request: web.Request) -> Door:
    """Return the way in of the application that was asked: the console's, unless it says otherwise."""
    return request.app.get(DOOR, CONSOLE_DOOR)


_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """csrf: token that a change must repeat; None for API keys, which no foreign page can send.
    scopes: permissions that an API key is for; None: all of its role."""

    user: User
    csrf: str | None = None
    scopes: frozenset[str] | None = None

    @property
    def partners(self) -> frozenset[str] | None:
        """The partners that this caller sees; None is all. A partner's own person sees that partner."""
        if self.user.role == "partner":
            return frozenset((self.user.partner,)) if self.user.partner else frozenset()
        return self.user.partners

    @property
    def sight(self) -> Sight:
        """What of our records this caller sees."""
        shown = fields_of(self.user.role, self.user.fields)
        outside = self.user.role == "partner"
        return Sight(partners=self.partners, hidden=frozenset(FIELD_GROUPS) - shown, outside=outside)

    def may(self, permission: str) -> bool:
        """Tell whether the role, and the key if it is one, allow it."""
        user = self.user
        everyone = self.partners is None
        return may(user.role, permission, all_partners=everyone, fields=user.fields, scopes=self.scopes)

    def require(self, permission: str) -> None:
        """Raises OurFault access.forbidden."""
        if not self.may(permission):
            raise OurFault("access.forbidden", role=self.user.role, permission=permission)


CALLER = web.RequestKey("caller", Caller)


async def identify(request: web.Request) -> Caller | None:
    """Return the caller, or None for a stranger. A key wins over a cookie; a session of one door opens no other."""
    services, door = request.app[SERVICES], door_of(request)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and not door.outside:
        bearer = await asyncio.to_thread(services.access.key_bearer, token.strip()[:200], services.wall.now())
        return Caller(user=bearer.user, scopes=bearer.scopes) if bearer else None
    cookie = request.cookies.get(door.cookie)
    if not cookie:
        return None
    found = await asyncio.to_thread(services.access.session, cookie, services.wall.now())
    return Caller(user=found.user, csrf=found.csrf) if found and door.admits(found.user.role) else None


def check_csrf(request: web.Request, caller: Caller, given: str | None) -> None:
    """Refuse a change that another site may have caused. Raises OurFault access.csrf."""
    if request.method in _SAFE_METHODS or caller.csrf is None:
        return
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
    if foreign or not given or not compare_digest(given.encode("utf-8", "surrogatepass"), caller.csrf.encode()):
        raise OurFault("access.csrf")
