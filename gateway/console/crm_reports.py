"""Reports as pages: what they answer, filtered and grouped, with their files; and the one page about an account."""

from decimal import Decimal

from aiohttp import web

from gateway.api.given import is_count
from gateway.api.report_files import FORMATS, Namer, file_name, file_of, key_words
from gateway.console.crm import shown, tone
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.console.words import Words
from gateway.domain.crm.reports import MOST_DAYS, REPORTS, Made, Wanted, wanted
from gateway.model.faults import OurFault
from gateway.store.view_crm_rows import AccountRecord

TABLE = PageTable()
AREAS = ("sales", "customers", "market", "service")
BRIEF_MEASURES = (
    "lifecycle", "segment", "value-class", "monetary", "frequency", "silent-days", "lifetime-value", "portfolio",
    "health", "receivable", "days-outstanding", "paid-in-time", "confirmed-rate", "shipped-rate", "late-rate",
    "return-rate", "touchless-rate", "response-hours", "sell-through", "penetration", "price-index", "satisfaction",
    "recommendation", "loyalty-type", "supplier-fill-rate", "supplier-short-rate", "documents-in-time",
)  # fmt: skip
BRIEF_EVENTS = 12


@TABLE.get("/reports", "accounts.read")
async def reports_page(reader: Reader) -> web.StreamResponse:
    areas = [(area, [each for each in REPORTS.values() if each.area == area]) for area in AREAS]
    return reader.page("reports.html", areas=areas)


async def _made(reader: Reader) -> Made:
    now = reader.services.clock.now()
    days = reader.query("days")
    if days and not (is_count(days, 5) and 1 <= int(days) <= MOST_DAYS):
        raise OurFault("api.bad-value", name="days", value=days[:20], expected=f"1-{MOST_DAYS}")
    asked = wanted(
        reader.request.match_info["name"],
        now.date(),
        since=reader.query("since"),
        until=reader.query("until"),
        group=reader.query("group"),
        account=reader.query("account"),
        item=reader.query("item"),
        days=int(days or 91),
    )
    return await reader.read(reader.services.views.report, asked, now)


@TABLE.get("/reports/{name}", "accounts.read")
async def report_page(reader: Reader) -> web.StreamResponse:
    made = await _made(reader)
    namer = _namer(made.wanted, reader)
    found = reader.services.book().partners.values()
    return reader.page(
        "report.html",
        made=made,
        wanted=made.wanted,
        namer=namer,
        cell=cell,
        heading=heading,
        address=_address(made),
        formats=tuple(FORMATS),
        percent=percent,
        accounts=sorted((each.id, reader.words.partner(each.id)) for each in found if each.kind == "partner"),
    )


def _namer(asked: Wanted, reader: Reader) -> Namer:
    """Return how the first column reads on a page: terms by the words of the page, all else as in the file."""
    kinds = {"loyalty-type": "loyalty"} if asked.report.name == "types" else {}
    if asked.report.name == "types":
        return lambda value: reader.words.term(kinds.get(asked.group, asked.group), value)
    if asked.report.name == "pipeline":
        return lambda value: reader.words.term("stage-of", value)
    return key_words(asked, reader.services.book(), reader.words.lang)


def heading(column: str, asked: Wanted, words: Words) -> str:
    return words.term("by", asked.group or asked.report.name) if column == "key" else words(f"column.{column}")


def cell(column: str, value: str | None, namer: Namer, words: Words) -> str | None:
    """Return a cell in words; numbers and names of data stay as they are."""
    groups = {"state": "lifecycle", "kind": "kind-of"}
    if value is None or column == "key":
        return None if value is None else namer(value)
    if column == "why":
        return ", ".join(words.term("why", each) for each in value.split())
    return words.term(groups[column], value) if column in groups else value


def percent(value: str, words: Words) -> str:
    return f"{words.rounded(Decimal(value) * 100, 1)} %"


def _address(made: Made) -> str | None:
    """Return where a row of the report leads to, before its key; None when nowhere."""
    name, group = made.wanted.report.name, made.wanted.group
    if group == "account":
        return "/accounts/"
    return "/selling/opportunity?state=" if name == "pipeline" else None


@TABLE.get("/reports/{name}/file", "accounts.read")
async def report_file(reader: Reader) -> web.StreamResponse:
    form = reader.query("format") if reader.query("format") in FORMATS else "csv"
    made = await _made(reader)
    data = await reader.read(file_of, made, form, reader.services.book(), reader.words.lang)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(made, form)}"', "Cache-Control": "no-store"}
    return web.Response(body=data, content_type=FORMATS[form], headers=headers)


@TABLE.get("/accounts/{id}/brief", "accounts.read")
async def brief_page(reader: Reader) -> web.StreamResponse:
    """One page to print before a visit."""
    account, views = reader.request.match_info["id"], reader.services.views
    record = await reader.read(views.account_record, account)
    partner = reader.services.book().partners.get(account)
    if record is None and partner is None:
        return not_found(reader, "account", account)
    events = await reader.read(views.account_events, account, None, BRIEF_EVENTS)
    return reader.page(
        "account_brief.html",
        account=account,
        partner=partner,
        record=record or AccountRecord(id=account, measures={}),
        names=BRIEF_MEASURES,
        events=events,
        cases=await reader.read(views.crm_cases, account=account, limit=10) if reader.may("cases.read") else (),
        opportunities=await reader.read(views.entries, "opportunity", account=account, limit=10),
        shown=shown,
        tone=tone,
    )
