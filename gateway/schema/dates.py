"""Hold dates (DTM C507 2380) against the format that stands beside them (2379). Warnings: what a date means is the
application's, and it says so itself where it needs one.

Source: UNTDID code list 2379, D.96A and D.01B.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from gateway.codecs.edifact_report import add, report
from gateway.model.findings import Finding
from gateway.model.tree import Segment

_FORMS = {
    "101": ("%y%m%d",),
    "102": ("%Y%m%d",),
    "201": ("%y%m%d%H%M",),
    "203": ("%Y%m%d%H%M",),
    "204": ("%Y%m%d%H%M%S",),
    "610": ("%Y%m",),
    "711": ("%Y%m%d", "%Y%m%d"),  # periods: from, to
    "713": ("%y%m%d%H%M", "%y%m%d%H%M"),
    "717": ("%y%m%d", "%y%m%d"),
    "718": ("%Y%m%d", "%Y%m%d"),
    "719": ("%Y%m%d%H%M", "%Y%m%d%H%M"),
}
_SIZES = {"%y%m%d": 6, "%Y%m%d": 8, "%y%m%d%H%M": 10, "%Y%m%d%H%M": 12, "%Y%m%d%H%M%S": 14, "%Y%m": 6}
_KNOWN_AT_MOST = 10_000
_MIDNIGHT = re.compile(r"24(00(?:00)?)\Z")


def check_dates(segments: Sequence[Segment], known: set[bytes], findings: list[Finding]) -> None:
    """Report dates that do not exist or are written in another format than they say.

    known: raw segments that were right, of interchanges with the same marks; it is added to, since the same few dates
    stand in nearly every message of a sender.
    """
    for segment in segments:
        if segment.tag == "DTM" and segment.raw not in known:
            value, form = segment.get(1, 2), segment.get(1, 3)
            if value and not is_date(value, form):
                where = segment.where(1, 2)
                add(findings, report("edifact.date-invalid", where, value=value, format=form))
            elif len(known) < _KNOWN_AT_MOST and segment.raw.isascii():
                known.add(segment.raw)


def is_date(value: str, form: str) -> bool:
    """Tell whether value is a date or period in the format of code list 2379; True for formats that are not known."""
    forms = _FORMS.get(form)
    if forms is None:
        return True
    digits = value.replace("-", "", 1) if len(forms) == 2 else value
    if not (digits.isascii() and digits.isdigit()) or len(digits) != sum(_SIZES[each] for each in forms):
        return False
    at = 0
    for each in forms:
        part = (
            _MIDNIGHT.sub(r"00\1", digits[at : at + _SIZES[each]]) if "%H" in each else digits[at : at + _SIZES[each]]
        )
        at += _SIZES[each]
        try:
            datetime.strptime(part, each)  # noqa: DTZ007 - whether it exists is all that is asked
        except ValueError:
            return False
    return True
