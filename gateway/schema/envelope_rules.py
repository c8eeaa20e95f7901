"""What was agreed about the envelope, held against UNB and UNH: who may send to whom, how old, test or not, which
messages. Data in, findings out; that a reference was used before is for the journal to say.

Source: ISO 9735-1 annex (S002, S003, S004, 0035), ISO 9735-4 (codes 7, 17, 23, 24, 25, 43).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.codecs.edifact_report import report
from gateway.codecs.envelope import InterchangeHeader, RawMessage
from gateway.model.findings import Finding
from gateway.model.tree import Segment

_FORMS = {6: "%y%m%d%H%M", 8: "%Y%m%d%H%M"}  # by length of the date


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeRules:
    """None: not asked for.

    senders     identifiers that may stand as sender (S002 0004)
    receivers   identifiers that are ours (S003 0010)
    others      identifiers of others that we know: an interchange for them went astray
    password    recipient's reference or password (S005 0022)
    test        False: test interchanges (0035) are not taken
    max_age     between S004 and now
    messages    (type, directory) that are agreed: ("ORDERS", "d96a")
    """

    senders: frozenset[str] | None = None
    receivers: frozenset[str] | None = None
    others: frozenset[str] = frozenset()
    password: str | None = None
    test: bool = True
    max_age: timedelta | None = None
    messages: frozenset[tuple[str, str]] | None = None


def check_header(header: InterchangeHeader, unb: Segment, rules: EnvelopeRules, now: datetime) -> list[Finding]:
    """Return what in UNB is against the rules. now: aware, UTC; S004 names no zone and is taken as UTC with a day's
    tolerance into the future."""
    found: list[Finding] = []
    if rules.senders is not None and header.sender not in rules.senders:
        found.append(report("edifact.sender-unknown", unb.where(2, 1), value=header.sender))
    if rules.receivers is not None and header.receiver not in rules.receivers:
        code = "edifact.receiver-other" if header.receiver in rules.others else "edifact.receiver-unknown"
        found.append(report(code, unb.where(3, 1), value=header.receiver))
    if rules.password is not None and header.password != rules.password:
        found.append(report("edifact.password-wrong", unb.where(6, 1)))  # without the value: it may be a secret
    if header.test and not rules.test:
        found.append(report("edifact.test-refused", unb.where(11), value="1"))
    if rules.max_age is not None:
        prepared = prepared_at(header)
        if prepared is not None and now - prepared > rules.max_age:
            days = str(rules.max_age.days)
            found.append(report("edifact.too-old", unb.where(4), value=header.prepared_at, days=days))
    return found


def check_agreed(message: RawMessage, rules: EnvelopeRules) -> list[Finding]:
    """Return a finding when nobody has agreed to take messages of this type and directory."""
    if rules.messages is None or (message.type, message.directory) in rules.messages:
        return []
    name = f"{message.type} {message.version}.{message.release}"
    return [report("edifact.message-not-agreed", message.segments[0].where(2, 1), value=name)]


def prepared_at(header: InterchangeHeader) -> datetime | None:
    """Return S004 as an instant, taken as UTC; None when it is no date and time."""
    date, _, time = header.prepared_at.partition(":")
    form = _FORMS.get(len(date))
    if form is None or not (date + time).isascii():
        return None
    try:
        return datetime.strptime(date + time[:4], form).replace(tzinfo=UTC)
    except ValueError:
        return None
