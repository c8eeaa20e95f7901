"""Every row of the field table (field_table.tsv: 252 rows, each with the canonical fields that hold it) is mapped in
each family, or the mapping says why it cannot be. What the table says is what the mappings do."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.rules import Entry, ListHead

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("field_table.tsv")
ROWS = 252
FAMILIES = ("eancom-1997", "eancom-2002", "ubl-2.1")
TYPES = {
    "Order": ("ORDERS", "Order"),
    "OrderResponse": ("ORDRSP", "OrderResponse"),
    "DespatchAdvice": ("DESADV", "DespatchAdvice"),
    "ReceivingAdvice": ("RECADV", "ReceiptAdvice"),
    "SalesReport": ("SLSRPT", "ProductActivity"),
    "InventoryReport": ("INVRPT", "InventoryReport"),
    "Forecast": ("SLSFCT", "Forecast"),
    "Invoice": ("INVOIC", "Invoice"),
    "PriceCatalogue": ("PRICAT", "Catalogue"),
}
Standard = Callable[[str], DocumentMapping]


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def mapping_name(family: str, document: str) -> str:
    edifact, ubl = TYPES[document]
    return f"{family}/{ubl if family == 'ubl-2.1' else edifact}"


def plain(key: str) -> str:
    return "[]".join(part.partition("]")[2] if number else part for number, part in enumerate(key.split("[")))


def below(key: str, field: str) -> bool:
    return key == field or key.startswith((f"{field}.", f"{field}["))


def entries(mapping: DocumentMapping, field: str) -> Iterator[tuple[str, Entry]]:
    """Yield the entries for a field, or for parts of it, and the lists that it stands in."""
    assert mapping.effective is not None
    for key, entry in mapping.effective.entries.items():
        inside = isinstance(entry, ListHead) and below(field, plain(key))
        if below(plain(key), field) or inside:
            yield key, entry


def folded(key: str, entry: Entry) -> set[str]:
    """Return the fields that get the values of a list's only element."""
    above = plain(key).rpartition(".")[0]
    return {f"{above}.{theirs}" for theirs in entry.alone.values()} if isinstance(entry, ListHead) else set()


def status(mapping: DocumentMapping, field: str) -> str:
    """Return mapped, in or out (one direction only), cannot, or missing."""
    assert mapping.effective is not None
    if any(below(field, key) for key in mapping.effective.cannot):
        return "cannot"
    found = [entry for _, entry in entries(mapping, field)]
    rules = [rule for entry in found if isinstance(entry, tuple) for rule in entry]
    if not rules and not any(below(plain(key), field) for key, _ in entries(mapping, field)):
        return "missing"
    heads = {entry.direction for entry in found if isinstance(entry, ListHead)} - {"both"}
    ways = heads or {rule.direction for rule in rules}
    ways |= {"in"} if any(field in folded(key, entry) for key, entry in mapping.effective.entries.items()) else set()
    return "mapped" if "both" in ways or ways >= {"in", "out"} or not ways else next(iter(ways))


def test_the_table_has_every_row_once() -> None:
    assert len({(each["document"], each["row"]) for each in rows()}) == ROWS
    fields = [(each["document"], each["row"], each["field"]) for each in rows()]
    assert len(fields) == len(set(fields))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("document", sorted(TYPES))
def test_each_row_is_mapped_or_the_reason_is_given(document: str, family: str, standard: Standard) -> None:
    mapping = standard(mapping_name(family, document))
    found = {each["field"]: status(mapping, each["field"]) for each in rows() if each["document"] == document}
    said = {each["field"]: each[family] for each in rows() if each["document"] == document}
    assert found == said
    assert "missing" not in found.values()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("document", sorted(TYPES))
def test_what_is_not_carried_has_a_reason_and_what_goes_one_way_a_note(
    document: str, family: str, standard: Standard
) -> None:
    mapping = standard(mapping_name(family, document))
    assert mapping.effective is not None
    for each in rows():
        if each["document"] != document or each[family] == "mapped":
            continue
        if each[family] == "cannot":
            reasons = [why for key, why in mapping.effective.cannot.items() if below(each["field"], key)]
        else:
            reasons = [note for _, entry in entries(mapping, each["field"]) for note in notes(entry)]
        assert any(len(reason) > 10 for reason in reasons), each


def notes(entry: Entry) -> list[str]:
    """Return the notes in the file at the rules of an entry."""
    found: list[str] = []
    for each in entry if isinstance(entry, tuple) else (entry,):
        path, _, line = each.at.rpartition(":")
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()[int(line) - 1 : int(line) + 6]
        found += [text.partition("note: ")[2] for text in lines if "note: " in text]
    return found
