"""Several numbers where one is usual: pallets by a range of SSCCs, batches of a line. Each stays; nothing explodes."""

from collections.abc import Callable
from typing import Any

import pytest
from mapping_scene import BUYER, OATS, SELLER, codes_of, lines_of, read

from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.ranges import RANGE_LIMIT, numbers_between
from gateway.mapping.reading import Reading
from gateway.model.faults import OurFault
from gateway.model.values import check_digit
from gateway.schema.directory import Directory

Compile = Callable[..., DocumentMapping]
ADVICE = """
mapping: own/DESADV
document: DespatchAdvice
syntax: {kind: edifact, directory: d96a, message: DESADV}
fields:
  id: BGM/1004
  issuedAt: {path: DTM/C507.2380, where: {C507.2005: '137'}}
  buyer.gln: {path: SG2/NAD/C082.3039, where: {SG2/NAD/3035: BY}}
  seller.gln: {path: SG2/NAD/C082.3039, where: {SG2/NAD/3035: SU}}
  units:
    each: SG10
    tree: {root: '1', parent: parent, members: lines.unit, alike: packageType}
    fields:
      id: CPS/7164
      parent: CPS/7166
      packageType: SG11/PAC/C202.7065
      sscc: {path: SG11/SG13/SG14/GIN/C208.7402, join: ':', as: sscc, twice: split}
  lines:
    each: SG10/SG15
    fields:
      unit: ../CPS/7164
      number: LIN/1082
      item.gtin: {path: LIN/C212.7140, as: gtin}
      despatchedQuantity: {path: QTY/C186.6060, where: {C186.6063: '12'}}
      batch: {path: SG20/SG21/GIN/C208.7402, direction: out}
      batches:
        each: SG20
        alone: {number: batch, quantity: despatchedQuantity}
        fields:
          quantity: {path: QTY/C186.6060, where: {C186.6063: '12'}}
          number: {path: SG21/GIN/C208.7402, twice: split}
"""


def sscc(number: int) -> str:
    body = f"34099990{number:09}"
    return body + check_digit(body)


def despatched(compiled: Compile, directories: dict[str, Directory], *segments: str) -> tuple[DocumentMapping, Reading]:
    mapping = compiled("own/DESADV", ADVICE)
    head = ("BGM+351+L-1+9", "DTM+137:20260302:102", f"NAD+BY+{BUYER}::9", f"NAD+SU+{SELLER}::9")
    return mapping, read(mapping, directories["d96a"], *head, *segments)


def pallets(compiled: Compile, directories: dict[str, Directory], *numbers: str) -> Reading:
    gins = tuple(f"GIN+BJ+{each}" for each in numbers)
    line = (f"LIN+1++{OATS}:EN", "QTY+12:5")
    return despatched(compiled, directories, "CPS+1", "CPS+2+1", "PAC+9++201", "PCI+33E", *gins, *line)[1]


def batches(compiled: Compile, directories: dict[str, Directory], *segments: str) -> Reading:
    return despatched(compiled, directories, "CPS+1", f"LIN+1++{OATS}:EN", "QTY+12:30", *segments)[1]


def test_each_number_of_a_range_is_a_unit_under_the_one_that_names_it(
    compiled: Compile, directories: dict[str, Directory]
) -> None:
    document: Any = pallets(compiled, directories, f"{sscc(8)}:{sscc(10)}+{sscc(30)}").document
    whole, *parts = document.units
    assert (whole.id, whole.sscc, whole.package_type) == ("2", None, "201")
    assert [(each.id, each.parent, each.sscc) for each in parts] == [
        (f"2/{n}", "2", sscc(number)) for n, number in enumerate((8, 9, 10, 30), start=1)
    ]
    assert document.lines[0].unit == "2"


def test_one_number_stays_with_its_unit(compiled: Compile, directories: dict[str, Directory]) -> None:
    document: Any = pallets(compiled, directories, f"{sscc(8)}+{sscc(8)}:{sscc(8)}").document
    assert [(each.id, each.sscc) for each in document.units] == [("2", sscc(8))]


def test_every_part_names_its_place(compiled: Compile, directories: dict[str, Directory]) -> None:
    sources = pallets(compiled, directories, sscc(8), sscc(9)).sources
    assert "units[0].sscc" not in sources
    assert [sources[f"units[{n}].sscc"].segment for n in (1, 2)] == [10, 11]
    assert sources["units[2].id"].tag == "CPS"


@pytest.mark.parametrize(
    "ends",
    [(sscc(9), sscc(8)), (sscc(1), sscc(1 + RANGE_LIMIT)), (sscc(1), "7"), (sscc(1), "340999900000000099"), ("A", "B")],
    ids=["backwards", "too long", "another length", "wrong check digit", "letters"],
)
def test_what_cannot_be_counted_up_keeps_both_ends(
    compiled: Compile, directories: dict[str, Directory], ends: tuple[str, str]
) -> None:
    assert numbers_between(*ends) is None
    reading = pallets(compiled, directories, ":".join(ends))
    assert reading.document is not None
    assert [each.sscc for each in reading.document.units] == [None, *ends]
    assert "mapping.bad-range" in codes_of(reading)


def test_the_longest_range_is_counted_up() -> None:
    found = numbers_between(sscc(1), sscc(RANGE_LIMIT))
    assert found is not None
    assert (len(found), found[0], found[-1]) == (RANGE_LIMIT, sscc(1), sscc(RANGE_LIMIT))


def test_ranges_without_end_are_refused(compiled: Compile, directories: dict[str, Directory]) -> None:
    ranges = [f"{sscc(n * 1000 + 1)}:{sscc(n * 1000 + 1000)}" for n in range(3)]
    reading = pallets(compiled, directories, *ranges)
    assert reading.document is None
    assert codes_of(reading).count("mapping.too-many-values") == 1


def test_a_batch_alone_is_the_lines_own(compiled: Compile, directories: dict[str, Directory]) -> None:
    reading = batches(compiled, directories, "PCI+36E", "QTY+12:30", "GIN+BX+A")
    document: Any = reading.document
    assert (document.lines[0].batch, document.lines[0].batches) == ("A", ())
    assert reading.sources["lines[0].batch"].tag == "GIN"
    assert "lines[0].batches[0].number" not in reading.sources


def test_a_batch_of_less_than_the_line_stays_a_batch(compiled: Compile, directories: dict[str, Directory]) -> None:
    document: Any = batches(compiled, directories, "PCI+36E", "QTY+12:20", "GIN+BX+A").document
    assert document.lines[0].batch is None
    assert [(each.number, str(each.quantity.value)) for each in document.lines[0].batches] == [("A", "20")]


def test_an_empty_group_is_no_batch(compiled: Compile, directories: dict[str, Directory]) -> None:
    reading = batches(compiled, directories, "PCI+36E", "PCI+36E", "GIN+BX+A", "PCI+36E", "GIN+BX+B")
    document: Any = reading.document
    assert [each.number for each in document.lines[0].batches] == ["A", "B"]
    assert reading.sources["lines[0].batches[1].number"].segment == 13


def test_a_quantity_of_several_batches_is_given_to_none(compiled: Compile, directories: dict[str, Directory]) -> None:
    reading = batches(compiled, directories, "PCI+36E", "QTY+12:30", "GIN+BX+A+B")
    document: Any = reading.document
    assert [(each.number, each.quantity) for each in document.lines[0].batches] == [("A", None), ("B", None)]
    assert codes_of(reading) == ["mapping.quantity-shared"]


@pytest.mark.parametrize(
    "segments",
    [
        ("CPS+1", "CPS+2+1", "PAC+9++201", "PCI+33E", f"GIN+BJ+{sscc(8)}:{sscc(12)}", f"LIN+1++{OATS}:EN", "QTY+12:5"),
        ("CPS+1", f"LIN+1++{OATS}:EN", "QTY+12:30", "PCI+36E", "GIN+BX+A+B", "PCI+36E", "QTY+12:3", "GIN+BX+C"),
    ],
    ids=["range", "batches"],
)
def test_what_is_written_is_read_as_the_same_document(
    compiled: Compile, directories: dict[str, Directory], segments: tuple[str, ...]
) -> None:
    mapping, reading = despatched(compiled, directories, *segments)
    assert reading.document is not None
    again = read(mapping, directories["d96a"], *lines_of(mapping.write(reading.document)))
    assert again.document == reading.document


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("alike: packageType", "alike: packagetype", "mapping.unknown-field"),
        ("alone: {number: batch", "alone: {number: bach", "mapping.unknown-field"),
        ("alone: {number: batch", "alone: {nummer: batch", "mapping.unknown-field"),
        ("id: BGM/1004", "id: {path: BGM/1004, twice: split}", "mapping.bad-shape"),
    ],
    ids=["alike", "alone outside", "alone inside", "split at the head"],
)
def test_a_wrong_word_is_named(compiled: Compile, old: str, new: str, code: str) -> None:
    with pytest.raises(OurFault) as caught:
        compiled("own/DESADV", ADVICE.replace(old, new))
    assert caught.value.code == code
