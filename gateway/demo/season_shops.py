"""Three customers of the season, each with a habit: one returns goods, one does everything oddly, one falls silent."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from re import sub
from typing import Any

from gateway.demo import edifact_texts
from gateway.demo.cast import (
    DEARER,
    DEARER_PRICE,
    FALLS_SILENT_ON,
    PRICE_CHANGE_ON,
    RETURN_ON,
    WRONG_COUNT_ON,
    day_number,
)
from gateway.demo.edifact_texts import Line, Parties
from gateway.demo.mailbox import Kept, Mailbox
from gateway.demo.outgoing import EDIFACT, Outgoing, envelope_for
from gateway.demo.receipt_texts import Came, recadv, retann
from gateway.demo.settings import PartnerSettings
from gateway.demo.shops import DELIVERY_DAYS, Grocer

BACK_UNITS = 4  # announced to go back; of which our warehouse will find one less
LATE_DAYS = 4  # so many days of sales in one morning
WEEK = 7
ORDERS_ON = 1  # Tuesday


class Returner(Grocer):
    """Speaks D.01B, orders by our price list, confirms each delivery on the day after, and sends some goods back."""

    every_days = 3
    prefix = "SG"

    def __init__(self, settings: PartnerSettings, mailbox: Mailbox) -> None:
        super().__init__(settings)
        self._mailbox = mailbox
        self._came: dict[str, tuple[datetime, list[Came]]] = {}  # by despatch advice

    def day(self, now: datetime) -> list[Outgoing]:
        today, yesterday = now.date(), now.date() - timedelta(days=1)
        number = day_number(self._settings.season, today)
        if number < 0:
            return []
        found = self._sales(now, yesterday) if number > 0 else []
        due = [each for each, (came, _) in self._came.items() if came.date() < today]
        found += [document for each in due for document in self._received(each, now)]
        if number >= RETURN_ON:
            found += self._goods_back(now)
        if number % self.every_days == 1:
            found += self._order(now, self._books.order_lines(today), f"{self.prefix}{today:%y%m%d}")
        return found

    def react(self, kept: Kept, data: bytes, at: datetime) -> list[Outgoing]:
        if kept.kind == "DESADV":
            papers = edifact_texts.read_despatch(edifact_texts.read(data))
            self._came[papers["desadv"]] = (at, [_came(line, papers["order"]) for line in papers["lines"]])
        return super().react(kept, data, at)

    def _order(self, now: datetime, lines: list[Line], number: str = "", deliver: date | str = "") -> list[Outgoing]:
        """Name the new price from the second order after the change on: the first has the item and the old price."""
        day = day_number(self._settings.season, now.date())
        if day >= PRICE_CHANGE_ON + self.every_days:
            lines = [replace(each, price=DEARER_PRICE) if each.gtin == DEARER.gtin else each for each in lines]
        elif day >= PRICE_CHANGE_ON and all(each.gtin != DEARER.gtin for each in lines):
            more = self._books.lines([(DEARER.known(), DEARER.pack)])
            lines = [*lines, replace(more[0], number=str(len(lines) + 1))]
        return super()._order(now, lines, number, deliver)

    def _received(self, despatch: str, now: datetime) -> list[Outgoing]:
        """Confirm a delivery. Of the third one a piece is missing."""
        key = f"RECADV-{despatch}"
        if self._mailbox.posted(key):
            return []
        lines = self._came[despatch][1]
        if list(self._came).index(despatch) == 2:
            lines = [replace(lines[0], missing=1), *lines[1:]]
        data = recadv(envelope_for(self._settings, key, now), f"W-{despatch}", despatch, self._books.parties, lines)
        return [Outgoing(key=key, kind="RECADV", number=f"W-{despatch}", data=data, content_type=EDIFACT)]

    def _goods_back(self, now: datetime) -> list[Outgoing]:
        """Announce once that some units of the first delivery go back."""
        number, key = "SG-BACK-1", "RETANN-SG-BACK-1"
        goods = [line for _, lines in self._came.values() for line in lines if line.units >= BACK_UNITS]
        if not goods or self._mailbox.posted(key):
            return []
        lines = [replace(goods[0], units=BACK_UNITS)]
        data = retann(envelope_for(self._settings, key, now), number, self._books.parties, lines)
        return [Outgoing(key=key, kind="RETANN", number=number, data=data, content_type=EDIFACT)]


def _came(line: dict[str, Any], order: str) -> Came:
    return Came(gtin=line["gtin"], units=line["units"], order=order, line=line["line"])


class Oddity(Grocer):
    """Sends every order twice, reports its sales days late, and writes another character set than it says.

    Once it counts wrongly; on the next day the same order comes again, counted rightly.
    """

    every_days = 5
    prefix = "KW"
    buyer_name = "Krautwinkel\N{RIGHT SINGLE QUOTATION MARK}s Söhne"  # the apostrophe is in windows-1252 only

    def day(self, now: datetime) -> list[Outgoing]:
        today = now.date()
        number = day_number(self._settings.season, today)
        if number < 0:
            return []
        found = []
        if number % LATE_DAYS == 0:
            days = (today - timedelta(days=back) for back in range(LATE_DAYS, 0, -1))
            found = [each for day in days if self._settings.first_day <= day for each in self._sales(now, day)]
        if number == WRONG_COUNT_ON:
            found += [_miscounted(each) for each in self._order_for(today, now, "-wrong")]
        elif number == WRONG_COUNT_ON + 1:
            found += self._twice(today - timedelta(days=1), now)
        elif number % self.every_days == WRONG_COUNT_ON % self.every_days:
            found += self._twice(today, now)
        return found

    def _twice(self, day: date, now: datetime) -> list[Outgoing]:
        """The order of a day, and the same bytes once more: to be sure."""
        orders = self._order_for(day, now, "")
        return [*orders, *(replace(each, key=f"{each.key}-again") for each in orders)]

    def _order_for(self, day: date, now: datetime, suffix: str) -> list[Outgoing]:
        lines, number = self._books.order_lines(day), f"{self.prefix}{day:%y%m%d}"
        return self._order(now, lines, number, suffix=suffix) if lines else []

    def _order(
        self, now: datetime, lines: list[Line], number: str = "", deliver: date | str = "", suffix: str = ""
    ) -> list[Outgoing]:
        number = number or self._books.number(now)
        key = f"ORDERS-{number}{suffix}"
        data = edifact_texts.orders(
            replace(envelope_for(self._settings, key, now), charset="cp1252"),
            number,
            deliver or now.date() + timedelta(days=DELIVERY_DAYS),
            self._named(),
            lines,
        )
        return [Outgoing(key=key, kind="ORDERS", number=number, data=data, content_type=EDIFACT)]

    def _named(self) -> Parties:
        return replace(self._books.parties, buyer_name=self.buyer_name)


def _miscounted(document: Outgoing) -> Outgoing:
    """Return it with one segment more in UNT than there are."""
    text = document.data.decode("cp1252")
    text = sub(r"UNT\+(\d+)\+", lambda found: f"UNT+{int(found[1]) + 1}+", text)
    return replace(document, data=text.encode("cp1252"))


class Silent(Grocer):
    """Orders once a week and reports its stock every Monday, and in the season falls silent."""

    every_days = WEEK
    prefix = "AB"

    def day(self, now: datetime) -> list[Outgoing]:
        today = now.date()
        if self._settings.season is None or day_number(self._settings.season, today) >= FALLS_SILENT_ON:
            return []
        found = self._stock(now, today - timedelta(days=1)) if today.weekday() == 0 else []
        if today.weekday() == ORDERS_ON:
            found += self._order(now, self._smaller(today), f"{self.prefix}{today:%y%m%d}")
        return found

    def _smaller(self, today: date) -> list[Line]:
        """Return fewer lines the longer it trades with us: one less every three weeks, down to one."""
        lines, weeks = self._books.order_lines(today), (today - self._settings.first_day).days // WEEK
        return lines[: max(1, len(lines) - weeks // 3)]
