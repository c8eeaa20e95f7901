"""Long lists are read page by page, each line once, by links on the page and by the header Link of the API."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from console_scene import NOW, Scene
from partner_instance import House
from sqlalchemy import insert

from gateway.store import tables as t
from gateway.store.forms import micros
from gateway.store.view_rows import MessageFilter

IMPORTS, LATE, COMING = 130, 230, 110


def owed(n: int) -> dict[str, Any]:
    """Several fall due at the same time, so that a page may end between them."""
    late = n < LATE
    due = NOW - timedelta(hours=1 + n // 3) if late else NOW + timedelta(hours=1 + n // 3)
    return {
        "partner": "nordmarkt" if n % 2 else "stadtkette", "document_type": "SalesReport", "subject": f"owed-{n:03d}",
        "state": "overdue" if late else "waiting", "due": micros(due), "message": None, "met_at": None, "met_by": None,
    }  # fmt: skip


def imported(n: int) -> dict[str, Any]:
    at = micros(NOW - timedelta(minutes=n // 2))
    return {
        "id": f"import-{n:03d}", "kind": "items", "file": f"list-{n:03d}.csv", "sha256": "0" * 64, "user": "anna",
        "state": "done", "rows": 1, "changed": 1, "rejected": 0, "problems": "[]", "at": at, "updated_at": at,
    }  # fmt: skip


@pytest.fixture
def full(scene: Scene) -> Scene:
    with scene.journal._database.writer.begin() as connection:
        connection.execute(insert(t.expectation), [owed(n) for n in range(LATE + COMING)])
        connection.execute(insert(t.import_run), [imported(n) for n in range(IMPORTS)])
    scene.access.add_user("anna", "admin", NOW, by="test")
    return scene


async def walked(client: TestClient[Any, Any], address: str, pattern: str, parameter: str) -> list[str]:
    found: list[str] = []
    while address:
        answer = await client.get(address)
        text = await answer.text()
        assert answer.status == 200
        found += re.findall(pattern, text)
        following = re.search(rf'rel="next" href="([^"]*{parameter}=[^"]*)"', text)
        address = following[1].replace("&amp;", "&") if following else ""
    return found


async def signed_in(scene: Scene, client: TestClient[Any, Any]) -> None:
    await client.get("/login?token=" + scene.access.make_login_link("anna", NOW), allow_redirects=False)


async def test_imported_lists_are_shown_page_by_page(full: Scene) -> None:
    async with TestClient(TestServer(full.app())) as client:
        await signed_in(full, client)
        names = await walked(client, "/imports", r">(list-\d+\.csv)<", "cursor")
    assert sorted(names) == [f"list-{n:03d}.csv" for n in range(IMPORTS)]


async def test_expected_documents_are_shown_page_by_page(full: Scene) -> None:
    async with TestClient(TestServer(full.app())) as client:
        await signed_in(full, client)
        first = await (await client.get("/expected")).text()
        late = await walked(client, "/expected", r"owed-\d+", "late")
        coming = await walked(client, "/expected?partner=nordmarkt", r"owed-\d+", "cursor")
    assert ">Should be here: 230<" in first
    overdue = [each for each in late if int(each[5:]) < LATE]
    assert sorted(overdue) == [f"owed-{n:03d}" for n in range(LATE)]
    waiting = [each for each in coming if int(each[5:]) >= LATE]
    assert sorted(waiting) == [f"owed-{n:03d}" for n in range(LATE, LATE + COMING) if n % 2]


async def test_the_api_tells_where_the_next_page_begins(full: Scene) -> None:
    async with TestClient(TestServer(full.app())) as client:
        await signed_in(full, client)
        for address, name, total in (
            ("/api/v1/imports?limit=40", "id", IMPORTS),
            ("/api/v1/expected?state=overdue&limit=50", "subject", LATE),
        ):
            found: list[str] = []
            following: str | None = address
            while following:
                answer = await client.get(following)
                found += [each[name] for each in json.loads(await answer.text())]
                link = re.fullmatch(r'<(.*)>; rel="next"', answer.headers.get("Link", ""))
                following = link[1] if link else None
            assert len(found) == len(set(found)) == total


@pytest.mark.parametrize("address", ["/imports", "/expected", "/api/v1/imports", "/api/v1/expected"])
async def test_a_cursor_of_somebody_s_own_making_is_refused(full: Scene, address: str) -> None:
    async with TestClient(TestServer(full.app())) as client:
        await signed_in(full, client)
        for cursor in ("zzz", "MTo1Og", "MTpbMSwyLDNd")[: 3 if "expected" in address else 1]:
            assert (await client.get(f"{address}?cursor={cursor}")).status == 400, cursor


async def test_many_partners_are_shown_page_by_page_with_the_filter_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.console.partners.SHOWN", 2)
    company = 'name: Shop {0}\nrole: customer\ngln: "{1}"\nchannels: {{http: {{}}}}\nagreements: []\n'
    glns = ("9521002000009", "9521003000008", "9521004000007", "4099990000028", "4099990000011")
    house = House(tmp_path / "house", {f"shop-{n}": company.format(n, gln) for n, gln in enumerate(glns)})
    access, now = house.instance.access, house.instance.wall.now()
    access.add_user("anna", "admin", now, by="test")
    async with TestClient(TestServer(house.app())) as client:
        await client.get("/login?token=" + access.make_login_link("anna", now), allow_redirects=False)
        found = await walked(client, "/partners?text=shop", r'href="/partners/(shop-\d)"', "page")
        beyond = await (await client.get("/partners?page=99")).text()
    house.close()
    assert sorted(set(found)) == [f"shop-{n}" for n in range(5)]
    assert 'href="/partners"' in beyond


@pytest.mark.parametrize("text", ["4500018831", "4500", "9521002000009", "<nordmarkt", "09521001100014", "nothing"])
@pytest.mark.parametrize(
    "more", [{}, {"state": "attention"}, {"direction": "in"}, {"partner": "nordmarkt"}, {"test": False}]
)
def test_what_a_text_finds_is_counted_as_it_is_listed(
    scene: Scene, ids: dict[str, str], text: str, more: dict[str, Any]
) -> None:
    wanted = MessageFilter(text=text, **more)
    listed = scene.views.messages(wanted, None, 200).lines
    assert scene.views.count_messages(wanted).value == len(listed)
    if len(listed) > 1:
        few = scene.views.count_messages(wanted, 1)
        assert (few.value, few.capped) == (1, True)


def test_the_texts_that_are_counted_find_something(scene: Scene, ids: dict[str, str]) -> None:
    sizes = {
        text: len(scene.views.messages(MessageFilter(text=text)).lines) for text in ("4500018831", "4500", "<nordmarkt")
    }
    assert min(sizes.values()) > 0, sizes
    assert max(sizes.values()) > 2, sizes
