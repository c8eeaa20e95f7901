"""The book from the definitions: partners, our company and, for each agreement, its compiled mapping.

Layers of a mapping, the later one wins by canonical key: mappings/standard/<family>/<TYPE>.yaml, then
mappings/country/<cc>/<family>/<TYPE>.yaml when the partner names a country, then the file in partners/<id>/mappings/
whose `extends` is <family>/<TYPE>.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.config.definitions import Definitions
from gateway.config.fields import Problems, as_fault, nearest
from gateway.config.parties import Parties, read_parties
from gateway.config.schemas import load_directories
from gateway.config.yaml import Node, Table, Text, load, marks, plain
from gateway.mapping.codes import CodeTable, LookupTable, tables_from_csv
from gateway.mapping.compiler import DocumentMapping, compile_mapping
from gateway.mapping.rules import Layer
from gateway.model.documents import DOCUMENTS
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding
from gateway.pipeline.book import Book
from gateway.schema.directory import Directory

CANONICAL = "canonical"  # the family that needs no rules: our own JSON


def build_book(definitions: Definitions, schemas: Path) -> Book:
    """Compile the definitions with the directories of the folder schemas and the shipped ones.

    Picklable arguments, so that each worker process builds its own. Raises OurFault with the first error; its findings
    hold all of them.
    """
    return compile_book(definitions, load_directories(schemas))


def compile_book(definitions: Definitions, directories: Mapping[str, Directory]) -> Book:
    """The same with directories at hand."""
    parties = read_parties(definitions)
    maker = _Mappings(definitions, directories)
    mappings = maker.for_all(parties)
    errors = tuple(each for each in (*parties.findings, *maker.findings) if each.severity == "error")
    if errors:
        raise as_fault(errors)
    assert parties.own is not None  # else there is an error
    return Book(
        digest=definitions.digest,
        partners=parties.partners,
        own=parties.own,
        mappings=mappings,
        directories=directories,
    )


def check(definitions: Definitions, schemas: Path) -> list[Finding]:
    """Return every problem of the definitions: files, tables, identifiers, agreements, mappings."""
    parties = read_parties(definitions)
    maker = _Mappings(definitions, load_directories(schemas))
    maker.for_all(parties)
    return [*parties.findings, *maker.findings]


def _is_canonical(name: str) -> bool:
    family, _, document = name.partition("/")
    return family == CANONICAL and document in DOCUMENTS


@dataclass(slots=True)
class _Mappings:
    """Compiles what the agreements name; equal layers are compiled once."""

    definitions: Definitions
    directories: Mapping[str, Directory]
    findings: list[Finding] = field(default_factory=list)
    _nodes: dict[str, Node] = field(default_factory=dict)
    _codes: dict[str, CodeTable] = field(default_factory=dict)
    _done: dict[tuple[str, ...], DocumentMapping] = field(default_factory=dict)

    def for_all(self, parties: Parties) -> dict[tuple[str, str], DocumentMapping]:
        self._load_codes()
        found: dict[tuple[str, str], DocumentMapping] = {}
        for file in parties.files.values():
            partner_id = file.partner.id
            own_files = self._own_files(partner_id)
            for name, place in file.places.items():
                try:
                    paths = self._paths(name, file.country, own_files)
                    if not paths and not _is_canonical(name):
                        self._missing(partner_id, name, place)
                        continue
                    found[partner_id, name] = self._compiled(partner_id, name, paths)
                except Fault as fault:
                    self.findings += fault.findings or (fault.as_finding(),)
        return found

    def _load_codes(self) -> None:
        for path, text in self.definitions.below("schemas/codes/").items():
            try:
                self._codes.update(tables_from_csv(path.removesuffix(".csv"), text))
            except OurFault as fault:
                self.findings.append(fault.as_finding())

    def _own_files(self, partner_id: str) -> dict[str, str]:
        """Return the partner's mapping files by what they extend (family/TYPE)."""
        found: dict[str, str] = {}
        folder = f"partners/{partner_id}/mappings/"
        for inner in self.definitions.below(folder):
            try:
                node = self._node(folder + inner)
                extends = node.entries.get("extends") if isinstance(node, Table) else None
                if not isinstance(extends, Text):
                    raise OurFault("mapping.no-extends", at=f"{folder}{inner}:1:1")
                found[extends.value.removeprefix("standard/")] = folder + inner
            except OurFault as fault:
                self.findings.append(fault.as_finding())
        return found

    def _node(self, path: str) -> Node:
        if path not in self._nodes:
            self._nodes[path] = load(self.definitions.files[path], path)
        return self._nodes[path]

    def _paths(self, name: str, country: str | None, own_files: Mapping[str, str]) -> tuple[str, ...]:
        """Return the files of a mapping, standard first."""
        country_file = f"mappings/country/{country}/{name}.yaml"
        options = (f"mappings/standard/{name}.yaml", country_file, own_files.get(name, ""))
        return tuple(path for path in options if path in self.definitions.files)

    def _missing(self, partner_id: str, name: str, place: tuple[int, int]) -> None:
        standard = self.definitions.below("mappings/standard/")
        known = [path.removesuffix(".yaml") for path in standard] + [f"{CANONICAL}/{each}" for each in DOCUMENTS]
        problems = Problems(f"partners/{partner_id}/partner.yaml")
        problems.add_at("partner.no-mapping", *place, name, nearest=nearest(name, known))
        self.findings += problems.findings

    def _compiled(self, partner_id: str, name: str, paths: tuple[str, ...]) -> DocumentMapping:
        tables = self.definitions.below(f"partners/{partner_id}/tables/")
        key = (name, *paths, partner_id if tables else "")
        if key not in self._done:
            nodes = ((path, self._node(path)) for path in paths)
            layers = [Layer(path=path, rules=plain(node), marks=marks(node)) for path, node in nodes]
            lookups = {
                each.removesuffix(".csv"): LookupTable.from_csv(each.removesuffix(".csv"), text)
                for each, text in tables.items()
            }
            self._done[key] = compile_mapping(
                name, layers, directories=self.directories, codes=self._codes, lookups=lookups
            )
        return self._done[key]
