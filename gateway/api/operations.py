"""JSON: problems by cause, replays of many, queues and what is paused, alert rules."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from gateway.api.given import amount_of, bad, moment_of, needed, text_of
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.ports.records import Bulk, HoldKind, ReplayFilter
from gateway.store.view_alert_rows import PARAMS, TARGET_KINDS, AlertRule, AlertTarget, FiringLine, QuietHours, RuleLine
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


# --- alerts -----------------------------------------------------------------------------------------------------------

_RULE = {
    "type": "object",
    "required": ["name", "kind"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "kind": {"enum": list(PARAMS)},
        "partner": {"type": ["string", "null"], "description": "partner id; null: every partner"},
        "params": {"type": "object", "additionalProperties": {"type": "string"}},
        "targets": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "required": ["kind", "address"],
                "properties": {
                    "kind": {"enum": list(TARGET_KINDS)},
                    "address": {"type": "string"},
                    "secret": {"type": ["string", "null"], "description": "name of the secret that signs a webhook"},
                },
            },
        },
        "quiet": {
            "type": ["object", "null"],
            "required": ["start", "end", "zone"],
            "properties": {name: {"type": "string"} for name in ("start", "end", "zone")},
        },
        "enabled": {"type": "boolean"},
    },
}


def _rule(body: Mapping[str, Any], rule_id: str) -> AlertRule:
    """Read a rule. Raises OurFault api.bad-value; what its values mean is checked by the shell."""
    quiet, enabled = body.get("quiet"), body.get("enabled", True)
    if not isinstance(enabled, bool):
        raise OurFault("api.bad-value", name="enabled", value=str(enabled)[:100], expected="true, false")
    if quiet is not None and not isinstance(quiet, dict):
        raise OurFault("api.bad-value", name="quiet", value=str(quiet)[:100], expected="start, end, zone")
    return AlertRule(
        id=rule_id,
        name=needed(body, "name"),
        kind=cast("Any", needed(body, "kind", tuple(PARAMS))),
        partner=text_of(body, "partner", 100, least=0) or None,
        params=_params(body.get("params") or {}),
        targets=_targets(body.get("targets") or []),
        quiet=None if quiet is None else QuietHours(**{name: needed(quiet, name) for name in ("start", "end", "zone")}),
        enabled=enabled,
    )


def _params(given: Any) -> Mapping[str, Decimal]:
    if not isinstance(given, dict) or len(given) > 20:
        raise bad("params", given, "an object of numbers as text")
    return {str(name)[:40]: amount_of(value, str(name)) for name, value in given.items()}


def _targets(given: Any) -> tuple[AlertTarget, ...]:
    if not isinstance(given, list) or len(given) > 20 or not all(isinstance(each, dict) for each in given):
        raise OurFault("api.bad-value", name="targets", value=str(given)[:100], expected="a list of kind and address")
    return tuple(
        AlertTarget(
            kind=cast("Any", needed(each, "kind", TARGET_KINDS)),
            address=needed(each, "address"),
            secret=text_of(each, "secret", 100, least=0) or None,
        )
        for each in given
    )


@TABLE.route("GET", "/api/v1/alerts", summary="Alert rules", permission="alerts.read")
async def list_alerts(call: Call) -> tuple[RuleLine, ...]:
    return await _rules(call)


async def _rules(call: Call) -> tuple[RuleLine, ...]:
    return await call.read(call.services.views.alert_rules)


async def _known(call: Call, rule_id: str) -> RuleLine:
    found = next((each for each in await _rules(call) if each.rule.id == rule_id), None)
    if found is None:
        raise OurFault("api.not-found", value=rule_id, kind="alert rule")
    return found


@TABLE.route("GET", "/api/v1/alerts/{id}", summary="One alert rule", permission="alerts.read", responses=NOT_FOUND)
async def show_alert(call: Call) -> RuleLine:
    return await _known(call, call.path("id"))


@TABLE.route(
    "POST",
    "/api/v1/alerts",
    summary="Add an alert rule",
    permission="alerts.write",
    status=201,
    body=_RULE,
    responses={400: "bad body", 409: "a value that cannot be"},
)
async def add_alert(call: Call) -> RuleLine:
    rule_id = await call.services.actions.save_alert(_rule(await call.body(), ""), call.user)
    return await _known(call, rule_id)


@TABLE.route(
    "PUT",
    "/api/v1/alerts/{id}",
    summary="Change an alert rule",
    permission="alerts.write",
    body=_RULE,
    responses={**NOT_FOUND, 400: "bad body", 409: "a value that cannot be"},
)
async def change_alert(call: Call) -> RuleLine:
    await _known(call, call.path("id"))
    await call.services.actions.save_alert(_rule(await call.body(), call.path("id")), call.user)
    return await _known(call, call.path("id"))


@TABLE.route(
    "DELETE",
    "/api/v1/alerts/{id}",
    summary="Take an alert rule away; its history stays",
    permission="alerts.write",
    responses=NOT_FOUND,
)
async def remove_alert(call: Call) -> tuple[RuleLine, ...]:
    await _known(call, call.path("id"))
    await call.services.actions.remove_alert(call.path("id"), call.user)
    return await _rules(call)


@TABLE.route(
    "POST",
    "/api/v1/alerts/{id}/test",
    summary="Tell every target of a rule that this is a test",
    permission="alerts.write",
    status=202,
    responses=NOT_FOUND,
)
async def test_alert(call: Call) -> tuple[FiringLine, ...]:
    await _known(call, call.path("id"))
    await call.services.actions.test_alert(call.path("id"), call.user)
    return await call.read(call.services.views.firings, call.path("id"), 1)


@TABLE.route(
    "GET",
    "/api/v1/firings",
    summary="What alert rules have found, newest first, and who was told",
    permission="alerts.read",
    query={"rule": "id of a rule", "limit": "1 to 500, default 100"},
    responses=_BAD,
)
async def list_firings(call: Call) -> tuple[FiringLine, ...]:
    return await call.read(call.services.views.firings, call.query("rule"), call.number("limit", 100, 500))
