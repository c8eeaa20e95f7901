"""From a sample and a few answers to a partner: its file, its drafted mapping, and the sample read by them as it would
be read when it came in. Nothing is stored here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from gateway.config.book import sound_book
from gateway.config.definitions import Definitions
from gateway.config.edits import flow
from gateway.config.partners import SELF
from gateway.config.recognition import Recognised
from gateway.config.yaml import Plain
from gateway.mapping.draft_words import plain_name
from gateway.model.faults import Fault
from gateway.model.findings import Finding
from gateway.model.payload import MemoryPayload
from gateway.pipeline.prepare import prepare
from gateway.ports.records import ArrivalRow, NewMessage

Kind = Literal["as2", "http", "folder"]
ANSWERS: Mapping[str, tuple[str, ...]] = {  # document they send -> what we may send back, by EDIFACT type and UBL root
    "Order": ("ORDRSP", "OrderResponse", "DESADV", "DespatchAdvice", "INVOIC", "Invoice"),
    "DespatchAdvice": ("RECADV", "ReceivingAdvice"),
    "Invoice": ("REMADV", "RemittanceAdvice"),
}
TOLERABLE = frozenset(  # a value we can still read, where the standard would have it otherwise
    (
        "edifact.code-not-agreed",
        "edifact.code-temporary",
        "edifact.code-unknown",
        "edifact.component-surplus",
        "edifact.element-missing",
        "edifact.element-repeats",
        "edifact.element-surplus",
        "edifact.element-unused",
        "edifact.group-repeats",
        "edifact.segment-missing",
        "edifact.segment-repeats",
        "edifact.value-not-alphabetic",
        "edifact.value-too-long",
        "edifact.value-too-short",
        "xml.schema",
        "xml.schema-value",
    )
)
_BLANK = "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person has said or left as it was proposed.

    certificate  names with windows, as they stand in partner.yaml
    receives     mappings; sends: mappings. Of a drafted one the name it gets: ID/TYPE
    chosen       of a draft: canonical field -> id of a source, "" for none
    tolerated    codes of findings that this partner's documents may have: warnings instead of errors
    assumed      parties that its documents do not name, of a mapping that is not drafted: buyer, seller
    """

    id: str
    name: str
    name_zh: str = ""
    role: str = "customer"
    owner: str = ""
    email: str = ""
    gln: str = ""
    other_id: str = ""
    connection: Kind = "as2"
    url: str = ""
    as2_id: str = ""
    certificate: str = ""
    token: str = ""
    receives: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
    tolerated: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The sample read by the proposed partner. findings: why the proposal itself cannot come into force."""

    findings: tuple[Finding, ...]
    messages: tuple[NewMessage, ...] = ()

    @property
    def good(self) -> bool:
        """Every message of the sample would be taken in."""
        return not self.findings and bool(self.messages) and all(each.fault is None for each in self.messages)

    @property
    def tolerable(self) -> tuple[str, ...]:
        """The codes of errors that only say that the partner does not keep to the standard."""
        return tuple(sorted({each.code for each in self._errors() if each.code in TOLERABLE}))

    @property
    def assumable(self) -> tuple[str, ...]:
        """The parties that the documents should name and do not."""
        missing = {each.where.path or "" for each in self._errors() if each.code == "mapping.required-missing"}
        return tuple(sorted(missing & {"buyer", "seller", "reporter", "receiver"}))

    def _errors(self) -> Iterator[Finding]:
        for message in self.messages:
            yield from (each for each in message.findings if each.severity == "error")


def proposed_id(name: str, taken: Sequence[str]) -> str:
    """Return a folder name for a partner: from its name, with a number when it is taken."""
    words = re.findall(r"[a-z0-9]+", plain_name(name.lower()))
    plain = "-".join(word for word in words if word not in ("gmbh", "ag", "ltd", "inc", "co", "kg", "eg", "se"))[:40]
    base = plain.strip("-") or "partner"
    return next(each for each in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if each not in taken)


def role_for(found: Recognised) -> str:
    """Return what the sender is to us, by what it sends."""
    documents = {each.document for each in found.documents}
    if documents & {"Order", "SalesReport", "OrderChange", "OrderCancellation", "ReceivingAdvice", "RemittanceAdvice"}:
        return "customer"
    return "supplier" if documents & {"OrderResponse", "DespatchAdvice", "Invoice", "PriceCatalogue"} else "none"


def receivable(found: Recognised, partner_id: str) -> tuple[str, ...]:
    """Return the mappings by which the sample's documents are received."""
    return tuple(
        f"{partner_id}/{each.mapping}" if each.fit == "draft" else each.mapping
        for each in found.documents
        if each.mapping
    )


def sendable(found: Recognised, definitions: Definitions) -> tuple[str, ...]:
    """Return the standard mappings by which we could answer, in the family of what was sent."""
    names = [each.removesuffix(".yaml") for each in definitions.below("mappings/standard/")]
    wanted: list[str] = []
    for each in found.documents:
        family = (each.mapping or "").partition("/")[0]
        if each.fit in ("standard", "dialect"):
            wanted += [f"{family}/{kind}" for kind in ANSWERS.get(each.document or "", ())]
    return tuple(dict.fromkeys(each for each in wanted if each in names))


def files_of(answers: Answers, found: Recognised, own_gln: str) -> dict[str, str]:
    """Return the new files by logical path: partner.yaml, and the mapping of a format of the partner's own."""
    folder = f"partners/{answers.id}"
    files = {f"{folder}/partner.yaml": _partner_text(answers, found)}
    if found.draft is not None:
        name = next(iter(receivable(found, answers.id)))
        drafted = found.draft.with_choices(answers.chosen)
        text = drafted.text(name, _defaults(drafted.document, answers.gln, own_gln))
        files[f"{folder}/mappings/{name.partition('/')[2]}.yaml"] = text
    elif answers.assumed:
        for name in answers.receives:
            said = {f"{role}.gln": _glns(answers.gln, own_gln).get(role, "") for role in answers.assumed}
            rules = "".join(f"  {key}: {flow({'default': gln})}\n" for key, gln in said.items() if gln)
            if rules:
                path = f"{folder}/mappings/{name.replace('/', '-')}.yaml"
                files[path] = f"mapping: {answers.id}/{name.partition('/')[2]}\nextends: {name}\nfields:\n{rules}"
    return files


def _glns(theirs: str, ours: str) -> dict[str, str]:
    """Return who is who in what the partner sends when it does not say so."""
    return {"buyer": theirs, "seller": ours, "reporter": theirs, "receiver": ours}


def _defaults(document: str, theirs: str, ours: str) -> dict[str, str]:
    """Return who is who where the format does not say it: the sender is the partner."""
    first, second = {
        "Order": ("buyer", "seller"),
        "SalesReport": ("reporter", "receiver"),
        "InventoryReport": ("reporter", "receiver"),
    }.get(document, ("seller", "buyer"))
    told = {f"{first}.gln": theirs, f"{second}.gln": ours}
    return {key: value for key, value in told.items() if value}


def _partner_text(answers: Answers, found: Recognised) -> str:
    top: dict[str, Plain] = {"name": answers.name}
    for key in ("name_zh", "role", "owner"):
        value = getattr(answers, key)
        if value:
            top[key] = value
    top["mode"] = "test"
    if answers.email:
        top["contact"] = {"email": answers.email}
    if answers.gln:
        top["gln"] = answers.gln
    others = [each for each in (answers.other_id, _edifact_id(found, answers)) if each]
    if others:
        top["ids"] = {"other": list[Plain](dict.fromkeys(others))}
    lines = [f"{key}: {flow(value)}" for key, value in top.items()]
    lines += ["channels:", f"  {answers.connection}: {flow(channel_of(answers))}", "agreements:"]
    for way, names in (("receive", answers.receives), ("send", answers.sends)):
        lines += [f"  - {flow({way: each, 'over': answers.connection})}" for each in names]
    if not (answers.receives or answers.sends):
        lines[-1] = "agreements: []"
    aliases: dict[str, Plain] = {each.directory: each.held_against for each in found.documents if each.fit == "dialect"}
    if aliases:
        lines.append(f"edifact: {flow({'read': {'read_as': aliases}})}")
    if answers.tolerated:
        severities: dict[str, Plain] = dict.fromkeys(answers.tolerated, "warning")
        lines.append(f"severities: {flow(severities)}")
    return _BLANK.join(lines) + _BLANK


def _edifact_id(found: Recognised, answers: Answers) -> str:
    """The interchange sender must be one of the partner's identifiers."""
    sender = found.sender.value if found.syntax == "edifact" else ""
    return "" if sender in (answers.gln, "") else sender


def channel_of(answers: Answers) -> dict[str, Plain]:
    """Return the settings of the connection."""
    if answers.connection == "folder":
        return {"folder": answers.id}
    if answers.connection == "http":
        told: dict[str, Plain] = {"url": answers.url} if answers.url else {"delivery": "fetch"}
        return told | ({"token": answers.token} if answers.token else {})
    as2: dict[str, Plain] = {"id": answers.as2_id}
    for key, value in (("url", answers.url), ("certificate", answers.certificate)):
        if value:
            as2[key] = value
    return as2


def trial(
    files: Mapping[str, str], definitions: Definitions, schemas: Path, data: bytes, filename: str, now: datetime
) -> Trial:
    """Read the sample with the proposed files beside our own company and the shared mappings. What other partners have
    is left out: it takes time and says nothing here, but for identifiers that two would share."""
    shared = {
        path: text
        for path, text in definitions.files.items()
        if not path.startswith("partners/") or path.startswith(f"partners/{SELF}/")
    }
    naming_others = {
        f"partners/{SELF}/{name}" for name in ("tables/suppliers.csv", "tables/items.csv", "planning.yaml")
    }
    kept = {path: text for path, text in shared.items() if path not in naming_others}
    partner_id = next(path.split("/")[1] for path in files)
    try:
        book = sound_book(Definitions.of({**kept, **files}), schemas)
    except Fault as fault:
        return Trial(findings=fault.findings or (fault.as_finding(),))
    over = next(iter(book.partners[partner_id].channels), "http")
    arrival = ArrivalRow(
        id="sample", lane="", partner=partner_id, channel=over, state="received", received_at=now,
        payload=MemoryPayload(data), content_type="", filename=filename, test=True, attempts=0,
    )  # fmt: skip
    return Trial(findings=(), messages=prepare(book, arrival).messages)
