"""JSON: rules of alerts, who is told, and what they have found."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from gateway.api.given import amount_of, bad, needed, text_of
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.store.view_alert_rows import PARAMS, TARGET_KINDS, AlertRule, AlertTarget, FiringLine, QuietHours, RuleLine

TABLE = RouteTable()
_BAD = {400: "bad value"}


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
