"""What prepare found goes into the journal: rows, verdicts, CONTRL, cases; repeats and clashes apart."""

import pytest
from pipeline_scene import (
    NOBODYS,
    NORDMARKT,
    NOW,
    OATS,
    OURS,
    Line,
    book,
    envelope,
    orders,
    with_agreements,
)

from gateway.model.faults import OurFault
from gateway.model.payload import MemoryPayload
from gateway.pipeline.accept import accept
from gateway.ports.records import Arrival


def states(line: Line) -> list[tuple[str, str | None]]:
    return [(each["state"], each["fault_code"]) for each in line.rows("message")]


def test_a_document_waits_in_the_lane_of_its_partner(line: Line) -> None:
    assert line.accept(envelope(orders("PO-1"))).outcome == "new"
    assert line.journal.read(lambda tx: tx.lanes_with_work(NOW)) == ["nordmarkt"]


def test_nothing_is_kept_for_a_partner_that_is_not_defined(line: Line) -> None:
    arrival = Arrival(id="a", channel="as2", partner="stranger", payload=MemoryPayload(b"x"))
    with pytest.raises(OurFault) as caught:
        line.journal.write(lambda tx: accept(tx, book(), arrival, NOW))
    assert caught.value.code == "partner.unknown"
    assert line.rows("arrival") == []


def test_good_and_bad_messages_and_one_contrl_are_stored_together(line: Line) -> None:
    line.accept(envelope(orders("PO-1"), orders("PO-2", reference="2", when="20261399"), orders("PO-3", reference="3")))
    assert line.prepare("nordmarkt") == 1
    assert [state for state, _ in states(line)] == ["parsed", "parked", "parsed"]
    ((mapping, text),) = line.parcels("nordmarkt")
    assert mapping == "control/CONTRL"
    assert text.startswith(f"UNB+UNOC:3+{OURS}:14+{NORDMARKT}:14+")
    assert "UNH+1+CONTRL:D:3:UN'" in text
    assert "UCM+2+" in text
    assert "UCM+1+" not in text
    (case,) = line.rows("case")
    bad = line.rows("message")[1]
    assert (case["account"], case["subject"]) == ("nordmarkt", bad["business_number"] or bad["id"])
    (interchange,) = line.rows("interchange")
    assert interchange["status"] == "partly"


def test_a_bad_message_in_test_traffic_opens_no_case(line: Line) -> None:
    line.accept(envelope(orders("PO-1", when="20261399"), test=True))
    line.prepare("nordmarkt")
    assert [state for state, _ in states(line)] == ["parked"]
    assert line.rows("case") == []
    ((_, text),) = line.parcels("nordmarkt")
    assert text.split("'")[0].endswith("++++++1")


def test_the_same_interchange_again_is_done_at_once_and_gets_no_second_contrl(line: Line) -> None:
    data = envelope(orders("PO-1"))
    line.take(data)
    sent = line.parcels("nordmarkt")
    line.accept(data)
    assert line.prepare("nordmarkt") == 0
    assert line.apply("nordmarkt") == []
    assert states(line)[1] == ("done", None)
    assert [each["status"] for each in line.rows("interchange")] == ["accepted", "repeat"]
    assert line.parcels("nordmarkt") == sent
    assert line.rows("case") == []


def test_other_content_under_a_used_reference_waits_for_a_person(line: Line) -> None:
    line.take(envelope(orders("PO-1", (OATS, "5"))))
    line.accept(envelope(orders("PO-1", (OATS, "6"))))
    line.prepare("nordmarkt")
    assert states(line)[1] == ("quarantined", "interchange.reference-reused")
    assert [each["code"] for each in line.rows("case")] == ["interchange.reference-reused"]
    assert line.apply("nordmarkt") == []


def test_test_and_live_traffic_do_not_share_references(line: Line) -> None:
    line.take(envelope(orders("PO-1"), test=True))
    line.accept(envelope(orders("PO-1")))
    line.prepare("nordmarkt")
    assert states(line)[1] == ("parsed", None)


def test_preparing_again_after_a_crash_is_no_repeat_of_itself(line: Line) -> None:
    """earlier_interchange remembers for the arrival: its own second reading stays new."""
    line.accept(envelope(orders("PO-1")))
    claim = line.claim("nordmarkt")
    (row,) = line.journal.read(lambda tx: tx.arrivals_to_prepare(claim, NOW, 10))
    asked = [line.journal.write(lambda tx: tx.earlier_interchange("key", "digest", row.id)) for _ in range(2)]
    assert asked == [None, None]


def test_no_contrl_is_sent_where_none_is_agreed(line: Line) -> None:
    line.book = with_agreements("nordmarkt", contrl=False)
    line.accept(envelope(orders("PO-1", when="20261399")))
    assert line.prepare("nordmarkt") == 0
    assert line.parcels("nordmarkt") == []


def test_each_interchange_of_a_file_gets_its_own_contrl(line: Line) -> None:
    line.accept(envelope(orders("PO-1"), reference="R1") + envelope(orders("PO-2", (NOBODYS, "1")), reference="R2"))
    assert line.prepare("nordmarkt") == 2
    answers = [text.split("UCI+")[1].split("+")[0] for _, text in line.parcels("nordmarkt")]
    assert answers == ["R1", "R2"]
    causes = [each["cause"] for each in line.rows("parcel")]
    assert causes == [each["id"] for each in line.rows("message")]
