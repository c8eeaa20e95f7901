"""CONTRL and APERAK: from verdicts to the segments we send, and from received ones to an Acknowledgement.

CONTRL speaks of syntax, with ISO 9735 codes and places; APERAK speaks of what our records say, in words.

Source: ISO 9735:1988 amendment 1 and ISO 9735-4:1998 (CONTRL); UNTDID D.96A APERAK.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.codecs.envelope import FunctionalGroup, Interchange, RawMessage
from gateway.model.acknowledgement import AcknowledgedError, Acknowledgement
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, has_errors
from gateway.model.tree import Segment
from gateway.model.values import GLN_SCHEME, Moment, Party, PartyIdentifier

MAX_SEGMENTS = 999  # UCS in one UCM
MAX_ELEMENTS = 99  # UCD in one UCS
_ACCEPTED = "7"  # this level acknowledged, the next level unless explicitly rejected
_REJECTED = "4"
_RECEIVED = "8"
_UNSPECIFIED = "18"
_SERVICE = ("UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ")
_TEXT = 70  # characters of FTX 4440 in D.96A
_TEXTS = 5  # occurrences of 4440 in one FTX


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageVerdict:
    """What became of one message. findings: all of them; those with an ISO code and severity error are told."""

    message: RawMessage
    accepted: bool
    findings: tuple[Finding, ...] = ()


def contrl(
    interchange: Interchange,
    findings: Iterable[Finding],
    verdicts: Sequence[MessageVerdict],
    *,
    list_accepted: bool = False,
) -> list[Segment]:
    """Return the body of the CONTRL for interchange, UCI first, without UNH and UNT.

    findings       of the interchange level; an error among them rejects everything
    list_accepted  name accepted messages too (agreed with some partners); rejected ones are always named
    An error among the findings of a functional group rejects all that is in the group, and nothing else.
    Empty when no CONTRL may be sent: there is no UNB to answer, or the interchange itself brings acknowledgements
    (ISO 9735-4 clause 5: never in answer to a CONTRL).
    """
    unb = interchange.unb
    if unb is None or not interchange.header.reference:
        return []
    if verdicts and all(each.message.type == "CONTRL" for each in verdicts):
        return []
    errors = _told(findings)
    action = _REJECTED if errors or not (verdicts or interchange.groups) else _ACCEPTED
    worst = errors[0] if errors else None
    body = [_level("UCI", ((interchange.header.reference[:14],), *_parties(unb)), action, worst)]
    if errors:
        return body
    told = [each for each in verdicts if list_accepted or not each.accepted]
    for verdict in told:
        if verdict.message.group_place is None:
            body += _message(verdict)
    inside: dict[int, list[MessageVerdict]] = {}
    for verdict in told:
        if verdict.message.group_place is not None:
            inside.setdefault(verdict.message.group_place, []).append(verdict)
    for group in interchange.groups:
        body += _group(group, inside.get(group.place, []), list_accepted)
    return body


def _group(group: FunctionalGroup, told: Sequence[MessageVerdict], list_accepted: bool) -> Iterator[Segment]:
    """UCF, and UCM for the messages in it; a rejected group speaks for all that it holds."""
    rejected = has_errors(group.findings)
    if not (rejected or told or list_accepted):
        return
    elements = (*group.ung.elements, ("",), ("",), ("",))
    parties = (_fitted(each, _APPLICATION_SIZES) if any(each) else ("",) for each in elements[1:3])
    head = ((group.reference[:14] or _UNKNOWN,), *parties)
    yield _level("UCF", head, _REJECTED if rejected else _ACCEPTED, next(iter(_told(group.findings)), None))
    if not rejected:
        for verdict in told:
            yield from _message(verdict)


def _parties(unb: Segment) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """S002 and S003 as received, as far as they fit."""
    elements = (*unb.elements, ("",), ("",), ("",))
    sender, receiver = (_fitted(each, _PARTY_SIZES) for each in elements[1:3])
    return sender, receiver


_PARTY_SIZES = (35, 4, 35, 35)  # 0004, 0007, 0008, 0042
_APPLICATION_SIZES = (35, 4)  # S006 0040 and S007 0044, 0007
_MESSAGE_SIZES = (6, 3, 3, 3, 6)  # 0065, 0052, 0054, 0051, 0057
_UNKNOWN = "?"  # stands for what UNH should have said: without it the sender could not read our CONTRL


def _fitted(values: tuple[str, ...], sizes: tuple[int, ...], mandatory: int = 1) -> tuple[str, ...]:
    """Cut each value to its size, and fill the mandatory ones when they are empty."""
    padded = (*values, *[""] * (mandatory - len(values)))
    return tuple(
        each[:size] or (_UNKNOWN if place < mandatory else "")
        for place, (each, size) in enumerate(zip(padded, sizes, strict=False))
    )


def _told(findings: Iterable[Finding]) -> list[Finding]:
    return [each for each in findings if each.severity == "error" and each.iso]


def _level(tag: str, head: tuple[tuple[str, ...], ...], action: str, error: Finding | None) -> Segment:
    """UCI, UCF or UCM: they differ in the head only. Names the error when it stands in a service segment."""
    if error is None:
        return Segment(tag, (*head, (action,)))
    where = error.where
    service = where.tag if where.tag in _SERVICE else ""
    return Segment(tag, (*head, (action,), (error.iso or _UNSPECIFIED,), (service or "",), _position(error)))


def _position(finding: Finding) -> tuple[str, ...]:
    """S011: element, the tag counted as 1, and component; empty when the finding names no element."""
    where = finding.where
    if where.element is None:
        return ("",)
    component = "" if where.component is None else str(where.component)
    return (str(where.element + 1), component)


def _message(verdict: MessageVerdict) -> Iterator[Segment]:
    """UCM, and for a rejected message a UCS for every segment in error with a UCD for every element."""
    message = verdict.message
    kind = (message.type, message.version, message.release, message.agency, message.association)
    head = ((message.reference[:14] or _UNKNOWN,), _fitted(kind, _MESSAGE_SIZES, mandatory=4))
    if verdict.accepted:
        yield _level("UCM", head, _ACCEPTED, None)
        return
    errors = _told(verdict.findings)
    own = [each for each in errors if each.where.tag in _SERVICE]
    inner = [each for each in errors if each.where.tag not in _SERVICE and each.where.segment is not None]
    inner += [each for each in own[1:] if each.where.segment is not None]  # UCM has room for one
    if own:
        yield _level("UCM", head, _REJECTED, own[0])
    elif inner:
        yield Segment("UCM", (*head, (_REJECTED,)))
    else:
        code = (errors[0].iso if errors else None) or _UNSPECIFIED
        yield Segment("UCM", (*head, (_REJECTED,), (code,)))
    yield from _segments(inner)


def _segments(errors: list[Finding]) -> Iterator[Segment]:
    """Errors of one segment come together: first each that is about the segment, then those of its elements."""
    places: dict[int, list[Finding]] = {}
    for each in errors:
        places.setdefault(each.where.segment or 0, []).append(each)
    written = 0
    for number in sorted(places):
        of_segment = [each for each in places[number] if each.where.element is None]
        of_elements = [each for each in places[number] if each.where.element is not None]
        for code in [each.iso or "" for each in of_segment] or [""]:
            if written == MAX_SEGMENTS:
                return
            written += 1
            yield Segment("UCS", ((str(number),), (code,)))
        for error in of_elements[:MAX_ELEMENTS]:
            yield Segment("UCD", ((error.iso or "",), _position(error)))


def aperak(
    *,
    number: str,
    now: datetime,
    document: str,
    document_message: str,
    sender: str,
    receiver: str,
    errors: Sequence[tuple[Finding, str]],
) -> list[Segment]:
    """Return the body of an APERAK D.96A that refuses a document, without UNH and UNT.

    number            of this APERAK, at most 35 characters
    document          number of the refused business document; document_message: its message reference (UNH)
    sender, receiver  GLNs
    errors            findings with their text for the reader; at most 999
    """
    body = [
        Segment("BGM", (("",), (number[:35],), ("27",))),  # D.96A has no 1001 for it
        Segment("DTM", (("137", now.strftime("%Y%m%d%H%M"), "203"),)),
    ]
    if document:
        body.append(Segment("RFF", (("ON", document[:35]),)))
    if document_message:
        body.append(Segment("RFF", (("ACW", document_message[:35]),)))
    for qualifier, gln in (("MS", sender), ("MR", receiver)):
        if gln:
            body.append(Segment("NAD", ((qualifier,), (gln[:17], "", "9"))))
    for finding, words in errors[:999]:
        body.append(Segment("ERC", ((finding.iso or _UNSPECIFIED,),)))
        parts = tuple(words[at : at + _TEXT] for at in range(0, min(len(words), _TEXT * _TEXTS), _TEXT))
        body.append(Segment("FTX", (("AAO",), ("",), ("",), parts or ("",))))
    return body


def read_contrl(message: RawMessage) -> Acknowledgement:
    """Return what a CONTRL says of the interchange it names.

    outcome: rejected when the interchange or any message of it is; message_reference: the first rejected message's,
    None when the whole interchange is meant. Raises PartnerFault edifact.acknowledgement-unreadable.
    """
    uci = next((each for each in message.segments if each.tag == "UCI"), None)
    if uci is None or not uci.get(1):
        raise PartnerFault("edifact.acknowledgement-unreadable", message.segments[0].where(), message="CONTRL")
    outcome = _outcome(uci.get(4))
    reference: str | None = None
    errors: list[AcknowledgedError] = []
    refused: list[str] = []
    place = ""
    whole = outcome == "rejected"
    for segment in message.segments:
        match segment.tag:
            case "UCI" | "UCF":
                errors += _error(segment, 5, f"{segment.tag} {segment.get(6)}".strip())
                if _outcome(segment.get(4)) == "rejected":  # a group: which messages were in it, we are not told
                    outcome, whole = "rejected", True
            case "UCM":
                place = f"UNH {segment.get(1)}"
                errors += _error(segment, 4, place)
                if _outcome(segment.get(3)) == "rejected":
                    refused.append(segment.get(1))
                    if outcome != "rejected":
                        outcome, reference = "rejected", segment.get(1) or None
            case "UCS":
                place = f"{place.partition(',')[0]}, segment {segment.get(1)}"
                errors += _error(segment, 2, place)
            case "UCD":
                at = f"{place}, element {segment.get(2, 1)}"
                errors += _error(segment, 1, f"{at}, component {segment.get(2, 2)}" if segment.get(2, 2) else at)
    return Acknowledgement(
        id=f"{uci.get(1)}-{message.reference}",
        kind="contrl",
        outcome=outcome,
        sender=_party(uci.get(3, 1)),  # the CONTRL's sender was the receiver of the interchange
        receiver=_party(uci.get(2, 1)),
        control_reference=uci.get(1),
        message_reference=reference,
        errors=tuple(errors),
        refused_messages=() if whole else tuple(refused),
    )


def _outcome(action: str) -> str:
    if action in (_REJECTED, "3", "6"):
        return "rejected"
    return "received" if action == _RECEIVED else "accepted"


def _error(segment: Segment, element: int, place: str) -> list[AcknowledgedError]:
    code = segment.get(element)
    return [AcknowledgedError(code=code, where=place)] if code else []


def _party(identifier: str) -> Party | None:
    if not identifier:
        return None
    scheme = GLN_SCHEME if len(identifier) == 13 and identifier.isdigit() else "other"
    return Party(ids=(PartyIdentifier(scheme=scheme, value=identifier),))


_DOCUMENT_REFERENCES = ("ON", "VN", "IV", "AAK", "AAJ", "DQ", "PL", "CR")  # RFF 1153: business documents


def read_aperak(message: RawMessage) -> Acknowledgement:
    """Return what an APERAK says of the document it names.

    outcome by BGM 1225 (27 rejected; 29, 34, 44 accepted), else by whether it lists errors.
    Raises PartnerFault edifact.acknowledgement-unreadable when it names no document at all.
    """
    first: dict[str, Segment] = {}
    references: dict[str, str] = {}
    parties: dict[str, Party | None] = {}
    for segment in message.segments:
        first.setdefault(segment.tag, segment)
        if segment.tag == "RFF":
            references.setdefault(segment.get(1, 1), segment.get(1, 2))
        elif segment.tag == "NAD":
            parties.setdefault(segment.get(1), _party(segment.get(2, 1)))
    document = next((references[each] for each in _DOCUMENT_REFERENCES if references.get(each)), None)
    if document is None and not references.get("ACW"):
        raise PartnerFault("edifact.acknowledgement-unreadable", message.segments[0].where(), message="APERAK")
    errors = tuple(_application_errors(message.segments))
    bgm = first.get("BGM")
    return Acknowledgement(
        id=(bgm.get(2) if bgm else "") or message.reference,
        kind="aperak",
        outcome=_APERAK_OUTCOMES.get(bgm.get(3) if bgm else "", "rejected" if errors else "accepted"),
        issued_at=_moment(message.segments),
        sender=next((parties[each] for each in ("MS", "FR", "SU") if parties.get(each)), None),
        receiver=next((parties[each] for each in ("MR", "BY") if parties.get(each)), None),
        message_reference=references.get("ACW") or None,
        document=document,
        errors=errors,
    )


_APERAK_OUTCOMES = {"27": "rejected", "29": "accepted", "34": "accepted", "44": "accepted", "12": "received"}


def _application_errors(segments: Sequence[Segment]) -> Iterator[AcknowledgedError]:
    """Each ERC with the FTX that follows it."""
    code: str | None = None
    words = ""
    for segment in segments:
        if segment.tag == "ERC":
            if code is not None:
                yield AcknowledgedError(code=code, text=words or None)
            code, words = segment.get(1, 1) or _UNSPECIFIED, ""
        elif segment.tag == "FTX" and code is not None and len(segment.elements) > 3:
            words += "".join(segment.elements[3])
    if code is not None:
        yield AcknowledgedError(code=code, text=words or None)


_FORMATS = {"102": "%Y%m%d", "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S"}


def _moment(segments: Sequence[Segment]) -> Moment | None:
    for segment in segments:
        if segment.tag == "DTM" and segment.get(1, 1) == "137" and (form := _FORMATS.get(segment.get(1, 3))):
            try:
                found = datetime.strptime(segment.get(1, 2), form)  # noqa: DTZ007 - no zone is sent (element 2380)
            except ValueError:
                return None
            return found.date() if segment.get(1, 3) == "102" else found
    return None
