"""Every finding of this area can be said in both languages with all its values filled in."""

from string import Formatter

import pytest
from edifact_world import ORDER, directory, interchange

from gateway.codecs.envelope import read_interchanges
from gateway.schema.validate import validate
from gateway.texts.errors_edifact import ERRORS

BROKEN = [
    interchange(ORDER.replace(old, new, 1))
    for old, new in [
        ("BGM+220", "BGM+9999"),
        ("BGM+220", "BGM+22Q"),
        ("PO-1+9", "PO-1+9+NA+5"),
        ("20260105:102", "20260105:102:4"),
        ("DTM+137", "DTM+"),
        ("QTY+21:12", "QTY+21:x"),
        ("QTY+21:12", "QTY+21:.5"),
        ("DTM+137", "XYZ'DTM+137"),
        ("LIN+1", "CNT+1:5'LIN+1"),
        ("BGM+220+PO-1+9'", ""),
        ("DTM+137:20260105:102'", "DTM+137:20260105:102'" * 36),
        ("NAD+BY", "RFF+CT:1'" * 11 + "NAD+BY"),
        ("CNT+2:2", "CNT+2:3"),
        ("UNS+S", "UNS+SS"),
        ("UNS+S", "UNS+1"),
        ("LIN+1++", "LIN:1+1++"),
    ]
]
FILES = [
    b"\xef\xbb\xbfHI UNB+UNOA:3+A+B+260105:0810+77'UNH+1+ORDERS:D:96A:UN'FTX+AAI+++l\xc3\xa9'''UNT+9+2'DTM+1'UNZ+9+78'",
    b"UNB+XXXX:3+A++260105:0810+77'UNG+ORDERS'UNH+1+ORDERS:D:99Z:UN'UNT+2+1'UNH+1+DESADV:D:96A:UN'UNT+2+1'UNE+2+'UNO+1'",
    b"UNB+UNOC:3+A+B+260105:0810+77'UNZ+0+77'",
    b"UNA:+.:: 'UNB+UNOC:3+A+B+260105:0810+77'UNH+1+ORDERS:D:96A:UN'FTX+a\r\nb\x07'BGM",
]


def found():
    for source in [*BROKEN, *(each for data in FILES for each in read_interchanges([data]))]:
        yield from source.findings
        for message in source.messages:
            yield from validate(message, directory("d96a") if message.directory == "d96a" else None).findings


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_placeholder_of_a_text_has_a_value(lang):
    codes = set()
    for finding in found():
        codes.add(finding.code)
        entry = ERRORS[finding.code]
        values = dict(finding.params) | ({"value": ""} if finding.value is not None else {})
        for text in (getattr(entry, lang), getattr(entry, f"cure_{lang}")):
            names = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert names <= set(values), (finding.code, names - set(values))
    assert len(codes) > 30
