"""The quick way from plain values, as JSON gives them, to dataclasses: one function for each type.

It takes nothing that gateway.model.json_form.build would refuse, and leaves to that what is wrong or only unusual.
"""

from collections.abc import Callable, Hashable
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Literal, NoReturn, Union, cast, get_args, get_origin

from gateway.model.json_keys import fields_of
from gateway.model.making import maker

_USUAL_LENGTH = 60  # characters of a number
Read = Callable[[Any], Any]  # raises ValueError, TypeError or ArithmeticError for whatever is not quite usual


@cache
def reader(kind: Any) -> Read:
    """Return how a dataclass is read from the plain values that JSON gives. What this takes, build takes too."""
    make = maker(kind)
    known: dict[str, tuple[str, Read]] = {}
    required = [name for name, _, _, needed in fields_of(kind) if needed]

    def read(data: Any) -> Any:
        if data.__class__ is not dict:
            raise TypeError(kind)
        if not known:  # now, not before: a kind may hold its own kind
            known.update({key: (name, _reader_of(hint)) for name, key, hint, _ in fields_of(kind)})
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
        return reader(cast(Hashable, hint))
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
    if len(value) > _USUAL_LENGTH or "E" in value or "e" in value:
        raise ValueError(value)
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(value)
    return number


def _read_moment(value: Any) -> date | datetime:
    if value.__class__ is not str:
        raise TypeError(value)
    return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
