"""The season's trade as fast as the machine takes it, while everything that can go wrong goes wrong.

Everybody trades at once, each in a thread of its own: a customer keeps a few orders unanswered and sends the next one as
soon as one is answered. The calendar goes on meanwhile, a day at a time.
"""

import faulthandler
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from datetime import UTC, timedelta
from pathlib import Path

from tests.journeys import month_papers
from tests.season import papers as odd
from tests.season.actors import Customer, Supplier, digits
from tests.season.cast import ITEMS, MODERN, ODD, OURS, REGULAR, SILENT
from tests.season.instance import Instance
from tests.season.pair import Pair
from tests.season.play import FIRST, PAPER, PENNE, Season
from tests.season.trouble import Trouble

UNANSWERED = 12  # orders that a customer has on their way at the most
RARE = {ITEMS[0].gtin, ITEMS[3].gtin, ITEMS[8].gtin}  # one of each supplier: these run out and are bought
PLENTY = 50_000_000
SETTINGS = "retry: {first_s: 1, longest_s: 20, attempts: 100}\n"
DAYS = 30
STILL_S = 300  # in which a trader who is at work has sent something


class Rush(Season):
    """minutes: how long everybody trades; a day takes a minute, or less so that there are no more than thirty.

    database: of two nodes on PostgreSQL; "": one node on SQLite.
    """

    def __init__(
        self, folder: Path, gateway: str, seed: int, minutes: float, tell: Callable[[str], None], database: str = ""
    ) -> None:
        instance = Instance(folder, gateway, SETTINGS, contrl_within_h=720)
        if database:
            instance = Pair(folder, gateway, database, SETTINGS, contrl_within_h=720)
        super().__init__(folder, gateway, seed, tell, instance)
        self.days = max(3, min(DAYS, round(minutes)))
        self._day_s = minutes * 60 / self.days
        self._number = 0
        self._over = threading.Event()
        self._errands: deque[Callable[[], object]] = deque()
        self._shifts: list[Future[None]] = []
        self.trouble = Trouble(self.instance, self.posts, self.days)
        for post in self.posts.values():
            post.patience = 600
        for item in ITEMS:
            self.house.shelf[item.gtin] = 400 if item.gtin in RARE else PLENTY

    # --- everybody, each in a thread ---

    def play_all(self) -> None:
        """Trade, and let the trade come to rest. Raises RuntimeError when somebody could not go on."""
        self.instance.start()
        self.house.count([each.gtin for each in ITEMS], self.day)
        self._prices("2.19")
        self.instance.settle()
        began = time.monotonic()
        work = [lambda each=each: self._trade(each) for each in self.customers.values()]
        work += [lambda each=each: self._supply(each) for each in self.suppliers.values()]
        crew = ThreadPoolExecutor(len(work) + 1)
        self._shifts = [crew.submit(self._until_over, each) for each in (*work, self._keep_house)]
        try:
            for number in range(self.days):
                self._number, self.day = number, FIRST + timedelta(days=number)
                self._calendar_day(time.monotonic() + self._day_s)
        finally:
            self._over.set()
            hanging = self._finish_rounds()
            crew.shutdown(wait=False)
        self.seconds = time.monotonic() - began
        self.trouble.over()
        if hanging:
            faulthandler.dump_traceback(all_threads=True)
            raise RuntimeError(f"{hanging} of {len(self._shifts)} traders hang")
        self._raise_what_ended_it()
        self._tell("trade is over; the rest is worked off")
        self._come_to_rest()

    def _finish_rounds(self) -> int:
        """Let everybody finish the round they are at; return how many hang: nobody has sent anything for long."""
        sent = -1
        while (left := wait(self._shifts, timeout=STILL_S).not_done) and sent != self.sent():
            sent = self.sent()
        return len(left)

    def _until_over(self, work: Callable[[], None]) -> None:
        """Work; whoever cannot go on ends the trade for everybody."""
        try:
            work()
        finally:
            self._over.set()

    def _raise_what_ended_it(self) -> None:
        for each in wait(self._shifts, timeout=300, return_when=FIRST_EXCEPTION).done:
            each.result()

    def _trade(self, customer: Customer) -> None:
        player, chance = customer.player, random.Random(customer.player.id)
        reported, sent = -1, 0
        while not self._over.is_set():
            if player is SILENT and self._number > 0.4 * self.days:
                customer.post.arrived.clear()
                time.sleep(0.5)
                continue
            customer.read_post()
            customer.confirm_receipts(self.day)
            if reported < self._number:
                reported = self._number
                self._report(customer, chance)
            if sent - customer.answers >= UNANSWERED:
                time.sleep(0.02)
                continue
            sent += 1
            self._one_order(customer, chance, sent)

    def _report(self, customer: Customer, chance: random.Random) -> None:
        lines = [(each.gtin, chance.randint(1, 4) * (3 if each.gtin == PAPER else 1)) for each in ITEMS]
        key, text = customer.sales(self.day - timedelta(days=1), lines)
        customer.send("SalesReport", text, key)

    def _one_order(self, customer: Customer, chance: random.Random, sent: int) -> None:
        chosen = [each for each in ITEMS if each.gtin not in RARE or chance.random() < 0.08]
        lines = [(each.gtin, chance.randint(1, 9)) for each in chance.sample(chosen, min(len(chosen), 4))]
        key, text = customer.order(self.day, lines)
        if customer.player is not ODD:
            state = customer.send("Order", text, key)
            assert state == "acked", (key, state)
            return
        if sent % 40 == 2:  # counted wrongly, then sent again, rightly
            customer.send("Order", odd.miscounted(text), key)
            key, text = customer.order(self.day, lines)
        data = odd.with_windows_name(text, customer.player.gln)
        for _ in range(2 if sent % 2 else 1):
            assert customer.send("Order", data, key) == "acked", key

    def _supply(self, supplier: Supplier) -> None:
        while not self._over.is_set():
            supplier.read_post(self.day)
            supplier.bill(self.day)
            time.sleep(0.1)

    def _keep_house(self) -> None:
        while not self._over.is_set():
            self._house_round()
            time.sleep(0.05)

    def _house_round(self) -> None:
        for _ in range(len(self._errands)):
            self._errands.popleft()()
        self.house.read_post()
        for truck in [each for each in self.trucks if each.due <= self.day]:
            self.house.receive(truck, self.day)
            self.trucks.remove(truck)
        self.house.ship(self.day)
        self.house.bill(self.day)

    # --- the calendar ---

    def _calendar_day(self, end: float) -> None:
        """One day: morning, noon with the plan, and the trouble that is due."""
        length = end - time.monotonic()
        self._clock(5, 30)
        self._events(self._number)
        self._wait(end - 0.7 * length)
        self._clock(12, 0)
        self.instance.ask("/api/v1/plan/run", {})
        self._wait(end - 0.5 * length)
        for each in self.instance.ask("/api/v1/proposals?status=proposed"):
            self.instance.ask(f"/api/v1/proposals/{each['id']}/approve", {})
        self._wait(end - 0.3 * length)
        self.trouble.day(self._number, self.chance)
        self._wait(end)
        self._tell(f"{self.day}: day {self._number + 1} of {self.days}, {self.sent()} documents sent")

    def _clock(self, hour: int, minute: int) -> None:
        now = self._at(hour, minute).astimezone(UTC)
        if now > self.instance.now:
            self.instance.set_clock(now)

    def _wait(self, until: float) -> None:
        while time.monotonic() < until:
            if self._over.is_set():
                self._raise_what_ended_it()
            self.trouble.sample()
            time.sleep(min(1.0, max(0.0, until - time.monotonic())))

    def _events(self, number: int) -> None:
        """What happens once: a new price, a return, a count, payments."""
        regular, modern = self.customers[REGULAR.id], self.customers[MODERN.id]
        day = digits(self.day)
        if number == int(0.3 * self.days):
            self._errands.append(lambda: self._prices("2.49"))
        if number == int(0.4 * self.days):
            gtin, _, where = next(each for each in list(modern.kept) if each[1] >= 4)
            text = month_papers.retann("BACK-1", MODERN.gln, OURS, [(gtin, 4, *where.split(":"))], when=day)
            modern.send("RETANN", text, "back-1")
            self._errands.append(lambda: self._take_back(gtin, where))
        if number == int(0.6 * self.days):
            self._errands.append(self._count_penne)
        if number == int(0.8 * self.days):
            paid = [("380", bill, amount) for bill, amount in list(regular.bills.items())[:50]]
            regular.send("REMADV", month_papers.remadv("PAY-1", REGULAR.gln, OURS, paid, when=day), "pay-1")

    def _count_penne(self) -> None:
        self.house.shelf[PENNE] -= min(3, self.house.shelf[PENNE])
        self.house.count([PENNE], self.day)

    def _take_back(self, gtin: str, where: str) -> None:
        """Instruct the customer once the gateway has told the house; receive and credit when that is done."""
        if "BACK-1" not in self.house.announced:
            self._errands.append(lambda: self._take_back(gtin, where))
            return
        self.house.instruct("BACK-1", MODERN.gln, gtin, 4, self.day)
        self.house.take_back("BACK-1", MODERN.gln, gtin, 3, where, self.day)

    def _come_to_rest(self) -> None:
        """Nobody orders any more; what is on its way arrives, is shipped as far as there is anything, and acknowledged."""
        self.day += timedelta(days=1)
        self._clock(6, 0)
        before = -1
        while before != self.sent():
            before = self.sent()
            self.instance.settle(timeout_s=900)
            for customer in self.customers.values():
                if customer.player is not SILENT:
                    customer.read_post()
                    customer.confirm_receipts(self.day)
            for supplier in self.suppliers.values():
                supplier.read_post(self.day)
            self._house_round()
        self.day += timedelta(days=2)  # time enough for all that waits for the silent one to be given up
        self._clock(4, 0)
        self.instance.settle(timeout_s=900)

    def sent(self) -> int:
        return sum(post.sent for post in self.posts.values())
