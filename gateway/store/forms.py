"""Values as the tables hold them: instants, thousandths, findings, places and receipts. Pure, both directions."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Row

from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.model.places import Places, text_of
from gateway.ports.records import Receipt

AnyRow = Row[*tuple[Any, ...]]  # a result row of any width

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST_DIGITS = 15  # before the point: thousandths fit a signed 64-bit column with room for sums
_MOST_DECIMALS = 40  # as written, zeros included: a number of a million digits is not expanded
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
_NUMBERED = re.compile(r"\[\d+\]")
_PLACE_LIMIT = 120
_WHERE_FIELDS = ("segment", "tag", "element", "component", "offset", "line", "column", "path")


def micros(instant: datetime) -> int:
    """Return whole microseconds since 1970-01-01T00:00:00Z. instant must have a zone."""
    return (instant - EPOCH) // _MICROSECOND


def optional_micros(instant: datetime | None) -> int | None:
    return None if instant is None else micros(instant)


def moment(value: int) -> datetime:
    """Return the UTC instant of a column."""
    return EPOCH + timedelta(microseconds=value)


def milli(value: Decimal) -> int:
    """Return thousandths of value, exactly: Decimal's own arithmetic would round at 28 digits.

    Raises OurFault journal.quantity-not-storable for more than 3 decimals, 10**15 and more, or not a number.
    """
    text = str(value)
    if len(text) <= _LARGEST_DIGITS and text.isdigit():  # nearly always, and three times as fast
        return int(text) * 1000
    if value.is_zero():
        return 0
    if value.is_finite() and value.adjusted() < _LARGEST_DIGITS and int(value.as_tuple().exponent) > -_MOST_DECIMALS:
        numerator, denominator = value.as_integer_ratio()
        whole, rest = divmod(numerator * 1000, denominator)
        if rest == 0:
            return whole
    raise OurFault("journal.quantity-not-storable", value=str(value))


def units(value: int) -> Decimal:
    """Return thousandths as units, without trailing zeros and without an exponent."""
    whole, rest = divmod(value, 1000)
    return Decimal(whole) if rest == 0 else Decimal(value).scaleb(-3).normalize()


def dump(value: object) -> str:
    """Return compact JSON with sorted keys."""
    return _ENCODER.encode(value)


def clip(text: str | None, column: Column[Any]) -> str | None:
    """Cut foreign text to what the column holds. Only for search and display: the bytes keep the whole."""
    length: int | None = getattr(column.type, "length", None)
    return text if text is None or length is None else text[:length]


def where_plain(where: Where) -> dict[str, object]:
    found = ((name, getattr(where, name)) for name in _WHERE_FIELDS)
    return {name: value for name, value in found if value is not None}


def finding_plain(finding: Finding) -> dict[str, object]:
    """Return a finding as JSON holds it."""
    found: dict[str, object] = {"code": finding.code, "severity": finding.severity}
    if place := where_plain(finding.where):
        found["where"] = place
    if finding.iso is not None:
        found["iso"] = finding.iso
    if finding.params:
        found["params"] = [list(pair) for pair in finding.params]
    if finding.value is not None:
        found["value"] = finding.value
    return found


def _finding(data: Mapping[str, Any]) -> Finding:
    return Finding(
        code=data["code"],
        severity=data["severity"],
        where=Where(**data.get("where", {})),
        iso=data.get("iso"),
        params=tuple((name, value) for name, value in data.get("params", ())),
        value=data.get("value"),
    )


def fault_place(fault: Finding | None) -> str:
    """Return where in a document a fault lies, the same for the same mistake in another line or file: the path without
    numbers, else tag and element; "" when it is nowhere in particular."""
    if fault is None:
        return ""
    where = fault.where
    if where.path:
        return _NUMBERED.sub("[]", where.path)[:_PLACE_LIMIT]
    parts = [str(each) for each in (where.tag, where.element, where.component) if each is not None]
    return ".".join(parts)[:_PLACE_LIMIT] if where.tag else ""


def findings_text(findings: Iterable[Finding]) -> str:
    return dump([finding_plain(each) for each in findings])


def findings_of(text: str) -> tuple[Finding, ...]:
    return tuple(_finding(each) for each in json.loads(text))


def fault_text(fault: Finding | None) -> str | None:
    return None if fault is None else dump(finding_plain(fault))


def sources_text(sources: Mapping[str, Where]) -> str:
    return text_of(sources)


def sources_of(text: str) -> Places:
    return Places.from_text(text)


def receipt_bytes(receipt: Receipt | None) -> bytes | None:
    """Return status and headers as JSON, NUL, then the body as it was sent."""
    if receipt is None:
        return None
    head = dump({"status": receipt.status, "headers": [list(pair) for pair in receipt.headers]})
    return head.encode() + b"\0" + receipt.body


def receipt_of(kept: bytes | None) -> Receipt | None:
    """Return a receipt from its bytes in a row, None for none."""
    if kept is None:
        return None
    head, _, body = kept.partition(b"\0")
    data = json.loads(head)
    return Receipt(status=data["status"], headers=headers_of(data["headers"]), body=body)


def headers_of(pairs: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)
