"""Canonical JSON as a codec: bytes to a plain dict and back (the form itself is gateway.model.json_form)."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from gateway.codecs.json_places import JsonText, pointer_of, steps_of
from gateway.model import json_form
from gateway.model.documents import Document
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where

SIZE_LIMIT_BYTES = 50_000_000
_UNKEPT = re.compile("[\0\ud800-\udfff]")
_MAY_BE_UNKEPT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]|\0")  # escaped, raw, or in UTF-16


def decode(data: bytes | Iterable[bytes], *, size_limit_bytes: int = SIZE_LIMIT_BYTES) -> dict[str, Any]:
    """Parse a JSON object.

    Raises PartnerFault json.syntax, json.too-large, json.not-a-document, or json.bad-value for a text with NUL or half
    a surrogate pair, which JSON can say and neither UTF-8 nor every database can hold.
    """
    whole = bytearray()
    for chunk in (data,) if isinstance(data, bytes) else data:
        whole += chunk
        if len(whole) > size_limit_bytes:
            raise PartnerFault("json.too-large", limit=str(size_limit_bytes))
    try:
        found = json.loads(bytes(whole), parse_float=Decimal, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
        raise PartnerFault("json.syntax", Where(line=line, column=column), detail=str(error)[:200]) from None
    if _MAY_BE_UNKEPT.search(whole):
        _check_texts(found)
    if not isinstance(found, dict):
        raise PartnerFault("json.not-a-document", value=str(found)[:80])
    return found


def _check_texts(tree: Any) -> None:
    """Refuse texts and keys that cannot be kept. Raises PartnerFault json.bad-value."""
    waiting: list[tuple[str, Any]] = [("", tree)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and _UNKEPT.search(value):
            raise PartnerFault("json.bad-value", Where(path=path), value=ascii(value)[:80], expected="text")
        if isinstance(value, dict):
            for key, inner in value.items():
                waiting += [(path, key), (f"{path}.{key}" if path else key, inner)]
        elif isinstance(value, list):
            waiting += [(f"{path}[{number}]", inner) for number, inner in enumerate(value)]


def with_places(findings: Iterable[Finding], data: bytes) -> tuple[Finding, ...]:
    """Return findings about canonical places (lines[2].quantity) with line, column and JSON Pointer in data."""
    text = None
    placed = []
    for each in findings:
        if each.where.path and each.where.line is None:
            text = text or JsonText(data.decode(json.detect_encoding(data), "replace"))
            line, column = text.place(steps_of(each.where.path))
            params = tuple(sorted({**dict(each.params), "pointer": pointer_of(each.where.path)}.items()))
            each = replace(each, where=replace(each.where, line=line, column=column), params=params)
        placed.append(each)
    return tuple(placed)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse repeated keys: two readers would understand two different documents."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [key for key, _ in pairs]
        repeated = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"repeated key {repeated!r}")
    return found


def encode(document: Document) -> bytes:
    """Return canonical JSON in UTF-8: equal documents have equal bytes."""
    return json_form.dumps(document).encode()
