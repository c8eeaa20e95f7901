"""Who is calling: a browser with a session cookie, or a program with an API key."""

import asyncio
from dataclasses import dataclass
from hmac import compare_digest

from aiohttp import web

from gateway.api.permissions import may
from gateway.api.services import SERVICES
from gateway.model.faults import OurFault
from gateway.store.access import User

SESSION_COOKIE = "gateway_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """csrf: token that a change must repeat; None for API keys, which no foreign page can send."""

    user: User
    csrf: str | None = None

    def may(self, permission: str) -> bool:
        return may(self.user.role, permission)

    def require(self, permission: str) -> None:
        """Raises OurFault access.forbidden."""
        if not self.may(permission):
            raise OurFault("access.forbidden", role=self.user.role, permission=permission)


CALLER = web.RequestKey("caller", Caller)


async def identify(request: web.Request) -> Caller | None:
    """Return the caller, or None for a stranger. An API key wins over a cookie."""
    services = request.app[SERVICES]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        user = await asyncio.to_thread(services.access.key_user, token.strip())
        return Caller(user=user) if user else None
    cookie = request.cookies.get(SESSION_COOKIE)
    if not cookie:
        return None
    found = await asyncio.to_thread(services.access.session, cookie, services.wall.now())
    return Caller(user=found.user, csrf=found.csrf) if found else None


def check_csrf(request: web.Request, caller: Caller, given: str | None) -> None:
    """Refuse a change that another site may have caused. Raises OurFault access.csrf."""
    if request.method in _SAFE_METHODS or caller.csrf is None:
        return
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
    if foreign or not given or not compare_digest(given.encode(), caller.csrf.encode()):
        raise OurFault("access.csrf")
