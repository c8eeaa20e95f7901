"""What a sample file says of a partner before anything is configured: syntax, identifiers, documents, character set,
and which of our mappings reads it. Nothing is stored and nothing is believed; a person looks at it next."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.codecs import canonical, csv_rows, envelope, sbdh, xml
from gateway.config.definitions import Definitions
from gateway.config.drafts import DraftOf, draft
from gateway.config.yaml import Plain, load, plain
from gateway.mapping.draft_sources import Source
from gateway.mapping.draft_words import plain_name
from gateway.mapping.files import syntax_of
from gateway.mapping.recognition import xml_name
from gateway.model.faults import Fault, PartnerFault
from gateway.model.findings import Finding
from gateway.model.values import GLN_SCHEME, has_valid_check_digit

SAMPLE_LIMIT_BYTES = 5_000_000
_CHARSETS = {
    "UNOA": "ISO 646",
    "UNOB": "ISO 646",
    "UNOC": "ISO 8859-1",
    "UNOD": "ISO 8859-2",
    "UNOE": "ISO 8859-5",
    "UNOF": "ISO 8859-7",
    "UNOG": "ISO 8859-3",
    "UNOW": "UTF-8",
    "UNOX": "ISO 2022",
    "UNOY": "UTF-8",
}
Fit = Literal["standard", "dialect", "draft", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """qualifier: as sent (UNB 0007 "14", or a scheme)."""

    value: str = ""
    qualifier: str = ""

    @property
    def is_gln(self) -> bool:
        return len(self.value) == 13 and has_valid_check_digit(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDocument:
    """One kind of document in the sample.

    label     as the format calls it: "ORDERS D.96A EAN008", "Order", "order.csv"
    document  canonical type, None when we have none for it
    mapping   family/TYPE that reads it; of a draft the name it shall have without the partner ("ORDER")
    fit       standard: a shipped mapping reads exactly this; dialect: a mapping of another directory reads it;
              draft: a mapping was drafted; none: nothing reads it
    directory EDIFACT: as the sample names it, with the one it is held against when that is another
    """

    label: str
    count: int
    document: str | None
    mapping: str | None
    fit: Fit
    directory: str = ""
    held_against: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """draft: of a format that no mapping reads, None otherwise. name: of the sender, as a document tells it."""

    syntax: str
    charset: str
    version: str = ""
    sender: Identity = Identity()
    receiver: Identity = Identity()
    test: bool = False
    reference: str = ""
    name: str = ""
    documents: tuple[FoundDocument, ...] = ()
    draft: DraftOf | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardMapping:
    """The head of a shipped or own standard mapping, without its rules."""

    name: str
    document: str
    syntax: Mapping[str, Plain]

    def word(self, name: str) -> str:
        found = self.syntax.get(name, "")
        return found if isinstance(found, str) else ""


def standard_mappings(definitions: Definitions) -> tuple[StandardMapping, ...]:
    """Return the head of every standard mapping."""
    found = []
    for inner, text in definitions.below("mappings/standard/").items():
        tree = plain(load(text, inner))
        if isinstance(tree, dict) and isinstance(tree.get("syntax"), dict):
            syntax = tree["syntax"]
            assert isinstance(syntax, dict)
            name = inner.removesuffix(".yaml")
            found.append(StandardMapping(name=name, document=str(tree.get("document", "")), syntax=syntax))
    return tuple(found)


def recognise(data: bytes, filename: str, definitions: Definitions, own_ids: Iterable[str]) -> Recognised:
    """Return what can be told. own_ids: our identifiers, to tell which side we are.

    Raises PartnerFault of the codec when the file cannot be read at all, sample.unreadable when it says nothing.
    """
    if not data.strip() or len(data) > SAMPLE_LIMIT_BYTES:
        raise PartnerFault("sample.unreadable")
    known = standard_mappings(definitions)
    kind = "csv" if filename.lower().endswith((".csv", ".tsv")) else syntax_of(data)
    if kind == "edifact":
        return _edifact(data, known)
    if kind == "xml":
        return _xml(data, filename, known, frozenset(own_ids))
    if kind == "json":
        return _json(data)
    return _csv(data, filename, known, frozenset(own_ids))


# --- EDIFACT ----------------------------------------------------------------------------------------------------------


def _edifact(data: bytes, known: tuple[StandardMapping, ...]) -> Recognised:
    interchanges = list(envelope.read_interchanges([data]))
    header = interchanges[0].header
    counted: dict[tuple[str, str, str], int] = {}
    for each in interchanges:
        for message in each.messages:
            key = (message.type, message.directory, message.association)
            counted[key] = counted.get(key, 0) + 1
    return Recognised(
        syntax="edifact",
        charset=_CHARSETS.get(header.syntax_id, header.syntax_id),
        version=f"{header.syntax_id}:{header.syntax_version}",
        sender=Identity(value=header.sender, qualifier=header.sender_qualifier),
        receiver=Identity(value=header.receiver, qualifier=header.receiver_qualifier),
        test=header.test,
        reference=header.reference,
        name=_edifact_name(interchanges[0]),
        documents=tuple(_edifact_document(*key, count, known) for key, count in counted.items()),
        findings=interchanges[0].findings[:20],
    )


def _edifact_document(
    kind: str, directory: str, association: str, count: int, known: tuple[StandardMapping, ...]
) -> FoundDocument:
    label = " ".join(each for each in (kind, _directory(directory), association) if each)
    same = [each for each in known if each.word("kind") == "edifact" and each.word("message") == kind]
    if not same:
        return FoundDocument(label=label, count=count, document=None, mapping=None, fit="none", directory=directory)
    held = {each.word("directory").lower().replace(".", ""): each for each in same}
    exact = held.get(directory)
    chosen = exact or held[min(held, key=lambda name: (abs(_year(name) - _year(directory)), name))]
    against = next(name for name, each in held.items() if each is chosen)
    return FoundDocument(
        label=label,
        count=count,
        document=chosen.document,
        mapping=chosen.name,
        fit="standard" if exact else "dialect",
        directory=directory,
        held_against="" if exact else against,
    )


def _directory(name: str) -> str:
    return f"{name[:1].upper()}.{name[1:].upper()}" if len(name) > 1 else name.upper()


def _year(directory: str) -> float:
    """Return when a directory came out: d96a is 1996, d01b 2001.5. What names no year counts as the oldest."""
    match = re.match(r"[a-z](\d{2})([a-c]?)", directory)
    if not match:
        return 1990.0
    year = int(match.group(1))
    return (1900 if year > 80 else 2000) + year + {"": 0.0, "a": 0.0, "b": 0.5, "c": 0.8}[match.group(2)]


def _edifact_name(interchange: envelope.Interchange) -> str:
    """Return the name that a NAD says for the sender: that of the party with its identifier, else of the buyer."""
    parties = [each for message in interchange.messages[:1] for each in message.segments if each.tag == "NAD"]
    named = [(each.get(1, 1), each.get(2, 1), each.get(4, 1) or each.get(3, 1)) for each in parties]
    own = next((name for _, gln, name in named if gln == interchange.header.sender and name), "")
    return own or next((name for role, _, name in named if role in ("BY", "SU") and name), "")


# --- XML --------------------------------------------------------------------------------------------------------------


def _xml(data: bytes, filename: str, known: tuple[StandardMapping, ...], own: frozenset[str]) -> Recognised:
    tree, header, _ = sbdh.opened(xml.decode(data))
    name = xml_name(tree)
    fitting = [each for each in known if each.word("kind") == "xml" and each.word("root") == name]
    parties = _xml_parties(tree)
    sender, receiver = _sides(parties, own)
    if header is not None:
        sender = Identity(value=header.sender_id, qualifier=header.authority) if header.sender_id else sender
        receiver = Identity(value=header.receiver_id, qualifier=header.authority) if header.receiver_id else receiver
    label, drafted = tree.local_name, None
    if fitting:
        document = FoundDocument(
            label=label, count=1, document=fitting[0].document, mapping=fitting[0].name, fit="standard"
        )
    else:
        drafted = draft(data, filename)
        document = FoundDocument(
            label=label, count=1, document=drafted.document, mapping=_type_name(label), fit="draft"
        )
        sender, receiver = _of_draft(drafted, own, sender, receiver)
    return Recognised(
        syntax="xml",
        charset=tree.encoding or "UTF-8",
        version=tree.namespace,
        sender=sender,
        receiver=receiver,
        reference=header.instance if header else "",
        name=_name_of(drafted, sender) if drafted else parties.get(sender.value, ""),
        documents=(document,),
        draft=drafted,
    )


def _xml_parties(tree: xml.XmlDocument) -> dict[str, str]:
    """Return every GLN of a document in its order, with a name that stands near it."""
    found: dict[str, str] = {}
    for element in tree.root.iter():
        text = (element.text or "").strip()
        if len(text) == 13 and has_valid_check_digit(text) and text not in found:
            found[text] = _near_name(element)
    return found


def _near_name(element: xml.Element) -> str:
    above = element.getparent()
    for _ in range(2):
        if above is None:
            return ""
        for each in above.iter():
            local = str(each.tag).rpartition("}")[2].lower()
            if local in ("name", "organisationname", "registrationname") and (each.text or "").strip():
                return str(each.text).strip()[:100]
        above = above.getparent()
    return ""


def _sides(parties: Mapping[str, str], own: frozenset[str]) -> tuple[Identity, Identity]:
    """Tell who sends from who receives: what is ours receives, the first that is not ours sends."""
    theirs = next((each for each in parties if each not in own), "")
    ours = next((each for each in parties if each in own), "")
    return Identity(value=theirs, qualifier=GLN_SCHEME if theirs else ""), Identity(
        value=ours, qualifier=GLN_SCHEME if ours else ""
    )


def _of_draft(drafted: DraftOf, own: frozenset[str], sender: Identity, receiver: Identity) -> tuple[Identity, Identity]:
    """Take the sides from the parties that were drafted: who orders sends an order."""
    first = {"Order": "buyer", "SalesReport": "reporter", "InventoryReport": "reporter"}.get(drafted.document, "seller")
    glns = {
        each.key.partition(".")[0]: each.source.values[0]
        for each in drafted.matches
        if each.key.endswith(".gln") and each.source is not None and each.source.values
    }
    theirs = glns.get(first, "")
    if theirs and theirs not in own:
        sender = Identity(value=theirs, qualifier=GLN_SCHEME)
    ours = next((each for each in glns.values() if each in own), "")
    return sender, Identity(value=ours, qualifier=GLN_SCHEME) if ours else receiver


def _name_of(drafted: DraftOf, sender: Identity) -> str:
    roles = [
        each.key.partition(".")[0]
        for each in drafted.matches
        if each.key.endswith(".gln") and each.source is not None and sender.value in each.source.values
    ]
    named: list[Source] = [
        each.source for each in drafted.matches if each.source is not None and each.key in [f"{r}.name" for r in roles]
    ]
    return named[0].values[0] if named and named[0].values else ""


def _type_name(label: str) -> str:
    """Return a name that a mapping may have: ORDER, purchaseOrder, orders."""
    plain_label = re.sub(r"[^A-Za-z0-9]", "", label)
    return plain_label[:40] or "Document"


# --- JSON and CSV -----------------------------------------------------------------------------------------------------


def _json(data: bytes) -> Recognised:
    tree = canonical.decode(data)
    kind = str(tree.get("document", ""))
    if not kind:
        raise PartnerFault("sample.unreadable")
    document = FoundDocument(label=kind, count=1, document=kind, mapping=f"canonical/{kind}", fit="standard")
    return Recognised(syntax="json", charset="UTF-8", documents=(document,))


def _csv(data: bytes, filename: str, known: tuple[StandardMapping, ...], own: frozenset[str]) -> Recognised:
    drafted = draft(data, filename)
    shipped = _csv_mapping(data, known)
    type_name = _type_name(filename.rpartition(".")[0])
    document = FoundDocument(
        label=filename or "CSV",
        count=1,
        document=shipped.document if shipped else drafted.document,
        mapping=shipped.name if shipped else _kind_name(drafted.document, type_name),
        fit="standard" if shipped else "draft",
    )
    sender, receiver = _of_draft(drafted, own, Identity(), Identity())
    return Recognised(
        syntax="csv",
        charset=str(drafted.csv.get("encoding", "utf-8")).upper(),
        version=f"{drafted.csv.get('delimiter', '')}",
        sender=sender,
        receiver=receiver,
        name=_name_of(drafted, sender),
        documents=(document,),
        draft=None if shipped else drafted,
    )


def _kind_name(document: str, type_name: str) -> str:
    """Name a table by what it is when its file name has a day or nothing in it."""
    return document if any(each.isdigit() for each in type_name) or type_name == "Document" else type_name


def _csv_mapping(data: bytes, known: tuple[StandardMapping, ...]) -> StandardMapping | None:
    """Return the shipped mapping whose titles the file has, all but a few."""
    best: tuple[float, StandardMapping | None] = (0.0, None)
    for each in known:
        columns = each.syntax.get("columns")
        if each.word("kind") != "csv" or not isinstance(columns, dict):
            continue
        form = csv_rows.CsvForm(titles={}, delimiter=each.word("delimiter") or ",")
        try:
            titles = {plain_name(cell) for cell in csv_rows.read_titles(data[:65_536], form)}
        except Fault:
            continue
        wanted = {plain_name(str(title)) for title in columns.values()}
        share = len(titles & wanted) / len(titles) if titles else 0.0
        if share > best[0]:
            best = (share, each)
    return best[1] if best[0] >= 0.8 else None
