"""The mapping editor: sample, rules and result side by side; a draft tried, connected, run over stored messages and
brought into force; versions and the messages they read. Every step is a form; mapping.js makes it live."""

import re
from typing import Any

from aiohttp import web

from gateway.api.given import is_count
from gateway.api.mapping_editor import EditorPage, MappingEditor, Shared
from gateway.config.editing import Target, targets
from gateway.config.editor_view import Look
from gateway.config.sample_values import SampleValue
from gateway.console.pages import PageTable
from gateway.console.partner_scene import Form, form_of, sees
from gateway.console.reader import Reader
from gateway.console.tree import TreeRow, rows_of
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding
from gateway.ports.records import ReplayFilter
from gateway.texts.field_words import field_label

TABLE = PageTable()
TEXT_LIMIT = 256_000
FORM_LIMIT_BYTES = 1_500_000  # the text as a form sends it
_LIST = re.compile(r"\[\d+\]")
COUNTS = ("20", "100", "500")
AT = "/mappings/{family}/{type}"


def _editor(reader: Reader) -> MappingEditor:
    return reader.services.editor


def _which(reader: Reader) -> tuple[str, str]:
    """Return partner and mapping of the address. Raises OurFault api.not-found."""
    name = f"{reader.request.match_info['family']}/{reader.request.match_info['type']}"
    partner = reader.query("partner")
    if partner not in reader.services.book().partners or not sees(reader.caller, partner):
        raise OurFault("api.not-found", value=partner, kind="partner")
    return partner, name


def _address(name: str, part: str, partner: str, **words: str) -> str:
    more = "".join(f"&{key}={value}" for key, value in words.items() if value)
    return f"/mappings/{name}/{part}?partner={partner}{more}"


# --- the editor -------------------------------------------------------------------------------------------------------


@TABLE.get(f"{AT}/edit", "mappings.write")
async def edit_page(reader: Reader) -> web.StreamResponse:
    partner, name = _which(reader)
    page = await reader.read(_editor(reader).page, partner, name, reader.user, reader.query("sample")[:36])
    return _shown(reader, page)


def _shown(reader: Reader, page: EditorPage, fault: Fault | None = None, cases: Any = None) -> web.StreamResponse:
    return reader.page(
        "mapping_edit.html",
        status=409 if fault else 200,
        page=page,
        fault=fault.as_finding() if fault else None,
        cases=cases,
        at=lambda part, **words: _address(page.name, part, page.partner, **words),
        **_panes(reader, page.look, page.path, page.sample.position),
    )


def _panes(reader: Reader, look: Look, path: str, position: int) -> dict[str, Any]:
    """Return what the sample's and the result's panes show."""
    message = next((each for each in look.preview.messages if each.position == position), None)
    if message is None and look.preview.messages:
        message = look.preview.messages[0]
    rows: list[TreeRow] = []
    if message is not None and message.document is not None:
        rows, _ = rows_of(message.document, {})
    fields = {each.field: each.number for each in reversed(look.values) if each.field}
    proposed = {each.number: each.fields for each in look.proposed}
    return {
        "look": look,
        "message": message,
        "groups": _groups(look.values),
        "rows": rows,
        "numbers": fields,
        "proposed": proposed,
        "lines": [(each, _line(each, path)) for each in _told(look, message)],
        "covered": look.preview.coverage,
        "empty": _empty(look),
        "said": lambda key: field_label(key, reader.words.lang),
    }


def _empty(look: Look) -> list[Target]:
    """Return the fields that the sample leaves empty, those that must be there first."""
    if not look.document:
        return []
    filled = {_LIST.sub("[]", each.field) for each in look.values if each.field}
    return sorted(
        (each for each in targets(look.document) if each.key not in filled), key=lambda each: not each.required
    )


def _told(look: Look, message: Any) -> list[Finding]:
    """Return what is wrong: of the draft, then of the message; notes are left out."""
    found = [*look.preview.findings, *(message.findings if message is not None else ())]
    return [each for each in dict.fromkeys(found) if each.severity != "info"][:40]


def _line(finding: Finding, path: str) -> int | None:
    """Return the line of the draft that a finding is about, None when it is about something else."""
    at = str(dict(finding.params).get("at", ""))
    number = at.removeprefix(f"{path}:").partition(":")[0]  # a file that cannot be read is told with its column too
    if at.startswith(f"{path}:") and is_count(number):
        return int(number)
    return finding.where.line if finding.where.path == path else None


def _groups(values: tuple[SampleValue, ...]) -> list[tuple[str, list[SampleValue]]]:
    found: list[tuple[str, list[SampleValue]]] = []
    for each in values:
        if not found or found[-1][0] != each.group:
            found.append((each.group, []))
        found[-1][1].append(each)
    return found


@TABLE.post(f"{AT}/look", "mappings.write", limit_bytes=FORM_LIMIT_BYTES)
async def look(reader: Reader) -> web.StreamResponse:
    """The panes of a text that is being typed: a part of the page, nothing is kept."""
    partner, name = _which(reader)
    form = await form_of(reader)
    found = await reader.read(
        _editor(reader).look,
        partner,
        name,
        _text(form),
        form.text("sample", 36),
        whole=bool(form.text("whole")),
        stand_in=True,
    )
    values = _panes(reader, found, form.text("path", 300), form.number("position") or 0)
    return reader.page("mapping_panes.html", cases=None, **values)


def _text(form: Form) -> str:
    value = form.sent.get("text", "")
    text = value.replace("\r\n", "\n").replace("\0", "") if isinstance(value, str) else ""
    if len(text) > TEXT_LIMIT:
        raise OurFault("preview.too-large", limit=str(TEXT_LIMIT))
    return text


@TABLE.post(f"{AT}/edit", "mappings.write", limit_bytes=FORM_LIMIT_BYTES)
async def edit(reader: Reader) -> web.StreamResponse:
    """Keep the text, and do what was asked with it. Each action leads back to the editor, or on to publishing."""
    partner, name = _which(reader)
    form, editor = await form_of(reader), _editor(reader)
    act, sample = form.text("act", 20) or "save", form.text("sample", 36)
    if act == "discard":
        await reader.read(editor.discard, partner, name, reader.user)
        raise web.HTTPSeeOther(_address(name, "edit", partner, sample=sample, done="discarded"))
    text = _text(form)
    try:
        text = await reader.read(_changed, editor, partner, name, text, form)
        await reader.read(editor.save, partner, name, text, reader.user, sample)
    except Fault as fault:
        await reader.read(editor.save, partner, name, text, reader.user, sample)
        page = await reader.read(editor.page, partner, name, reader.user, sample)
        return _shown(reader, page, fault)
    if act == "publish":
        raise web.HTTPSeeOther(_address(name, "publish", partner, sample=sample))
    if act == "back-test":
        count = int(form.text("count")) if form.text("count") in COUNTS else 100
        test = await reader.read(editor.start_back_test, partner, name, reader.user, count)
        raise web.HTTPSeeOther(_address(name, f"back-tests/{test}", partner))
    if act == "cases":
        page = await reader.read(editor.page, partner, name, reader.user, sample)
        return _shown(reader, page, cases=await reader.read(editor.cases, partner, name, text))
    raise web.HTTPSeeOther(_address(name, "edit", partner, sample=sample, done="saved"))


def _changed(editor: MappingEditor, partner: str, name: str, text: str, form: Form) -> str:
    """Return the text as a button has changed it."""
    act, sample = form.text("act", 20), form.text("sample", 36)
    proposed = form.text("propose", 400)  # number of a value, a colon, the field
    if proposed:
        number, _, field = proposed.partition(":")
        return editor.connect(partner, name, text, sample, int(number) if is_count(number) else -1, field)
    target = form.text("target", 300) or (form.text("field", 300) if act == "connect" else "")
    if target:
        chosen = form.number("value")
        return editor.connect(partner, name, text, sample, -1 if chosen is None else chosen, target)
    if form.text("override", 300):
        return editor.override(partner, name, text, form.text("override", 300))
    if form.text("remove", 300):
        return editor.remove(partner, name, text, form.text("remove", 300))
    return text


@TABLE.get(f"{AT}/words", "mappings.read")
async def words(reader: Reader) -> web.StreamResponse:
    """Legal words with what they are, for completion: names and labels, once each."""
    partner, name = _which(reader)
    below, sample = reader.query("below")[:500], reader.query("sample")[:36]
    found = await reader.read(_editor(reader).words, partner, name, reader.words.lang, below, sample)
    response = web.json_response([[each.name, each.kind, each.label] for each in found])
    response.enable_compression()
    return response


@TABLE.post(f"{AT}/cases", "mappings.write")
async def keep_case(reader: Reader) -> web.StreamResponse:
    partner, name = _which(reader)
    form = await form_of(reader)
    message = form.text("sample", 36)
    await reader.read(_editor(reader).keep_case, partner, name, message, form.text("name", 100), reader.user)
    raise web.HTTPSeeOther(_address(name, "edit", partner, sample=message, done="case"))


# --- publishing -------------------------------------------------------------------------------------------------------


@TABLE.get(f"{AT}/publish", "mappings.write")
async def publish_page(reader: Reader) -> web.StreamResponse:
    return await _publishing(reader)


async def _publishing(reader: Reader, fault: Fault | None = None, said: Any = None) -> web.StreamResponse:
    partner, name = _which(reader)
    found = await reader.read(_editor(reader).publishing, partner, name, reader.user)
    return reader.page(
        "mapping_publish.html",
        status=409 if fault else 200,
        partner=partner,
        name=name,
        found=found,
        sample=reader.query("sample")[:36],
        pairs=[(each, each.where.line) for each in found.findings],
        changes=[(line[:1], line[1:]) for line in found.rules[:200]],
        fault=fault.as_finding() if fault else None,
        said=said or {},
        at=lambda part, **words: _address(name, part, partner, **words),
    )


@TABLE.post(f"{AT}/publish", "mappings.write")
async def publish(reader: Reader) -> web.StreamResponse:
    partner, name = _which(reader)
    form = await form_of(reader)
    reason, over = form.text("reason"), bool(form.text("over"))
    try:
        moment = form.moment("at", reader)
        done = await reader.read(_editor(reader).publish, partner, name, reader.user, reason, at=moment, over=over)
    except Fault as fault:
        return await _publishing(reader, fault, {"reason": reason, "at": form.text("at", 40)})
    word = "planned" if done.plan else "published"
    raise web.HTTPSeeOther(_address(name, "versions", partner, sample=reader.query("sample")[:36], done=word))


# --- versions ---------------------------------------------------------------------------------------------------------


@TABLE.get(f"{AT}/versions", "mappings.read")
async def versions_page(reader: Reader) -> web.StreamResponse:
    return await _versions(reader)


async def _versions(reader: Reader, shared: tuple[Shared, ...] = ()) -> web.StreamResponse:
    partner, name = _which(reader)
    editor, sample = _editor(reader), reader.query("sample")[:36]
    versions = await reader.read(editor.versions, partner, name)
    message = await reader.read(reader.services.views.message, sample) if sample else None
    others = await reader.read(editor.sharing, partner, name)
    own = message if message is not None and message.line.partner == partner and message.mapping == name else None
    return reader.page(
        "mapping_versions.html",
        partner=partner,
        name=name,
        versions=versions,
        plans=await reader.read(editor.plans, partner, name),
        waiting=await reader.read(editor.waiting, partner, name),
        message=own,
        others=[each for each in others if sees(reader.caller, each.partner)],
        shared=shared,
        at=lambda part, **words: _address(name, part, partner, **words),
    )


def _number(reader: Reader) -> int:
    """Raises OurFault mapping.no-such-version."""
    given = reader.request.match_info["number"]
    if not is_count(given, 7):
        raise OurFault("mapping.no-such-version", value=given[:40], mapping="-", partner="-")
    return int(given)


@TABLE.get(AT + "/versions/{number}", "mappings.read")
async def version_page(reader: Reader) -> web.StreamResponse:
    partner, name = _which(reader)
    found = await reader.read(_editor(reader).version, partner, name, _number(reader))
    return reader.page(
        "mapping_version.html",
        partner=partner,
        name=name,
        found=found,
        changes=[(line[:1], line[1:]) for line in found.rules[:200]],
        at=lambda part, **words: _address(name, part, partner, **words),
    )


@TABLE.post(AT + "/versions/{number}/restore", "mappings.write")
async def restore(reader: Reader) -> web.StreamResponse:
    partner, name = _which(reader)
    form = await form_of(reader)
    await reader.read(_editor(reader).roll_back, partner, name, _number(reader), reader.user, form.text("reason"))
    raise web.HTTPSeeOther(_address(name, "versions", partner, done="restored"))


@TABLE.post(f"{AT}/share", "mappings.write")
async def share(reader: Reader) -> web.StreamResponse:
    """Bring this partner's layer into force for the chosen ones too; the page says what each has now."""
    partner, name = _which(reader)
    form = await form_of(reader)
    chosen = [each for each in form.texts("to") if sees(reader.caller, each)]
    if not chosen:
        raise web.HTTPSeeOther(_address(name, "versions", partner))
    done = await reader.read(_editor(reader).share, partner, name, chosen, reader.user, form.text("reason"))
    return await _versions(reader, done)


@TABLE.post(AT + "/versions/{number}/read", "messages.replay")
async def read_with(reader: Reader) -> web.StreamResponse:
    """Read one waiting message again with this version."""
    _which(reader)
    form = await form_of(reader)
    message = form.text("message", 36)
    await reader.read(_editor(reader).read_with, message, _number(reader), reader.user, form.text("reason"))
    raise web.HTTPSeeOther(f"/messages/{message}?done=replay")


@TABLE.post(AT + "/plans/{plan}/withdraw", "mappings.write")
async def withdraw(reader: Reader) -> web.StreamResponse:
    partner, name = _which(reader)
    await reader.read(_editor(reader).withdraw, reader.request.match_info["plan"], reader.user)
    raise web.HTTPSeeOther(_address(name, "versions", partner, done="withdrawn"))


@TABLE.post(f"{AT}/replay", "messages.replay")
async def replay(reader: Reader) -> web.StreamResponse:
    """Read again what waits for one cause; the page of the replay shows how far it is."""
    partner, name = _which(reader)
    form = await form_of(reader)
    chosen = ReplayFilter(partner=partner, type=form.text("type", 60), fault_code=form.text("code", 80))
    bulk = await reader.services.actions.start_replay(chosen, form.text("reason") or name, reader.user)
    raise web.HTTPSeeOther(f"/replays/{bulk.id}")


# --- back-tests -------------------------------------------------------------------------------------------------------


@TABLE.get(AT + "/back-tests/{test}", "mappings.read")
async def test_page(reader: Reader) -> web.StreamResponse:
    partner, name = _which(reader)
    found = await reader.read(_editor(reader).back_test, reader.request.match_info["test"])
    if (found.partner, found.mapping) != (partner, name):
        raise OurFault("mapping.no-such-test", value=found.id)
    fault = found.report.get("fault")
    told = Finding(code=fault["code"], value=fault["value"], params=tuple(fault["params"].items())) if fault else None
    return reader.page(
        "mapping_test.html",
        partner=partner,
        name=name,
        test=found,
        fault=told,
        at=lambda part, **words: _address(name, part, partner, **words),
    )


@TABLE.post(AT + "/back-tests/{test}/cancel", "mappings.write")
async def cancel_test(reader: Reader) -> web.StreamResponse:
    partner, name = _which(reader)
    test = reader.request.match_info["test"]
    await reader.read(_editor(reader).cancel_back_test, test, reader.user)
    raise web.HTTPSeeOther(_address(name, f"back-tests/{test}", partner))
