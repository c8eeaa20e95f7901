"""JSON: registers (opportunities, campaigns, surveys, competitors, own products, calls, ...), links and answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.api.given import said
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.domain.crm.registers import REGISTERS, Register, register_of
from gateway.domain.crm.surveys import Heard, Score, heard, questions
from gateway.model.faults import OurFault
from gateway.store.crm_answers import AnswerView
from gateway.store.crm_entries import Entry
from gateway.store.view_crm_selling import AskedView, EntryPage

TABLE = RouteTable()
MOST_ASKED = 500
_BAD = {400: "bad value"}
_WORDS = {"type": "string", "maxLength": 2000}
_BODY = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
        "state": {"type": "string", "maxLength": 20},
        "version": {"type": "integer"},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAnswer:
    """A field of a register. form: text, long, number, day, choice, account or yes."""

    name: str
    form: str
    required: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAnswer:
    """A register: its states, who may write in it, and its fields."""

    name: str
    states: tuple[str, ...]
    permission: str
    fields: tuple[FieldAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAnswer:
    """path: of the partners' port; the link is good for one answer."""

    account: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswer:
    """What a survey came to: satisfaction 1 to 5, recommendation -100 to 100, each with the number of answers."""

    survey: Entry
    questions: tuple[str, ...]
    asked: tuple[AskedView, ...]
    answers: int
    satisfaction: str | None
    recommendation: str | None
    perceived_value: str | None
    response_rate: str | None
    elements: Mapping[str, Any]


def described(register: Register) -> RegisterAnswer:
    """Return a register as a program reads it."""
    return RegisterAnswer(
        name=register.name,
        states=register.states,
        permission=register.permission,
        fields=tuple(
            FieldAnswer(name=each.name, form=each.form, required=each.required, choices=each.choices)
            for each in register.fields
        ),
    )


@TABLE.route("GET", "/api/v1/crm/registers", summary="Registers with their fields", permission="accounts.read")
async def list_registers(call: Call) -> tuple[RegisterAnswer, ...]:
    return tuple(described(each) for each in REGISTERS.values() if call.caller.may(each.reading))


def _reading(call: Call) -> Register:
    register = register_of(call.path("register"))
    call.caller.require(register.reading)
    return register


def _changing(call: Call) -> Register:
    register = register_of(call.path("register"))
    call.caller.require(register.permission)
    return register


@TABLE.route(
    "GET",
    "/api/v1/crm/registers/{register}",
    summary="Entries of a register, the latest changed first",
    permission="accounts.read",
    query={"account": "only of this account", "state": "only in this state", "q": "only with these signs"},
    responses=NOT_FOUND,
)
async def list_entries(call: Call) -> tuple[Entry, ...]:
    return await call.read(
        call.services.views.entries,
        _reading(call).name,
        account=call.query("account"),
        state=call.query("state"),
        search=call.query("q"),
    )


@TABLE.route(
    "GET",
    "/api/v1/crm/registers/{register}/{id}",
    summary="One entry with who changed what",
    permission="accounts.read",
    responses=NOT_FOUND,
)
async def show_entry(call: Call) -> EntryPage:
    register, views = _reading(call), call.services.views
    found = await call.read(views.entry, register.name, call.path("id"))
    if found is None:
        raise OurFault("crm.entry-unknown", value=call.path("id")[:80], register=register.name)
    return EntryPage(entry=found, history=await call.read(views.entry_history, register.name, found.id))


async def _saved(call: Call, entry: str | None) -> Entry:
    register, body = _changing(call), await call.body()
    data, state, version = body.get("data"), body.get("state"), body.get("version")
    if not isinstance(data, dict):
        raise OurFault("crm.entry-wrong", value="", field="data")
    if state is not None and not isinstance(state, str):
        raise OurFault("crm.entry-wrong", value="", field="state")
    seen = version if isinstance(version, int) and not isinstance(version, bool) else None
    return await call.services.actions.save_entry(register.name, entry, data, state, call.user, seen)


@TABLE.route(
    "POST",
    "/api/v1/crm/registers/{register}",
    summary="Make an entry, for example log a call",
    permission="accounts.read",
    status=201,
    body=_BODY,
    responses={**NOT_FOUND, **_BAD},
)
async def add_entry(call: Call) -> Entry:
    return await _saved(call, None)


@TABLE.route(
    "PUT",
    "/api/v1/crm/registers/{register}/{id}",
    summary="Replace an entry; with version only if nobody has changed it since",
    permission="accounts.read",
    body=_BODY,
    responses={**NOT_FOUND, **_BAD, 409: "changed by somebody else"},
)
async def put_entry(call: Call) -> Entry:
    return await _saved(call, call.path("id"))


@TABLE.route(
    "DELETE",
    "/api/v1/crm/registers/{register}/{id}",
    summary="Take an entry away; the audit keeps it",
    permission="accounts.read",
    responses=NOT_FOUND,
)
async def delete_entry(call: Call) -> Entry:
    register = _changing(call)
    found = await call.read(call.services.views.entry, register.name, call.path("id"))
    await call.services.actions.drop_entry(register.name, call.path("id"), call.user)
    if found is None:
        raise OurFault("crm.entry-unknown", value=call.path("id")[:80], register=register.name)
    return found


# --- surveys ----------------------------------------------------------------------------------------------------------


def scores_of(answers: tuple[AnswerView, ...]) -> list[Score]:
    """Return the answers that hold a score."""
    return [
        Score(form=each.form, account=each.account, question=each.question, score=each.score)
        for each in answers
        if each.score is not None
    ]


async def elements_of(call: Call, direction: str) -> tuple[str, ...]:
    """Return the ids of what is asked about on a side."""
    found = await call.read(call.services.views.audit_elements)
    return tuple(each.id for each in found if each.direction == direction)


@TABLE.route(
    "GET",
    "/api/v1/crm/surveys/{id}",
    summary="What a survey came to, with how many were asked and answered",
    permission="accounts.read",
    responses=NOT_FOUND,
)
async def show_survey(call: Call) -> SurveyAnswer:
    views, name = call.services.views, call.path("id")
    survey = await call.read(views.entry, "survey", name)
    if survey is None:
        raise OurFault("crm.entry-unknown", value=name[:80], register="survey")
    answers = await call.read(views.answers, survey=name)
    asked = await call.read(views.survey_asked, name)
    form = survey.data["form"]
    told: Heard = heard(scores_of(answers), {form: sum(each.asked for each in asked)})
    rate = told.satisfaction.response_rate if form == "csat" else told.recommendation.response_rate
    return SurveyAnswer(
        survey=survey,
        questions=questions(form, await elements_of(call, survey.data.get("direction", "customer"))),
        asked=asked,
        answers=len({(each.account, each.at, each.by) for each in answers}),
        satisfaction=_plain(told.satisfaction.score),
        recommendation=_plain(told.recommendation.score),
        perceived_value=_plain(told.perceived),
        response_rate=_plain(rate),
        elements={
            element: {part: {"mean": _plain(mean), "answers": n} for part, (mean, n) in parts.items()}
            for element, parts in told.elements.items()
        },
    )


def _plain(value: Any) -> str | None:
    return None if value is None else f"{value:.2f}"


@TABLE.route(
    "POST",
    "/api/v1/crm/surveys/{id}/links",
    summary="Make a link to a survey for each account; it is shown once",
    permission="cases.write",
    status=201,
    secret=True,
    body={
        "type": "object",
        "required": ["accounts"],
        "properties": {
            "accounts": {"type": "array", "items": {"type": "string", "maxLength": 100}, "maxItems": MOST_ASKED},
            "person": {"type": "string", "maxLength": 200},
        },
    },
    responses={**NOT_FOUND, **_BAD, 409: "asked lately, or the survey does not run"},
)
async def make_links(call: Call) -> tuple[LinkAnswer, ...]:
    body = await call.body()
    accounts, person = body.get("accounts"), said(body, "person", 200)
    if not isinstance(accounts, list) or not accounts or len(accounts) > MOST_ASKED:
        raise OurFault("api.bad-value", name="accounts", value="", expected=f"1-{MOST_ASKED}")
    wanted = [str(account)[:100] for account in accounts]
    tokens = await call.services.actions.ask_survey(call.path("id"), wanted, person, call.user)
    return tuple(LinkAnswer(account=account, path=f"/survey/{token}") for account, token in tokens.items())


@TABLE.route(
    "POST",
    "/api/v1/crm/surveys/{id}/answers",
    summary="Write down what was answered in an interview",
    permission="cases.write",
    status=201,
    body={
        "type": "object",
        "required": ["account", "scores"],
        "properties": {
            "account": {"type": "string", "maxLength": 100},
            "scores": {"type": "object", "additionalProperties": {"type": "integer"}},
            "words": _WORDS,
        },
    },
    responses={**NOT_FOUND, **_BAD},
)
async def note_answers(call: Call) -> SurveyAnswer:
    body = await call.body()
    scores = body.get("scores")
    if not isinstance(scores, dict) or not body.get("account"):
        raise OurFault("survey.answer-wrong", value="", question="scores")
    account, words = str(body["account"]), str(body.get("words", ""))
    await call.services.actions.note_answers(call.path("id"), account, scores, words, call.user)
    return await show_survey(call)
