"""The calendar that is shared with partners: promotions and introductions, and what came of each."""

from datetime import timedelta
from decimal import Decimal

from aiohttp import web

from gateway.console.forms import day, signed, texts
from gateway.console.pages import PageTable, csv_download, not_found
from gateway.console.reader import Reader
from gateway.domain.replenishment.promotions import KINDS, MECHANICS
from gateway.model.faults import OurFault
from gateway.model.retail_event import RetailEvent
from gateway.model.values import Amount, Item, gtin14

TABLE = PageTable()
WHEN = ("coming", "past", "cancelled")
CSV_LIMIT_BYTES = 4_000_000


@TABLE.get("/promotions", "proposals.read")
async def calendar_page(reader: Reader) -> web.StreamResponse:
    today = reader.words.now.date()
    when = reader.query("when") if reader.query("when") in WHEN else "coming"
    views = reader.services.views
    found = await reader.read(
        views.planning_events,
        partner=reader.query("partner") or None,
        since=today if when == "coming" else None,
        until=today - timedelta(days=1) if when == "past" else None,
        cancelled=when == "cancelled",
    )
    if when == "past":
        found = tuple(each for each in reversed(found) if each.event.last_day < today)
    if when == "cancelled":
        found = tuple(each for each in found if each.event.state == "cancelled")
    return reader.page(
        "plan_events.html",
        rows=found,
        when=when,
        whens=WHEN,
        partner=reader.query("partner"),
        partners=_partners(reader),
        kinds=KINDS,
        mechanics=MECHANICS,
        today=today,
        writes=_writes(reader),
    )


@TABLE.get("/promotions.csv", "proposals.read")
async def calendar_csv(reader: Reader) -> web.StreamResponse:
    found = await reader.read(reader.services.views.planning_events)
    names = ("id", "kind", "name", "first_day", "last_day", "gtin", "place", "mechanic", "uplift", "price", "partner")
    rows = (
        (
            each.id,
            each.kind,
            each.name,
            each.first_day,
            each.last_day,
            gtin,
            place,
            each.mechanic,
            each.uplift,
            each.price,
            each.partner,
        )
        for each in (row.event for row in found)
        for gtin in each.gtins
        for place in each.places or ("",)
    )
    return csv_download("promotions.csv", names, rows)


@TABLE.get("/promotions/{id}", "proposals.read")
async def event_page(reader: Reader) -> web.StreamResponse:
    identity = reader.request.match_info["id"]
    row = await reader.read(reader.services.views.planning_event, identity)
    if row is None:
        return not_found(reader, "event", identity[:80])
    outcomes = await reader.read(reader.services.views.event_outcomes, identity, reader.words.now.date())
    sold = sum((each.sold for each in outcomes if each.baseline is not None), Decimal(0))
    base = sum((each.baseline for each in outcomes if each.baseline is not None), Decimal(0))
    return reader.page(
        "plan_event.html",
        row=row,
        event=row.event,
        outcomes=outcomes,
        uplift=(sold - base) / base if base else None,
        left=[each.left for each in outcomes if each.left is not None],
        writes=_writes(reader),
    )


@TABLE.post("/promotions", "proposals.decide")
async def save_event(reader: Reader) -> web.StreamResponse:
    _require(reader)
    given = await texts(reader)
    first, last = day(given, "first_day"), day(given, "last_day")
    if first is None or last is None:
        raise OurFault("api.bad-value", name="first_day", value="", expected="2026-01-31")
    price = signed(given, "price")
    uplift = signed(given, "uplift")
    event = RetailEvent(
        id=given.get("id") or f"E{reader.words.now:%y%m%d%H%M%S}",
        issued_at=reader.words.now,
        kind=given.get("kind", ""),
        name=given.get("name", "")[:200],
        first_day=first,
        last_day=last,
        items=tuple(Item(gtin=gtin14(each)) for each in _listed(given.get("items", ""))),
        places=tuple(_listed(given.get("places", ""))),
        partner=given.get("partner") or None,
        mechanic=given.get("mechanic") or "other",
        uplift=None if uplift is None else uplift / 100,
        price=None if price is None else Amount(value=price),
        like=gtin14(given["like"]) if given.get("like") else None,
        function="replace",
    )
    await reader.services.actions.save_events([event], reader.user)
    raise web.HTTPSeeOther("/promotions?done=saved")


@TABLE.post("/promotions/import", "proposals.decide", limit_bytes=CSV_LIMIT_BYTES)
async def import_events(reader: Reader) -> web.StreamResponse:
    _require(reader)
    form = await reader.request.post()
    upload = form.get("file")
    if not isinstance(upload, web.FileField):
        raise OurFault("event.file-wrong", value="", line="1")
    try:
        text = upload.file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise OurFault("event.file-wrong", value="UTF-8", line="1") from None
    await reader.services.actions.load_events(text, reader.user)
    raise web.HTTPSeeOther("/promotions?done=loaded")


@TABLE.post("/promotions/{id}/cancel", "proposals.decide")
async def cancel_event(reader: Reader) -> web.StreamResponse:
    _require(reader)
    await reader.services.actions.cancel_event(reader.request.match_info["id"], reader.user)
    raise web.HTTPSeeOther("/promotions?done=cancelled")


def _listed(text: str) -> list[str]:
    """Return what a person has written, parted by lines, blanks or commas."""
    return [each for each in text.replace(",", " ").replace(";", " ").split() if each]


def _writes(reader: Reader) -> bool:
    return reader.may("proposals.decide") and reader.caller is not None and reader.caller.partners is None


def _require(reader: Reader) -> None:
    if not _writes(reader):
        raise OurFault("access.forbidden", role="", permission="proposals.decide")


def _partners(reader: Reader) -> list[tuple[str, str]]:
    own = reader.services.book().partners.values()
    return sorted((each.id, reader.words.partner(each.id)) for each in own if each.kind == "partner")
