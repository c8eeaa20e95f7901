"""Faults as RFC 9457 problem documents: code, sentence, cure and the places in the file."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from gateway.api.rendering import dumps, jsonable
from gateway.model.faults import Fault
from gateway.model.findings import Finding
from gateway.texts import catalogue
from gateway.texts.catalogue import Lang

_STATUS: Mapping[str, int] = {
    "api.bad-cursor": 400,
    "api.bad-value": 400,
    "api.bad-body": 400,
    "api.bad-form": 400,
    "api.not-found": 404,
    "api.too-large": 413,
    "api.no-such-address": 404,
    "api.internal": 500,
    "access.not-signed-in": 401,
    "access.forbidden": 403,
    "access.csrf": 403,
    "access.portal-only": 403,
    "access.console-only": 403,
    "access.not-for-some-partners": 403,
    "access.link-used": 403,
    "access.wrong-password": 403,
    "access.wrong-code": 403,
    "access.too-many-tries": 429,
    "access.bad-name": 400,
    "access.fields-unknown": 400,
    "access.scopes-unknown": 400,
    "access.role-unknown": 400,
    "access.password-weak": 400,
    "access.passwords-differ": 400,
    "access.key-name": 400,
    "access.key-ended": 400,
    "access.user-unknown": 404,
    "access.needs-person": 403,
    "access.own-role": 409,
    "crm.value-wrong": 400,
    "crm.account-unknown": 404,
    "crm.contact-unknown": 404,
    "crm.decision-unknown": 404,
    "crm.party-unknown": 404,
    "crm.task-unknown": 404,
    "crm.register-unknown": 404,
    "crm.entry-unknown": 404,
    "crm.entry-wrong": 400,
    "matrix.setting-wrong": 400,
    "survey.answer-wrong": 400,
    "report.unknown": 404,
    "plan.backtest-unknown": 404,
    "plan.backtest-wrong": 400,
    "api.bad-key": 400,
    "console.view-name": 400,
    "console.reason-missing": 400,
    "console.nothing-edited": 400,
    "console.not-in-charset": 400,
    "api.key-reused": 422,
    "api.call-running": 409,
    "api.changed-since": 412,
    "api.no-condition": 400,
    "api.too-many": 429,
    "api.not-ready": 503,
}


def status_of(code: str) -> int:
    """Not found is 404 whoever says it; any other refusal of an action is a conflict with how things stand."""
    return _STATUS.get(code, 404 if code.endswith("not-found") else 409)


def language_of(request: web.Request, default: str = "en") -> Lang:
    """The language asked for by the Accept-Language header; zh of any kind is zh-CN."""
    wanted = request.headers.get("Accept-Language", "")
    for part in wanted.split(","):
        tag = part.partition(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "zh-CN" if default == "zh-CN" else "en"


def position(finding: Finding, lang: Lang) -> dict[str, Any]:
    """Return one finding with its place, for the member `positions`."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "text": catalogue.text(finding, lang),
        "cure": catalogue.cure(finding, lang),
        **jsonable(finding.where),
        **({"value": finding.value} if finding.value is not None else {}),
    }


def problem(fault: Fault, lang: Lang, status: int | None = None) -> web.Response:
    """Return fault as application/problem+json."""
    finding = fault.as_finding()
    code_status = status or status_of(fault.code)
    body = {
        "type": f"/errors/{fault.code}",
        "title": catalogue.text(finding, lang),
        "status": code_status,
        "detail": catalogue.cure(finding, lang),
        "code": fault.code,
        "owner": fault.owner,
        "positions": [position(each, lang) for each in fault.findings],
    }
    headers: dict[str, str] = {"Content-Language": lang}
    if code_status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="gateway"'
    if code_status == 429:
        headers["Retry-After"] = dict(finding.params).get("seconds", "1")
    return web.Response(status=code_status, text=dumps(body), content_type="application/problem+json", headers=headers)
