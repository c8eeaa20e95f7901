"""Privacy: copies and erasure of persons, terms by document type, who else gets data of persons."""

import json
from urllib.parse import quote

from aiohttp import web

from gateway.api.given import is_count
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.domain.crm.privacy import ContactErasure, PersonTerm, Processor
from gateway.model.documents import DOCUMENTS
from gateway.model.faults import OurFault
from gateway.ports.retention import Retention

TABLE = PageTable()
NAMING = frozenset(  # documents of partners, which may name persons
    (
        "DeliverySchedule",
        "DespatchAdvice",
        "Invoice",
        "Order",
        "OrderChange",
        "OrderResponse",
        "PartyInfo",
        "PriceCatalogue",
        "ReceivingAdvice",
        "RemittanceAdvice",
        "ReturnNotice",
        "TransportStatus",
    )
)


def kept_months(retention: Retention, kind: str) -> int:
    """Return for how many months messages of a document type are kept, of whatever partner."""
    ruled = [rule.months for rule in retention.rules if rule.type == kind and rule.partner is None]
    return ruled[0] if ruled else retention.keep_months


@TABLE.get("/privacy", "privacy.read")
async def privacy_page(reader: Reader) -> web.StreamResponse:
    views, services = reader.services.views, reader.services
    retention = services.settings.retention
    terms = {each.type: each.months for each in await reader.read(views.person_terms)}
    names = sorted(name for name in DOCUMENTS if name in NAMING or name in terms)
    kinds = [(name, kept_months(retention, name), terms.get(name, terms.get("*"))) for name in names]
    return reader.page(
        "privacy.html",
        kinds=[*kinds, ("*", retention.keep_months, terms.get("*"))],
        type_options=[("*", reader.words("privacy.all-others"))]
        + [(name, reader.words.term("type", name)) for name in names],
        processors=await reader.read(views.processors),
        erasures=await reader.read(views.erasures),
        today=services.clock.now().date().isoformat(),
    )


@TABLE.post("/privacy/terms", "privacy.write")
async def save_term(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    if form.get("apply"):
        await reader.services.actions.apply_person_terms(reader.user)
        raise web.HTTPSeeOther("/privacy?done=people")
    months = str(form.get("months", "")).strip()
    if not is_count(months, 4):
        raise OurFault("crm.value-wrong", value=months[:40], field="months")
    given = PersonTerm(type=str(form.get("type", ""))[:60], months=int(months))
    await reader.services.actions.change_privacy(given, reader.user)
    raise web.HTTPSeeOther("/privacy?done=people")


@TABLE.post("/privacy/processors", "privacy.write")
async def save_processor(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    told = {
        name: str(form.get(name, "")).strip() for name in ("id", "name", "purpose", "fields", "country", "agreement")
    }
    given = Processor(
        id=told["id"],
        name=told["name"],
        purpose=told["purpose"],
        fields=tuple(each.strip() for each in told["fields"].replace("，", ",").split(",") if each.strip()),
        country=told["country"] or None,
        agreement=told["agreement"],
        signed_on=str(form.get("signed_on", "")).strip() or None,
        ends_on=str(form.get("ends_on", "")).strip() or None,
    )
    await reader.services.actions.change_privacy(given, reader.user)
    raise web.HTTPSeeOther("/privacy?done=people")


@TABLE.post("/contacts/{id}/export", "privacy.write")
async def export(reader: Reader) -> web.StreamResponse:
    contact = reader.request.match_info["id"]
    found = await reader.services.actions.export_person(contact, reader.user)
    text = json.dumps(found, ensure_ascii=False, indent=1, default=str)
    headers = {"Content-Disposition": f'attachment; filename="person-{quote(contact)}.json"'}
    return web.Response(text=text, content_type="application/json", headers=headers)


@TABLE.post("/contacts/{id}/erase", "privacy.write")
async def erase(reader: Reader) -> web.StreamResponse:
    contact = reader.request.match_info["id"]
    form = await reader.request.post()
    found = await reader.read(reader.services.views.crm_contact, contact)
    if found is None:
        return not_found(reader, "contact", contact[:80])
    given = ContactErasure(contact=contact, account=found.contact.account, reason=str(form.get("reason", "")))
    await reader.services.actions.change_privacy(given, reader.user)
    raise web.HTTPSeeOther("/privacy?done=people")
