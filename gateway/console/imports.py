"""Imported lists: handed over, columns matched, looked at, taken in, undone."""

from aiohttp import web
from aiohttp.web_request import FileField

from gateway.api.house_actions import ImportAnswer
from gateway.api.imports import IMPORT_LIMIT_BYTES
from gateway.api.problems import status_of
from gateway.console.forms import texts
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.domain.imports import KINDS
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding, Where
from gateway.store.view_house import after_import

TABLE = PageTable()
SHOWN = 50
FORM_BYTES = 1_000_000  # what the form itself may add to the file


@TABLE.get("/imports", "imports.read")
async def imports_page(reader: Reader) -> web.StreamResponse:
    return await _imports_page(reader)


async def _imports_page(reader: Reader, fault: Fault | None = None) -> web.StreamResponse:
    cursor = reader.query("cursor") or None
    found = await reader.read(reader.services.views.imports, SHOWN + 1, cursor)
    older = f"/imports?cursor={after_import(found[SHOWN - 1])}" if len(found) > SHOWN else None
    return reader.page(
        "imports.html",
        status=status_of(fault.code) if fault else 200,
        imports=found[:SHOWN],
        older=older,
        newest="/imports" if cursor else None,
        kinds=[(each, reader.words(f"import-kind.{each}")) for each in KINDS],
        kind=reader.query("kind"),
        columns={name: kind.columns for name, kind in KINDS.items()},
        fault=fault.as_finding() if fault else None,
    )


@TABLE.post("/imports", "imports.write", limit_bytes=IMPORT_LIMIT_BYTES + FORM_BYTES)
async def hand_over(reader: Reader) -> web.StreamResponse:
    form = await reader.request.post()
    kind, file = form.get("kind"), form.get("file")
    try:
        if not isinstance(kind, str) or kind not in KINDS:
            raise OurFault("api.bad-value", name="kind", value=str(kind)[:100], expected=", ".join(KINDS))
        if not isinstance(file, FileField) or not file.filename:
            raise OurFault("api.bad-value", name="file", value="", expected="CSV, .xlsx")
        data = await reader.read(file.file.read)
        staged = await reader.services.actions.stage_list(kind, file.filename, data, reader.user)
    except Fault as fault:
        return await _imports_page(reader, fault)
    raise web.HTTPSeeOther(f"/imports/staged/{staged}")


@TABLE.get("/imports/staged/{id}", "imports.write")
async def look(reader: Reader) -> web.StreamResponse:
    """What the list would do, with the columns as they are matched; each can be matched anew."""
    said = {
        name.removeprefix("column-"): value
        for name, value in reader.request.query.items()
        if name.startswith("column-") and value
    }
    return await _staged_page(reader, said)


async def _staged_page(reader: Reader, said: dict[str, str], fault: Fault | None = None) -> web.StreamResponse:
    staged = await reader.services.actions.staged(reader.request.match_info["id"])
    answer: ImportAnswer | None = None
    if fault is None:
        try:
            answer = await reader.services.actions.import_staged(staged.id, reader.user, said=said, dry=True)
        except Fault as found:
            fault = found
    matched = dict(answer.columns) if answer else said
    return reader.page(
        "import_staged.html",
        staged=staged,
        answer=answer,
        matched=matched,
        said=said,
        columns=KINDS[staged.kind].columns,
        header=[(each, each) for each in staged.header if each],
        fault=fault.as_finding() if fault else None,
    )


@TABLE.post("/imports/staged/{id}", "imports.write")
async def take_in(reader: Reader) -> web.StreamResponse:
    given = await texts(reader)
    said = {name.removeprefix("column-"): each for name, each in given.items() if name.startswith("column-") and each}
    try:
        done = await reader.services.actions.import_staged(
            reader.request.match_info["id"], reader.user, said=said, dry=False
        )
    except Fault as fault:
        if fault.code == "import.stage-gone":
            raise
        return await _staged_page(reader, said, fault)
    raise web.HTTPSeeOther(f"/imports/{done.id}?done=import")


@TABLE.get("/imports/{id}", "imports.read")
async def import_page(reader: Reader) -> web.StreamResponse:
    found = await reader.read(reader.services.views.import_run, reader.request.match_info["id"])
    if found is None:
        return not_found(reader, "import", reader.request.match_info["id"])
    problems = [_finding(dict(each)) for each in found.problems[:200]]
    return reader.page("import.html", run=found, problems=problems)


def _finding(said: dict[str, object]) -> Finding:
    line, column = said.pop("line", None), said.pop("column", None)
    code, value = str(said.pop("code", "")), said.pop("value", None)
    params = {name: str(each) for name, each in said.items()}
    if isinstance(column, str):
        params.setdefault("column", column)
    return Finding(
        code=code,
        where=Where(line=line if isinstance(line, int) else None),
        value=None if value is None else str(value),
        params=tuple(sorted(params.items())),
    )


@TABLE.post("/imports/{id}/undo", "imports.write")
async def undo(reader: Reader) -> web.StreamResponse:
    run_id = reader.request.match_info["id"]
    if await reader.read(reader.services.views.import_run, run_id) is None:
        return not_found(reader, "import", run_id)
    done = await reader.services.actions.undo_import(run_id, reader.user)
    raise web.HTTPSeeOther(f"/imports/{run_id}?done=undo&left={done.left}")
