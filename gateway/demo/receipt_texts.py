"""What a customer writes about goods that came: the receiving advice, and the announcement that some go back. D.01B.

Source: UN/EDIFACT D.01B RECADV and RETANN as GS1 EANCOM 2002 uses them; RETANN's 70E is a code of EANCOM's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.demo.edifact_texts import ITEM_NUMBER, Envelope, Parties, interchange, minute, parties_of, segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A line of goods: units as the despatch advice says, missing of them; order and its line."""

    gtin: str
    units: int
    order: str
    line: str
    missing: int = 0


def recadv(envelope: Envelope, number: str, despatch: str, parties: Parties, lines: Sequence[Came]) -> bytes:
    """Return a RECADV for one despatch advice: what was accepted of each line, and what is missing."""
    body = [
        segment("BGM", "632", number, "9"),
        minute("137", envelope.at),
        minute("50", envelope.at),
        segment("RFF", ["AAK", despatch]),
        *parties_of(parties),
        segment("CPS", "1"),
    ]
    for n, line in enumerate(lines, 1):
        accepted = line.units - line.missing
        body.append(segment("LIN", n, "", [line.gtin, ITEM_NUMBER[envelope.directory]]))
        body += [segment("QTY", ["12", line.units]), segment("QTY", ["194", accepted])]
        body += [segment("QVR", [line.missing, "194"], "CP")] if line.missing else []
        body.append(segment("RFF", ["ON", line.order, line.line]))
    return interchange(envelope, "RECADV", [*body, segment("CNT", ["2", len(lines)])])


def retann(envelope: Envelope, number: str, parties: Parties, lines: Sequence[Came]) -> bytes:
    """Return a RETANN: units of each line are to go back."""
    body = [
        segment("BGM", "70E", number, "9"),
        minute("137", envelope.at),
        segment("NAD", "BY", [parties.buyer, "", "9"]),
        segment("NAD", "SU", [parties.seller, "", "9"]),
    ]
    for n, line in enumerate(lines, 1):
        body.append(segment("LIN", n, "", [line.gtin, ITEM_NUMBER[envelope.directory]]))
        body += [segment("QTY", ["61", line.units]), segment("RFF", ["ON", line.order, line.line])]
    return interchange(envelope, "RETANN", [*body, segment("UNS", "S"), segment("CNT", ["2", len(lines)])])
