"""From directory files to tables. The files here are small and ours, drawn as the official ones are."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from gateway.model.faults import OurFault
from gateway.schema.directory import Directory
from gateway.schema.importer import compile_directory

RULE = "─" * 70
MESSAGE = """
           4.3.1 Segment table

4.3.1  Segment table

Pos    Tag Name                                      S   R

0010   UNH Message header                            M   1
0020 X ABC A name                                    M   1
0030       ───── Segment group 1  ────────────────── C   999999──────┐
0040 * DEF A name that is too long for               M   1           │
0050   GHI Another name that needs
              a second line                          C   12          │
                                                                     │
0060 +     ───── Segment group 2  ────────────────── M   9──────────┐│
0070   DEF A name                                    M   1──────────┴┘
0080   UNT Message trailer                           M   1

1229 Numbers at the start of a line of prose are not rows.
"""
SEGMENTS = f"""Segments
{RULE}

       ABC  A SEGMENT

       Function: To say something.

010    C001 A COMPOSITE                                C    1
       1001  Code                                      C      an..3

020    1004 A LONG NAME THAT RUNS
            OVER TWO LINES                             M    1 an..35

{RULE}

       DEF  ANOTHER

010    1004 NUMBER                                     M    5 an..35

{RULE}

       GHI  THIRD

010    6060 QUANTITY                                   M    1 n..15
"""
COMPOSITES = f"""Composites
{RULE}

     * C001 A COMPOSITE

       Desc: Text.

010    1001  Code                                      C      an..3
020    1131  List                                      C      an..17
"""
ELEMENTS = f"""Elements
{RULE}

     1001  Code                                                    [C]

     Desc: Text.

     Repr: an..3
{RULE}
     1004  Number                                                  [C]

     Repr: an..35
{RULE}
     1131  List                                                    [C]

     Repr: an..17
{RULE}
     6060  Quantity                                                [C]

     Repr: n..15
"""
NEW_CODES = f"""Codes
{RULE}

     1001  Code                                                    [C]

     Desc: Text
           that goes on.

     Repr: an..3

     1     First
              Words about it.

+    22A   Second
              Words 3 about it.

     Note:
           1 Not a code.
{RULE}

     9999  Unused                                                  [C]

     Repr: an..3

     7     Seven
"""
OLD_CODES = f"""Codes
{RULE}

* 1001  Code, coded

  Desc: Text.

  Repr: an..3

        1 First
             Words about it.
+     22A Second with a name of
          two lines
             Words.
"""


def archive(files):
    held = BytesIO()
    with ZipFile(held, "w") as made:
        for name, content in files.items():
            made.writestr(name, content if isinstance(content, bytes) else content.encode("cp437"))
    return held.getvalue()


def official(**changes):
    files = {
        "EDMD.ZIP": archive({"ABCDEF_D.99A": changes.get("message", MESSAGE)}),
        "Edsd.zip": archive({"EDSD.99A": SEGMENTS}),
        "EDCD.ZIP": archive({"EDCD.99A": COMPOSITES}),
        "EDED.ZIP": archive({"EDED.99A": ELEMENTS}),
        "UNCL.ZIP": archive({"UNCL.99A": changes.get("codes", NEW_CODES)}),
        "README.TXT": "nothing",
        "PART2.ZIP": b"PK\x03\x04 a side file that is broken",
    }
    return archive({"d99a.zip": archive(files)})


def tables(**changes):
    return {path: json.loads(content) for path, content in compile_directory(official(**changes)).items()}


def test_the_structure_keeps_groups_status_and_six_digits():
    assert tables()["messages/ABCDEF.json"] == {
        "message": "ABCDEF",
        "version": "D",
        "release": "99A",
        "agency": "UN",
        "structure": [
            ["UNH", "M", 1],
            ["ABC", "M", 1],
            ["SG1", "C", 999999, [["DEF", "M", 1], ["GHI", "C", 12], ["SG2", "M", 9, [["DEF", "M", 1]]]]],
            ["UNT", "M", 1],
        ],
    }


def test_segments_composites_and_elements_are_read():
    found = tables()
    assert found["segments.json"] == {
        "ABC": [["C001", "C", 1], ["1004", "M", 1]],
        "DEF": [["1004", "M", 5]],
        "GHI": [["6060", "M", 1]],
    }
    assert found["composites.json"] == {"C001": [["1001", "C"], ["1131", "C"]]}
    assert found["elements.json"] == {"1001": "an..3", "1004": "an..35", "1131": "an..17", "6060": "n..15"}


@pytest.mark.parametrize("codes", [NEW_CODES, OLD_CODES])
def test_code_values_are_read_from_both_forms_of_the_list(codes):
    assert tables(codes=codes)["codes.json"]["1001"] == "1 22A"


def test_only_codes_that_the_chosen_messages_can_use_are_kept():
    chosen = compile_directory(official(), messages=["ABCDEF"])
    assert json.loads(chosen["codes.json"]) == {"1001": "1 22A"}


def test_the_tables_make_a_directory():
    found = Directory.from_files("d99a", compile_directory(official()))
    assert found.layout("ABC").position("C001.1131") == (1, 2)
    assert found.structure("ABCDEF").find("SG2").repeats == 9


@pytest.mark.parametrize(
    "source",
    [
        b"not a zip",
        archive({"x.txt": "nothing of use"}),
        b"PK\x03\x04 broken",
        official(message=MESSAGE.replace("┴┘", "┘")),
        official(message=MESSAGE.replace("group 2", "group 3")),
        official(message=MESSAGE.replace("0070   DEF A name                                    M   1", "0070   DEF A")),
        official(message="no table"),
    ],
)
def test_what_is_not_a_directory_is_refused(source):
    with pytest.raises(OurFault) as fault:
        compile_directory(source)
    assert fault.value.code == "edifact.import-failed"


def test_a_zip_that_unpacks_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("gateway.schema.importer._MAX_BYTES", 5_000)
    with pytest.raises(OurFault) as fault:
        compile_directory(official(message=MESSAGE + " " * 10_000))
    assert "more than" in fault.value.value


def test_a_bug_of_ours_is_not_told_as_a_broken_zip(monkeypatch: pytest.MonkeyPatch) -> None:
    def planned(path: str) -> bool:
        raise RuntimeError("planned")

    monkeypatch.setattr("gateway.schema.importer._wanted", planned)
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("EDED.01B", "x")
    with pytest.raises(RuntimeError, match="planned"):
        compile_directory(packed.getvalue())
