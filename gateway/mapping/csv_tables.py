"""CSV through the engine of XML: a file is a small tree, columns are its elements."""

from collections.abc import Mapping

from gateway.codecs import csv_rows
from gateway.codecs.csv_rows import FILE_NAME, CsvForm
from gateway.mapping.codes import CodeTable, LookupTable
from gateway.mapping.csv_syntax import csv_converters, known_places
from gateway.mapping.frames import State
from gateway.mapping.rules import Effective, Entry, Fallback, ListHead, Syntax, refuse
from gateway.mapping.target import Scope
from gateway.mapping.xml_dialect import OwnResources
from gateway.mapping.xml_reader import XmlReader
from gateway.mapping.xml_writer import XmlWriter


class CsvReader(XmlReader):
    """Places are rows and columns."""

    def state(self) -> State:
        return State(locate=csv_rows.locate)


def csv_engine(
    effective: Effective, root: Scope, codes: Mapping[str, CodeTable], lookups: Mapping[str, LookupTable]
) -> tuple[CsvReader, XmlWriter]:
    """Return reader and writer of a CSV mapping. Raises OurFault mapping.*."""
    form = form_of(effective.syntax)
    check_places(effective, form)
    resources = OwnResources(kind="csv", codes=codes, lookups=lookups, converters=csv_converters(form))
    ignored = (*effective.ignore, FILE_NAME)
    return CsvReader(root, effective.syntax, resources, ignored), XmlWriter(root, effective.syntax, resources)


def form_of(syntax: Syntax) -> CsvForm:
    """Return the form of a CSV syntax."""
    assert syntax.table is not None, "a CSV syntax has a table"
    return syntax.table


def check_places(effective: Effective, form: CsvForm) -> None:
    """Every path must be a column. Raises OurFault mapping.unknown-path with the nearest column."""
    known = known_places(form)
    inner = {head.key: head.each for head in effective.entries.values() if isinstance(head, ListHead)}
    for key, entry in effective.entries.items():
        for at, path in _paths(entry):
            start = inner.get(key.rpartition("].")[0] + "]", "") if not isinstance(entry, ListHead) else ""
            full = (
                path.removeprefix("../") if path.startswith("../") else "/".join(each for each in (start, path) if each)
            )
            if full and full not in known:
                near = {each.removeprefix(f"{start}/") if start else each for each in known}
                refuse("mapping.unknown-path", at, path, sorted(near))


def _paths(entry: Entry) -> list[tuple[str, str]]:
    if isinstance(entry, Fallback):
        return []
    if isinstance(entry, ListHead):
        return [(entry.at, entry.each)]
    return [
        (rule.at, path) for rule in entry for path in (rule.path, rule.time, *(name for name, _ in rule.where)) if path
    ]
