"""A new partner from a sample file in five steps, and a partner like another."""

import json
from typing import Any

from aiohttp import web

from gateway.api.partner_desk import WizardView
from gateway.console.pages import PageTable
from gateway.console.partner_scene import UPLOAD_LIMIT_BYTES, Form, desk_of, form_of, partner_of, partner_page
from gateway.console.reader import Reader
from gateway.mapping.draft_words import HEAD
from gateway.model.faults import Fault

TABLE = PageTable()
STEPS = ("company", "documents", "mapping", "connection", "review")
KINDS = ("as2", "http", "folder")
ROLES = ("customer", "supplier", "both", "none")
_TEXTS = {
    "company": ("name", "id", "role", "gln", "email"),
    "documents": ("document",),
    "mapping": (),
    "connection": ("connection", "url", "as2_id"),
}


@TABLE.get("/partners/new", "partners.write")
async def start_page(reader: Reader) -> web.StreamResponse:
    return reader.page("wizard_start.html", fault=None)


@TABLE.post("/partners/new", "partners.write", limit_bytes=UPLOAD_LIMIT_BYTES)
async def start(reader: Reader) -> web.StreamResponse:
    form = await form_of(reader)
    try:
        name, data = form.file("file")
        sample = await reader.read(desk_of(reader).keep_sample, name, data, reader.user)
    except Fault as fault:
        return reader.page("wizard_start.html", status=409, fault=fault.as_finding())
    raise web.HTTPSeeOther(f"/partners/new/{sample}/company")


@TABLE.get("/partners/new/{sample}/{step}", "partners.write")
async def step_page(reader: Reader) -> web.StreamResponse:
    view = await reader.read(desk_of(reader).wizard, reader.request.match_info["sample"], reader.user)
    return _step(reader, view)


def _step(reader: Reader, view: WizardView, fault: Fault | None = None, sent: Any = None) -> web.StreamResponse:
    step = reader.request.match_info["step"]
    if step not in STEPS:
        raise web.HTTPSeeOther(f"/partners/new/{view.id}/company")
    draft = view.found.draft.with_choices(view.answers.chosen) if view.found.draft else None
    return reader.page(
        "wizard.html",
        status=409 if fault else 200,
        view=view,
        step=step,
        steps=STEPS,
        number=STEPS.index(step),
        fault=fault.as_finding() if fault else None,
        sent=sent or {},
        draft=draft,
        roles=ROLES,
        kinds=KINDS,
        document_words=[(each, reader.words.term("type", each)) for each in HEAD],
        shown=[_shown(each) for each in view.trial.messages[:3]],
        files=view.files,
    )


def _shown(message: Any) -> tuple[Any, str]:
    text = message.document or ""
    return message, json.dumps(json.loads(text), ensure_ascii=False, indent=2)[:20_000] if text else ""


@TABLE.post("/partners/new/{sample}/{step}", "partners.write", limit_bytes=UPLOAD_LIMIT_BYTES)
async def answer(reader: Reader) -> web.StreamResponse:
    """Keep a step and go to the next one; after the last the partner is made."""
    form, desk = await form_of(reader), desk_of(reader)
    sample, step = reader.request.match_info["sample"], reader.request.match_info["step"]
    values = _values(step, form)
    try:
        if step == "connection" and isinstance(form.sent.get("file"), web.FileField):
            _, data = form.file("file")
            await reader.read(desk.keep_wizard_certificate, sample, reader.user, data)
        if step == "review":
            partner = await reader.read(desk.create, sample, reader.user)
            raise web.HTTPSeeOther(f"/partners/{partner}/onboarding?done=created")
        await reader.read(desk.answer, sample, reader.user, values)
    except Fault as fault:
        view = await reader.read(desk.wizard, sample, reader.user)
        return _step(reader, view, fault, values)
    following = STEPS[STEPS.index(step) + 1] if step in STEPS else "company"
    if form.text("again"):
        following = step
    raise web.HTTPSeeOther(f"/partners/new/{sample}/{following}")


def _values(step: str, form: Form) -> dict[str, Any]:
    values: dict[str, Any] = dict(form.words(*_TEXTS.get(step, ())))
    if step == "company" and "gln" in values and not values["gln"]:
        values["gln"] = ""
    if step == "documents":
        values["sends"] = form.texts("sends")
    if step == "mapping":
        values["chosen"] = dict(form.prefixed("field."))
        if "odd" in form.sent:
            values["tolerated"] = form.texts("tolerated")
            values["assumed"] = form.texts("assumed")
    return values


# --- a partner like another -------------------------------------------------------------------------------------------


@TABLE.get("/partners/{id}/clone", "partners.write")
async def clone_page(reader: Reader) -> web.StreamResponse:
    return await partner_page(reader, "partner_clone.html", "overview", sent={})


@TABLE.post("/partners/{id}/clone", "partners.write")
async def clone(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    values = form.words("id", "name", "gln")
    try:
        made = await reader.read(desk_of(reader).clone, partner.id, values, reader.user)
    except Fault as fault:
        return await partner_page(reader, "partner_clone.html", "overview", fault=fault, status=409, sent=values)
    raise web.HTTPSeeOther(f"/partners/{made}/connections?done=cloned")
