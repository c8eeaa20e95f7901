"""Canonical JSON: documents to plain values and back, driven by the dataclasses' own types.

Keys are camelCase, absent fields are left out, Decimal is text without exponent, dates are ISO 8601.
Top keys `document` (type name) and `schema` (form version) are added to a whole document.
"""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from types import UnionType
from typing import Any, Literal, NoReturn, Union, cast, get_args, get_origin, get_type_hints

from gateway.model.documents import DOCUMENTS, Document
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.making import maker

SCHEMA = "1"


def camel(name: str) -> str:
    """order_line -> orderLine."""
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


def key_of(each: Field[Any]) -> str:
    """Return the JSON key of a dataclass field: camelCase, or what its metadata name as `key`."""
    return str(each.metadata.get("key") or camel(each.name))


def _fields(kind: type[Any]) -> tuple[tuple[str, str, Any, bool], ...]:
    return _known_fields(cast(Hashable, kind))


@cache
def _known_fields(kind: Any) -> tuple[tuple[str, str, Any, bool], ...]:
    """Return (attribute, key, type, required) for each field of kind."""
    hints = get_type_hints(kind)
    return tuple(
        (
            each.name,
            key_of(each),
            hints[each.name],
            each.default is MISSING and each.default_factory is MISSING,
        )
        for each in fields(kind)
    )


def plain(value: object) -> Any:
    """Return value as JSON-ready dicts, lists, text, int and bool."""
    write = _WRITERS.get(type(value))
    if write is None:
        write = _WRITERS[type(value)] = _writer_for(value)
    return write(value)


def _as_it_is(value: Any) -> Any:
    return value


def _object_writer(kind: type[Any]) -> Callable[[Any], Any]:
    names = tuple((name, key, required) for name, key, _, required in _fields(kind))

    def write(value: Any) -> dict[str, Any]:
        found = {}
        for name, key, required in names:
            each = getattr(value, name)
            if each is not None and (each != () or required):
                found[key] = plain(each)
        return found

    return write


def _writer_for(value: object) -> Callable[[Any], Any]:
    """Return how values of this type are written; asked once for each type there is."""
    if is_dataclass(value) and not isinstance(value, type):
        return _object_writer(type(value))
    if isinstance(value, Decimal):
        return lambda number: format(number, "f")
    if isinstance(value, date):  # datetime is a date too
        return lambda moment: moment.isoformat()
    if isinstance(value, tuple | list):
        return lambda many: [plain(each) for each in many]
    return _as_it_is


_WRITERS: dict[type[Any], Callable[[Any], Any]] = {str: _as_it_is, int: _as_it_is, bool: _as_it_is}


def document_plain(document: Document) -> dict[str, Any]:
    """Return a whole document with its `document` and `schema` keys."""
    return {"document": type(document).__name__, "schema": SCHEMA, **plain(document)}


def dumps(document: Document) -> str:
    """Return canonical JSON: sorted keys, no spaces, so that equal documents have equal bytes."""
    return json.dumps(document_plain(document), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


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
        built = _reader(cast(Hashable, kind))(rest)
    except (ValueError, TypeError, ArithmeticError):
        built = build(kind, rest)  # says what is wrong, and where; or takes what is only unusual
    return built


Read = Callable[[Any], Any]  # raises ValueError, TypeError or ArithmeticError for whatever is not quite usual


@cache
def _reader(kind: Any) -> Read:
    """Return how a dataclass is read from the plain values that JSON gives. What this takes, build takes too."""
    make = maker(kind)
    known: dict[str, tuple[str, Read]] = {}
    required = [name for name, _, _, needed in _fields(kind) if needed]

    def read(data: Any) -> Any:
        if data.__class__ is not dict:
            raise TypeError(kind)
        if not known:  # now, not before: a kind may hold its own kind
            known.update({key: (name, _reader_of(hint)) for name, key, hint, _ in _fields(kind)})
        arguments = {}
        for key, value in data.items():
            name, convert = known.get(key) or _no_field(key)
            if value is not None:
                arguments[name] = convert(value)
        for name in required:
            if name not in arguments:
                raise ValueError(name)
        return make(arguments)

    return read


def _no_field(key: str) -> NoReturn:
    raise ValueError(key)


def _reader_of(hint: Any) -> Read:
    """Return how a field of that type is read."""
    options = [each for each in get_args(hint) if each is not type(None)]
    if get_origin(hint) in (Union, UnionType):
        return _read_moment if set(options) == {date, datetime} else _reader_of(options[0])
    if get_origin(hint) is tuple:
        return _list_reader(_reader_of(options[0]))
    if get_origin(hint) is Literal:
        return lambda value: value if value in options else _no_field(value)
    if is_dataclass(hint):
        return _reader(cast(Hashable, hint))
    return _read_decimal if hint is Decimal else _exactly(hint)


def _list_reader(read: Read) -> Read:
    def read_list(value: Any) -> tuple[Any, ...]:
        if value.__class__ is not list:
            raise TypeError(value)
        return tuple([read(each) for each in value])

    return read_list


def _exactly(kind: type[Any]) -> Read:
    def read(value: Any) -> Any:
        if value.__class__ is not kind:
            raise TypeError(value)
        return value

    return read


def _read_decimal(value: Any) -> Decimal:
    if value.__class__ is not str:
        raise TypeError(value)
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(value)
    return number


def _read_moment(value: Any) -> date | datetime:
    if value.__class__ is not str:
        raise TypeError(value)
    return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)


def build(kind: type[Any], data: object, path: str = "") -> Any:
    """Build a dataclass of kind from plain data (typed values such as Decimal and date are taken as they are).

    Raises PartnerFault json.missing, json.unknown-key or json.bad-value with the path.
    """
    if isinstance(data, kind):
        return data
    if not isinstance(data, Mapping):
        raise PartnerFault("json.bad-value", Where(path=path), value=str(data)[:80], expected=kind.__name__)
    known = {key for _, key, _, _ in _fields(kind)}
    if unknown := next((key for key in data if key not in known), None):
        raise PartnerFault("json.unknown-key", Where(path=_join(path, str(unknown))), key=str(unknown))
    arguments = {}
    for name, key, hint, required in _fields(kind):
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
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    elif (hint is str and isinstance(value, str)) or (hint in (int, bool) and type(value) is hint):
        return value
    raise PartnerFault(
        "json.bad-value", Where(path=path), value=str(value)[:80], expected=getattr(hint, "__name__", "value")
    )


def _moment(value: Any, path: str) -> date | datetime:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise PartnerFault("json.bad-value", Where(path=path), value=str(value)[:80], expected="date") from None
