"""Our own warehouse: takes released orders as JSON, reports what it shipped, received and counted."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.demo.demand import draw
from gateway.demo.mailbox import Kept, Mailbox
from gateway.demo.outgoing import JSON, Outgoing, run_act
from gateway.demo.settings import PartnerSettings
from gateway.model.values import check_digit


class Depot:
    """Ships an order on the day after it came. It knows of goods on the way to it only when their truck arrives."""

    def __init__(self, settings: PartnerSettings, mailbox: Mailbox) -> None:
        self._settings = settings
        self._mailbox = mailbox
        self._open: dict[str, tuple[datetime, dict[str, Any]]] = {}
        self._acts = {
            "count": lambda _, now: self._count(now),
            "ship": lambda _, now: self._ship_oldest(now),
            "receive": self._receive,
        }

    def day(self, now: datetime) -> list[Outgoing]:
        due = [key for key, (came, _) in self._open.items() if came.date() < now.date()]
        return [document for key in due for document in self._ship(key, now)]

    def react(self, kept: Kept, data: bytes, at: datetime) -> list[Outgoing]:
        if kept.kind == "Order" and self._mailbox.posted(f"DespatchAdvice-{kept.key}") is None:
            order = json.loads(data)
            if order.get("function") in ("replace", "cancel"):
                self._withdraw(order["id"])
            if order.get("function") != "cancel":
                self._open[kept.key] = (at, order)
        return []

    def _withdraw(self, number: str) -> None:
        """Forget what is open of an order and of what followed it later (NUMBER-B000001): another word counts now."""
        same = re.compile(re.escape(number) + r"(-B\d{6,})?")
        self._open = {key: each for key, each in self._open.items() if not same.fullmatch(each[1]["id"])}

    def act(self, what: str, params: Mapping[str, Any], now: datetime) -> list[Outgoing]:
        return run_act(self._acts, what, params, now)

    def report(self) -> list[dict[str, Any]]:
        return []

    def _document(self, name: str, key: str, number: str, now: datetime, **body: Any) -> list[Outgoing]:
        whole = {"document": name, "schema": "1", "id": number, "issuedAt": now.isoformat(timespec="seconds"), **body}
        data = json.dumps(whole, ensure_ascii=False, indent=1).encode()
        return [Outgoing(key=key, kind=name, number=number, data=data, content_type=JSON)]

    def _count(self, now: datetime) -> list[Outgoing]:
        """The opening stock, once."""
        place = self._settings.warehouse_gln
        lines = [
            {"item": {"gtin": item.gtin}, "quantity": _pieces(item.opening), "type": "onHand", "location": place}
            for item in self._settings.items
        ]
        return self._document(
            "InventoryReport",
            "InventoryReport-opening",
            "WI-OPENING",
            now,
            reporter=_party(place),
            receiver=_party(self._settings.gateway_gln),
            lines=lines,
            at=now.isoformat(timespec="seconds"),
        )

    def _ship_oldest(self, now: datetime) -> list[Outgoing]:
        oldest = next(iter(self._open), None)
        return self._ship(oldest, now) if oldest else []

    def _ship(self, key: str, now: datetime) -> list[Outgoing]:
        _, order = self._open.pop(key)
        number = f"WD-{order['id']}"
        lines = [self._despatch_line(n, line, order, now) for n, line in enumerate(order["lines"], 1)]
        optional = {"shipTo": order["shipTo"]} if "shipTo" in order else {}
        if any(line.get("splits") for line in order["lines"]):  # for several shops: the gateway says what is packed how
            lines = [{name: said for name, said in line.items() if name != "unit"} for line in lines]
        else:
            optional["units"] = [{"id": "1", "sscc": self._sscc(key), "packageType": "201", "quantity": 1}]
        return self._document(
            "DespatchAdvice",
            f"DespatchAdvice-{key}",
            number,
            now,
            seller=order["seller"],
            buyer=order["buyer"],
            shipFrom=_party(self._settings.warehouse_gln),
            despatchAt=now.isoformat(timespec="seconds"),
            estimatedDelivery=(now.date() + timedelta(days=1)).isoformat(),
            refs={"order": {"id": order["id"]}},
            lines=lines,
            **optional,
        )

    def _despatch_line(self, n: int, line: dict[str, Any], order: dict[str, Any], now: datetime) -> dict[str, Any]:
        return {
            "number": str(n),
            "item": line["item"],
            "despatchedQuantity": line["quantity"],
            "unit": "1",
            "order": {"id": order["id"], "line": line["number"]},
            "batch": f"W{now:%y%j}",
            "bestBefore": (now.date() + timedelta(days=90)).isoformat(),
        }

    def _receive(self, truck: Mapping[str, Any], now: datetime) -> list[Outgoing]:
        """A truck stands at the ramp: truck is what the supplier says is on it."""
        lines = [
            {
                "number": str(n),
                "item": {"gtin": each["gtin"].rjust(14, "0")},
                "receivedQuantity": _pieces(each["units"]),
                "acceptedQuantity": _pieces(each["units"]),
                "despatchedQuantity": _pieces(each["units"]),
                "order": {"id": truck["order"], "line": each["line"]},
            }
            for n, each in enumerate(truck["lines"], 1)
        ]
        return self._document(
            "ReceivingAdvice",
            f"ReceivingAdvice-{truck['desadv']}",
            f"WR-{truck['desadv']}",
            now,
            receiver=_party(self._settings.warehouse_gln),
            seller=_party(truck["supplier"]),
            shipTo=_party(self._settings.warehouse_gln),
            receivedAt=now.isoformat(timespec="seconds"),
            refs={"despatchAdvice": truck["desadv"], "order": {"id": truck["order"]}},
            lines=lines,
        )

    def _sscc(self, key: str) -> str:
        body = "3" + self._settings.gateway_gln[:7] + f"{draw(self._settings.seed, key).randrange(10**9):09d}"
        return body + check_digit(body)


def _pieces(units: int) -> dict[str, str]:
    return {"value": str(units), "unit": "H87"}


def _party(gln: str) -> dict[str, Any]:
    return {"ids": [{"scheme": "0088", "value": gln}]}
