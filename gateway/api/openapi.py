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
from gateway.store.masking import is_money

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
            if all(each == items[0] for each in items):
                return {"type": "array", "items": items[0], "minItems": len(items), "maxItems": len(items)}
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
            hints, names = get_type_hints(kind), frozenset(each.name for each in fields(kind))
            self.named[name] = {
                "type": "object",
                "properties": {camel(each.name): self.of(hints[each.name]) for each in fields(kind)},
                "required": [
                    camel(each.name)
                    for each in fields(kind)
                    if not _optional(hints[each.name]) and not _may_be_hidden(each.name, names)
                ],
            }
        return {"$ref": f"#/components/schemas/{name}"}


def _may_be_hidden(name: str, names: frozenset[str]) -> bool:
    """Tell whether a field is absent for who may not see its group."""
    return is_money(name, names)


def _optional(kind: Any) -> bool:
    return kind is Any or NoneType in get_args(kind)


def _responses(route: Route, content: dict[str, Any]) -> dict[str, Any]:
    """Every answer: what was asked for, what the handler refuses, and what stands before each handler."""
    change = route.method != "GET"
    refusals = {413: "the body is too large"} | dict(route.responses) if change else dict(route.responses)
    if route.permission is not None:
        needed = f"needs {route.permission}" if route.permission else "not for an API key"
        refusals |= {401: "not signed in", 403: needed, 429: "too many requests: see Retry-After"}
    if change:
        refusals.setdefault(400, "bad value")
        refusals.setdefault(409, "not possible as things stand, or the same call is still running")
        refusals |= {412: "changed since (If-Match)", 422: "the Idempotency-Key belongs to another request"}
        if "{" in route.path:
            refusals.setdefault(404, "no such record")
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    done = {"description": "done" if change else "found", "content": content}
    headers: dict[str, Any] = {}
    if change:
        headers["Idempotent-Replayed"] = {"schema": {"enum": ["true"]}, "description": "the answer of the first call"}
    elif "application/json" in content:
        headers["ETag"] = {"schema": {"type": "string"}, "description": "for If-None-Match and If-Match"}
    if headers:
        done["headers"] = headers
    found = {str(route.status): done}
    if not change and "application/json" in content:
        found["304"] = {"description": "still what If-None-Match names"}
    found |= {str(code): {"description": why, "content": problem} for code, why in sorted(refusals.items())}
    return found


def _parameters(route: Route) -> list[dict[str, Any]]:
    found = [
        {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for part in route.path.split("/")
        if part.startswith("{")
    ]
    for name, meaning in route.query.items():
        schema = {"type": "integer", "minimum": 1} if name == "limit" else {"type": "string"}
        found.append({"name": name, "in": "query", "description": meaning or name, "schema": schema})
    if route.method != "GET":
        found += [{"$ref": "#/components/parameters/IdempotencyKey"}, {"$ref": "#/components/parameters/IfMatch"}]
    elif route.permission is not None:
        found.append({"$ref": "#/components/parameters/IfNoneMatch"})
    return found


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    returned = get_type_hints(route.handler).get("return", Any)
    if isinstance(returned, type) and issubclass(returned, web.StreamResponse):
        content: dict[str, Any] = {route.content_type: {"schema": {"type": "string", "format": "binary"}}}
    else:
        content = {"application/json": {"schema": schemas.of(returned)}}
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "tags": [_tag(route.path)],
        "parameters": _parameters(route),
        "responses": _responses(route, content),
        "security": [] if route.permission is None else [{"key": []}, {"session": []}],
    }
    if route.permission:
        operation["x-permission"] = route.permission
    if route.body is not None:
        needed = bool(route.body.get("required"))
        operation["requestBody"] = {"required": needed, "content": {"application/json": {"schema": route.body}}}
    elif route.streams:
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": binary}}
    return operation


def _tag(path: str) -> str:
    """Return the noun that an address is about."""
    return path.removeprefix("/api/v1/").strip("/").partition("/")[0]


_PARAMETERS: Mapping[str, Any] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A new UUID for each change. The same key again, within a day, changes nothing and gives the"
        " same answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "ETag of the record as you have read it: refused with 412 when it has changed since.",
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETag of what you have: 304 without a body when it is still that.",
        "schema": {"type": "string"},
    },
}


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """Return the whole document."""
    schemas = _Schemas()
    paths: dict[str, Any] = {}
    used: set[str] = set()
    for route in routes:
        operation = _operation(route, schemas)
        if operation["operationId"] in used:  # two areas use the same verb: the later one says which it is
            operation["operationId"] = f"{route.handler.__module__.rpartition('.')[2]}_{operation['operationId']}"
        used.add(operation["operationId"])
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gateway API",
            "version": version,
            "description": "Everything the console does: messages, problems, partners, orders, stock, accounts,"
            " planning, access. Errors are problem documents (RFC 9457) with a code and places in the file; lists are"
            " read page by page with a cursor; every change takes an Idempotency-Key.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.named,
            "parameters": dict(_PARAMETERS),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "API key"},
                "session": {"type": "apiKey", "in": "cookie", "name": "gateway_session"},
            },
        },
    }
