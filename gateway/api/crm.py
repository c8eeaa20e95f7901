"""JSON: accounts with measures, what happened, cases with their course, rules and what they would have done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.api.given import moment_of, needed
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.domain.crm.cases import TYPES
from gateway.domain.crm.rules import Rule, Trial
from gateway.model.faults import OurFault
from gateway.store.crm_rules import rule_data, rule_of
from gateway.store.view_crm_rows import AccountRecord, CaseRecord, CaseView, EventView

TABLE = RouteTable()
MOST = 200
_BAD = {400: "bad value"}
_VALUES = ("owner", "urgency", "cause", "measure", "note")
_TEXT = {"type": "string", "maxLength": 2000}
_RULE_BODY = {
    "type": "object",
    "required": ["opensOn"],
    "properties": {
        "opensOn": {"type": "array", "items": {"type": "string", "maxLength": 100}, "maxItems": 50},
        "closesOn": {"type": "array", "items": {"type": "string", "maxLength": 100}, "maxItems": 50},
        "conditions": {"type": "array", "items": {"type": "object"}, "maxItems": 50},
        "direction": {"type": ["string", "null"], "enum": ["customer", "supplier", None]},
        "caseType": {"type": "string", "enum": list(TYPES)},
        "urgency": {"type": "string", "enum": ["low", "normal", "high", "critical"]},
        "by": {"type": "string", "enum": ["subject", "account", "month"]},
        "owner": _TEXT,
        "active": {"type": "boolean"},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswer:
    """A rule of cases as it stands, in the form in which it is sent."""

    id: str
    version: int
    active: bool
    rule: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAnswer:
    """What a rule would have done with everything so far. examples: account and subject of cases it would open."""

    rule: str
    events: int
    opened: int
    repeated: int
    closed: int
    still_open: int
    accounts: int
    examples: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionAnswer:
    """A rule and the version of it that is now in force."""

    id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """measures: how many were reckoned anew."""

    measures: int


@TABLE.route("GET", "/api/v1/records", summary="Accounts with their main measures", permission="accounts.read")
async def list_records(call: Call) -> tuple[AccountRecord, ...]:
    return await call.read(call.services.views.account_records)


@TABLE.route(
    "GET",
    "/api/v1/records/{id}",
    summary="One account with every measure and what it was made of",
    permission="accounts.read",
    responses=NOT_FOUND,
)
async def show_record(call: Call) -> AccountRecord:
    return await call.one(call.services.views.account_record, "account")


@TABLE.route(
    "GET",
    "/api/v1/records/{id}/events",
    summary="What happened with an account, the latest first",
    permission="accounts.read",
    query={"kind": "only events of this kind", "before": "at of the last one seen", "beforeId": "its id"},
    responses=_BAD,
)
async def list_events(call: Call) -> tuple[EventView, ...]:
    before = call.query("before")
    last: tuple[datetime, str] | None = None
    if (at := moment_of(before, "before")) is not None:
        last = (at, call.query("beforeId") or "")
    return await call.read(call.services.views.account_events, call.path("id"), last, MOST, call.query("kind") or None)


@TABLE.route(
    "GET",
    "/api/v1/crm/cases",
    summary="Cases, the most urgent first and of these the oldest",
    permission="cases.read",
    query={"account": "only of this account", "type": ", ".join(TYPES), "all": "yes: those that are over too"},
    responses=_BAD,
)
async def list_crm_cases(call: Call) -> tuple[CaseView, ...]:
    return await call.read(
        call.services.views.crm_cases,
        account=call.query("account") or None,
        case_type=call.choice("type", TYPES),
        open_only=call.query("all") != "yes",
    )


@TABLE.route(
    "GET",
    "/api/v1/crm/cases/{id}",
    summary="One case: its course against what was promised, its documents, what people did",
    permission="cases.read",
    responses=NOT_FOUND,
)
async def show_case(call: Call) -> CaseRecord:
    return await show_case_of(call, call.path("id"))


async def show_case_of(call: Call, case: str) -> CaseRecord:
    """Return a case with its course. Raises OurFault api.not-found."""
    zone, now = ZoneInfo(call.services.settings.zone), call.services.clock.now()
    found = await call.read(call.services.views.crm_case, case, zone, now)
    if found is None:
        raise OurFault("api.not-found", value=case[:200], kind="case")
    return found


@TABLE.route(
    "POST",
    "/api/v1/crm/cases/{id}/acts",
    summary="Do a step with a case",
    permission="cases.write",
    body={
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string", "maxLength": 20}, **dict.fromkeys(_VALUES, _TEXT)},
    },
    responses={**NOT_FOUND, **_BAD},
)
async def add_act(call: Call) -> CaseRecord:
    body = await call.body()
    kind = needed(body, "kind")
    values = {name: str(body[name]) for name in _VALUES if isinstance(body.get(name), str)}
    await call.services.actions.case_act(call.path("id"), kind, call.user, values)
    return await show_case(call)


@TABLE.route("GET", "/api/v1/crm/rules", summary="The rules in force", permission="cases.read")
async def list_rules(call: Call) -> tuple[RuleAnswer, ...]:
    rules = await call.read(call.services.views.crm_rules)
    return tuple(
        RuleAnswer(id=each.id, version=each.version, active=each.active, rule=rule_data(each)) for each in rules
    )


async def _rule(call: Call) -> Rule:
    body = await call.body()
    try:
        return rule_of(call.path("id"), dict(body), active=body.get("active", True) is not False)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise OurFault("crm.rule-wrong", value=str(wrong)[:80], field="rule") from wrong


@TABLE.route(
    "POST",
    "/api/v1/crm/rules/{id}/trial",
    summary="What a rule would have done with everything so far; nothing is changed",
    permission="cases.read",
    body=_RULE_BODY,
    responses=_BAD,
)
async def try_rule(call: Call) -> TrialAnswer:
    found: Trial = await call.read(call.services.views.try_rule, await _rule(call))
    return TrialAnswer(
        rule=found.rule,
        events=found.events,
        opened=found.opened,
        repeated=found.repeated,
        closed=found.closed,
        still_open=found.still_open,
        accounts=found.accounts,
        examples=tuple({"account": each.event.account, "subject": each.event.subject} for each in found.examples),
    )


@TABLE.route(
    "PUT",
    "/api/v1/crm/rules/{id}",
    summary="Bring a version of a rule into force; cases are made anew by it",
    permission="rules.write",
    body=_RULE_BODY,
    responses=_BAD,
)
async def save_rule(call: Call) -> VersionAnswer:
    rule = await _rule(call)
    return VersionAnswer(id=rule.id, version=await call.services.actions.save_crm_rule(rule, call.user))


@TABLE.route("POST", "/api/v1/crm/measures", summary="Compute every measure now", permission="rules.write")
async def measure(call: Call) -> Counted:
    return Counted(measures=await call.services.actions.measure_accounts(call.user))
