"""Partners: the list, one of them with its tabs, what is agreed, tests of connections, going live, versions."""

from datetime import date, timedelta
from difflib import unified_diff
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.api.given import is_count
from gateway.api.partner_desk import AGREEMENT_WORDS, FACT_WORDS
from gateway.api.rendering import dumps
from gateway.config.partners import CHANNEL_KEYS, CHOICES, PARTNER_ID
from gateway.console.pages import PageTable, not_found
from gateway.console.partner_scene import desk_of, form_of, partner_of, partner_page
from gateway.console.reader import Reader
from gateway.model.documents import DOCUMENTS
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding
from gateway.model.partner import Expected
from gateway.store.view_partners import FileChange, RungLine
from gateway.store.view_rows import MessageFilter
from gateway.texts.catalogue import Lang
from gateway.texts.labels import label_or

TABLE = PageTable()
HEALTHS = ("bad", "watch", "good", "quiet")
ROLES = ("customer", "supplier", "both", "none")
CALENDAR_DAYS = 28
SHOWN = 100  # partners on one page


def _pages(reader: Reader, number: int, total: int) -> tuple[str | None, str | None]:
    """Return the addresses of the first page and of the next one, with the filter that is in force."""
    kept = {name: reader.query(name) for name in ("text", "health", "mode") if reader.query(name)}

    def address(page: int) -> str:
        values = {**kept, "page": str(page)} if page > 1 else kept
        return f"/partners?{urlencode(values)}" if values else "/partners"

    return address(1) if number > 1 else None, address(number + 1) if number * SHOWN < total else None


@TABLE.get("/partners", "partners.read")
async def partners_page(reader: Reader) -> web.StreamResponse:
    seen = reader.caller.partners if reader.caller else frozenset()
    lines = await reader.read(desk_of(reader).lines, seen)
    text, health, mode = reader.query("text").casefold(), reader.query("health"), reader.query("mode")
    shown = [
        each
        for each in lines
        if (not text or text in f"{each.id} {each.name} {each.owner or ''} {reader.words.partner(each.id)}".casefold())
        and (not health or each.health == health)
        and (not mode or each.mode == mode)
    ]
    counts = {each: sum(line.health == each for line in lines) for each in HEALTHS}
    given = reader.query("page")
    number = min(int(given), 1_000) if is_count(given, 4) else 1
    first, following = _pages(reader, max(number, 1), len(shown))
    return reader.page(
        "partners.html",
        lines=shown[(max(number, 1) - 1) * SHOWN :][:SHOWN],
        first=first,
        following=following,
        total=len(lines),
        counts=counts,
        health=health,
        mode=mode,
        text=reader.query("text"),
    )


@TABLE.get("/partners/{id}", "partners.read")
async def partner_overview(reader: Reader) -> web.StreamResponse:
    partner = partner_of(reader)
    newest = await reader.read(reader.services.views.messages, MessageFilter(partner=partner.id), None, 8)
    slots = await reader.read(desk_of(reader).certificates, partner.id)
    approval = await reader.read(desk_of(reader).approval, partner.id)
    items = await reader.read(desk_of(reader).checklist, partner.id) if partner.mode == "test" else ()
    return await partner_page(
        reader, "partner.html", "overview", newest=newest.lines, slots=slots, approval=approval, items=items
    )


@TABLE.get("/partners/{id}/edit", "partners.write")
async def partner_edit(reader: Reader) -> web.StreamResponse:
    return await partner_page(reader, "partner_edit.html", "overview", roles=ROLES, sent={})


@TABLE.post("/partners/{id}/edit", "partners.write")
async def partner_save(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    sent = form.words(*FACT_WORDS)
    try:
        await reader.read(desk_of(reader).put_facts, partner.id, sent, reader.user, reason=form.text("reason"))
    except Fault as fault:
        return await partner_page(
            reader, "partner_edit.html", "overview", fault=fault, status=409, roles=ROLES, sent=sent
        )
    raise web.HTTPSeeOther(f"/partners/{partner.id}?done=saved")


# --- agreements -------------------------------------------------------------------------------------------------------


@TABLE.get("/partners/{id}/agreements", "partners.read")
async def agreements_page(reader: Reader) -> web.StreamResponse:
    return await _agreements(reader)


async def _agreements(reader: Reader, *, fault: Fault | None = None, sent: Any = None) -> web.StreamResponse:
    partner = partner_of(reader)
    place = reader.query("edit")
    number = int(place) if is_count(place) and int(place) < len(partner.agreements) else None
    chosen = partner.agreements[number] if number is not None else None
    values = sent or (
        {word: _told(getattr(chosen, word)) for word in AGREEMENT_WORDS}
        if chosen is not None
        else {"direction": "receive"}
    )
    names: tuple[str, ...] = ()
    if reader.may("partners.write"):
        names = await reader.read(desk_of(reader).mapping_names)
    return await partner_page(
        reader,
        "partner_agreements.html",
        "agreements",
        fault=fault,
        status=409 if fault else 200,
        values=values,
        place=number,
        mappings=names,
        overs=[(each, each) for each in partner.channels],
        today=reader.words.now.date(),
    )


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


@TABLE.post("/partners/{id}/agreements", "partners.write")
async def agreement_save(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    values = {word: form.text(word) for word in AGREEMENT_WORDS}
    for flag in ("contrl", "aperak", "backorder", "test"):
        values[flag] = "true" if flag in form.sent else "false"
    try:
        await reader.read(
            desk_of(reader).put_agreement,
            partner.id,
            values,
            reader.user,
            place=form.number("place"),
            reason=form.text("reason"),
        )
    except Fault as fault:
        return await _agreements(reader, fault=fault, sent=values)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/agreements?done=saved")


@TABLE.post("/partners/{id}/agreements/{place}/remove", "partners.write")
async def agreement_remove(reader: Reader) -> web.StreamResponse:
    partner = partner_of(reader)
    await reader.read(desk_of(reader).drop_agreement, partner.id, _place(reader), reader.user)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/agreements?done=removed")


def _place(reader: Reader) -> int:
    """Raises OurFault api.bad-value."""
    given = reader.request.match_info["place"]
    if not is_count(given, 4):
        raise OurFault("api.bad-value", name="place", value=given[:20], expected="0, 1, ...")
    return int(given)


# --- connections and their tests --------------------------------------------------------------------------------------


@TABLE.get("/partners/{id}/connections", "partners.read")
async def connections_page(reader: Reader) -> web.StreamResponse:
    return await _connections(reader)


async def _connections(reader: Reader, *, fault: Fault | None = None) -> web.StreamResponse:
    partner = partner_of(reader)
    tests = await reader.read(desk_of(reader).tests, partner.id)
    latest = {each.over: each for each in reversed(tests)}
    keys = {kind: (*needed, *more) for kind, (needed, more) in CHANNEL_KEYS.items()}
    return await partner_page(
        reader,
        "partner_connections.html",
        "connections",
        fault=fault,
        status=409 if fault else 200,
        tests=tests,
        latest=latest,
        keys=keys,
        choices={key: [(each, each) for each in options] for key, options in CHOICES.items()},
        edit=reader.query("edit"),
    )


@TABLE.get("/partners/{id}/connections/add", "partners.write")
async def connection_add(reader: Reader) -> web.StreamResponse:
    partner = partner_of(reader)
    kind = reader.query("kind") if reader.query("kind") in ADDABLE else "as2"
    name = reader.query("name") or kind
    if not PARTNER_ID.fullmatch(name) or name in partner.channels:
        raise OurFault("api.bad-value", name="name", value=name[:60], expected="as2, as2-test, ...")
    needed, more = CHANNEL_KEYS[kind]
    keys = [each for each in (*needed, *more) if each not in ("certificate", "client_certificate", "client_name")]
    choices = {key: [(each, each) for each in options] for key, options in CHOICES.items()}
    return await partner_page(
        reader,
        "partner_connection_add.html",
        "connections",
        name=name,
        kind=kind,
        keys=keys,
        needed=needed,
        choices=choices,
    )


@TABLE.post("/partners/{id}/connections/{over}", "partners.write")
async def connection_save(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    over = reader.request.match_info["over"]
    settings = dict(form.prefixed("set."))
    try:
        await reader.read(
            desk_of(reader).put_connection, partner.id, over, settings, reader.user, reason=form.text("reason")
        )
    except Fault as fault:
        return await _connections(reader, fault=fault)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/connections?done=saved")


@TABLE.post("/partners/{id}/connections/{over}/test", "partners.test")
async def connection_test(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    over = reader.request.match_info["over"]
    echo = "echo" in form.sent
    started = await reader.read(desk_of(reader).start_test, partner.id, over, reader.user, echo=echo)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/tests/{started.id}")


@TABLE.get("/partners/{id}/tests/{test}", "partners.read")
async def test_page(reader: Reader) -> web.StreamResponse:
    partner, test_id = partner_of(reader), reader.request.match_info["test"]
    found = await reader.read(desk_of(reader).test, test_id)
    if found is None or found.partner != partner.id:
        return not_found(reader, "test", test_id)
    channel = partner.channels.get(found.over)
    wanted = RUNGS.get(channel.kind if channel else "", RUNGS["as2"])
    missing = [name for name in wanted if name not in [each.name for each in found.rungs]]
    if not found.echo:
        missing = [name for name in missing if name != "message"]
    failed = any(each.code for each in found.rungs)
    return await partner_page(
        reader,
        "partner_test.html",
        "connections",
        test=found,
        rungs=[(each, _finding(each)) for each in found.rungs],
        waiting=[] if failed or (found.ended_at and channel and channel.kind == "folder") else missing,
        failed=failed,
    )


def _finding(rung: RungLine) -> Finding | None:
    if not rung.code:
        return None
    params = tuple(sorted((rung.params or {}).items()))
    return Finding(code=rung.code, value=rung.value or None, params=params)


ADDABLE = ("as2", "http", "folder")
RUNGS = {
    "as2": ("settings", "certificates", "name", "connection", "message"),
    "http": ("name", "connection"),
    "folder": ("settings",),
}


# --- going live -------------------------------------------------------------------------------------------------------


@TABLE.get("/partners/{id}/onboarding", "partners.read")
async def onboarding_page(reader: Reader) -> web.StreamResponse:
    return await _onboarding(reader)


async def _onboarding(reader: Reader, *, fault: Fault | None = None) -> web.StreamResponse:
    partner = partner_of(reader)
    items = await reader.read(desk_of(reader).checklist, partner.id)
    approval = await reader.read(desk_of(reader).approval, partner.id)
    return await partner_page(
        reader,
        "partner_onboarding.html",
        "onboarding",
        fault=fault,
        status=409 if fault else 200,
        items=items,
        open=sum(each.state == "open" for each in items),
        approval=approval,
    )


@TABLE.post("/partners/{id}/go-live", "partners.write")
async def go_live(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    try:
        at = form.moment("at", reader)
        await reader.read(desk_of(reader).go_live, partner.id, reader.user, at=at, reason=form.text("reason"))
    except Fault as fault:
        return await _onboarding(reader, fault=fault)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/onboarding?done=live")


@TABLE.post("/partners/{id}/back-to-test", "partners.write")
async def back_to_test(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    await reader.read(desk_of(reader).back_to_test, partner.id, reader.user, form.text("reason"))
    raise web.HTTPSeeOther(f"/partners/{partner.id}/onboarding?done=test")


# --- expected documents -----------------------------------------------------------------------------------------------


@TABLE.get("/partners/{id}/expected", "partners.read")
async def expected_page(reader: Reader) -> web.StreamResponse:
    return await _expected(reader)


async def _expected(reader: Reader, *, fault: Fault | None = None) -> web.StreamResponse:
    partner = partner_of(reader)
    owed: tuple[Any, ...] = ()
    if reader.may("expected.read"):
        states = ("waiting", "overdue", "met", "late")
        owed = await reader.read(reader.services.views.expected, states, partner.id, 60)
    today = reader.words.now.astimezone(reader.words.zone).date()
    return await partner_page(
        reader,
        "partner_expected.html",
        "expected",
        fault=fault,
        status=409 if fault else 200,
        owed=owed,
        weeks=_weeks(partner.expects, today),
        today=today,
        zone=reader.words.zone.key,
        document_words=[(each, reader.words.term("type", each)) for each in sorted(DOCUMENTS)],
    )


def _weeks(expects: tuple[Expected, ...], today: date) -> list[list[tuple[date, list[Expected]]]]:
    """Return four weeks from this one on, each day with what is due on it."""
    first = today - timedelta(days=today.isoweekday() - 1)
    days = [first + timedelta(days=number) for number in range(CALENDAR_DAYS)]
    cells = [(day, [each for each in expects if day.isoweekday() in each.days]) for day in days]
    return [cells[number : number + 7] for number in range(0, CALENDAR_DAYS, 7)]


@TABLE.post("/partners/{id}/expected", "partners.write")
async def expected_save(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    values = {**form.words("document", "after", "hours", "by", "zone"), "days": form.texts("days")}
    try:
        await reader.read(desk_of(reader).put_expected, partner.id, values, reader.user)
    except Fault as fault:
        return await _expected(reader, fault=fault)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/expected?done=saved")


@TABLE.post("/partners/{id}/expected/{place}/remove", "partners.write")
async def expected_remove(reader: Reader) -> web.StreamResponse:
    partner = partner_of(reader)
    await reader.read(desk_of(reader).drop_expected, partner.id, _place(reader), reader.user)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/expected?done=removed")


# --- versions ---------------------------------------------------------------------------------------------------------


@TABLE.get("/partners/{id}/history", "partners.read")
async def history_page(reader: Reader) -> web.StreamResponse:
    partner = partner_of(reader)
    changes = await reader.read(desk_of(reader).changes, partner.id)
    return await partner_page(
        reader, "partner_history.html", "history", changes=[(each, lines_of(each)) for each in changes]
    )


def lines_of(change: FileChange, limit: int = 200) -> list[tuple[str, str]]:
    """Return what a change took out and put in, line by line: ("-", text), ("+", text), (" ", text)."""
    before, after = (change.before or "").splitlines(), (change.after or "").splitlines()
    found = list(unified_diff(before, after, lineterm="", n=1))[2:]
    return [(each[:1], each[1:]) for each in found if not each.startswith("@@")][:limit]


@TABLE.post("/partners/{id}/history/{change}/restore", "partners.write")
async def roll_back(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    given = reader.request.match_info["change"]
    if not is_count(given, 17):
        return not_found(reader, "version", given)
    await reader.read(desk_of(reader).roll_back, partner.id, int(given), reader.user, form.text("reason"))
    raise web.HTTPSeeOther(f"/partners/{partner.id}/history?done=restored")


# --- the exchange sheet -----------------------------------------------------------------------------------------------


@TABLE.get("/partners/{id}/sheet", "partners.read")
async def sheet_page(reader: Reader) -> web.StreamResponse:
    """The sheet to be given to the partner: a page to print, or with ?format=json the same for programs."""
    partner = partner_of(reader)
    sheet = await reader.read(desk_of(reader).sheet, partner.id)
    if reader.query("format") == "json":
        name = f"exchange-sheet-{partner.id}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return web.Response(text=dumps(sheet), content_type="application/json", headers=headers)
    languages: tuple[Lang, ...] = ("en", "zh-CN")
    return reader.page("partner_sheet.html", partner=partner, sheet=sheet, both=languages, say=_said)


def _said(lang: Lang, key: str) -> str:
    """Return the words of the sheet in either language, whatever the reader's own is."""
    return label_or(key, lang, key.rpartition(".")[2].replace("_", " "))
