"""Queues: what is on its way to and from each partner, and what people have paused."""

from dataclasses import dataclass

from aiohttp import web

from gateway.api.operations import HOLD_KINDS, check_key
from gateway.console.pages import PageTable
from gateway.console.reader import Reader
from gateway.model.faults import OurFault
from gateway.ports.records import HoldKind
from gateway.store.view_problem_rows import HoldLine, QueueLine

TABLE = PageTable()


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue with what holds it back. health: paused, shut-off, slow, moving or idle."""

    line: QueueLine
    hold: HoldLine | None
    health: str


def _health(line: QueueLine, hold: HoldLine | None) -> str:
    if hold is not None:
        return "paused"
    if line.open_until is not None:
        return "shut-off"
    if line.failures:
        return "failing"
    return "moving" if line.waiting or line.sent_1h else "idle"


def _queues(lines: tuple[QueueLine, ...], holds: tuple[HoldLine, ...]) -> list[Queue]:
    by = {(each.kind, each.key): each for each in holds}
    found = []
    for line in lines:
        hold = by.get(("partner", line.partner)) or by.get(("channel", line.channel))
        found.append(Queue(line=line, hold=hold, health=_health(line, hold)))
    order = ("paused", "shut-off", "failing", "moving", "idle")
    return sorted(found, key=lambda each: order.index(each.health))


@TABLE.get("/queues", "queues.read")
async def queues_page(reader: Reader) -> web.StreamResponse:
    views = reader.services.views
    lines = await reader.read(views.queues, reader.words.now)
    holds = await reader.read(views.holds)
    partners = reader.services.book().partners
    channels = sorted({each for partner in partners.values() for each in partner.channels})
    types = sorted({each.message_type for partner in partners.values() for each in partner.agreements})
    return reader.page(
        "queues.html",
        queues=_queues(lines, holds),
        holds=holds,
        waiting=sum(each.waiting for each in lines),
        oldest=min((each.oldest_at for each in lines if each.oldest_at), default=None),
        failing=sum(1 for each in lines if each.failures),
        stoppable=[
            (f"{kind} {key}", f"{reader.words(f'hold.{kind}')} {key}")
            for kind, keys in (("channel", channels), ("type", types))
            for key in keys
            if (kind, key) not in {(each.kind, each.key) for each in holds}
        ],
    )


async def _text(reader: Reader, name: str, longest: int) -> str:
    given = (await reader.request.post()).get(name)
    text = given.strip() if isinstance(given, str) else ""
    if not text or len(text) > longest:
        raise OurFault("api.bad-value", name=name, value=text[:100], expected=f"1-{longest}")
    return text


async def _what(reader: Reader) -> tuple[HoldKind, str]:
    """Return what shall be paused or go on, as "partner nordmarkt", "channel as2" or "type ORDERS"."""
    kind, _, key = (await _text(reader, "what", 121)).partition(" ")
    if kind not in HOLD_KINDS or not key:
        raise OurFault("api.bad-value", name="what", value=kind, expected=", ".join(HOLD_KINDS))
    return kind, key


@TABLE.post("/queues/pause", "work.pause")
async def pause(reader: Reader) -> web.StreamResponse:
    kind, key = await _what(reader)
    check_key(kind, key, reader.services.book().partners)
    await reader.services.actions.pause(kind, key, await _text(reader, "reason", 500), reader.user)
    raise web.HTTPSeeOther("/queues?done=pause")


@TABLE.post("/queues/resume", "work.pause")
async def resume(reader: Reader) -> web.StreamResponse:
    kind, key = await _what(reader)
    await reader.services.actions.resume(kind, key, reader.user)
    raise web.HTTPSeeOther("/queues?done=resume")
