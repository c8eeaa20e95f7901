"""validate, acknowledge, show: a file held against the directories, XML and JSON against schema and mapping too. No
instance is needed."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.documents import kind_of, print_whole, read_whole, report_whole
from gateway.cli.exits import FINDINGS
from gateway.cli.output import json_option, print_finding, print_json, printable
from gateway.codecs.edifact import DEFAULT_MARKS, SYNTAX_4_MARKS, write_segments
from gateway.codecs.edifact_charset import CODECS
from gateway.codecs.edifact_report import report
from gateway.codecs.envelope import (
    Closed,
    InterchangeHeader,
    Opened,
    OutMessage,
    RawMessage,
    read_parts,
    write_interchange,
)
from gateway.config.definitions import shipped_root
from gateway.config.schemas import load_directories
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding, has_errors
from gateway.model.tree import Group, Segment
from gateway.schema.acknowledge import contrl
from gateway.schema.directory import Directory
from gateway.schema.judge import Judged, directory_of, in_order, judge
from gateway.schema.validate import validate as hold
from gateway.texts.catalogue import Lang, cure, text
from gateway.texts.errors_edifact import ERRORS

_CHUNK = 1 << 16
_PLACE = ("segment", "tag", "element", "component", "offset", "line", "column")
_files = click.Path(exists=True, dir_okay=False, allow_dash=True)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_files)
@json_option
@invocation
def validate(call: Invocation, files: tuple[str, ...], as_json: bool) -> None:
    """Say all that is wrong in EDIFACT, XML and JSON files. Ends with 3 when there is an error.

    "-" reads EDIFACT from standard input.
    """
    directories = _directories(call)
    reports, bad = [], False
    for file in files:
        if (kind := kind_of(file)) is not None:
            found = read_whole(call, file)
            bad |= found.rejected
            reports.append(report_whole(file, kind, found, _finding, call.language))
            if not as_json:
                print_whole(file, found, call.language)
            continue
        judged: list[Judged] = []
        failed: tuple[Finding, ...] = ()
        try:
            for each in judge(_chunks(file), directories):
                judged.append(each)
        except Fault as fault:
            failed = fault.findings or (_of_fault(fault),)
        bad |= bool(failed) or any(each.status != "accepted" for each in judged)
        if as_json:
            reports.append(_report(file, judged, failed, call.language))
        else:
            _print(file, judged, failed, call.language)
    if as_json:
        print_json(reports)
    sys.exit(FINDINGS if bad else 0)


def _of_fault(fault: Fault) -> Finding:
    """Return what stopped the reading as a finding, with the ISO code that it has by the catalogue."""
    if fault.code not in ERRORS:
        return fault.as_finding()
    return report(fault.code, fault.where, value=fault.value, **fault.params)


def _report(file: str, judged: list[Judged], failed: tuple[Finding, ...], lang: Lang) -> dict[str, object]:
    interchanges: list[dict[str, object]] = [
        {
            "sender": each.header.sender,
            "receiver": each.header.receiver,
            "reference": each.header.reference,
            "status": each.status,
            "findings": [_finding(finding, lang) for finding in each.envelope_findings],
            "messages": [
                {
                    "type": verdict.message.type,
                    "directory": verdict.message.directory,
                    "reference": verdict.message.reference,
                    "status": "accepted" if verdict.accepted else "rejected",
                    "findings": [_finding(finding, lang) for finding in verdict.findings],
                }
                for verdict in each.verdicts
            ],
        }
        for each in judged
    ]
    if failed:  # nothing could be read, or nothing behind those above
        told = [_finding(finding, lang) for finding in failed]
        interchanges.append(
            {"sender": "", "receiver": "", "reference": "", "status": "rejected", "findings": told, "messages": []}
        )
    return {"file": file, "syntax": "edifact", "interchanges": interchanges}


def _finding(finding: Finding, lang: Lang) -> dict[str, object]:
    where = asdict(finding.where)
    return {
        "code": finding.code,
        "iso": finding.iso,
        "severity": finding.severity,
        "where": {name: where[name] for name in _PLACE},
        "value": finding.value,
        "text": text(finding, lang),
        "cure": cure(finding, lang),
    }


def _print(file: str, judged: list[Judged], failed: tuple[Finding, ...], lang: Lang) -> None:
    for finding in failed:
        click.echo(f"{printable(file)}: rejected")
        print_finding(finding, lang)
    for each in judged:
        header = each.header
        parties = f"{header.sender or '?'} -> {header.receiver or '?'}"
        click.echo(printable(f"{file}: {each.status}: interchange {header.reference or '?'}, {parties}"))
        for finding in each.envelope_findings:
            print_finding(finding, lang)
        for verdict in each.verdicts:
            if verdict.findings:
                message, status = verdict.message, "accepted" if verdict.accepted else "rejected"
                name = f"{message.type} {message.version}.{message.release}"
                click.echo(printable(f"message {message.reference}, {name}: {status}"))
                for finding in verdict.findings:
                    print_finding(finding, lang)


@click.command()
@click.argument("file", metavar="FILE", type=_files)
@click.option("--reference", help="Interchange reference of the CONTRL [the time].")
@click.option("--all", "list_accepted", is_flag=True, help="Name accepted messages too.")
@invocation
def acknowledge(call: Invocation, file: str, reference: str | None, list_accepted: bool) -> None:
    """Print the CONTRL interchange that answers FILE. Ends with 3 when it rejects anything."""
    from gateway.app.clock import SystemClock

    now = SystemClock().now()
    bad = False
    for number, judged in enumerate(judge(_chunks(file), _directories(call)), 1):
        bad |= judged.status != "accepted"
        body = contrl(judged.interchange, judged.findings, judged.verdicts, list_accepted=list_accepted)
        if not body:
            continue
        control = (reference or now.strftime("%y%m%d%H%M%S")) + (str(number) if number > 1 else "")
        header = _answering(judged.header, control, now.strftime("%y%m%d:%H%M"))
        sys.stdout.buffer.write(_written(header, _message(judged, body)) + b"\n")
    sys.exit(FINDINGS if bad else 0)


def _written(header: InterchangeHeader, message: OutMessage) -> bytes:
    """Return the interchange in the level of header; in UNOY when names or references in it do not fit there."""
    try:
        return write_interchange(header, [message], transliterate=True)
    except OurFault:
        return write_interchange(replace(header, syntax_id="UNOY"), [message])


def _answering(header: InterchangeHeader, control: str, prepared_at: str) -> InterchangeHeader:
    """Return the envelope that goes back: in the same syntax, its level at least UNOB for lower case in references."""
    newer = header.syntax_version == "4"
    return InterchangeHeader(
        syntax_id=header.syntax_id if header.syntax_id in CODECS and header.syntax_id != "UNOA" else "UNOB",
        syntax_version="4" if newer else "3",
        sender=header.receiver,
        sender_qualifier=header.receiver_qualifier,
        receiver=header.sender,
        receiver_qualifier=header.sender_qualifier,
        prepared_at=f"20{prepared_at}" if newer else prepared_at,
        reference=control[:14],
        test=header.test,
    )


def _message(judged: Judged, body: list[Segment]) -> OutMessage:
    version, release = ("4", "1") if judged.header.syntax_version == "4" else ("D", "3")
    return OutMessage(type="CONTRL", version=version, release=release, reference="1", body=body)


@click.command()
@click.argument("file", metavar="FILE", type=_files)
@invocation
def show(call: Invocation, file: str) -> None:
    """Print FILE as a tree: interchanges, messages, segment groups, segments with their number. Ends with 3 when
    there is an error; the findings stand below their message."""
    directories = _directories(call)
    bad = False
    header = InterchangeHeader()
    for part in read_parts(_chunks(file)):
        if isinstance(part, Opened):
            header = part.header
            click.echo(
                printable(
                    f"interchange {header.reference or '?'}: {header.sender or '?'} -> {header.receiver or '?'}, "
                    f"{header.syntax_id or '?'}:{header.syntax_version or '?'}{', test' if header.test else ''}"
                )
            )
        elif isinstance(part, RawMessage):
            found = hold(part, directory_of(part, directories, header.syntax_version))
            click.echo(printable(f"  message {part.reference}: {part.type} {part.version}.{part.release}"))
            _show(found.tree, 2)
            for finding in found.findings:
                print_finding(finding, call.language)
            bad |= has_errors(found.findings)
        elif isinstance(part, Closed):
            found_last = in_order((*part.findings, *(each for group in part.groups for each in group.findings)))
            for finding in found_last:
                print_finding(finding, call.language)
            bad |= has_errors(found_last)
    sys.exit(FINDINGS if bad else 0)


def _show(group: Group, depth: int) -> None:
    for child in group.children:
        if isinstance(child, Group):
            click.echo(f"{'':6}{'  ' * depth}{child.name}")
            _show(child, depth + 1)
        else:
            click.echo(f"{child.number:5} {'  ' * depth}{printable(_line(child))}")


def _line(segment: Segment) -> str:
    """The segment in standard service characters, whatever it came in."""
    marks = SYNTAX_4_MARKS if segment.repeats else DEFAULT_MARKS
    return write_segments([segment], marks, "UNOY").decode("utf-8")[:-1]


def _chunks(file: str) -> Iterator[bytes]:
    """Raises OurFault config.unreadable."""
    if file == "-":
        stream = sys.stdin.buffer
        while chunk := stream.read(_CHUNK):
            yield chunk
        return
    try:
        with Path(file).open("rb") as opened:
            while chunk := opened.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise OurFault("config.unreadable", at=file, detail=error.strerror or "?") from None


def _directories(call: Invocation) -> dict[str, Directory]:
    """Those of the instance when there is one, else those shipped."""
    try:
        return load_directories(call.settings().schemas)
    except OurFault as fault:
        if fault.code != "config.no-instance" or call.instance_folder:
            raise
        return load_directories(shipped_root() / "schemas")
