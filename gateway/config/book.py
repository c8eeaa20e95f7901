"""The book from the definitions: partners, our company and, for each agreement, its compiled mapping.

Layers of a mapping, the later one wins by canonical key: mappings/standard/<family>/<TYPE>.yaml, then
mappings/country/<cc>/<family>/<TYPE>.yaml when the partner names a country, then the file in partners/<id>/mappings/
whose `extends` is <family>/<TYPE>.
"""

from collections.abc import Mapping
from pathlib import Path

from gateway.config.cases import look_at_cases
from gateway.config.definitions import Definitions, read_shipped
from gateway.config.fields import Problems, as_fault, nearest
from gateway.config.grammars import Grammars
from gateway.config.mappings import MappingFiles
from gateway.config.parties import Parties, read_parties
from gateway.config.schemas import load_directories
from gateway.config.xml_schemas import load_xml_schemas
from gateway.config.zones import Zones
from gateway.model.findings import Finding
from gateway.pipeline.book import Book
from gateway.schema.directory import Directory
from gateway.schema.xsd import XmlSchemas


def build_book(definitions: Definitions, schemas: Path) -> Book:
    """Compile the definitions with the directories of the folder schemas and the shipped ones.

    Picklable arguments, so that each worker process builds its own. Raises OurFault with the first error; its findings
    hold all of them.
    """
    return compile_book(definitions, load_directories(schemas), load_xml_schemas(schemas))


def compile_book(
    definitions: Definitions, directories: Mapping[str, Directory], schemas: XmlSchemas | None = None
) -> Book:
    """The same with directories and XML Schemas at hand."""
    return _compiled(definitions, MappingFiles(definitions, directories), schemas)[0]


def sound_book(definitions: Definitions, schemas: Path) -> Book:
    """Return the book of definitions that are to come into force: lint errors of mappings that are not as shipped are
    refused too. Shipped ones are looked at by the tests; warnings stop nothing. Raises OurFault as build_book does."""
    sets = load_xml_schemas(schemas)
    maker = MappingFiles(definitions, load_directories(schemas), Grammars(schemas, sets).of)
    book, parties = _compiled(definitions, maker, sets)
    errors = _lint_errors(definitions, maker, parties)
    if errors:
        raise as_fault(errors)
    return book


def _compiled(definitions: Definitions, maker: MappingFiles, schemas: XmlSchemas | None) -> tuple[Book, Parties]:
    directories = maker.directories
    parties = read_parties(definitions)
    mappings = maker.for_all(parties)
    wrong = (*parties.findings, *maker.findings, *_guides(parties, directories))
    errors = tuple(each for each in wrong if each.severity == "error")
    if errors:
        raise as_fault(errors)
    assert parties.own is not None  # else there is an error
    book = Book(
        digest=definitions.digest,
        partners=parties.partners,
        own=parties.own,
        mappings=mappings,
        directories=directories,
        schemas=schemas or XmlSchemas(),
        zones=Zones(),
    )
    return book, parties


def _guides(parties: Parties, directories: Mapping[str, Directory]) -> list[Finding]:
    """Report guides that no directory has: without one, everything would pass that it narrows."""
    known = sorted({each.name for directory in directories.values() for each in directory.overlays})
    found: list[Finding] = []
    for partner in parties.partners.values():
        guide = partner.edifact.read.guide
        if guide is not None and guide not in known:
            problems = Problems(f"partners/{partner.id}/partner.yaml")
            problems.add_at("partner.unknown-guide", 1, None, guide, nearest=nearest(guide, known))
            found += problems.findings
    return found


def check(definitions: Definitions, schemas: Path, partners: Path | None = None) -> list[Finding]:
    """Return every problem of the definitions: files, tables, identifiers, agreements, mappings.

    partners: the folder of the partners; with it the cases beside their own mapping files are run too.
    """
    parties = read_parties(definitions)
    directories = load_directories(schemas)
    maker = MappingFiles(definitions, directories, Grammars(schemas).of)
    compiled = maker.for_all(parties)
    looked_at: set[Finding] = set()
    for (partner_id, name), mapping in compiled.items():
        file = parties.files[partner_id]
        found = maker.lint(name, file)
        place = maker.place_of(name, file)
        if partners is not None and place in definitions.files:
            found += look_at_cases(mapping, place, partners / place.removeprefix("partners/"), directories)
        looked_at |= {each for each in found if each.severity != "info"}
    ordered = sorted(looked_at, key=lambda each: (each.severity != "error", str(each.where.path), each.where.line or 0))
    return [*parties.findings, *_guides(parties, directories), *_carried(parties), *maker.findings, *ordered]


def _carried(parties: Parties) -> list[Finding]:
    """Report partners that a connection shall carry and that nobody has defined: a slip would only show when their
    documents come."""
    found: list[Finding] = []
    for partner in parties.partners.values():
        lists = (each.settings.get("carries", "") for each in partner.channels.values())
        names = {name.strip() for names in lists for name in names.split(",") if name.strip()}
        for name in sorted(names - set(parties.partners)):
            problems = Problems(f"partners/{partner.id}/partner.yaml")
            problems.add_at("partner.unknown-carried", 1, None, name, nearest=nearest(name, parties.partners))
            found += problems.findings
    return found


def _lint_errors(definitions: Definitions, maker: MappingFiles, parties: Parties) -> tuple[Finding, ...]:
    """Return the lint errors of the agreed mappings of which a layer or a code table is not as shipped."""
    shipped = read_shipped().files
    tables = {path: text for path, text in definitions.files.items() if path.startswith("schemas/codes/")}
    own_tables = any(shipped.get(path) != text for path, text in tables.items())
    errors: dict[Finding, None] = {}
    for file in parties.files.values():
        for name in file.places:
            paths = maker.paths(name, file)
            if own_tables or any(shipped.get(path) != definitions.files[path] for path in paths):
                found = maker.lint(name, file, maker.mapping(name, file))
                errors |= {each: None for each in found if each.severity == "error"}
    return tuple(errors)
