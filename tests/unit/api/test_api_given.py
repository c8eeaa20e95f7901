"""What callers give: numbers, days and instants beyond any trade are refused before anything reckons with them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene

from gateway.api.given import amount_of, day_of, document_of, moment_of, text_of
from gateway.model.faults import OurFault
from gateway.model.retail_event import RetailEvent


@pytest.fixture
async def client(scene: Scene, aiohttp_client) -> TestClient:
    scene.access.add_user("root", "admin", NOW, by="test")
    key = scene.access.issue_key("calls", "admin", NOW, by="test")
    return await aiohttp_client(scene.app(), headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "1E+999999", "1E-999999", "1e15", "x", "", 1.5, True,
                                   None, [], "9" * 5000, int("9" * 4000)])  # fmt: skip
def test_a_number_that_nobody_can_reckon_with_is_refused(value: object) -> None:
    with pytest.raises(OurFault, match=r"api\.bad-value"):
        amount_of(value, "quantity")


def test_numbers_come_exactly_as_text_or_whole() -> None:
    assert [amount_of(each, "n") for each in ("1.25", "-3", 7, "1E+3")] == [
        Decimal("1.25"), Decimal(-3), Decimal(7), Decimal(1000)
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["9999-12-31", "0001-01-01", "20x", "2026-02-30"])
def test_a_day_that_nothing_can_be_added_to_is_refused(value: str) -> None:
    with pytest.raises(OurFault, match=r"api\.bad-value"):
        day_of(value, "until")


def test_days_and_instants_are_read_as_they_are_written() -> None:
    assert day_of("2026-03-02", "until") == date(2026, 3, 2)
    assert day_of("", "until") is None
    assert moment_of("2026-03-02T08:00:00+08:00", "at") == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["2026-03-02T08:00", "soon", "0001-01-01T00:00:00+08:00", "9999-12-31T23:00:00-08:00"]
)
def test_an_instant_needs_a_zone_and_a_year_of_trade(value: str) -> None:
    with pytest.raises(OurFault, match=r"api\.bad-value"):
        moment_of(value, "at")


def test_an_empty_text_is_none_that_was_said() -> None:
    with pytest.raises(OurFault, match=r"api\.bad-value"):
        text_of({"name": ""}, "name")
    assert text_of({}, "name") is None


def test_the_refusal_of_a_document_says_what_belongs_there() -> None:
    with pytest.raises(OurFault) as told:
        document_of(RetailEvent, {"firstDay": "soon"}, issuedAt="2026-03-02", function="replace")
    assert told.value.params["expected"] == "a value"
    with pytest.raises(OurFault) as told:
        document_of(RetailEvent, {"colour": "red"}, issuedAt="2026-03-02")
    assert "firstDay" in told.value.params["expected"]


@pytest.mark.parametrize(("method", "address", "body"), [
    ("GET", "/api/v1/audit?until=9999-12-31", None),
    ("POST", "/api/v1/keys", {"name": "k", "role": "viewer", "expires": "9999-12-31"}),
    ("GET", "/api/v1/records/nordmarkt/events?before=0001-01-01T00:00:00%2B08:00", None),
    ("POST", "/api/v1/plan/run", {"supplier": []}),
    ("GET", "/api/v1/events?until=9999-12-31", None),
])  # fmt: skip
async def test_such_a_value_is_the_callers_mistake(
    client: TestClient, ids: dict[str, str], method: str, address: str, body: object
) -> None:
    answer = await client.request(method, address, json=body)
    assert (answer.status, (await answer.json())["code"]) == (400, "api.bad-value")
