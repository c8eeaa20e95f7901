"""Rows without the groups of fields that a person may not see: prices, and what concerns persons.

Works on what views return, so that no page and no address of the API can forget it. A hidden field of a row is None; in
a document and among figures it is absent; the values of a finding about prices are dots.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from functools import wraps
from typing import Any

from gateway.model.findings import Finding
from gateway.model.json_form import camel

DOTS = "•••"

MONEY = frozenset(
    (
        "adjustment",
        "allowances",
        "amount",
        "approval_limit",
        "auto_value",
        "charges",
        "credit_limit",
        "gross",
        "limit",
        "minimum_value",
        "net",
        "paid",
        "payable",
        "prepaid",
        "price",
        "purchase_price",
        "retail_price",
        "sales_price",
        "tax",
        "taxable",
        "value_per_order",
    )
)
_ENTERED = frozenset(("expectedRevenue", "yearlyValue", "budget"))  # money in entries of registers
_MEASURES = frozenset(("monetary", "lifetime-value", "customer-value", "receivable", "portfolio", "value-class"))
_BESIDE_A_CURRENCY = frozenset(("after", "before", "open", "percent", "value"))  # money in a row with a currency
_PERSONS = frozenset(("contact", "contacts", "email", "phone"))
_ABOUT_MONEY = ("price", "amount", "total", "limit", "credit")  # in the code of a finding or a case


def is_money(name: str, siblings: frozenset[str]) -> bool:
    """Tell whether a row's field of that name holds money. siblings: the names of all its fields."""
    return name in MONEY or (name in _BESIDE_A_CURRENCY and "currency" in siblings)


def masked(value: Any, hidden: frozenset[str]) -> Any:
    """Return value as it may be seen: rows, tuples of rows, plain JSON values."""
    if isinstance(value, Finding):
        return _finding(value) if "prices" in hidden and _speaks_of_money(value.code) else value
    if is_dataclass(value) and not isinstance(value, type):
        return _row(value, hidden)
    if isinstance(value, Mapping):
        return _mapping(value, hidden)
    if isinstance(value, list):
        return [masked(each, hidden) for each in value]
    if type(value) is tuple:
        return tuple(masked(each, hidden) for each in value)
    return value


def _row(row: Any, hidden: frozenset[str]) -> Any:
    names = frozenset(each.name for each in fields(row))
    changes: dict[str, Any] = {}
    if "prices" in hidden and {"value", "parts", "until"} <= names and row.name in _MEASURES:
        return replace(row, value=None, parts={})
    for name in names:
        value = getattr(row, name)
        if "prices" in hidden and isinstance(value, Decimal) and is_money(name, names):
            changes[name] = None
        elif "prices" in hidden and name in ("before", "after") and isinstance(value, str):
            changes[name] = _told(value, hidden)
        elif "prices" in hidden and name == "tiers":
            changes[name] = ()
        elif "prices" in hidden and name == "params" and _speaks_of_money(getattr(row, "code", "")):
            changes[name] = dict.fromkeys(value, DOTS)
        elif "persons" in hidden and name in _PERSONS:
            changes[name] = None
        else:
            shown = masked(value, hidden)
            if shown is not value:
                changes[name] = shown
    return replace(row, **changes) if changes else row


def _mapping(found: Mapping[Any, Any], hidden: frozenset[str]) -> Mapping[Any, Any]:
    return {key: masked(each, hidden) for key, each in found.items() if not _hides(str(key), each, hidden)}


def _told(text: str, hidden: frozenset[str]) -> str:
    """Return what the audit tells of an entry without its money."""
    if not any(f'"{each}"' in text for each in _ENTERED):
        return text
    try:
        return json.dumps(masked(json.loads(text), hidden), ensure_ascii=False, sort_keys=True)
    except ValueError:  # cut where it was too long
        return DOTS


def _hides(key: str, value: Any, hidden: frozenset[str]) -> bool:
    if "persons" in hidden and key in _PERSONS:
        return True
    if "prices" not in hidden:
        return False
    return (
        key in _MONEY_KEYS
        or key.endswith("_value")
        or (isinstance(value, Mapping) and {"value", "currency"} <= value.keys())
    )


_MONEY_KEYS = MONEY | {camel(each) for each in MONEY} | _ENTERED


def _speaks_of_money(code: str) -> bool:
    return any(each in code for each in _ABOUT_MONEY)


def _finding(finding: Finding) -> Finding:
    params = tuple((name, DOTS) for name, _ in finding.params)
    return replace(finding, params=params, value=None if finding.value is None else DOTS)


class MaskedViews:
    """Views whose every answer is masked. Stands for them: see sight."""

    def __init__(self, views: Any, hidden: frozenset[str]) -> None:
        self._views, self._hidden = views, hidden

    @contextmanager
    def together(self) -> Iterator["MaskedViews"]:
        """Give the same over one connection: see Views.together."""
        with self._views.together() as same:
            yield MaskedViews(same, self._hidden)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._views, name)
        return _masking(found, self._hidden) if callable(found) else found


def _masking(view: Callable[..., Any], hidden: frozenset[str]) -> Callable[..., Any]:
    @wraps(view)
    def call(*args: Any, **kwargs: Any) -> Any:
        return masked(view(*args, **kwargs), hidden)

    return call
