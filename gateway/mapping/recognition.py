"""Which mapping a file is for: told from what has been parsed, never by parsing again."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from fnmatch import fnmatchcase

from gateway.codecs import csv_rows
from gateway.codecs.csv_rows import CsvForm
from gateway.codecs.sbdh import HEADER
from gateway.codecs.xml import ELEMENT_LIMIT, Element, XmlDocument, locate
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.rules import Syntax, nearest
from gateway.model.faults import PartnerFault


def xml_name(document: XmlDocument) -> str:
    """Return {namespace}Name of the document element."""
    return f"{{{document.namespace}}}{document.local_name}" if document.namespace else document.local_name


def xml_fit(syntax: Syntax, document: XmlDocument) -> int:
    """Return how well a mapping's syntax fits: 0 not at all; more for each of root, customization and content."""
    if syntax.kind != "xml" or syntax.root != xml_name(document):
        return 0
    found: Element | None = document.root
    for step in syntax.contains:
        found = found.find(step) if found is not None else None
    if found is None:
        return 0
    if syntax.customization and not (document.customization or "").startswith(syntax.customization):
        return 0
    return 1 + len(syntax.contains) + len(syntax.customization)


def xml_choice(mappings: Iterable[DocumentMapping], document: XmlDocument) -> DocumentMapping | None:
    """Return the mapping that fits best, of equal ones the first; None when none fits."""
    rated = [(xml_fit(each.syntax, document), each) for each in mappings]
    best = max(rated, key=lambda pair: pair[0], default=(0, None))
    return best[1] if best[0] else None


def nearest_root(mappings: Iterable[DocumentMapping], document: XmlDocument) -> str:
    """Return the known document element that looks most like this one: its full name when only the namespace differs,
    "-" when none is near."""
    roots = {each.syntax.root.rpartition("}")[2]: each.syntax.root for each in mappings if each.syntax.kind == "xml"}
    near = nearest(document.local_name, list(roots))
    if not near:
        return "-"
    return roots[near] if near == document.local_name else near


def xml_parts(syntax: Syntax, root: Element) -> Iterator[Element]:
    """Yield one document element for each document in a message: the root itself, or for `each` a root with one of
    them; lines stay what they were. A business document header inside is taken out: it has been read.

    Raises PartnerFault xml.too-many-elements when what stands around the documents is too much to stand around each.
    """
    for header in root.findall(HEADER):
        root.remove(header)
    parts = root.findall(syntax.each) if syntax.each else []
    if len(parts) < 2:
        yield root
        return
    around = deepcopy(root)
    places = []  # of each part among the children that are none
    for each in around.findall(syntax.each):
        places.append(around.index(each))
        around.remove(each)
    if len(parts) * sum(1 for _ in around.iter()) > ELEMENT_LIMIT:
        raise PartnerFault("xml.too-many-elements", locate(root), limit=str(ELEMENT_LIMIT))
    for place, each in zip(places, parts, strict=True):
        copy = deepcopy(around)
        copy.insert(place, deepcopy(each))
        yield copy


def csv_choice(mappings: Iterable[DocumentMapping], head: bytes, filename: str) -> DocumentMapping | None:
    """Return the mapping whose file pattern, titles or record type fit best, of equal ones the first.

    head: the first bytes of the file. None when there is none, or nothing of any fits.
    """
    best: tuple[int, DocumentMapping | None] = (0, None)
    for each in mappings:
        if each.syntax.kind != "csv" or each.syntax.table is None:
            continue
        if each.syntax.file and not fnmatchcase(filename.lower(), each.syntax.file.lower()):
            continue
        rate = _csv_fit(each.syntax.table, head) + (1000 if each.syntax.file else 0)
        if rate > best[0]:
            best = (rate, each)
    return best[1]


def _csv_fit(form: CsvForm, head: bytes) -> int:
    cells = csv_rows.read_titles(head, form)
    if form.records:
        return 100 if cells and cells[0] == next(iter(form.records)) else 0
    if not form.header:
        return 2 if len(cells) == len(form.titles) else 0
    wanted = {" ".join(title.split()).casefold() for title in form.titles.values()}
    found = {" ".join(cell.split()).casefold() for cell in cells}
    same = len(wanted & found)
    return 0 if not same else max(1, 10 * same - len(found - wanted) - len(wanted - found))
