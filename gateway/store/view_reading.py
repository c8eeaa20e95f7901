"""What the views need beside gateway.store.forms: exact numbers that may be bad, cursors, search patterns."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.store.forms import findings_of, moment


def optional_moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


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


def optional_finding(text: str | None) -> Finding | None:
    return findings_of(f"[{text}]")[0] if text else None


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
