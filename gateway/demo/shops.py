"""Two customers: a grocer who speaks EANCOM, and a chain of small shops that speaks UBL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from gateway.demo import edifact_texts, ubl_texts
from gateway.demo.demand import cases_to_order, draw, pick, shop_stock, units_returned, units_sold
from gateway.demo.edifact_texts import Line, Parties, Sold
from gateway.demo.mailbox import Kept
from gateway.demo.outgoing import EDIFACT, XML, Outgoing, contrl_for, envelope_for, run_act
from gateway.demo.settings import DemoItem, PartnerSettings
from gateway.model.values import check_digit

DELIVERY_DAYS = 2
OPEN_HOUR, OPEN_HOURS = 7, 13  # the shops' day, for sales reported while it runs


@dataclass(frozen=True, slots=True)
class Books:
    """What a company with shops knows: what each shop sold, and what has to be ordered for it."""

    settings: PartnerSettings
    order_every_days: int
    order_prefix: str

    def sales(self, day: date, share: float = 1.0) -> dict[str, list[Sold]]:
        """Return for each shop (item, sold, returned); share: how much of the day is over, 0 to 1."""
        seed = self.settings.seed
        found = {}
        for shop in self.settings.places:
            rows = [
                (item, int(units_sold(seed, shop, item.gtin, day) * share), units_returned(seed, shop, item.gtin, day))
                for item in self.settings.items
            ]
            found[shop] = [row if share == 1.0 else (row[0], row[1], 0) for row in rows if row[1]]
        return {shop: rows for shop, rows in found.items() if rows}

    def orders_on(self, day: date) -> bool:
        return day.toordinal() % self.order_every_days == 0 and day > self.settings.first_day

    def order_lines(self, day: date) -> list[Line]:
        """Return lines that replace what was sold since the last order, in full cases."""
        own = self.settings
        yesterday, before = day - timedelta(days=1), day - timedelta(days=1 + self.order_every_days)
        wanted = [
            (item, cases_to_order(own.seed, own.places, item, own.first_day, before, yesterday)) for item in own.items
        ]
        return self.lines([(item, cases * item.pack) for item, cases in wanted if cases])

    def lines(self, wanted: list[tuple[DemoItem, int]]) -> list[Line]:
        return [
            Line(number=str(n), gtin=item.wire_gtin, quantity=units, name=item.name, price=item.price)
            for n, (item, units) in enumerate(wanted, 1)
        ]

    def small_order(self, now: datetime) -> list[Line]:
        """Return one to four lines of a case each, for a shop that has run out of something."""
        count = draw(self.settings.seed, "small", now).randint(1, 4)
        return self.lines([(item, item.pack) for item in pick(self.settings.items, count, self.settings.seed, now)])

    def large_order(self, now: datetime) -> list[Line]:
        """Return a promotion's order: many cases of a few items, so that the supplier must be asked for a lot."""
        chosen = pick(self.settings.items, 6, self.settings.seed, "large", now)
        return self.lines([(item, item.pack * 60) for item in chosen])

    @property
    def parties(self) -> Parties:
        own = self.settings
        return Parties(buyer=own.gln, seller=own.gateway_gln, deliver_to=own.deliver_to)

    def number(self, now: datetime) -> str:
        return f"{self.order_prefix}{now:%y%m%d%H%M%S}"

    def share_of_day(self, now: datetime) -> float:
        minutes = (now.hour - OPEN_HOUR) * 60 + now.minute
        return min(0.99, max(0.05, minutes / (OPEN_HOURS * 60)))


class Grocer:
    """Orders every second day; reports sales every day and stock every Monday; answers with CONTRL."""

    every_days = 2
    prefix = "N"

    def __init__(self, settings: PartnerSettings) -> None:
        self._settings = settings
        self._books = Books(settings, self.every_days, self.prefix)
        self._acts = {
            "order": lambda _, now: self._order(now, self._books.small_order(now)),
            "large-order": lambda _, now: self._order(now, self._books.large_order(now)),
            "sales": lambda _, now: self._sales(now, now.date(), self._books.share_of_day(now)),
            "unknown-item": lambda _, now: self._unknown_item(now),
            "wrong-date": lambda _, now: self._wrong_date(now),
        }

    def day(self, now: datetime) -> list[Outgoing]:
        today, yesterday = now.date(), now.date() - timedelta(days=1)
        found = self._sales(now, yesterday) if yesterday >= self._settings.first_day else []
        if today.weekday() == 0:
            found += self._stock(now, yesterday)
        if self._books.orders_on(today):
            found += self._order(now, self._books.order_lines(today), f"{self.prefix}{today:%y%m%d}")
        return found

    def react(self, kept: Kept, data: bytes, at: datetime) -> list[Outgoing]:
        if kept.file.endswith(".edi"):
            return contrl_for(self._settings, edifact_texts.read(data), at)
        return []

    def act(self, what: str, params: Mapping[str, Any], now: datetime) -> list[Outgoing]:
        return run_act(self._acts, what, params, now)

    def report(self) -> list[dict[str, Any]]:
        return []

    def _order(self, now: datetime, lines: list[Line], number: str = "", deliver: date | str = "") -> list[Outgoing]:
        if not lines:
            return []
        number = number or self._books.number(now)
        key = f"ORDERS-{number}"
        data = edifact_texts.orders(
            envelope_for(self._settings, key, now),
            number,
            deliver or now.date() + timedelta(days=DELIVERY_DAYS),
            self._books.parties,
            lines,
        )
        return [Outgoing(key=key, kind="ORDERS", number=number, data=data, content_type=EDIFACT)]

    def _unknown_item(self, now: datetime) -> list[Outgoing]:
        """An order whose second line names an item that our item table does not hold: it parks until it does."""
        body = self._settings.items[0].wire_gtin[:7] + "99999"
        unknown = Line(number="2", gtin=body + check_digit(body), quantity=24, name="Oat bar, new", price="0.89")
        first = self._books.lines([(self._settings.items[0], self._settings.items[0].pack)])
        return self._order(now, [*first, unknown], f"N{now:%y%m%d}NEW")

    def _wrong_date(self, now: datetime) -> list[Outgoing]:
        """An order to be delivered on the 31st day of the 13th month."""
        lines = self._books.small_order(now)
        return self._order(now, lines, f"N{now:%y%m%d}DAT", f"{now:%Y}1331")

    def _sales(self, now: datetime, day: date, share: float = 1.0) -> list[Outgoing]:
        shops = self._books.sales(day, share)
        if not shops:
            return []
        number = f"S{day:%y%m%d}" if share == 1.0 else f"S{day:%y%m%d}{now:%H%M%S}"
        key = f"SLSRPT-{number}"
        data = edifact_texts.slsrpt(envelope_for(self._settings, key, now), number, day, self._books.parties, shops)
        return [Outgoing(key=key, kind="SLSRPT", number=number, data=data, content_type=EDIFACT)]

    def _stock(self, now: datetime, day: date) -> list[Outgoing]:
        own = self._settings
        rows = [(item, {shop: shop_stock(own.seed, shop, item, day) for shop in own.places}) for item in own.items]
        number = f"I{day:%y%m%d}"
        key = f"INVRPT-{number}"
        data = edifact_texts.invrpt(envelope_for(own, key, now), number, day, self._books.parties, rows)
        return [Outgoing(key=key, kind="INVRPT", number=number, data=data, content_type=EDIFACT)]


class Chain:
    """Orders every third day and reports sales every day, in UBL 2.1."""

    def __init__(self, settings: PartnerSettings) -> None:
        self._settings = settings
        self._books = Books(settings, 3, "SK-")
        self._acts = {
            "order": lambda _, now: self._order(now, self._books.small_order(now)),
            "sales": lambda _, now: self._sales(now, now.date(), self._books.share_of_day(now)),
        }

    def day(self, now: datetime) -> list[Outgoing]:
        today, yesterday = now.date(), now.date() - timedelta(days=1)
        found = self._sales(now, yesterday) if yesterday >= self._settings.first_day else []
        if self._books.orders_on(today):
            found += self._order(now, self._books.order_lines(today), f"SK-{today:%y%m%d}")
        return found

    def react(self, kept: Kept, data: bytes, at: datetime) -> list[Outgoing]:
        return []

    def act(self, what: str, params: Mapping[str, Any], now: datetime) -> list[Outgoing]:
        return run_act(self._acts, what, params, now)

    def report(self) -> list[dict[str, Any]]:
        return []

    def _order(self, now: datetime, lines: list[Line], number: str = "") -> list[Outgoing]:
        if not lines:
            return []
        number = number or self._books.number(now)
        deliver_on = now.date() + timedelta(days=DELIVERY_DAYS)
        data = ubl_texts.order(number, now, deliver_on, self._books.parties, "Stadtkette", lines)
        return [Outgoing(key=f"Order-{number}", kind="Order", number=number, data=data, content_type=XML)]

    def _sales(self, now: datetime, day: date, share: float = 1.0) -> list[Outgoing]:
        shops = self._books.sales(day, share)
        if not shops:
            return []
        number = f"PA-{day:%y%m%d}" if share == 1.0 else f"PA-{day:%y%m%d}{now:%H%M%S}"
        data = ubl_texts.product_activity(number, now, day, self._books.parties, shops)
        key = f"ProductActivity-{number}"
        return [Outgoing(key=key, kind="ProductActivity", number=number, data=data, content_type=XML)]
