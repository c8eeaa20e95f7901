"""A drafted mapping file for a partner's own XML or CSV, from one sample of it."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.codecs import sbdh, xml
from gateway.config.edits import flow
from gateway.mapping.draft_sources import Sample, Source, date_pattern, fits, number_mark, xml_sample
from gateway.mapping.draft_words import HEAD, LINE, PARTIES, ROLES, plain_name
from gateway.mapping.drafting import Match, fields_of, kind_of, matches
from gateway.mapping.files import syntax_of
from gateway.mapping.rules import Plain
from gateway.model.faults import PartnerFault

ROWS_LOOKED_AT = 500
_DELIMITERS = (";", "\t", "|", ",")
_DECODINGS = ("utf-8-sig", "windows-1252")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOf:
    """What was made of a sample. document: canonical type. matches: field by field. sample: all its places.

    csv     how the table looks, in the words of `syntax`; empty for XML
    """

    document: str
    matches: tuple[Match, ...]
    sample: Sample
    csv: Mapping[str, Plain]

    def with_choices(self, chosen: Mapping[str, str]) -> "DraftOf":
        """Return the draft with a person's choices: field -> id of a source, "" for none."""
        found = tuple(
            replace(each, source=self._source(each.key, chosen[each.key]), score=10.0) if each.key in chosen else each
            for each in self.matches
        )
        return replace(self, matches=found)

    def _source(self, key: str, source_id: str) -> Source | None:
        """Return the source of that id among those of the field: parties have places of the same name."""
        own = next((each.source for each in self.matches if each.key == key), None)
        options = (*self.choices(key), *((own,) if own is not None else ()))
        return next((each for each in options if each.id == source_id), None)

    def choices(self, key: str) -> tuple[Source, ...]:
        """Return the sources that a field may be read from: those of its party, of the line, or of the head."""
        role = key.partition(".")[0]
        place = next((each for each in self.sample.parties if each.role == role), None)
        own = next((each.source for each in self.matches if each.key == key), None)
        if place is not None and (own is None or own in place.sources):
            return place.sources
        return tuple(each for each in self.sample.sources if each.in_line == key.startswith("lines[]."))

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that the document needs and that nothing was found for."""
        return tuple(each.key for each in self.matches if each.required and each.source is None)

    def text(self, name: str, defaults: Mapping[str, str]) -> str:
        """Return the mapping file. name: family/TYPE. defaults: canonical field -> value the format does not say."""
        fields = fields_of(self.matches, self.sample, self.document, defaults=defaults, csv=bool(self.csv))
        syntax: dict[str, Plain] = dict(self.csv)
        if not self.csv:
            space, _, local = self.sample.root.rpartition("}")
            namespaces: dict[str, Plain] = dict(self.sample.namespaces)
            syntax = {"kind": "xml", "root": f"{space}}}{local}" if space else local, "namespaces": namespaces}
            syntax["schema"] = "none"
        head = (
            f"# Drafted from a sample by names and values: look at every line before it goes live.\nmapping: {name}\n"
        )
        return f"{head}document: {self.document}\n{_block({'syntax': syntax, 'fields': fields}, 0)}"


def draft(data: bytes, filename: str, document: str | None = None) -> DraftOf:
    """Return a draft for a sample of XML or CSV. document: what it is; None: told by its name.

    Raises PartnerFault of the codec, or sample.unreadable when it is neither or nothing tells what it is.
    """
    kind = "csv" if filename.lower().endswith((".csv", ".tsv")) else syntax_of(data)
    if kind == "xml":
        tree = sbdh.opened(xml.decode(data))[0]
        document = document or kind_of((tree.local_name, filename)) or "Order"
        sample = xml_sample(tree.root, document)
        return DraftOf(document=document, matches=matches(sample, document), sample=sample, csv={})
    if kind == "csv":
        return _csv_draft(data, filename, document)
    raise PartnerFault("sample.unreadable")


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv_draft(data: bytes, filename: str, document: str | None) -> DraftOf:
    encoding, text = _decoded(data)
    rows = _rows(text)
    if len(rows) < 2 or len(rows[0]) < 2:
        raise PartnerFault("sample.unreadable")
    titles = [each.strip() for each in rows[0]]
    document = document or kind_of((filename,)) or _by_titles(titles)
    columns = _columns(titles)
    values = {
        column: tuple(each for row in rows[1:] if place < len(row) and (each := row[place].strip()))
        for place, column in enumerate(columns)
    }
    sample = Sample(sources=tuple(_cells(columns, titles, values, len(rows) - 1, document)), each="row",
                    lines=len(rows) - 1)  # fmt: skip
    found = (*matches(sample, document), *_flat_parties(sample, document))
    head = [each for each in columns if any(s.path == each and not s.in_line for s in sample.sources)]
    key = [m.source.path for m in found if m.key == "id" and m.source is not None and m.source.path in head]
    syntax: dict[str, Plain] = {
        "kind": "csv",
        "delimiter": {"\t": "tab"}.get(_delimiter(text), _delimiter(text)),
        "encoding": encoding.removesuffix("-sig"),
        "columns": dict(zip(columns, titles, strict=True)),
    }
    if head:
        syntax["head"] = list[Plain](head)
    if key:
        syntax["key"] = list[Plain](key)
    syntax |= _marks(found)
    return DraftOf(document=document, matches=_named_by_file(found), sample=sample, csv=syntax)


def _named_by_file(found: Sequence[Match]) -> tuple[Match, ...]:
    """A report without a number of its own is known by the name of its file."""
    file = Source(path="_file", names=("file",), values=(), in_line=False)
    return tuple(
        replace(each, source=file) if each.key == "id" and each.source is None and not each.required else each
        for each in found
    )


def _decoded(data: bytes) -> tuple[str, str]:
    for encoding in _DECODINGS:
        try:
            return encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PartnerFault("sample.unreadable")


def _delimiter(text: str) -> str:
    first = text.splitlines()[0] if text.strip() else ""
    return max(_DELIMITERS, key=lambda each: (first.count(each), -_DELIMITERS.index(each)))


def _rows(text: str) -> list[list[str]]:
    try:
        found = csv.reader(io.StringIO(text[:5_000_000]), delimiter=_delimiter(text))
        return [row for _, row in zip(range(ROWS_LOOKED_AT), (each for each in found if any(each)), strict=False)]
    except csv.Error:
        raise PartnerFault("sample.unreadable") from None


def _by_titles(titles: Sequence[str]) -> str:
    """Return the document whose fields the titles name most."""

    def named(document: str) -> int:
        words = [*HEAD[document], *LINE[document]]
        return sum(any(re.fullmatch(each.exact, plain_name(title)) for each in words) for title in titles)

    return max(LINE, key=named)


def _columns(titles: Sequence[str]) -> list[str]:
    found: list[str] = []
    for number, title in enumerate(titles, 1):
        plain = plain_name(title).encode("ascii", "ignore").decode().strip("_") or f"column{number}"
        name = plain if plain[0].isalpha() else f"c{plain}"
        name = name[:60]
        while name in found:
            name = f"{name[:56]}_{number}"
        found.append(name)
    return found


def _cells(
    columns: Sequence[str], titles: Sequence[str], values: Mapping[str, tuple[str, ...]], rows: int, document: str
) -> list[Source]:
    """Return each column as a place of the line or of the head, as its title says."""
    found: list[Source] = []
    for column, title in zip(columns, titles, strict=True):
        name = plain_name(title)
        line_word = any(_is(word.exact, name) for word in LINE[document])
        head_word = any(_is(word.exact, name) for word in HEAD[document]) or _role_in(name, document) is not None
        in_line = line_word if line_word != head_word else not head_word
        found.append(Source(path=column, names=(name,), values=values[column][:50], in_line=in_line))
    return found


def _is(pattern: str, name: str) -> bool:
    return re.fullmatch(pattern, name) is not None


def _role_in(name: str, document: str) -> tuple[str, str] | None:
    """Return (party, rest of the name) of a column such as buyer_gln or "Ship-to name"."""
    for role in PARTIES[document]:
        match = re.match(rf"(?:{ROLES[role]})(?:_|$)", name)
        if match:
            return role, name[match.end() :]
    return None


def _flat_parties(sample: Sample, document: str) -> list[Match]:
    fields = {"name": "name", "city": "address.city", "street": "address.street", "zip": "address.postalCode",
              "plz": "address.postalCode", "country": "address.country"}  # fmt: skip
    found: dict[str, Match] = {}
    for source in sample.sources:
        told = _role_in(source.names[-1], document)
        if told is None or source.in_line:
            continue
        role, rest = told
        key = fields.get(rest) or ("gln" if fits("gln", source.values) and source.values else None)
        if key is not None:
            found.setdefault(f"{role}.{key}", Match(key=f"{role}.{key}", source=source, score=9.0))
    return list(found.values())


def _marks(found: Sequence[Match]) -> dict[str, Plain]:
    """Return the decimal mark and the patterns of dates of the columns that are read."""
    numbers: list[str] = []
    patterns: list[Plain] = []
    for each in found:
        if each.source is None or not each.source.values:
            continue
        last = each.key.rpartition(".")[2]
        if last in ("quantity", "net", "amount", "value", "stock", "percent") or last.endswith("Quantity"):
            numbers += each.source.values
        pattern = date_pattern(each.source.values) if last in _DATES else None
        if pattern and pattern not in patterns:
            patterns.append(pattern)
    mark, thousands = number_mark(numbers)
    marks: dict[str, Plain] = {}
    if mark != ".":
        marks["decimal"] = mark
    if thousands:
        marks["thousands"] = thousands
    if patterns:
        marks["dates"] = [*patterns, "YYYY-MM-DD"]
    return marks


_DATES = ("issuedAt", "requestedDelivery", "earliest", "latest", "start", "end", "bestBefore", "despatchAt",
          "estimatedDelivery")  # fmt: skip


# --- text -------------------------------------------------------------------------------------------------------------


def _block(value: Mapping[str, Plain], indent: int) -> str:
    """Return a table in lines; a rule stands on one line."""
    pad, lines = "  " * indent, []
    for key, each in value.items():
        shown = key if key.replace(".", "").replace("_", "").isalnum() and key.isascii() else flow(key)
        deep = isinstance(each, dict) and (len(flow(each)) > 90 or "fields" in each or key in ("fields", "syntax"))
        if deep and isinstance(each, dict):
            lines.append(f"{pad}{shown}:\n{_block(each, indent + 1)}")
        else:
            lines.append(f"{pad}{shown}: {flow(each)}\n")
    return "".join(lines)
