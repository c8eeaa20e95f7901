"""Draining a lane: order, bugs, lost claims."""

import asyncio
import json
from datetime import timedelta

import pytest
from app_scene import World

from gateway.app import processing
from gateway.app.processing import LEASE, STARTS
from gateway.app.workers import Workers
from gateway.model.faults import OurFault
from gateway.pipeline import stored
from gateway.pipeline.prepare import Prepared
from gateway.ports.journal import Tx
from gateway.ports.records import ArrivalRow, MessageRow, NewMessage
from tests.unit.pipeline.pipeline_scene import NOW, OATS, envelope, orders


def order(number: int) -> bytes:
    return envelope(orders(f"PO-{number}", (OATS, "1")), reference=f"R{number}")


def aside(world: World) -> list[tuple[str, str | None]]:
    """Return state and fault of each arrival."""
    found = sorted(world.rows("arrival"), key=lambda row: row["seq"])
    return [(row["state"], json.loads(row["fault"])["code"] if row["fault"] else None) for row in found]


def numbers(world: World) -> list[str]:
    return [row["number"] for row in world.rows("business_order")]


async def test_a_lane_is_worked_off_in_order_and_tells_of_its_parcels(world: World) -> None:
    for number in range(20):  # more than one batch
        world.accept(order(number))
    await world.processing().drain("nordmarkt")
    assert world.states() == ["applied"] * 20
    assert numbers(world) == [f"PO-{number}" for number in range(20)]
    assert world.woken > 0
    assert world.journal.read(lambda tx: tx.lanes_with_work(NOW)) == []


async def test_draining_an_empty_lane_does_nothing(world: World) -> None:
    await world.processing().drain("nordmarkt")
    assert world.woken == 0


async def test_a_bug_while_applying_parks_that_message_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = processing.apply

    def buggy(tx: Tx, book: object, claim: object, row: MessageRow, *rest: object) -> object:
        done = real(tx, book, claim, row, *rest)  # type: ignore[arg-type]
        if row.business_number == "PO-1":
            raise ZeroDivisionError("planned, after everything was written")
        return done

    for module in (processing, stored):  # alone, and together with the reading
        monkeypatch.setattr(module, "apply", buggy)
    for number in range(3):
        world.accept(order(number))
    await world.processing().drain("nordmarkt")
    assert [(row["state"], row["fault_code"]) for row in world.rows("message")] == [
        ("applied", None),
        ("parked", "message.bug"),
        ("applied", None),
    ]
    assert numbers(world) == ["PO-0", "PO-2"], "nothing of the buggy one is left"
    assert [(row["code"], row["subject"]) for row in world.rows("case")] == [("message.bug", "PO-1")]


class BuggyWorkers(Workers):
    """Raise what is no Fault when reading one partner's second order."""

    async def prepare(self, arrival: ArrivalRow) -> Prepared:
        if b"PO-1+" in b"".join(arrival.payload.chunks()):
            raise ZeroDivisionError("planned")
        return await super().prepare(arrival)

    async def reread(self, arrival: ArrivalRow, message: MessageRow) -> NewMessage:
        raise ZeroDivisionError("planned")


async def test_a_bug_while_reading_sets_that_arrival_aside_only(world: World) -> None:
    for number in range(3):
        world.accept(order(number))
    await world.processing(BuggyWorkers(lambda: world.book, 0)).drain("nordmarkt")
    assert aside(world) == [("parsed", None), ("parked", "message.bug"), ("parsed", None)]
    assert [(row["account"], row["code"]) for row in world.rows("case")] == [("nordmarkt", "message.bug")]
    assert numbers(world) == ["PO-0", "PO-2"]


async def test_a_bug_while_rereading_parks_the_message_again(world: World) -> None:
    world.accept(envelope(orders("PO-1", when="20261399")))
    await world.processing().drain("nordmarkt")
    (row,) = world.rows("message")
    world.journal.write(lambda tx: tx.replay(row["id"], "me", NOW))
    await world.processing(BuggyWorkers(lambda: world.book, 0)).drain("nordmarkt")
    assert [(each["state"], each["fault_code"]) for each in world.rows("message")] == [("parked", "message.bug")]


async def test_a_fault_that_applying_cannot_place_parks_the_message(world: World) -> None:
    """A partner was taken out of the definitions between the two halves."""
    world.accept(order(0))
    world.prepare("nordmarkt")
    whole = world.book
    world.book = type(whole)(
        digest="x",
        partners={key: each for key, each in whole.partners.items() if key != "nordmarkt"},
        own=whole.own,
        mappings=whole.mappings,
        directories=whole.directories,
    )
    await world.processing().drain("nordmarkt")
    assert [(each["state"], each["fault_code"]) for each in world.rows("message")] == [("parked", "partner.unknown")]


async def test_a_lane_that_somebody_else_holds_is_left_alone(world: World) -> None:
    world.accept(order(0))
    world.journal.write(lambda tx: tx.claim_lane("nordmarkt", "other", NOW, LEASE))
    await world.processing().drain("nordmarkt")
    assert world.states("arrival") == ["received"]
    world.clock.advance(LEASE)
    await world.processing().drain("nordmarkt")
    assert world.states("arrival") == ["parsed"]


async def test_who_loses_the_lane_while_working_writes_nothing_and_says_nothing(world: World) -> None:
    class Slow(Workers):
        async def prepare(self, arrival: ArrivalRow) -> Prepared:
            world.clock.advance(2 * LEASE)
            taken = await asyncio.to_thread(
                world.journal.write, lambda tx: tx.claim_lane("nordmarkt", "other", world.clock.now(), LEASE)
            )
            assert taken is not None
            return await super().prepare(arrival)

    world.accept(order(0))
    part = world.processing(Slow(lambda: world.book, 0))
    await part.drain("nordmarkt")
    assert world.states("arrival") == ["received"]
    assert world.rows("message") == []
    world.clock.advance(2 * LEASE)
    part.workers = Workers(lambda: world.book, 0)
    await part.drain("nordmarkt")
    assert world.states() == ["applied"]


async def test_what_ends_the_whole_gateway_again_and_again_is_set_aside(world: World) -> None:
    arrival = world.accept(order(0)).arrival_id
    claim = world.claim("nordmarkt")
    for _ in range(STARTS):
        world.journal.write(lambda tx: tx.count_attempts(claim, [arrival]))
    await world.processing().drain("nordmarkt")
    assert aside(world) == [("parked", "message.poison")]


async def test_poison_is_parked_with_its_count(world: World) -> None:
    class Dying(Workers):
        async def prepare(self, arrival: ArrivalRow) -> Prepared:
            raise OurFault("message.poison", attempts="3")

    world.accept(order(0))
    await world.processing(Dying(lambda: world.book, 0)).drain("nordmarkt")
    assert aside(world) == [("parked", "message.poison")]


async def test_what_was_prepared_before_is_applied_before_anything_new_is_read(world: World) -> None:
    world.accept(order(0))
    world.prepare("nordmarkt")
    seen: list[int] = []

    class Watching(Workers):
        async def prepare(self, arrival: ArrivalRow) -> Prepared:
            seen.append(len(world.rows("business_order")))
            return await super().prepare(arrival)

    world.accept(order(1))
    await world.processing(Watching(lambda: world.book, 0)).drain("nordmarkt")
    assert seen == [1]
    assert numbers(world) == ["PO-0", "PO-1"]


async def test_a_quiet_lane_is_kept_and_given_back_at_the_end(world: World) -> None:
    part = world.processing()
    world.accept(order(0))
    await part.drain("nordmarkt")
    other = world.journal.write(lambda tx: tx.claim_lane("nordmarkt", "other", NOW, LEASE))
    assert other is None
    await part.release()
    assert world.journal.write(lambda tx: tx.claim_lane("nordmarkt", "other", NOW, LEASE)) is not None


async def test_a_lane_is_claimed_anew_when_half_its_lease_is_over(world: World) -> None:
    part = world.processing()
    await part.drain("nordmarkt")
    (before,) = world.rows("lane", key="nordmarkt")
    world.clock.advance(LEASE / 2 + timedelta(seconds=1))
    await part.drain("nordmarkt")
    (after,) = world.rows("lane", key="nordmarkt")
    assert after["lease_until"] > before["lease_until"]


async def test_a_lost_claim_is_forgotten_even_when_its_lease_would_still_run(world: World) -> None:
    part = world.processing()
    world.accept(order(0))
    await part.drain("nordmarkt")

    def take_over(tx: Tx) -> None:
        tx.end_leases(NOW)
        claim = tx.claim_lane("nordmarkt", "other", NOW, LEASE)
        assert claim is not None
        tx.release_lane(claim)

    world.journal.write(take_over)
    world.accept(order(1))
    await part.drain("nordmarkt")
    await part.drain("nordmarkt")
    assert numbers(world) == ["PO-0", "PO-1"]
