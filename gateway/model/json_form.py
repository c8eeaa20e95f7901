"""Canonical JSON: documents to plain values and back, driven by the dataclasses' own types.

Keys are camelCase, absent fields are left out, Decimal is text without exponent, dates are ISO 8601.
Top keys `document` (type name) and `schema` (form version) are added to a whole document.
"""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin

from gateway.model.documents import DOCUMENTS, Document
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.json_keys import camel, fields_of, key_of
from gateway.model.json_read import reader

__all__ = ["SCHEMA", "build", "camel", "document_plain", "dumps", "from_plain", "key_of", "loads", "plain", "remember"]

SCHEMA = "1"
_MOST_DIGITS = 100  # of a number on either side of the point
_ENCODE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def plain(value: object) -> Any:
    """Return value as JSON-ready dicts, lists, text, int and bool."""
    write = _WRITERS.get(type(value))
    if write is None:
        write = _WRITERS[type(value)] = _writer_for(value)
    return write(value)


def _as_it_is(value: Any) -> Any:
    return value


def _object_writer(kind: type[Any]) -> Callable[[Any], Any]:
    named = fields_of(kind)
    keys = tuple(key for _, key, _, _ in named)
    required = frozenset(key for _, key, _, needed in named if needed)
    values = _values_of([name for name, _, _, _ in named])

    def write(value: Any) -> dict[str, Any]:
        found = {}
        for key, each in zip(keys, values(value), strict=True):
            if each is None:
                continue
            kind = each.__class__
            if kind is str:
                found[key] = each
            elif kind is not tuple or each or key in required:
                found[key] = (_WRITERS.get(kind) or plain)(each)
        return found

    return write


def _values_of(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives the attributes of those names, all at once."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple([getattr(value, name) for name in names])


def _writer_for(value: object) -> Callable[[Any], Any]:
    """Return how values of this type are written; asked once for each type there is."""
    if is_dataclass(value) and not isinstance(value, type):
        return _object_writer(type(value))
    if isinstance(value, Decimal):
        return lambda number: format(number, "f")
    if isinstance(value, date):  # datetime is a date too
        return lambda moment: moment.isoformat()
    if isinstance(value, tuple | list):
        return lambda many: [(_WRITERS.get(each.__class__) or plain)(each) for each in many]
    return _as_it_is


_WRITERS: dict[type[Any], Callable[[Any], Any]] = {str: _as_it_is, int: _as_it_is, bool: _as_it_is}


def document_plain(document: Document) -> dict[str, Any]:
    """Return a whole document with its `document` and `schema` keys."""
    return {"document": type(document).__name__, "schema": SCHEMA, **plain(document)}


def dumps(document: Document) -> str:
    """Return canonical JSON: sorted keys, no spaces, so that equal documents have equal bytes.

    The last few texts are remembered: one document is digested, kept as a record and sent on.
    """
    for known, text in _written:
        if known is document:
            return text
    text = _ENCODE(document_plain(document))
    remember(document, text)
    return text


def remember(document: Document, text: str) -> None:
    """Let dumps(document) give text for a while, without writing it again. text: what it gave for an equal document."""
    global _written
    _written = ((document, text), *_written[: _REMEMBERED - 1])  # one assignment: threads see the old or the new


_REMEMBERED = 4
_written: tuple[tuple[Document, str], ...] = ()


def loads(text: str | bytes) -> Document:
    """Parse canonical JSON. Raises PartnerFault json.* with the path of the field that is wrong."""
    try:
        data = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
        raise PartnerFault("json.syntax", Where(line=line, column=column), detail=str(error)) from None
    if not isinstance(data, dict):
        raise PartnerFault("json.not-a-document", value=str(data)[:80])
    return from_plain(data)


def from_plain(data: Mapping[str, Any]) -> Document:
    """Build the document that data names in its `document` key. Raises PartnerFault json.*."""
    name = data.get("document")
    kind = DOCUMENTS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise PartnerFault("json.not-a-document", value=str(name)[:80])
    rest = {key: value for key, value in data.items() if key not in ("document", "schema")}
    built: Document
    try:
        built = reader(cast(Hashable, kind))(rest)
    except (ValueError, TypeError, ArithmeticError):
        built = build(kind, rest)  # says what is wrong, and where; or takes what is only unusual
    return built


def build(kind: type[Any], data: object, path: str = "") -> Any:
    """Build a dataclass of kind from plain data (typed values such as Decimal and date are taken as they are).

    Raises PartnerFault json.missing, json.unknown-key or json.bad-value with the path.
    """
    if isinstance(data, kind):
        return data
    if not isinstance(data, Mapping):
        raise PartnerFault("json.bad-value", Where(path=path), value=str(data)[:80], expected=kind.__name__)
    known = {key for _, key, _, _ in fields_of(kind)}
    if unknown := next((key for key in data if key not in known), None):
        raise PartnerFault("json.unknown-key", Where(path=_join(path, str(unknown))), key=str(unknown))
    arguments = {}
    for name, key, hint, required in fields_of(kind):
        if data.get(key) is not None:
            arguments[name] = _convert(hint, data[key], _join(path, key))
        elif required:
            raise PartnerFault("json.missing", Where(path=_join(path, key)), key=key)
    return kind(**arguments)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _convert(hint: Any, value: Any, path: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        options = [each for each in get_args(hint) if each is not type(None)]
        if set(options) == {date, datetime}:
            return _moment(value, path)
        return _convert(options[0], value, path)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise PartnerFault("json.bad-value", Where(path=path), value=str(value)[:80], expected="list")
        return tuple(_convert(get_args(hint)[0], each, f"{path}[{n}]") for n, each in enumerate(value))
    if origin is Literal:
        if value not in get_args(hint):
            raise PartnerFault("json.bad-value", Where(path=path), value=str(value)[:80], expected=str(get_args(hint)))
        return value
    if is_dataclass(hint):
        return build(hint, value, path)  # type: ignore[arg-type]
    return _scalar(hint, value, path)


def _scalar(hint: Any, value: Any, path: str) -> Any:
    if hint is Decimal and isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        number = _number(value)
        if number is not None:
            return number
    elif (hint is str and isinstance(value, str)) or (hint in (int, bool) and type(value) is hint):
        return value
    raise PartnerFault(
        "json.bad-value", Where(path=path), value=str(value)[:80], expected=getattr(hint, "__name__", "value")
    )


def _number(value: str | int | Decimal) -> Decimal | None:
    """Return the number, None when it is none or would be too long to be written out: 1E+999999999 is ten characters
    here and a gigabyte in every text that is made of it."""
    if isinstance(value, str) and len(value) > 2 * _MOST_DIGITS:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_MOST_DIGITS or number.adjusted() > _MOST_DIGITS:
        return None
    return number


def _moment(value: Any, path: str) -> date | datetime:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise PartnerFault("json.bad-value", Where(path=path), value=str(value)[:80], expected="date") from None
