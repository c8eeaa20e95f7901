"""The calendar of promotions on pages, as CSV and in the API."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient
from console_scene import NOW, OATS, Acting, Scene

from gateway.api.services import Services
from gateway.model import json_form
from gateway.model.effects import Effect, SalesRecorded, StockReported
from gateway.model.planning_effects import RecordSaved
from gateway.model.retail_event import RetailEvent
from gateway.model.values import Item

SHOP = "9521002000016"
TODAY = NOW.date()


class Collaborating(Acting):
    """Notes what a person says of the calendar."""

    async def save_events(self, events: Sequence[RetailEvent], user: str) -> int:
        for each in events:
            uplift = "" if each.uplift is None else f"{each.uplift:f}"
            self.scene.calls.append(("save", each.kind, each.name, uplift, *(item.gtin or "" for item in each.items)))
        return len(events)

    async def cancel_event(self, identity: str, user: str) -> None:
        self.scene.calls.append(("cancel", identity, user))

    async def load_events(self, text: str, user: str) -> int:
        self.scene.calls.append(("load", text))
        return 1


class Planned(Scene):
    def services(self, settings: Any = None) -> Services:
        return replace(super().services(settings), actions=Collaborating(self))  # type: ignore[arg-type]


@pytest.fixture
def scene(tmp_path: Any) -> Iterator[Scene]:
    """Eight weeks of 10 a day, then a promotion of four days until yesterday with 15 a day; 7 are left."""
    made = Planned(tmp_path)
    first = TODAY - timedelta(days=4)

    def event(identity: str, begin: date, partner: str | None, state: str = "planned") -> RecordSaved:
        said = RetailEvent(
            id=identity,
            issued_at=TODAY,
            kind="promotion",
            name=f"Week of {identity}",
            first_day=begin,
            last_day=begin + timedelta(days=3),
            items=(Item(gtin=OATS),),
            mechanic="leaflet",
            uplift=Decimal("0.4"),
        )
        data = json_form.dumps(said)
        return RecordSaved(key=identity, kind="event", id=identity, state=state, data=data, partner=partner)

    effects: list[Effect] = [
        event("past", first, "nordmarkt"),
        event("coming", TODAY + timedelta(days=3), None),
        event("gone", TODAY, None, "cancelled"),
        StockReported(
            key="stock",
            partner="nordmarkt",
            location=SHOP,
            gtin=OATS,
            type="onHand",
            quantity=Decimal(7),
            at=TODAY - timedelta(days=1),
        ),
    ]
    for n in range(60, 0, -1):
        day = TODAY - timedelta(days=n)
        sold = Decimal(15 if day >= first else 10)
        facts: dict[str, Any] = {"partner": "nordmarkt", "location": SHOP, "gtin": OATS, "day": day, "sold": sold}
        effects.append(SalesRecorded(key=f"sales:{n}", report=f"V{n}", **facts))
    made.journal.write(lambda tx: tx.write_effects(made.next_id(), effects, NOW, test=False))
    yield made
    made.close()


@pytest.fixture
async def client(scene: Scene, aiohttp_client: Any) -> TestClient:
    return await aiohttp_client(scene.app())


async def sign_in(client: TestClient, scene: Scene, role: str = "planner", language: str = "en", **more: Any) -> None:
    scene.access.add_user(role, role, NOW, by="test", **more)
    await client.get("/login?token=" + scene.access.make_login_link(role, NOW), allow_redirects=False)
    await client.get(f"/view?language={language}", allow_redirects=False)


async def text(client: TestClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    found = await answer.text()
    assert answer.status == status, found[:400]
    return found


async def token(client: TestClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', await text(client, "/promotions"))
    assert found is not None
    return found[1]


async def test_the_calendar_shows_what_comes_what_was_and_what_is_cancelled(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    coming = await text(client, "/promotions")
    assert "Week of coming" in coming
    assert "Week of past" not in coming
    assert "Week of past" in await text(client, "/promotions?when=past")
    cancelled = await text(client, "/promotions?when=cancelled")
    assert "Week of gone" in cancelled
    assert "Week of coming" not in cancelled


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_after_the_end_the_page_says_baseline_uplift_and_stock_left(
    client: TestClient, scene: Scene, language: str
) -> None:
    await sign_in(client, scene, language=language)
    found = await text(client, "/promotions/past")
    assert "50 %" in found  # 60 sold where 40 are usual
    cells = [each.strip() for each in re.findall(r'<td class="n"[^>]*>([^<]*)</td>', found)]
    assert cells == ["4", "60", "40", "50 %", "7"]


async def test_a_form_makes_an_event_and_a_file_many(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    form = {"csrf": await token(client), "name": "Oats", "kind": "promotion", "mechanic": "price", "uplift": "50"}
    form |= {"first_day": "2026-12-01", "last_day": "2026-12-07", "items": f"{OATS}\n9521001100038"}
    answer = await client.post("/promotions", data=form, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    assert scene.calls == [("save", "promotion", "Oats", "0.5", OATS, "09521001100038")]
    upload = FormData()
    upload.add_field("csrf", form["csrf"])
    upload.add_field("file", b"id,name\n", filename="events.csv", content_type="text/csv")
    assert (await client.post("/promotions/import", data=upload, allow_redirects=False)).status == 303
    cancel = {"csrf": form["csrf"]}
    assert (await client.post("/promotions/coming/cancel", data=cancel, allow_redirects=False)).status == 303
    assert scene.calls[1:] == [("load", "id,name\n"), ("cancel", "coming", "planner")]
    bad = {**form, "uplift": "much"}
    assert (await client.post("/promotions", data=bad, allow_redirects=False)).status == 400


async def test_the_api_tells_and_takes_the_same(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    events = await (await client.get("/api/v1/events?kind=promotion")).json()
    assert [each["event"]["id"] for each in events] == ["past", "coming"]
    one = await (await client.get("/api/v1/events/past")).json()
    assert (one["outcomes"][0]["uplift"], one["outcomes"][0]["left"]) == ("0.5", "7")
    headers = {"X-CSRF-Token": await token(client)}
    body = {"id": "N1", "kind": "promotion", "name": "N", "firstDay": "2026-12-01", "lastDay": "2026-12-02"}
    body_items: dict[str, Any] = {**body, "items": [{"gtin": OATS}], "uplift": "0.25"}
    answer = await client.post("/api/v1/events", json=body_items, headers=headers)
    assert answer.status == 202, await answer.text()
    assert scene.calls == [("save", "promotion", "N", "0.25", OATS)]
    assert (await client.post("/api/v1/events", json={**body_items, "uplift": "x"}, headers=headers)).status == 400


async def test_who_sees_one_partner_sees_its_events_and_changes_none(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene, partners=frozenset({"stadtkette"}))
    found = await text(client, "/promotions?when=past")
    assert "Week of past" not in found
    assert 'action="/promotions"' not in found.replace('action="/promotions" data-auto', "")
    await text(client, "/promotions/past", 404)
    assert "past" not in await text(client, "/promotions.csv")
