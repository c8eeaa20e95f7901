"""translate: one file through the mappings, without journal or partner: to read, to try, to compare."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.exits import FINDINGS
from gateway.cli.mappings import open_mappings
from gateway.cli.output import json_option, print_finding, print_json
from gateway.model.faults import OurFault
from gateway.model.findings import has_errors

if TYPE_CHECKING:  # compiling is slow to import
    from gateway.codecs.xml import XmlDocument
    from gateway.config.mappings import MappingFiles
    from gateway.config.partners import PartnerFile
    from gateway.config.settings import Settings
    from gateway.mapping.compiler import DocumentMapping
    from gateway.mapping.files import Check, Choose, FileReading, Found
    from gateway.model.findings import Finding

    Opened = tuple[MappingFiles, PartnerFile | None, Settings | None]

FILE_LIMIT_BYTES = 50_000_000


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--partner", metavar="PARTNER", help="Read (and write) as agreed with this partner.")
@click.option("--to", "family", metavar="FAMILY", help="Write in this family: eancom-1997, ubl-2.1, canonical, ...")
@json_option
@invocation
def translate(call: Invocation, file: Path, partner: str | None, family: str | None, *, as_json: bool) -> None:
    """Read FILE and print each document: as canonical JSON, or in another format with --to.

    With --json: findings, documents, what each value came from, what no rule read, and the output.
    """
    if file.stat().st_size > FILE_LIMIT_BYTES:
        raise OurFault("config.too-large", at=str(file), limit=str(FILE_LIMIT_BYTES))
    opened = open_mappings(call, partner)
    files, partner_file, _ = opened
    readings = read_documents(opened, file.read_bytes(), file.name)
    results = [_result(files, partner_file, each, family) for each in readings]
    if as_json:
        print_json(results)
    else:
        for each, result in zip(readings, results, strict=True):
            for finding in (found for found in each.all_findings if found.severity != "info"):  # --json has the notes
                print_finding(finding, call.language, sys.stderr)
            if result["output"] is not None:
                click.echo(str(result["output"]).rstrip("\n"))
    if any(has_errors(each.all_findings) for each in readings) or not readings:
        raise SystemExit(FINDINGS)


def read_documents(opened: "Opened", data: bytes, name: str) -> list["FileReading"]:
    """Return every document of a file, read and judged as mappings and schemas have it; name: of the file.

    Raises PartnerFault of the codec when it cannot be taken apart, OurFault mapping.none-fits.
    """
    from gateway.mapping.files import read_file

    files, partner, settings = opened
    choose, check = _chooser(files, partner), _checker(settings, partner)
    return list(read_file(data, choose, files.directories, filename=name, check=check))


def _checker(settings: "Settings | None", partner: "PartnerFile | None") -> "Check":
    """Return what judges XML documents, by the instance's schemas or the shipped ones and the partner's severities."""
    from gateway.config.definitions import shipped_root
    from gateway.config.xml_schemas import load_xml_schemas
    from gateway.schema.xml_check import check_document

    folder = settings.schemas if settings else shipped_root() / "schemas"
    severities = partner.partner.severities if partner else {}

    def check(document: "XmlDocument", mapping: "DocumentMapping") -> tuple["Finding", ...]:
        return check_document(document, load_xml_schemas(folder), mapping.syntax.schema, severities)

    return check


def _chooser(files: "MappingFiles", partner: "PartnerFile | None") -> "Choose":
    """Return the choice of a mapping by what the file says: the partner's agreements first, then the standard ones."""
    names = [*(partner.places if partner else ()), *files.standard_names()]

    def choose(found: "Found") -> "DocumentMapping":
        if found.kind == "json":
            return files.mapping(f"canonical/{found.name}")
        fitting = (files.mapping(name, partner) for name in dict.fromkeys(names))
        chosen = found.best(fitting)
        if chosen is None:
            raise OurFault("mapping.none-fits", value=str(found), known=", ".join(names))
        return chosen

    return choose


def _target(
    files: "MappingFiles", partner: "PartnerFile | None", family: str, document: str, type_code: str | None
) -> "DocumentMapping":
    from gateway.mapping.files import by_type_code

    if family == "canonical":
        return files.mapping(f"canonical/{document}")
    names = files.standard_names()
    fitting = [files.mapping(name, partner) for name in names if name.startswith(f"{family}/")]
    fitting = [each for each in fitting if each.document == document]
    if fitting:
        return by_type_code(fitting, type_code)
    known = sorted({name.partition("/")[0] for name in names} | {"canonical"})
    raise OurFault("mapping.no-target", value=family, document=document, known=", ".join(known))


def _result(
    files: "MappingFiles", partner: "PartnerFile | None", one: "FileReading", family: str | None
) -> dict[str, Any]:
    from gateway.mapping.files import write_file
    from gateway.model import json_form

    document = one.reading.document
    output = None
    if document is not None:
        target = _target(
            files, partner, family or "canonical", type(document).__name__, getattr(document, "type_code", None)
        )
        output = write_file(target, document, one.header).decode("utf-8", "replace")
    sources = {
        path: {"where": where, "rule": one.reading.rules.get(path)} for path, where in one.reading.sources.items()
    }
    return {
        "message": str(one.found),
        "mapping": one.mapping.name,
        "findings": one.all_findings,
        "document": None if document is None else json_form.document_plain(document),
        "output": output,
        "sources": sources,
        "leftovers": one.reading.leftovers,
    }
