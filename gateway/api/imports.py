"""JSON: lists that were imported."""

from gateway.api.house_actions import ImportAnswer
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.domain.imports import KINDS
from gateway.model.faults import OurFault
from gateway.store.view_house import after_import
from gateway.store.view_house_rows import (
    ImportLine,
)

TABLE = RouteTable()
IMPORT_LIMIT_BYTES = 64 * 1024 * 1024  # larger lists come by the command line
_BAD = {400: "bad value"}


@TABLE.route(
    "POST",
    "/api/v1/imports",
    summary="Import a list: the file itself (CSV or .xlsx) is the body",
    permission="imports.write",
    streams=True,
    query={
        "kind": ", ".join(KINDS),
        "file": "name of the file; its ending tells CSV from Excel",
        "dry": "yes: check only, write nothing",
        "sheet": "of an Excel file; without: the first",
        "column": "ours=theirs, may be repeated: what a column means; remembered",
    },
    responses={400: "bad value", 409: "the file as a whole cannot be taken", 413: "too large"},
)
async def import_list(call: Call) -> ImportAnswer:
    kind = call.choice("kind", tuple(KINDS))
    if kind is None:
        raise OurFault("api.bad-value", name="kind", value="", expected=", ".join(KINDS))
    dry = call.choice("dry", ("yes", "no")) == "yes"
    said = {}
    for each in call.request.query.getall("column", []):
        ours, mark, theirs = each.partition("=")
        if not mark or not ours or not theirs:
            raise OurFault("api.bad-value", name="column", value=each[:100], expected="ours=theirs")
        said[ours.strip()] = theirs.strip()
    data = await call.upload(IMPORT_LIMIT_BYTES)
    name = call.query("file") or f"{kind}.csv"
    return await call.services.actions.import_list(
        kind, name, data, call.user, dry=dry, said=said, sheet=call.query("sheet")
    )


@TABLE.route(
    "GET",
    "/api/v1/imports",
    summary="Imported lists, newest first",
    permission="imports.read",
    query={"limit": "1 to 500, default 50", "cursor": "of the header Link of the page before"},
    responses=_BAD,
)
async def list_imports(call: Call) -> tuple[ImportLine, ...]:
    limit = call.number("limit", 50, 500)
    found = await call.read(call.services.views.imports, limit + 1, call.query("cursor"))
    if len(found) > limit:
        call.goes_on(after_import(found[limit - 1]))
    return found[:limit]


@TABLE.route(
    "GET",
    "/api/v1/imports/{id}",
    summary="One import with its problems",
    permission="imports.read",
    responses=NOT_FOUND,
)
async def show_import(call: Call) -> ImportLine:
    return await call.one(call.services.views.import_run, "import")


@TABLE.route(
    "POST",
    "/api/v1/imports/{id}/undo",
    summary="Put everything back as it was before an import; left counts rows that have changed since and stay",
    permission="imports.write",
    responses={**NOT_FOUND, 409: "undone already"},
)
async def undo_import(call: Call) -> ImportAnswer:
    await show_import(call)
    return await call.services.actions.undo_import(call.path("id"), call.user)
