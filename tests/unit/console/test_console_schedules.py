"""Delivery schedules on pages, in the API and on the command line, from the document that said so."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, OATS, Scene

from gateway.domain.decision import Context, Snapshot, StockLevel
from gateway.domain.table import decide
from gateway.model.delivery_schedule import DeliverySchedule, ScheduledDelivery, ScheduleLine
from gateway.model.values import DocumentRef, Item, Period, Quantity, party

SHOP = "9521002000016"
MONDAY = NOW.date() + timedelta(days=7)


def said(number: str, firm: int, cumulative: int) -> DeliverySchedule:
    week = Period(start=MONDAY + timedelta(days=7), end=MONDAY + timedelta(days=13))
    deliveries = (
        ScheduledDelivery(quantity=Quantity(value=Decimal(firm)), status="firm", on=MONDAY),
        ScheduledDelivery(quantity=Quantity(value=Decimal(1300)), status="planned", period=week),
    )
    line = ScheduleLine(
        item=Item(gtin=OATS), location=SHOP, order=DocumentRef(id="FR/7"), deliveries=deliveries,
        cumulative=Quantity(value=Decimal(cumulative)),
    )  # fmt: skip
    return DeliverySchedule(
        id=number, issued_at=NOW, buyer=party("9521001000017"), seller=party("9521000000018"), lines=(line,)
    )


@pytest.fixture
def scene(tmp_path: Any) -> Iterator[Scene]:
    made = Scene(tmp_path)
    records: dict[Any, Any] = {}
    orders: dict[Any, Any] = {}
    for document in (said("DS1", 480, 0), said("DS2", 444, 12)):
        context = Context(
            partner=made.book.partners["nordmarkt"], own=made.book.own, partners=made.book.partners, now=NOW, serial=1
        )
        stock = {OATS: StockLevel(on_hand=Decimal(9000))}
        effects = decide(document, context, Snapshot(plan_records=records, orders=orders, stock=stock)).effects
        for each in effects:
            name = type(each).__name__
            if name == "RecordSaved":
                records[each.kind, each.id] = each  # type: ignore[union-attr]
            elif name == "OrderSaved":
                orders[each.side, each.partner, each.number] = replace(each, key="x")  # type: ignore[union-attr,type-var]
        made.journal.write(lambda tx, e=effects: tx.write_effects(made.next_id(), e, NOW, test=False))
    yield made
    made.close()


@pytest.fixture
async def client(scene: Scene, aiohttp_client: Any) -> TestClient[Any, Any]:
    found: TestClient[Any, Any] = await aiohttp_client(scene.app())
    scene.access.add_user("planner", "planner", NOW, by="test")
    await found.get("/login?token=" + scene.access.make_login_link("planner", NOW), allow_redirects=False)
    return found


async def test_a_schedule_shows_what_is_firm_what_changed_and_what_is_counted(client: TestClient[Any, Any]) -> None:
    page = await (await client.get("/schedules")).text()
    assert "/schedules/nordmarkt?number=FR/7" in page or "/schedules/nordmarkt?number=FR%2F7" in page
    one = await client.get("/schedules/nordmarkt?number=FR%2F7")
    text = await one.text()
    assert one.status == 200
    assert "444" in text
    assert "<del>480</del>" in text
    assert "1,300" in text
    assert (await client.get("/schedules/nordmarkt?number=none")).status == 404


async def test_the_same_stands_in_the_api(client: TestClient[Any, Any]) -> None:
    found = json.loads(await (await client.get("/api/v1/schedules?partner=nordmarkt")).text())
    (row,) = found
    assert (row["number"], row["schedules"], row["place"]) == ("FR/7", 2, SHOP)
    assert [(each["units"], each["before"]) for each in row["firm"]] == [("444", "480")]
    assert row["cumulative"] == [{"gtin": OATS, "received": "12", "sent": "0", "onTheWay": "0"}]
    one = await client.get("/api/v1/schedules/nordmarkt?number=FR/7")
    assert (one.status, (await one.json())["document"]) == (200, "DS2")
    assert (await client.get("/api/v1/schedules/nordmarkt")).status == 404
