"""What was sent, tied to what was received: only where it is certain."""

from gateway.console.raw import Separators, components_of
from gateway.console.sent_links import places_of, repeats

SENT = (
    b"UNA:+.? 'UNH+1+ORDRSP:D:96A:UN:EAN005'BGM+231+OR-7+29'DTM+137:20261120:102'RFF+ON:4711'"
    b"NAD+BY+9521002000009::9'LIN+1+5+9521001100014:EN'QTY+21:240'LIN+2+5+9521001100038:EN'QTY+21:240'"
    b"UNS+S'UNT+10+1'"
)
RESPONSE = {
    "id": "OR-7",
    "issuedAt": "2026-11-20",
    "order": {"id": "4711"},
    "buyer": {"ids": [{"scheme": "0088", "value": "9521002000009"}]},
    "lines": [
        {"number": "1", "orderLine": "1", "item": {"gtin": "09521001100014"}, "confirmedQuantity": {"value": "240"}},
        {"number": "2", "orderLine": "20", "item": {"gtin": "09521001100038"}, "confirmedQuantity": {"value": "240"}},
    ],
}
ORDER = {
    "id": "4711",
    "buyer": {"ids": [{"scheme": "0088", "value": "9521002000009"}]},
    "lines": [
        {"number": "20", "item": {"gtin": "09521001100038"}, "quantity": {"value": "240"}},
        {"number": "1", "item": {"gtin": "09521001100014"}, "quantity": {"value": "99"}},
    ],
}


def shown(path: str) -> bytes:
    start, end = places_of(SENT, RESPONSE)[path]
    return SENT[start:end]


def test_a_value_is_placed_within_its_own_line() -> None:
    assert shown("lines[0].confirmedQuantity") == shown("lines[1].confirmedQuantity") == b"240"
    places = places_of(SENT, RESPONSE)
    assert places["lines[0].confirmedQuantity"] < places["lines[1].confirmedQuantity"]
    assert shown("lines[1].item.gtin") == b"9521001100038"
    assert shown("issuedAt") == b"20261120"
    assert shown("buyer") == b"9521002000009"


def test_a_value_that_stands_there_twice_is_not_placed() -> None:
    twice = SENT.replace(b"QTY+21:240'LIN+2", b"QTY+21:240'QTY+12:240'LIN+2")
    assert "lines[0].confirmedQuantity" not in places_of(twice, RESPONSE)
    assert "lines[1].confirmedQuantity" in places_of(twice, RESPONSE)


def test_nothing_is_placed_in_lines_that_cannot_be_told_apart() -> None:
    fewer = SENT.replace(b"LIN+2+5+9521001100038:EN'", b"")
    assert [path for path in places_of(fewer, RESPONSE) if path.startswith("lines")] == []


def test_xml_values_are_placed_by_their_line() -> None:
    data = b"<R><ID>OR-7</ID><cac:OrderLine><Q>240</Q></cac:OrderLine><cac:OrderLine><Q>240.0</Q></cac:OrderLine></R>"
    places = places_of(data, RESPONSE)
    assert [data[slice(*places[path])] for path in ("id", "lines[1].confirmedQuantity")] == [b"OR-7", b"240.0"]


def test_a_value_repeats_its_cause_only_where_both_say_the_same() -> None:
    assert repeats(ORDER, RESPONSE) == {
        "order.id": "id",
        "buyer": "buyer",
        "lines[0].orderLine": "lines[1].number",
        "lines[0].item.gtin": "lines[1].item.gtin",
        "lines[1].orderLine": "lines[0].number",
        "lines[1].item.gtin": "lines[0].item.gtin",
        "lines[1].confirmedQuantity": "lines[0].quantity",
    }


def test_release_characters_are_no_part_of_a_value() -> None:
    assert [text for _, _, text in components_of(b"FTX+A?+B:?'c??'\r\nX+1'", Separators())] == [
        "FTX",
        "A+B",
        "'c?",
        "X",
        "1",
    ]
