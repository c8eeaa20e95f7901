"""The OpenAPI 3.1 document, made from the routes and the types of the rows they return."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from aiohttp import web

from gateway.api.routes import Route
from gateway.model.json_form import camel

_PLAIN: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "description": "exact decimal number"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Any: {},
}
_PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what to do about it"},
        "code": {"type": "string"},
        "owner": {"enum": ["partner", "us", "network"]},
        "positions": {"type": "array", "items": {"type": "object"}},
    },
}


class _Schemas:
    """Named schemas, collected while types are read."""

    def __init__(self) -> None:
        self.named: dict[str, Any] = {"Problem": _PROBLEM}

    def of(self, kind: Any) -> Mapping[str, Any]:
        if kind in _PLAIN:
            return _PLAIN[kind]
        if is_dataclass(kind) and isinstance(kind, type):
            return self._record(kind)
        origin, args = get_origin(kind), get_args(kind)
        if origin is Literal:
            return {"enum": list(args)}
        if origin in (Union, UnionType):
            return self._union([each for each in args if each is not NoneType])
        if origin is tuple and (len(args) != 2 or args[1] is not Ellipsis):
            items = [self.of(each) for each in args]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        if origin in (tuple, list):
            return {"type": "array", "items": self.of(args[0])}
        return {"type": "object", "additionalProperties": self.of(args[1]) if len(args) == 2 else {}}

    def _union(self, kinds: list[Any]) -> Mapping[str, Any]:
        return self.of(kinds[0]) if len(kinds) == 1 else {"anyOf": [self.of(each) for each in kinds]}

    def _record(self, kind: type[Any]) -> Mapping[str, Any]:
        name = kind.__name__
        if name not in self.named:
            self.named[name] = {}  # stands while its own fields are read
            hints = get_type_hints(kind)
            self.named[name] = {
                "type": "object",
                "properties": {camel(each.name): self.of(hints[each.name]) for each in fields(kind)},
                "required": [camel(each.name) for each in fields(kind) if not _optional(hints[each.name])],
            }
        return {"$ref": f"#/components/schemas/{name}"}


def _optional(kind: Any) -> bool:
    return kind is Any or NoneType in get_args(kind)


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    returned = get_type_hints(route.handler).get("return", Any)
    if isinstance(returned, type) and issubclass(returned, web.StreamResponse):
        content: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    else:
        content = {"application/json": {"schema": schemas.of(returned)}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refusals = dict(route.responses)
    if route.permission:
        refusals |= {401: "not signed in", 403: f"needs {route.permission}"}
    path_names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path_names),
            *(
                {"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}}
                for name, meaning in route.query.items()
            ),
        ],
        "responses": {
            str(route.status): {"description": "done" if route.method == "POST" else "found", "content": content},
            **{str(code): {"description": why, "content": problem} for code, why in sorted(refusals.items())},
        },
        "security": [{"key": []}, {"session": []}] if route.permission else [],
    }
    if route.permission:
        operation["x-permission"] = route.permission
    if route.body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": route.body}}}
    return operation


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """Return the whole document."""
    schemas = _Schemas()
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gateway API",
            "version": version,
            "description": "Messages, parcels, orders, stock, accounts and planning of this instance.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.named,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "API key"},
                "session": {"type": "apiKey", "in": "cookie", "name": "gateway_session"},
            },
        },
    }
