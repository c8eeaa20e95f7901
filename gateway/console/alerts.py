"""Alerts: rules, who is told, when not; what they have found."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from aiohttp import web

from gateway.api.given import amount_of
from gateway.api.problems import status_of
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding
from gateway.store.view_alert_rows import PARAMS, TARGET_KINDS, AlertRule, AlertTarget, FiringLine, QuietHours

TABLE = PageTable()
HISTORY = 50


def sentence(reader: Reader, line: FiringLine) -> str:
    """Return what was found, in the reader's words."""
    params = dict(line.params)
    if "partner" in params:
        params["partner"] = reader.words.partner(params["partner"])
    if "problem" in params:
        absent = params["problem"] == "document.overdue"
        params["problem"] = reader.words("problems.absent-short") if absent else reader.words.code(params["problem"])
    return reader.words.finding(Finding(code=line.code, params=tuple(sorted(params.items()))))


@TABLE.get("/alerts", "alerts.read")
async def alerts_page(reader: Reader) -> web.StreamResponse:
    views = reader.services.views
    firings = await reader.read(views.firings, None, HISTORY)
    return reader.page(
        "alerts.html",
        rules=await reader.read(views.alert_rules),
        firings=[(each, sentence(reader, each)) for each in firings],
        kinds=tuple(PARAMS),
    )


def _form_values(rule: AlertRule) -> dict[str, str]:
    quiet = rule.quiet
    return {
        "name": rule.name,
        "partner": rule.partner or "",
        "targets": "\n".join(" ".join(filter(None, (e.kind, e.address, e.secret))) for e in rule.targets),
        "quiet_start": quiet.start if quiet else "",
        "quiet_end": quiet.end if quiet else "",
        "zone": quiet.zone if quiet else "",
        "enabled": "yes" if rule.enabled else "",
        **{name: format(rule.param(name), "f") for name in PARAMS[rule.kind]},
    }


def _rule_page(
    reader: Reader, kind: str, rule_id: str, values: Mapping[str, str], fault: Fault | None = None, **more: Any
) -> web.Response:
    partners = reader.services.book().partners.values()
    named = ((each.id, reader.words.partner(each.id)) for each in partners if each.kind == "partner")
    return reader.page(
        "alert.html",
        status=status_of(fault.code) if fault else 200,
        kind=kind,
        rule_id=rule_id,
        values=values,
        fault=fault.as_finding() if fault else None,
        wrong=dict(fault.params).get("name", "") if fault else "",
        params=PARAMS[cast("Any", kind)],
        partners=sorted(named, key=lambda each: each[1]),
        target_kinds=TARGET_KINDS,
        zone=str(reader.words.zone),
        **{"firings": (), "open": 0, **more},
    )


@TABLE.get("/alerts/new", "alerts.write")
async def new_alert(reader: Reader) -> web.StreamResponse:
    kind = reader.query("kind")
    if kind not in PARAMS:
        raise web.HTTPSeeOther("/alerts")
    name = reader.words(f"alert-kind.{kind}")
    partner = reader.query("partner")
    return _rule_page(
        reader, kind, "", _form_values(AlertRule(id="", name=name, kind=cast("Any", kind), partner=partner or None))
    )


@TABLE.get("/alerts/{id}", "alerts.read")
async def alert_page(reader: Reader) -> web.StreamResponse:
    wanted = reader.request.match_info["id"]
    found = next((e for e in await reader.read(reader.services.views.alert_rules) if e.rule.id == wanted), None)
    if found is None:
        return not_found(reader, "alert rule", wanted)
    firings = await reader.read(reader.services.views.firings, wanted, HISTORY)
    told = [(each, sentence(reader, each)) for each in firings]
    return _rule_page(reader, found.rule.kind, wanted, _form_values(found.rule), firings=told, open=found.open)


@TABLE.post("/alerts/save", "alerts.write")
async def save(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    values = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    kind = values.get("kind", "")
    if kind not in PARAMS:
        raise OurFault("alert.bad-rule", name="kind", value=kind[:100], expected=", ".join(PARAMS))
    try:
        rule_id = await reader.services.actions.save_alert(_read(values, kind), reader.user)
    except Fault as fault:
        return _rule_page(reader, kind, values.get("id", ""), {**dict.fromkeys(_FIELDS, ""), **values}, fault)
    raise web.HTTPSeeOther(f"/alerts/{rule_id}?done=save")


_FIELDS = (
    "name",
    "partner",
    "targets",
    "quiet_start",
    "quiet_end",
    "zone",
    "enabled",
    *{n for k in PARAMS.values() for n in k},
)


def _read(values: Mapping[str, str], kind: str) -> AlertRule:
    """Read the form. Raises OurFault alert.bad-rule."""
    start, end = values.get("quiet_start", ""), values.get("quiet_end", "")
    quiet = QuietHours(start=start, end=end, zone=values.get("zone", "") or "UTC") if start or end else None
    return AlertRule(
        id=values.get("id", ""),
        name=values.get("name", ""),
        kind=cast("Any", kind),
        partner=values.get("partner") or None,
        params={name: _number(name, values.get(name, "")) for name in PARAMS[cast("Any", kind)] if values.get(name)},
        targets=tuple(_target(line) for line in values.get("targets", "").splitlines() if line.strip()),
        quiet=quiet,
        enabled=values.get("enabled") == "yes",
    )


def _number(name: str, text: str) -> Decimal:
    try:
        return amount_of(text, name)
    except OurFault:
        raise OurFault("alert.bad-rule", name=name, value=text[:100], expected="1.5") from None


def _target(line: str) -> AlertTarget:
    """Read "email ops@example.org" or "webhook https://… secret-name"; an address alone tells its kind."""
    words = line.split()
    if words[0] not in TARGET_KINDS:
        words.insert(0, "email" if "@" in words[0] and "://" not in words[0] else "webhook")
    if not 2 <= len(words) <= 3:
        raise OurFault("alert.bad-rule", name="targets", value=line[:100], expected="email ops@example.org")
    return AlertTarget(kind=cast("Any", words[0]), address=words[1], secret=words[2] if len(words) == 3 else None)


@TABLE.post("/alerts/{id}/test", "alerts.write")
async def test(reader: Reader) -> web.StreamResponse:
    rule_id = reader.request.match_info["id"]
    await reader.services.actions.test_alert(rule_id, reader.user)
    raise web.HTTPSeeOther(f"/alerts/{rule_id}?done=test")


@TABLE.post("/alerts/{id}/remove", "alerts.write")
async def remove(reader: Reader) -> web.StreamResponse:
    await reader.services.actions.remove_alert(reader.request.match_info["id"], reader.user)
    raise web.HTTPSeeOther("/alerts?done=remove")
