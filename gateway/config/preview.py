"""A draft of a mapping tried on a sample, before it is in force: what is wrong, what is read, what is written, and why,
what is left, and what changes against the version in force. No journal, no clock; runs in a child process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from difflib import unified_diff
from itertools import islice
from typing import Any, Literal

from gateway.config.mappings import MappingFiles
from gateway.config.parties import read_parties
from gateway.config.partners import PartnerFile
from gateway.config.yaml import Table, Text, load
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.differences import Difference, differences, document_differences
from gateway.mapping.files import FileReading, read_file, write_file
from gateway.mapping.printed import printed
from gateway.mapping.reading import Leftover, Reading
from gateway.mapping.rules import Effective
from gateway.mapping.trace import Traced, trace
from gateway.model import json_form
from gateway.model.documents import Document
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding, has_errors
from gateway.model.json_keys import fields_of
from gateway.model.tree import Group
from gateway.pipeline.verdict import weigh

TEXT_LIMIT = 256_000  # characters of a draft
SAMPLE_LIMIT_BYTES = 10_000_000
MESSAGES_LIMIT = 50  # of one sample
DIFFERENCES_LIMIT = 1_000
KEPT_SAMPLES = 4
QUICK_SEGMENTS = 250  # more than the editor shows of a sample at once
QUICK_DIFFERENCES = 60

Direction = Literal["in", "out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is tried. name: family/TYPE; partner: whose file the text is, None for the standard mapping itself.

    text       of the mapping file; None: as it is in force
    direction  in: sample is the partner's format; out: sample is canonical JSON, or the partner's format, read first
    filename   of the sample, for formats that are told by it
    rows       most rows of trace and of leftovers for each message; what an editor shows at once
    output     in: also write the document again; a third of the time of a long message
    quick      in: trace and leftovers are told of the beginning of a long message only, and not counted, and what is
               wrong with the way back only is not told: a key stroke
    elements   most elements of each list of the document; None: all
    """

    name: str
    text: str | None
    sample: bytes = b""
    partner: str | None = None
    direction: Direction = "in"
    filename: str = ""
    rows: int = 500
    output: bool = True
    quick: bool = False
    elements: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePreview:
    """One message of the sample. findings: of syntax, structure and mapping.

    document     canonical JSON, None when it cannot be built
    elements     list -> how many elements it has, when the document holds the first of them only
    output       in: the document written again by the draft; out: what the partner would get. None when it cannot be
    trace        in: of the document; out: of what a reading of the output gives, so where each value went
    differences  against what the version in force reads (in) or writes, read again (out)
    lost         out: fields of the document that a reading of the output does not give back
    good         read without errors (in), written (out); good_before: by the version in force, None when there is none
    """

    type: str
    position: int  # in the sample, from 0
    findings: tuple[Finding, ...]
    document: Mapping[str, Any] | None
    output: str | None
    trace: tuple[Traced, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    differences: tuple[Difference, ...] = ()
    lost: tuple[Difference, ...] = ()
    elements: Mapping[str, int] = field(default_factory=dict)
    good: bool = False
    good_before: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """How much of the mapping the sample touches, and of the sample the mapping. untouched: file:line of rules."""

    rules: int = 0
    touched: int = 0
    values: int = 0
    left: int = 0
    untouched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """findings: about the mapping itself. rules: difference of the effective mapping to the version in force, one line
    each as in `diff`. digest: of the draft's effective rules, "" when it does not compile. microseconds: of CPU that a
    child process has spent on it, 0 without one."""

    name: str
    findings: tuple[Finding, ...]
    digest: str = ""
    messages: tuple[MessagePreview, ...] = ()
    coverage: Covered = field(default_factory=Covered)
    rules: tuple[str, ...] = ()
    microseconds: int = 0

    @property
    def sound(self) -> bool:
        """Whether the mapping could come into force."""
        return bool(self.digest) and not has_errors(self.findings)


class PreviewBench:
    """Previews over one version of the definitions. What does not change from one key stroke to the next is kept."""

    def __init__(self, files: MappingFiles) -> None:
        self.files = files
        self.partners = read_parties(files.definitions).files
        self._in_force: dict[tuple[str, str], DocumentMapping | None] = {}
        self._printed: dict[int, list[str]] = {}  # by identity of a mapping in force, which _in_force keeps
        self._trees: dict[tuple[bytes, str, str], list[tuple[FileReading, Any]]] = {}
        self._before: dict[tuple[str, bytes], dict[int, tuple[Document | None, bool]]] = {}
        self._last: tuple[object, _Looked] | None = None
        self._relatives: tuple[Effective, ...] | None = None

    def preview(self, draft: Draft) -> Preview:
        """Return the preview. Raises OurFault preview.too-large, partner.unknown; every other fault is a finding."""
        if len(draft.text or "") > TEXT_LIMIT or len(draft.sample) > SAMPLE_LIMIT_BYTES:
            raise OurFault("preview.too-large", limit=f"{TEXT_LIMIT}, {SAMPLE_LIMIT_BYTES}")
        partner = self._partner(draft.partner)
        try:
            mapping, findings, place = self._looked_at(draft, partner)
        except Fault as fault:
            return Preview(name=draft.name, findings=fault.findings or (fault.as_finding(),))
        if mapping is None:
            return Preview(name=draft.name, findings=findings)
        active = self._active(draft.name, partner)
        messages = self._messages(draft, mapping, active) if draft.sample else ()
        return Preview(
            name=draft.name,
            findings=findings,
            digest=mapping.digest,
            messages=tuple(each for each, _ in messages),
            coverage=_coverage(mapping.effective, [reading for _, reading in messages], place, quick=draft.quick),
            rules=self._rule_changes(active, mapping),
        )

    def effective(self, draft: Draft) -> Effective | None:
        """Return the merged rules of a draft, None when they do not compile. Raises OurFault partner.unknown."""
        try:
            mapping, _, _ = self._looked_at(draft, self._partner(draft.partner))
        except Fault as fault:
            if fault.code == "partner.unknown":
                raise
            return None
        return mapping.effective if mapping is not None else None

    def tree(self, draft: Draft, position: int) -> Any:
        """Return a message of a sample that was previewed last, as the codec has read it; None when there is none."""
        kept = next((each for key, each in self._trees.items() if key[0] == draft.sample), [])
        return kept[position][1] if position < len(kept) else None

    def relatives(self, effective: Effective) -> tuple[Effective, ...]:
        """Return the standard mappings of the same syntax, whatever their document: what they know of its places."""
        if self._relatives is None:
            found = []
            for name in self.files.standard_names():
                try:
                    found.append(self.files.merged(name))
                except Fault:
                    continue  # one that is not sound tells nothing
            self._relatives = tuple(found)
        return tuple(each for each in self._relatives if each.syntax.kind == effective.syntax.kind)

    def _partner(self, partner_id: str | None) -> PartnerFile | None:
        if partner_id is None:
            return None
        found = self.partners.get(partner_id)
        if found is None:
            raise OurFault("partner.unknown", value=partner_id)
        return found

    def _looked_at(self, draft: Draft, partner: PartnerFile | None) -> "_Looked":
        """Return the draft compiled and judged; the last one is kept, for a shadow run over many samples."""
        writes = not draft.quick or draft.output or draft.direction == "out"
        key = (draft.name, draft.partner, draft.text, writes)
        if self._last is None or self._last[0] != key:
            files, place = self.files, self.files.place_of(draft.name, partner)
            if draft.text is not None:
                node = load(draft.text, place)
                if partner is not None:
                    _check_extends(node, place, draft.name)
                files = files.with_text(place, draft.text, node, writes=writes)
            mapping, findings = files.looked_at(draft.name, partner)
            self._last = (key, (mapping, tuple(findings), place))
        return self._last[1]

    def _active(self, name: str, partner: PartnerFile | None) -> DocumentMapping | None:
        key = (name, partner.partner.id if partner else "")
        if key not in self._in_force:
            try:
                self._in_force[key] = self.files.mapping(name, partner)
            except Fault:
                self._in_force[key] = None  # a new mapping, or one that does not compile
        return self._in_force[key]

    def _messages(
        self, draft: Draft, mapping: DocumentMapping, active: DocumentMapping | None
    ) -> list[tuple[MessagePreview, FileReading | None]]:
        try:
            if draft.direction == "in":
                return self._inbound(draft, mapping, active)
            return self._outbound(draft, mapping, active)
        except Fault as fault:
            told = fault.findings or (fault.as_finding(),)
            return [(MessagePreview(type="", position=0, findings=told, document=None, output=None), None)]

    def _inbound(
        self, draft: Draft, mapping: DocumentMapping, active: DocumentMapping | None
    ) -> list[tuple[MessagePreview, FileReading | None]]:
        before = self._read_before(draft, active) if active is not None else {}
        rows: list[tuple[MessagePreview, FileReading | None]] = []
        for position, each in self._readings(draft, draft.sample, mapping):
            document = each.reading.document
            shown, elements = _cut(document, draft.elements)
            old, good_before = before.get(position, (None, False))
            most = QUICK_DIFFERENCES if draft.quick else DIFFERENCES_LIMIT
            changes = _changes(old, document, most) if active is not None and old != document else []
            output, odd = _written(mapping, document, each) if draft.output else (None, ())
            told = self._beginning(draft, position, each) if draft.quick else each
            findings = (*self._weighed(draft, each.all_findings), *odd)
            plain = _plain(shown)
            preview = MessagePreview(
                type=str(each.found),
                position=position,
                findings=findings,
                document=plain,
                elements=elements,
                output=output,
                trace=_trace(told, plain if told.reading.document is shown else _plain(told.reading.document), draft),
                leftovers=told.reading.leftovers[: draft.rows],
                differences=tuple(changes),
                good=document is not None and not has_errors(findings),
                good_before=None if active is None else good_before,
            )
            rows.append((preview, each))
        return rows

    def _beginning(self, draft: Draft, position: int, one: FileReading) -> FileReading:
        """Return the reading of the first part of a long EDIFACT message; any other as it is."""
        tree = self.tree(draft, position)
        if not isinstance(tree, Group):
            return one
        count = 0
        for number, child in enumerate(tree.children, 1):
            count += sum(1 for _ in child.segments()) if isinstance(child, Group) else 1
            if count >= QUICK_SEGMENTS:
                return replace(one, reading=one.mapping.read(Group(tree.name, tree.children[:number])))
        return one

    def _outbound(
        self, draft: Draft, mapping: DocumentMapping, active: DocumentMapping | None
    ) -> list[tuple[MessagePreview, FileReading | None]]:
        rows: list[tuple[MessagePreview, FileReading | None]] = []
        for position, document in self._documents(draft, active or mapping):
            plain = json_form.document_plain(document)
            shown, elements = _cut(document, draft.elements)
            output, odd = _written(mapping, document, None)
            again = self._again(draft, output, mapping)
            old, _ = _written(active, document, None) if active is not None else (None, ())
            before = self._again(draft, old, active) if active is not None else None
            read_again = _plain(again.reading.document) if again is not None else None
            changes = differences(_plain(before.reading.document), read_again) if before is not None else []
            gone = (each for each in differences(plain, read_again) if each.after is None)
            preview = MessagePreview(
                type=type(document).__name__,
                position=position,
                findings=(*(again.all_findings if again else ()), *odd),
                document=plain if shown is document else _plain(shown),
                elements=elements,
                output=output,
                trace=_trace(again, read_again, draft) if again is not None else (),
                leftovers=again.reading.leftovers[: draft.rows] if again is not None else (),
                differences=tuple(changes[:DIFFERENCES_LIMIT]),
                lost=tuple(islice(gone, DIFFERENCES_LIMIT)) if again is not None else (),
                good=output is not None,
                good_before=None if active is None else old is not None,
            )
            rows.append((preview, again))
        return rows

    def _documents(self, draft: Draft, mapping: DocumentMapping) -> list[tuple[int, Document]]:
        """Return the documents of a sample: canonical JSON, or the partner's format, read as in force."""
        if draft.sample.lstrip()[:1] == b"{":
            return [(0, json_form.loads(draft.sample))]
        found = self._readings(draft, draft.sample, mapping)
        return [(number, each.reading.document) for number, each in found if each.reading.document is not None]

    def _again(self, draft: Draft, output: str | None, mapping: DocumentMapping) -> FileReading | None:
        if output is None or mapping.syntax.kind == "json":
            return None
        found = self._readings(replace(draft, filename=""), output.encode(), mapping)
        return found[0][1] if found else None

    def _readings(self, draft: Draft, sample: bytes, mapping: DocumentMapping) -> list[tuple[int, FileReading]]:
        """Read what of the sample is for the mapping. It is taken apart once; each draft only walks the trees.

        Raises OurFault mapping.none-fits, and what the codecs raise.
        """
        key = (sample, draft.filename, repr(mapping.syntax))
        if key not in self._trees:
            seen: list[Any] = []
            stand_in = replace(mapping, reader=_Seen(seen))
            found = read_file(sample, lambda _: stand_in, self.files.directories, filename=draft.filename)
            _make_room(self._trees)
            self._trees[key] = list(zip(islice(found, MESSAGES_LIMIT), seen, strict=False))
        kept = [
            (number, each, tree) for number, (each, tree) in enumerate(self._trees[key]) if each.found.fits(mapping)
        ]
        if not kept and self._trees[key]:
            raise OurFault("mapping.none-fits", value=str(self._trees[key][0][0].found), known=mapping.name)
        return [(number, replace(each, mapping=mapping, reading=mapping.read(tree))) for number, each, tree in kept]

    def _read_before(self, draft: Draft, active: DocumentMapping) -> dict[int, tuple[Document | None, bool]]:
        """Return what the version in force reads, and whether without errors: it stays while a draft is written."""
        key = (active.digest, draft.sample)
        if key not in self._before:
            _make_room(self._before)
            try:
                found = self._readings(draft, draft.sample, active)
            except Fault:
                found = []  # the format itself has changed
            self._before[key] = {
                number: (each.reading.document, not has_errors(self._weighed(draft, each.all_findings)))
                for number, each in found
            }
        return self._before[key]

    def _rule_changes(self, active: DocumentMapping | None, draft: DocumentMapping) -> tuple[str, ...]:
        if draft.effective is None:
            return ()
        before: list[str] = []
        if active is not None and active.effective is not None:
            if id(active) not in self._printed:
                self._printed[id(active)] = printed(active.effective, origins=False)
            before = self._printed[id(active)]
        after = printed(replace(draft.effective, name=active.name if active else draft.name), origins=False)
        told = unified_diff(before, after, lineterm="", n=0)
        return tuple(line for line in told if line[:2] not in ("--", "++", "@@"))

    def _weighed(self, draft: Draft, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return findings with the severities that the partner's file names."""
        return weigh(findings, self.partners[draft.partner].partner) if draft.partner else findings


_Looked = tuple[DocumentMapping | None, tuple[Finding, ...], str]  # compiled, its findings, the file of the draft


@dataclass(frozen=True, slots=True)
class _Seen:
    """A reader that only keeps the trees it is given."""

    trees: list[Any]

    def read(self, tree: Any) -> Reading:
        self.trees.append(tree)
        return Reading(document=None)


def _make_room(kept: dict[Any, Any]) -> None:
    while len(kept) >= KEPT_SAMPLES:
        kept.pop(next(iter(kept)))


def _trace(one: FileReading, plain: Mapping[str, Any] | None, draft: Draft) -> tuple[Traced, ...]:
    """Trace a document; what was read of one that cannot be built has places and texts, and no values."""
    return tuple(trace(one.reading, plain or {}, one.mapping.effective, limit=draft.rows))


def _plain(document: Document | None) -> dict[str, Any] | None:
    return None if document is None else json_form.document_plain(document)


def _cut(document: Document | None, most: int | None) -> tuple[Document | None, dict[str, int]]:
    """Return a document with the first elements of each list of objects, and how many the longer ones have."""
    if document is None or most is None:
        return document, {}
    lists = ((name, key, getattr(document, name)) for name, key, _, _ in fields_of(type(document)))
    long = [each for each in lists if isinstance(each[2], tuple) and len(each[2]) > most and is_dataclass(each[2][0])]
    cut = {name: value[:most] for name, _, value in long}
    return (replace(document, **cut) if cut else document), {key: len(value) for _, key, value in long}


def _changes(old: Document | None, new: Document | None, most: int) -> list[Difference]:
    if old is None or new is None or type(old) is not type(new):
        return differences(_plain(old), _plain(new))[:most]
    return document_differences(old, new, most)


def _check_extends(node: object, place: str, name: str) -> None:
    """Raises OurFault mapping.extends-other: the text would not count for the mapping that is tried."""
    extends = node.entries.get("extends") if isinstance(node, Table) else None
    value = extends.value.removeprefix("standard/") if isinstance(extends, Text) else ""
    if value != name:
        line = extends.line if isinstance(extends, Text) else 1
        raise OurFault("mapping.extends-other", at=f"{place}:{line}", value=value, name=name)


def _written(
    mapping: DocumentMapping, document: Document | None, one: FileReading | None
) -> tuple[str | None, tuple[Finding, ...]]:
    if document is None:
        return None, ()
    try:
        return write_file(mapping, document, one.header if one else None).decode("utf-8", "replace"), ()
    except Fault as fault:
        return None, (fault.as_finding(),)


def _coverage(
    effective: Effective | None, found: Sequence[FileReading | None], place: str, *, quick: bool = False
) -> Covered:
    if effective is None:
        return Covered()
    readings = [each.reading for each in found if each is not None]
    reading_rules = {
        rule.at
        for entry in effective.entries.values()
        if isinstance(entry, tuple)
        for rule in entry
        if rule.direction != "out" and rule.const is None and not rule.check
    }
    hit = frozenset[str]().union(*(each.find_touched() for each in readings)) & reading_rules
    return Covered(
        rules=len(reading_rules),
        touched=len(hit),
        values=0 if quick else sum(len(each.rules) + len(each.leftovers) for each in readings),
        left=0 if quick else sum(len(each.leftovers) for each in readings),
        untouched=tuple(sorted((reading_rules - hit), key=lambda at: (not at.startswith(place), at))),
    )
