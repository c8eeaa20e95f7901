"""JSON: copies for persons, erasure, terms by document type, processors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.api.given import needed
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.domain.crm.privacy import ContactErasure, PersonTerm, Processor
from gateway.model.faults import OurFault
from gateway.store.crm_privacy_records import ErasureView

TABLE = RouteTable()
_BAD = {400: "bad value"}
_LINE = {"type": "string", "maxLength": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyState:
    """terms: document type -> months; processors: who else gets data of persons; erasures: without a word of whom."""

    terms: tuple[PersonTerm, ...]
    processors: tuple[Processor, ...]
    erasures: tuple[ErasureView, ...]


@TABLE.route(
    "GET",
    "/api/v1/privacy",
    summary="Terms by document type, processors, erasures",
    permission="privacy.read",
)
async def state(call: Call) -> PrivacyState:
    views = call.services.views
    return PrivacyState(
        terms=await call.read(views.person_terms),
        processors=await call.read(views.processors),
        erasures=await call.read(views.erasures),
    )


@TABLE.route(
    "POST",
    "/api/v1/crm/contacts/{id}/export",
    summary="All that is kept of a person, for the person; told in the audit",
    permission="privacy.write",
    responses=NOT_FOUND,
)
async def export(call: Call) -> Mapping[str, Any]:
    return await call.services.actions.export_person(call.path("id"), call.user)


@TABLE.route(
    "POST",
    "/api/v1/crm/contacts/{id}/erasure",
    summary="Erase a person from rows and kept bytes; what a legal hold keeps is counted",
    permission="privacy.write",
    body={"type": "object", "required": ["reason"], "properties": {"reason": _LINE}},
    responses={**NOT_FOUND, **_BAD},
)
async def erase(call: Call) -> Mapping[str, Any]:
    reason = needed(await call.body(), "reason")
    found = await call.one(call.services.views.crm_contact, "contact")
    given = ContactErasure(contact=call.path("id"), account=found.contact.account, reason=reason)
    return await call.services.actions.change_privacy(given, call.user)


@TABLE.route(
    "PUT",
    "/api/v1/privacy/terms/{type}",
    summary="For how many months stored copies of a document type name persons; type *: all others",
    permission="privacy.write",
    body={
        "type": "object",
        "required": ["months"],
        "properties": {"months": {"type": "integer", "minimum": 0, "maximum": 600}},
    },
    responses=_BAD,
)
async def save_term(call: Call) -> Mapping[str, Any]:
    months = (await call.body()).get("months")
    if not isinstance(months, int) or isinstance(months, bool):
        raise OurFault("api.bad-value", name="months", value=str(months)[:40], expected="0-600")
    return await call.services.actions.change_privacy(PersonTerm(type=call.path("type"), months=months), call.user)


@TABLE.route(
    "POST",
    "/api/v1/privacy/terms",
    summary="Cover persons in documents past their term now; a running gateway does so daily",
    permission="privacy.write",
)
async def apply_terms(call: Call) -> Mapping[str, Any]:
    return {"documents": await call.services.actions.apply_person_terms(call.user)}


@TABLE.route(
    "PUT",
    "/api/v1/privacy/processors/{id}",
    summary="Register who else gets data of persons, and the agreement on it",
    permission="privacy.write",
    body={
        "type": "object",
        "required": ["name", "purpose"],
        "properties": {
            **dict.fromkeys(("name", "purpose", "country", "agreement", "signedOn", "endsOn"), _LINE),
            "fields": {"type": "array", "items": _LINE, "maxItems": 50},
        },
    },
    responses=_BAD,
)
async def save_processor(call: Call) -> Mapping[str, Any]:
    body = await call.body()
    fields = body.get("fields") or []
    if not isinstance(fields, list) or not all(isinstance(each, str) for each in fields):
        raise OurFault("api.bad-value", name="fields", value=str(fields)[:80], expected="list of texts")
    told = {name: str(body.get(name) or "") for name in ("country", "agreement", "signedOn", "endsOn")}
    given = Processor(
        id=call.path("id"),
        name=needed(body, "name"),
        purpose=needed(body, "purpose"),
        fields=tuple(fields),
        country=told["country"] or None,
        agreement=told["agreement"],
        signed_on=told["signedOn"] or None,
        ends_on=told["endsOn"] or None,
    )
    return await call.services.actions.change_privacy(given, call.user)
