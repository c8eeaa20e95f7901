"""The list of mappings and one of them: who uses it, what is in force, how often it read, its versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from gateway.api.partner_desk import MappingLine, MappingPage
from gateway.app.instance import Instance
from gateway.config.definitions import Definitions, shipped_root
from gateway.config.grammars import Grammars
from gateway.config.mappings import CANONICAL, MappingFiles
from gateway.config.parties import read_parties
from gateway.config.recognition import StandardMapping, standard_mappings
from gateway.config.schemas import load_directories
from gateway.mapping.printed import printed
from gateway.model.faults import OurFault
from gateway.store.view_partners import FileChange, LastChange, MappingUse, PartnerViews

WEEK = timedelta(days=7)


def listed(instance: Instance, views: PartnerViews) -> tuple[MappingLine, ...]:
    """Return every mapping that somebody uses or that is shipped, the partners' own first."""
    uses, changed = views.uses(instance.clock.now() - WEEK), views.last_changes()
    own, heads = _own(instance), _heads(instance)
    lines = [
        _line(instance, changed, heads, uses, name=name, partner=partner, path=path, used_by=(partner,))
        for (name, partner), path in own.items()
    ]
    agreed: dict[str, list[str]] = {}
    for each in instance.book.partners.values():
        for agreement in each.agreements:
            if (agreement.mapping, each.id) not in own and each.id not in agreed.setdefault(agreement.mapping, []):
                agreed[agreement.mapping].append(each.id)
    for name in heads:
        agreed.setdefault(name, [])
    for name in sorted(agreed, key=lambda each: (not agreed[each], each)):
        path = f"mappings/standard/{name}.yaml"
        users = tuple(agreed[name])
        lines.append(_line(instance, changed, heads, uses, name=name, partner="", path=path, used_by=users))
    return tuple(lines)


def names(instance: Instance) -> tuple[str, ...]:
    """Return the name of every mapping that is shipped or that somebody uses."""
    agreed = {each.mapping for partner in instance.book.partners.values() for each in partner.agreements}
    return tuple(sorted(agreed | set(_heads(instance)) | {name for name, _ in _own(instance)}))


@dataclass(frozen=True, slots=True)
class _Version:
    """Definitions that are equal when their digests are: what is read from them is kept while they are in force."""

    digest: str
    definitions: Definitions = field(compare=False)


def _own(instance: Instance) -> Mapping[tuple[str, str], str]:
    """Return the partners' own mapping files that an agreement uses: (mapping, partner) -> path."""
    return _own_in(_Version(instance.definitions.digest, instance.definitions))


@lru_cache(maxsize=4)
def _own_in(version: _Version) -> Mapping[tuple[str, str], str]:
    files = MappingFiles(version.definitions, {})
    found: dict[tuple[str, str], str] = {}
    for file in read_parties(version.definitions).files.values():
        for name in file.places:
            path = files.place_of(name, file)
            if path in version.definitions.files:
                found[name, file.partner.id] = path
    return found


def _heads(instance: Instance) -> Mapping[str, StandardMapping]:
    return _heads_in(_Version(instance.definitions.digest, instance.definitions))


@lru_cache(maxsize=4)
def _heads_in(version: _Version) -> Mapping[str, StandardMapping]:
    return {each.name: each for each in standard_mappings(version.definitions)}


def _line(
    instance: Instance,
    changed: Mapping[str, LastChange],
    heads: Mapping[str, StandardMapping],
    uses: Sequence[MappingUse],
    *,
    name: str,
    partner: str,
    path: str,
    used_by: tuple[str, ...],
) -> MappingLine:
    mine = [each for each in uses if each.mapping == name and each.partner in used_by]
    compiled = next((m for each in used_by if (m := instance.book.mappings.get((each, name))) is not None), None)
    last = changed.get(path)
    head = heads.get(name)
    document = compiled.document if compiled else head.document if head else name.partition("/")[2]
    kind = compiled.syntax.kind if compiled else head.word("kind") if head else "json"
    return MappingLine(
        name=name,
        partner=partner,
        source=kind,
        document=document,
        used_by=used_by,
        live=compiled.digest[:12] if compiled and compiled.digest else "",
        cases=_cases(instance, path),
        uses=sum(each.count for each in mine),
        failed=sum(each.failed for each in mine),
        changed_at=last.at if last else None,
        changed_by=last.user if last else None,
    )


def _cases(instance: Instance, path: str) -> int:
    """Return how many cases lie beside a mapping file, in the instance or shipped."""
    folder, _, rest = path.partition("/")
    own = (instance.settings.mappings if folder == "mappings" else instance.settings.partners) / rest
    for place in (own, shipped_root() / path):
        cases = place.with_suffix(".cases")
        if cases.is_dir():
            return sum(1 for each in Path(cases).iterdir() if each.is_dir())
    return 0


def page(instance: Instance, views: PartnerViews, name: str, partner: str) -> MappingPage:
    """Return one mapping as it is for a partner, or the standard one. Raises OurFault mapping.missing."""
    schemas = instance.settings.schemas
    files = MappingFiles(instance.definitions, load_directories(schemas), Grammars(schemas).of)
    file = read_parties(instance.definitions).files.get(partner) if partner else None
    if partner and file is None:
        raise OurFault("partner.unknown", value=partner)
    layers = files.paths(name, file)
    mapping, findings = files.looked_at(name, file)
    rules: list[str] = []
    if mapping is not None and mapping.effective is not None:
        rules = list(printed(mapping.effective))
    elif name.startswith(f"{CANONICAL}/"):
        rules = ["# canonical JSON as it is"]
    changes: list[FileChange] = [each for path in layers for each in views.changes(path=path, limit=50)]
    own = next((path for path in layers if path.startswith("partners/")), "")
    used = (partner,) if own else tuple(
        each.id for each in instance.book.partners.values() if any(a.mapping == name for a in each.agreements)
    )  # fmt: skip
    uses = views.uses(instance.clock.now() - WEEK)
    path = own or (layers[-1] if layers else f"mappings/standard/{name}.yaml")
    return MappingPage(
        line=_line(
            instance,
            views.last_changes(path),
            _heads(instance),
            uses,
            name=name,
            partner=partner if own else "",
            path=path,
            used_by=used,
        ),
        layers=layers,
        rules=tuple(rules),
        findings=tuple(each for each in findings if each.severity != "info"),
        changes=tuple(sorted(changes, key=lambda each: -each.id)),
    )
