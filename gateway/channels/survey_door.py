"""Surveys by link at the partners' port: a form without script for whoever holds the token, once.

What a stranger may do here is bounded: tries of one address by time, bytes of an answer, and nothing is told of links
that are none. Source: RFC 6585 section 4 (429).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qsl

from aiohttp import web

from gateway.channels.intake import Spooled, read_body
from gateway.model.faults import Fault, OurFault
from gateway.ports.shell import Accept
from gateway.texts import catalogue
from gateway.texts.catalogue import Lang
from gateway.texts.labels import label

BODY_LIMIT_BYTES = 32_768
FIELDS_MOST = 400
TRIES, WINDOW_S = 30, 60.0  # of one address
ADDRESSES_MOST = 5_000
TOKEN_LONGEST = 100
_STATUS = {"survey.answer-wrong": 400, "http.too-large": 413, "http.slow-body": 408, "http.broken-body": 400}
_POLICY = "default-src 'none'; style-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a link asks. questions: (name, key of the words, element's name or ""); company: who asks."""

    company: str
    title: str
    questions: Sequence[tuple[str, str, Mapping[Lang, str] | None]]
    low: int
    high: int


@dataclass(kw_only=True)
class SurveyDoor:
    """find: token -> what it asks; raises Fault for no link or one that is over. answer: takes scores and words; raises
    Fault. timer: seconds. Both may block."""

    find: Callable[[str], Asking]
    answer: Callable[[str, Mapping[str, str], str], None]
    timer: Callable[[], float]
    _tries: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)

    def mount(self, app: web.Application, accept: Accept) -> None:
        """Add the pages to the partner listener."""
        app.router.add_get("/survey/{token}", self._show)
        app.router.add_post("/survey/{token}", self._take)

    async def _show(self, request: web.Request) -> web.Response:
        return await self._answered(request, self._form)

    async def _take(self, request: web.Request) -> web.Response:
        return await self._answered(request, self._kept)

    async def _answered(
        self, request: web.Request, work: Callable[[web.Request, Lang], Awaitable[str]]
    ) -> web.Response:
        lang = _language(request)
        if not self._may(request.remote or ""):
            wait_s = int(WINDOW_S)
            return _refusal(OurFault("api.too-many", seconds=str(wait_s)), lang, 429, wait_s=wait_s)
        try:
            body = await work(request, lang)
        except Fault as fault:
            return _refusal(fault, lang, _STATUS.get(fault.code, 404))
        return _page(lang, label("register.survey", lang), body)

    async def _form(self, request: web.Request, lang: Lang) -> str:
        asking = await asyncio.to_thread(self.find, request.match_info["token"][:TOKEN_LONGEST])
        return form_of(asking, lang)

    async def _kept(self, request: web.Request, lang: Lang) -> str:
        given = dict(parse_qsl(await _body(request), keep_blank_values=False, max_num_fields=FIELDS_MOST))
        words = given.pop("words", "")
        scores = {name[2:]: value for name, value in given.items() if name.startswith("q.")}
        await asyncio.to_thread(self.answer, request.match_info["token"][:TOKEN_LONGEST], scores, words)
        return f"<p>{escape(label('survey.thanks', lang))}</p>"

    def _may(self, address: str) -> bool:
        """Count a try of an address; False when it has had too many lately."""
        now = self.timer()
        count, since = self._tries.get(address, (0, now))
        count, since = (1, now) if now - since > WINDOW_S else (count + 1, since)
        self._tries[address] = (count, since)
        self._tries.move_to_end(address)
        while len(self._tries) > ADDRESSES_MOST:
            self._tries.popitem(last=False)
        return count <= TRIES


async def _body(request: web.Request) -> str:
    """Read a form of at most BODY_LIMIT_BYTES. Raises PartnerFault, NetworkFault http.*, HTTPBadRequest."""
    spool = Spooled()
    try:
        await read_body(request, spool, BODY_LIMIT_BYTES)
        text = b"".join(spool.chunks()).decode()
        parse_qsl(text, max_num_fields=FIELDS_MOST)
        if "%00" in text or "\0" in text:  # not every database keeps NUL
            raise ValueError("NUL")
    except ValueError as error:
        raise web.HTTPBadRequest from error
    finally:
        spool.close()
    return text


def form_of(asking: Asking, lang: Lang) -> str:
    """Return the form of what a link asks."""
    hint = label("survey.low-high", lang, low=asking.low, high=asking.high)
    parts = [f"<p>{escape(hint)}</p>", '<form method="post" accept-charset="utf-8">']
    for number, (name, key, about) in enumerate(asking.questions):
        words = label(key, lang)
        if about is not None:
            words = f"{about[lang]}: {words}"
        choices = "".join(
            f'<label><input type="radio" name="q.{escape(name)}" value="{score}"> {score}</label> '
            for score in range(asking.low, asking.high + 1)
        )
        parts.append(f'<fieldset><legend id="q{number}">{escape(words)}</legend>{choices}</fieldset>')
    parts.append(f'<p><label for="w">{escape(label("question.words", lang))}</label><br>')
    parts.append('<textarea id="w" name="words" rows="4" cols="60" maxlength="2000"></textarea></p>')
    parts.append(f"<p><button>{escape(label('survey.send', lang))}</button></p></form>")
    intro = label("survey.intro", lang, company=asking.company)
    return f"<p>{escape(intro)}</p><h1>{escape(asking.title)}</h1>" + "".join(parts)


def _language(request: web.Request) -> Lang:
    return "zh-CN" if request.headers.get("Accept-Language", "").strip().lower().startswith("zh") else "en"


def _refusal(fault: Fault, lang: Lang, status: int, *, wait_s: int | None = None) -> web.Response:
    finding = fault.as_finding()
    text = f"{catalogue.text(finding, lang)} {catalogue.cure(finding, lang)}"
    return _page(lang, label("register.survey", lang), f"<p>{escape(text)}</p>", status=status, wait_s=wait_s)


def _page(lang: Lang, title: str, body: str, *, status: int = 200, wait_s: int | None = None) -> web.Response:
    text = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        f"<body><main>{body}</main></body></html>"
    )
    response = web.Response(status=status, text=text, content_type="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    if wait_s is not None:
        response.headers["Retry-After"] = str(wait_s)
    return response
