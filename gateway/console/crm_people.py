"""Who is who, what people say of accounts, persons, talks and plans, what is open, and documents behind a number."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import cast

from aiohttp import web
from multidict import MultiDictProxy

from gateway.api.crm_people import profile_of
from gateway.api.given import is_count, moment_of
from gateway.console.crm import rule_name, tone
from gateway.console.forms import moment
from gateway.console.pages import PageTable, not_found, safe_next
from gateway.console.reader import Reader, segment
from gateway.domain.crm.cases import TYPES, URGENCIES
from gateway.domain.crm.contacts import CHANNELS, KINDS, Contact, Kind, Profile
from gateway.domain.crm.decisions import AccountMerge, CaseRequest, Change, PartyDecision, TaskDone, Undo
from gateway.domain.crm.interactions import FIELD_TYPES, PRESET, Interaction, Word
from gateway.domain.crm.parties import Names, names_of
from gateway.domain.crm.tasks import Task, by_nearness
from gateway.model.faults import OurFault
from gateway.store.view_people_rows import NumberView, TimelineEntry

TABLE = PageTable()
PAGE = 25
ENTRIES = 60
Lists = Mapping[str, Mapping[str, Word]]
Form = MultiDictProxy[str | bytes | bytearray | web.FileField]


def _names(reader: Reader) -> Names:
    book = reader.services.book()
    return names_of(book.partners, book.own.warehouse)


def _said(form: Form, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _many(text: str) -> tuple[str, ...]:
    """Return the words of a field that takes several, parted by commas of either script."""
    return tuple(each.strip() for each in text.replace("，", ",").split(",") if each.strip())


def _own(form: Form) -> dict[str, str]:
    """Return the values of own fields: those named field.CODE."""
    return {name.removeprefix("field."): _said(form, name) for name in form if name.startswith("field.")}


async def _change(reader: Reader, given: Change) -> str:
    return await reader.services.actions.change_people(given, reader.user)


def _back(form: Form, otherwise: str) -> web.HTTPSeeOther:
    """Lead back to a page of this console, with a word that it is done."""
    asked = _said(form, "back")
    address = safe_next(asked) if asked else otherwise
    return web.HTTPSeeOther(f"{address}{'&' if '?' in address else '?'}done=people")


def _moment(reader: Reader, form: Form, name: str) -> datetime | None:
    """Return an instant that was entered in the reader's zone. Raises OurFault api.bad-value."""
    return moment(_said(form, name), name, reader.words.zone)


def _word_of(reader: Reader, lists: Lists) -> Callable[[str, str | None], str]:
    chinese = reader.words.lang == "zh-CN"

    def word_of(name: str, code: str | None) -> str:
        word = lists.get(name, {}).get(code or "")
        return (code or "") if word is None else word.zh if chinese else word.en

    return word_of


def _options(reader: Reader, lists: Lists) -> dict[str, list[tuple[str, str]]]:
    """Return every list as choices: those that are still offered."""
    word_of = _word_of(reader, lists)
    return {
        name: [(code, word_of(name, code)) for code, word in codes.items() if word.active]
        for name, codes in lists.items()
    }


async def _labels(reader: Reader) -> dict[str, str]:
    """Return every account that is one of its own with its name."""
    found = {name: reader.words.partner(name) for name in _names(reader).accounts}
    found.update({each.account: each.name for each in await reader.read(reader.services.views.crm_profiles)})
    return found


def _sorted(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(labels.items(), key=lambda pair: (pair[1].casefold(), pair[0]))


def _label_of(labels: Mapping[str, str]) -> Callable[[str | None], str]:
    return lambda account: labels.get(account or "", account or "")


# --- who is who -------------------------------------------------------------------------------------------------------


@TABLE.get("/candidates", "accounts.decide")
async def candidates_page(reader: Reader) -> web.StreamResponse:
    views, names = reader.services.views, _names(reader)
    told = reader.query("offset")
    offset = int(told) if is_count(told, 7) else 0
    found = await reader.read(views.crm_candidates, names, offset, PAGE + 1)
    labels = await _labels(reader)
    return reader.page(
        "candidates.html",
        candidates=found[:PAGE],
        count=await reader.read(views.crm_candidate_count),
        next=offset + PAGE if len(found) > PAGE else None,
        later=offset > 0,
        twins=await reader.read(views.crm_twins, names) if reader.query("twins") == "yes" else None,
        decisions=() if offset else await reader.read(views.crm_decisions),
        accounts=_sorted(labels),
        kinds=KINDS,
        name_of=_label_of(labels),
    )


@TABLE.post("/candidates/{id}", "accounts.decide")
async def decide(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    account = _said(form, "account")
    given = PartyDecision(
        party=reader.request.match_info["id"],
        what="reject" if form.getall("what", [""])[-1] == "reject" else "accept",
        account=account or None,
        name=_said(form, "name"),
        kind=cast(Kind, _said(form, "kind") or "customer"),
        reason=_said(form, "reason"),
    )
    await _change(reader, given)
    raise web.HTTPSeeOther("/candidates?done=people")


@TABLE.post("/decisions/{id}/undo", "accounts.decide")
async def undo(reader: Reader) -> web.StreamResponse:
    form, number = await reader.request.post(), reader.request.match_info["id"]
    if not is_count(number, 11):
        raise OurFault("crm.decision-unknown", value=number[:40])
    await _change(reader, Undo(decision=int(number)))
    raise _back(form, "/candidates")


@TABLE.post("/accounts/{id}/merge", "accounts.decide")
async def merge(reader: Reader) -> web.StreamResponse:
    form, account = await reader.request.post(), reader.request.match_info["id"]
    await _change(reader, AccountMerge(gone=_said(form, "gone"), kept=account, reason=_said(form, "reason")))
    raise web.HTTPSeeOther(f"/accounts/{segment(account)}/profile?done=people")


# --- an account -------------------------------------------------------------------------------------------------------


async def _account_name(reader: Reader, account: str) -> str | None:
    """Return how an account is called, None when nothing is known of it."""
    labels = await _labels(reader)
    if account in labels:
        return labels[account]
    record = await reader.read(reader.services.views.account_record, account)
    return account if record is not None else None


@TABLE.get("/accounts/{id}/timeline", "accounts.read")
async def timeline_page(reader: Reader) -> web.StreamResponse:
    account, views = reader.request.match_info["id"], reader.services.views
    name = await _account_name(reader, account)
    if name is None:
        return not_found(reader, "account", account)
    until = moment_of(reader.query("until") or None, "until")
    entries = await reader.read(views.account_timeline, account, until or reader.services.clock.now(), ENTRIES)
    word_of = _word_of(reader, await reader.read(views.crm_words))

    def word(entry: TimelineEntry) -> str:
        return word_of(entry.what, entry.kind)

    return reader.page(
        "account_timeline.html",
        id=account,
        name=name,
        entries=entries,
        more=len(entries) == ENTRIES,
        later=until is not None,
        word=word,
    )


@TABLE.get("/accounts/{id}/open", "accounts.read")
async def open_page(reader: Reader) -> web.StreamResponse:
    account, views = reader.request.match_info["id"], reader.services.views
    name = await _account_name(reader, account)
    if name is None:
        return not_found(reader, "account", account)
    found = await reader.read(views.account_open, account, reader.services.clock.now().date())
    return reader.page("account_open.html", id=account, name=name, open=found)


@TABLE.get("/accounts/{id}/numbers/{name}", "accounts.read")
async def number_page(reader: Reader) -> web.StreamResponse:
    account, number = reader.request.match_info["id"], reader.request.match_info["name"]
    name = await _account_name(reader, account)
    found = await reader.read(reader.services.views.account_number, account, number)
    if name is None or found is None:
        return not_found(reader, "number", number[:80])
    return reader.page(
        "account_number.html", id=account, name=name, found=found, title=title_of(reader, number), total=total_of(found)
    )


def title_of(reader: Reader, number: str) -> str:
    """Return a number's name as the account page has it."""
    for group in ("metric", "rate", "figure"):
        told = reader.words.term(group, number)
        if told != number.replace("_", " ").replace("-", " "):
            return told
    return reader.words.term("figure", number)


def total_of(found: NumberView) -> Decimal | None:
    """Return the sum of the documents' values, None where they are not to be summed or not all are there."""
    if len(found.rests_on) != 1 or found.more:
        return None
    return sum((Decimal(each.value) for each in found.documents if each.value is not None), Decimal(0))


@TABLE.get("/accounts/{id}/people", "accounts.read")
async def people_page(reader: Reader) -> web.StreamResponse:
    account, views = reader.request.match_info["id"], reader.services.views
    name = await _account_name(reader, account)
    if name is None:
        return not_found(reader, "account", account)
    lists = await reader.read(views.crm_words)
    contacts = await reader.read(views.crm_contacts, account=account) if reader.may("contacts.read") else ()
    return reader.page(
        "account_people.html",
        id=account,
        name=name,
        contacts=contacts,
        contact_options=[(each.contact.id, each.contact.name) for each in contacts],
        talks=await reader.read(views.crm_interactions, account=account),
        tasks=await reader.read(views.crm_tasks, account=account),
        lists=_options(reader, lists),
        word_of=_word_of(reader, lists),
    )


@TABLE.post("/accounts/{id}/talks", "people.write")
async def add_talk(reader: Reader) -> web.StreamResponse:
    form, account = await reader.request.post(), reader.request.match_info["id"]
    given = Interaction(
        id="",
        account=account,
        at=_moment(reader, form, "at") or reader.services.clock.now(),
        kind=_said(form, "kind"),
        subject=_said(form, "subject"),
        text=_said(form, "text"),
        contact=_said(form, "contact") or None,
        topic=_said(form, "topic") or None,
        direction="in" if _said(form, "direction") == "in" else "out",
        fields=_own(form),
        message=_said(form, "message") or None,
    )
    await _change(reader, given)
    raise web.HTTPSeeOther(f"/accounts/{segment(account)}/people?done=people")


@TABLE.get("/accounts/{id}/profile", "accounts.read")
async def profile_page(reader: Reader) -> web.StreamResponse:
    account, views = reader.request.match_info["id"], reader.services.views
    name = await _account_name(reader, account)
    sheet = await reader.read(views.crm_sheet, account)
    if name is None and not sheet.merged_into:
        return not_found(reader, "account", account)
    lists, labels = await reader.read(views.crm_words), await _labels(reader)
    partner = reader.services.book().partners.get(account)
    role: Kind = partner.role if partner is not None and partner.role != "none" else "customer"
    shown = sheet.profile or Profile(account=account, name=name or account, kind=role)
    return reader.page(
        "account_profile.html",
        id=account,
        name=name or account,
        sheet=sheet,
        profile=shown,
        kinds=[(each, reader.words.term("accounts", each)) for each in KINDS],
        lists=_options(reader, lists),
        word_of=_word_of(reader, lists),
        others=[pair for pair in _sorted(labels) if pair[0] not in sheet.members],
        name_of=_label_of(labels),
    )


@TABLE.post("/accounts/{id}/profile", "people.write")
async def save_profile(reader: Reader) -> web.StreamResponse:
    form, account = await reader.request.post(), reader.request.match_info["id"]
    shared = _many(_said(form, "shared"))
    given = profile_of(account, _said(form, "name"), partial(_said, form), shared, _own(form))
    await _change(reader, given)
    raise web.HTTPSeeOther(f"/accounts/{segment(account)}/profile?done=people")


# --- persons ----------------------------------------------------------------------------------------------------------


@TABLE.get("/contacts", "contacts.read")
async def contacts_page(reader: Reader) -> web.StreamResponse:
    views = reader.services.views
    text, group = reader.query("text")[:100], reader.query("group")
    groups = await reader.read(views.crm_groups)
    found = await reader.read(views.crm_contacts, text_part=text or None, group=group if group in groups else None)
    return reader.page(
        "contacts.html",
        contacts=found,
        text=text,
        group=group if group in groups else None,
        groups=[(name, f"{name} ({count})") for name, count in groups.items()],
        name_of=_label_of(await _labels(reader)),
    )


@TABLE.get("/contacts/{id}", "contacts.read")
async def contact_page(reader: Reader) -> web.StreamResponse:
    contact, views = reader.request.match_info["id"], reader.services.views
    found = await reader.read(views.crm_contact, contact)
    if found is None:
        return not_found(reader, "contact", contact[:80])
    return reader.page(
        "contact.html",
        found=found,
        talks=await reader.read(views.crm_interactions, contact=contact),
        channels=[(each, reader.words.term("contactway", each)) for each in CHANNELS],
        name_of=_label_of(await _labels(reader)),
    )


def _contact(form: Form, contact: str) -> Contact:
    return Contact(
        id=contact,
        account=_said(form, "account"),
        name=_said(form, "name"),
        function=_said(form, "function") or None,
        phone=_said(form, "phone") or None,
        mail=_said(form, "mail") or None,
        channel=_said(form, "channel") or None,
        groups=_many(_said(form, "groups")),
        silent=_said(form, "silent") == "yes",
        unshared=_said(form, "unshared") == "yes",
        note=_said(form, "note") or None,
    )


@TABLE.post("/contacts", "people.write")
async def add_contact(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    await _change(reader, _contact(form, ""))
    raise web.HTTPSeeOther(f"/accounts/{segment(_said(form, 'account'))}/people?done=people")


@TABLE.post("/contacts/{id}", "people.write")
async def save_contact(reader: Reader) -> web.StreamResponse:
    form, contact = await reader.request.post(), reader.request.match_info["id"]
    await _change(reader, _contact(form, contact))
    raise web.HTTPSeeOther(f"/contacts/{segment(contact)}?done=people")


# --- plans ------------------------------------------------------------------------------------------------------------


@TABLE.get("/my-day", "accounts.read")
async def my_day(reader: Reader) -> web.StreamResponse:
    views, now = reader.services.views, reader.services.clock.now()
    tasks = await reader.read(views.crm_tasks, owner=reader.user)
    cases = await reader.read(views.crm_cases) if reader.may("cases.read") else ()
    role = reader.caller.user.role if reader.caller else ""
    labels = await _labels(reader)
    lists = await reader.read(views.crm_words)
    return reader.page(
        "my_day.html",
        tasks=by_nearness(tasks, now, reader.words.zone),
        reminders=[each for each in tasks if each.reminds(now) and each.due_at >= now],
        cases=[each for each in cases if each.person == reader.user or (each.person is None and each.owner == role)][
            :50
        ],
        accounts=await reader.read(views.crm_profiles, reader.user),
        writes=reader.may("people.write"),
        lists=_options(reader, lists),
        account_options=_sorted(labels),
        name_of=_label_of(labels),
        tone=tone,
        rule_name=rule_name,
    )


@TABLE.post("/tasks", "people.write")
async def add_task(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    due = _moment(reader, form, "due")
    if due is None:
        raise OurFault("crm.value-wrong", value="", field="due")
    given = Task(
        id="",
        kind=_said(form, "kind"),
        title=_said(form, "title"),
        owner=_said(form, "owner") or reader.user,
        due_at=due,
        remind_at=_moment(reader, form, "remind"),
        account=_said(form, "account") or None,
        text=_said(form, "text"),
    )
    await _change(reader, given)
    raise _back(form, "/my-day")


@TABLE.post("/tasks/{id}/done", "people.write")
async def task_done(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    await _change(reader, TaskDone(id=reader.request.match_info["id"], result=_said(form, "result")))
    raise _back(form, "/my-day")


# --- words ------------------------------------------------------------------------------------------------------------


@TABLE.get("/words", "accounts.decide")
async def words_page(reader: Reader) -> web.StreamResponse:
    return reader.page(
        "words.html",
        lists=await reader.read(reader.services.views.crm_words),
        list_options=[(name, reader.words(f"words.{name}")) for name in PRESET],
        type_options=[(each, reader.words(f"words.type-{each}")) for each in FIELD_TYPES],
    )


@TABLE.post("/words", "accounts.decide")
async def save_word(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    given = Word(
        list=_said(form, "list"),
        code=_said(form, "code"),
        en=_said(form, "en"),
        zh=_said(form, "zh"),
        type=_said(form, "type"),
        active=_said(form, "active") != "no",
    )
    await _change(reader, given)
    raise web.HTTPSeeOther("/words?done=people")


# --- a case by hand ---------------------------------------------------------------------------------------------------


@TABLE.get("/cases/new", "cases.write")
async def new_case_page(reader: Reader) -> web.StreamResponse:
    return reader.page(
        "case_new.html",
        account=reader.query("account"),
        message=reader.query("message"),
        account_options=_sorted(await _labels(reader)),
        types=[(each, reader.words.term("casetype", each)) for each in TYPES],
        urgencies=[(each, reader.words.term("urgency", each)) for each in URGENCIES],
    )


@TABLE.post("/cases", "cases.write")
async def open_case(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    given = CaseRequest(
        account=_said(form, "account"),
        type=_said(form, "type"),
        subject=_said(form, "subject"),
        text=_said(form, "text"),
        urgency=_said(form, "urgency") or "normal",
        owner=_said(form, "owner") or None,
        message=_said(form, "message") or None,
        place=_said(form, "place") or None,
    )
    raise web.HTTPSeeOther(f"/cases/{await _change(reader, given)}?done=act")
