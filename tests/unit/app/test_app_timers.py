"""Timers: what is due is a row compared with the clock."""

from datetime import timedelta

import pytest
from app_scene import World, running, until

from gateway.app.house import OWN, accept_internal
from gateway.app.rounds import Rounds
from gateway.app.timers import Timers
from gateway.model.replenishment import PlanningRequest
from tests.unit.pipeline.pipeline_scene import NOW, OATS, envelope, orders

DAY = timedelta(hours=24)


def timers(world: World, every: timedelta | None = DAY) -> tuple[Timers, list[str]]:
    woken: list[str] = []
    made = Timers(
        journal=world.journal,
        book=lambda: world.book,
        clock=world.clock,
        wake=woken.append,
        planning_every=every,
        rounds=Rounds(now=world.clock.now),
    )
    return made, woken


def requests(world: World) -> int:
    """Count the plans asked for; the weekly learning that the first one brings along is none."""
    return sum(b'"learn":true' not in bytes(each["data"]) for each in world.rows("payload"))


async def test_each_period_asks_for_one_plan_however_often_one_looks(world: World) -> None:
    part, woken = timers(world)
    for _ in range(3):
        await part.look()
    assert (requests(world), woken) == (1, [OWN])
    world.clock.advance(DAY)
    await part.look()
    await part.look()
    assert (requests(world), woken) == (2, [OWN, OWN])


async def test_two_nodes_ask_once(world: World) -> None:
    first, woken_first = timers(world)
    second, woken_second = timers(world)
    await first.look()
    await second.look()
    assert requests(world) == 1
    assert (woken_first, woken_second) == ([OWN], [])


async def test_a_restart_within_the_period_asks_for_nothing(world: World) -> None:
    await timers(world)[0].look()
    world.clock.advance(timedelta(hours=3))
    await timers(world)[0].look()
    assert requests(world) == 1


async def test_periods_that_passed_while_nobody_looked_are_not_made_up_for(world: World) -> None:
    part, _ = timers(world)
    await part.look()
    world.clock.advance(10 * DAY)
    await part.look()
    assert requests(world) == 2


async def test_without_a_period_planning_is_on_demand_only(world: World) -> None:
    part, woken = timers(world, None)
    await part.look()
    assert (requests(world), woken) == (0, [])


async def test_a_contrl_that_does_not_come_in_time_expires_the_parcel_with_a_case(world: World) -> None:
    world.count_stock(OATS)
    world.take(envelope(orders("PO-1", (OATS, "1"))))
    part, _ = timers(world, None)
    async with running(world.delivery()):
        await until(lambda: world.states("parcel", mapping="eancom-1997/ORDRSP") == ["acked"])
    world.clock.advance(timedelta(hours=23))
    await part.look()
    assert world.states("parcel", mapping="eancom-1997/ORDRSP") == ["acked"]
    world.clock.advance(timedelta(hours=2))
    await part.look()
    await part.look()
    assert world.states("parcel", mapping="eancom-1997/ORDRSP") == ["expired"]
    assert world.states("parcel", mapping="control/CONTRL") == ["acked"]
    assert [(row["code"], row["times"]) for row in world.rows("case")] == [("ack.contrl-missing", 1)]


async def test_trouble_with_the_journal_is_logged_and_the_next_look_does_it(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    part, _ = timers(world)
    with monkeypatch.context() as patch:
        patch.setattr(world.journal, "submit", lambda work: 1 / 0)
        await part.look()
    assert "timers" in caplog.text
    assert requests(world) == 0
    await part.look()
    assert requests(world) == 1


async def test_an_internal_document_is_accepted_once_by_its_id(world: World) -> None:
    request = PlanningRequest(id="plan-1", issued_at=NOW)
    first = world.journal.write(lambda tx: accept_internal(tx, world.book, request, NOW))
    again = world.journal.write(lambda tx: accept_internal(tx, world.book, request, NOW))
    assert (first.outcome, again.outcome, again.arrival_id) == ("new", "repeat", first.arrival_id)
    await world.processing().drain(OWN)
    assert [(row["document_type"], row["state"]) for row in world.rows("message")] == [("PlanningRequest", "done")]
