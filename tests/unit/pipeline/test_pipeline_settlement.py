"""What CONTRL and APERAK say of a parcel reaches the parcel, its message and the people."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pipeline_scene import NORDMARKT, NOW, OATS, OURS, Line, envelope, message, orders

from gateway.pipeline.deliver import settle_proof
from gateway.ports.records import Proof, Wrapped
from gateway.store.journal import SqlJournal


@pytest.fixture
def line() -> Iterator[Line]:
    """One order taken, its response on its way: sent, proved by the transport, its CONTRL awaited."""
    journal = SqlJournal.in_memory()
    made = Line(journal)
    made.count_stock(OATS)
    made.take(envelope(orders("PO-1")))
    for each in journal.write(lambda tx: tx.claim_parcels("me", NOW, timedelta(minutes=1), 100)):
        wrapped = Wrapped(headers=(), body=b"x", transport_id=f"<{each.id}>")
        journal.write(lambda tx, p=each, w=wrapped: tx.store_wrapped(p, w, NOW))
        journal.write(lambda tx, p=each: settle_proof(tx, p, Proof(state="acked"), NOW))
    assert parcel(made)["state"] == "acked"
    assert [each["kind"] for each in made.rows("timer", subject=parcel(made)["id"])] == ["contrl"]
    yield made
    journal.close()


def parcel(line: Line) -> dict:
    return line.rows("parcel", document_type="OrderResponse")[0]


def contrl(line: Line, body: str, reference: str = "C1") -> None:
    line.take(envelope(message("CONTRL", body, kind_of="D:3:UN"), reference=reference))


def aperak(line: Line, body: str) -> None:
    line.take(envelope(message("APERAK", body), reference="A1"))


def uci(line: Line, action: str, error: str = "") -> str:
    return f"UCI+{parcel(line)['control_reference']}+{OURS}:14+{NORDMARKT}:14+{action}{error}'"


def problems(line: Line) -> list[str]:
    return [each["code"] for each in line.rows("case", account="nordmarkt", closed_at=None)]


def test_an_accepting_contrl_settles_the_parcel_and_ends_the_wait(line: Line) -> None:
    contrl(line, uci(line, "7"))
    assert parcel(line)["state"] == "accepted"
    assert line.rows("timer", subject=parcel(line)["id"]) == []
    assert problems(line) == []
    assert {each["state"] for each in line.rows("message", type="ORDERS")} == {"done"}


def test_a_contrl_that_says_received_settles_nothing_yet(line: Line) -> None:
    contrl(line, uci(line, "8"))
    assert parcel(line)["state"] == "acked"
    assert len(line.rows("timer", subject=parcel(line)["id"])) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{uci4}", "29"),
        ("{uci7}UCM+1+ORDRSP:D:96A:UN:EAN009+4+29+UNT+2:1'", "29"),
        ("{uci7}UCM+1+ORDRSP:D:96A:UN:EAN009+4'UCS+5+13'", "13"),
        ("{uci7}UCM+1+ORDRSP:D:96A:UN:EAN009+4'UCS+5'UCD+12+2:1'", "12"),
        ("{uci7}UCF+1+A+B+4+32'", "32"),
    ],
)
def test_a_refusing_contrl_at_any_level_refuses_the_parcel_and_is_a_problem(line: Line, body: str, said: str) -> None:
    contrl(line, body.format(uci4=uci(line, "4", "+29+UNZ+2:1"), uci7=uci(line, "7")))
    assert parcel(line)["state"] == "refused"
    assert problems(line) == ["ack.rejected"]
    (case,) = line.rows("case", code="ack.rejected")
    assert said in case["params"]
    assert line.rows("timer", subject=parcel(line)["id"]) == []


def test_an_aperak_with_errors_refuses_what_a_contrl_had_accepted(line: Line) -> None:
    contrl(line, uci(line, "7"))
    number = parcel(line)["business_number"]
    aperak(line, f"BGM++AP-1+27'DTM+137:202611020900:203'RFF+ON:{number}'ERC+Z01::91'FTX+AAO+++Price is wrong'")
    assert parcel(line)["state"] == "refused"
    (case,) = line.rows("case", code="ack.rejected")
    assert "Z01 Price is wrong" in case["params"]


def test_an_aperak_that_accepts_settles_the_parcel(line: Line) -> None:
    aperak(line, f"BGM++AP-1+29'DTM+137:202611020900:203'RFF+ON:{parcel(line)['business_number']}'")
    assert parcel(line)["state"] == "accepted"
    assert problems(line) == []


def test_an_aperak_is_not_answered(line: Line) -> None:
    before = len(line.parcels("nordmarkt"))
    aperak(line, f"BGM++AP-1+29'DTM+137:202611020900:203'RFF+ON:{parcel(line)['business_number']}'")
    assert len(line.parcels("nordmarkt")) == before


def test_a_contrl_for_nothing_we_sent_is_a_problem_of_its_own(line: Line) -> None:
    contrl(line, f"UCI+999999+{OURS}:14+{NORDMARKT}:14+7'")
    assert parcel(line)["state"] == "acked"
    assert problems(line) == ["journal.answer-unmatched"]


def test_a_contrl_that_does_not_come_in_time_is_an_event_and_a_problem(line: Line) -> None:
    soon, late = NOW + timedelta(hours=23), NOW + timedelta(hours=25)
    line.journal.write(lambda tx: tx.due_timers(soon, 100))
    assert parcel(line)["state"] == "acked"
    line.journal.write(lambda tx: tx.due_timers(late, 100))
    assert parcel(line)["state"] == "expired"
    assert "expired" in [each["what"] for each in line.rows("event", subject=parcel(line)["id"])]
    assert problems(line) == ["ack.contrl-missing"]


def test_a_contrl_that_comes_late_after_all_still_counts(line: Line) -> None:
    late = NOW + timedelta(hours=25)
    line.journal.write(lambda tx: tx.due_timers(late, 100))
    contrl(line, uci(line, "7"))
    assert parcel(line)["state"] == "accepted"
    assert problems(line) == []
