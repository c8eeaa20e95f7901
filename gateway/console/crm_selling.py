"""Registers of selling and asking: lists, entries with their history, surveys with what they came to."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aiohttp import web

from gateway.api.crm_selling import scores_of
from gateway.api.given import is_count
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.domain.crm.registers import REGISTERS, Register, stalled, weighted_revenue
from gateway.domain.crm.surveys import SCALES, heard, questions
from gateway.model.faults import OurFault
from gateway.store.crm_entries import Entry

TABLE = PageTable()
SHOWN = ("opportunity", "campaign", "survey", "competitor", "product", "call", "potential", "element", "report")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "opportunity": ("account", "expectedRevenue", "expectedOn", "owner"),
    "campaign": ("segment", "since", "until", "owner"),
    "survey": ("form", "direction"),
    "competitor": ("region", "marketShare"),
    "product": ("item", "ourShare", "market"),
    "call": ("account", "way", "on", "topic"),
    "potential": ("account", "yearlyValue"),
    "element": ("direction", "measure", "target"),
    "report": ("report", "cadence", "to"),
}


def _register(reader: Reader, *, changing: bool = False) -> Register:
    """Raises OurFault crm.register-unknown, access.forbidden."""
    register = REGISTERS.get(reader.request.match_info["register"])
    if register is None or register.name not in SHOWN:
        raise OurFault("crm.register-unknown", value=reader.request.match_info["register"][:60])
    assert reader.caller is not None  # pages are for whoever has signed in
    reader.caller.require(register.permission if changing else register.reading)
    return register


@TABLE.get("/selling", "accounts.read")
async def selling_page(reader: Reader) -> web.StreamResponse:
    raise web.HTTPSeeOther("/selling/opportunity")


@TABLE.get("/selling/{register}", "accounts.read")
async def entries_page(reader: Reader) -> web.StreamResponse:
    register, views = _register(reader), reader.services.views
    state = reader.query("state") if reader.query("state") in register.states else None
    entries = await reader.read(
        views.entries, register.name, state=state, account=reader.query("account") or None, search=reader.query("q")
    )
    today = reader.services.clock.now().date()
    return reader.page(
        "register.html",
        register=register,
        registers=SHOWN,
        columns=COLUMNS[register.name],
        entries=entries,
        state=state,
        figures=_figures(register, entries),
        late={each.id for each in entries if stalled(each.state, each.state_at.date(), today)},
        accounts=_accounts(reader),
        shown=shown,
        wanted={"account": reader.query("account")},
        fault=None,
    )


def _figures(register: Register, entries: tuple[Entry, ...]) -> list[tuple[str, Decimal | int]]:
    """Return what a list of opportunities comes to: how many are open, what they may bring."""
    if register.name != "opportunity":
        return []
    going = [each for each in entries if each.state not in register.closed]
    worth = [weighted_revenue(each.state, each.data) for each in going]
    known = [each for each in worth if each is not None]
    won = [each for each in entries if each.state == "won"]
    return [("open", len(going)), ("weighted", sum(known, Decimal(0))), ("won", len(won))]


def shown(reader: Reader, register: Register, name: str, entry: Entry) -> str:
    """Return a field as a person reads it."""
    value, words = entry.data.get(name), reader.words
    found = register.field(name)
    if value is None or found is None:
        return "–" if value is None else value
    match found.form:
        case "account":
            return words.partner(value)
        case "number":
            return words.rounded(value, 2)
        case "day":
            return words.day(value)
        case "choice":
            return words.term(f"choice.{name}", value)
        case _:
            return words.item(value) if name == "item" else value


def _accounts(reader: Reader) -> list[tuple[str, str]]:
    found = reader.services.book().partners.values()
    named = [(each.id, reader.words.partner(each.id)) for each in found if each.kind == "partner"]
    return sorted(named, key=lambda each: each[1])


@TABLE.get("/selling/{register}/{id}", "accounts.read")
async def entry_page(reader: Reader) -> web.StreamResponse:
    register, views, name = _register(reader), reader.services.views, reader.request.match_info["id"]
    entry = await reader.read(views.entry, register.name, name)
    if entry is None:
        return not_found(reader, register.name, name)
    values: dict[str, Any] = {}
    if register.name == "survey":
        values = await _survey(reader, entry)
    today = reader.services.clock.now().date()
    return reader.page(
        "register_entry.html",
        register=register,
        entry=entry,
        history=await reader.read(views.entry_history, register.name, name),
        accounts=_accounts(reader),
        shown=shown,
        late=stalled(entry.state, entry.state_at.date(), today),
        days=(today - entry.state_at.date()).days,
        told=values,
    )


async def _survey(reader: Reader, entry: Entry) -> dict[str, Any]:
    views, form = reader.services.views, entry.data["form"]
    side = entry.data.get("direction", "customer")
    elements = [each for each in await reader.read(views.audit_elements) if each.direction == side]
    answers = await reader.read(views.answers, survey=entry.id)
    asked = await reader.read(views.survey_asked, entry.id)
    low, high = SCALES[form]
    return {
        "questions": questions(form, tuple(each.id for each in elements)),
        "elements": {each.id: each for each in elements},
        "scale": range(low, high + 1),
        "asked": asked,
        "answers": answers[:100],
        "heard": heard(scores_of(answers), {form: sum(each.asked for each in asked)}),
    }


def _data(form: Mapping[str, Any], register: Register) -> dict[str, object]:
    return {each.name: str(form.get(each.name, "")) for each in register.fields}


@TABLE.post("/selling/{register}", "accounts.read")
async def add_entry(reader: Reader) -> web.StreamResponse:
    register = _register(reader, changing=True)
    form = await reader.request.post()
    kept = await reader.services.actions.save_entry(
        register.name, None, _data(form, register), str(form.get("state", "")) or None, reader.user
    )
    raise web.HTTPSeeOther(f"/selling/{register.name}/{kept.id}?done=saved")


@TABLE.post("/selling/{register}/{id}", "accounts.read")
async def change_entry(reader: Reader) -> web.StreamResponse:
    register, name = _register(reader, changing=True), reader.request.match_info["id"]
    form = await reader.request.post()
    version = str(form.get("version", ""))
    await reader.services.actions.save_entry(
        register.name,
        name,
        _data(form, register),
        str(form.get("state", "")) or None,
        reader.user,
        int(version) if is_count(version, 8) else None,
    )
    raise web.HTTPSeeOther(f"/selling/{register.name}/{name}?done=saved")


@TABLE.post("/selling/{register}/{id}/drop", "accounts.read")
async def drop_entry(reader: Reader) -> web.StreamResponse:
    register = _register(reader, changing=True)
    await reader.services.actions.drop_entry(register.name, reader.request.match_info["id"], reader.user)
    raise web.HTTPSeeOther(f"/selling/{register.name}?done=dropped")


@TABLE.post("/selling/survey/{id}/ask", "cases.write")
async def ask(reader: Reader) -> web.StreamResponse:
    """Make a link; it is shown on this one answer and never again."""
    form, name = await reader.request.post(), reader.request.match_info["id"]
    account, person = str(form.get("account", "")), str(form.get("person", ""))
    tokens = await reader.services.actions.ask_survey(name, (account,), person, reader.user)
    return reader.page("survey_link.html", survey=name, account=account, address=f"/survey/{tokens[account]}")


@TABLE.post("/selling/survey/{id}/note", "cases.write")
async def note(reader: Reader) -> web.StreamResponse:
    form, name = await reader.request.post(), reader.request.match_info["id"]
    scores = {key[2:]: str(value) for key, value in form.items() if key.startswith("q.")}
    words, account = str(form.get("words", "")), str(form.get("account", ""))
    await reader.services.actions.note_answers(name, account, scores, words, reader.user)
    raise web.HTTPSeeOther(f"/selling/survey/{name}?done=answered")
