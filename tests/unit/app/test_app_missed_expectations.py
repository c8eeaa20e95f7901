"""A report that fell due while the gateway was off, or while its clock was set forward, is missed all the same."""

from dataclasses import replace
from datetime import timedelta

from app_scene import World

from gateway.app.rounds import Rounds
from gateway.app.timers import Timers
from gateway.model.partner import Expected
from tests.journeys import papers
from tests.unit.pipeline.pipeline_scene import NOW, OATS

DAILY = Expected(document="SalesReport", days=(1, 2, 3, 4, 5, 6, 7), by="06:00", zone="UTC", about="yesterday")
NORDMARKT, OURS, SHOP = "9521002000009", "9521001000000", "9521002000023"


def timers(world: World) -> Timers:
    shop = replace(world.book.partners["nordmarkt"], expects=(DAILY,))
    world.book = replace(world.book, partners={**world.book.partners, "nordmarkt": shop})
    return Timers(
        journal=world.journal,
        book=lambda: world.book,
        clock=world.clock,
        wake=lambda lane: None,
        planning_every=None,
        rounds=Rounds(now=world.clock.now),
    )


def days(world: World, first: int, last: int) -> list[str]:
    """Return days from first to last after today."""
    return [(NOW.date() + timedelta(days=n)).isoformat() for n in range(first, last + 1)]


def overdue(world: World) -> list[str]:
    """Return the days whose sales reports are missing; others of the demo's partners owe other things."""
    subjects = (row["subject"].split() for row in world.rows("case") if row["closed_at"] is None)
    return sorted(day for kind, day in subjects if kind == "SalesReport")


async def test_after_five_days_without_a_look_each_day_is_found_to_be_missing(world: World) -> None:
    part = timers(world)
    await part.look()
    world.clock.advance(timedelta(days=5))
    await timers(world).look()  # as after a start
    assert overdue(world) == days(world, 0, 0)  # what was written down before: the calendar reaches a day and a half
    world.clock.advance(timedelta(hours=1, minutes=30))
    await timers(world).look()
    assert overdue(world) == days(world, 0, 4)


async def test_what_came_before_the_calendar_was_written_down_again_is_not_missing(world: World) -> None:
    part = timers(world)
    await part.look()
    world.clock.advance(timedelta(days=5))
    for day in days(world, 0, 4):
        text = papers.slsrpt(f"S{day}", NORDMARKT, OURS, SHOP, [(OATS, "3")], day=day.replace("-", ""))
        world.take(text)
    await part.look()
    world.clock.advance(timedelta(hours=2))
    await part.look()
    assert overdue(world) == []


async def test_more_than_two_weeks_are_not_made_up_for(world: World) -> None:
    part = timers(world)
    await part.look()
    world.clock.advance(timedelta(days=60))
    await part.look()
    world.clock.advance(timedelta(hours=2))
    await part.look()
    assert overdue(world) == days(world, 0, 0) + days(world, 46, 59)
