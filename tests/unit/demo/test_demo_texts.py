from datetime import date, timedelta

import pytest
from demo_world import ITEMS, NOW, number
from pydifact.segmentcollection import Interchange

from gateway.demo import edifact_texts, ubl_texts
from gateway.demo.edifact_texts import Envelope, Line, Parties

pytestmark = pytest.mark.filterwarnings("ignore:segments.xml")  # pydifact ships no tables

ENVELOPE = Envelope(sender=number("400000200000"), receiver=number("400000100000"), reference="12345678901234", at=NOW)
PARTIES = Parties(buyer=number("400000200000"), seller=number("400000100000"), deliver_to=number("400000200001"))
LINES = [
    Line(number=str(n), gtin=item.wire_gtin, quantity=12, name=item.name, price="1.90")
    for n, item in enumerate(ITEMS, 1)
]


def parsed(data: bytes) -> list[tuple[str, list[object]]]:
    read = Interchange.from_str(data.decode("iso-8859-1"))
    return [(each.tag, list(each.elements)) for each in next(iter(read.get_messages())).segments]


def values(data: bytes, tag: str) -> list[list[object]]:
    return [elements for each, elements in parsed(data) if each == tag]


def test_another_reader_finds_in_an_orders_what_was_written() -> None:
    data = edifact_texts.orders(ENVELOPE, "N1", date(2026, 3, 13), PARTIES, LINES)
    assert values(data, "BGM") == [["220", "N1", "9"]]
    assert [each[2][0] for each in values(data, "LIN")] == [item.wire_gtin for item in ITEMS]
    assert [each[-1][-1] for each in values(data, "IMD")] == [item.name for item in ITEMS]
    assert ["2", "20260313", "102"] in [each[0] for each in values(data, "DTM")]


def test_counts_in_the_trailers_are_those_of_the_message() -> None:
    segments = edifact_texts.split(edifact_texts.orders(ENVELOPE, "N1", date(2026, 3, 13), PARTIES, LINES))
    inside = segments[1:-1]
    assert inside[-1][1:] == [[str(len(inside))], ["1"]]
    assert segments[-1][1:] == [["1"], [ENVELOPE.reference]]


def test_our_own_reader_takes_back_every_mark_that_was_escaped() -> None:
    data = edifact_texts.orders(ENVELOPE, "A+B:C'D?E", date(2026, 3, 13), PARTIES, LINES)
    order = edifact_texts.read_order(edifact_texts.read(data))
    assert order.number == "A+B:C'D?E"
    assert order.lines == tuple((line.number, line.gtin, 12) for line in LINES)
    assert order.deliver_to == PARTIES.deliver_to


def test_a_reader_follows_the_marks_of_the_una() -> None:
    data = b"UNA|^.! ~UNB^UNOC|3^A|14^B|14^260311|0830^7~UNH^1^ORDERS|D|96A|UN~BGM^220^X!^1^9~UNT^3^1~UNZ^1^7~"
    for mark in (b"", b"\xef\xbb\xbf"):
        read = edifact_texts.read(mark + data)
        assert (read.kind, read.number, read.sender) == ("ORDERS", "X^1", ("A", "14"))


def test_an_order_response_says_of_each_line_what_is_confirmed() -> None:
    lines = [
        Line(number="1", gtin=ITEMS[0].wire_gtin, quantity=12, confirmed=12, answer="5"),
        Line(number="2", gtin=ITEMS[1].wire_gtin, quantity=12, confirmed=6, answer="3"),
    ]
    data = edifact_texts.ordrsp(ENVELOPE, "C1", "PO1", date(2026, 3, 13), PARTIES, lines)
    assert values(data, "BGM") == [["231", "C1", "4"]]
    assert [each[0] for each in values(data, "QTY")] == [["21", "12"], ["113", "12"], ["21", "12"], ["113", "6"]]
    assert [each[1] for each in values(data, "LIN")] == ["5", "3"]


def test_the_papers_of_a_truck_are_those_of_the_despatch_advice() -> None:
    goods = [Line(number="1", gtin=ITEMS[0].wire_gtin, quantity=24, order_line="3", batch="L1", best_before=NOW.date())]
    data = edifact_texts.desadv(ENVELOPE, "D1", "PO1", date(2026, 3, 12), PARTIES, {"3" + "0" * 17: goods})
    assert edifact_texts.read_despatch(edifact_texts.read(data)) == {
        "desadv": "D1",
        "order": "PO1",
        "arrives_on": "2026-03-12",
        "lines": [{"line": "3", "gtin": ITEMS[0].wire_gtin, "units": 24}],
    }


def test_a_contrl_names_the_interchange_it_is_for_and_goes_back_to_its_sender() -> None:
    received = edifact_texts.read(edifact_texts.orders(ENVELOPE, "N1", date(2026, 3, 13), PARTIES, LINES))
    answer = edifact_texts.contrl(received, "99", NOW + timedelta(minutes=1))
    read = edifact_texts.read(answer)
    assert read.receiver == (ENVELOPE.sender, "14")
    assert values(answer, "UCI") == [[ENVELOPE.reference, [ENVELOPE.sender, "14"], [ENVELOPE.receiver, "14"], "7"]]
    assert values(answer, "UCM") == [["1", ["ORDERS", "D", "96A", "UN", "EAN008"], "7"]]


def test_bytes_that_are_no_interchange_are_refused() -> None:
    with pytest.raises(ValueError):
        edifact_texts.read(b"<xml/>")


def test_a_ubl_order_shows_its_root_and_number_and_escapes_its_texts() -> None:
    data = ubl_texts.order("SK-1", NOW, date(2026, 3, 13), PARTIES, "Stadt & Kette", LINES)
    assert ubl_texts.kind_and_number(data) == ("Order", "SK-1")
    assert b"Stadt &amp; Kette" in data
    assert data.count(b"<cac:OrderLine>") == len(LINES)


def test_a_product_activity_leaves_out_what_was_not_sold() -> None:
    data = ubl_texts.product_activity(
        "PA-1", NOW, date(2026, 3, 10), PARTIES, {PARTIES.deliver_to: [(ITEMS[0], 4, 0), (ITEMS[1], 0, 0)]}
    )
    assert data.count(b"<cac:SalesItem>") == 1
    assert ubl_texts.kind_and_number(data) == ("ProductActivity", "PA-1")
