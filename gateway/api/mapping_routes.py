"""JSON: mappings being written, tried, published, rolled back; back-tests; which version read what; lookup tables."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from gateway.api.given import is_count, moment_of
from gateway.api.mapping_editor import (
    CaseResult,
    LookupView,
    Published,
    Publishing,
    Shared,
    Sharing,
    VersionPage,
    Word,
)
from gateway.api.messages import NOT_FOUND, Taken
from gateway.api.partner_desk import Edit
from gateway.api.routes import Call, RouteTable
from gateway.config.editor_view import Proposal, RuleLine
from gateway.config.preview import Covered
from gateway.config.sample_values import SampleValue
from gateway.mapping.differences import Difference
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.store.view_mappings import BackTest, MappingPlan, MappingVersion

TABLE = RouteTable()
TEXT_LIMIT = 256_000
TABLE_LIMIT_BYTES = 6_000_000
BASE = "/api/v1/partners/{id}/mappings/{family}/{type}"
_BAD = {**NOT_FOUND, 400: "bad value", 409: "it cannot be so, or was changed since"}
_REASON = {"type": "string", "maxLength": 500}
_TEXT = {"type": "string", "maxLength": TEXT_LIMIT}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAnswer:
    """text: of the caller's draft, else of what is in force. stale: others have published since it was begun.
    sample: id of the message that it is tried on."""

    partner: str
    mapping: str
    document: str
    path: str
    text: str
    saved_at: datetime | None
    stale: bool
    sample: str
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewAnswer:
    """What a text makes of the sample. digest: of its rules, "" when it does not compile. before: of the version in
    force. document: canonical, the first elements of each list; output: written again by the text."""

    findings: tuple[Finding, ...]
    digest: str
    good: bool
    good_before: bool | None
    document: dict[str, Any] | None
    output: str | None
    differences: tuple[Difference, ...]
    told: tuple[Finding, ...]
    coverage: Covered
    values: tuple[SampleValue, ...]
    proposed: tuple[Proposal, ...]
    microseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TestBegun:
    """id: of the test that has begun."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """rules: with - and + in front."""

    rules: tuple[str, ...]


def _which(call: Call) -> tuple[str, str]:
    """Return partner and mapping of the address. Raises OurFault api.not-found."""
    partner, seen = call.path("id"), call.caller.partners
    known = call.services.book().partners.get(partner)
    if known is None or known.kind == "self" or (seen is not None and partner not in seen):
        raise OurFault("api.not-found", value=partner, kind="partner")
    name = f"{call.path('family')}/{call.path('type')}" if "family" in call.request.match_info else ""
    return partner, name


def _said(body: Any, name: str, *, most: int = 500, needed: bool = False) -> str:
    """Raises OurFault api.bad-value."""
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > most or "\0" in value or (needed and not value):
        raise OurFault("api.bad-value", name=name, value=str(value)[:100], expected="text")
    return value


def _count(body: Any, name: str, default: int, most: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise OurFault("api.bad-value", name=name, value=str(value)[:40], expected=f"0-{most}")
    return value


def _number(call: Call) -> int:
    text = call.path("number")
    if not is_count(text, 7):
        raise OurFault("api.bad-value", name="number", value=text[:40], expected="1, 2, ...")
    return int(text)


@TABLE.route("GET", f"{BASE}/draft", summary="Your draft of a partner's own layer, or what is in force",
             permission="mappings.write", responses=_BAD)  # fmt: skip
async def show_draft(call: Call) -> DraftAnswer:
    partner, name = _which(call)
    page = await call.read(call.services.editor.page, partner, name, call.user)
    return DraftAnswer(
        partner=partner, mapping=name, document=page.document, path=page.path, text=page.text, saved_at=page.saved_at,
        stale=page.stale, sample=page.sample.id, rules=page.look.rules,
    )  # fmt: skip


@TABLE.route(
    "PUT", f"{BASE}/draft", summary="Keep a draft", permission="mappings.write", responses=_BAD,
    body={"type": "object", "properties": {"text": _TEXT, "sample": _REASON}, "required": ["text"]},
)  # fmt: skip
async def keep_draft(call: Call) -> DraftAnswer:
    partner, name = _which(call)
    body = await call.body()
    text = _said(body, "text", most=TEXT_LIMIT, needed=True)
    await call.read(call.services.editor.save, partner, name, text, call.user, _said(body, "sample", most=36))
    return await show_draft(call)


@TABLE.route("DELETE", f"{BASE}/draft", summary="Drop your draft", permission="mappings.write", responses=_BAD)
async def drop_draft(call: Call) -> Taken:
    partner, name = _which(call)
    await call.read(call.services.editor.discard, partner, name, call.user)
    return Taken(id=name)


@TABLE.route(
    "POST", f"{BASE}/preview", summary="What a text of the partner's layer makes of a stored message; changes nothing",
    permission="mappings.write", responses=_BAD,
    body={"type": "object", "properties": {"text": _TEXT, "sample": _REASON}, "required": ["text"]},
)  # fmt: skip
async def preview(call: Call) -> PreviewAnswer:
    partner, name = _which(call)
    body = await call.body()
    text = _said(body, "text", most=TEXT_LIMIT, needed=True)
    look = await call.read(call.services.editor.look, partner, name, text, _said(body, "sample", most=36))
    first = look.preview.messages[0] if look.preview.messages else None
    return PreviewAnswer(
        findings=look.preview.findings,
        digest=look.preview.digest,
        good=first.good if first else False,
        good_before=first.good_before if first else None,
        document=dict(first.document) if first and first.document is not None else None,
        output=first.output if first else None,
        differences=first.differences if first else (),
        told=first.findings if first else (),
        coverage=look.preview.coverage,
        values=look.values,
        proposed=look.proposed,
        microseconds=look.preview.microseconds,
    )


@TABLE.route("GET", f"{BASE}/words", summary="Legal fields and paths, with what they are", permission="mappings.read",
             query={"language": "en or zh-CN", "below": "paths of an XML document from there on, ending in /",
                    "sample": "a message whose values tell the paths where no schema does"},
             responses=_BAD)  # fmt: skip
async def words(call: Call) -> tuple[Word, ...]:
    partner, name = _which(call)
    language = call.choice("language", ("en", "zh-CN")) or "en"
    below, sample = (call.query("below") or "")[:500], (call.query("sample") or "")[:36]
    return await call.read(call.services.editor.words, partner, name, language, below, sample)


@TABLE.route("GET", f"{BASE}/publishing", summary="What publishing your draft would change, and what stops it",
             permission="mappings.write", responses=_BAD)  # fmt: skip
async def publishing(call: Call) -> Publishing:
    partner, name = _which(call)
    return await call.read(call.services.editor.publishing, partner, name, call.user)


@TABLE.route(
    "POST", f"{BASE}/publish", summary="Bring your draft into force, now or at a time",
    permission="mappings.write", responses=_BAD,
    body={"type": "object", "properties": {"reason": _REASON, "at": {"type": "string", "format": "date-time"},
                                           "over": {"type": "boolean"}}},
)  # fmt: skip
async def publish(call: Call) -> Published:
    partner, name = _which(call)
    body = await call.body()
    at = moment_of(_said(body, "at") or None, "at")
    over = body.get("over", False) is True
    return await call.read(
        call.services.editor.publish, partner, name, call.user, _said(body, "reason"), at=at, over=over
    )


@TABLE.route("GET", f"{BASE}/versions", summary="Versions of a partner's mapping, with what they read in 90 days",
             permission="mappings.read", responses=_BAD)  # fmt: skip
async def versions(call: Call) -> tuple[MappingVersion, ...]:
    return await call.read(call.services.editor.versions, *_which(call))


@TABLE.route("GET", BASE + "/versions/{number}", summary="One version: its rules, what it changed, what it read last",
             permission="mappings.read", responses=_BAD)  # fmt: skip
async def version(call: Call) -> VersionPage:
    return await call.read(call.services.editor.version, *_which(call), _number(call))


@TABLE.route("GET", BASE + "/versions/{number}/changes", summary="How two versions differ, by canonical field",
             permission="mappings.read", query={"with": "number of the other version"}, responses=_BAD)  # fmt: skip
async def compare(call: Call) -> Changed:
    other = call.number("with", 1, 9_999_999)
    rules = await call.read(call.services.editor.compare, *_which(call), other, _number(call))
    return Changed(rules=rules)


@TABLE.route("POST", BASE + "/versions/{number}/restore", summary="Bring the partner's layer of a version back",
             permission="mappings.write", body={"type": "object", "properties": {"reason": _REASON}},
             responses=_BAD)  # fmt: skip
async def restore(call: Call) -> Edit:
    reason = _said(await call.body(), "reason")
    return await call.read(call.services.editor.roll_back, *_which(call), _number(call), call.user, reason)


@TABLE.route("GET", f"{BASE}/sharing", summary="The other partners who use the mapping", permission="mappings.read",
             responses=_BAD)  # fmt: skip
async def sharing(call: Call) -> tuple[Sharing, ...]:
    found = await call.read(call.services.editor.sharing, *_which(call))
    seen = call.caller.partners
    return tuple(each for each in found if seen is None or each.partner in seen)


@TABLE.route("POST", f"{BASE}/share", summary="Bring the partner's layer into force for others too, each as a version",
             permission="mappings.write", responses=_BAD,
             body={"type": "object", "required": ["partners"],
                   "properties": {"partners": {"type": "array", "items": {"type": "string"}, "maxItems": 500},
                                  "reason": _REASON}})  # fmt: skip
async def share(call: Call) -> tuple[Shared, ...]:
    partner, name = _which(call)
    body = await call.body()
    others, seen = body.get("partners"), call.caller.partners
    if not isinstance(others, list) or not others or not all(isinstance(each, str) for each in others):
        raise OurFault("api.bad-value", name="partners", value=str(others)[:100], expected="ids")
    for each in others:
        if seen is not None and each not in seen:
            raise OurFault("api.not-found", value=each, kind="partner")
    return await call.read(call.services.editor.share, partner, name, others[:500], call.user, _said(body, "reason"))


@TABLE.route("GET", f"{BASE}/plans", summary="Versions that come into force at a time", permission="mappings.read",
             responses=_BAD)  # fmt: skip
async def plans(call: Call) -> tuple[MappingPlan, ...]:
    return await call.read(call.services.editor.plans, *_which(call))


@TABLE.route("POST", BASE + "/plans/{plan}/withdraw", summary="Take a planned version back",
             permission="mappings.write", responses=_BAD)  # fmt: skip
async def withdraw(call: Call) -> Taken:
    _which(call)
    await call.read(call.services.editor.withdraw, call.path("plan"), call.user)
    return Taken(id=call.path("plan"))


@TABLE.route("POST", f"{BASE}/back-tests", summary="Run your draft over the last messages, beside the work",
             permission="mappings.write", status=202, responses=_BAD,
             body={"type": "object",
                   "properties": {"count": {"type": "integer", "minimum": 1, "maximum": 1000}}})  # fmt: skip
async def start_test(call: Call) -> TestBegun:
    partner, name = _which(call)
    count = max(1, _count(await call.body(), "count", 100, 1000))
    return TestBegun(id=await call.read(call.services.editor.start_back_test, partner, name, call.user, count))


@TABLE.route("GET", BASE + "/back-tests/{test}", summary="How far a back-test is, and what it has found",
             permission="mappings.read", responses=_BAD)  # fmt: skip
async def show_test(call: Call) -> BackTest:
    return await call.read(test_of, call)


def test_of(call: Call) -> BackTest:
    """Return the back-test of the address, one of its partner and mapping. Raises OurFault mapping.no-such-test."""
    found = call.services.editor.back_test(call.path("test"))
    if (found.partner, found.mapping) != _which(call):
        raise OurFault("mapping.no-such-test", value=found.id)
    return found


@TABLE.route("POST", BASE + "/back-tests/{test}/cancel", summary="End a back-test", permission="mappings.write",
             responses=_BAD)  # fmt: skip
async def cancel_test(call: Call) -> BackTest:
    found = await call.read(test_of, call)
    return await call.read(call.services.editor.cancel_back_test, found.id, call.user)


@TABLE.route("GET", f"{BASE}/cases", summary="The cases beside the partner's layer, as your draft reads them",
             permission="mappings.write", responses=_BAD)  # fmt: skip
async def cases(call: Call) -> tuple[CaseResult, ...]:
    partner, name = _which(call)
    page = await call.read(call.services.editor.page, partner, name, call.user)
    return await call.read(call.services.editor.cases, partner, name, page.text)


@TABLE.route("POST", f"{BASE}/cases", summary="Make a case of a stored message, as it is read now",
             permission="mappings.write", status=201, responses=_BAD,
             body={"type": "object", "properties": {"message": _REASON, "name": _REASON},
                   "required": ["message", "name"]})  # fmt: skip
async def keep_case(call: Call) -> Taken:
    partner, name = _which(call)
    body = await call.body()
    message, title = _said(body, "message", most=36, needed=True), _said(body, "name", most=60, needed=True)
    await call.read(call.services.editor.keep_case, partner, name, message, title, call.user)
    return Taken(id=title)


@TABLE.route("POST", "/api/v1/messages/{id}/read-with", summary="Read a waiting message with a version of its mapping",
             permission="messages.replay", status=202, responses=_BAD,
             body={"type": "object", "properties": {"version": {"type": "integer", "minimum": 1}, "reason": _REASON},
                   "required": ["version"]})  # fmt: skip
async def read_with(call: Call) -> Taken:
    body = await call.body()
    number, reason = _count(body, "version", 0, 9_999_999), _said(body, "reason")
    await call.read(call.services.editor.read_with, call.path("id"), number, call.user, reason)
    return Taken(id=call.path("id"))


# --- lookup tables ----------------------------------------------------------------------------------------------------

TABLES_AT = "/api/v1/partners/{id}/tables"


@TABLE.route("GET", TABLES_AT, summary="A partner's lookup tables", permission="mappings.read", responses=_BAD)
async def tables(call: Call) -> tuple[LookupView, ...]:
    return await call.read(call.services.lookups.all, _which(call)[0])


@TABLE.route("GET", TABLES_AT + "/{table}", summary="One lookup table with its rows", permission="mappings.read",
             responses=_BAD)  # fmt: skip
async def table(call: Call) -> LookupView:
    return await call.read(call.services.lookups.one, _which(call)[0], call.path("table"))


@TABLE.route("GET", TABLES_AT + "/{table}/csv", summary="A lookup table as CSV", permission="mappings.read",
             responses=_BAD, content_type="text/csv")  # fmt: skip
async def export_table(call: Call) -> web.Response:
    text = await call.read(call.services.lookups.text, _which(call)[0], call.path("table"))
    headers = {"Content-Disposition": f'attachment; filename="{call.path("table")}.csv"'}
    return web.Response(text=text, content_type="text/csv", charset="utf-8", headers=headers)


@TABLE.route("PUT", TABLES_AT + "/{table}", summary="Replace a lookup table by a CSV file, or make it",
             permission="lookups.write", streams=True, responses={**_BAD, 413: "too large"})  # fmt: skip
async def import_table(call: Call) -> Edit:
    partner, data = _which(call)[0], await call.upload(TABLE_LIMIT_BYTES)
    return await call.read(call.services.lookups.put, partner, call.path("table"), data, call.user)


@TABLE.route("POST", TABLES_AT + "/{table}/rows", summary="Add a row, or change the one of its key",
             permission="lookups.write", responses=_BAD,
             body={"type": "object", "properties": {"cells": {"type": "array", "items": {"type": "string"}},
                                                    "change": {"type": "boolean"}}, "required": ["cells"]})  # fmt: skip
async def put_row(call: Call) -> Edit:
    partner, body = _which(call)[0], await call.body()
    cells = body.get("cells")
    if not isinstance(cells, list) or not all(isinstance(each, str) and len(each) <= 500 for each in cells):
        raise OurFault("api.bad-value", name="cells", value=str(cells)[:100], expected="texts")
    change = body.get("change", False) is True
    return await call.read(
        call.services.lookups.put_row, partner, call.path("table"), cells[:30], call.user, change=change
    )


@TABLE.route("DELETE", TABLES_AT + "/{table}/rows", summary="Take a row out", permission="lookups.write",
             query={"key": "of the row"}, responses=_BAD)  # fmt: skip
async def drop_row(call: Call) -> Edit:
    key = call.query("key") or ""
    return await call.read(call.services.lookups.drop_row, _which(call)[0], call.path("table"), key, call.user)
