"""Mapping files: which layers a mapping has for a partner, compiled or looked at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gateway.config import lookups
from gateway.config.definitions import Definitions
from gateway.config.fields import Problems, nearest
from gateway.config.parties import Parties
from gateway.config.partners import PartnerFile
from gateway.config.yaml import Node, Table, Text, load, marks, plain
from gateway.mapping.codes import CodeTable, LookupTable, tables_from_csv
from gateway.mapping.compiler import DocumentMapping, compile_mapping
from gateway.mapping.lint import lint
from gateway.mapping.rules import Effective, Layer, merge
from gateway.model.documents import DOCUMENTS
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding
from gateway.schema.directory import Directory
from gateway.schema.xsd_grammar import XmlGrammar

CANONICAL = "canonical"  # the family that needs no rules: our own JSON


def _is_canonical(name: str) -> bool:
    family, _, document = name.partition("/")
    return family == CANONICAL and document in DOCUMENTS


@dataclass(slots=True)
class MappingFiles:
    """Compiles what the agreements name; equal layers are compiled once."""

    definitions: Definitions
    directories: Mapping[str, Directory]
    grammar_for: Callable[[str], XmlGrammar | None] = lambda root: None  # lint follows XML paths where there is one
    findings: list[Finding] = field(default_factory=list)
    writes: bool = True  # False: EDIFACT is compiled to be read only
    _nodes: dict[str, Node] = field(default_factory=dict)
    _read: dict[str, Layer] = field(default_factory=dict)
    _codes: dict[str, CodeTable] = field(default_factory=dict)
    _tables: dict[str, dict[str, LookupTable]] = field(default_factory=dict)
    _done: dict[tuple[str, ...], DocumentMapping] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self._codes:  # else they are those of the files that these were made from
            self._load_codes()

    def for_all(self, parties: Parties) -> dict[tuple[str, str], DocumentMapping]:
        """Return what the agreements name, by (partner id, mapping); what cannot be compiled is in findings."""
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

    def standard_names(self) -> list[str]:
        """Return family/TYPE of every standard mapping."""
        return sorted(each.removesuffix(".yaml") for each in self.definitions.below("mappings/standard/"))

    def paths(self, name: str, partner: PartnerFile | None = None) -> tuple[str, ...]:
        """Return the files of a mapping, standard first, with those of partner. Raises OurFault mapping.missing."""
        own_files = self._own_files(partner.partner.id) if partner else {}
        found = self._paths(name, partner.country if partner else None, own_files)
        if not found and not _is_canonical(name):
            known = nearest(name, self.standard_names())
            raise OurFault("mapping.missing", value=name, partner=partner.partner.id if partner else "-", nearest=known)
        return found

    def mapping(self, name: str, partner: PartnerFile | None = None) -> DocumentMapping:
        """Return a mapping compiled, as it is for partner. Raises OurFault mapping.*."""
        return self._compiled(partner.partner.id if partner else "", name, self.paths(name, partner))

    def merged(self, name: str) -> Effective:
        """Return the rules of a standard mapping without compiling them. Raises OurFault mapping.*."""
        return merge(name, self._layers(self.paths(name)))

    def place_of(self, name: str, partner: PartnerFile | None = None) -> str:
        """Return the file that holds a mapping: the partner's own, there or to be made, else the standard one."""
        if partner is None:
            return f"mappings/standard/{name}.yaml"
        partner_id = partner.partner.id
        own = self._own_files(partner_id).get(name)
        return own or f"partners/{partner_id}/mappings/{name.replace('/', '-')}.yaml"

    def with_text(self, path: str, text: str, node: Node | None = None, *, writes: bool = True) -> "MappingFiles":
        """Return the same files with another text at path; what was read of the others is shared.

        node: the text as load() reads it, when it is at hand. writes: False for a look at what is read.
        """
        definitions = Definitions(files={**self.definitions.files, path: text}, digest="")
        nodes = {each: node for each, node in self._nodes.items() if each != path}
        if node is not None:
            nodes[path] = node
        layers = {each: layer for each, layer in self._read.items() if each != path}
        return replace(self, definitions=definitions, findings=[], writes=writes, _nodes=nodes, _read=layers, _done={})

    def looked_at(self, name: str, partner: PartnerFile | None = None) -> tuple[DocumentMapping | None, list[Finding]]:
        """Return a mapping compiled, None if it does not compile, and all findings. Raises OurFault mapping.missing."""
        self.paths(name, partner)
        try:
            mapping = self.mapping(name, partner)
        except OurFault:
            return None, self.lint(name, partner)
        return mapping, self.lint(name, partner, mapping)

    def lint(
        self, name: str, partner: PartnerFile | None = None, compiled: DocumentMapping | None = None
    ) -> list[Finding]:
        """Return every finding about a mapping as it is for partner. Raises OurFault mapping.missing.

        compiled: it, when it is at hand.
        """
        try:
            layers = self._layers(self.paths(name, partner))
            tables = self._lookups(partner.partner.id) if partner else {}
        except OurFault as fault:
            if fault.code == "mapping.missing":
                raise
            return list(fault.findings) or [fault.as_finding()]
        if not layers:
            return []
        return lint(
            name,
            layers,
            directories=self.directories,
            codes=self._codes,
            lookups=tables,
            grammar_for=self.grammar_for,
            compiled=compiled.effective if compiled else None,
        )

    @property
    def codes(self) -> Mapping[str, CodeTable]:
        """The code tables of schemas/codes by file/column."""
        return self._codes

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
                entries = node.entries if isinstance(node, Table) else {}
                extends = entries.get("extends") or entries.get("mapping")  # a format of its own extends nothing
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
            self._done[key] = compile_mapping(
                name,
                self._layers(paths),
                directories=self.directories,
                codes=self._codes,
                lookups=self._lookups(partner_id),
                writes=self.writes,
            )
        return self._done[key]

    def _layers(self, paths: tuple[str, ...]) -> list[Layer]:
        for path in paths:
            if path not in self._read:
                node = self._node(path)
                self._read[path] = Layer(path=path, rules=plain(node), marks=marks(node))
        return [self._read[path] for path in paths]

    def _lookups(self, partner_id: str) -> dict[str, LookupTable]:
        """Return the partner's lookup tables; what is wrong in them goes to the findings, once."""
        if partner_id not in self._tables:
            found = self._tables[partner_id] = {}
            for inner, text in self.definitions.below(f"partners/{partner_id}/tables/").items():
                name = inner.removesuffix(".csv")
                if name in lookups.RESERVED.get(partner_id, ()):
                    continue
                problems = Problems(f"partners/{partner_id}/tables/{inner}")
                found[name] = lookups.read_lookup(name, text, problems)
                self.findings += problems.findings
        return self._tables[partner_id]
