"""One person's request for a page: who, in which language and zone, and how to answer with a template."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jinja2
from aiohttp import web

from gateway.api.identity import Caller
from gateway.api.permissions import PERMISSIONS
from gateway.api.problems import language_of
from gateway.api.seen import services_for
from gateway.api.services import SERVICES, Services
from gateway.console.navigation import GROUPS
from gateway.console.words import Words
from gateway.store.views import Views
from gateway.texts.catalogue import Lang
from gateway.texts.labels import LANGUAGES

P = ParamSpec("P")
R = TypeVar("R")

LANGUAGE_COOKIE = "gateway_language"
THEME_COOKIE = "gateway_theme"
ZONE_COOKIE = "gateway_zone"  # set by the page's script: the browser's own zone
NAMES_FOR = timedelta(seconds=20)
MOST_NAMES = 2_000  # asked for at once, and remembered
RENDERED = web.ResponseKey("rendered", tuple[str, dict[str, Any]])  # of a page's answer: template and values
THEMES = ("auto", "light", "dark")
_PLACES = ("cursor", "start", "after", "page", "before", "done")  # where one is in a list: another list begins anew
TEMPLATES = web.AppKey("templates", jinja2.Environment)
ASSETS = web.AppKey("assets", dict[str, str])  # name -> versioned address


class ItemNames:
    """Names of items that pages have asked the journal for, forgotten together after NAMES_FOR: a changed name is seen
    then at the latest."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, str | None]] = {}
        self._since: datetime | None = None

    def known(self, now: datetime) -> Mapping[str, tuple[str, str | None]]:
        """Return the names that are kept, by GTIN: in English, and in Chinese where there is one."""
        if self._since is None or not timedelta() <= now - self._since < NAMES_FOR:
            self._names = {}
        return self._names

    def learn(self, names: Mapping[str, tuple[str, str | None]], now: datetime) -> None:
        """Keep further names; too many are forgotten together."""
        if not self._names or len(self._names) > MOST_NAMES:
            self._names, self._since = {}, now
        self._names.update(names)


NAMES = web.AppKey("item_names", ItemNames)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """caller None: nobody has signed in, only the sign-in page is shown."""

    request: web.Request
    services: Services
    words: Words
    caller: Caller | None
    theme: str

    @property
    def user(self) -> str:
        return self.caller.user.name if self.caller else ""

    def may(self, permission: str) -> bool:
        return self.caller is not None and self.caller.may(permission)

    @property
    def permitted(self) -> frozenset[str]:
        """All that this person may do."""
        return frozenset(each for each in PERMISSIONS if self.may(each))

    def query(self, name: str) -> str:
        return self.request.query.get(name, "").strip()

    async def read(self, view: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a view outside the event loop."""
        return await asyncio.to_thread(view, *args, **kwargs)

    async def together(self, work: Callable[[Views], R]) -> R:
        """Run work outside the event loop: whatever it asks of its views is asked over one connection."""

        def asked() -> R:
            with self.services.views.together() as views:
                return work(views)

        return await asyncio.to_thread(asked)

    async def named(self, answer: web.StreamResponse) -> web.StreamResponse:
        """Return the page, rendered anew when it shows items by number alone whose names our house has told since the
        tables were written. What was found is known for a while to every page."""
        if not self.words.missed or RENDERED not in answer:
            return answer
        found = await self.read(self.services.views.item_names, tuple(self.words.missed)[:MOST_NAMES])
        if not found:
            return answer
        self.request.app[NAMES].learn(found, self.services.wall.now())
        again = replace(self, words=replace(self.words, names={**self.words.names, **found}, missed=set()))
        template, values = answer[RENDERED]
        page = again.page(template, answer.status, **values)
        page.headers.extend((name, value) for name, value in answer.headers.items() if name not in page.headers)
        page.cookies.update(answer.cookies)
        return page

    def page(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """Render a page. Every value is escaped by the template engine."""
        app = self.request.app
        html = (
            app[TEMPLATES]
            .get_template(template)
            .render(
                reader=self,
                _=self.words,
                may=self.may,
                permitted=self.permitted,
                navigation=GROUPS,
                path=self.request.path,
                here=self.request.path_qs,
                asset=app[ASSETS].__getitem__,
                csrf=self.caller.csrf if self.caller else "",
                languages=LANGUAGES,
                themes=THEMES,
                title_of_instance=self.services.settings.title,
                link=self._link,
                done=self.query("done"),
                **values,
            )
        )
        response = web.Response(status=status, text=html, content_type="text/html")
        response[RENDERED] = (template, values)
        response.headers["Content-Language"] = self.words.lang
        response.headers["Cache-Control"] = "no-store"
        response.enable_compression()
        return response

    def _link(self, path: str, **changes: str | None) -> str:
        """Return path with this page's filter, changed; None or "" takes a parameter away."""
        kept = {name: value for name, value in self.request.query.items() if name not in _PLACES}
        query = {name: value for name, value in {**kept, **changes}.items() if value}
        return f"{path}?{urlencode(query)}" if query else path


def segment(value: object) -> str:
    """Return value as one piece of an address: a partner's number may hold what divides addresses.
    Source: RFC 3986 section 2.2."""
    return quote(str(value), safe="")


def _zone(name: str | None, default: str) -> ZoneInfo:
    for each in (name, default):
        try:
            if each and len(each) < 60:
                return ZoneInfo(each)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def _language(request: web.Request, caller: Caller | None, default: str) -> Lang:
    for wanted in (request.cookies.get(LANGUAGE_COOKIE), caller.user.language if caller else None):
        if wanted in LANGUAGES:
            return wanted
    return language_of(request, default)


def reader_of(request: web.Request, caller: Caller | None) -> Reader:
    """Return who asks for a page: the person, the language, the zone and the theme."""
    services = services_for(request.app[SERVICES], caller)
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return Reader(
        request=request,
        services=services,
        words=Words(
            lang=_language(request, caller, services.settings.language),
            zone=_zone(request.cookies.get(ZONE_COOKIE), services.settings.zone),
            now=services.clock.now(),
            book=services.book(),
            names=request.app[NAMES].known(services.wall.now()),
        ),
        caller=caller,
        theme=theme if theme in THEMES else "auto",
    )
