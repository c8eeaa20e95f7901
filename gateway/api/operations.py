"""JSON: problems by cause, replays of many, queues and what is paused, alert rules."""

from collections.abc import Mapping
from typing import Any, cast

from gateway.api.given import moment_of, needed, text_of
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.ports.records import Bulk, HoldKind, ReplayFilter
from gateway.store.view_problem_rows import (
    PROBLEM_STATES,
    HoldLine,
    ProblemDetail,
    ProblemLine,
    ProblemPage,
    QueueLine,
    ReplayLine,
    ReplayResult,
)

TABLE = RouteTable()
HOLD_KINDS: tuple[HoldKind, ...] = ("partner", "channel", "type")
_BAD = {400: "bad value"}
_REASON = {"type": "string", "minLength": 1, "maxLength": 500}
_TEXT = {"type": "string", "maxLength": 2000}


# --- problems ---------------------------------------------------------------------------------------------------------


@TABLE.route(
    "GET",
    "/api/v1/problems",
    summary="What waits for a person, one line per cause, absent documents too; the largest first",
    permission="problems.read",
    query={
        "state": f"{', '.join(PROBLEM_STATES)}; without: all but resolved",
        "partner": "partner id",
        "owner": "who looks after it",
        "kind": "message, parcel, arrival, absent",
        "limit": "1 to 500, default 100",
    },
    responses=_BAD,
)
async def list_problems(call: Call) -> ProblemPage:
    return await call.read(
        call.services.views.problems,
        call.services.clock.now(),
        state=call.choice("state", PROBLEM_STATES),
        partner=call.query("partner"),
        owner=call.query("owner"),
        kind=call.choice("kind", ("message", "parcel", "arrival", "absent")),
        limit=call.number("limit", 100, 500),
    )


@TABLE.route(
    "GET",
    "/api/v1/problems/{id}",
    summary="One cause with the newest of what waits for it, and the values that were found wrong",
    permission="problems.read",
    responses=NOT_FOUND,
)
async def show_problem(call: Call) -> ProblemDetail:
    return await _problem(call)


async def _problem(call: Call) -> ProblemDetail:
    found = await call.read(call.services.views.problem, call.path("id"), call.services.clock.now())
    if found is None:
        raise OurFault("api.not-found", value=call.path("id"), kind="problem")
    return found


@TABLE.route(
    "PATCH",
    "/api/v1/problems/{id}",
    summary="Say something of a cause: who looks after it, a note, not before a time (snoozed), done with (resolved)",
    permission="problems.write",
    body={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "state": {"enum": list(PROBLEM_STATES)},
            "owner": {"type": "string", "maxLength": 100},
            "note": _TEXT,
            "until": {"type": "string", "format": "date-time"},
        },
    },
    responses={**NOT_FOUND, 400: "bad body", 409: "a time that is over"},
)
async def mark_problem(call: Call) -> ProblemLine:
    body = await call.body()
    line = (await _problem(call)).problem
    state = needed(body, "state", PROBLEM_STATES) if "state" in body else None
    await call.services.actions.mark_problem(
        line.partner,
        line.id,
        call.user,
        state=state,
        owner=text_of(body, "owner", 100, least=0),
        note=text_of(body, "note", 2000, least=0),
        until=moment_of(text_of(body, "until", 40, least=0), "until"),
    )
    return (await _problem(call)).problem


@TABLE.route(
    "POST",
    "/api/v1/problems/{id}/replay",
    summary="Replay everything that waits for a cause; runs by itself, see /api/v1/replays/{id}",
    permission="messages.replay",
    status=202,
    body={"type": "object", "required": ["reason"], "properties": {"reason": _REASON}},
    responses={**NOT_FOUND, 400: "bad body", 409: "nothing waits that could be replayed"},
)
async def replay_problem(call: Call) -> Bulk:
    body = await call.body()
    line = (await _problem(call)).problem
    return await call.services.actions.start_replay(replay_of(line), needed(body, "reason"), call.user)


def replay_of(line: ProblemLine) -> ReplayFilter:
    """Return what a replay of a cause takes. Raises OurFault problem.nothing-waits."""
    if line.kind == "absent" or not line.count:
        raise OurFault("problem.nothing-waits", value=line.id)
    unnamed = line.code.startswith("state.")
    return ReplayFilter(
        kind=line.kind,
        partner=line.partner,
        fault_code=None if unnamed else line.code,
        state=line.code.removeprefix("state.") if unnamed else None,
        place=line.place,
    )


@TABLE.route("GET", "/api/v1/replays", summary="Replays of many, newest first", permission="problems.read")
async def list_replays(call: Call) -> tuple[ReplayLine, ...]:
    return await call.read(call.services.views.replays, 100)


@TABLE.route(
    "GET",
    "/api/v1/replays/{id}",
    summary="How far a replay is, and what has become of what it took",
    permission="problems.read",
    responses=NOT_FOUND,
)
async def show_replay(call: Call) -> ReplayResult:
    return await call.one(call.services.views.replay_result, "replay")


@TABLE.route(
    "POST",
    "/api/v1/replays/{id}/cancel",
    summary="Stop a replay; what was put back until now is processed",
    permission="messages.replay",
    responses=NOT_FOUND,
)
async def cancel_replay(call: Call) -> Bulk:
    await show_replay(call)
    return await call.services.actions.cancel_replay(call.path("id"), call.user)


# --- queues and holds -------------------------------------------------------------------------------------------------


@TABLE.route(
    "GET",
    "/api/v1/queues",
    summary="What is on its way by partner and channel: waiting, oldest, next attempt, circuit breaker",
    permission="queues.read",
)
async def list_queues(call: Call) -> tuple[QueueLine, ...]:
    return await call.read(call.services.views.queues, call.services.clock.now())


@TABLE.route("GET", "/api/v1/holds", summary="What people have paused, since when and why", permission="queues.read")
async def list_holds(call: Call) -> tuple[HoldLine, ...]:
    return await _holds(call)


async def _holds(call: Call) -> tuple[HoldLine, ...]:
    return await call.read(call.services.views.holds)


@TABLE.route(
    "POST",
    "/api/v1/holds",
    summary="Pause a partner, a channel or a document type; receiving goes on",
    permission="work.pause",
    body={
        "type": "object",
        "required": ["kind", "key", "reason"],
        "properties": {
            "kind": {"enum": list(HOLD_KINDS)},
            "key": {"type": "string", "description": "partner id; as2, http, ...; ORDERS or Order"},
            "reason": _REASON,
        },
    },
    responses={400: "bad body"},
)
async def pause(call: Call) -> tuple[HoldLine, ...]:
    body = await call.body()
    kind = cast("HoldKind", needed(body, "kind", HOLD_KINDS))
    key = needed(body, "key")
    check_key(kind, key, call.services.book().partners)
    await call.services.actions.pause(kind, key, needed(body, "reason"), call.user)
    return await _holds(call)


def check_key(kind: str, key: str, partners: Mapping[str, Any]) -> None:
    """Raises OurFault api.bad-value for a partner or a channel that is not known."""
    if len(key) > 100:
        raise OurFault("api.bad-value", name="key", value=key[:100], expected="100")
    if kind == "partner" and key not in partners:
        raise OurFault("api.bad-value", name="key", value=key, expected=", ".join(sorted(partners)[:20]))
    channels = {each for partner in partners.values() for each in partner.channels}
    if kind == "channel" and key not in channels:
        raise OurFault("api.bad-value", name="key", value=key, expected=", ".join(sorted(channels)))


@TABLE.route(
    "DELETE",
    "/api/v1/holds/{kind}/{key}",
    summary="Go on with what was paused; what waited is processed in its order",
    permission="work.pause",
    responses={400: "bad value", 409: "not paused"},
)
async def resume(call: Call) -> tuple[HoldLine, ...]:
    kind = call.path("kind")
    if kind not in HOLD_KINDS:
        raise OurFault("api.bad-value", name="kind", value=kind[:100], expected=", ".join(HOLD_KINDS))
    await call.services.actions.resume(kind, call.path("key"), call.user)
    return await _holds(call)
