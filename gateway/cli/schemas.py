"""schemas: taking in a UN/EDIFACT directory, or XML Schemas."""

import json
import re
from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation
from gateway.model.faults import OurFault

ZIP_LIMIT_BYTES = 200_000_000


@click.group()
def schemas() -> None:
    """EDIFACT directories and XML Schemas."""


@schemas.command("import")
@click.argument("zip_file", metavar="PACKAGE", type=click.Path(exists=True, path_type=Path))
@click.option("--message", "messages", multiple=True, help="Only this message type; repeat for several. Else all.")
@click.option("--as", "name", metavar="NAME", help="Name of the set of XML Schemas; else that of their folder.")
@invocation
def import_schemas(call: Invocation, zip_file: Path, messages: tuple[str, ...], name: str | None) -> None:
    """Take in what documents are checked against.

    PACKAGE is an official UN/EDIFACT directory (ZIP as published by UNECE, into schemas/edifact/<directory>/), or XML
    Schemas: a .xsd file, a folder, a zip or a wheel (into schemas/xsd/<name>/).
    """
    from gateway.config.xml_schemas_import import holds_schemas, import_xml_schemas
    from gateway.schema.importer import compile_directory

    settings = call.settings()
    if holds_schemas(zip_file):
        folder, count = import_xml_schemas(zip_file, settings.schemas, name)
        click.echo(f"{folder}: {count} elements")
        return
    if zip_file.stat().st_size > ZIP_LIMIT_BYTES:
        raise OurFault("config.too-large", at=str(zip_file), limit=str(ZIP_LIMIT_BYTES))
    tables = compile_directory(zip_file.read_bytes(), messages=messages or None)
    name = _name(tables)
    folder = settings.schemas / "edifact" / name
    for path, content in tables.items():  # all or nothing: a full disk leaves no half table in force
        draft = folder / f"{path}.new"
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
    for path in tables:
        (folder / f"{path}.new").replace(folder / path)
    count = sum(path.startswith("messages/") for path in tables)
    click.echo(f"{folder}: {count} messages")


def _name(tables: dict[str, bytes]) -> str:
    """Return the directory's name, d96a, from its first message. Raises OurFault edifact.import-failed."""
    first = next(content for path, content in tables.items() if path.startswith("messages/"))
    table = json.loads(first)
    name = f"{table['version']}{table['release']}".lower()
    if not re.fullmatch(r"[a-z]\d\d[a-z]", name):
        raise OurFault("edifact.import-failed", value=name[:20])
    return name
