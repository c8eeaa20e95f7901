"""What our house says beside shipping: the price list, invoices and credit notes, what happens with returned goods.

Canonical JSON, as the depot sends it. Prices are in EUR; quantities in pieces.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gateway.demo.settings import DemoItem

CENT = Decimal("0.01")
TAX = Decimal("0.07")


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """A line of an invoice. order, line: of the customer; price: net per piece."""

    order: str
    line: str
    gtin: str
    units: int
    price: Decimal


def pieces(units: int) -> dict[str, str]:
    return {"value": str(units), "unit": "H87"}


def party(gln: str) -> dict[str, Any]:
    return {"ids": [{"scheme": "0088", "value": gln}]}


def _euro(value: Decimal) -> dict[str, str]:
    return {"value": str(value), "currency": "EUR"}


def customers_order(number: str) -> str:
    """Return the customer's number of an order that the gateway told the warehouse: NUMBER-B000001 follows NUMBER."""
    return number.partition("-B0")[0]


def billed_lines(order: Mapping[str, Any], prices: Mapping[str, str]) -> list[Billed]:
    """Return what is billed of a shipped order: at the confirmed price where it names one, else by our prices."""
    number = customers_order(order["id"])
    return [
        Billed(
            order=number,
            line=line["number"],
            gtin=line["item"]["gtin"],
            units=int(Decimal(line["quantity"]["value"])),
            price=Decimal(line.get("price", {}).get("net", {}).get("value") or prices[line["item"]["gtin"]]),
        )
        for line in order["lines"]
    ]


def invoice(seller: str, buyer: str, lines: Sequence[Billed], credited: str = "") -> dict[str, Any]:
    """Return the body of an invoice (380), or of the credit note (381) for the invoice credited."""
    net = sum((line.units * line.price for line in lines), Decimal(0)).quantize(CENT)
    tax = (net * TAX).quantize(CENT, ROUND_HALF_UP)
    rows = [
        {
            "number": str(n),
            "item": {"gtin": line.gtin},
            "quantity": pieces(line.units),
            "price": {"net": _euro(line.price)},
            "amount": _euro((line.units * line.price).quantize(CENT)),
            "order": {"id": line.order, "line": line.line},
        }
        for n, line in enumerate(lines, 1)
    ]
    sums = {"lines": net, "taxable": net, "tax": tax, "gross": net + tax, "payable": net + tax}
    return {
        "typeCode": "381" if credited else "380",
        "currency": "EUR",
        "seller": party(seller),
        "buyer": party(buyer),
        "refs": {"order": {"id": lines[0].order}} | ({"invoice": {"id": credited}} if credited else {}),
        "lines": rows,
        "taxes": [{"type": "VAT", "category": "S", "percent": "7", "amount": _euro(tax), "base": _euro(net)}],
        "totals": {name: _euro(value) for name, value in sums.items()},
    }


def price_list(owner: str, items: Sequence[DemoItem], day: date) -> dict[str, Any]:
    """Return the body of a price list of ours that holds from day on."""
    lines = [
        {
            "item": {"gtin": each.gtin},
            "prices": [
                {
                    "kind": "net",
                    "amount": {"value": each.price, "currency": "EUR"},
                    "period": {"start": day.isoformat(), "end": "2099-12-31"},
                }
            ],
        }
        for each in items
    ]
    return {"provider": party(owner), "receiver": party(owner), "currency": "EUR", "lines": lines}


def instruction(announcement: Mapping[str, Any], seller: str) -> dict[str, Any]:
    """Return the body of our answer to announced goods: send them back."""
    lines = [
        {"number": line["number"], "item": line["item"], "quantity": line["quantity"], "instruction": "return"}
        for line in announcement["lines"]
    ]
    about = {"kind": "instruction", "announcement": {"id": announcement["id"]}}
    return {**about, "buyer": announcement["buyer"], "seller": party(seller), "lines": lines}
