"""Everything that is wrong with a canonical document in JSON, by its JSON Schema: the reader stops at the first.

Only the words that gateway.schema.canonical writes are understood.
Source: JSON Schema draft 2020-12.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from gateway.model.documents import DOCUMENTS
from gateway.model.findings import Finding, Where
from gateway.schema.canonical import document_schema

FINDING_LIMIT = 50
_SHOWN = 80


@cache
def _schema(name: str) -> dict[str, Any]:
    return document_schema(name)


def check_document(tree: Mapping[str, Any], name: str) -> tuple[Finding, ...]:
    """Return what is wrong with tree as a document of that name, at most FINDING_LIMIT; () for an unknown name.

    Places are canonical paths (lines[2].quantity).
    """
    if name not in DOCUMENTS:
        return ()
    schema = _schema(name)
    found = []
    for each in _check(tree, schema, schema["$defs"], ""):
        found.append(each)
        if len(found) >= FINDING_LIMIT:
            break
    return tuple(found)


def _check(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any], path: str) -> Iterator[Finding]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    kind = schema.get("type")
    if kind == "object" and isinstance(value, Mapping):
        yield from _check_object(value, schema, definitions, path)
    elif kind == "array" and isinstance(value, list):
        for number, each in enumerate(value):
            yield from _check(each, schema["items"], definitions, f"{path}[{number}]")
    elif not _fits(value, schema):
        yield _finding("json.bad-value", path, str(value)[:_SHOWN], expected=_expected(schema))


def _check_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], definitions: Mapping[str, Any], path: str
) -> Iterator[Finding]:
    known = schema["properties"]
    for key in schema.get("required", ()):
        if value.get(key) is None:
            yield _finding("json.missing", _joined(path, key), None, key=key)
    for key, each in value.items():
        if key not in known:
            yield _finding("json.unknown-key", _joined(path, key), None, key=str(key)[:_SHOWN])
        elif each is not None:
            yield from _check(each, known[key], definitions, _joined(path, key))


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    if "const" in schema:
        return bool(value == schema["const"])
    if "enum" in schema:
        return value in schema["enum"]
    match schema.get("type"):
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "string" if "pattern" in schema and isinstance(value, int | Decimal) and not isinstance(value, bool):
            return True  # a number is taken for a decimal, though we write text
        case "string":
            return isinstance(value, str) and _is_text(value, schema)
    return False


def _is_text(value: str, schema: Mapping[str, Any]) -> bool:
    if "pattern" in schema:
        return re.fullmatch(schema["pattern"], value) is not None
    if "anyOf" not in schema:
        return True
    try:  # a date, or a date with its time
        return bool(date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value))
    except ValueError:
        return False


def _expected(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    return "decimal" if "pattern" in schema else "date" if "anyOf" in schema else str(schema.get("type", "?"))


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _finding(code: str, path: str, value: str | None, **params: str) -> Finding:
    return Finding(code=code, where=Where(path=path), params=tuple(sorted(params.items())), value=value)
