"""Which parameters hold for an item at a place: what is set for it, else what its agreement says."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from gateway.domain.replenishment.facts import StockCount
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.partner import ItemRecord
from gateway.model.planning import PlanParameters
from gateway.model.values import has_valid_check_digit

RULES = ("order-up-to", "min-max", "reorder-lot", "reorder-up-to")
MEASURES = ("fill-rate", "cycle-service", "least-stock")
AMOUNTS = ("lot", "minimum", "maximum", "presentation", "capacity", "layer", "pallet", "minimum_order")
SHARES = ("service", "round_up", "round_down", "trigger")
MODELS = ("auto", "level", "tsb", "sba")
ITEMS = ("like", "predecessor")
NAMES = ("rule", "measure", "model", "frozen", "shelf_life_days", "factor", *ITEMS, *AMOUNTS, *SHARES)
LARGEST = Decimal(10) ** 9
_PARTNERS = {"min": "minimum", "max": "maximum"}  # of a stock report (97, 98)


def check(name: str, value: str) -> None:
    """Raise OurFault plan.parameter-unknown or plan.parameter-wrong for what cannot be set."""
    if name not in NAMES:
        raise OurFault("plan.parameter-unknown", Where(path="name"), value=name[:80], known=", ".join(NAMES))
    try:
        _read(name, value)
    except (ValueError, InvalidOperation):
        raise OurFault("plan.parameter-wrong", Where(path="value"), value=value[:80], name=name) from None


def _read(name: str, value: str) -> object:
    if name == "rule" and value in RULES:
        return value
    if name == "measure" and value in MEASURES:
        return value
    if name == "model" and value in MODELS:
        return value
    if name in ITEMS:
        return _gtin(value)
    if name == "factor" and 0 < Decimal(value) <= LARGEST:
        return Decimal(value)
    if name == "frozen" and value in ("true", "false"):
        return value == "true"
    if name == "shelf_life_days" and value.isascii() and value.isdigit() and 0 < int(value) < 10_000:
        return int(value)
    if name in AMOUNTS or name in SHARES:
        number = Decimal(value)
        highest = Decimal(1) if name in SHARES else LARGEST
        if number.is_finite() and 0 <= number <= highest and not (name == "service" and not 0 < number < 1):
            return number
    raise ValueError(value)


def _gtin(value: str) -> str:
    """Raises ValueError."""
    found = value.rjust(14, "0")
    if len(found) != 14 or not has_valid_check_digit(found):
        raise ValueError(value)
    return found


def effective(agreed: PlanParameters, own: Mapping[str, str], stock: tuple[StockCount, ...] = ()) -> PlanParameters:
    """Return the parameters that count. own was checked when it was set.

    Under the rule min-max the levels that the partner's newest stock report names count where nothing is set for them.
    """
    values: dict[str, object] = {name: _read(name, value) for name, value in own.items()}
    found = replace(agreed, **values)  # type: ignore[arg-type]
    if found.rule != "min-max":
        return found
    told: dict[str, object] = {}
    for each in stock:  # the newest first
        name = _PARTNERS.get(each.type)
        if name is not None and name not in values:
            told.setdefault(name, each.quantity)
    return replace(found, **told)  # type: ignore[arg-type]


def pack_of(item: ItemRecord) -> Decimal:
    """Return the units of one case; one where the master data says nothing usable."""
    return item.pack if item.pack > 0 else Decimal(1)
