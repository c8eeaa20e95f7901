"""The partners' own EDIFACT: they write and read it with these few lines, not with the gateway's codec, so that an
error cannot hide by being made at both ends.

Source: ISO 9735 version 3; UN/EDIFACT D.96A and D.01B messages as GS1 EANCOM 1997 and 2002 use them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gateway.demo.settings import DemoItem

Element = str | int | Sequence[str | int]
RawSegment = list[list[str]]
GUIDES = {  # association assigned code of UNH, by directory and message
    "96A": {"ORDERS": "EAN008", "ORDRSP": "EAN005", "DESADV": "EAN005", "SLSRPT": "EAN004", "INVRPT": "EAN004"},
    "01B": {"ORDERS": "EAN010", "SLSRPT": "EAN006", "RECADV": "EAN007", "RETANN": "EAN003"},
}
ITEM_NUMBER = {"96A": "EN", "01B": "SRV"}  # code of a GTIN in LIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who writes to whom. reference: UNB 0020, 1 to 14 characters, never used twice. directory: 96A or 01B.

    charset: in which the bytes are written, while UNB says UNOC whatever it is.
    """

    sender: str
    receiver: str
    reference: str
    at: datetime
    sender_qualifier: str = "14"
    receiver_qualifier: str = "14"
    directory: str = "96A"
    charset: str = "iso-8859-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """GLNs. buyer_name: beside the buyer's number, when it is told."""

    buyer: str
    seller: str
    deliver_to: str
    buyer_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of whatever document. answer: LIN 1229 of an order response."""

    number: str
    gtin: str
    quantity: int
    name: str = ""
    price: str = ""
    supplier_item: str = ""
    confirmed: int | None = None
    backordered: int = 0
    answer: str = ""
    order_line: str = ""
    batch: str = ""
    best_before: date | None = None


def _escaped(value: str | int) -> str:
    text = str(value)
    for mark in "?+:'":
        text = text.replace(mark, "?" + mark)
    return text


def segment(tag: str, *elements: Element) -> str:
    """Return one segment with its terminator; empty elements at the end are left out."""
    parts = []
    for element in elements:
        values = [element] if isinstance(element, str | int) else element
        parts.append(":".join(_escaped(value) for value in values).rstrip(":"))
    while parts and not parts[-1]:
        parts.pop()
    return "+".join([tag, *parts]) + "'"


def interchange(envelope: Envelope, kind: str, body: Iterable[str]) -> bytes:
    """Return one interchange with one message."""
    guide = GUIDES[envelope.directory].get(kind, "")
    identity = ["CONTRL", "D", "3", "UN"] if kind == "CONTRL" else [kind, "D", envelope.directory, "UN", guide]
    message = [segment("UNH", "1", identity), *body]
    message.append(segment("UNT", len(message) + 1, "1"))
    head = segment(
        "UNB",
        ["UNOC", "3"],
        [envelope.sender, envelope.sender_qualifier],
        [envelope.receiver, envelope.receiver_qualifier],
        [f"{envelope.at:%y%m%d}", f"{envelope.at:%H%M}"],
        envelope.reference,
    )
    lines = ["UNA:+.? '", head, *message, segment("UNZ", 1, envelope.reference)]
    return "\n".join(lines).encode(envelope.charset, "replace")


def parties_of(parties: Parties) -> list[str]:
    """Return NAD of buyer, seller and place of delivery."""
    roles = (("BY", parties.buyer, parties.buyer_name), ("SU", parties.seller, ""), ("DP", parties.deliver_to, ""))
    return [segment("NAD", role, [gln, "", "9"], "", name) for role, gln, name in roles]


def _day(qualifier: str, day: date) -> str:
    return segment("DTM", [qualifier, f"{day:%Y%m%d}", "102"])


def minute(qualifier: str, at: datetime) -> str:
    return segment("DTM", [qualifier, f"{at:%Y%m%d%H%M}", "203"])


def _lin(envelope: Envelope, line: Line) -> str:
    return segment("LIN", line.number, line.answer, [line.gtin, ITEM_NUMBER[envelope.directory]])


def _end(lines: Sequence[Line]) -> list[str]:
    return [segment("UNS", "S"), segment("CNT", ["2", len(lines)])]


def orders(envelope: Envelope, number: str, deliver_on: date | str, parties: Parties, lines: Sequence[Line]) -> bytes:
    """Return an ORDERS. deliver_on as text goes out as it stands, right or wrong."""
    wanted = deliver_on if isinstance(deliver_on, str) else f"{deliver_on:%Y%m%d}"
    body = [
        segment("BGM", "220", number, "9"),
        minute("137", envelope.at),
        segment("DTM", ["2", wanted, "102"]),
        *parties_of(parties),
        segment("CUX", ["2", "EUR", "9"]),
    ]
    for line in lines:
        body.append(_lin(envelope, line))
        if line.name:
            body.append(segment("IMD", "F", "", ["", "", "", line.name[:35]]))
        body.append(segment("QTY", ["21", line.quantity]))
        if line.price:
            body.append(segment("PRI", ["AAA", line.price]))
    return interchange(envelope, "ORDERS", [*body, *_end(lines)])


def ordrsp(
    envelope: Envelope, number: str, order: str, promised: date, parties: Parties, lines: Sequence[Line]
) -> bytes:
    """Return an ORDRSP: 29 when every line is accepted as ordered, 4 when anything is changed."""
    plain = all(line.answer == "5" for line in lines)
    body = [
        segment("BGM", "231", number, "29" if plain else "4"),
        minute("137", envelope.at),
        segment("RFF", ["ON", order]),
        *parties_of(parties),
    ]
    for line in lines:
        body.append(_lin(envelope, line))
        if line.supplier_item:
            body.append(segment("PIA", "1", [line.supplier_item, "SA"]))
        body += [segment("QTY", ["21", line.quantity]), segment("QTY", ["113", line.confirmed or 0])]
        if line.backordered:
            body.append(segment("QTY", ["83", line.backordered]))
        body += [_day("69", promised), segment("RFF", ["ON", order, line.order_line or line.number])]
    return interchange(envelope, "ORDRSP", [*body, *_end(lines)])


def desadv(
    envelope: Envelope,
    number: str,
    order: str,
    arrives_on: date,
    parties: Parties,
    units: Mapping[str, Sequence[Line]],
) -> bytes:
    """Return a DESADV. units: SSCC of each pallet -> what stands on it."""
    body = [
        segment("BGM", "351", number, "9"),
        minute("137", envelope.at),
        minute("11", envelope.at),
        _day("17", arrives_on),
        segment("RFF", ["ON", order]),
        *parties_of(parties),
        segment("CPS", "1"),
        segment("PAC", len(units), "", ["201", "", "9"]),
    ]
    for place, (sscc, lines) in enumerate(units.items(), 2):
        body += [segment("CPS", place, "1"), segment("PAC", "1", "", ["201", "", "9"])]
        body += [segment("PCI", "33E"), segment("GIN", "BJ", sscc)]
        for line in lines:
            body += [_lin(envelope, line), segment("QTY", ["12", line.quantity])]
            body.append(segment("RFF", ["ON", order, line.order_line or line.number]))
            if line.batch:
                body.append(segment("PCI", "36E"))
                body += [_day("361", line.best_before)] if line.best_before else []
                body.append(segment("GIN", "BX", line.batch))
    count = sum(len(lines) for lines in units.values())
    return interchange(envelope, "DESADV", [*body, segment("CNT", ["2", count])])


Sold = tuple[DemoItem, int, int]  # item, sold, returned


def slsrpt(envelope: Envelope, number: str, day: date, parties: Parties, shops: Mapping[str, Sequence[Sold]]) -> bytes:
    """Return a SLSRPT for one day. shops: GLN of the shop -> what it sold."""
    period = segment("DTM", ["356", f"{day:%Y%m%d}{day:%Y%m%d}", "718"])
    body = [
        segment("BGM", "73E", number, "9"),
        minute("137", envelope.at),
        period,
        segment("NAD", "BY", [parties.buyer, "", "9"]),
        segment("NAD", "SU", [parties.seller, "", "9"]),
    ]
    count = 0
    for shop, rows in shops.items():
        body += [segment("LOC", "162", [shop, "", "9"]), period]
        for item, sold, returned in rows:
            count += 1
            item_number = [item.wire_gtin, ITEM_NUMBER[envelope.directory]]
            body += [segment("LIN", count, "", item_number), segment("QTY", ["153", sold])]
            body += [segment("QTY", ["61", returned])] if returned else []
    if envelope.directory == "01B":
        body.append(segment("UNS", "S"))
    return interchange(envelope, "SLSRPT", body)


def invrpt(
    envelope: Envelope, number: str, day: date, parties: Parties, rows: Sequence[tuple[DemoItem, Mapping[str, int]]]
) -> bytes:
    """Return an INVRPT: for each item the usable units at each shop."""
    body = [
        segment("BGM", "35", number, "9"),
        minute("137", envelope.at),
        _day("366", day),
        segment("NAD", "GY", [parties.buyer, "", "9"]),
        segment("NAD", "SU", [parties.seller, "", "9"]),
    ]
    for count, (item, stock) in enumerate(rows, 1):
        body.append(segment("LIN", count, "", [item.wire_gtin, "EN"]))
        for shop, units in stock.items():
            body += [segment("QTY", ["145", units]), segment("LOC", "14", [shop, "", "9"])]
    return interchange(envelope, "INVRPT", body)


def contrl(received: "Read", reference: str, at: datetime) -> bytes:
    """Return the CONTRL that takes a received interchange as it is.

    Source: UN/EDIFACT CONTRL D.3, UCI and UCM, action code 0083 = 7 (acknowledged).
    """
    envelope = Envelope(
        sender=received.receiver[0],
        sender_qualifier=received.receiver[1],
        receiver=received.sender[0],
        receiver_qualifier=received.sender[1],
        reference=reference,
        at=at,
    )
    body = [segment("UCI", received.reference, received.sender, received.receiver, "7")]
    body += [segment("UCM", number, identity, "7") for number, identity in received.messages]
    return interchange(envelope, "CONTRL", body)


def split(data: bytes) -> list[RawSegment]:
    """Return the segments of an interchange: tag and elements as lists of components.

    Raises ValueError when the bytes do not start with UNA or UNB.
    """
    text = data.removeprefix(b"\xef\xbb\xbf").decode("iso-8859-1").lstrip()
    marks = ":+.? '"
    if text.startswith("UNA"):
        marks, text = text[3:9], text[9:]
    elif not text.startswith("UNB"):
        raise ValueError("not an EDIFACT interchange")
    component, element, release, end = marks[0], marks[1], marks[3], marks[5]
    found: list[RawSegment] = []
    current: RawSegment = [[""]]
    characters = iter(text)
    for character in characters:
        if character == release and release != " ":
            current[-1][-1] += next(characters, "")
        elif character == component:
            current[-1].append("")
        elif character == element:
            current.append([""])
        elif character == end:
            found.append(current)
            current = [[""]]
        elif character not in "\r\n":
            current[-1][-1] += character
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a partner takes out of an interchange. kind, number: of its first message."""

    sender: tuple[str, str]
    receiver: tuple[str, str]
    reference: str
    kind: str
    number: str
    messages: tuple[tuple[str, tuple[str, ...]], ...]
    segments: tuple[RawSegment, ...]


def _two(values: Sequence[str]) -> tuple[str, str]:
    return values[0], values[1] if len(values) > 1 else ""


def read(data: bytes) -> Read:
    """Raises ValueError or IndexError when it is not an interchange."""
    segments = split(data)
    head = next(each for each in segments if each[0][0] == "UNB")
    heads = [each for each in segments if each[0][0] == "UNH"]
    begin = next((each for each in segments if each[0][0] == "BGM"), None)
    return Read(
        sender=_two(head[2]),
        receiver=_two(head[3]),
        reference=head[5][0],
        kind=heads[0][2][0] if heads else "?",
        number=begin[2][0] if begin and len(begin) > 2 else head[5][0],
        messages=tuple((each[1][0], tuple(each[2])) for each in heads),
        segments=tuple(segments),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOrder:
    """An ORDERS as the supplier reads it. lines: (line number, GTIN, quantity)."""

    number: str
    buyer: str
    deliver_to: str
    lines: tuple[tuple[str, str, int], ...]


def read_order(received: Read) -> ReadOrder:
    """Raises ValueError when a line has no quantity that is a number."""
    parties = {each[1][0]: each[2][0] for each in received.segments if each[0][0] == "NAD" and len(each) > 2}
    lines: list[tuple[str, str, int]] = []
    number, gtin = "", ""
    for each in received.segments:
        if each[0][0] == "LIN":
            number, gtin = each[1][0], each[3][0] if len(each) > 3 else ""
        elif each[0][0] == "QTY" and each[1][0] == "21":
            lines.append((number, gtin, int(float(each[1][1]))))
    return ReadOrder(
        number=received.number,
        buyer=parties.get("BY", received.sender[0]),
        deliver_to=parties.get("DP", parties.get("BY", received.sender[0])),
        lines=tuple(lines),
    )


def read_despatch(received: Read) -> dict[str, Any]:
    """Return a DESADV as the papers of a truck: desadv, order, arrives_on (ISO date), lines of line, gtin and units."""
    truck: dict[str, Any] = {"desadv": received.number, "order": "", "arrives_on": "", "lines": []}
    lines: list[dict[str, Any]] = truck["lines"]
    for each in received.segments:
        tag, first = each[0][0], each[1] if len(each) > 1 else [""]
        if tag == "DTM" and first[0] == "17":
            truck["arrives_on"] = f"{first[1][:4]}-{first[1][4:6]}-{first[1][6:8]}"
        elif tag == "LIN":
            lines.append({"line": first[0], "gtin": each[3][0], "units": 0})
        elif tag == "QTY" and first[0] == "12":
            lines[-1]["units"] = int(first[1])
        elif tag == "RFF" and first[0] == "ON":
            truck["order"] = first[1]
            if lines and len(first) > 2:
                lines[-1]["line"] = first[2]
    return truck
