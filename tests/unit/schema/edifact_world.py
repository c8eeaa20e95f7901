"""Directories as shipped, and small messages to hold against them."""

from functools import cache
from pathlib import Path

from gateway.codecs.envelope import Interchange, RawMessage, read_interchanges
from gateway.schema.directory import Directory

SCHEMAS = Path(__file__).parents[3] / "schemas" / "edifact"


@cache
def directory(name: str) -> Directory:
    folder = SCHEMAS / name
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.json"))}
    return Directory.from_files(name, files, None if name.startswith("control") else directory("control"))


def interchange(
    *bodies: str, kind: str = "ORDERS:D:96A:UN:EAN008", syntax: str = "UNOC:3", encoding: str = "latin-1"
) -> Interchange:
    """Return an interchange whose messages have these bodies (between UNH and UNT)."""
    text = f"UNB+{syntax}+4000001000005:14+4000002000004:14+260105:0810+77'"
    for number, body in enumerate(bodies, 1):
        count = body.replace("?'", "").count("'") + 2
        text += f"UNH+{number}+{kind}'{body}UNT+{count}+{number}'"
    (found,) = read_interchanges([(text + f"UNZ+{len(bodies)}+77'").encode(encoding)])
    return found


def message(body: str, **settings: str) -> RawMessage:
    return interchange(body, **settings).messages[0]


ORDER = (
    "BGM+220+PO-1+9'DTM+137:20260105:102'NAD+BY+4000001000005::9'NAD+SU+4000002000004::9'"
    "LIN+1++4000862141404:EN'QTY+21:12'LIN+2++4000862141411:EN'QTY+21:6.5'UNS+S'CNT+2:2'"
)
