"""Problems, replays, queues and alerts at the console, on a real instance."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, desk_at, words_of
from house_scene import opened, order, work_off

from gateway.model.json_form import dumps
from gateway.model.payload import MemoryPayload
from gateway.pipeline.accept import accept
from gateway.ports.records import Arrival

UNKNOWN = "09521001109994"


def arrive(root: Path, name: str, partner: str, data: bytes) -> None:
    with opened(root) as instance:
        now = instance.clock.now()
        arrival = Arrival(
            id=name, channel="http", partner=partner, payload=MemoryPayload(data), content_type="application/json"
        )
        instance.journal.write(lambda tx: accept(tx, instance.book, arrival, now))
        work_off(instance)


@pytest.fixture
async def desk(root: Path, aiohttp_client: Any) -> AsyncIterator[Desk]:
    for n in range(3):
        data = dumps(order(f"P{n}", (UNKNOWN, 5))).encode()
        await asyncio.to_thread(arrive, root, f"bad{n}", "shop", data)
    async with desk_at(root, aiohttp_client) as found:
        yield found


def the_problem(desk: Desk) -> str:
    (line,) = desk.instance.views.problems(desk.instance.clock.now()).lines
    return line.id


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_list_names_the_cause_once_with_all_that_waits(desk: Desk, language: str) -> None:
    await desk.sign_in(language=language)
    html = await desk.page("/problems")
    assert html.count('class="reach"') == 1
    text = words_of(html)
    assert "Shop" in text
    assert ("未处理" if language == "zh-CN" else "Open") in text
    assert 'class="spark"' in html
    assert await desk.page(f"/problems/{the_problem(desk)}")


async def test_a_cause_of_one_message_alone_names_its_value(root: Path, aiohttp_client: Any) -> None:
    for n in range(2):
        await asyncio.to_thread(arrive, root, f"bad{n}", "shop", dumps(order(f"P{n}", (UNKNOWN, 5))).encode())
        async with desk_at(root, aiohttp_client) as desk:
            assert (f"The item {UNKNOWN} is not" in words_of(await desk.page("/problems"))) == (n == 0)


async def test_everything_that_waits_is_replayed_from_the_list_with_three_clicks(desk: Desk) -> None:
    listed = await desk.page("/problems")
    address = f"/problems/{the_problem(desk)}"
    assert f'href="{address}"' in listed  # 1: the cause
    html = await desk.page(address)
    assert "Replay all 3" in words_of(html)  # 2: shows what will be done
    html = await desk.send(f"{address}/replay", reason="item added")  # 3: do it
    assert desk.at.startswith("/replays/")
    assert "0 / 3" in words_of(html)
    replay = desk.at.removeprefix("/replays/")
    while desk.actions.advance_bulk(replay, 2).state == "running":
        pass
    text = words_of(await desk.page(desk.at))
    assert "3 / 3" in text
    assert "Done" in text
    assert "Nothing waits for a person" in words_of(await desk.page("/problems"))


async def test_a_replay_can_be_stopped_and_needs_a_reason(desk: Desk) -> None:
    address = f"/problems/{the_problem(desk)}"
    assert "reason" in await desk.send(f"{address}/replay", status=400, reason=" ")
    await desk.send(f"{address}/replay", reason="try")
    replay = desk.at
    html = await desk.send(f"{replay}/cancel")
    assert "Stopped" in words_of(html)
    assert desk.actions.advance_bulk(replay.removeprefix("/replays/"), 9).done == 0


async def test_a_cause_is_taken_in_hand_noted_put_off_and_resolved(desk: Desk) -> None:
    address = f"/problems/{the_problem(desk)}/mark"
    text = words_of(await desk.send(address, do="take"))
    assert "In hand" in text
    assert "admin-desk" in text
    assert "asked the shop" in await desk.send(address, do="note", note="asked the shop")
    await desk.send(address, do="snooze", **{"for": "1d"})
    (line,) = desk.instance.views.problems(desk.instance.clock.now()).lines
    assert line.state == "snoozed"
    assert line.until is not None
    assert timedelta(hours=23) < line.until - desk.instance.clock.now() <= timedelta(days=1)
    await desk.send(address, do="resolve")
    assert "Nothing waits for a person" in words_of(await desk.page("/problems"))
    assert "Shop" in words_of(await desk.page("/problems?state=resolved"))
    await desk.send(address, do="nonsense", status=400)


async def test_who_may_only_read_is_shown_no_button_and_refused(desk: Desk) -> None:
    await desk.sign_in("planner")
    address = f"/problems/{the_problem(desk)}"
    html = await desk.page(address)
    assert f"{address}/mark" not in html
    assert f"{address}/replay" not in html
    await desk.send(f"{address}/mark", status=403, do="resolve")
    await desk.send(f"{address}/replay", status=403, reason="x")
    await desk.page("/alerts", status=403)


async def test_a_partner_is_paused_with_a_reason_and_goes_on(desk: Desk) -> None:
    html = await desk.send("/queues/pause", what="partner shop", reason="their endpoint is broken")
    assert "their endpoint is broken" in html
    (hold,) = desk.instance.views.holds()
    assert (hold.kind, hold.key, hold.user) == ("partner", "shop", "admin-desk")
    await desk.send("/queues/pause", status=400, what="partner shop", reason="")
    await desk.send("/queues/pause", status=400, what="partner nobody", reason="x")
    await desk.send("/queues/pause", status=400, what="planet earth", reason="x")
    await desk.send("/queues/resume", what="partner shop")
    assert desk.instance.views.holds() == ()
    await desk.send("/queues/pause", what="type Order", reason="stock count")
    assert "stock count" in words_of(await desk.page("/queues"))


async def test_an_alert_rule_is_written_tested_changed_and_removed(desk: Desk) -> None:
    assert "A new problem" in words_of(await desk.page("/alerts"))
    assert 'value="1"' in await desk.page("/alerts/new?kind=problem")
    said = {"kind": "problem", "id": "", "name": "Team", "count": "2", "enabled": "yes"}
    html = await desk.send("/alerts/save", **said, targets="ops@example.org\nwebhook https://chat.example.org/x hook")
    rule = desk.at.partition("?")[0]
    assert "email ops@example.org\nwebhook https://chat.example.org/x hook" in html
    html = await desk.send(f"{rule}/test")
    assert "Test" in words_of(html)
    assert html.count(">waits<") == 2
    changed = {**said, "id": rule.removeprefix("/alerts/"), "quiet_start": "22:00", "quiet_end": "06:00"}
    await desk.send("/alerts/save", **changed, zone="Asia/Shanghai", targets="")
    (line,) = desk.instance.views.alert_rules()
    assert line.rule.targets == ()
    assert line.rule.quiet is not None
    await desk.send(f"{rule}/remove")
    assert desk.instance.views.alert_rules() == ()
    assert "Test" in words_of(await desk.page("/alerts"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("targets", "email nobody"),
        ("targets", "webhook ftp://x.example"),
        ("targets", "webhook http://u:p@x.example/"),
        ("targets", "pigeon somewhere"),
        ("count", "0"),
        ("count", "many"),
        ("partner", "stranger"),
        ("quiet_start", "25:00"),
        ("zone", "Mars/Base"),
    ],
)
async def test_a_rule_that_cannot_be_keeps_what_was_typed_and_says_why(desk: Desk, field: str, value: str) -> None:
    said = {"kind": "problem", "id": "", "name": "Team", "quiet_start": "20:00", "quiet_end": "06:00", "zone": "UTC"}
    html = await desk.send("/alerts/save", status=409, **{**said, field: value})
    assert "cannot be" in words_of(html)
    assert 'value="20:00"' in html or field == "quiet_start"
    assert desk.instance.views.alert_rules() == ()


async def test_the_same_over_the_api(desk: Desk) -> None:
    key = await asyncio.to_thread(
        desk.instance.access.issue_key, "ops", "operator", desk.instance.wall.now(), by="test"
    )
    headers = {"Authorization": f"Bearer {key}"}

    async def ask(method: str, path: str, status: int = 200, body: Any = None) -> Any:
        answer = await desk.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.status == status, await answer.text()
        return await answer.json()

    (line,) = (await ask("GET", "/problems"))["lines"]
    assert (line["count"], line["partner"], line["state"]) == (3, "shop", "open")
    path = f"/problems/{line['id']}"
    assert len((await ask("GET", path))["lines"]) == 3
    marked = await ask("PATCH", path, body={"owner": "ben", "state": "acknowledged", "note": "n"})
    assert (marked["owner"], marked["state"], marked["note"]) == ("ben", "acknowledged", "n")
    await ask("PATCH", path, 409, {"state": "snoozed"})
    await ask("PATCH", path, 400, {"state": "gone"})
    await ask("PATCH", path, 400, {"until": "tomorrow"})
    await ask("POST", f"{path}/replay", 400, {})
    bulk = await ask("POST", f"{path}/replay", 202, {"reason": "mended"})
    assert (await ask("GET", f"/replays/{bulk['id']}"))["replay"]["total"] == 3
    assert (await ask("POST", f"/replays/{bulk['id']}/cancel"))["state"] == "cancelled"
    (held,) = await ask("POST", "/holds", body={"kind": "channel", "key": "http", "reason": "works"})
    assert held["reason"] == "works"
    assert await ask("DELETE", "/holds/channel/http") == []
    await ask("DELETE", "/holds/channel/http", 409)
    await ask("POST", "/holds", 400, {"kind": "channel", "key": "smoke", "reason": "x"})
    assert isinstance(await ask("GET", "/queues"), list)
    rule = {"name": "R", "kind": "queue-age", "params": {"minutes": "5"}, "targets": []}
    made = await ask("POST", "/alerts", 201, rule)
    assert made["rule"]["params"] == {"minutes": "5"}
    changed = await ask("PUT", f"/alerts/{made['rule']['id']}", body={**rule, "enabled": False})
    assert changed["rule"]["enabled"] is False
    assert len(await ask("POST", f"/alerts/{made['rule']['id']}/test", 202)) == 1
    assert await ask("DELETE", f"/alerts/{made['rule']['id']}") == []
    assert len(await ask("GET", "/firings")) == 1
    await ask("GET", "/problems/none", 404)
