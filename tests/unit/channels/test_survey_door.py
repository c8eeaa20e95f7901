"""Surveys at the partners' port: a form for whoever holds the link, bounded for everybody else."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from gateway.channels.survey_door import BODY_LIMIT_BYTES, TRIES, WINDOW_S, Asking, SurveyDoor
from gateway.model.faults import OurFault, PartnerFault

TOKEN = "t" * 32


class Desk:
    """A link that can be answered once, and a timer that stands until it is moved."""

    def __init__(self) -> None:
        self.kept: list[tuple[Mapping[str, str], str]] = []
        self.now = 0.0

    def find(self, token: str) -> Asking:
        if token != TOKEN:
            raise PartnerFault("survey.link-unknown")
        questions = [
            ("csat", "question.csat", None),
            ("importance:a", "question.importance", {"en": "<A>", "zh-CN": "甲"}),
        ]
        return Asking(company="Us & Co", title="<Title>", questions=questions, low=1, high=5)  # type: ignore[arg-type]

    def answer(self, token: str, scores: Mapping[str, str], words: str) -> None:
        self.find(token)
        if scores.get("csat") == "9":
            raise OurFault("survey.answer-wrong", value="9", question="csat")
        if self.kept:
            raise PartnerFault("survey.link-used")
        self.kept.append((scores, words))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def client(desk: Desk, aiohttp_client) -> TestClient:
    app = web.Application(client_max_size=1)
    SurveyDoor(find=desk.find, answer=desk.answer, timer=lambda: desk.now).mount(app, None)  # type: ignore[arg-type]
    return await aiohttp_client(app)


async def test_the_form_is_shown_in_the_readers_language_without_script(client: TestClient) -> None:
    answer = await client.get(f"/survey/{TOKEN}")
    text = await answer.text()
    assert answer.status == 200
    assert "&lt;Title&gt;" in text
    assert "&lt;A&gt;: Importance" in text
    assert text.count('type="radio"') == 10
    assert "script" not in text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    chinese = await client.get(f"/survey/{TOKEN}", headers={"Accept-Language": "zh-CN,zh"})
    assert "甲: 重要程度" in await chinese.text()


async def test_an_answer_is_taken_once(client: TestClient, desk: Desk) -> None:
    form = {"q.csat": "5", "q.importance:a": "4", "words": "很好", "other": "x"}
    assert "Thank you" in await (await client.post(f"/survey/{TOKEN}", data=form)).text()
    assert desk.kept == [({"csat": "5", "importance:a": "4"}, "很好")]
    assert (await client.post(f"/survey/{TOKEN}", data=form)).status == 404


async def test_a_wrong_answer_is_said_and_nothing_is_kept(client: TestClient, desk: Desk) -> None:
    answer = await client.post(f"/survey/{TOKEN}", data={"q.csat": "9"})
    assert answer.status == 400
    assert desk.kept == []


@pytest.mark.parametrize("token", ["guess", "x" * 4_000, "..%2F..%2Fetc"])
async def test_no_link_tells_nothing(client: TestClient, token: str) -> None:
    answer = await client.get(f"/survey/{token}")
    assert answer.status == 404


async def test_a_flood_is_refused_and_may_come_again_later(client: TestClient, desk: Desk) -> None:
    for _ in range(TRIES):
        assert (await client.get("/survey/guess")).status == 404
    refused = await client.get(f"/survey/{TOKEN}")
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "60"
    assert "Wait 60 seconds" in await refused.text()
    desk.now += WINDOW_S + 1
    assert (await client.get(f"/survey/{TOKEN}")).status == 200


async def test_a_large_answer_is_not_read_to_its_end(client: TestClient, desk: Desk) -> None:
    answer = await client.post(f"/survey/{TOKEN}", data={"words": "x" * BODY_LIMIT_BYTES})
    assert answer.status == 413
    assert (await client.post(f"/survey/{TOKEN}", data=b"\xff\xfe=1")).status == 400
    assert (await client.post(f"/survey/{TOKEN}", data={"words": "a\0b"})).status == 400  # not every database keeps it
    assert (await client.post(f"/survey/{TOKEN}", data="&".join(f"a{n}=1" for n in range(500)))).status == 400
    assert desk.kept == []


async def test_who_sends_an_answer_byte_by_byte_is_not_waited_for(
    client: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.channels.intake.PAUSE_S", 0.05)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"words=a"
        await asyncio.sleep(1)
        yield b"b"

    async with asyncio.timeout(5):
        answer = await client.post(f"/survey/{TOKEN}", data=slowly())
    assert answer.status == 408
    assert desk.kept == []
