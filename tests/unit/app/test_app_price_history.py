"""Price lists from our house's catalogues, with their days: learned from, planned with, the same in any order."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway.app.house import accept_internal
from gateway.app.instance import Instance
from gateway.app.planning import PlanningActions
from gateway.app.processing import Processing
from gateway.app.workers import Workers
from gateway.model import json_form
from gateway.model.documents import Document
from gateway.model.payload import MemoryPayload
from gateway.model.price_catalogue import CatalogueItem, CataloguePrice, PriceCatalogue
from gateway.model.replenishment import PlanningRequest
from gateway.model.values import Amount, Item, Period, party
from gateway.pipeline.accept import accept
from gateway.ports.records import Arrival
from tests.unit.app.backtest_scene import ITEMS, KIOSK, sold_out_of

CHEAP = frozenset((*range(100, 86, -1), *range(60, 46, -1)))  # days back


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    opened = sold_out_of(tmp_path / "i", CHEAP)
    yield opened
    opened.close()


def take(instance: Instance, *documents: Document) -> None:
    now = instance.clock.now()
    for each in documents:
        if isinstance(each, PlanningRequest):
            instance.journal.write(lambda tx, each=each: accept_internal(tx, instance.book, each, now))
            continue
        data = MemoryPayload(json_form.dumps(each).encode())
        key = f"{each.id} {each.issued_at}"[:36]
        arrival = Arrival(id=key, channel="out", partner="erp", payload=data, content_type="application/json")
        instance.journal.write(lambda tx, arrival=arrival: accept(tx, instance.book, arrival, now))
    found = Processing(
        journal=instance.journal,
        book=lambda: instance.book,
        workers=Workers(lambda: instance.book, 0),
        clock=instance.clock,
        owner="test",
        on_parcels=lambda: None,
        wake=lambda lane: None,
    )

    async def drain() -> None:
        await found.drain("erp")
        await found.drain("self")

    asyncio.run(drain())
    with instance.journal.reader.connect() as connection:
        faults = connection.execute(text("SELECT fault_code FROM message WHERE state IN ('parked', 'quarantined')"))
        assert faults.all() == []


def catalogue(instance: Instance, number: int, spans: Sequence[tuple[str, date, date | None]]) -> PriceCatalogue:
    """Return our list "retail": prices from a day on, or for some days."""
    prices = tuple(
        CataloguePrice(kind="net", amount=Amount(value=Decimal(value), currency="EUR"), period=Period(start=a, end=b))
        for value, a, b in spans
    )
    return PriceCatalogue(
        id="list:retail",
        issued_at=instance.clock.now() + timedelta(seconds=number),
        provider=party("9521001000000"),
        receiver=party("9521001000000"),
        lines=tuple(CatalogueItem(item=Item(gtin=each), prices=prices) for each in ITEMS),
    )


def why(instance: Instance) -> dict[str, Any]:
    return PlanningActions(instance=instance, wake=lambda lane: None).what_if(KIOSK, ITEMS[3], {})


def test_a_price_that_is_known_beforehand_lifts_the_days_it_is_for_as_such_prices_did(instance: Instance) -> None:
    today = instance.clock.now().date()
    before = why(instance)
    assert before["forecast"]["events"] == []
    usual = ("2.00", today - timedelta(days=400), None)
    weeks = [("1.60", today - timedelta(days=n), today - timedelta(days=n - 13)) for n in (100, 60)]
    coming = ("1.60", today + timedelta(days=1), today + timedelta(days=2))
    take(instance, catalogue(instance, 1, [coming, *weeks, usual]))
    unlearned = why(instance)
    assert [each["price"] for each in unlearned["forecast"]["events"]] == ["0.8000"]
    take(instance, catalogue(instance, 2, [usual, *weeks, coming]))
    assert why(instance)["forecast"] == unlearned["forecast"], "told again, in another order"
    take(instance, PlanningRequest(id="learn", issued_at=instance.clock.now(), release=False, learn=True))
    found = why(instance)["forecast"]
    assert [each["kind"] for each in found["events"]] == ["price"]
    by_day = {date.fromisoformat(each["day"]): each for each in found["daily"]}
    lifted, plain = by_day[today + timedelta(days=1)], by_day[today]
    assert lifted["price"] == pytest.approx(2.0, abs=0.25), "0.8 of the price has sold twice as much"
    assert "price" not in plain
    assert lifted["system"] == pytest.approx(found["rate"] * lifted["price"] * lifted.get("weekday", 1.0), rel=0.1)
