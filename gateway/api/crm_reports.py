"""JSON and files: the reports that answer what firms ask of their customers' data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from gateway.api.problems import language_of
from gateway.api.report_files import FORMATS, file_name, file_of
from gateway.api.routes import Call, RouteTable
from gateway.domain.crm.reports import MOST_DAYS, REPORTS, Made, wanted

TABLE = RouteTable()
_QUERY = {
    "since": "first day",
    "until": "last day",
    "days": "so many up to the last day",
    "group": "by what; see the report",
    "account": "only of this account",
    "item": "only this item (GTIN)",
}
_BAD = {400: "bad value", 404: "no such report"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """A report that can be asked for. groups: by what its rows may be gathered."""

    name: str
    area: str
    columns: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAnswer:
    """rows: column -> value, absent where not known; numbers in plain decimal form."""

    name: str
    since: date
    until: date
    group: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


@TABLE.route("GET", "/api/v1/crm/reports", summary="The reports there are", permission="accounts.read")
async def list_reports(call: Call) -> tuple[ReportLine, ...]:
    return tuple(
        ReportLine(name=each.name, area=each.area, columns=each.columns, groups=each.groups)
        for each in REPORTS.values()
    )


async def made_of(call: Call) -> Made:
    """Return the report that the address and its query ask for. Raises OurFault report.unknown, api.bad-value."""
    now = call.services.clock.now()
    asked = wanted(
        call.path("name"),
        now.date(),
        since=call.query("since"),
        until=call.query("until"),
        group=call.query("group"),
        account=call.query("account"),
        item=call.query("item"),
        days=call.number("days", 91, MOST_DAYS),
    )
    return await call.read(call.services.views.report, asked, now)


@TABLE.route(
    "GET", "/api/v1/crm/reports/{name}", summary="One report", permission="accounts.read", query=_QUERY, responses=_BAD
)
async def show_report(call: Call) -> ReportAnswer:
    made = await made_of(call)
    return ReportAnswer(
        name=made.wanted.report.name,
        since=made.wanted.since,
        until=made.wanted.until,
        group=made.wanted.group,
        columns=made.wanted.columns,
        rows=tuple({name: value for name, value in row.items() if value is not None} for row in made.rows),
    )


@TABLE.route(
    "GET",
    "/api/v1/crm/reports/{name}/file",
    summary="One report as CSV or Excel",
    permission="accounts.read",
    query={**_QUERY, "format": ", ".join(FORMATS)},
    responses=_BAD,
)
async def report_file(call: Call) -> web.Response:
    form = call.choice("format", tuple(FORMATS)) or "csv"
    made = await made_of(call)
    data = await call.read(file_of, made, form, call.services.book(), language_of(call.request))
    headers = {"Content-Disposition": f'attachment; filename="{file_name(made, form)}"'}
    return web.Response(body=data, content_type=FORMATS[form], headers=headers)
