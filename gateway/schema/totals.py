"""Hold control totals (CNT) and amounts (MOA) of a message against what came. Always warnings: totals are the
application's, and partners differ in what they count.

Source: UNTDID code lists 6069 (control qualifier) and 5025 (monetary amount type), D.96A and D.01B.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from gateway.codecs.edifact_report import add, report
from gateway.codecs.envelope import RawMessage
from gateway.model.findings import Finding
from gateway.model.tree import Group, Segment

_NUMBER = re.compile(r"-?[0-9]{1,18}(?:[.,][0-9]{1,18})?\Z")
_CONTROLS = 16  # as many are looked at: each goes through the whole message, and there are few qualifiers
_LINE_TOTAL, _LINES_TOTAL = "203", "79"
_INVOICE_TOTAL, _TAXABLE, _TAXES = "77", "125", ("124", "176")


def check_totals(message: RawMessage, tree: Group, findings: list[Finding]) -> None:
    """Report totals that do not fit: CNT 1 (sum of quantities), 2 (line items), 3 (lines and sub-lines), 4 (invoice
    lines), 11 (packages); MOA 79 (sum of line amounts) and 77 (taxable amount and tax). What cannot be told, because
    values are missing or several kinds are mixed, is left alone."""
    controls = [each for each in tree.children if isinstance(each, Segment) and each.tag == "CNT"]
    for child in controls[:_CONTROLS]:
        _control(child, message, findings)
    amounts = [each.get(1, 1) for each in message.segments if each.tag == "MOA"]
    if _LINES_TOTAL in amounts or _INVOICE_TOTAL in amounts:
        _amounts(tree, findings)


def _control(segment: Segment, message: RawMessage, findings: list[Finding]) -> None:
    segments = message.segments
    match segment.get(1, 1):
        case "1":
            _compare(segment, "QTY", _quantities(segments), findings)
        case "2" | "4":
            _compare(segment, "LIN", _lines(message), findings)
        case "3":
            _compare(segment, "LIN", Decimal(sum(each.tag == "LIN" for each in segments)), findings)
        case "11":
            _compare(segment, "PAC", _sum(each.get(1) for each in segments if each.tag == "PAC"), findings)


def _lines(message: RawMessage) -> Decimal:
    """Count line items. LIN C829.5495 = 1, in the fourth element, marks a sub-line."""
    mark = message.marks.element.encode("latin-1")
    found = [each for each in message.segments if each.tag == "LIN"]
    return Decimal(len(found) - sum(each.raw.count(mark) > 3 and each.get(4, 1) == "1" for each in found))


def _quantities(segments: tuple[Segment, ...]) -> Decimal | None:
    """The sum of QTY behind the first LIN, None when they are of several kinds."""
    start = next((place for place, each in enumerate(segments) if each.tag == "LIN"), len(segments))
    found = [each for each in segments[start:] if each.tag == "QTY"]
    return _sum(each.get(1, 2) for each in found) if len({each.get(1, 1) for each in found}) == 1 else None


def _amounts(tree: Group, findings: list[Finding]) -> None:
    """Amounts stand in the lines (groups opened by LIN) or outside them, for the whole message."""
    lines: list[list[Segment]] = []
    outside: dict[str, list[Segment]] = {}
    for child in tree.children:
        if isinstance(child, Group) and child.trigger.tag == "LIN":
            lines.append([each for each in child.segments() if each.tag == "MOA" and each.get(1, 1) == _LINE_TOTAL])
        else:
            for each in child.segments() if isinstance(child, Group) else (child,):
                if each.tag == "MOA":
                    outside.setdefault(each.get(1, 1), []).append(each)
    charged = any(each.tag == "ALC" for each in tree.segments())  # partners differ in whether 203 has them in it
    if lines and not charged and all(len(each) == 1 for each in lines):
        expected = _sum(each.get(1, 2) for (each,) in lines)
        for segment in outside.get(_LINES_TOTAL, ()):
            _compare(segment, f"MOA+{_LINE_TOTAL}", expected, findings)
    taxable = outside.get(_TAXABLE, [])
    taxes = [each for kind in _TAXES for each in outside.get(kind, ())]
    if len(taxable) == len(taxes) == 1:
        expected = _sum(each.get(1, 2) for each in (*taxable, *taxes))
        for segment in outside.get(_INVOICE_TOTAL, ()):
            _compare(segment, f"MOA+{_TAXABLE} + MOA+{taxes[0].get(1, 1)}", expected, findings)


def _sum(values: Iterable[str] | Iterator[str]) -> Decimal | None:
    """Return the sum, None when a value is no number or there is none."""
    total, empty = Decimal(0), True
    for value in values:
        if not _NUMBER.match(value):
            return None
        total, empty = total + Decimal(value.replace(",", ".")), False
    return None if empty else total


def _compare(segment: Segment, what: str, expected: Decimal | None, findings: list[Finding]) -> None:
    said = segment.get(1, 2)
    if expected is None or (_NUMBER.match(said) and Decimal(said.replace(",", ".")) == expected):
        return
    found = format(expected.normalize(), "f")
    where = segment.where(1, 2)
    add(findings, report("edifact.total-mismatch", where, value=said, tag=segment.tag, what=what, found=found))
