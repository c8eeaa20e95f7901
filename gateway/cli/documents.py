"""`gateway validate` of XML and JSON: each document held against its schema and the mapping that fits it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from gateway.cli.context import Invocation
from gateway.cli.mappings import open_mappings
from gateway.cli.output import print_finding, printable
from gateway.cli.translate import FILE_LIMIT_BYTES, read_documents
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding, has_errors
from gateway.texts.catalogue import Lang

_HEAD_BYTES = 512
_XML = (b"<", b"\xff\xfe<", b"\xfe\xff\x00<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said of one document. message: as it names itself; mapping: that has read it, "" when none did."""

    message: str
    mapping: str
    findings: tuple[Finding, ...]

    @property
    def status(self) -> str:
        return "rejected" if has_errors(self.findings) else "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What is said of a file."""

    documents: tuple[Told, ...]

    @property
    def rejected(self) -> bool:
        return any(each.status == "rejected" for each in self.documents)


def kind_of(file: str) -> str | None:
    """Return "xml" or "json" by the first bytes, None for all else and for standard input ("-")."""
    if file == "-":
        return None
    with Path(file).open("rb") as opened:
        head = opened.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    return "xml" if head.startswith(_XML) else "json" if head[:1] in (b"{", b"[") else None


def read_whole(call: Invocation, file: str) -> Whole:
    """Return what schema and mapping say of each document. Raises OurFault config.too-large."""
    with Path(file).open("rb") as opened:
        data = opened.read(FILE_LIMIT_BYTES + 1)
    if len(data) > FILE_LIMIT_BYTES:
        raise OurFault("config.too-large", at=file, limit=str(FILE_LIMIT_BYTES))
    try:
        readings = read_documents(open_mappings(call, None), data, Path(file).name)
    except Fault as fault:  # it cannot be taken apart, or no mapping fits
        return Whole(documents=(Told(message="?", mapping="", findings=fault.findings or (fault.as_finding(),)),))
    return Whole(
        documents=tuple(
            Told(
                message=str(each.found),
                mapping=each.mapping.name,
                findings=tuple(found for found in each.all_findings if found.severity != "info"),
            )
            for each in readings
        )
    )


def report_whole(
    file: str, kind: str, whole: Whole, plain: Callable[[Finding, Lang], dict[str, object]], lang: Lang
) -> dict[str, object]:
    """Return the entry of --json for a file; plain: a finding as JSON."""
    documents = [
        {
            "message": each.message,
            "mapping": each.mapping,
            "status": each.status,
            "findings": [plain(found, lang) for found in each.findings],
        }
        for each in whole.documents
    ]
    return {"file": file, "syntax": kind, "documents": documents}


def print_whole(file: str, whole: Whole, lang: Lang) -> None:
    """Print a line for each document, and its findings."""
    for each in whole.documents:
        by = f" ({each.mapping})" if each.mapping else ""
        click.echo(printable(f"{file}: {each.status}: {each.message}{by}"))
        for found in each.findings:
            print_finding(found, lang)
