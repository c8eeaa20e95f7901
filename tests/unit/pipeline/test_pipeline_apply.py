"""Apply, answers, reread: a decision and everything that follows from it, in one transaction."""

from dataclasses import replace

import pytest
from pipeline_scene import (
    FLOUR,
    NOBODYS,
    NOW,
    OATS,
    OURS,
    RICE,
    STADTKETTE,
    WAREHOUSE,
    Line,
    book,
    envelope,
    new_id,
    orders,
    with_agreements,
    with_partner,
)

from gateway.domain.decision import Answer
from gateway.model.findings import Finding, Where
from gateway.model.json_form import loads
from gateway.model.partner import Agreement
from gateway.model.values import PartyIdentifier
from gateway.pipeline.answers import Answering, parcel_for
from gateway.pipeline.apply import placed_at
from gateway.pipeline.reread import reread
from gateway.ports.records import ArrivalRow, MessageRow
from tests.journeys import papers


def stock(line: Line, gtin: str) -> tuple[int, int]:
    (row,) = line.rows("stock", gtin=f"0{gtin}", location=WAREHOUSE)
    return row["on_hand"] // 1000, row["allocated"] // 1000


def test_an_order_moves_stock_and_is_answered_and_passed_on_in_one_step(line: Line) -> None:
    line.count_stock(OATS)
    (applied,) = line.take(envelope(orders("PO-1", (OATS, "15"))))
    assert (applied.parcels, applied.fault) == (2, None)
    assert stock(line, OATS) == (100, 15)
    assert [mapping for mapping, _ in line.parcels("nordmarkt")] == ["control/CONTRL", "eancom-1997/ORDRSP"]
    ((mapping, text),) = line.parcels("warehouse")
    assert mapping == "canonical/Order"
    assert '"value":"15"' in text
    assert line.rows("message", type="ORDERS")[0]["state"] == "applied"


def test_three_messages_one_bad_the_two_good_ones_are_applied(line: Line) -> None:
    line.count_stock(OATS)
    line.take(
        envelope(
            orders("PO-1", (OATS, "1")),
            orders("PO-2", (OATS, "2"), reference="2", when="20261399"),
            orders("PO-3", (OATS, "4"), reference="3"),
        )
    )
    assert stock(line, OATS) == (100, 5)
    assert [each["number"] for each in line.rows("business_order")] == ["PO-1", "PO-3"]
    assert "UCM+2+" in line.parcels("nordmarkt")[0][1]


def test_a_document_that_causes_nothing_to_send_is_done(line: Line) -> None:
    line.count_stock(OATS)
    assert [each["state"] for each in line.rows("message")] == ["done"]


def test_an_unknown_item_parks_at_its_place_and_is_refused_by_aperak(line: Line) -> None:
    line.count_stock(OATS)
    data = envelope(orders("PO-1", (OATS, "1"), (NOBODYS, "2")))
    (applied,) = line.take(data)
    assert applied.fault is not None
    assert (applied.fault.code, applied.parcels) == ("item.unknown", 1)
    (row,) = line.rows("message", type="ORDERS")
    assert (row["state"], row["owner"]) == ("parked", "us")
    fault = row["fault"] if isinstance(row["fault"], str) else str(row["fault"])
    assert f'"offset":{data.index(b"LIN+2")}' in fault.replace(" ", "")
    assert stock(line, OATS) == (100, 0), "nothing of a parked order is carried out"
    (mapping, text) = line.parcels("nordmarkt")[1]
    assert mapping == "control/APERAK"
    assert "RFF+ON:PO-1'RFF+ACW:1'" in text
    assert NOBODYS in text.split("FTX+")[1]
    (case,) = line.rows("case")
    assert (case["code"], case["subject"]) == ("item.unknown", "PO-1")


def test_where_no_aperak_is_agreed_the_message_is_parked_in_silence(line: Line) -> None:
    line.book = with_agreements("nordmarkt", aperak=False)
    (applied,) = line.take(envelope(orders("PO-1", (NOBODYS, "2"))))
    assert applied.fault is not None
    assert applied.parcels == 0
    assert [mapping for mapping, _ in line.parcels("nordmarkt")] == ["control/CONTRL"]


def test_a_parked_message_keeps_its_fault_even_when_no_refusal_can_be_written(line: Line) -> None:
    line.accept(envelope(orders("PO-1", (NOBODYS, "2"))))
    line.prepare("nordmarkt")
    line.book = with_partner("self", ids=())
    (applied,) = line.apply("nordmarkt")
    assert applied.fault is not None
    assert applied.parcels == 0
    (row,) = line.rows("message", type="ORDERS")
    assert row["fault_code"] == "item.unknown"
    assert "partner.no-gln" in str(row["findings"])


def test_who_speaks_xml_is_never_refused_in_edifact(line: Line) -> None:
    text = papers.ubl_order("SO-1", STADTKETTE, OURS, STADTKETTE, [(NOBODYS, "2")], when="2026-11-01")
    (applied,) = line.take(text, "stadtkette")
    assert applied.fault is not None
    assert line.parcels("stadtkette") == []


def test_test_traffic_is_answered_and_never_reaches_the_house(line: Line) -> None:
    line.count_stock(OATS)
    (applied,) = line.take(envelope(orders("PO-1", (OATS, "15")), test=True))
    assert applied.parcels == 1
    assert stock(line, OATS) == (100, 0)
    assert line.rows("business_order") == []
    assert line.parcels("warehouse") == []
    (row,) = line.rows("message", type="ORDERS")
    assert "agreement.test-stays-here" in str(row["findings"])
    assert line.parcels("nordmarkt")[1][1].split("'")[0].endswith("++++++1")


def test_a_parked_order_in_test_traffic_opens_no_case(line: Line) -> None:
    line.take(envelope(orders("PO-1", (NOBODYS, "15")), test=True))
    assert line.rows("case") == []
    assert [mapping for mapping, _ in line.parcels("nordmarkt")] == ["control/CONTRL", "control/APERAK"]


def test_an_answer_nobody_agreed_on_is_a_warning_on_the_message(line: Line) -> None:
    kept = tuple(each for each in book().partners["nordmarkt"].agreements if each.direction == "receive")
    line.book = with_partner("nordmarkt", agreements=kept)
    line.count_stock(OATS)
    (applied,) = line.take(envelope(orders("PO-1", (OATS, "1"))))
    assert applied.fault is None
    assert "agreement.nothing-to-send" in str(line.rows("message", type="ORDERS")[0]["findings"])
    assert stock(line, OATS) == (100, 1)


def answering(line: Line, tx: object, **changes: object) -> Answering:
    fields: dict[str, object] = {
        "tx": tx, "book": line.book, "now": NOW, "new_id": new_id, "cause": None, "test": False, "family": None,
    }  # fmt: skip
    return Answering(**(fields | changes))  # type: ignore[arg-type]


def both_families(line: Line) -> None:
    """Nordmarkt takes order responses as EDIFACT and as UBL."""
    extra = Agreement(direction="send", mapping="ubl-2.1/OrderResponse", over="as2")
    partner = line.book.partners["nordmarkt"]
    mappings = dict(line.book.mappings)
    mappings["nordmarkt", "ubl-2.1/OrderResponse"] = mappings["stadtkette", "ubl-2.1/OrderResponse"]
    changed = replace(partner, agreements=(*partner.agreements, extra))
    line.book = replace(line.book, partners={**line.book.partners, "nordmarkt": changed}, mappings=mappings)


@pytest.mark.parametrize(
    ("family", "mapping"),
    [
        ("ubl-2.1", "ubl-2.1/OrderResponse"),
        ("eancom-1997", "eancom-1997/ORDRSP"),
        ("canonical", "eancom-1997/ORDRSP"),
        (None, "eancom-1997/ORDRSP"),
    ],
)
def test_an_answer_goes_in_the_family_of_the_question(line: Line, family: str | None, mapping: str) -> None:
    both_families(line)
    line.count_stock(OATS)
    line.take(envelope(orders("PO-1", (OATS, "1"))))
    (sent,) = line.rows("parcel", mapping="eancom-1997/ORDRSP")
    answer = Answer(to="nordmarkt", document=loads(sent["document"]), about="PO-1")
    made = line.journal.write(lambda tx: parcel_for(answering(line, tx, family=family), answer))
    assert not isinstance(made, Finding)
    assert made.mapping == mapping


def test_an_edifact_answer_expects_a_contrl_in_time_and_an_xml_one_does_not(line: Line) -> None:
    line.count_stock(OATS)
    line.take(envelope(orders("PO-1", (OATS, "1"))))
    order = papers.ubl_order("SO-1", STADTKETTE, OURS, STADTKETTE, [(OATS, "1")], when="2026-11-01")
    line.take(order, "stadtkette")
    (edifact,) = line.rows("parcel", mapping="eancom-1997/ORDRSP")
    (xml,) = line.rows("parcel", mapping="ubl-2.1/OrderResponse")
    (contrl,) = line.rows("parcel", mapping="control/CONTRL")
    assert (edifact["expects"], xml["expects"], contrl["expects"]) == ("contrl", None, None)
    assert edifact["filename"].startswith("ORDRSP-")
    assert xml["content_type"] == "application/xml"


def test_control_references_count_up_per_partner(line: Line) -> None:
    line.count_stock(OATS)
    for number in range(3):
        line.take(envelope(orders(f"PO-{number}", (OATS, "1")), reference=f"R{number}"))
    references = [each["control_reference"] for each in line.rows("parcel", partner="nordmarkt")]
    assert references == sorted(set(references), key=int)
    assert len(references) == 6


def test_a_file_name_holds_nothing_of_a_partners_choice_but_letters_and_digits(line: Line) -> None:
    line.count_stock(OATS)
    line.take(envelope(orders("../../etc/x", (OATS, "1"))))
    ((_, order),) = line.parcels("warehouse")
    assert "../../etc/x" in order
    assert [each["filename"] for each in line.rows("parcel", partner="warehouse")] == ["Order-..-..-etc-x.json"]


def test_a_receiver_without_a_number_of_ours_cannot_be_written_to(line: Line) -> None:
    line.count_stock(OATS)
    line.accept(envelope(orders("PO-1", (OATS, "1"))))
    line.prepare("nordmarkt")
    line.book = with_partner("self", ids=())
    (applied,) = line.apply("nordmarkt")
    assert applied.fault is not None
    assert applied.fault.code == "partner.no-gln"
    assert stock(line, OATS) == (100, 0)


def test_a_replay_after_the_cause_is_mended_closes_its_case(line: Line) -> None:
    line.count_stock(OATS, FLOUR)
    own = line.book.own
    without = {gtin: item for gtin, item in own.items.items() if gtin != f"0{FLOUR}"}
    whole_book = line.book
    line.book = replace(line.book, own=replace(own, items=without))
    line.take(envelope(orders("PO-1", (FLOUR, "3"))))
    (row,) = line.rows("message", type="ORDERS")
    assert row["fault_code"] == "item.unknown"
    line.book = whole_book
    line.journal.write(lambda tx: tx.replay(row["id"], "me", NOW))
    claim = line.claim("nordmarkt")
    ((message_row, arrival),) = line.journal.read(lambda tx: tx.messages_to_replay(claim, 10))
    line.journal.write(lambda tx: tx.store_replayed(claim, reread(line.book, arrival, message_row), NOW))
    (applied,) = line.apply("nordmarkt")
    assert applied.fault is None
    assert stock(line, FLOUR) == (100, 3)
    assert all(each["closed_at"] is not None for each in line.rows("case"))


def to_reread(line: Line, data: bytes) -> list[tuple[MessageRow, ArrivalRow]]:
    arrival = line.accept(data).arrival_id
    line.prepare("nordmarkt")
    line.journal.write(lambda tx: tx.replay(arrival, "me", NOW))
    claim = line.claim("nordmarkt")
    return line.journal.read(lambda tx: tx.messages_to_replay(claim, 10))


def test_reread_finds_its_message_among_many_by_position(line: Line) -> None:
    bad = [orders(f"PO-{n}", reference=str(n), when="20261399") for n in (1, 2, 3)]
    found = to_reread(line, envelope(*bad))
    assert len(found) == 3
    for row, arrival in found:
        again = reread(line.book, arrival, row)
        assert (again.id, again.position, again.reference) == (row.id, row.position, row.reference)
        assert again.state == "parked"


def test_reread_of_bytes_that_now_cannot_be_read_at_all_keeps_its_id(line: Line) -> None:
    ((row, arrival),) = to_reread(line, envelope(orders("PO-1", when="20261399")))
    gone = replace(line.book, partners={key: p for key, p in line.book.partners.items() if key != "nordmarkt"})
    again = reread(gone, arrival, replace(row, position=0))
    assert (again.id, again.state) == (row.id, "parked")
    assert again.fault is not None
    assert again.fault.code == "partner.unknown"


SOURCES = {
    "id": Where(tag="BGM", offset=10),
    "lines[0].item.gtin": Where(tag="LIN", offset=50),
    "lines[0].quantity": Where(tag="QTY", offset=60),
    "lines[1].item.gtin": Where(tag="LIN", offset=70),
}


@pytest.mark.parametrize(
    ("path", "offset"),
    [
        ("id", 10),
        ("lines[1].item.gtin", 70),
        ("lines[0].item", 50),
        ("lines[0].item.name", 50),
        ("lines[1]", 70),
        ("lines[1].price.value", 70),
        ("lines", 50),
        ("lines[7].item", 50),
        ("buyer.gln", None),
    ],
)
def test_a_canonical_path_is_told_as_the_nearest_place_in_the_file(path: str, offset: int | None) -> None:
    found = placed_at(Where(path=path), SOURCES)
    assert (found.offset, found.path) == (offset, path)


def test_a_place_that_is_known_stays() -> None:
    known = Where(path="id", offset=99)
    assert placed_at(known, SOURCES) is known
    assert placed_at(Where(tag="UNB"), SOURCES) == Where(tag="UNB")


def test_a_quantity_below_nothing_is_parked_and_moves_no_stock(line: Line) -> None:
    line.count_stock(OATS, RICE)
    (applied,) = line.take(envelope(orders("PO-1", (OATS, "-5"))))
    assert applied.fault is not None
    assert stock(line, OATS) == (100, 0)


MISTYPED = "9521001100015"  # OATS with another check digit


def test_an_order_with_a_mistyped_number_is_answered_with_the_number_as_it_came(line: Line) -> None:
    line.count_stock(OATS)
    line.book = with_agreements("nordmarkt", unknown_item="refuse")
    (applied,) = line.take(envelope(orders("PO-1", (OATS, "15"), (MISTYPED, "2"))))
    assert applied.fault is None
    mapping, text = line.parcels("nordmarkt")[-1]
    assert mapping == "eancom-1997/ORDRSP"
    assert f"+{MISTYPED}:EN" in text
    (row,) = line.rows("message", type="ORDERS")
    assert str(row["findings"]).count("mapping.check-digit-echoed") == 1
    assert "mapping.check-digit-written" not in str(row["findings"])


def test_a_wrong_number_of_our_own_is_not_sent_whatever_the_partner_mistyped(line: Line) -> None:
    line.count_stock(OATS)
    line.book = with_agreements("nordmarkt", unknown_item="refuse")
    own = replace(line.book.own.partner, ids=(PartyIdentifier(scheme="0088", value="9521001000001"),))
    line.book = replace(line.book, own=replace(line.book.own, partner=own))
    (applied,) = line.take(envelope(orders("PO-1", (OATS, "15"), (MISTYPED, "2"))))
    assert applied.fault is not None
    assert (applied.fault.code, applied.fault.value) == ("mapping.check-digit-written", "9521001000001")
