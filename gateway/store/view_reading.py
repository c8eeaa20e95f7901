"""Column values to the values of view_rows: times, exact numbers, stored JSON, cursors."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHERE_KEYS = frozenset(("segment", "tag", "element", "component", "offset", "line", "column", "path"))


def micros(moment: datetime) -> int:
    """Return whole microseconds since 1970-01-01T00:00:00Z, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)


def optional_moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def units(milli: int) -> Decimal:
    """Return thousandths as units without trailing zeros."""
    value = Decimal(milli) / 1000
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def optional_number(value: str | None) -> Decimal | None:
    """None for absent or unreadable numbers: a page must not fail on one bad row."""
    if value is None:
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def numbers(text: str) -> dict[str, Decimal]:
    """Return a JSON object of decimal texts as numbers; entries that are none are left out."""
    found = {name: optional_number(str(value)) for name, value in as_mapping(text).items()}
    return {name: value for name, value in found.items() if value is not None}


def as_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def as_mapping(text: str | None) -> dict[str, Any]:
    value = as_json(text)
    return value if isinstance(value, dict) else {}


def where_from(data: Any) -> Where:
    return Where(**{key: value for key, value in data.items() if key in _WHERE_KEYS}) if data else Where()


def finding_from(data: Mapping[str, Any]) -> Finding:
    """Read a stored finding; params may stand as pairs or as an object."""
    params = data.get("params") or ()
    pairs = params.items() if isinstance(params, Mapping) else params
    return Finding(
        code=data["code"],
        severity=data.get("severity", "error"),
        where=where_from(data.get("where")),
        iso=data.get("iso"),
        params=tuple((str(key), str(value)) for key, value in pairs),
        value=data.get("value"),
    )


def findings_from(text: str | None) -> tuple[Finding, ...]:
    return tuple(finding_from(each) for each in as_json(text) or ())


def optional_finding(text: str | None) -> Finding | None:
    data = as_json(text)
    return finding_from(data) if data else None


def write_cursor(at: int, row_id: str) -> str:
    return urlsafe_b64encode(f"{at}:{row_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """Raises OurFault api.bad-cursor."""
    try:
        at, _, row_id = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
        return int(at), row_id
    except (ValueError, UnicodeDecodeError):
        raise OurFault("api.bad-cursor", value=cursor) from None


def contains(text: str) -> str:
    """Return a LIKE pattern (escape character \\) that finds text anywhere."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
