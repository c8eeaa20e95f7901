"""PriceCatalogue: items and prices a supplier offers. EDIFACT PRICAT, UBL Catalogue-2."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.model.values import AllowanceCharge, Amount, Item, Moment, Party, Period, Quantity, Tax


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePrice:
    """kind: net, gross or retail. base: the price is for so many (None: 1)."""

    kind: str
    amount: Amount
    base: Quantity | None = None
    period: Period | None = None
    minimum: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """Of one item as it is packed, each with its unit."""

    length: Quantity | None = None
    width: Quantity | None = None
    height: Quantity | None = None
    gross_weight: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueItem:
    """action: add, delete, change or unchanged. contents: how many of inner_gtin one of this item holds."""

    item: Item
    number: str | None = None
    action: str | None = None
    order_unit: str | None = None
    minimum_order: Quantity | None = None
    order_increment: Quantity | None = None
    inner_gtin: str | None = None
    contents: Quantity | None = None
    lead_time_days: Decimal | None = None
    dimensions: Dimensions | None = None
    prices: tuple[CataloguePrice, ...] = ()
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    tax: Tax | None = None
    period: Period | None = None  # in which the item is offered


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCatalogue:
    """action: original, change, replace (EDIFACT 1225); UBL: ActionCode.

    price_list: name of the list whose prices these are (EDIFACT RFF+PL); of our house's, one of our lists
    """

    id: str
    issued_at: Moment
    provider: Party
    receiver: Party
    lines: tuple[CatalogueItem, ...]
    action: str = "original"
    validity: Period | None = None
    currency: str | None = None
    price_list: str | None = None
