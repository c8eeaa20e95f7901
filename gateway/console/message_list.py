"""The message log: one search box whose text and drop-downs say the same, named views, straight to a number."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.api.message_query import Terms, parse
from gateway.console.pages import PageTable
from gateway.console.reader import Reader, segment
from gateway.model.documents import DOCUMENTS
from gateway.model.faults import OurFault
from gateway.store.saved_views import SavedView
from gateway.store.view_rows import ATTENTION, STATE_GROUPS, Count, MessagePage
from gateway.store.views import Views

TABLE = PageTable()
PAGE_LINES = 50
COUNT_CAP = 1_000  # lines are counted up to here: counting on costs more than the page
VIEW_CAP = 99  # counts of named views are told up to here
COUNTED_FOR = timedelta(seconds=5)
MOST_COUNTS = 500
COUNTS = web.AppKey("view_counts", dict[Any, tuple[datetime, Count]])
NAMED_PARTNERS = 20
STATES = (*ATTENTION, "retry", "applied", "done", "sent", "acked", "accepted")
AGES = ("<1h", "<24h", "<7d", "<30d")
SHIPPED = (  # key of the words, query
    ("messages.view-attention", "state:attention"),
    ("messages.view-open", "state:open"),
    ("messages.view-undelivered", "state:refused,expired,retry dir:out"),
    ("messages.view-orders", "type:Order dir:in at:<24h"),
    ("messages.view-own", "own:yes"),
)
_PARAMETERS = {  # of the address, in terms of the text
    **{name: name for name in ("state", "partner", "type", "test", "at", "own")},
    "direction": "dir",
}


def terms_of(reader: Reader) -> Terms:
    """Read the address: q holds the text; a drop-down that was sent along wins over what the text says of it."""
    terms = parse(reader.query("q"))
    given = {name: reader.query(key) for key, name in _PARAMETERS.items() if key in reader.request.query}
    fields = {name: value for name, value in given.items() if not value or _sensible(name, value)}
    terms = terms.having(**fields)
    words = reader.query("text")[:200]
    return replace(terms, words=words) if words else terms


def _sensible(name: str, value: str) -> bool:
    """Values that make no sense are left out, the form shows what is in force."""
    return value == parse(f'{name}:"{value}"').wanted.get(name)


def sees_all(reader: Reader) -> bool:
    """Tell whether the person sees every partner: a shared query may name any."""
    return reader.caller is not None and reader.caller.sight.partners is None


def address_of(terms: Terms, path: str = "/messages") -> str:
    return f"{path}?{urlencode({'q': terms.text})}" if terms.text else path


@TABLE.get("/messages", "messages.read")
async def list_page(reader: Reader) -> web.StreamResponse:
    terms = terms_of(reader)
    if "form" in reader.request.query:  # what the form sent becomes one text, so that the address can be read and kept
        raise web.HTTPSeeOther(address_of(terms))
    cursor = reader.query("cursor") or None
    values = await reader.together(partial(_values, reader, terms, cursor))
    return reader.page("messages.html", **values, **_choices(reader, terms))


def _values(reader: Reader, terms: Terms, cursor: str | None, views: Views) -> dict[str, Any]:
    (page, count), named = _found(reader, views, terms, cursor)
    return {
        "terms": terms,
        "named": named,
        "page": page,
        "count": count,
        "cursor": cursor,
        "views": _views(reader, views, terms.text),
        "newest": address_of(terms),
        "older": _older(terms, page.next),
        "may_share": sees_all(reader),
    }


def _older(terms: Terms, cursor: str | None) -> str | None:
    return f"/messages?{urlencode({'q': terms.text, 'cursor': cursor})}" if cursor else None


def _found(
    reader: Reader, views: Views, terms: Terms, cursor: str | None
) -> tuple[tuple[MessagePage, Count], tuple[str, ...]]:
    """Return the page with its count, and the partners whose names the words are when nothing else is found."""
    wanted = terms.filter(reader.words.now, reader.words.zone)
    found = views.listed(wanted, cursor, PAGE_LINES, COUNT_CAP)
    page, count = found
    named = partners_named(reader, terms.words) if terms.words and not wanted.partner else ()
    if page.lines or count.value or not named:
        return found, ()
    wanted = replace(wanted, text=None, partner=",".join(named))
    return views.listed(wanted, cursor, PAGE_LINES, COUNT_CAP), named


def partners_named(reader: Reader, words: str) -> tuple[str, ...]:
    """Return the partners whose id or name, in either language, holds the words."""
    wanted = words.casefold()
    if len(wanted) < 2:
        return ()
    found = reader.services.book().partners.values()
    names = ((each.id, f"{each.id}\n{each.name}\n{each.name_zh or ''}".casefold()) for each in found)
    return tuple(partner for partner, text in names if wanted in text)[:NAMED_PARTNERS]


def _views(reader: Reader, views: Views, now: str) -> list[dict[str, Any]]:
    """Return the named views with their counts: those that come with the gateway, the person's own, the shared ones."""
    words = reader.words
    kept = reader.services.saved.of(reader.user, with_shared=sees_all(reader))
    shown: list[tuple[str, str, SavedView | None]] = [(words(key), query, None) for key, query in SHIPPED]
    shown += [(each.name, each.query, each) for each in kept]
    counts = _counted(reader, views, [query for _, query, _ in shown])
    return [
        {"name": name, "address": address_of(parse(query)), "current": parse(query).text == now, "kept": view}
        | {"mine": view is not None and view.owner == reader.user, "count": capped(count)}
        for (name, query, view), count in zip(shown, counts, strict=True)
    ]


def _counted(reader: Reader, views: Views, queries: list[str]) -> list[Count]:
    """Return the counts, each asked for anew after COUNTED_FOR: everybody who watches the list asks every second."""
    known, now = reader.request.app[COUNTS], reader.services.wall.now()
    sight = reader.caller.sight.partners if reader.caller else frozenset()
    found = []
    for query in queries:
        key = (sight, query, reader.words.zone.key)
        at, count = known.get(key, (None, None))
        if at is None or count is None or not timedelta() <= now - at < COUNTED_FOR:
            count = views.count_messages(parse(query).filter(reader.words.now, reader.words.zone), VIEW_CAP)
            known[key] = (now, count)
        found.append(count)
    while len(known) > MOST_COUNTS:
        known.pop(next(iter(known)), None)
    return found


def capped(count: Count) -> str:
    return f"{count.value}+" if count.capped else str(count.value)


def _choices(reader: Reader, terms: Terms) -> dict[str, Any]:
    """Return the options of the filter as (value, words); what is in force is always among them."""
    words = reader.words
    partners = [(each, words.partner(each)) for each in reader.services.book().partners]
    options = {
        "state": [(each, words(f"group.{each}")) for each in STATE_GROUPS]
        + [(each, words.term("state", each)) for each in STATES],
        "partner": sorted(partners, key=lambda pair: pair[1]),
        "type": [(each, words.term("type", each)) for each in DOCUMENTS],
        "dir": [(each, words(f"direction.{each}-short")) for each in ("in", "out")],
        "test": [("no", words("common.live")), ("yes", words("common.test"))],
        "at": [(each, words(f"messages.age-{each[1:]}")) for each in AGES],
        "own": [("yes", words("messages.own-yes")), ("all", words("messages.own-all"))],
    }
    for name, known in options.items():
        value = terms.wanted.get(name)
        if value and value not in dict(known):
            known.append((value, value))
    return {"options": options}


# --- straight to a number ---------------------------------------------------------------------------------------------


@TABLE.get("/find", "messages.read")
async def find(reader: Reader) -> web.StreamResponse:
    """Lead to what bears just that number: the order with its chain, the one message; else to the list."""
    text = reader.query("q")[:300]
    terms = parse(text)
    only_words = bool(terms.words) and not terms.wanted and not terms.unwanted
    raise web.HTTPSeeOther(await _straight(reader, terms.words) if only_words else address_of(terms))


async def _straight(reader: Reader, words: str) -> str:
    found = await reader.read(reader.services.views.exact, words)
    numbers = {number for _, _, number in found.orders}
    if len(numbers) == 1 and reader.may("orders.read"):
        return f"/orders/{segment(numbers.pop())}"
    listed = [each for each in found.subjects if each[1] != "arrival"] or found.subjects
    if len(listed) == 1:
        subject, of = listed[0]
        return f"/parcels/{subject}" if of == "parcel" else f"/messages/{subject}"
    kind = None if listed else await reader.read(reader.services.views.kind_of, words)
    if kind:
        return f"/messages/{segment(words)}"
    return address_of(Terms(words=words))


# --- named views ------------------------------------------------------------------------------------------------------


@TABLE.post("/messages/views", "messages.read")
async def keep_view(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    query = parse(str(form.get("q", ""))).text
    shared = form.get("shared") == "yes"
    if shared and not sees_all(reader):
        raise OurFault("access.not-for-some-partners", value="shared")
    saved, now = reader.services.saved, reader.services.wall.now()
    await reader.read(saved.keep, reader.user, str(form.get("name", "")), query, now, shared=shared)
    raise web.HTTPSeeOther(address_of(parse(query)))


@TABLE.post("/messages/views/{id}/remove", "messages.read")
async def drop_view(reader: Reader) -> web.StreamResponse:
    view_id = reader.request.match_info["id"]
    await reader.read(reader.services.saved.drop, reader.user, view_id, reader.services.wall.now())
    raise web.HTTPSeeOther("/messages")
