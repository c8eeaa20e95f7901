"""Helpers of the mapping tests: messages from segment texts."""

from gateway.codecs import envelope
from gateway.codecs.edifact_write import write_segments
from gateway.mapping.compiler import DocumentMapping, Reading
from gateway.model.tree import Group, Segment
from gateway.schema.directory import Directory
from gateway.schema.validate import validate

BUYER, SELLER, PLACE = "4099990000011", "4099990000028", "4099990000110"
OATS, RYE = "4099990100018", "4099990100025"

ORDER_HEAD = ("BGM+220+4711+9", "DTM+137:20260302:102", f"NAD+BY+{BUYER}::9", f"NAD+SU+{SELLER}::9")


def tree_of(directory: Directory, *segments: str, message: str = "ORDERS", association: str = "EAN008") -> Group:
    """Return the tree of a message with these segments between UNH and UNT."""
    body = "'".join((f"UNH+1+{message}:D:96A:UN:{association}", *segments, f"UNT+{len(segments) + 2}+1", "UNZ+1+1", ""))
    data = f"UNB+UNOC:3+{BUYER}:14+{SELLER}:14+260302:0900+1'{body}".encode("latin-1")
    (interchange,) = envelope.read_interchanges([data])
    (found,) = interchange.messages
    return validate(found, directory).tree


def order(*lines: str) -> tuple[str, ...]:
    return (*ORDER_HEAD, *lines, "UNS+S")


def lines_of(segments: list[Segment]) -> list[str]:
    """Return written segments as texts."""
    return write_segments(segments, line_end="\n").decode("latin-1").replace("'\n", "\n").split("\n")[:-1]


def codes_of(reading: Reading) -> list[str]:
    return [each.code for each in reading.findings]


def read(mapping: DocumentMapping, directory: Directory, *segments: str) -> Reading:
    syntax = mapping.syntax
    return mapping.read(tree_of(directory, *segments, message=syntax.message, association=syntax.association))
