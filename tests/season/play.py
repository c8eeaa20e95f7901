"""Thirty days, from a Monday in March over the clock change into April."""

import random
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.journeys import month_papers
from tests.season import papers as odd
from tests.season.actors import Customer, House, Supplier, Truck, digits
from tests.season.cast import (
    CUSTOMERS,
    EVERYBODY,
    HOUSE,
    ITEMS,
    MODERN,
    MUTE,
    ODD,
    OURS,
    REGULAR,
    SHORT,
    SILENT,
    SUPPLIERS,
    WEB,
)
from tests.season.instance import Instance
from tests.season.post import Post

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2027, 3, 8)
PRICE_CHANGE, SILENCE_FROM, PROMOTION, RETURN_ON, COUNT_ON, KILL_ON = 10, 12, range(14, 19), 16, 19, 21
PAPER, PENNE, RICE = ITEMS[6].gtin, ITEMS[8].gtin, ITEMS[4].gtin


LOOKED_AT_S = 3.0  # real time in which the gateway has surely looked at its clock


class Season:
    """The whole world. tell: hears a line for each day; instance: another than the usual one."""

    def __init__(
        self, folder: Path, gateway: str, seed: int, tell: Callable[[str], None], instance: Instance | None = None
    ) -> None:
        self.instance = instance or Instance(folder, gateway)
        self._tell = tell
        self.chance = random.Random(seed)
        self.day = FIRST
        self.instance.make(self._at(5, 0))
        self.mailboxes = folder / "mailboxes"
        self.posts = {
            player.id: Post(player, self.mailboxes / player.id, self.instance.ports[player.id], self._now)
            for player in EVERYBODY
        }
        for player in EVERYBODY:
            post = self.posts[player.id]
            post.doors, post.token = self.instance.doors, self.instance.tokens.get(player.id, "")
            if player.line == "as2":
                post.as2 = self.instance.as2_settings(player)
        self.trucks: list[Truck] = []
        self.customers = {each.id: Customer(each, self.posts[each.id], self.chance) for each in CUSTOMERS}
        self.suppliers = {
            each.id: Supplier(each, self.posts[each.id], self.trucks, short=each is SHORT, tells=each is not MUTE)
            for each in SUPPLIERS
        }
        self.house = House(self.posts[HOUSE.id])
        self._back = ("", "")  # item and order line of what is sent back
        self.refused = 0  # orders that were counted wrongly

    def _now(self) -> str:
        return self.instance.now.astimezone(ZoneInfo("UTC")).isoformat()  # papers are sorted by it

    def _at(self, hour: int, minute: int) -> datetime:
        return datetime.combine(self.day, datetime.min.time(), BERLIN).replace(hour=hour, minute=minute)

    def play(self, days: int) -> None:
        self.instance.start()
        time.sleep(LOOKED_AT_S)  # what is due on the first morning is written down before the clock goes on
        for number in range(days):
            self.day = FIRST + timedelta(days=number)
            self._early(number)
            if self.day.weekday() != 6:
                self._warehouse(number)
                self._offices(number)
                self._buying()
            if number == KILL_ON:
                self.instance.kill()
            self._tell(f"{self.day} {self.day:%a}: day {number + 1} of {days}")
        self._everybody_reads()

    def close(self) -> None:
        self.instance.stop()
        for post in self.posts.values():
            post.close()

    # --- a day ---

    def _early(self, number: int) -> None:
        """Half past five: yesterday's sales come in."""
        self.instance.set_clock(self._at(5, 30).astimezone(ZoneInfo("UTC")))
        if number == 0:
            self.house.count([each.gtin for each in ITEMS], self.day)
            self._prices("2.19")
            return
        yesterday = self.day - timedelta(days=1)
        for each in self.customers.values():
            if each.player is SILENT and number > SILENCE_FROM:
                continue
            if each.player is ODD:
                if number % 4 == 0:  # four days in one morning, late
                    for late in range(4, 0, -1):
                        self._sales(each, self.day - timedelta(days=late), number)
                continue
            self._sales(each, yesterday, number)
        self.instance.settle()

    def _sales(self, customer: Customer, about: date, number: int) -> None:
        lines = [(each.gtin, self.chance.randint(0, 4)) for each in ITEMS]
        if number - 1 in PROMOTION:
            lines = [(gtin, units * 3 if gtin == PAPER else units) for gtin, units in lines]
        key, text = customer.sales(about, [each for each in lines if each[1]])
        customer.send("SalesReport", text, key)

    def _prices(self, rice: str) -> None:
        """Our list RETAIL from today on."""
        rows = [
            {
                "item": {"gtin": each.gtin.zfill(14)},
                "prices": [
                    {
                        "kind": "net",
                        "amount": {"value": rice if each.gtin == RICE else each.sales, "currency": "EUR"},
                        "period": {"start": self.day.isoformat(), "end": "2099-12-31"},
                    }
                ],
            }
            for each in ITEMS
        ]
        us = month_papers.party(OURS)
        day = self.day.isoformat()
        text = month_papers.house(
            "PriceCatalogue", "list:RETAIL", day, provider=us, receiver=us, currency="EUR", lines=rows
        )
        self.house.say("PR", lambda number: text)

    def _warehouse(self, number: int) -> None:
        """Eight o'clock: trucks come, what is ordered leaves, what left yesterday is billed."""
        self.instance.set_clock(self._at(8, 0).astimezone(ZoneInfo("UTC")))
        self.house.read_post()
        self.house.bill(self.day)
        for truck in [each for each in self.trucks if each.due <= self.day]:
            self.house.receive(truck, self.day)
            self.trucks.remove(truck)
        if number == COUNT_ON:
            self.house.shelf[PENNE] -= 3
            self.house.count([PENNE], self.day)
        if number == PRICE_CHANGE:
            self._prices("2.49")
        self.house.ship(self.day)
        for each in self.suppliers.values():
            each.bill(self.day)
        self.instance.settle()

    def _offices(self, number: int) -> None:
        """Nine o'clock: customers read their post, confirm what came, and order."""
        self.instance.set_clock(self._at(9, 0).astimezone(ZoneInfo("UTC")))
        for each in self.customers.values():
            if each.player is SILENT and number > SILENCE_FROM:
                each.post.arrived.clear()
                continue
            each.read_post()
            each.confirm_receipts(self.day, missing=1 if each.player is MODERN and number == 9 else 0)
        for player, weekdays, most in (
            (REGULAR, {0, 2, 4}, 20),
            (MODERN, {1, 3}, 12),
            (WEB, {0, 3}, 15),
            (SILENT, {2}, 8),
        ):
            if self.day.weekday() in weekdays and not (player is SILENT and number > SILENCE_FROM):
                self._order(self.customers[player.id], most, number)
        if self.day.weekday() in (0, 2):
            self._odd_order(self.customers[ODD.id], number)
        self._once(number)
        self.instance.settle()

    def _order(self, customer: Customer, most: int, number: int) -> None:
        lost_hour = customer.player is MODERN and number == 17
        wish = "DTM+2:202703280230:203'" if lost_hour else ""  # an hour that Germany does not have
        key, text = customer.order(self.day, customer.choose(3, most), wish=wish)
        assert customer.send("Order", text, key) == "acked", key

    def _odd_order(self, customer: Customer, number: int) -> None:
        lines = customer.choose(2, 10)
        key, text = customer.order(self.day, lines)
        if number == 2:  # counted wrongly; on the next day it is sent again, rightly
            customer.send("Order", odd.miscounted(text), key)
            self.refused += 1
            key, text = customer.order(self.day, lines)
        data = odd.with_windows_name(text, customer.player.gln)
        customer.send("Order", data, key)
        if number % 2:
            return
        customer.send("Order", data, key)  # and once more, to be sure

    def _once(self, number: int) -> None:
        """What happens on one day only."""
        regular, modern, web = (self.customers[each.id] for each in (REGULAR, MODERN, WEB))
        day = digits(self.day)
        if number == 24:
            paid = [("380", bill, amount) for bill, amount in regular.bills.items()]
            regular.send("REMADV", month_papers.remadv("PAY-1", REGULAR.gln, OURS, paid, when=day), "pay-1")
        if number == 25:
            rows = [(bill, amount - (1 if n == 0 else 0)) for n, (bill, amount) in enumerate(web.bills.items())]
            text = month_papers.ubl_remittance("PAY-2", WEB.gln, OURS, rows, when=self.day.isoformat())
            web.send("RemittanceAdvice", text, "pay-2")
        if number == RETURN_ON:
            gtin, _, where = next(each for each in modern.kept if each[1] >= 4)
            self._back = (gtin, where)
            text = month_papers.retann("BACK-1", MODERN.gln, OURS, [(gtin, 4, *where.split(":"))], when=day)
            modern.send("RETANN", text, "back-1")
            self.instance.settle()
            self.house.instruct("BACK-1", MODERN.gln, gtin, 4, self.day)
        if number == RETURN_ON + 2:
            gtin, where = self._back
            self.house.take_back("BACK-1", MODERN.gln, gtin, 3, where, self.day)

    def _buying(self) -> None:
        """Noon: the plan is made, every proposal approved, suppliers answer."""
        self.instance.set_clock(self._at(12, 0).astimezone(ZoneInfo("UTC")))
        self.instance.ask("/api/v1/plan/run", {})
        self.instance.settle()
        for each in self.instance.ask("/api/v1/proposals?status=proposed"):
            self.instance.ask(f"/api/v1/proposals/{each['id']}/approve", {})
        self.instance.settle()
        for supplier in self.suppliers.values():
            supplier.read_post(self.day)
        self.instance.settle()

    def _everybody_reads(self) -> None:
        """The last evening: all acknowledgements go out."""
        for _ in range(2):
            self.instance.settle()
            for customer in self.customers.values():
                if customer.player is not SILENT:
                    customer.read_post()
            for supplier in self.suppliers.values():
                supplier.read_post(self.day)
        self.house.read_post()
        self.instance.settle()
        self.day += timedelta(days=1)  # figures are of days that are over
        self.instance.set_clock(self._at(4, 0).astimezone(ZoneInfo("UTC")))
        self.instance.settle()
        time.sleep(LOOKED_AT_S)
        self.instance.settle()
