"""Backtests of planning on pages and in the API: asked, followed, read as chart, table, CSV and JSON, cancelled."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, OATS, Acting, Scene

from gateway.api.services import Services
from gateway.domain.replenishment.trial_terms import PRICES, WAYS, TrialTerms
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.store.forms import micros
from gateway.store.plan_backtests import BacktestRows
from gateway.store.view_backtests import Backtest

SHOP = "9521002000016"
DONE, RUNNING, THEIRS = (f"019a0000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))


class Playing(Acting):
    """Notes what is started, cancels and removes on the journal."""

    async def start_backtest(self, terms: TrialTerms, user: str, partners: Collection[str] | None = None) -> str:
        said = (terms.agreement, ",".join(terms.items), terms.item_class or "", str(terms.fill), str(terms.lead))
        self.scene.calls.append(("start", user, *said))
        return DONE

    async def cancel_backtest(self, test_id: str, user: str) -> Backtest:
        BacktestRows(self.scene.journal).cancel(test_id, user, NOW)
        found = self.scene.views.backtest(test_id)
        assert found is not None
        return found

    async def remove_backtest(self, test_id: str, user: str) -> None:
        BacktestRows(self.scene.journal).remove(test_id, user, NOW)


class Planned(Scene):
    def services(self, settings: Any = None) -> Services:
        return replace(super().services(settings), actions=Playing(self))  # type: ignore[arg-type]


def figures(way: str, days: float) -> dict[str, Any]:
    curve = [[days - 1, 0.94], [days, 0.98], [days + 2, 0.995]] if way in WAYS else []
    return {
        "way": way, "stock_days": days, "fill": 0.981, "equal_fill_days": days, "lost": 12.0, "order_lines": 0.41,
        "bullwhip": 1.2, "curve": curve,
    }  # fmt: skip


@pytest.fixture
def scene(tmp_path: Any) -> Iterator[Scene]:
    made = Planned(tmp_path)
    agreed = PlanAgreement(id="shops", method="vmi", places=(SHOP,), partner="nordmarkt")
    made.book = replace(made.book, own=replace(made.book.own, planning=PlanningTerms(agreements=(agreed,))))
    rows = BacktestRows(made.journal)
    for test_id, partner in ((DONE, "nordmarkt"), (RUNNING, "nordmarkt"), (THEIRS, "stadtkette")):
        told: dict[str, Any] = {
            "user": "ada", "begun": micros(NOW), "terms": asdict(TrialTerms(agreement="shops")), "played": {},
            "ways": [], "saving": None, "saving_tuned": None, "fault": None,
        }  # fmt: skip
        rows.begin(test_id, partner, "ada", told, NOW)
        played = {
            "series": 8, "days": 400, "lead": 2, "review": 1, "tuned_from": "2026-03-01", "measured_from": "2026-07-01",
            "through": "2026-11-19", "unknown_days": 0.021,
        }  # fmt: skip
        told["played"] = played
        if test_id == DONE:
            days = dict(zip((*WAYS, *PRICES), (2.4, 4.2, 3.1, 0.6, 2.7, 3.2, 4.8, 2.6, 3.0), strict=True))
            told["ways"], told["saving"] = [figures(*each) for each in days.items()], 0.4286
        rows.note(test_id, "done" if test_id == DONE else "running", told, NOW)
    yield made
    made.close()


@pytest.fixture
async def client(scene: Scene, aiohttp_client: Any) -> TestClient[Any, Any]:
    found: TestClient[Any, Any] = await aiohttp_client(scene.app())
    scene.access.add_user("planner", "planner", NOW, by="test")
    await found.get("/login?token=" + scene.access.make_login_link("planner", NOW), allow_redirects=False)
    await found.get("/view?language=en", allow_redirects=False)
    return found


async def text(client: TestClient[Any, Any], path: str, status: int = 200) -> str:
    answer = await client.get(path)
    found = await answer.text()
    assert answer.status == status, found[:400]
    return found


def token(page: str) -> str:
    return page.partition('name="csrf" value="')[2].partition('"')[0]


async def test_a_result_is_shown_as_sentence_chart_tables_and_csv(client: TestClient[Any, Any]) -> None:
    page = await text(client, f"/backtests/{DONE}")
    assert "42.9 % less stock" in page
    assert page.count("<polyline") == len(WAYS)
    assert "Reports 7 days late" in page
    assert ">100 %<" in page, "a week late costs as much stock again: 4.8 for 2.4"
    assert "data-poll" not in page
    lines = (await text(client, f"/backtests/{DONE}/ways.csv")).splitlines()
    assert lines[0].startswith("\ufeffway,stock_days,fill")
    assert [each.partition(",")[0] for each in lines[1:]] == [*WAYS, *PRICES]
    await client.get("/view?language=zh-CN", allow_redirects=False)
    assert "比最小/最大库存法少 42.9 % 的库存" in await text(client, f"/backtests/{DONE}")


async def test_a_person_starts_one_follows_it_and_cancels_it(client: TestClient[Any, Any], scene: Scene) -> None:
    page = await text(client, "/backtests")
    assert "data-poll" in page
    form = {"csrf": token(page), "agreement": "shops", "class": "A", "fill": "97,5", "items": OATS, "lead": "3"}
    answer = await client.post("/backtests", data=form, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, f"/backtests/{DONE}")
    assert ("start", "planner", "shops", OATS, "A", "0.975", "3") in scene.calls
    wrong = await client.post("/backtests", data={**form, "lead": "soon"}, allow_redirects=False)
    assert wrong.status == 400
    running = await text(client, f"/backtests/{RUNNING}")
    assert "data-poll" in running
    await client.post(f"/backtests/{RUNNING}/cancel", data={"csrf": token(running)})
    over = await text(client, f"/backtests/{RUNNING}")
    assert "data-poll" not in over
    await client.post(f"/backtests/{RUNNING}/remove", data={"csrf": token(over)})
    assert "no backtest" in await text(client, f"/backtests/{RUNNING}", 404)


async def test_the_api_says_the_same(client: TestClient[Any, Any], scene: Scene) -> None:
    listed = await (await client.get("/api/v1/plan-backtests")).json()
    assert {each["id"] for each in listed} == {DONE, RUNNING, THEIRS}
    one = await (await client.get(f"/api/v1/plan-backtests/{DONE}")).json()
    assert one["saving"] == 0.4286
    assert [each["way"] for each in one["ways"]] == [*WAYS, *PRICES]
    assert (await client.get("/api/v1/plan-backtests/none")).status == 404
    headers = {"X-CSRF-Token": token(await text(client, "/backtests"))}
    body = {"agreement": "shops", "items": [OATS], "fill": 0.97}
    started = await client.post("/api/v1/plan-backtests", json=body, headers=headers)
    assert (started.status, (await started.json())["id"]) == (202, DONE)
    assert ("start", "planner", "shops", OATS, "", "0.97", "None") in scene.calls
    assert (await client.post("/api/v1/plan-backtests", json={"items": "all"}, headers=headers)).status == 400
    ended = await client.post(f"/api/v1/plan-backtests/{RUNNING}/cancel", headers=headers)
    assert (await ended.json())["state"] == "cancelled"
    assert (await client.delete(f"/api/v1/plan-backtests/{RUNNING}", headers=headers)).status == 200
    assert scene.views.backtest(RUNNING) is None


async def test_whoever_sees_some_partners_sees_their_backtests_alone(scene: Scene, aiohttp_client: Any) -> None:
    client = await aiohttp_client(scene.app())
    scene.access.add_user("north", "planner", NOW, by="test", partners=frozenset({"nordmarkt"}))
    await client.get("/login?token=" + scene.access.make_login_link("north", NOW), allow_redirects=False)
    assert THEIRS not in await text(client, "/backtests")
    await text(client, f"/backtests/{THEIRS}", 404)
