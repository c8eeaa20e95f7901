"""How two documents differ: told quickly for long ones that are nearly equal, and the same as from their JSON."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.differences import Difference, differences, document_differences
from gateway.mapping.files import read_file
from gateway.model import json_form
from gateway.model.documents import Document
from gateway.model.order import Order
from gateway.schema.directory import Directory

CASES = Path(__file__).parents[2] / "mappings" / "standard" / "eancom-1997" / "ORDERS.cases"


def orders(standard: Callable[[str], DocumentMapping], directories: dict[str, Directory]) -> list[Order]:
    mapping = standard("eancom-1997/ORDERS")
    found: list[Order] = []
    for path in sorted(CASES.glob("*/in.*")):
        for one in read_file(path.read_bytes(), lambda _: mapping, directories, filename=path.name):
            if isinstance(one.reading.document, Order):
                found.append(one.reading.document)
    return found


def as_json(one: Document, other: Document) -> set[Difference]:
    return set(differences(json_form.document_plain(one), json_form.document_plain(other)))


def test_every_two_orders_differ_as_their_json_does(
    standard: Callable[[str], DocumentMapping], directories: dict[str, Directory]
) -> None:
    known = orders(standard, directories)
    assert len(known) > 3
    for one in known:
        for other in known:
            assert set(document_differences(one, other, 10_000)) == as_json(one, other)


def test_one_changed_line_is_the_only_difference_and_a_limit_is_kept(
    standard: Callable[[str], DocumentMapping], directories: dict[str, Directory]
) -> None:
    known = max(orders(standard, directories), key=lambda each: len(each.lines))
    last = replace(known.lines[-1], notes=("handle with care",))
    changed = replace(known, lines=(*known.lines[:-1], last))
    (only,) = document_differences(known, changed, 100)
    assert (only.field, only.after) == (f"lines[{len(known.lines) - 1}].notes[0]", "handle with care")
    emptied = replace(known, lines=())
    assert len(document_differences(known, emptied, 3)) == 3
