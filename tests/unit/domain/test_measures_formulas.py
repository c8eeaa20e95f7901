"""Each key figure against a case worked by hand, and against other ways to compute it."""

import random
import statistics
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.measures.facts import (
    AdvisedGoods,
    Delivery,
    Facts,
    OrderedLine,
    Part,
    PlannedOrder,
    ReportedDay,
    ShelfDay,
)
from gateway.domain.measures.scorecard import BY_NAME, MEASURES, Figure, figure, grouped, scorecard

FIRST = date(2026, 3, 2)  # a Monday
LAST = FIRST + timedelta(days=27)
SHOP, OTHER = "4099910000022", "4099920000029"
TEA, RICE = "04099900000100", "04099900000117"


def d(value: object) -> Decimal:
    return Decimal(str(value))


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def line(ordered: object, *arrived: tuple[int, object], **more: Any) -> OrderedLine:
    """arrived: (day, units)."""
    facts: dict[str, Any] = {
        "side": "sale",
        "partner": "shop",
        "order": "A1",
        "line": "1",
        "place": SHOP,
        "gtin": TEA,
        "ordered_on": day(0),
        "confirmed": d(ordered),
        "despatched": sum((d(units) for _, units in arrived), d(0)),
        "requested": day(3),
        "promised": day(3),
        "answered": True,
    }
    deliveries = tuple(Delivery(on=day(n), units=d(units), document="R1", received=True) for n, units in arrived)
    return OrderedLine(ordered=d(ordered), deliveries=deliveries, **(facts | more))


def facts(**more: Any) -> Facts:
    known: dict[str, Any] = {"first": FIRST, "last": LAST, "until": LAST}
    return Facts(**(known | more))


def value(name: str, found: Facts) -> Decimal | None:
    return figure(BY_NAME[name], BY_NAME[name].parts(found)).value


def shelf(*days: tuple[int, object, object], lost: dict[int, object] | None = None) -> dict[date, ShelfDay]:
    """days: (day, sold or None, stock or None)."""
    said = lost or {}
    return {
        day(n): ShelfDay(
            sold=None if sold is None else d(sold),
            stock=None if stock is None else d(stock),
            lost=d(said.get(n, 0)),
            report=f"S{n}",
        )
        for n, sold, stock in days
    }


# --- service ----------------------------------------------------------------------------------------------------------


def test_fill_rate_counts_the_first_delivery_and_no_more_than_was_ordered() -> None:
    lines = [line(10, (2, 6), (3, 4)), line(10, (3, 12)), line(20), line(5, (3, 5), cancelled=True)]
    assert value("fill-rate", facts(lines=lines)) == d(16) / d(40)


def test_a_line_that_is_not_due_yet_is_not_judged() -> None:
    late = line(10, requested=day(40), promised=None)
    assert value("fill-rate", facts(lines=[late])) is None
    assert value("otif-requested", facts(lines=[line(10)], until=day(2))) is None
    assert value("otif-requested", facts(lines=[line(10)], until=day(3))) == 0


@pytest.mark.parametrize(
    ("arrived", "whole"),
    [
        (((3, 10),), 1),
        (((2, 10),), 1),  # one day early is within the window
        (((1, 10),), 0),  # earlier is not
        (((4, 10),), 0),
        (((2, 4), (3, 6)), 1),
        (((2, 4), (4, 6)), 0),
        (((3, 9),), 0),
        (((3, 11),), 1),
        ((), 0),
    ],
    ids=str,
)
def test_on_time_in_full_of_a_line(arrived: tuple[tuple[int, int], ...], whole: int) -> None:
    assert value("otif-requested", facts(lines=[line(10, *arrived)])) == whole


def test_the_requested_and_the_confirmed_day_and_quantity_are_two_figures() -> None:
    cut = line(10, (5, 8), confirmed=d(8), promised=day(5))
    assert value("otif-requested", facts(lines=[cut])) == 0
    assert value("otif-confirmed", facts(lines=[cut])) == 1
    refused = line(10, confirmed=d(0), promised=None)
    assert value("otif-confirmed", facts(lines=[refused])) is None


def test_early_is_in_time_where_nobody_minds() -> None:
    found = facts(lines=[line(10, (0, 10))], early_days=None)
    assert value("otif-requested", found) == 1


def test_on_time_counts_deliveries() -> None:
    assert value("on-time", facts(lines=[line(10, (3, 4), (9, 6)), line(5, (2, 5))])) == d(2) / d(3)


def test_cycle_days_go_from_the_order_to_the_first_arrival() -> None:
    lines = [line(10, (3, 4), (9, 6)), line(10, (5, 10), ordered_on=day(1)), line(10)]
    assert value("cycle-days", facts(lines=lines)) == d(3 + 4) / 2


def test_kept_is_what_was_despatched_exactly_as_confirmed() -> None:
    lines = [line(10, (3, 10)), line(10, (3, 9)), line(10, (3, 8), confirmed=d(8)), line(10, answered=False)]
    assert value("confirmed-kept", facts(lines=lines)) == d(2) / d(3)


def advised(sent: object, came: object, known: datetime, arrived: datetime | date, number: str = "D1") -> AdvisedGoods:
    return AdvisedGoods(
        partner="shop",
        shipment=number,
        receipt=f"R-{number}",
        place=SHOP,
        gtin=TEA,
        advised=d(sent),
        received=d(came),
        known_at=known,
        arrived=arrived,
    )


def test_an_advice_is_right_item_by_item_and_in_time_as_a_whole() -> None:
    noon = datetime.combine(day(2), time(12), UTC)
    found = facts(
        advised=[
            advised(10, 10, noon, noon + timedelta(hours=1)),
            advised(10, 9, noon, noon + timedelta(hours=1)),
            advised(0, 1, noon, noon - timedelta(hours=1), "D2"),
            advised(5, 5, noon, day(2), "D3"),
        ]
    )
    assert value("asn-accuracy", found) == d(2) / d(4)
    assert value("asn-in-time", found) == d(2) / d(3)


def test_empty_shelves_are_days_counted_empty_or_asked_in_vain() -> None:
    days = shelf((0, 5, 7), (1, 3, 0), (2, None, 4), (3, 2, None), (4, 2, None), lost={4: 6})
    found = facts(shelf={(SHOP, TEA): days})
    assert value("in-stock", found) == d(2) / d(3)
    assert value("stockout-days", found) == d(2) / d(5)


def test_lost_units_are_those_reported_else_what_the_weekday_sells_beyond_what_was_sold() -> None:
    """Good Mondays sell 10 on the mean; the third one ended empty after 4: 6 are lost. On a Tuesday 217 said 3."""
    days = shelf((0, 8, 5), (7, 12, 5), (14, 4, 0), (1, 5, 3), lost={1: 3})
    found = facts(shelf={(SHOP, TEA): days})
    assert value("lost-sales", found) == d(9) / d(29 + 9)
    assert value("shelf-fill", found) == d(29) / d(29 + 9)


# --- assets -----------------------------------------------------------------------------------------------------------


def test_stock_days_and_turns_add_up_at_cost() -> None:
    tea = shelf((0, 2, 10), (1, 4, 6))  # mean sales 3, last count 6, mean stock 8
    rice = shelf((0, 1, 20), (1, 1, 20))  # mean sales 1, last count 20
    both = {(SHOP, TEA): tea, (SHOP, RICE): rice}
    assert value("stock-days", facts(shelf={(SHOP, TEA): tea})) == 2
    assert value("stock-days", facts(shelf=both)) == d(26) / d(4)
    assert value("stock-days", facts(shelf=both, costs={TEA: d(10), RICE: d(1)})) == d(80) / d(31)
    assert value("stock-days", facts(shelf=both, costs={TEA: d(10)})) == d(26) / d(4)
    assert value("turns", facts(shelf={(SHOP, TEA): tea})) == d(3 * 365) / d(8)
    assert value("mean-stock", facts(shelf=both)) == 28


def test_negative_stock_is_none() -> None:
    assert value("stock-days", facts(shelf={(SHOP, TEA): shelf((0, 2, -5))})) == 0


# --- cost -------------------------------------------------------------------------------------------------------------


def planned(expected: object, begin: int, days: int, **more: Any) -> PlannedOrder:
    known: dict[str, Any] = {
        "order": "PO1",
        "line": "1",
        "place": SHOP,
        "gtin": TEA,
        "on": day(begin),
        "quantity": d(12),
        "system_quantity": d(12),
        "approved_by": "limit",
    }
    return PlannedOrder(expected=d(expected), first_day=day(begin), days=days, **(known | more))


def test_forecasts_are_judged_over_their_interval_when_all_of_it_is_known() -> None:
    sold = shelf(*((n, 4, None) for n in range(-28, 7)), (7, None, 3))
    found = facts(
        shelf={(SHOP, TEA): sold},
        planned=[planned(10, 0, 3), planned(6, 2, 2), planned(99, 6, 2), planned(9, 0, 40)],
    )
    assert value("forecast-error", found) == d(2 + 2) / d(12 + 8)
    assert value("forecast-bias", found) == d(-2 - 2) / d(20)
    assert value("forecast-value-added", found) is None  # a mean of 4 a day makes no error


def test_value_added_compares_with_the_mean_of_four_weeks() -> None:
    sold = shelf(*((n, 2, None) for n in range(-28, 0)), (0, 8, None), (1, 8, None))
    found = facts(shelf={(SHOP, TEA): sold}, planned=[planned(10, 0, 2)])  # the mean says 4, sold 16
    assert value("forecast-value-added", found) == d(12 - 6) / d(12)


def test_bullwhip_of_each_item_and_of_all_together() -> None:
    """Sales of 10 and 12 a week, orders of 5 and 20: the variance is (15/2)^2 over 1^2 each week; two items that wave
    against each other hide it."""
    tea = shelf(*((n, (10 if n // 7 % 2 == 0 else 12) if n % 7 == 0 else 0, None) for n in range(28)))
    rice = shelf(*((n, (12 if n // 7 % 2 == 0 else 10) if n % 7 == 0 else 0, None) for n in range(28)))
    lines = [line(5 if week % 2 == 0 else 20, ordered_on=day(7 * week + 2)) for week in range(4)]
    lines += [line(20 if week % 2 == 0 else 5, ordered_on=day(7 * week), gtin=RICE) for week in range(4)]
    found = facts(lines=lines, shelf={(SHOP, TEA): tea, (SHOP, RICE): rice})
    assert round(value("bullwhip", found) or 0, 9) == d("56.25")
    assert value("bullwhip-together", found) is None  # neither orders nor sales vary in sum
    alone = facts(lines=[each for each in lines if each.gtin == TEA], shelf={(SHOP, TEA): tea})
    assert round(value("bullwhip-together", alone) or 0, 9) == d("56.25")
    assert value("bullwhip", facts(lines=lines, shelf={(SHOP, TEA): tea}, last=day(20), until=day(20))) is None


def test_a_touch_is_a_quantity_that_a_person_has_changed() -> None:
    rows = [
        planned(1, 0, 1),
        planned(1, 0, 1, quantity=d(24), approved_by="ann"),
        planned(1, 0, 1, approved_by="ann"),
        planned(1, 40, 1),
    ]
    assert value("touch-rate", facts(planned=rows)) == d(1) / d(3)
    assert value("untouched", facts(planned=rows)) == d(1) / d(3)


def test_a_reaction_lasts_from_a_sale_to_the_next_order_by_units() -> None:
    """Six on day 0, two on day 2, both ordered on day 4; one on day 4 that nobody has ordered since."""
    sold = shelf((0, 6, None), (1, 0, None), (2, 2, None), (4, 1, None))
    rows = [planned(1, 4, 7), planned(1, 10, 7, gtin=RICE)]
    assert value("reaction-days", facts(planned=rows, shelf={(SHOP, TEA): sold})) == d(6 * 4 + 2 * 2) / d(8)
    assert value("reaction-days", facts(planned=[], shelf={(SHOP, TEA): sold})) is None


def test_a_report_is_as_old_as_it_comes_after_the_end_of_its_day() -> None:
    def report(about: int, after: timedelta) -> ReportedDay:
        end = datetime.combine(day(about + 1), time(0), UTC)
        return ReportedDay(place=SHOP, day=day(about), came_at=end + after, report="V")

    found = facts(
        reported=[report(0, timedelta(hours=12)), report(1, timedelta(days=3)), report(2, -timedelta(hours=3))]
    )
    assert value("report-age", found) == d("3.5") / 3
    assert value("days-missing", facts(reported=found.reported, until=day(5))) == d(3) / d(6)


# --- the whole --------------------------------------------------------------------------------------------------------


def test_without_anything_no_figure_has_a_value() -> None:
    assert all(each.value is None for each in scorecard(facts()))
    assert len({each.name for each in MEASURES}) == len(MEASURES) == 25


def test_figures_of_groups_add_up_to_the_whole() -> None:
    lines = [line(10, (3, 10)), line(8, (3, 4), gtin=RICE), line(6, place=OTHER)]
    found = facts(lines=lines)
    whole = grouped(BY_NAME["fill-rate"], found, "total")[0]
    for by in ("item", "place", "month"):
        groups = grouped(BY_NAME["fill-rate"], found, by)  # type: ignore[arg-type]
        assert sum(each.top for each in groups) == whole.top == 14
        assert sum(each.bottom for each in groups) == whole.bottom == 24
    assert [each.key for each in grouped(BY_NAME["fill-rate"], found, "place")] == [SHOP, OTHER]
    assert [each.key for each in grouped(BY_NAME["fill-rate"], found, "month")] == ["2026-03"]


def test_a_scorecard_names_the_value_before() -> None:
    now, before = facts(lines=[line(10, (3, 10))]), facts(lines=[line(10, (3, 5))])
    found = {each.name: each for each in scorecard(now, scorecard(before))}
    assert (found["fill-rate"].value, found["fill-rate"].before) == (1, d("0.5"))


# --- computed otherwise -----------------------------------------------------------------------------------------------


def _random(seed: int) -> Facts:
    dice = random.Random(seed)
    shelves: dict[tuple[str, str], dict[date, ShelfDay]] = {}
    lines = []
    for place in (SHOP, OTHER):
        for gtin in (TEA, RICE):
            shelves[place, gtin] = {
                day(n): ShelfDay(
                    sold=d(dice.randrange(9)) if dice.random() < 0.97 or n % 7 else None,
                    stock=d(dice.randrange(-1, 12)) if dice.random() < 0.8 else None,
                    lost=d(dice.randrange(3)) if dice.random() < 0.1 else d(0),
                )
                for n in range(-56, 28)
            }
            for n in range(28):
                wanted = dice.randrange(1, 30)
                came = [(n + dice.randrange(1, 6), dice.randrange(1, 20)) for _ in range(dice.randrange(3))]
                lines.append(
                    line(wanted, *came, ordered_on=day(n), requested=day(n + 3), place=place, gtin=gtin, order=f"A{n}")
                )
    return facts(lines=lines, shelf=shelves)


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_a_plain_recomputation(seed: int) -> None:
    """The same from the rows by loops over units and days in floats, without any code of ours."""
    found = _random(seed)
    good = all_lines = 0
    for each in found.lines:
        if each.requested is None or each.requested > LAST:
            continue
        all_lines += 1
        calendar = [0.0] * 80
        for arrival in each.deliveries:
            calendar[(arrival.on - FIRST).days] += float(arrival.units)
        due = (each.requested - FIRST).days
        good += sum(calendar[due - 1 : due + 1]) >= float(each.ordered)
    assert float(value("otif-requested", found) or 0) == pytest.approx(good / all_lines)
    counted = [shown for days in found.shelf.values() for at, shown in days.items() if at >= FIRST]
    in_stock = [shown.stock > 0 for shown in counted if shown.stock is not None]
    assert float(value("in-stock", found) or 0) == pytest.approx(sum(in_stock) / len(in_stock))
    tops, bottoms = [], []
    for pair, days in found.shelf.items():
        sold = [[days[day(7 * week + n)].sold for n in range(7)] for week in range(4)]
        if any(units is None for week in sold for units in week):
            continue
        ordered = [0.0] * 4
        for each in found.lines:
            if (each.place, each.gtin) == pair:
                ordered[(each.ordered_on - FIRST).days // 7] += float(each.ordered)
        tops.append(statistics.variance(ordered))
        bottoms.append(statistics.variance([float(sum(week)) for week in sold]))  # type: ignore[arg-type]
    if bottoms:
        assert float(value("bullwhip", found) or 0) == pytest.approx(sum(tops) / sum(bottoms))


def test_no_figure_changes_with_the_order_of_the_facts() -> None:
    found = _random(9)
    turned = replace(found, lines=list(reversed(found.lines)), shelf=dict(reversed(list(found.shelf.items()))))

    def values(figures: Iterable[Figure]) -> list[Decimal | None]:
        return [None if each.value is None else round(each.value, 12) for each in figures]

    assert values(scorecard(found)) == values(scorecard(turned))


def test_a_part_says_which_document_it_is_from() -> None:
    parts: list[Part] = list(BY_NAME["otif-requested"].parts(facts(lines=[line(10, (3, 10), order="A77")])))
    assert [(each.document, each.place, each.gtin) for each in parts] == [("A77", SHOP, TEA)]
