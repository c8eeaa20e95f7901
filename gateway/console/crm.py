"""Accounts with what their documents tell, cases with their course, rules, and the portfolio."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.api.given import is_count, moment_of
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader, segment
from gateway.console.words import Words
from gateway.domain.crm import measures
from gateway.domain.crm.cases import TYPES
from gateway.domain.crm.rules import Rule
from gateway.store.view_crm_rows import SHOWN, AccountRecord, MetricView, number
from gateway.store.view_rows import AccountLine
from gateway.store.views import Views

TABLE = PageTable()
EVENTS = 40
ON_A_PAGE = 100  # accounts
LIFECYCLES = ("new", "active", "at-risk", "lapsed", "won-back", "prospect", "closed")
_TONES = {"lapsed": "bad", "at-risk": "wait", "critical": "bad", "high": "wait", "breached": "bad", "warned": "wait"}
_WORDS = {
    "lifecycle": "lifecycle",
    "stage": "stage",
    "segment": "segment",
    "portfolio": "portfolio",
    "loyalty-type": "loyalty",
}
_SHARES = frozenset(
    (
        "confirmed-rate",
        "shipped-rate",
        "late-rate",
        "return-rate",
        "cancel-rate",
        "credit-rate",
        "supplier-fill-rate",
        "supplier-late-rate",
        "supplier-short-rate",
        "paid-in-time",
        "first-time-right",
        "touchless-rate",
        "documents-in-time",
        "invoice-right-rate",
        "sell-through",
        "penetration",
        "loyalty",
    )
)


def numbers_address(account: str, name: str) -> str:
    """Return where the documents behind a number of an account are listed."""
    return f"/accounts/{segment(account)}/numbers/{segment(name)}"


def tone(value: str | None) -> str:
    """Return the tone of an urgency."""
    return _TONES.get(value or "", "")


def shown(metric: MetricView | None, words: Words) -> str:
    """Return a measure as a person reads it."""
    if metric is None or metric.value is None:
        return words("crm.unknown")
    if metric.name in _WORDS:
        return words.term(_WORDS[metric.name], metric.value)
    value = number(metric)
    if value is None:
        return metric.value
    if metric.name in _SHARES:
        return f"{words.number((value * 100).quantize(Decimal('0.1')))} %"
    return words.number(value.quantize(Decimal("0.01")) if value % 1 else value)


def short(metric: MetricView, words: Words) -> str:
    """Return a measure for a place with little room: money without cents, the index with one decimal."""
    value = number(metric)
    if value is None or metric.name in _SHARES:
        return shown(metric, words)
    return words.number(value.quantize(Decimal("0.1") if metric.name == "health" else Decimal(1)))


def rule_name(rule: str, words: Words) -> str:
    """Return what a rule is about: its own name, or the sentence of the problem that it is named after."""
    return words.code(rule) if "." in rule else words.term("rule", rule)


@TABLE.get("/accounts", "accounts.read")
async def accounts_page(reader: Reader) -> web.StreamResponse:
    views, book = reader.services.views, reader.services.book()
    found = await reader.read(views.account_standings)
    profiles = {each.account: each for each in await reader.read(views.crm_profiles)}
    if reader.query("mine") == "yes":
        own = {name for name, each in profiles.items() if reader.user == each.owner or reader.user in each.shared}
        found = {name: each for name, each in found.items() if name in own}
    names = {name: each.name for name, each in profiles.items() if name not in book.partners}
    text = reader.query("text").casefold()
    if text:
        found = {
            name: each
            for name, each in found.items()
            if text in f"{name} {names.get(name) or reader.words.partner(name)}".casefold()
        }
    wanted = reader.query("state") if reader.query("state") in LIFECYCLES else None
    ids = sorted(
        (name for name, each in found.items() if wanted in (None, each.state)),
        key=lambda name: (-(found[name].money or Decimal(0)), name),
    )
    number, first, following = _pages(reader, len(ids))
    shown_ids = ids[(number - 1) * ON_A_PAGE :][:ON_A_PAGE]
    records = {each.id: each for each in await reader.read(views.account_records, SHOWN, shown_ids)}
    return reader.page(
        "accounts.html",
        accounts=[records.get(name) or AccountRecord(id=name, measures={}) for name in shown_ids],
        counts={state: sum(each.state == state for each in found.values()) for state in LIFECYCLES},
        all=len(found),
        wanted=wanted,
        mine=reader.query("mine") == "yes",
        text=reader.query("text"),
        first=first,
        following=following,
        names=names,
        shown=shown,
        short=short,
        tone=tone,
    )


def _pages(reader: Reader, total: int) -> tuple[int, str | None, str | None]:
    """Return the page that is asked for, from 1, and the addresses of the first page and of the next one."""
    kept = {name: reader.query(name) for name in ("state", "mine", "text") if reader.query(name)}
    given = reader.query("page")
    number = max(1, min(int(given), 1_000)) if is_count(given, 4) else 1

    def address(page: int) -> str:
        values = {**kept, "page": str(page)} if page > 1 else kept
        return f"/accounts?{urlencode(values)}" if values else "/accounts"

    first = address(1) if number > 1 else None
    return number, first, address(number + 1) if number * ON_A_PAGE < total else None


def _whole_account(views: Views, account: str) -> AccountLine | None:
    """Return the figures of an account with those of all that have become a part of it."""
    lines = [line for each in views.crm_members(account) if (line := views.account(each)) is not None]
    if len(lines) < 2:
        return lines[0] if lines else None
    figures: dict[str, Decimal] = {}
    for line in lines:
        for name, value in line.figures.items():
            figures[name] = figures.get(name, Decimal(0)) + value
    last = max(lines, key=lambda each: (each.last_activity_at is not None, each.last_activity_at))
    return AccountLine(
        id=account, figures=figures, last_activity_at=last.last_activity_at, last_activity=last.last_activity
    )


@TABLE.get("/accounts/{id}", "accounts.read")
async def account_page(reader: Reader) -> web.StreamResponse:
    account_id, views = reader.request.match_info["id"], reader.services.views
    partner = reader.services.book().partners.get(account_id)
    line = await reader.read(_whole_account, views, account_id)
    record = await reader.read(views.account_record, account_id)
    profile = (await reader.read(views.crm_sheet, account_id)).profile
    if line is None and record is None and partner is None and profile is None:
        return not_found(reader, "account", account_id)
    at = moment_of(reader.query("before") or None, "before")
    before = (at, reader.query("id")) if at else None
    events = await reader.read(views.account_events, account_id, before, EVENTS)
    line = line or AccountLine(id=account_id, figures={}, last_activity_at=None, last_activity=None)
    return reader.page(
        "account.html",
        account=line,
        name=profile.name if partner is None and profile is not None else reader.words.partner(account_id),
        numbers=numbers_address,
        partner=partner,
        record=record or AccountRecord(id=account_id, measures={}),
        events=events,
        more=events[-1] if len(events) == EVENTS else None,
        later=before is not None,
        cases=await reader.read(views.crm_cases, account=account_id) if reader.may("cases.read") else (),
        rates=measures(line.figures),
        shown=shown,
        short=short,
        tone=tone,
        rule_name=rule_name,
    )


def shares(value: str | None, words: Words) -> str:
    """Return a share as a person reads it."""
    return (
        words("crm.unknown") if value is None else f"{words.number((Decimal(value) * 100).quantize(Decimal('0.1')))} %"
    )


@TABLE.get("/cases", "cases.read")
async def cases_page(reader: Reader) -> web.StreamResponse:
    case_type = reader.query("type") if reader.query("type") in TYPES else None
    every = reader.query("all") == "yes"
    account = reader.query("account") or None
    services = reader.services
    cases = await reader.read(services.views.crm_cases, account=account, case_type=case_type, open_only=not every)
    zone, now = ZoneInfo(services.settings.zone), services.clock.now()
    return reader.page(
        "cases.html",
        cases=cases,
        share=lambda value: shares(value, reader.words),
        figures=None if account else await reader.read(services.views.crm_case_figures, zone, now),
        types=[(each, reader.words.term("casetype", each)) for each in TYPES],
        case_type=case_type,
        account=account,
        every=every,
        tone=tone,
        rule_name=rule_name,
    )


@TABLE.get("/cases/{id}", "cases.read")
async def case_page(reader: Reader) -> web.StreamResponse:
    case, services = reader.request.match_info["id"], reader.services
    found = await reader.read(services.views.crm_case, case, ZoneInfo(services.settings.zone), services.clock.now())
    if found is None:
        return not_found(reader, "case", case)
    happened = [_Step(what=what, at=each.at, actor="", text="", message=each.message) for what, each in found.events]
    happened += [
        _Step(what=each.kind, at=each.at, actor=each.actor, text=", ".join(each.values.values()), message=each.message)
        for each in found.acts
    ]
    return reader.page(
        "case.html",
        found=found,
        place=await reader.read(services.views.crm_case_place, case),
        steps=sorted(happened, key=lambda each: each.at, reverse=True),
        tone=tone,
        rule_name=rule_name,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    what: str
    at: datetime
    actor: str
    text: str
    message: str | None


@TABLE.post("/cases/{id}/act", "cases.write")
async def act_on_case(reader: Reader) -> web.StreamResponse:
    case = reader.request.match_info["id"]
    form = await reader.request.post()
    kind = str(form.get("step", ""))[:20]
    values = {name: str(form[name]) for name in ("owner", "urgency", "cause", "measure", "note") if name in form}
    await reader.services.actions.case_act(case, kind, reader.user, values)
    raise web.HTTPSeeOther(f"/cases/{case}?done=act")


# --- rules ------------------------------------------------------------------------------------------------------------


@TABLE.get("/rules", "cases.read")
async def rules_page(reader: Reader) -> web.StreamResponse:
    rules = await reader.read(reader.services.views.crm_rules)
    tried = next((each for each in rules if each.id == reader.query("try")), None)
    trial = await reader.read(reader.services.views.try_rule, tried) if tried else None
    return reader.page("rules.html", rules=rules, trial=trial, tone=tone, rule_name=rule_name)


@TABLE.post("/rules/{id}/switch", "rules.write")
async def switch_rule(reader: Reader) -> web.StreamResponse:
    name = reader.request.match_info["id"]
    rules: Mapping[str, Rule] = {each.id: each for each in await reader.read(reader.services.views.crm_rules)}
    if name not in rules:
        return not_found(reader, "rule", name)
    rule = rules[name]
    changed = Rule(
        id=rule.id,
        opens_on=rule.opens_on,
        closes_on=rule.closes_on,
        conditions=rule.conditions,
        direction=rule.direction,
        case_type=rule.case_type,
        urgency=rule.urgency,
        by=rule.by,
        owner=rule.owner,
        active=not rule.active,
    )
    await reader.services.actions.save_crm_rule(changed, reader.user)
    raise web.HTTPSeeOther("/rules?done=rule")


# --- the portfolio ----------------------------------------------------------------------------------------------------

SIDE = 420  # of the square that is drawn
_EDGE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """An account in the portfolio."""

    account: str
    x: int
    y: int
    cell: str
    history: Decimal
    potential: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """The accounts as dots between how much they buy and how much they could."""

    dots: tuple[Dot, ...]
    cut_x: int
    cut_y: int


def portfolio_of(records: Sequence[AccountRecord]) -> Portfolio | None:
    """Place every account by its value so far and to come; ranks, not sums, so that one giant does not press the others
    into a corner. None when no account has both."""
    told: list[tuple[str, str, Decimal, Decimal, Decimal, Decimal]] = []
    for each in records:
        metric = each.measures.get("portfolio")
        if metric is None or metric.value is None:
            continue
        sizes = [
            Decimal(str(metric.parts.get(name, 0))) for name in ("history", "potential", "historyCut", "potentialCut")
        ]
        told.append((each.id, metric.value, sizes[0], sizes[1], sizes[2], sizes[3]))
    if not told:
        return None
    xs, ys = sorted({each[2] for each in told}), sorted({each[3] for each in told})
    dots = tuple(
        Dot(account=name, x=_along(xs, past), y=SIDE - _along(ys, ahead), cell=cell, history=past, potential=ahead)
        for name, cell, past, ahead, _, _ in sorted(told)
    )
    cut_x = _between(xs, told[0][4])
    return Portfolio(dots=dots, cut_x=cut_x, cut_y=SIDE - _between(ys, told[0][5]))


def _along(values: list[Decimal], value: Decimal) -> int:
    return _EDGE + round((SIDE - 2 * _EDGE) * (bisect_left(values, value) + 0.5) / len(values))


def _between(values: list[Decimal], cut: Decimal) -> int:
    return _EDGE + round((SIDE - 2 * _EDGE) * bisect_left(values, cut) / len(values))


@TABLE.get("/portfolio", "accounts.read")
async def portfolio_page(reader: Reader) -> web.StreamResponse:
    records = await reader.read(reader.services.views.account_records, ("portfolio",))
    return reader.page("portfolio.html", drawn=portfolio_of(records), side=SIDE)
