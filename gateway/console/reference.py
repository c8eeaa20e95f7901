"""The reference of the API, rendered from the same document that programs read. No third-party front end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from gateway.api.openapi import document
from gateway.api.surface import VERSION, all_routes
from gateway.console.pages import PageTable
from gateway.console.reader import Reader
from gateway.texts.api_summaries import chinese_summary

TABLE = PageTable()
_MOST_DEPTH = 4  # of an example


@dataclass(frozen=True, slots=True)
class Operation:
    """One address with a method. answer: example as JSON, None when it is no JSON. curl: a call that can be pasted."""

    id: str
    method: str
    path: str
    summary: str
    permission: str | None
    parameters: tuple[Mapping[str, Any], ...]
    fields: tuple[tuple[str, str, bool, str], ...]
    answers: tuple[tuple[str, str], ...]
    answer: str | None
    curl: str


@TABLE.get("/reference", None)
async def reference_page(reader: Reader) -> web.StreamResponse:
    described = document(all_routes(), VERSION)
    origin = f"{'https' if reader.services.settings.secure else 'http'}://{reader.request.host}"
    wanted = reader.query("q").lower()
    areas: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method, found in methods.items():
            told = chinese_summary(method, path) if reader.words.lang == "zh-CN" else None
            if not wanted or wanted in f"{method} {path} {found['summary']} {told or ''}".lower():
                shown = operation_of(method.upper(), path, found, described, origin)
                shown = replace(shown, summary=told) if told else shown
                areas.setdefault(found["tags"][0] or "-", []).append(shown)
    return reader.page("reference.html", areas=areas, wanted=wanted)


def operation_of(
    method: str, path: str, found: Mapping[str, Any], described: Mapping[str, Any], origin: str
) -> Operation:
    """Return an operation of the API as the page shows it."""
    schemas = described["components"]["schemas"]
    body = next(iter(found.get("requestBody", {}).get("content", {}).items()), None)
    answers = found["responses"]
    content = next(each.get("content", {}) for code, each in answers.items() if code.startswith("2"))
    answer = content.get("application/json")
    example = example_of(body[1]["schema"], schemas) if body and body[0] == "application/json" else None
    return Operation(
        id=found["operationId"],
        method=method,
        path=path,
        summary=found["summary"],
        permission=found.get("x-permission"),
        parameters=tuple(each for each in found["parameters"] if "name" in each),
        fields=_fields(body[1]["schema"]) if body else (),
        answers=tuple((code, each["description"]) for code, each in answers.items()),
        answer=_pretty(example_of(answer["schema"], schemas)) if answer else None,
        curl=_curl(method, origin + path, example),
    )


def _fields(schema: Mapping[str, Any]) -> tuple[tuple[str, str, bool, str], ...]:
    """Return (name, kind, needed, meaning) of the body's members."""
    needed = schema.get("required", ())
    return tuple(
        (name, _kind(each), name in needed, str(each.get("description", "")))
        for name, each in schema.get("properties", {}).items()
    )


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = str(schema.get("format") or schema.get("type") or "any")
    return f"{kind} of {_kind(schema['items'])}" if kind == "array" and "items" in schema else kind


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Any:
    """Return a value that fits schema."""
    if depth > _MOST_DEPTH:
        return "…"
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas, depth)
    kind = schema.get("type")
    if kind == "object":
        return {name: example_of(each, schemas, depth + 1) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        each: Mapping[str, Any] = schema.get("items") or next(iter(schema.get("prefixItems", ())), {})
        return [example_of(each, schemas, depth + 1)]
    plain = {"integer": 1, "boolean": True, "date-time": "2026-11-20T14:30:00Z", "date": "2026-11-20"}
    if "pattern" in schema:
        return "12.50"
    return plain.get(str(schema.get("format") or kind), "text")


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _curl(method: str, address: str, body: Any) -> str:
    parts = [f'curl -X {method} "{address}"', '-H "Authorization: Bearer $GATEWAY_KEY"']
    if method != "GET":
        parts.append('-H "Idempotency-Key: $(uuidgen)"')
    if body is not None:
        parts.append(f"-d '{json.dumps(body, ensure_ascii=False)}'")
    return " \\\n  ".join(parts)
