"""The mapping editor, versions, back-tests and lookup tables as pages, over a real instance: every step by forms."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient
from editor_scene import NAME, OWN, MappingHouse, mapping_houses, order
from test_console_partners import csrf, page, sign_in

EDIT = f"/mappings/{NAME}/edit?partner=acme"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[MappingHouse]:
    yield from mapping_houses(tmp_path)


@pytest.fixture
async def client(house: MappingHouse, aiohttp_client) -> TestClient:
    found = await aiohttp_client(house.app())
    await sign_in(found, house)
    return found


async def send(client: TestClient, path: str, fields: dict[str, object] | FormData, status: int = 303) -> str:
    token = await csrf(client)
    if isinstance(fields, FormData):
        fields.add_field("csrf", token)
        data: object = fields
    else:
        data = {**fields, "csrf": token}
    answer = await client.post(path, data=data, allow_redirects=False)
    text = await answer.text()
    assert answer.status == status, (
        path,
        answer.status,
        re.findall(r"banner bad.*?</div>", text, re.DOTALL) or text[:300],
    )
    return answer.headers["Location"] if status == 303 else text


async def test_an_odd_value_is_connected_tried_published_and_the_messages_replayed(
    client: TestClient, house: MappingHouse
) -> None:
    import asyncio

    ids = await asyncio.to_thread(house.take, order("PO-1", quantity="46"), order("PO-2", quantity="46"))
    shown = await page(client, f"/messages/{ids[0]}")
    assert f"/mappings/{NAME}/edit?partner=acme&amp;sample={ids[0]}" in shown
    editor = await page(client, f"{EDIT}&sample={ids[0]}")
    (number,) = re.findall(r'name="propose" value="(\d+):lines\[\]\.quantity"', editor)
    fields = {"text": "extends: eancom-1997/ORDERS\n", "sample": ids[0], "propose": f"{number}:lines[].quantity"}
    back = await send(client, EDIT, fields)
    assert back.startswith(f"{EDIT}&sample={ids[0]}")
    again = await page(client, back)
    assert "C186.6063: &#34;46&#34;" in again
    assert "lines[0].quantity" in again
    await page(client, f"/mappings/{NAME}/publish?partner=acme&sample={ids[0]}")
    to = await send(client, f"/mappings/{NAME}/publish?partner=acme&sample={ids[0]}", {"reason": "Acme says 46"})
    versions = await page(client, to)
    assert "Replay 2 affected" in versions
    assert "Acme says 46" in versions
    code = re.search(r'name="code" value="([^"]+)"', versions)
    assert code is not None
    replay = await send(client, f"/mappings/{NAME}/replay?partner=acme", {"type": "ORDERS", "code": code.group(1)})
    assert replay.startswith("/replays/")
    for row in ids:  # what the node does with them
        house.instance.journal.write(lambda tx, row=row: tx.replay(row, "anna", house.instance.clock.now()))
    await asyncio.to_thread(house.work)
    assert [house.state(each) for each in ids] != ["parked", "parked"]
    assert "v2" in await page(client, f"/mappings/{NAME}/versions?partner=acme")
    second = await page(client, f"/mappings/{NAME}/versions/2?partner=acme")
    assert ids[0] in second
    assert "+lines[].quantity" not in second
    assert "lines[].quantity" in second


async def test_a_rule_of_the_standard_is_overridden_and_taken_back(client: TestClient, house: MappingHouse) -> None:
    await send(client, EDIT, {"text": OWN, "sample": "case", "override": "requestedDelivery"})
    draft = house.editor.views.draft("admin", "acme", NAME)
    assert draft is not None
    assert "requestedDelivery:" in draft.text
    await send(client, EDIT, {"text": draft.text, "sample": "case", "remove": "requestedDelivery"})
    after = house.editor.views.draft("admin", "acme", NAME)
    assert after is not None
    assert "requestedDelivery" not in after.text
    wrong = await send(client, EDIT, {"text": OWN, "sample": "case", "override": "nothing"}, 409)
    assert "is no field with rules of its own" in wrong
    await send(client, EDIT, {"text": OWN, "sample": "case", "act": "discard"})
    assert house.editor.views.draft("admin", "acme", NAME) is None


async def test_a_mistake_is_told_at_its_line(client: TestClient) -> None:
    text = "extends: eancom-1997/ORDERS\nfields:\n  requestedDelivry: DTM/C507.2380\n"
    panes = await send(client, f"/mappings/{NAME}/look?partner=acme", {"text": text, "sample": "case",
                       "path": "partners/acme/mappings/eancom-1997-ORDERS.yaml", "position": "0"}, 200)  # fmt: skip
    assert 'data-goto="3"' in panes
    assert "requestedDelivery" in panes  # the nearest right name
    assert "As it is read in force: the draft has errors." in panes
    assert "C186.6060" in panes  # the sample stays to be seen
    words = await (await client.get(f"/mappings/{NAME}/words?partner=acme")).json()
    known = {each[0]: each[1:] for each in words}
    assert known["lines[].quantity"][0] == "quantity!"
    assert "SG25/QTY/C186.6060" in known
    assert known["lines[]"] == ["list", "SG25/"]  # the fields of a line have their paths from there
    inside = await (await client.get(f"/mappings/{NAME}/words?partner=acme&below=SG25/")).json()
    assert {each[1] for each in inside} == {"path"}
    assert all(each[0].startswith("SG25/") for each in inside)


async def test_a_back_test_runs_and_its_page_tells_what_changes(client: TestClient, house: MappingHouse) -> None:
    import asyncio

    await asyncio.to_thread(house.take, order("PO-5"), order("PO-6", head="RFF+CT:K-1'"))
    text = "extends: eancom-1997/ORDERS\nfields:\n  currency: {path: SG7/CUX/C504.6345, const: USD, direction: out}\n"
    to = await send(client, EDIT, {"text": text, "act": "back-test", "count": "20"})
    for _ in range(200):
        shown = await page(client, to)
        if "data-poll" not in shown:
            break
        await asyncio.sleep(0.1)
    assert "Done" in shown
    assert "currency" in shown
    stopped = await send(client, to.replace("?", "/cancel?"), {})
    assert stopped == to


async def test_a_lookup_table_goes_in_and_out_as_csv_and_row_by_row(client: TestClient, house: MappingHouse) -> None:
    form = FormData()
    form.add_field("name", "articles")
    form.add_field("file", "﻿article;x".replace(";", ",").encode() + b"\r\n4711,a\r\n", filename="articles.csv")
    assert await send(client, "/partners/acme/tables", form) == "/partners/acme/tables/articles?done=imported"
    await send(client, "/partners/acme/tables/articles/rows", FormData([("cell", "4712"), ("cell", "b")]))
    taken = await send(client, "/partners/acme/tables/articles/rows", FormData([("cell", "4712"), ("cell", "c")]), 409)
    assert "4712" in taken
    await send(client, "/partners/acme/tables/articles/rows",
               FormData([("cell", "4712"), ("cell", "c"), ("change", "yes")]))  # fmt: skip
    await send(client, "/partners/acme/tables/articles/remove", {"key": "4711"})
    text = await (await client.get("/partners/acme/tables/articles/csv")).text()
    assert text == "article,x\n4712,c\n"
    assert "articles" in await page(client, "/partners/acme/tables")
    assert "4712" in await page(client, "/partners/acme/tables/articles?text=C")
    assert house.file("partners/acme/tables/articles.csv") == text


async def test_who_may_only_read_sees_versions_and_no_editor(house: MappingHouse, aiohttp_client) -> None:
    client = await aiohttp_client(house.app())
    await sign_in(client, house, "auditor")
    assert "Restore" not in await page(client, f"/mappings/{NAME}/versions?partner=acme")
    await page(client, EDIT, 403)
    await page(client, f"/mappings/{NAME}/versions?partner=nobody", 404)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_every_page_has_its_words(client: TestClient, language: str) -> None:
    await client.get(f"/view?language={language}", allow_redirects=False)
    await send(client, EDIT, {"text": OWN, "sample": "case"})
    for path in (EDIT, f"/mappings/{NAME}/publish?partner=acme", f"/mappings/{NAME}/versions?partner=acme",
                 f"/mappings/{NAME}/versions/1?partner=acme", "/partners/acme/tables"):  # fmt: skip
        shown = await page(client, path)
        assert not re.search(r">[a-z-]+\.[a-z]+-[a-z-]+<", shown), path


async def test_the_program_does_the_same_by_json(house: MappingHouse, aiohttp_client) -> None:
    import asyncio

    key = house.instance.access.issue_key("robot", "admin", house.instance.clock.now(), by="test")
    client = await aiohttp_client(house.app(), headers={"Authorization": f"Bearer {key}"})
    base = f"/api/v1/partners/acme/mappings/{NAME}"
    (message,) = await asyncio.to_thread(house.take, order("PO-1", quantity="46"))
    draft = await (await client.get(f"{base}/draft")).json()
    assert (draft["sample"], draft.get("savedAt")) == (message, None)
    text = draft["text"] + "fields:\n  lines[].quantity: {path: QTY/C186.6060, where: {C186.6063: ['21', '46']}}\n"
    tried = await client.post(f"{base}/preview", json={"text": text})
    found = await tried.json()
    assert tried.status == 200, found
    assert (found["good"], found["goodBefore"]) == (True, False)
    assert found["document"]["lines"][0]["quantity"]["value"] == "1"
    answer = await client.put(f"{base}/draft", json={"text": text})
    assert answer.status == 200, await answer.text()
    begun = await (await client.post(f"{base}/back-tests", json={"count": 5})).json()
    for _ in range(200):
        test = await (await client.get(f"{base}/back-tests/{begun['id']}")).json()
        if test["state"] != "running":
            break
        time.sleep(0.05)
    assert test["report"]["outcomes"] == {"mended": 1}
    answer = await client.post(f"{base}/publish", json={"reason": "46"})
    assert (answer.status, (await answer.json())["version"]) == (200, 2)
    answer = await client.post(f"/api/v1/messages/{message}/read-with", json={"version": 2})
    assert answer.status == 202, await answer.text()
    await asyncio.to_thread(house.work)
    assert house.state(message) != "parked"
    shown = await (await client.get(f"{base}/versions")).json()
    assert [(each["number"], each["read"]) for each in shown] == [(2, 1), (1, 0)]
    assert (await client.get(f"{base}/versions/2/changes?with=1")).status == 200
    answer = await client.post(f"{base}/versions/1/restore", json={"reason": "no"})
    assert answer.status == 200
    answer = await client.put("/api/v1/partners/acme/tables/articles", data=b"a,b\n1,2\n")
    assert answer.status == 200, await answer.text()
    answer = await client.post("/api/v1/partners/acme/tables/articles/rows", json={"cells": ["2", "3"]})
    assert answer.status == 200
    assert (await (await client.get("/api/v1/partners/acme/tables")).json())[0]["rows"] == [["1", "2"], ["2", "3"]]
    assert (await client.delete("/api/v1/partners/acme/tables/articles/rows?key=1")).status == 200
    for path, body, status, code in (
        (f"{base}/publish", {}, 409, "mapping.no-draft"),
        (f"{base}/preview", {"text": 3}, 400, "api.bad-value"),
        (f"{base}/back-tests/x/cancel", {}, 409, "mapping.no-such-test"),
        ("/api/v1/messages/nothing/read-with", {"version": 1}, 409, "mapping.no-such-sample"),
    ):
        answer = await client.post(path, json=body)
        assert (answer.status, (await answer.json())["code"]) == (status, code), path


async def test_a_standard_mapping_is_read_and_a_layer_begun_for_a_partner_with_one_click(client: TestClient) -> None:
    shown = await page(client, f"/mappings/{NAME}")
    assert "lines[].quantity" in shown  # its rules, read only
    assert f'action="/mappings/{NAME}/edit"' in shown
    assert '<option value="acme">' in shown
    begun = await page(client, f"/mappings/{NAME}/edit?partner=acme")
    assert "extends: eancom-1997/ORDERS" in begun


async def test_a_layer_is_offered_to_the_others_who_use_the_mapping(client: TestClient, house: MappingHouse) -> None:
    place = house.folder / "partners/bolt"
    place.mkdir()
    (place / "partner.yaml").write_text(
        "name: Bolt\nrole: customer\ngln: '4099990000028'\nchannels: {box: {kind: folder, folder: bolt}}\n"
        f"agreements:\n  - {{receive: {NAME}, over: box}}\n",
        encoding="utf-8",
    )
    house.own()
    at = f"/mappings/{NAME}/versions?partner=acme"
    assert 'name="to" value="bolt" checked' in await page(client, at)
    done = await send(client, f"/mappings/{NAME}/share?partner=acme", {"to": "bolt", "reason": "alike"}, 200)
    assert "In force for Bolt." in done
    assert 'name="to" value="bolt" disabled' in done
    assert house.file("partners/bolt/mappings/eancom-1997-ORDERS.yaml") == OWN
