"""Lists that a partner without EDI hands over in the portal: what it has sold, what it has in stock. Their rows become
a SalesReport or an InventoryReport, the documents that EDI would bring."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gateway.domain.imports import KINDS, Column, Kind, decimal_of
from gateway.domain.parties import own_party, partner_party
from gateway.model.partner import OwnCompany, Partner
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import Item, Period, Quantity

_STOCK = {each.name: each for each in KINDS["stock"].columns}
_ITEM, _PLACE = _STOCK["gtin"], _STOCK["location"]
_FROM = next(each for each in KINDS["prices"].columns if each.name == "valid_from")


def _amount(cell: str) -> str:
    """A quantity as exact as it is written; returns may make it negative."""
    return format(decimal_of(cell), "f")


PORTAL_LISTS: Mapping[str, Kind] = {
    "sales": Kind(
        "sales",
        "sales",
        ("gtin", "location", "day"),
        (
            _ITEM,
            Column("sold", _amount, required=True, aliases=("quantity", "qty", "units", "sales", "销量", "数量")),
            replace(_FROM, name="day", default=None, aliases=("date", "sold on", "日期", "销售日期")),
            replace(_PLACE, aliases=(*_PLACE.aliases, "store", "shop", "门店")),
            Column("returned", _amount, aliases=("returns", "退货")),
        ),
    ),
    "stock": Kind(
        "stock",
        "reported_stock",
        ("gtin", "location"),
        (
            _ITEM,
            Column("on_hand", _amount, required=True, aliases=("quantity", "qty", "stock", "库存", "数量", "现有库存")),
            replace(_PLACE, aliases=(*_PLACE.aliases, "store", "shop", "门店")),
        ),
    ),
}
DOCUMENT_OF_LIST = {"sales": "SalesReport", "stock": "InventoryReport"}


def report_of(
    kind: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    number: str,
    at: datetime,
    day: date,
    partner: Partner,
    own: OwnCompany,
) -> SalesReport | InventoryReport:
    """Return the report that the rows make. day: of sales without one, and of the stock."""
    if kind == "sales":
        days = [_day(each, day) for each in rows]
        return SalesReport(
            id=number,
            issued_at=at,
            reporter=partner_party(partner),
            receiver=own_party(own),
            period=Period(start=min(days, default=day), end=max(days, default=day)),
            lines=tuple(_sold(each, on) for each, on in zip(rows, days, strict=True)),
        )
    return InventoryReport(
        id=number,
        issued_at=at,
        reporter=partner_party(partner),
        receiver=own_party(own),
        at=day,
        kind="balance",
        lines=tuple(
            InventoryLine(
                item=Item(gtin=each["gtin"]),
                quantity=Quantity(value=Decimal(each["on_hand"])),
                type="onHand",
                location=each["location"],
                at=day,
            )
            for each in rows
        ),
    )


def _day(row: Mapping[str, Any], default: date) -> date:
    return date.fromisoformat(row["day"]) if row["day"] else default


def _sold(row: Mapping[str, Any], day: date) -> SalesLine:
    return SalesLine(
        item=Item(gtin=row["gtin"]),
        location=row["location"],
        period=Period(start=day, end=day),
        sold_quantity=Quantity(value=Decimal(row["sold"])),
        returned_quantity=Quantity(value=Decimal(row["returned"])) if row["returned"] else None,
    )
