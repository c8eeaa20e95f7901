"""What an implementation guide is made from: a mapping as it is for a partner, and a case beside it as the example."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway.config.cases import cases_of
from gateway.config.mappings import MappingFiles
from gateway.config.partners import PartnerFile
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.csv_tables import form_of
from gateway.mapping.files import read_file, write_file
from gateway.mapping.guide import GuidePart, guide
from gateway.mapping.guide_page import GuideFacts, page
from gateway.mapping.trace import Traced, trace
from gateway.model import json_form
from gateway.model.documents import Document
from gateway.model.faults import Fault, OurFault
from gateway.texts.catalogue import Lang

EXAMPLE_LIMIT_BYTES = 200_000
EXAMPLE_LINES = 120


def guide_page(
    files: MappingFiles, name: str, partner: PartnerFile | None, *, us: str, lang: Lang, beside: Path | None
) -> str:
    """Return the guide of a mapping as HTML. beside: the mapping file whose cases may serve as the example.

    Raises OurFault mapping.*, guide.no-rules for canonical JSON.
    """
    mapping = files.mapping(name, partner)
    effective = mapping.effective
    if effective is None:
        raise OurFault("guide.no-rules", value=name)
    grammar = files.grammar_for(effective.syntax.root) if effective.syntax.kind == "xml" else None
    parts = guide(effective, directories=files.directories, codes=files.codes, grammar=grammar)
    if effective.syntax.kind == "csv":
        _name_columns(parts, form_of(effective.syntax).titles)
    example, traced = _example(files, mapping, beside)
    syntax = effective.syntax
    facts = GuideFacts(
        name=name,
        document=effective.document,
        kind=syntax.kind,
        format=f"{syntax.message} {syntax.directory.upper()} {syntax.association}".strip()
        if syntax.kind == "edifact"
        else syntax.root.rpartition("}")[2]
        if syntax.kind == "xml"
        else syntax.kind.upper(),
        digest=mapping.digest,
        us=us,
        partner=partner.partner.name if partner else None,
        direction=_direction(partner, name),
        example=example,
        traced=traced,
        labels=_labels(files, lang),
        cannot=effective.cannot,
    )
    return page(facts, parts, lang)


def _name_columns(parts: Sequence[GuidePart], titles: Mapping[str, str]) -> None:
    """Give the columns the titles that stand in the file's first line."""
    for part in parts:
        for row in part.rows:
            row.place = titles.get(row.place, row.place)


def _direction(partner: PartnerFile | None, name: str) -> str:
    agreed = {each.direction for each in partner.partner.agreements if each.mapping == name} if partner else set()
    return {"receive": "in", "send": "out"}[agreed.pop()] if len(agreed) == 1 else "both"


def _labels(files: MappingFiles, lang: Lang) -> dict[str, Mapping[str, str]]:
    """Return the labels of the code tables by table and canonical value."""
    column = "label_zh" if lang == "zh-CN" else "label_en"
    found: dict[str, Mapping[str, str]] = {}
    for path, text in files.definitions.below("schemas/codes/").items():
        rows = csv.DictReader(io.StringIO(text))
        if column in (rows.fieldnames or ()):
            found[path.removesuffix(".csv")] = {row["canonical"]: row[column] for row in rows}
    return found


def _example(files: MappingFiles, mapping: DocumentMapping, beside: Path | None) -> tuple[str, list[Traced]]:
    """Return the fullest case that is short enough, written by this mapping, and where its values stand."""
    found: list[tuple[int, str, list[Traced]]] = []
    for case in cases_of(beside) if beside is not None else ():
        document = _document(case / "expected.json")
        try:
            text = write_file(mapping, document).decode("utf-8", "replace") if document is not None else ""
            rows = _traced(files, mapping, text) if text else []
        except Fault:
            continue  # a partner's own rules may not carry what the standard's case has
        if text.count("\n") <= EXAMPLE_LINES and rows:
            found.append((len({row.rule for row in rows}), text, rows))
    best = max(found, key=lambda each: each[0], default=None)
    return (best[1], best[2]) if best else ("", [])


def _document(path: Path) -> Document | None:
    if not path.is_file() or path.stat().st_size > EXAMPLE_LIMIT_BYTES:
        return None
    return json_form.loads(path.read_bytes())


def _traced(files: MappingFiles, mapping: DocumentMapping, text: str) -> list[Traced]:
    readings = list(read_file(text.encode(), lambda _: mapping, files.directories))
    document = readings[0].reading.document if readings else None
    plain = json_form.document_plain(document) if document is not None else {}
    return trace(readings[0].reading, plain, mapping.effective) if document is not None else []
