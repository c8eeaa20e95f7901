"""JSON: who is who, persons, talks, plans, what is open with an account, and the documents behind a number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from zoneinfo import ZoneInfo

from gateway.api.crm import show_case_of
from gateway.api.given import is_count, moment_of, needed, said
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.domain.crm.cases import TYPES, URGENCIES
from gateway.domain.crm.contacts import CHANNELS, KINDS, Contact, Kind, Profile
from gateway.domain.crm.decisions import AccountMerge, CaseRequest, Change, PartyDecision, TaskDone, Undo
from gateway.domain.crm.interactions import FIELD_TYPES, PRESET, Interaction, Word
from gateway.domain.crm.parties import Names, names_of
from gateway.domain.crm.tasks import Task
from gateway.model.faults import OurFault
from gateway.store.view_crm_rows import CaseRecord
from gateway.store.view_people_rows import (
    AccountSheet,
    CandidateView,
    CaseFigures,
    ContactView,
    DecisionView,
    NumberView,
    OpenWork,
    TimelineEntry,
    TwinView,
)

TABLE = RouteTable()
_BAD = {400: "bad value"}
_BOTH = {**NOT_FOUND, **_BAD}
_LINE = {"type": "string", "maxLength": 300}
_TEXT = {"type": "string", "maxLength": 4000}
_NAMES = {"type": "array", "items": _LINE, "maxItems": 50}
_FLAG = {"type": "boolean"}
_FIELDS = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 1000}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """id: of what was made or changed."""

    id: str


def names(call: Call) -> Names:
    """Return the partners of the book by what identifies them."""
    book = call.services.book()
    return names_of(book.partners, book.own.warehouse)


async def change(call: Call, given: Change) -> Done:
    """Do what a person has decided; return the id of what came of it. Raises OurFault crm.*."""
    return Done(id=await call.services.actions.change_people(given, call.user))


def _object(required: tuple[str, ...] = (), **properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def _listed(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise OurFault("api.bad-value", name=name, value=str(value)[:80], expected="list of texts")
    return tuple(value)


def _texts(body: Mapping[str, Any], name: str) -> dict[str, str]:
    value = body.get(name) or {}
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise OurFault("api.bad-value", name=name, value=str(value)[:80], expected="object of texts")
    return value


# --- who is who -------------------------------------------------------------------------------------------------------


@TABLE.route(
    "GET",
    "/api/v1/crm/candidates",
    summary="Parties that documents name and nobody knows yet, with who they may be",
    permission="accounts.decide",
    query={"offset": "how many to leave out"},
    responses=_BAD,
)
async def candidates(call: Call) -> tuple[CandidateView, ...]:
    offset = call.number("offset", 1, 10_000_000) if call.query("offset") else 0
    return await call.read(call.services.views.crm_candidates, names(call), offset)


@TABLE.route(
    "GET",
    "/api/v1/crm/parties/{id}",
    summary="One party as a partner tells of it",
    permission="accounts.decide",
    responses=NOT_FOUND,
)
async def party(call: Call) -> CandidateView:
    found = await call.read(call.services.views.crm_party, call.path("id"), names(call))
    if found is None:
        raise OurFault("api.not-found", value=call.path("id")[:100], kind="party")
    return found


@TABLE.route(
    "POST",
    "/api/v1/crm/parties/{id}/decision",
    summary="Say what a party is: of an account, of a new account, or none of ours",
    permission="accounts.decide",
    body=_object(
        ("what",),
        what={"type": "string", "enum": ["accept", "reject"]},
        account=_LINE,
        name=_LINE,
        kind={"type": "string", "enum": list(KINDS)},
        reason=_TEXT,
    ),
    responses=_BOTH,
)
async def decide_party(call: Call) -> Done:
    body = await call.body()
    what = needed(body, "what")
    if what not in ("accept", "reject"):
        raise OurFault("api.bad-value", name="what", value=what[:80], expected="accept, reject")
    given = PartyDecision(
        party=call.path("id"),
        what="accept" if what == "accept" else "reject",
        account=said(body, "account") or None,
        name=said(body, "name"),
        kind=cast(Kind, said(body, "kind") or "customer"),
        reason=said(body, "reason"),
    )
    return await change(call, given)


@TABLE.route(
    "GET",
    "/api/v1/crm/twins",
    summary="Accounts that may be one company, with points and reasons",
    permission="accounts.decide",
)
async def twins(call: Call) -> tuple[TwinView, ...]:
    return await call.read(call.services.views.crm_twins, names(call))


@TABLE.route(
    "POST",
    "/api/v1/crm/merges",
    summary="Make one account a part of another, with all that happened to it; it can be undone",
    permission="accounts.decide",
    body=_object(("gone", "kept"), gone=_LINE, kept=_LINE, reason=_TEXT),
    responses=_BOTH,
)
async def merge(call: Call) -> Done:
    body = await call.body()
    return await change(
        call, AccountMerge(gone=needed(body, "gone"), kept=needed(body, "kept"), reason=said(body, "reason"))
    )


@TABLE.route(
    "GET", "/api/v1/crm/decisions", summary="Decisions on who is who, the latest first", permission="accounts.decide"
)
async def decisions(call: Call) -> tuple[DecisionView, ...]:
    return await call.read(call.services.views.crm_decisions)


@TABLE.route(
    "POST",
    "/api/v1/crm/decisions/{id}/undo",
    summary="Take a decision back; everything is as it was before it",
    permission="accounts.decide",
    responses=_BOTH,
)
async def undo(call: Call) -> Done:
    number = call.path("id")
    if not is_count(number, 11):
        raise OurFault("crm.decision-unknown", value=number[:40])
    return await change(call, Undo(decision=int(number)))


# --- accounts ---------------------------------------------------------------------------------------------------------

_PROFILE = _object(
    ("name",),
    name=_LINE,
    kind={"type": "string", "enum": list(KINDS)},
    parent=_LINE,
    relation=_LINE,
    source=_LINE,
    intention=_LINE,
    status=_LINE,
    owner=_LINE,
    shared=_NAMES,
    note=_TEXT,
    fields=_FIELDS,
)


def profile_of(
    account: str, name: str, told: Callable[[str], str], shared: tuple[str, ...], fields: Mapping[str, str]
) -> Profile:
    """Return the profile that a body or a form tells of. told: the text of a field, "" without one."""
    return Profile(
        account=account,
        name=name,
        kind=cast(Kind, told("kind") or "customer"),
        parent=told("parent") or None,
        relation=told("relation") or None,
        source=told("source") or None,
        intention=told("intention") or None,
        status=told("status") or None,
        owner=told("owner") or None,
        shared=shared,
        note=told("note") or None,
        fields=fields,
    )


def _profile(body: Mapping[str, Any], account: str) -> Profile:
    shared, fields = _listed(body, "shared"), _texts(body, "fields")
    return profile_of(account, needed(body, "name"), partial(said, body), shared, fields)


@TABLE.route(
    "GET",
    "/api/v1/crm/profiles",
    summary="What people say of accounts, by name",
    permission="accounts.read",
    query={"owner": "only of this person, or shared with it"},
)
async def profiles(call: Call) -> tuple[Profile, ...]:
    return await call.read(call.services.views.crm_profiles, call.query("owner"))


@TABLE.route(
    "POST",
    "/api/v1/crm/profiles",
    summary="Make an account that no document has named yet",
    permission="accounts.decide",
    body=_PROFILE,
    responses=_BAD,
)
async def add_account(call: Call) -> Done:
    return await change(call, _profile(await call.body(), ""))


@TABLE.route(
    "PUT",
    "/api/v1/crm/profiles/{id}",
    summary="Say what an account is: relation, source, intention, status, owner, whom it is shared with",
    permission="people.write",
    body=_PROFILE,
    responses=_BOTH,
)
async def save_profile(call: Call) -> Done:
    return await change(call, _profile(await call.body(), call.path("id")))


@TABLE.route(
    "GET",
    "/api/v1/records/{id}/sheet",
    summary="An account's profile, identifiers, sites as a tree, and decisions about it",
    permission="accounts.read",
)
async def sheet(call: Call) -> AccountSheet:
    return await call.read(call.services.views.crm_sheet, call.path("id"))


@TABLE.route(
    "GET",
    "/api/v1/records/{id}/open",
    summary="Orders, deliveries and invoices of an account that are not through",
    permission="accounts.read",
)
async def open_work(call: Call) -> OpenWork:
    return await call.read(call.services.views.account_open, call.path("id"), call.services.clock.now().date())


@TABLE.route(
    "GET",
    "/api/v1/records/{id}/timeline",
    summary="Documents, talks and plans done, the latest first",
    permission="accounts.read",
    query={"until": "instant: nothing later"},
    responses=_BAD,
)
async def timeline(call: Call) -> tuple[TimelineEntry, ...]:
    until = moment_of(call.query("until"), "until") or call.services.clock.now()
    return await call.read(call.services.views.account_timeline, call.path("id"), until, 200)


@TABLE.route(
    "GET",
    "/api/v1/records/{id}/numbers/{name}",
    summary="The documents behind a number of an account",
    permission="accounts.read",
    responses=NOT_FOUND,
)
async def number(call: Call) -> NumberView:
    found = await call.read(call.services.views.account_number, call.path("id"), call.path("name"))
    if found is None:
        raise OurFault("api.not-found", value=call.path("name")[:100], kind="number")
    return found


# --- persons, talks, plans --------------------------------------------------------------------------------------------

_CONTACT = _object(
    ("account", "name"),
    account=_LINE,
    name=_LINE,
    function=_LINE,
    phone=_LINE,
    mail=_LINE,
    channel={"type": "string", "enum": ["", *CHANNELS]},
    groups=_NAMES,
    silent=_FLAG,
    unshared=_FLAG,
    note=_TEXT,
)


def _contact(body: Mapping[str, Any], contact: str) -> Contact:
    return Contact(
        id=contact,
        account=needed(body, "account"),
        name=needed(body, "name"),
        function=said(body, "function") or None,
        phone=said(body, "phone") or None,
        mail=said(body, "mail") or None,
        channel=said(body, "channel") or None,
        groups=_listed(body, "groups"),
        silent=body.get("silent") is True,
        unshared=body.get("unshared") is True,
        note=said(body, "note") or None,
    )


@TABLE.route(
    "GET",
    "/api/v1/crm/contacts",
    summary="The register of persons",
    permission="contacts.read",
    query={"account": "only there", "text": "of name, address or number", "group": "only in it"},
)
async def contacts(call: Call) -> tuple[ContactView, ...]:
    return await call.read(
        call.services.views.crm_contacts,
        account=call.query("account"),
        text_part=call.query("text"),
        group=call.query("group"),
    )


@TABLE.route("GET", "/api/v1/crm/contacts/{id}", summary="One person", permission="contacts.read", responses=NOT_FOUND)
async def contact(call: Call) -> ContactView:
    return await call.one(call.services.views.crm_contact, "contact")


@TABLE.route(
    "POST",
    "/api/v1/crm/contacts",
    summary="Enter a person",
    permission="people.write",
    body=_CONTACT,
    responses=_BOTH,
)
async def add_contact(call: Call) -> Done:
    return await change(call, _contact(await call.body(), ""))


@TABLE.route(
    "PUT",
    "/api/v1/crm/contacts/{id}",
    summary="Change a person; documents change nothing of it from then on",
    permission="people.write",
    body=_CONTACT,
    responses=_BOTH,
)
async def save_contact(call: Call) -> Done:
    return await change(call, _contact(await call.body(), call.path("id")))


@TABLE.route("GET", "/api/v1/crm/groups", summary="Groups of contacts, with how many", permission="contacts.read")
async def groups(call: Call) -> Mapping[str, int]:
    return await call.read(call.services.views.crm_groups)


@TABLE.route(
    "GET",
    "/api/v1/crm/interactions",
    summary="Talks, the latest first",
    permission="accounts.read",
    query={"account": "only there", "contact": "only with this person"},
)
async def interactions(call: Call) -> tuple[Interaction, ...]:
    return await call.read(
        call.services.views.crm_interactions, account=call.query("account"), contact=call.query("contact")
    )


@TABLE.route(
    "POST",
    "/api/v1/crm/interactions",
    summary="Write down a talk",
    permission="people.write",
    body=_object(
        ("account", "kind", "subject"),
        account=_LINE,
        kind=_LINE,
        subject=_LINE,
        at=_LINE,
        text=_TEXT,
        contact=_LINE,
        topic=_LINE,
        direction={"type": "string", "enum": ["in", "out"]},
        fields=_FIELDS,
        message=_LINE,
        case=_LINE,
    ),
    responses=_BOTH,
)
async def add_interaction(call: Call) -> Done:
    body = await call.body()
    given = Interaction(
        id="",
        account=needed(body, "account"),
        at=moment_of(said(body, "at"), "at") or call.services.clock.now(),
        kind=needed(body, "kind"),
        subject=needed(body, "subject"),
        text=said(body, "text"),
        contact=said(body, "contact") or None,
        topic=said(body, "topic") or None,
        direction="in" if said(body, "direction") == "in" else "out",
        fields=_texts(body, "fields"),
        message=said(body, "message") or None,
        case=said(body, "case") or None,
    )
    return await change(call, given)


@TABLE.route(
    "GET",
    "/api/v1/crm/tasks",
    summary="Plans, the first that is due first",
    permission="accounts.read",
    query={"owner": "only of this person; me: your own", "account": "only there", "all": "yes: done ones too"},
)
async def tasks(call: Call) -> tuple[Task, ...]:
    owner = call.query("owner")
    return await call.read(
        call.services.views.crm_tasks,
        owner=call.user if owner == "me" else owner,
        account=call.query("account"),
        done=call.query("all") == "yes",
    )


@TABLE.route(
    "POST",
    "/api/v1/crm/tasks",
    summary="Plan something, with a reminder",
    permission="people.write",
    body=_object(
        ("kind", "title", "dueAt"),
        kind=_LINE,
        title=_LINE,
        dueAt=_LINE,
        remindAt=_LINE,
        account=_LINE,
        contact=_LINE,
        case=_LINE,
        owner=_LINE,
        text=_TEXT,
    ),
    responses=_BOTH,
)
async def add_task(call: Call) -> Done:
    body = await call.body()
    due = moment_of(said(body, "dueAt"), "dueAt")
    if due is None:
        raise OurFault("api.bad-value", name="dueAt", value="", expected="instant")
    given = Task(
        id="",
        kind=needed(body, "kind"),
        title=needed(body, "title"),
        owner=said(body, "owner") or call.user,
        due_at=due,
        remind_at=moment_of(said(body, "remindAt"), "remindAt"),
        account=said(body, "account") or None,
        contact=said(body, "contact") or None,
        case=said(body, "case") or None,
        text=said(body, "text"),
    )
    return await change(call, given)


@TABLE.route(
    "POST",
    "/api/v1/crm/tasks/{id}/done",
    summary="Say that a plan is done, and what came of it",
    permission="people.write",
    body=_object(result=_TEXT),
    responses=_BOTH,
)
async def task_done(call: Call) -> Done:
    return await change(call, TaskDone(id=call.path("id"), result=said(await call.body(), "result")))


@TABLE.route("GET", "/api/v1/crm/words", summary="Lists of words, and own fields", permission="accounts.read")
async def words(call: Call) -> tuple[Word, ...]:
    found = await call.read(call.services.views.crm_words)
    return tuple(word for codes in found.values() for word in codes.values())


@TABLE.route(
    "PUT",
    "/api/v1/crm/words/{list}/{code}",
    summary="Add, rename or retire a word of a list, or an own field",
    permission="accounts.decide",
    body=_object(("en",), en=_LINE, zh=_LINE, type={"type": "string", "enum": ["", *FIELD_TYPES]}, active=_FLAG),
    responses=_BAD,
)
async def save_word(call: Call) -> Done:
    body, name = await call.body(), call.path("list")
    if name not in PRESET:
        raise OurFault("api.bad-value", name="list", value=name[:80], expected=", ".join(PRESET))
    given = Word(
        list=name,
        code=call.path("code"),
        en=needed(body, "en"),
        zh=said(body, "zh"),
        type=said(body, "type"),
        active=body.get("active", True) is not False,
    )
    return await change(call, given)


# --- cases ------------------------------------------------------------------------------------------------------------


@TABLE.route(
    "POST",
    "/api/v1/crm/cases",
    summary="Open a case: a service request, a complaint, nonconforming goods",
    permission="cases.write",
    body=_object(
        ("account", "type", "subject"),
        account=_LINE,
        type={"type": "string", "enum": list(TYPES)},
        subject=_LINE,
        text=_TEXT,
        urgency={"type": "string", "enum": list(URGENCIES)},
        owner=_LINE,
        message=_LINE,
        place=_LINE,
        contact=_LINE,
    ),
    responses=_BOTH,
)
async def open_case(call: Call) -> CaseRecord:
    body = await call.body()
    given = CaseRequest(
        account=needed(body, "account"),
        type=needed(body, "type"),
        subject=needed(body, "subject"),
        text=said(body, "text"),
        urgency=said(body, "urgency") or "normal",
        owner=said(body, "owner") or None,
        message=said(body, "message") or None,
        place=said(body, "place") or None,
        contact=said(body, "contact") or None,
    )
    return await show_case_of(call, await call.services.actions.change_people(given, call.user))


@TABLE.route(
    "GET",
    "/api/v1/crm/case-figures",
    summary="Age of open cases, first response, and what was promised and kept",
    permission="cases.read",
)
async def case_figures(call: Call) -> CaseFigures:
    zone = ZoneInfo(call.services.settings.zone)
    return await call.read(call.services.views.crm_case_figures, zone, call.services.clock.now())
