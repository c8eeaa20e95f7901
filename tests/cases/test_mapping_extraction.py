"""What the mappings write is read by others: pydifact finds the numbers, parties, items, quantities and prices that the
canonical document says; lxml paths alone find them in UBL."""

import json
from pathlib import Path

import pytest

from tests.shared import extraction

STANDARD = Path(__file__).parents[2] / "mappings" / "standard"
EDIFACT = sorted(STANDARD.glob("eancom-*/*.cases/*/out.edi"))
XML = sorted(STANDARD.glob("ubl-2.1/*.cases/*/out.xml"))
FILES = [*EDIFACT, *XML]
FULL_FACTS = ("ORDRSP", "DESADV", "RECADV", "SLSRPT", "INVRPT")


def facts_of(path: Path) -> extraction.Facts:
    if path.suffix == ".xml":
        return extraction.ubl(path.read_bytes())[1]
    message = path.parents[1].name.removesuffix(".cases")
    body = path.read_text(encoding="latin-1")
    framed = f"UNB+UNOC:3+A+B+260302:0900+1'UNH+1+{message}:D:96A:UN'{body}UNT+0+1'UNZ+1+1'"
    ((_, _, facts),) = extraction.edifact(framed)
    return facts


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.parent.relative_to(STANDARD)))
def test_another_reader_finds_in_what_is_written_what_the_document_says(path: Path) -> None:
    expected = json.loads((path.parent / "expected.json").read_text(encoding="utf-8"))
    facts = facts_of(path)
    assert facts["id"] == [expected["id"]]
    assert extraction.differences(facts, expected) == []


@pytest.mark.parametrize("family", ["eancom-1997", "eancom-2002"])
@pytest.mark.parametrize("message", FULL_FACTS)
def test_each_message_has_twelve_cases_that_say_quantities(family: str, message: str) -> None:
    cases = [path for path in EDIFACT if path.parts[-4:-2] == (family, f"{message}.cases")]
    telling = [path for path in cases if any(name.startswith("quantity") for name in facts_of(path))]
    assert len(telling) >= 12
