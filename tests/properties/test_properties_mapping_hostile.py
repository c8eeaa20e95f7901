"""Whatever a partner sends, a mapping answers with findings; it never raises and never hangs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.codecs import envelope, xml
from gateway.mapping.compiler import DocumentMapping
from gateway.model.faults import Fault
from gateway.schema.directory import Directory
from gateway.schema.validate import validate

STANDARD = Path(__file__).parents[2] / "mappings" / "standard"
CASES = sorted(path for path in STANDARD.glob("*/*.cases/*/in.*"))
PIECES = st.binary(max_size=6) | st.sampled_from(
    [b"'", b"+", b":", b"?", b"QTY+21:", b"LIN+1", b"CPS+9+1'", b"<", b">", b"&amp;", b"\xff", b"-", b"99999999999999"]
)
EDITS = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 12), PIECES), max_size=5)


def edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, piece in edits:
        place = at % (len(data) + 1)
        data = data[:place] + piece + data[place + length :]
    return data


@pytest.mark.parametrize("case", CASES, ids=lambda path: str(path.parent.relative_to(STANDARD)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_a_damaged_document_gives_findings_never_an_exception(
    case: Path,
    edits: list[tuple[int, int, bytes]],
    standard: Callable[[str], DocumentMapping],
    directories: dict[str, Directory],
) -> None:
    mapping = standard(f"{case.parents[2].name}/{case.parents[1].name.removesuffix('.cases')}")
    data = edited(case.read_bytes(), edits)
    trees = []
    try:
        if mapping.syntax.kind == "xml":
            trees = [xml.decode(data).root]
        else:
            messages = [message for each in envelope.read_interchanges([data]) for message in each.messages]
            trees = [validate(message, directories["d96a"]).tree for message in messages]
    except Fault:
        return
    for tree in trees:
        reading = mapping.read(tree)
        if reading.document is None:
            assert any(each.severity == "error" for each in reading.findings)
        assert all(each.where.path is not None for each in reading.findings)
        dict(reading.sources)
        assert len(reading.leftovers) >= 0
