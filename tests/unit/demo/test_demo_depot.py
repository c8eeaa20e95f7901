"""The demo's warehouse takes back what was withdrawn, and leaves the packing of cross-dock goods to the gateway."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from demo_world import ITEMS, NOW, settings_for

from gateway.demo.depot import Depot
from gateway.demo.mailbox import Mailbox
from gateway.demo.outgoing import JSON


def an_order(number: str, units: int, function: str = "original", **line: Any) -> bytes:
    parties = {name: {"ids": [{"scheme": "0088", "value": "8"}]} for name in ("buyer", "seller")}
    one = {"number": "1", "item": {"gtin": ITEMS[0].gtin}, "quantity": {"value": str(units), "unit": "H87"}, **line}
    whole = {"document": "Order", "id": number, "issuedAt": NOW.isoformat(), "function": function, "lines": [one]}
    return json.dumps(whole | parties).encode()


def shipped(folder: Path, *orders: tuple[str, bytes]) -> dict[str, dict[str, Any]]:
    """Return what leaves on the next day, by order number."""
    box = Mailbox(folder)
    depot = Depot(settings_for("warehouse", "depot"), box)
    for key, data in orders:
        depot.react(box.keep(key, data, "Order", key, JSON, NOW, {}), data, NOW)
    sent = [json.loads(each.data) for each in depot.day(NOW + timedelta(days=1))]
    return {each["refs"]["order"]["id"]: each for each in sent}


def test_a_cancelled_order_and_what_followed_it_are_not_shipped(tmp_path: Path) -> None:
    found = shipped(
        tmp_path,
        ("k1", an_order("N1", 12)),
        ("k2", an_order("N1-B000007", 3)),
        ("k3", an_order("N10", 5)),
        ("k4", an_order("N1", 12, "cancel")),
    )
    assert list(found) == ["N10"]


def test_a_replaced_order_is_shipped_as_it_was_said_last(tmp_path: Path) -> None:
    found = shipped(tmp_path, ("k1", an_order("N1", 12)), ("k2", an_order("N1", 7, "replace")))
    assert [line["despatchedQuantity"]["value"] for line in found["N1"]["lines"]] == ["7"]


def test_goods_for_several_shops_come_without_units_others_on_a_numbered_pallet(tmp_path: Path) -> None:
    found = shipped(
        tmp_path, ("k1", an_order("N1", 12, splits=[{"location": "9521002000023"}])), ("k2", an_order("N2", 1))
    )
    assert "units" not in found["N1"]
    assert "unit" not in found["N1"]["lines"][0]
    assert len(found["N2"]["units"][0]["sscc"]) == 18
