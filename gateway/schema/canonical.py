"""JSON Schema of the canonical documents, made from the dataclasses of the model: they are the source, this follows."""

import json
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from gateway.model.documents import DOCUMENTS
from gateway.model.json_form import SCHEMA, key_of

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DECIMAL = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
_MOMENT = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: _DECIMAL,
}


def document_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of the canonical document of that name. Raises KeyError."""
    definitions: dict[str, Any] = {}
    body = _object(DOCUMENTS[name], definitions)
    body["properties"] = {
        "document": {"const": name},
        "schema": {"const": SCHEMA},
        **body["properties"],
    }
    body["required"] = ["document", *body.get("required", [])]
    return {"$schema": _DIALECT, "title": name, **body, "$defs": dict(sorted(definitions.items()))}


def document_schemas() -> dict[str, str]:
    """Return file name -> text for the folder schemas/canonical."""
    return {
        f"{name}.json": json.dumps(document_schema(name), indent=1, ensure_ascii=False) + "\n" for name in DOCUMENTS
    }


def _object(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    properties, required = {}, []
    for each in fields(kind):
        key = key_of(each)
        properties[key] = _type(hints[each.name], definitions)
        if each.default is MISSING and each.default_factory is MISSING:
            required.append(key)
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        found["required"] = required
    return found


def _type(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        options = [each for each in get_args(hint) if each is not type(None)]
        return dict(_MOMENT) if set(options) == {date, datetime} else _type(options[0], definitions)
    if origin is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0], definitions)}
    if origin is Literal:
        return {"enum": list(get_args(hint))}
    if is_dataclass(hint):
        name = str(getattr(hint, "__name__", hint))
        if name not in definitions:
            definitions[name] = {}  # set before its fields, so that a type may hold itself
            definitions[name].update(_object(hint, definitions))
        return {"$ref": f"#/$defs/{name}"}
    return dict(_SCALARS[hint])
