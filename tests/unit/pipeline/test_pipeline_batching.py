"""Several messages in one interchange: by count, by time, and what becomes of each of them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pipeline_scene import NORDMARKT, NOW, OATS, OURS, Line, envelope, message, new_id, orders, with_partner

from gateway.codecs.envelope import read_interchanges
from gateway.model.edifact_terms import EdifactTerms, Outgoing
from gateway.model.faults import OurFault
from gateway.pipeline.batching import Lot, put_off, send_due_lot
from gateway.pipeline.deliver import settle_proof
from gateway.ports.records import Proof, Wrapped
from gateway.store import audit_journal
from gateway.store.journal import SqlJournal

LEASE = timedelta(minutes=5)


def batched(count: int = 3, wait_s: int = 60, **more: object) -> EdifactTerms:
    return EdifactTerms(write=Outgoing(batch_count=count, batch_wait_s=wait_s, **more))  # type: ignore[arg-type]


@pytest.fixture
def line() -> Iterator[Line]:
    journal = SqlJournal.in_memory()
    made = Line(journal, with_partner("nordmarkt", edifact=batched()))
    made.count_stock(OATS, quantity="1000")
    yield made
    journal.close()


def order(line: Line, number: str) -> None:
    line.take(envelope(orders(number), reference=f"R-{number}"))


def answers(line: Line) -> list[dict]:
    """Return the parcels of order responses, carriers too, in order."""
    found = [each for each in line.rows("parcel", partner="nordmarkt") if each["mapping"].endswith("/ORDRSP")]
    return sorted(found, key=lambda each: each["seq"])


def carriers(line: Line) -> list[dict]:
    return [each for each in answers(line) if each["lot"] is None]


def members(line: Line) -> list[dict]:
    return [each for each in answers(line) if each["lot"] is not None]


def states(found: list[dict]) -> list[str]:
    return [each["state"] for each in found]


def bytes_of(line: Line, parcel: dict) -> bytes:
    (row,) = line.rows("payload", sha256=parcel["sha256"])
    return bytes(row["data"])


def due(line: Line, later: timedelta) -> int:
    now = NOW + later
    lots = line.journal.read(lambda tx: tx.lots_due(now))
    return sum(line.journal.write(lambda tx, lot=lot: send_due_lot(tx, line.book, lot, now, new_id)) for lot in lots)


def deliver(line: Line) -> None:
    """Send what is due; the memory of a far end that takes everything."""
    parcels = line.journal.write(lambda tx: tx.claim_parcels("me", NOW + timedelta(hours=1), LEASE, 100))
    for each in parcels:
        wrapped = Wrapped(headers=(), body=b"x", transport_id=f"<{each.id}>")
        line.journal.write(lambda tx, p=each, w=wrapped: tx.store_wrapped(p, w, NOW))
        line.journal.write(lambda tx, p=each: settle_proof(tx, p, Proof(state="acked"), NOW))


def contrl(line: Line, control: str, *verdicts: tuple[str, str]) -> None:
    body = f"UCI+{control}+{OURS}:14+{NORDMARKT}:14+7'"
    body += "".join(f"UCM+{reference}+ORDRSP:D:96A:UN+{action}'" for reference, action in verdicts)
    line.take(envelope(message("CONTRL", body, kind_of="D:3:UN"), reference=f"C-{control}"))


def whole(line: Line) -> None:
    with line.journal.reader.connect():
        pass
    assert audit_journal.check(line.journal.reader, line.journal.blobs) == []


def test_messages_wait_until_enough_are_there_and_go_in_one_interchange(line: Line) -> None:
    for number in ("PO-1", "PO-2"):
        order(line, number)
    assert (states(members(line)), carriers(line)) == (["waiting", "waiting"], [])
    order(line, "PO-3")
    (carrier,) = carriers(line)
    assert carrier["state"] == "queued"
    assert {each["carrier"] for each in members(line)} == {carrier["id"]}
    (sent,) = read_interchanges([bytes_of(line, carrier)])
    assert sent.findings == ()
    assert sent.trailer is not None
    assert sent.trailer.get(1) == "3"
    assert [each.reference for each in sent.messages] == [each["message_reference"] for each in members(line)]
    assert len({each.reference for each in sent.messages}) == 3
    assert [each.findings for each in sent.messages] == [(), (), ()]
    assert line.rows("timer", kind="batch") == []
    whole(line)


def test_the_first_waits_no_longer_than_agreed(line: Line) -> None:
    order(line, "PO-1")
    assert due(line, timedelta(seconds=59)) == 0
    assert due(line, timedelta(seconds=60)) == 1
    assert due(line, timedelta(seconds=61)) == 0
    (carrier,) = carriers(line)
    assert bytes_of(line, carrier).startswith(f"UNB+UNOC:3+{OURS}:14+{NORDMARKT}:14+261102:0901+".encode())


def test_a_later_message_does_not_put_the_first_off(line: Line) -> None:
    order(line, "PO-1")
    (before,) = line.rows("timer", kind="batch")
    order(line, "PO-2")
    assert line.rows("timer", kind="batch") == [before]


def test_without_the_setting_each_message_goes_by_itself() -> None:
    journal = SqlJournal.in_memory()
    line = Line(journal)
    line.count_stock(OATS)
    order(line, "PO-1")
    assert (members(line), states(carriers(line))) == ([], ["queued"])
    journal.close()


def test_what_waits_is_not_claimed_and_its_message_is_not_done(line: Line) -> None:
    order(line, "PO-1")
    deliver(line)
    assert states(members(line)) == ["waiting"]
    assert [each["state"] for each in line.rows("message", type="ORDERS")] == ["applied"]


def test_what_becomes_of_the_interchange_becomes_of_every_message(line: Line) -> None:
    for number in ("PO-1", "PO-2", "PO-3"):
        order(line, number)
    deliver(line)
    assert states(carriers(line)) == ["acked"]
    assert states(members(line)) == ["acked"] * 3
    contrl(line, carriers(line)[0]["control_reference"])
    assert states(carriers(line)) == ["accepted"]
    assert states(members(line)) == ["accepted"] * 3
    whole(line)


def test_a_contrl_that_refuses_one_message_leaves_the_others_accepted(line: Line) -> None:
    for number in ("PO-1", "PO-2", "PO-3"):
        order(line, number)
    deliver(line)
    second = members(line)[1]
    contrl(line, carriers(line)[0]["control_reference"], (second["message_reference"], "4"))
    assert states(members(line)) == ["accepted", "refused", "accepted"]
    assert states(carriers(line)) == ["accepted"]
    assert [each["code"] for each in line.rows("case")] == ["ack.rejected"]


def test_a_contrl_that_refuses_the_interchange_refuses_all(line: Line) -> None:
    for number in ("PO-1", "PO-2", "PO-3"):
        order(line, number)
    deliver(line)
    control = carriers(line)[0]["control_reference"]
    body = f"UCI+{control}+{OURS}:14+{NORDMARKT}:14+4+29+UNZ+2:1'"
    line.take(envelope(message("CONTRL", body, kind_of="D:3:UN"), reference="C-1"))
    assert states(carriers(line)) == ["refused"]
    assert states(members(line)) == ["refused"] * 3


def test_a_missing_contrl_is_an_event_of_every_message(line: Line) -> None:
    order(line, "PO-1")
    due(line, timedelta(minutes=5))
    deliver(line)
    late = NOW + timedelta(days=3)
    line.journal.write(lambda tx: tx.due_timers(late, 10))
    assert (states(carriers(line)), states(members(line))) == (["expired"], ["expired"])
    assert [each["code"] for each in line.rows("case")] == ["ack.contrl-missing"]


def test_a_refused_message_is_sent_again_in_another_interchange(line: Line) -> None:
    for number in ("PO-1", "PO-2", "PO-3"):
        order(line, number)
    deliver(line)
    second = members(line)[1]
    contrl(line, carriers(line)[0]["control_reference"], (second["message_reference"], "4"))
    line.journal.write(lambda tx: tx.resend(second["id"], "ann", NOW))
    assert states(members(line)) == ["accepted", "waiting", "accepted"]
    assert due(line, timedelta(minutes=2)) == 1
    (sent,) = read_interchanges([bytes_of(line, carriers(line)[1])])
    assert [each.reference for each in sent.messages] == [second["message_reference"]]
    whole(line)


def test_live_and_test_messages_never_share_an_interchange(line: Line) -> None:
    order(line, "PO-1")
    line.take(envelope(orders("PO-2"), reference="R-2", test=True))
    assert len({each["lot"] for each in members(line)}) == 2


def test_a_form_that_changes_while_messages_wait_is_not_mixed(line: Line) -> None:
    order(line, "PO-1")
    line.book = with_partner("nordmarkt", edifact=batched(level="UNOA", transliterate=True, line_ends=True))
    order(line, "PO-2")
    assert due(line, timedelta(minutes=2)) == 2
    found = sorted((bytes_of(line, each) for each in carriers(line)), reverse=True)
    assert [each[:10] for each in found] == [b"UNB+UNOC:3", b"UNB+UNOA:3"]
    assert [b"\r\n" in each for each in found] == [False, True]


def test_the_batch_is_sent_when_the_setting_is_taken_away_while_messages_wait(line: Line) -> None:
    order(line, "PO-1")
    line.book = with_partner("nordmarkt", edifact=EdifactTerms())
    assert due(line, timedelta(minutes=2)) == 1


def test_a_lot_that_cannot_be_sent_opens_a_case_and_waits_on(line: Line) -> None:
    order(line, "PO-1")
    line.book = with_partner("nordmarkt", ids=())
    now = NOW + timedelta(minutes=2)
    (lot,) = line.journal.read(lambda tx: tx.lots_due(now))
    with pytest.raises(OurFault) as caught:
        line.journal.write(lambda tx: send_due_lot(tx, line.book, lot, now, new_id))
    line.journal.write(lambda tx: put_off(tx, lot, caught.value.code, now))
    assert line.journal.read(lambda tx: tx.lots_due(now)) == []
    assert [each["code"] for each in line.rows("case")] == ["partner.no-gln"]
    line.book = with_partner("nordmarkt", edifact=batched())
    assert due(line, timedelta(hours=1)) == 1


def test_a_lot_is_known_by_its_key() -> None:
    lot = Lot(
        partner="a",
        over="as2",
        mapping="x/Y",
        test=False,
        asks=True,
        level="UNOC",
        version="3",
        decimal=".",
        line_ends=False,
    )
    assert Lot.of(lot.key) == lot
