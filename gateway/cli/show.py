"""One message or one arrival, printed for people."""

from typing import TYPE_CHECKING

import click

from gateway.cli.output import print_fields, print_finding, print_rows
from gateway.model.findings import Finding
from gateway.texts.catalogue import Lang

if TYPE_CHECKING:  # only as types: the journal's imports are slow
    from gateway.store.view_rows import ArrivalDetail, MessageDetail

FINDINGS_SHOWN = 20


def print_message(detail: "MessageDetail", lang: Lang) -> None:
    """Print state, what is wrong, and what went out because of it."""
    line = detail.line
    print_fields(
        {
            "id": line.id,
            "state": line.state,
            "received_at": line.at,
            "partner": line.partner,
            "channel": line.channel,
            "type": line.type,
            "number": line.business_number,
            "reference": line.reference,
            "file": line.filename,
            "mapping": detail.mapping,
            "attempts": detail.attempts,
            "test": "yes" if line.test else None,
            "effects": detail.effect_count,
        }
    )
    _print_findings(((detail.fault,) if detail.fault else ()) + detail.findings, lang)
    if detail.parcels:
        rows = [{"went_out": each.type, "id": each.id, "state": each.state} for each in detail.parcels]
        print_rows(rows, as_json=False)


def print_arrival(detail: "ArrivalDetail", lang: Lang) -> None:
    """Print what came in when it is not one message: not yet read, unreadable, or several."""
    print_fields(
        {
            "arrival": detail.id,
            "state": detail.state,
            "received_at": detail.received_at,
            "partner": detail.partner,
            "channel": detail.channel,
            "file": detail.filename,
            "size_bytes": detail.size_bytes,
            "sha256": detail.sha256,
            "attempts": detail.attempts,
            "test": "yes" if detail.test else None,
        }
    )
    findings = tuple(finding for each in detail.interchanges for finding in each.findings)
    _print_findings(((detail.fault,) if detail.fault else ()) + findings, lang)
    if detail.messages:
        rows = [
            {"type": each.type, "number": each.business_number, "state": each.state, "id": each.id}
            for each in detail.messages
        ]
        print_rows(rows, as_json=False)


def _print_findings(findings: tuple[Finding, ...], lang: Lang) -> None:
    """Print each finding once (a fault is often among the findings too); of many, the first ones."""
    different = list(dict.fromkeys(findings))
    for finding in different[:FINDINGS_SHOWN]:
        print_finding(finding, lang)
    if len(different) > FINDINGS_SHOWN:
        click.echo(f"and {len(different) - FINDINGS_SHOWN} more: --json shows them all", err=True)
