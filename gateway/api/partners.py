"""JSON: partners, their certificates, agreements, connections and versions; samples; bundles; mappings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.api.given import is_count, moment_of, needed
from gateway.api.messages import NOT_FOUND
from gateway.api.partner_desk import (
    AGREEMENT_WORDS,
    FACT_WORDS,
    BundlePreview,
    CertificateOffer,
    CertificateSlot,
    CheckItem,
    Edit,
    MappingLine,
    PartnerLine,
    Sheet,
    TestStarted,
    WizardView,
)
from gateway.api.routes import Call, RouteTable
from gateway.config.onboarding import Answers
from gateway.config.recognition import FoundDocument, Identity
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.partner import Agreement
from gateway.store.view_partners import Approval, ConnectionTest, FileChange

TABLE = RouteTable()
UPLOAD_LIMIT_BYTES = 6_000_000
BUNDLE_LIMIT_BYTES = 21_000_000
_BAD = {400: "bad value"}
_NO_DESK = {404: "no instance stands behind"}
_CONFLICT = {**NOT_FOUND, 400: "bad value", 409: "it cannot be so, or was changed since"}
_TEXT = {"type": "string", "maxLength": 500}
_DAY = {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"}  # empty: without end
_ANSWERS = ("id", "name", "name_zh", "role", "owner", "email", "gln", "other_id", "connection", "url", "as2_id",
            "document", "sends", "chosen", "tolerated", "assumed")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAdded:
    """name: of the certificate in the key store."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRead:
    """One document of a sample as the proposed partner reads it. fault: why it would wait for somebody."""

    type: str
    state: str
    document: dict[str, Any] | None
    fault: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleAnswer:
    """What a sample says and what would be made of it. good: every document of it would be taken in."""

    id: str
    filename: str
    syntax: str
    charset: str
    version: str
    sender: Identity
    receiver: Identity
    test: bool
    name: str
    documents: tuple[FoundDocument, ...]
    answers: Answers
    files: dict[str, str]
    good: bool
    findings: tuple[Finding, ...]
    messages: tuple[SampleRead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerMade:
    """id: of the new partner."""

    id: str


def _partner(call: Call) -> str:
    """Return the partner of the address; one that the caller may not see is not there. Raises OurFault."""
    partner, seen = call.path("id"), call.caller.partners
    known = call.services.book().partners.get(partner)
    if known is None or known.kind == "self" or (seen is not None and partner not in seen):
        raise OurFault("api.not-found", value=partner, kind="partner")
    return partner


def _words(body: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """Return the texts of the body under these names; flags as true or false. Raises OurFault api.bad-value."""
    found: dict[str, str] = {}
    for name, value in body.items():
        if name in ("reason", "place"):
            continue
        if name not in names or not isinstance(value, str | bool | int) or len(str(value)) > 500:
            raise OurFault("api.bad-value", name=name[:60], value=str(value)[:100], expected=", ".join(names))
        found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _reason(body: Mapping[str, Any]) -> str:
    value = body.get("reason", "")
    if not isinstance(value, str) or len(value) > 500:
        raise OurFault("api.bad-value", name="reason", value=str(value)[:100], expected="text")
    return value


def _number(value: Any, name: str) -> int | None:
    if value is None:
        return None
    text = str(value)
    if isinstance(value, bool) or not is_count(text, 9):
        raise OurFault("api.bad-value", name=name, value=text[:40], expected="0, 1, ...")
    return int(text)


@TABLE.route(
    "GET",
    "/api/v1/partners",
    summary="Partners with their health of 7 days",
    permission="partners.read",
    responses=_NO_DESK,
)
async def list_partners(call: Call) -> tuple[PartnerLine, ...]:
    return await call.read(call.services.desk.lines, call.caller.partners)


@TABLE.route(
    "GET", "/api/v1/partners/{id}", summary="One partner", permission="partners.read", responses=NOT_FOUND
)  # fmt: skip
async def show_partner(call: Call) -> PartnerLine:
    return await call.read(call.services.desk.line, _partner(call))


@TABLE.route(
    "PATCH",
    "/api/v1/partners/{id}",
    summary="Change name, role, owner or contact; an empty text takes it out",
    permission="partners.write",
    body={"type": "object", "properties": {**dict.fromkeys(FACT_WORDS, _TEXT), "reason": _TEXT}},
    responses=_CONFLICT,
)
async def change_partner(call: Call) -> Edit:
    partner, body = _partner(call), await call.body()
    return await call.read(
        call.services.desk.put_facts, partner, _words(body, FACT_WORDS), call.user, reason=_reason(body)
    )


@TABLE.route(
    "GET",
    "/api/v1/partners/{id}/certificates",
    summary="Every certificate of a partner's connections, with what it is used for",
    permission="partners.read",
    responses=NOT_FOUND,
)
async def list_certificates(call: Call) -> tuple[CertificateSlot, ...]:
    return await call.read(call.services.desk.certificates, _partner(call))


@TABLE.route(
    "POST",
    "/api/v1/partners/{id}/certificates/read",
    summary="Read a certificate file (PEM, DER, P7B) without keeping it",
    permission="partners.write",
    streams=True,
    query={"over": "connection"},
    responses=_CONFLICT,
)
async def read_certificate(call: Call) -> CertificateOffer:
    partner, data = _partner(call), await call.upload(UPLOAD_LIMIT_BYTES)
    return await call.read(call.services.desk.look_at, partner, call.query("over") or "as2", data)


@TABLE.route(
    "POST",
    "/api/v1/partners/{id}/certificates",
    summary="Keep a certificate beside those in use; the file is the body",
    permission="partners.write",
    status=201,
    streams=True,
    query={"over": "connection", "from": "used for encrypting from then on, ISO 8601 with zone", "reason": ""},
    responses=_CONFLICT,
)
async def add_certificate(call: Call) -> CertificateAdded:
    partner, data = _partner(call), await call.upload(UPLOAD_LIMIT_BYTES)
    over, from_at = call.query("over") or "as2", moment_of(call.query("from"), "from")
    reason = (call.query("reason") or "")[:500]
    add = call.services.desk.add_certificate
    return CertificateAdded(name=await call.read(add, partner, over, data, call.user, from_at=from_at, reason=reason))


@TABLE.route(
    "GET",
    "/api/v1/partners/{id}/agreements",
    summary="What is agreed with a partner, in order of place; without days: always",
    permission="partners.read",
    responses=NOT_FOUND,
)
async def list_agreements(call: Call) -> tuple[Agreement, ...]:
    return call.services.book().partners[_partner(call)].agreements


@TABLE.route(
    "POST",
    "/api/v1/partners/{id}/agreements",
    summary="Add an agreement, or replace the one at a place",
    permission="partners.write",
    body={
        "type": "object",
        "required": ["direction", "mapping", "over"],
        "properties": {
            **{word: {"type": ["string", "boolean", "integer"]} for word in AGREEMENT_WORDS},
            "valid_from": _DAY,
            "valid_to": _DAY,
            "place": {"type": "integer", "minimum": 0},
            "reason": _TEXT,
        },
    },
    responses=_CONFLICT,
)
async def put_agreement(call: Call) -> Edit:
    partner, body = _partner(call), await call.body()
    needed(body, "direction", ("receive", "send"))
    words, place = _words(body, AGREEMENT_WORDS), _number(body.get("place"), "place")
    put = call.services.desk.put_agreement
    return await call.read(put, partner, words, call.user, place=place, reason=_reason(body))


@TABLE.route(
    "DELETE",
    "/api/v1/partners/{id}/agreements/{place}",
    summary="Take an agreement out; places count from 0",
    permission="partners.write",
    responses=_CONFLICT,
)
async def drop_agreement(call: Call) -> Edit:
    partner, place = _partner(call), _number(call.path("place"), "place")
    return await call.read(call.services.desk.drop_agreement, partner, place or 0, call.user)


@TABLE.route(
    "GET",
    "/api/v1/partners/{id}/changes",
    summary="What was changed in a partner's files, by whom and why, latest first",
    permission="partners.read",
    responses=NOT_FOUND,
)
async def list_changes(call: Call) -> tuple[FileChange, ...]:
    return await call.read(call.services.desk.changes, _partner(call))


@TABLE.route(
    "POST",
    "/api/v1/partners/{id}/changes/{change}/restore",
    summary="Put a file back as it was before that change",
    permission="partners.write",
    body={"type": "object", "properties": {"reason": _TEXT}},
    responses=_CONFLICT,
)
async def restore_change(call: Call) -> Edit:
    partner, change = _partner(call), _number(call.path("change"), "change")
    return await call.read(call.services.desk.roll_back, partner, change or 0, call.user, _reason(await call.body()))


@TABLE.route(
    "POST",
    "/api/v1/partners/{id}/tests",
    summary="Test a connection rung by rung; the answer leads to how far it is",
    permission="partners.test",
    status=202,
    body={
        "type": "object",
        "required": ["over"],
        "properties": {"over": _TEXT, "echo": {"type": "boolean", "description": "really send a small message"}},
    },
    responses=_CONFLICT,
)
async def start_test(call: Call) -> TestStarted:
    partner, body = _partner(call), await call.body()
    over, echo = needed(body, "over"), body.get("echo") is True
    return await call.read(call.services.desk.start_test, partner, over, call.user, echo=echo)


@TABLE.route(
    "GET",
    "/api/v1/partners/{id}/tests/{test}",
    summary="A test of a connection: its rungs so far",
    permission="partners.read",
    responses=NOT_FOUND,
)
async def show_test(call: Call) -> ConnectionTest:
    partner = _partner(call)
    found = await call.read(call.services.desk.test, call.path("test"))
    if found is None or found.partner != partner:
        raise OurFault("api.not-found", value=call.path("test"), kind="test")
    return found


@TABLE.route(
    "GET",
    "/api/v1/partners/{id}/checklist",
    summary="The go-live checklist, computed from facts",
    permission="partners.read",
    responses=NOT_FOUND,
)
async def show_checklist(call: Call) -> tuple[CheckItem, ...]:
    return await call.read(call.services.desk.checklist, _partner(call))


@TABLE.route(
    "POST",
    "/api/v1/partners/{id}/go-live",
    summary="Approve; the partner is switched to live at once or at a time",
    permission="partners.write",
    body={"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}, "reason": _TEXT}},
    responses=_CONFLICT,
)
async def go_live(call: Call) -> Approval:
    partner, body = _partner(call), await call.body()
    at = body.get("at")
    if at is not None and not isinstance(at, str):
        raise OurFault("api.bad-value", name="at", value=str(at)[:60], expected="2026-12-01T08:00:00Z")
    desk = call.services.desk
    return await call.read(desk.go_live, partner, call.user, at=moment_of(at, "at"), reason=_reason(body))


@TABLE.route(
    "POST",
    "/api/v1/partners/{id}/back-to-test",
    summary="Put a partner into test mode at once",
    permission="partners.write",
    body={"type": "object", "properties": {"reason": _TEXT}},
    responses=_CONFLICT,
)
async def back_to_test(call: Call) -> Edit:
    return await call.read(call.services.desk.back_to_test, _partner(call), call.user, _reason(await call.body()))


@TABLE.route(
    "GET",
    "/api/v1/partners/{id}/sheet",
    summary="The exchange sheet: what the partner has to know to connect with us",
    permission="partners.read",
    responses=NOT_FOUND,
)
async def show_sheet(call: Call) -> Sheet:
    return await call.read(call.services.desk.sheet, _partner(call))


# --- samples and bundles ----------------------------------------------------------------------------------------------


@TABLE.route(
    "POST",
    "/api/v1/samples",
    summary="Recognise a sample file: who sends it, what it is, how it would be read; the file is the body",
    permission="partners.write",
    status=201,
    streams=True,
    query={"file": "name of the file"},
    responses={**_NO_DESK, 400: "bad value", 409: "nothing can be recognised"},
)
async def add_sample(call: Call) -> SampleAnswer:
    data = await call.upload(UPLOAD_LIMIT_BYTES)
    name = (call.query("file") or "sample")[:200]
    sample = await call.read(call.services.desk.keep_sample, name, data, call.user)
    return _sample(await call.read(call.services.desk.wizard, sample, call.user))


@TABLE.route(
    "PATCH",
    "/api/v1/samples/{id}",
    summary="Answer what was proposed otherwise, and see how the sample is read then",
    permission="partners.write",
    body={
        "type": "object",
        "properties": {
            **dict.fromkeys(_ANSWERS[:12], _TEXT),
            **{word: {"type": "array", "items": _TEXT} for word in ("sends", "tolerated", "assumed")},
            "chosen": {"type": "object", "additionalProperties": _TEXT},
        },
    },
    responses=_CONFLICT,
)
async def answer_sample(call: Call) -> SampleAnswer:
    body = await call.body()
    for name, value in body.items():
        kind = list if name in ("sends", "tolerated", "assumed") else dict if name == "chosen" else str
        if name not in _ANSWERS or not isinstance(value, kind):
            raise OurFault("api.bad-value", name=name[:60], value=str(value)[:100], expected=", ".join(_ANSWERS))
        inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else [value]
        if any(not isinstance(each, str) or len(each) > 500 for each in inner):
            raise OurFault("api.bad-value", name=name, value=str(value)[:100], expected="text")
    return _sample(await call.read(call.services.desk.answer, call.path("id"), call.user, body))


@TABLE.route(
    "POST",
    "/api/v1/samples/{id}/create",
    summary="Make the partner, in test mode",
    permission="partners.write",
    status=201,
    responses=_CONFLICT,
)
async def create_partner(call: Call) -> PartnerMade:
    return PartnerMade(id=await call.read(call.services.desk.create, call.path("id"), call.user))


def _sample(view: WizardView) -> SampleAnswer:
    return SampleAnswer(
        id=view.id,
        filename=view.filename,
        syntax=view.found.syntax,
        charset=view.found.charset,
        version=view.found.version,
        sender=view.found.sender,
        receiver=view.found.receiver,
        test=view.found.test,
        name=view.found.name,
        documents=view.found.documents,
        answers=view.answers,
        files=dict(view.files),
        good=view.trial.good,
        findings=view.trial.findings,
        messages=tuple(
            SampleRead(
                type=each.type,
                state=each.state,
                document=json.loads(each.document) if each.document else None,
                fault=each.fault,
            )
            for each in view.trial.messages[:50]
        ),
    )


@TABLE.route(
    "POST",
    "/api/v1/partners/{id}/clone",
    summary="Make a partner like this one: agreements and mappings, no identifiers or keys",
    permission="partners.write",
    status=201,
    body={
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": _TEXT, "name": _TEXT, "gln": _TEXT},
    },
    responses=_CONFLICT,
)
async def clone_partner(call: Call) -> PartnerMade:
    partner, body = _partner(call), await call.body()
    needed(body, "id")
    words = _words(body, ("id", "name", "gln"))
    return PartnerMade(id=await call.read(call.services.desk.clone, partner, words, call.user))


@TABLE.route(
    "GET",
    "/api/v1/partners/{id}/bundle",
    summary="The partner as one signed file for another instance; keys are named in it, never inside",
    permission="partners.write",
    responses=NOT_FOUND,
)
async def export_bundle(call: Call) -> web.Response:
    data = await call.read(call.services.desk.export, _partner(call), call.user)
    return web.Response(body=data, content_type="application/octet-stream")


@TABLE.route(
    "POST",
    "/api/v1/bundles/read",
    summary="What an import of a bundle would change, field by field; the bundle is the body",
    permission="partners.write",
    streams=True,
    responses={**_NO_DESK, **_BAD, 409: "no bundle, or changed"},
)
async def read_bundle(call: Call) -> BundlePreview:
    return await call.read(call.services.desk.look_at_bundle, await call.upload(BUNDLE_LIMIT_BYTES))


@TABLE.route(
    "POST",
    "/api/v1/bundles",
    summary="Bring a bundle into force; the bundle is the body",
    permission="partners.write",
    streams=True,
    query={"keep": "path of a field that stays as it is here, may be repeated", "reason": ""},
    responses={**_NO_DESK, **_BAD, 409: "it cannot come into force"},
)
async def import_bundle(call: Call) -> Edit:
    data = await call.upload(BUNDLE_LIMIT_BYTES)
    keep, reason = call.request.query.getall("keep", []), (call.query("reason") or "")[:500]
    return await call.read(call.services.desk.take_bundle, data, call.user, keep=keep, reason=reason)


@TABLE.route(
    "GET",
    "/api/v1/mappings",
    summary="Mappings: what they read, who uses them, how often they read in 7 days",
    permission="mappings.read",
    responses=_NO_DESK,
)
async def list_mappings(call: Call) -> tuple[MappingLine, ...]:
    return await call.read(call.services.desk.mappings)
