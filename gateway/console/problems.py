"""Problems: one line per cause; taken in hand, put off, resolved, and all that waits replayed with three clicks."""

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from markupsafe import Markup

from gateway.api.given import is_count
from gateway.api.operations import replay_of
from gateway.api.problems import status_of
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.console.words import Words
from gateway.model.faults import Fault, OurFault
from gateway.store.view_problem_rows import PROBLEM_STATES, ProblemDetail, ProblemLine

TABLE = PageTable()
SHOWN = 50
SNOOZES = {"4h": timedelta(hours=4), "1d": timedelta(days=1), "3d": timedelta(days=3), "7d": timedelta(days=7)}
ITEM_CODES = frozenset(("item.unknown", "mapping.item-unknown"))  # mended by adding the item that was named
_HEIGHT, _STEP = 18, 8


def cause(line: ProblemLine, words: Words) -> str:
    """Return what is wrong as one sentence: with its values where one message alone waits, else without them."""
    if line.kind == "absent":
        return words("problems.absent", document=words.term("type", line.place))
    if line.count == 1 and line.fault is not None and line.fault.code == line.code:
        return words.finding(line.fault)
    return words.code(line.code)


def place(line: ProblemLine, words: Words) -> str:
    return "" if line.kind == "absent" else line.place


def spark(trend: tuple[int, ...], words: Words) -> Markup:
    """Return the last seven days as bars, with the figures as text for whoever does not see them."""
    most = max(trend, default=0) or 1
    bars = Markup("").join(
        Markup('<rect x="{}" y="{}" width="6" height="{}"/>').format(n * _STEP, _HEIGHT - height, height)
        for n, count in enumerate(trend)
        for height in [max(1, round(count * _HEIGHT / most))]
    )
    text = words("problems.trend-text", figures=", ".join(str(each) for each in trend))
    box = f"0 0 {len(trend) * _STEP} {_HEIGHT}"
    return Markup('<svg class="spark" viewBox="{}" role="img" aria-label="{}">{}</svg>').format(box, text, bars)


def _start(reader: Reader) -> int:
    given = reader.query("start")
    return int(given) if is_count(given, 6) else 0


@TABLE.get("/problems", "problems.read")
async def problems_page(reader: Reader) -> web.StreamResponse:
    state = reader.query("state") if reader.query("state") in PROBLEM_STATES else None
    partner, owner, start = reader.query("partner") or None, reader.query("owner") or None, _start(reader)
    views, now = reader.services.views, reader.words.now
    page = await reader.read(views.problems, now, state=state, partner=partner, owner=owner, start=start, limit=SHOWN)
    return reader.page(
        "problems.html",
        page=page,
        state=state,
        partner=partner,
        owner=owner,
        partners=[(each, reader.words.partner(each)) for each in page.partners],
        owners=[(each, each) for each in page.owners],
        next=str(start + SHOWN) if page.more else None,
        start=start,
        cause=cause,
        place=place,
        spark=spark,
        replays=[each for each in await reader.read(views.replays, 5) if each.state == "running"],
    )


async def _detail(reader: Reader) -> ProblemDetail | None:
    wanted = reader.request.match_info["id"]
    return await reader.read(reader.services.views.problem, wanted, reader.words.now)


@TABLE.get("/problems/{id}", "problems.read")
async def problem_page(reader: Reader) -> web.StreamResponse:
    return await _problem_page(reader)


async def _problem_page(reader: Reader, fault: Fault | None = None) -> web.StreamResponse:
    detail = await _detail(reader)
    if detail is None:
        return not_found(reader, "problem", reader.request.match_info["id"])
    line = detail.problem
    types = sorted({each.document_type or each.type for each in detail.lines})
    return reader.page(
        "problem.html",
        status=status_of(fault.code) if fault else 200,
        fault=fault.as_finding() if fault else None,
        problem=line,
        detail=detail,
        cause=cause(line, reader.words),
        place=place(line, reader.words),
        spark=spark,
        types=types,
        addable=line.code in ITEM_CODES and reader.may("items.write"),
        snoozes=[(key, reader.words(f"problems.snooze-{key}")) for key in SNOOZES],
    )


@dataclass(frozen=True, slots=True)
class _Form:
    reader: Reader

    async def text(self, name: str) -> str:
        given = (await self.reader.request.post()).get(name)
        return given.strip() if isinstance(given, str) else ""


@TABLE.post("/problems/{id}/mark", "problems.write")
async def mark(reader: Reader) -> web.StreamResponse:
    detail = await _detail(reader)
    if detail is None:
        return not_found(reader, "problem", reader.request.match_info["id"])
    line, form = detail.problem, _Form(reader)
    act, actions = reader.services.actions.mark_problem, await form.text("do")
    if actions == "take":
        await act(line.partner, line.id, reader.user, owner=reader.user, state=_taken(line))
    elif actions == "release":
        await act(line.partner, line.id, reader.user, owner="")
    elif actions == "note":
        await act(line.partner, line.id, reader.user, note=await form.text("note"))
    elif actions == "snooze":
        wait = SNOOZES.get(await form.text("for"), SNOOZES["1d"])
        await act(line.partner, line.id, reader.user, state="snoozed", until=reader.words.now + wait)
    elif actions in ("resolve", "reopen"):
        state = "resolved" if actions == "resolve" else "open"
        await act(line.partner, line.id, reader.user, state=state)
    else:
        raise OurFault("api.bad-value", name="do", value=actions[:100], expected="take, release, note, snooze, resolve")
    raise web.HTTPSeeOther(f"/problems/{line.id}?done=mark")


def _taken(line: ProblemLine) -> str | None:
    """Who takes an open cause in hand has seen it."""
    return "acknowledged" if line.state == "open" else None


@TABLE.post("/problems/{id}/replay", "messages.replay")
async def replay_all(reader: Reader) -> web.StreamResponse:
    detail = await _detail(reader)
    if detail is None:
        return not_found(reader, "problem", reader.request.match_info["id"])
    reason = await _Form(reader).text("reason")
    try:
        if not reason:
            raise OurFault("api.bad-value", name="reason", value="", expected=reader.words("problems.reason"))
        bulk = await reader.services.actions.start_replay(replay_of(detail.problem), reason[:500], reader.user)
    except Fault as fault:
        return await _problem_page(reader, fault)
    raise web.HTTPSeeOther(f"/replays/{bulk.id}")


@TABLE.get("/replays/{id}", "problems.read")
async def replay_page(reader: Reader) -> web.StreamResponse:
    found = await reader.read(reader.services.views.replay_result, reader.request.match_info["id"])
    if found is None:
        return not_found(reader, "replay", reader.request.match_info["id"])
    states = sorted(found.states.items(), key=lambda each: (-each[1], each[0]))
    return reader.page("replay.html", result=found, replay=found.replay, states=states)


@TABLE.post("/replays/{id}/cancel", "messages.replay")
async def cancel(reader: Reader) -> web.StreamResponse:
    replay_id = reader.request.match_info["id"]
    await reader.services.actions.cancel_replay(replay_id, reader.user)
    raise web.HTTPSeeOther(f"/replays/{replay_id}?done=cancel")
