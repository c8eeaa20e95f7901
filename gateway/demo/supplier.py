"""Suppliers: the usual one confirms our orders, sometimes short or a day later, and sends the goods with an advice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from gateway.demo import edifact_texts
from gateway.demo.demand import draw
from gateway.demo.edifact_texts import Line, Parties, ReadOrder
from gateway.demo.mailbox import Kept, Mailbox
from gateway.demo.outgoing import EDIFACT, Outgoing, contrl_for, envelope_for, run_act
from gateway.demo.settings import PartnerSettings
from gateway.model.values import check_digit

HANDLING_DAYS = 1  # from order to despatch
ROAD_DAYS = 1  # from despatch to our ramp
SHORT_SHARE = 0.06  # of the lines
LATE_SHARE = 0.10  # of the orders
LINES_PER_PALLET = 8
LOST_SHARE = 0.5  # of the trucks of the one that is always short: a piece less than its papers say


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    order: ReadOrder
    lines: tuple[Line, ...]
    despatch_on: date


class Supplier:
    """On ORDERS: CONTRL and ORDRSP at once, DESADV on the day of despatch."""

    always_short = False
    advises = True

    def __init__(self, settings: PartnerSettings, mailbox: Mailbox) -> None:
        self._settings = settings
        self._mailbox = mailbox
        self._open: dict[str, OpenOrder] = {}
        self._trucks: list[dict[str, Any]] = []
        self._unadvised: list[dict[str, Any]] = []  # trucks that left without papers; after a start they leave again
        self._packs = {item.gtin.lstrip("0"): item.pack for item in settings.items}
        self._numbers = {item.gtin.lstrip("0"): item.supplier_item for item in settings.items}
        self._acts = {
            "despatch": lambda _, now: self._despatch_oldest(now),
            "trucks": lambda _, now: self._recall_trucks(),
        }

    def day(self, now: datetime) -> list[Outgoing]:
        due = [each for each in self._open.values() if each.despatch_on <= now.date()]
        return [document for each in due for document in self._despatch(each, now)]

    def react(self, kept: Kept, data: bytes, at: datetime) -> list[Outgoing]:
        if not kept.file.endswith(".edi"):
            return []
        received = edifact_texts.read(data)
        answers = contrl_for(self._settings, received, at)
        if received.kind == "ORDERS":
            answers += self._answer(edifact_texts.read_order(received), at)
        return answers

    def act(self, what: str, params: Mapping[str, Any], now: datetime) -> list[Outgoing]:
        return run_act(self._acts, what, params, now)

    def report(self) -> list[dict[str, Any]]:
        trucks, self._trucks = self._trucks, []
        return trucks

    def _answer(self, order: ReadOrder, at: datetime) -> list[Outgoing]:
        luck = draw(self._settings.seed, "order", order.number)
        late = 1 if luck.random() < LATE_SHARE else 0
        despatch_on = at.date() + timedelta(days=HANDLING_DAYS + late)
        lines = tuple(self._confirmed(number, gtin, units, luck.random()) for number, gtin, units in order.lines)
        if self._mailbox.posted(f"DESADV-{order.number}") is None:
            self._open[order.number] = OpenOrder(order=order, lines=lines, despatch_on=despatch_on)
        key = f"ORDRSP-{order.number}"
        data = edifact_texts.ordrsp(
            envelope_for(self._settings, key, at),
            f"C-{order.number}",
            order.number,
            despatch_on + timedelta(days=ROAD_DAYS),
            self._parties(order),
            lines,
        )
        return [Outgoing(key=key, kind="ORDRSP", number=f"C-{order.number}", data=data, content_type=EDIFACT)]

    def _confirmed(self, number: str, gtin: str, units: int, luck: float) -> Line:
        plain = gtin.lstrip("0")
        pack = self._packs.get(plain, 1)
        known = plain in self._packs
        confirmed = units if known else 0
        if known and self.always_short:
            confirmed = units - units // 10 - 1
        elif known and luck < SHORT_SHARE and units >= 2 * pack:
            confirmed = max(pack, units // 2 // pack * pack)
        answer = "5" if confirmed == units else "3" if confirmed else "7"
        return Line(
            number=number,
            gtin=gtin,
            quantity=units,
            confirmed=confirmed,
            answer=answer,
            supplier_item=self._numbers.get(plain, ""),
        )

    def _parties(self, order: ReadOrder) -> Parties:
        return Parties(buyer=order.buyer, seller=self._settings.gln, deliver_to=order.deliver_to)

    def _despatch_oldest(self, now: datetime) -> list[Outgoing]:
        oldest = next(iter(self._open.values()), None)
        return self._despatch(oldest, now) if oldest else []

    def _despatch(self, due: OpenOrder, now: datetime) -> list[Outgoing]:
        order = due.order.number
        self._open.pop(order, None)
        batch = f"L{now:%y%j}"
        goods = [
            Line(
                number=str(n),
                gtin=line.gtin,
                quantity=line.confirmed or 0,
                order_line=line.number,
                batch=batch,
                best_before=now.date() + timedelta(days=180),
            )
            for n, line in enumerate((line for line in due.lines if line.confirmed), 1)
        ]
        if not goods:
            return []
        arrives_on = now.date() + timedelta(days=ROAD_DAYS)
        if not self.advises:
            papers = [{"line": line.order_line, "gtin": line.gtin, "units": line.quantity} for line in goods]
            truck = {"desadv": "", "order": order, "arrives_on": arrives_on.isoformat(), "lines": papers}
            self._trucks.append({"supplier": self._settings.gln, **truck})
            self._unadvised.append(self._trucks[-1])
            return []
        number, key = f"D-{order}", f"DESADV-{order}"
        units = {
            self._sscc(order, start): goods[start : start + LINES_PER_PALLET]
            for start in range(0, len(goods), LINES_PER_PALLET)
        }
        data = edifact_texts.desadv(
            envelope_for(self._settings, key, now), number, order, arrives_on, self._parties(due.order), units
        )
        self._trucks.append(self._truck(data))
        return [Outgoing(key=key, kind="DESADV", number=number, data=data, content_type=EDIFACT)]

    def _truck(self, data: bytes) -> dict[str, Any]:
        """Return what stands on the truck of a DESADV: units as loaded, advised as the driver's papers say."""
        papers = edifact_texts.read_despatch(edifact_texts.read(data))
        papers["lines"] = [{**line, "advised": line["units"]} for line in papers["lines"]]
        if self.always_short and draw(self._settings.seed, "lost", papers["order"]).random() < LOST_SHARE:
            papers["lines"][0]["units"] -= 1
        return {"supplier": self._settings.gln, **papers}

    def _recall_trucks(self) -> list[Outgoing]:
        """Report every truck that ever left once more: for a scene that has lost count."""
        sent = [each for each in self._mailbox.sent() if each.kind == "DESADV"]
        self._trucks = [*(self._truck(self._mailbox.data_of(each)) for each in sent), *self._unadvised]
        return []

    def _sscc(self, order: str, start: int) -> str:
        serial = draw(self._settings.seed, "sscc", order, start).randrange(10**9)
        body = "3" + self._settings.gln[:7] + f"{serial:09d}"
        return body + check_digit(body)


class ShortSupplier(Supplier):
    """Confirms a tenth and a piece less of every line, and now and then loads a piece less than it advises."""

    always_short = True


class MuteSupplier(Supplier):
    """Sends the goods without a despatch advice. After a start every truck leaves once more; the ramp knows them."""

    advises = False
