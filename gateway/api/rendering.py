"""Rows to JSON values: camelCase keys, Decimal as text, times ISO 8601 with Z, absent fields left out."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gateway.model.json_form import camel


def iso(moment: datetime) -> str:
    """Return an instant as ISO 8601, UTC."""
    return moment.isoformat().replace("+00:00", "Z")


def jsonable(value: Any) -> Any:
    """Return rows as plain data: names in camelCase, numbers as exact text, instants in ISO 8601; None is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        found = {camel(each.name): jsonable(getattr(value, each.name)) for each in fields(value)}
        return {key: each for key, each in found.items() if each is not None}
    if isinstance(value, Mapping):
        return {str(key): jsonable(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [jsonable(each) for each in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def dumps(value: Any) -> str:
    """Return a row or rows as JSON text."""
    return json.dumps(jsonable(value), ensure_ascii=False, separators=(",", ":"))
