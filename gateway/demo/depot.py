"""Our own warehouse: takes released orders as JSON, reports what it shipped, received, counted, billed, took back."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from gateway.demo import cast
from gateway.demo.demand import draw
from gateway.demo.depot_bills import (
    Billed,
    billed_lines,
    instruction,
    invoice,
    party,
    pieces,
    price_list,
)
from gateway.demo.mailbox import Kept, Mailbox
from gateway.demo.outgoing import JSON, Outgoing, run_act
from gateway.demo.settings import DemoItem, PartnerSettings
from gateway.model.values import check_digit

BACK_AFTER = timedelta(days=2)  # from the announcement of a return to the ramp


class Depot:
    """Ships an order on the day after it came. It knows of goods on the way to it only when their truck arrives."""

    def __init__(self, settings: PartnerSettings, mailbox: Mailbox) -> None:
        self._settings = settings
        self._mailbox = mailbox
        self._open: dict[str, tuple[datetime, dict[str, Any]]] = {}
        self._shipped: dict[str, tuple[date, dict[str, Any]]] = {}  # orders of customers whom we bill
        self._returns: dict[str, tuple[date, dict[str, Any]]] = {}
        self._items = (*settings.items, *(each.known() for each in cast.RANGE))
        self._acts = {
            "count": lambda _, now: self._count(now, "OPENING", settings.items),
            "recount": self._recount,
            "ship": lambda _, now: self._ship_oldest(now),
            "receive": self._receive,
        }

    def day(self, now: datetime) -> list[Outgoing]:
        due = [key for key, (came, _) in self._open.items() if came.date() < now.date()]
        found = [*self._season(now), *self._bill(now), *self._take_back(now)]
        return [*found, *(document for key in due for document in self._ship(key, now))]

    def react(self, kept: Kept, data: bytes, at: datetime) -> list[Outgoing]:
        if kept.kind == "Order":
            self._take(kept.key, json.loads(data), at)
        if kept.kind == "ReturnNotice":
            return self._instruct(json.loads(data), at)
        return []

    def _take(self, key: str, order: dict[str, Any], at: datetime) -> None:
        shipped = self._mailbox.posted(f"DespatchAdvice-{key}")
        if shipped is not None:
            self._remember(key, order, datetime.fromisoformat(shipped.queued_at))
            return
        if order.get("function") in ("replace", "cancel"):
            self._withdraw(order["id"])
        if order.get("function") != "cancel":
            self._open[key] = (at, order)

    def _remember(self, key: str, order: dict[str, Any], shipped_at: datetime) -> None:
        """Keep a shipped order that is to be billed."""
        if _gln(order["buyer"]) in self._settings.billed:
            self._shipped[key] = (shipped_at.date(), order)

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

    def _season(self, now: datetime) -> list[Outgoing]:
        """New items are on the shelf and prices are told; later one of them is dearer."""
        number = cast.day_number(self._settings.season, now.date())
        items = self._items
        if number == cast.RANGE_ON:
            new = [each.known() for each in cast.RANGE]
            return [*self._count(now, "RANGE", new), *self._prices(now, items)]
        if number == cast.PRICE_CHANGE_ON:
            dearer = [replace(each, price=cast.DEARER_PRICE) for each in items if each.wire_gtin == cast.DEARER.gtin]
            return self._prices(now, dearer)
        return []

    def _prices(self, now: datetime, items: Sequence[DemoItem]) -> list[Outgoing]:
        key, number = f"PriceCatalogue-{now.date()}", f"list:{cast.PRICE_LIST}"
        return self._document(
            "PriceCatalogue", key, number, now, **price_list(self._settings.gateway_gln, items, now.date())
        )

    def _recount(self, params: Mapping[str, Any], now: datetime) -> list[Outgoing]:
        """Count one item again, once. params: gtin (14 digits) and the units found."""
        (item,) = (each for each in self._items if each.gtin == params["gtin"])
        return self._count(now, "RECOUNT", [replace(item, opening=int(params["units"]))])

    def _count(self, now: datetime, name: str, items: Sequence[DemoItem]) -> list[Outgoing]:
        """What lies on the shelf of each item. Each name is said once."""
        place = self._settings.warehouse_gln
        lines = [
            {"item": {"gtin": item.gtin}, "quantity": pieces(item.opening), "type": "onHand", "location": place}
            for item in items
        ]
        return self._document(
            "InventoryReport",
            f"InventoryReport-{name.lower()}",
            f"WI-{name}",
            now,
            reporter=party(place),
            receiver=party(self._settings.gateway_gln),
            lines=lines,
            at=now.isoformat(timespec="seconds"),
        )

    def _ship_oldest(self, now: datetime) -> list[Outgoing]:
        oldest = next(iter(self._open), None)
        return self._ship(oldest, now) if oldest else []

    def _ship(self, key: str, now: datetime) -> list[Outgoing]:
        _, order = self._open.pop(key)
        self._remember(key, order, now)
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
            shipFrom=party(self._settings.warehouse_gln),
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
                "receivedQuantity": pieces(each["units"]),
                "acceptedQuantity": pieces(each["units"]),
                "despatchedQuantity": pieces(each.get("advised", each["units"])),
                "order": {"id": truck["order"], "line": each["line"]},
            }
            for n, each in enumerate(truck["lines"], 1)
        ]
        papers = truck["desadv"] or truck["order"]
        advice = {"despatchAdvice": truck["desadv"]} if truck["desadv"] else {}
        return self._document(
            "ReceivingAdvice",
            f"ReceivingAdvice-{papers}",
            f"WR-{papers}",
            now,
            receiver=party(self._settings.warehouse_gln),
            seller=party(truck["supplier"]),
            shipTo=party(self._settings.warehouse_gln),
            receivedAt=now.isoformat(timespec="seconds"),
            refs={**advice, "order": {"id": truck["order"]}},
            lines=lines,
        )

    # --- bills and returns ---

    def _bill(self, now: datetime) -> list[Outgoing]:
        """Invoice what left on an earlier day."""
        due = [order for shipped_on, order in self._shipped.values() if shipped_on < now.date()]
        return [
            document
            for order in due
            for document in self._invoice(f"RE-{order['id']}", _gln(order["buyer"]), self._billed(order), now)
        ]

    def _billed(self, order: Mapping[str, Any]) -> list[Billed]:
        return billed_lines(order, {each.gtin: each.price for each in self._items})

    def _invoice(
        self, number: str, buyer: str, lines: Sequence[Billed], now: datetime, credited: str = ""
    ) -> list[Outgoing]:
        key = f"Invoice-{number}"
        if self._mailbox.posted(key):
            return []
        body = invoice(self._settings.gateway_gln, buyer, lines, credited)
        return self._document("Invoice", key, number, now, **body)

    def _instruct(self, notice: dict[str, Any], at: datetime) -> list[Outgoing]:
        """Answer announced goods at once: they may come back."""
        number = notice["id"]
        self._returns[number] = (at.date(), notice)
        body = instruction(notice, self._settings.gateway_gln)
        return self._document("ReturnNotice", f"ReturnNotice-{number}", f"RI-{number}", at, **body)

    def _take_back(self, now: datetime) -> Iterator[Outgoing]:
        """Receive returned goods, of which a piece is missing, and credit them on the day after."""
        for number, (announced_on, notice) in self._returns.items():
            back_on = announced_on + BACK_AFTER
            goods = [(line, int(Decimal(line["quantity"]["value"])) - 1) for line in notice["lines"]]
            if now.date() == back_on:
                yield from self._received_back(number, notice, goods, now)
            elif now.date() > back_on:
                yield from self._credit(number, notice, goods, now)

    def _received_back(
        self, number: str, notice: Mapping[str, Any], goods: Sequence[tuple[dict[str, Any], int]], now: datetime
    ) -> list[Outgoing]:
        lines = [
            {
                "number": line["number"],
                "item": line["item"],
                "receivedQuantity": pieces(units),
                "acceptedQuantity": pieces(units),
            }
            for line, units in goods
        ]
        return self._document(
            "ReceivingAdvice",
            f"ReceivingAdvice-{number}",
            f"WR-{number}",
            now,
            receiver=party(self._settings.warehouse_gln),
            seller=party(_gln(notice["buyer"])),
            shipTo=party(self._settings.warehouse_gln),
            receivedAt=now.isoformat(timespec="seconds"),
            refs={"deliveryNote": number},
            lines=lines,
        )

    def _credit(
        self, number: str, notice: Mapping[str, Any], goods: Sequence[tuple[dict[str, Any], int]], now: datetime
    ) -> list[Outgoing]:
        """Return the credit note for what came back, at the price that was billed."""
        wanted = {(line["order"]["id"], line["order"].get("line")): units for line, units in goods}
        for _, order in self._shipped.values():
            lines = [
                replace(each, units=wanted[each.order, each.line])
                for each in self._billed(order)
                if (each.order, each.line) in wanted
            ]
            if lines:
                return self._invoice(f"GS-{number}", _gln(notice["buyer"]), lines, now, f"RE-{order['id']}")
        return []

    def _sscc(self, key: str) -> str:
        body = "3" + self._settings.gateway_gln[:7] + f"{draw(self._settings.seed, key).randrange(10**9):09d}"
        return body + check_digit(body)


def _gln(of: Mapping[str, Any]) -> str:
    """Return the GLN of a party, or nothing."""
    return next((each["value"] for each in of.get("ids", ()) if each.get("scheme") == "0088"), "")
