"""A message as the command line shows it."""

from datetime import UTC, datetime

import pytest

from gateway.cli.show import FINDINGS_SHOWN, print_message
from gateway.model.findings import Finding, Where
from gateway.store.view_rows import ArrivalDetail, MessageDetail, MessageLine

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def line(row_id: str, *, kind: str = "message", state: str = "parked", type_: str = "ORDERS") -> MessageLine:
    return MessageLine(
        id=row_id,
        kind=kind,  # type: ignore[arg-type]
        direction="in",
        at=NOW,
        partner="acme",
        channel="as2",
        type=type_,
        document_type="Order",
        business_number="4711",
        reference="1",
        filename="a\x1b[2J.edi",
        state=state,
        fault=None,
        test=True,
    )


def detail(findings: tuple[Finding, ...], fault: Finding | None = None) -> MessageDetail:
    arrival = ArrivalDetail(
        id="a",
        partner="acme",
        channel="as2",
        state="parsed",
        received_at=NOW,
        size_bytes=1,
        sha256="00",
        content_type="",
        filename=None,
        transport_id=None,
        test=True,
        attempts=1,
        evidence={},
        fault=None,
    )
    return MessageDetail(
        line=line("m"),
        arrival=arrival,
        position=0,
        start=0,
        end=1,
        mapping="eancom-1997/ORDERS",
        mapping_hash=None,
        document=None,
        findings=findings,
        sources={},
        fault=fault,
        owner="partner",
        attempts=1,
        updated_at=NOW,
        parcels=(line("p", kind="parcel", state="acked", type_="CONTRL"),),
    )


def missing(number: int) -> Finding:
    return Finding(code="json.missing", where=Where(line=number), params=(("key", "id"),))


def test_a_fault_that_is_among_the_findings_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    print_message(detail((missing(3), missing(4)), fault=missing(3)), "en")
    out = capsys.readouterr().out
    assert [each for each in out.splitlines() if each.startswith("error")] == [
        "error json.missing: The key id is missing. [line 3]",
        "error json.missing: The key id is missing. [line 4]",
    ]


def test_state_number_and_what_went_out_are_shown_and_nothing_steers_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_message(detail(()), "en")
    lines = capsys.readouterr().out.splitlines()
    assert "state        parked" in lines
    assert "number       4711" in lines
    assert "file         a\ufffd[2J.edi" in lines
    assert lines[-1].split() == ["CONTRL", "p", "acked"]


def test_of_many_findings_the_first_are_shown_and_the_rest_counted(capsys: pytest.CaptureFixture[str]) -> None:
    print_message(detail(tuple(missing(number) for number in range(1, FINDINGS_SHOWN + 6))), "en")
    out, err = capsys.readouterr()
    assert out.count("error json.missing") == FINDINGS_SHOWN
    assert err.startswith("and 5 more")
