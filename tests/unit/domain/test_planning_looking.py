"""The look before a night, against plans made from all the records: the same figures, whatever was told late, twice,
corrected or taken back in between."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from domain_scene import OWN, SELF, SHOP, WAREHOUSE, context, item, units
from sqlalchemy import select

from gateway.app import looking
from gateway.app.looking import looked_over
from gateway.domain.replenishment.kept import from_bytes, to_bytes
from gateway.domain.replenishment.looking import Looked
from gateway.domain.table import decide, needs
from gateway.model.documents import Document
from gateway.model.effects import Effect, StockReported
from gateway.model.partner import Partner
from gateway.model.planning import PlanAgreement, PlanCalendar, PlanningTerms
from gateway.model.planning_effects import DayReported, GoodsReceived, LinesPlanned
from gateway.model.replenishment import PlanningRequest
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import Item, Period, check_digit, party
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.store import planning_kept
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.tables_kept import fact_changed, plan_shard

UTC = ZoneInfo("UTC")
FIRST = date(2026, 1, 5)


def _number(value: int, length: int) -> str:
    body = f"{value:0{length - 1}d}"
    return body + check_digit(body)


PLACES = tuple(_number(409_100_000_000 + n, 13) for n in range(2))
GTINS = tuple(_number(4_091_000_000_000 + n, 14) for n in range(8))
RATES = (0.05, 0.3, 0.8, 2, 5, 9, 20, 0.0)
AGREEMENT = PlanAgreement(
    id="shops",
    method="vmi",
    partner="shop",
    places=PLACES,
    calendar=PlanCalendar(lead_days=2, open_days=(1, 2, 3, 4, 5, 6)),
    item_service={"A": Decimal("0.99"), "B": Decimal("0.98"), "C": Decimal("0.95")},
    holidays=((date(2026, 2, 16), "carnival"), (date(2026, 4, 6), "easter-monday")),
)
OWN_HERE = replace(
    OWN,
    items={gtin: item(gtin, f"i{n}", pack=Decimal((1, 6, 12)[n % 3])) for n, gtin in enumerate(GTINS)},
    planning=PlanningTerms(agreements=(AGREEMENT,), history_days=56),
)


class Season:
    """Days of three shops: what is sold is reported, now and then late, twice, corrected, taken back, or never."""

    def __init__(self, journal: SqlJournal) -> None:
        self.journal, self.random, self.count = journal, random.Random(7), 0
        self.later: list[tuple[date, Document]] = []
        self.book = Book(digest="d", partners=context().partners, own=OWN_HERE, zones={"UTC": UTC})

    def take(self, document: Document, now: datetime, who: Partner = SHOP) -> list[object]:
        self.count += 1

        def work(tx: Tx) -> list[object]:
            about = replace(context(who, self.count, OWN_HERE), now=now)
            made = decide(document, about, tx.snapshot(needs(document, about), WAREHOUSE))
            tx.write_effects(f"m{self.count:05d}", made.effects, now, test=False)
            return list(made.effects)

        return self.journal.write(work)

    def day(self, day: date, *, odd: bool = True) -> None:
        """Report a day in its evening. odd: with all that goes wrong with reports."""
        evening = datetime.combine(day, time(22), UTC)
        if day.isoweekday() == 7:
            return
        for place in PLACES:
            report = self.sales(place, day, f"V{day:%m%d}{place}")
            chance = self.random.random() if odd else 1.0
            if chance < 0.1:
                self.later.append((day + timedelta(days=self.random.choice((1, 2, 9))), report))
            elif chance >= 0.15:
                self.take(report, evening)
            if 0.2 < chance < 0.3:
                self.take(report, evening)
            if 0.3 < chance < 0.5:
                self.later.append(
                    (day + timedelta(days=4), replace(self.sales(place, day, report.id), function="replace"))
                )
            if 0.5 < chance < 0.55:
                self.later.append((day + timedelta(days=3), replace(report, function="cancel")))
            if self.random.random() < 0.9:
                self.take(self.stock(place, day), evening)
        for when, document in list(self.later):
            if when <= day:
                self.later.remove((when, document))
                self.take(document, evening)

    def sales(self, place: str, day: date, number: str) -> SalesReport:
        lines = tuple(
            SalesLine(
                item=Item(gtin=gtin),
                location=place,
                sold_quantity=units(sold),
                missing_quantity=units(1) if self.random.random() < 0.03 else None,
                excluded_quantity=units(1) if sold > 3 and self.random.random() < 0.05 else None,
            )
            for gtin, rate in zip(GTINS, RATES, strict=True)
            if (sold := sum(self.random.random() < rate / 30 for _ in range(30)))
        )
        period = Period(start=day, end=day)
        issued = day + timedelta(days=self.random.choice((1, 2)))
        return SalesReport(
            id=number, issued_at=issued, reporter=party("4099910000015"), receiver=party("4099900000001"),
            period=period, lines=lines,
        )  # fmt: skip

    def stock(self, place: str, day: date) -> InventoryReport:
        lines = tuple(
            InventoryLine(
                item=Item(gtin=gtin), type="onHand", location=place,
                quantity=units(self.random.choice((0, 1, int(rate * 2), int(rate * 4) + 2, int(rate * 12) + 3))),
            )
            for gtin, rate in zip(GTINS, RATES, strict=True)
            if self.random.random() < 0.97
        )  # fmt: skip
        number = f"I{day:%m%d}{place}"
        return InventoryReport(id=number, issued_at=day, at=day, reporter=party("4099910000015"), lines=lines)

    def look(self, now: datetime) -> list[Looked]:
        found: list[Looked] = []
        real = planning_kept.looked_at

        def kept(*about: object) -> planning_kept.Seen:
            seen = real(*about)  # type: ignore[arg-type]
            found.append(seen.looked)
            return seen

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(looking, "LOOK_FROM", 0)
            patch.setattr(planning_kept, "looked_at", kept)
            due = looked_over(self.journal, self.book, f"look-{now:%m%d}", now)
        assert due == sum(len(each.due) for each in found)
        return found

    def plans(self, now: datetime, **asked: object) -> dict[tuple[str, str], dict[str, object]]:
        """Plan everything from the records."""
        request = PlanningRequest(id=f"P{now:%m%d}", issued_at=now, release=False, **asked)  # type: ignore[arg-type]
        effects = self.take(request, now, SELF)
        lines = [line for each in effects if isinstance(each, LinesPlanned) for line in each.lines]
        return {(line.location, line.gtin): json.loads(line.why) | {"status": line.status} for line in lines}


@pytest.fixture
def season() -> Iterator[Season]:
    journal = SqlJournal.in_memory()
    yield Season(journal)
    journal.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_season(request: pytest.FixtureRequest) -> Iterator[Season]:
    if request.param == "sqlite":
        journal = SqlJournal.in_memory()
    else:
        journal = SqlJournal.connect(request.getfixturevalue("postgres_url"), MemoryBlobs())
    yield Season(journal)
    journal.close()


def _compare(found: list[Looked], plans: dict[tuple[str, str], dict[str, object]]) -> int:
    count = 0
    due = {pair for each in found for pair in each.due}
    for each in found:
        for n, pair in enumerate(each.pairs):
            why: dict[str, dict[str, object]] = plans[pair]  # type: ignore[assignment]
            mine = (each.mean[n], each.order_up_to[n], each.position[n], each.quantity[n])
            told = (
                why["demand"]["mean"], why["target"]["order_up_to"], float(str(why["position"]["position"])),
                float(str(why["system_quantity"])),
            )  # fmt: skip
            if why["history"]["class"] != "new":
                assert mine == told, (pair, mine, told)
                count += 1
    for pair, plan in plans.items():
        if pair not in due:
            assert (plan["status"], plan["exceptions"]) == ("nothing", []), pair
    return count


def test_a_look_finds_to_the_last_bit_what_plans_from_all_records_find(season: Season) -> None:
    for n in range(50):
        season.day(FIRST + timedelta(days=n), odd=n > 40)
    looks, compared, quiet = 0, 0, 0
    for n in range(50, 64):
        now = datetime.combine(FIRST + timedelta(days=n), time(6), UTC)
        if n in (50, 58):
            season.take(PlanningRequest(id=f"L{n}", issued_at=now, learn=True), now, SELF)
        found = season.look(now)
        plans = season.plans(now)
        compared += _compare(found, plans)
        quiet += len(plans) - sum(len(each.due) for each in found)
        looks += 1
        season.day(now.date())
    assert compared > 5 * looks, "most pairs are of the plain kind"
    assert quiet > looks, "and some of them need no plan"


def test_a_second_look_reads_nothing_again_and_what_was_told_is_forgotten_when_it_is_in(season: Season) -> None:
    for n in range(40):
        season.day(FIRST + timedelta(days=n), odd=False)
    now = datetime.combine(FIRST + timedelta(days=40), time(6), UTC)
    season.take(PlanningRequest(id="L", issued_at=now, learn=True), now, SELF)
    first = season.look(now)

    def kept(tx: Tx) -> list[bytes]:
        assert tx.connection.execute(select(fact_changed)).all() == []  # type: ignore[attr-defined]
        return [row.data for row in tx.connection.execute(select(plan_shard).order_by(plan_shard.c.bucket))]  # type: ignore[attr-defined]

    before = season.journal.read(kept)
    again = season.look(now)
    assert [each.quantity.tolist() for each in first] == [each.quantity.tolist() for each in again]
    assert season.journal.read(kept) == before
    assert [to_bytes(from_bytes(each)) for each in before] == before


def test_a_run_over_what_is_due_orders_what_a_run_over_everything_orders(any_season: Season) -> None:
    for n in range(48):
        any_season.day(FIRST + timedelta(days=n), odd=False)
    now = datetime.combine(FIRST + timedelta(days=48), time(6), UTC)
    any_season.take(PlanningRequest(id="L", issued_at=now, learn=True), now, SELF)
    everything = any_season.plans(now)
    found = any_season.look(now)
    _compare(found, everything)
    name = f"look-{now:%m%d}"
    due = any_season.plans(now, due=name)
    assert set(due) == {pair for each in found for pair in each.due}
    assert 0 < len(due) < len(everything)
    assert {pair: why for pair, why in everything.items() if why["quantity"] != "0"}.items() <= due.items()
    assert any_season.plans(now, due="of another night") == everything, "what is not kept is planned whole"


def test_what_is_dated_a_hundred_years_ahead_hides_nothing_that_was_told(season: Season) -> None:
    for n in range(40):
        season.day(FIRST + timedelta(days=n), odd=False)
    now = datetime.combine(FIRST + timedelta(days=40), time(6), UTC)
    season.take(PlanningRequest(id="L", issued_at=now, learn=True), now, SELF)
    plans, found = season.plans(now), season.look(now)
    far, place, gtin = date(2126, 2, 14), PLACES[0], GTINS[4]
    told: list[Effect] = [
        StockReported(
            key="s",
            partner="shop",
            location=place,
            gtin=gtin,
            type="onHand",
            quantity=Decimal(5000),
            at=far,
            report="S",
        ),
        DayReported(key="d", partner="shop", location=place, day=far, report="V"),
        GoodsReceived(key="r", partner="shop", number="R", location=place, gtin=gtin, units=Decimal(700), at=far),
    ]
    season.journal.write(lambda tx: tx.write_effects("far", told, now, test=False))
    again = season.look(now)
    assert season.plans(now) == plans
    assert [each.position.tolist() for each in again] == [each.position.tolist() for each in found]
