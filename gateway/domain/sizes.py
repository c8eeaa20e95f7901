"""Whether our records can hold what a document says: money, currencies, references.

Formats set no bounds: JSON, XML and CSV take an amount of a hundred digits and a currency of a page. One database would
keep it, another would refuse the row, and sums of it would not be exact.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any, cast, get_args

from gateway.model.delivery_schedule import ScheduleLine
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.invoice import Invoice, InvoiceLine
from gateway.model.json_keys import fields_of
from gateway.model.price_catalogue import CatalogueItem, CataloguePrice, PriceCatalogue
from gateway.model.remittance_advice import RemittanceAdvice
from gateway.model.values import Amount, DocumentRef, Quantity

MOST_DIGITS = 15  # of an amount before the point
MOST_DECIMALS = 20
LONGEST_REF, LONGEST_LINE = 200, 40  # characters of a document's and of a line's number
_FARTHEST_LEAD = 3_650  # days


def check_sizes(document: object) -> None:
    """Raise PartnerFault document.amount-unusable, document.currency-unusable or document.text-too-long for the first
    value that our records cannot hold."""
    if _checked_fields(type(document)) or type(document) in _RULES:
        _check(document, "")


def _check(part: Any, path: str) -> None:
    rule = _RULES.get(type(part))
    if rule is not None:
        rule(part, path)
    for name, key in _checked_fields(type(part)):
        inner = getattr(part, name)
        if isinstance(inner, tuple):
            for index, each in enumerate(inner):
                _check(each, f"{path}{key}[{index}].")
        elif inner is not None:
            _check(inner, f"{path}{key}.")


def _checked_fields(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return (name, JSON key) of the fields that hold what a rule is about, at any depth."""
    return _known_fields(cast(Hashable, kind))


@cache
def _known_fields(kind: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, key) for name, key, hint, _ in fields_of(kind) if any(map(_matters, _classes(hint))))


def _matters(kind: type) -> bool:
    return kind in _RULES or bool(_checked_fields(kind))


def _classes(hint: Any) -> list[type]:
    """Return the dataclasses that a type hint names."""
    if isinstance(hint, type) and is_dataclass(hint):
        return [hint]
    return [found for each in get_args(hint) for found in _classes(each)]


def check_currency(currency: str | None, path: str) -> None:
    """Raise PartnerFault document.currency-unusable for what is no ISO 4217 code; None and "" are not said."""
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise PartnerFault("document.currency-unusable", Where(path=path), value=currency[:40])


def bounded(value: Decimal, path: str) -> Decimal:
    """Return value when our records can hold it: at most MOST_DIGITS before and MOST_DECIMALS after the point.

    Raises PartnerFault document.amount-unusable.
    """
    if not value.is_finite() or value.adjusted() >= MOST_DIGITS or int(value.as_tuple().exponent) < -MOST_DECIMALS:
        raise PartnerFault("document.amount-unusable", Where(path=path), value=str(value)[:40])
    return value


def per_unit(price: Decimal, base: Quantity | None, path: str) -> Decimal:
    """Return the price of one, where price is for base (None or 0: for one), with the decimals that we can hold.

    Raises PartnerFault document.amount-unusable.
    """
    if not base or not base.value:
        return bounded(price, path)
    found = price / base.value  # to 28 digits
    beyond = found.is_finite() and int(found.as_tuple().exponent) < -MOST_DECIMALS
    return bounded(round(found, MOST_DECIMALS) if beyond else found, path)


def _amount(amount: Amount, path: str) -> None:
    bounded(amount.value, path[:-1])
    check_currency(amount.currency, f"{path}currency")


def _text(said: str | None, most: int, path: str) -> None:
    if said is not None and len(said) > most:
        raise PartnerFault("document.text-too-long", Where(path=path), value=said[:40], most=str(most))


def _reference(reference: DocumentRef, path: str) -> None:
    _text(reference.id, LONGEST_REF, f"{path}id")
    _text(reference.line, LONGEST_LINE, f"{path}line")


def _catalogue(catalogue: PriceCatalogue, path: str) -> None:
    check_currency(catalogue.currency, f"{path}currency")
    _text(catalogue.price_list, 80, f"{path}priceList")


def _catalogue_item(line: CatalogueItem, path: str) -> None:
    _text(line.item.gtin, 14, f"{path}item.gtin")
    days = line.lead_time_days
    if days is not None and not (days.is_finite() and 0 <= days <= _FARTHEST_LEAD):
        raise PartnerFault("document.amount-unusable", Where(path=f"{path}leadTimeDays"), value=str(days)[:40])


_RULES: Mapping[type, Callable[[Any, str], None]] = {
    Amount: _amount,
    DocumentRef: _reference,
    Invoice: lambda invoice, path: check_currency(invoice.currency, f"{path}currency"),
    InvoiceLine: lambda line, path: _text(line.number, LONGEST_LINE, f"{path}number"),
    RemittanceAdvice: lambda advice, path: check_currency(advice.currency, f"{path}currency"),
    ScheduleLine: lambda line, path: _text(line.location, 20, f"{path}location"),
    PriceCatalogue: _catalogue,
    CatalogueItem: _catalogue_item,
    CataloguePrice: lambda price, path: _text(price.kind, 10, f"{path}kind"),
}
