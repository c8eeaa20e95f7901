"""The same work over the API: a real server on a real instance, every answer as the pipeline left it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from house_scene import FLOUR, OATS, catalogue, despatch, go_on, invoice, opened, order, send, stock

from gateway.api.openapi import document
from gateway.api.services import Services
from gateway.api.surface import all_routes
from gateway.app.actions import AsyncActions, JournalActions
from gateway.console.app import make_console
from gateway.store.saved_views import SavedViews

FARM_GLN = "9521004000007"


class Api:
    """A client with a key of each role."""

    def __init__(self, client: TestClient, instance: Any) -> None:
        self._client, self._instance = client, instance
        self._keys: dict[str, str] = {}
        self._sight: dict[str, dict[str, frozenset[str]]] = {}

    def narrow(self, role: str, **sight: set[str]) -> None:
        """Give the key of a role (made anew) these partners or fields only."""
        self._sight[role] = {name: frozenset(seen) for name, seen in sight.items()}
        self._keys.pop(role, None)

    async def ask(self, method: str, path: str, *, role: str = "admin", status: int = 200, **more: Any) -> Any:
        if role not in self._keys:
            now = self._instance.wall.now()
            self._keys[role] = await asyncio.to_thread(
                self._instance.access.issue_key, f"t-{role}", role, now, by="test", **self._sight.get(role, {})
            )
        headers = {"Authorization": f"Bearer {self._keys[role]}"}
        answer = await self._client.request(method, f"/api/v1{path}", headers=headers, **more)
        assert answer.status == status, await answer.text()
        return await answer.json()

    async def get(self, path: str, **more: Any) -> Any:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, **more: Any) -> Any:
        return await self.ask("POST", path, **more)


@pytest.fixture
async def api(root: Path, aiohttp_client: Any) -> AsyncIterator[Api]:
    with opened(root) as instance:
        actions = JournalActions(instance=instance, wake=lambda lane: None, wake_delivery=lambda: None)
        services = Services(
            views=instance.views,
            access=instance.access,
            saved=SavedViews(instance.journal.reader, instance.journal),
            actions=AsyncActions(actions=actions),
            book=lambda: instance.book,
            clock=instance.clock,
            wall=instance.wall,
        )
        yield Api(await aiohttp_client(make_console(services)), instance)


async def test_an_order_is_decided_once_and_only_as_it_was_seen(api: Api, root: Path) -> None:
    await asyncio.to_thread(send, root, "house", stock(oats=100))
    await asyncio.to_thread(send, root, "shop", order("A1", (OATS, 60)))
    (waiting,) = await api.get("/orders?status=waiting")
    (shown,) = await api.get("/orders/A1")
    assert (shown["waits"], shown["pending"]["id"]) == (["order.value-above-limit"], "A1")
    path, said = "/orders/A1/decide", {"partner": "shop", "decision": "accept"}
    for wrong in ({}, {"partner": "shop"}, {**said, "decision": "maybe"}, {**said, "lines": 5}):
        assert (await api.post(path, json=wrong, status=400))["code"] == "api.bad-value"
    for line in (
        {"number": "1", "quantity": 1.5},
        {"number": "1", "colour": "red"},
        {"quantity": "1"},
        [],
        {"number": "1", "refuse": "yes"},
    ):
        assert (await api.post(path, json={**said, "lines": [line]}, status=400))["code"] == "api.bad-value"
    assert (await api.post(path, json={**said, "seen": "other"}, status=409))["code"] == "order.changed-since"
    await api.post(path, json={**said, "partner": "farm"}, status=404)
    await api.post(path, json=said, role="planner", status=403)
    words = [{"number": "1", "quantity": "50", "promised": "2099-01-04"}]
    taken = await api.post(
        path, json={**said, "lines": words, "seen": waiting["message"]}, role="account-manager", status=202
    )
    assert taken["id"]
    assert (await api.post(path, json=said, status=409))["code"] == "order.already-decided"
    await asyncio.to_thread(go_on, root)
    (shown,) = await api.get("/orders/A1")
    line = shown["lines"][0]
    assert (line["confirmed"], line["promised"], line["open"]["refused"]) == ("50", "2099-01-04", "10")
    chain = await api.get("/chain?partner=shop&type=Order&number=A1")
    assert [each["type"] for each in chain["nodes"]] == ["Order", "OrderResponse"]
    await api.get("/chain?partner=shop&type=Order&number=A9", status=404)
    await api.get("/chain?partner=shop&type=Order", status=400)


async def test_invoices_payments_and_terms_are_read(api: Api, root: Path) -> None:
    await asyncio.to_thread(send, root, "house", stock(oats=100))
    await asyncio.to_thread(send, root, "shop", order("A1", (OATS, 20)))
    papers = (despatch("D1", "A1", ("1", OATS, 20)), invoice("R1", "A1", (OATS, 20, "2.00")))
    await asyncio.to_thread(send, root, "house", *papers)
    (listed,) = await api.get("/invoices?side=sale&partner=shop", role="auditor")
    assert (listed["number"], listed["open"]) == ("R1", "40.00")
    (shown,) = await api.get("/invoices/R1")
    assert shown["lines"][0]["orderLine"] == "1"
    assert await api.get("/payments") == []
    assert await api.get("/returns") == []
    await api.get("/invoices/R9", status=404)
    await api.get("/invoices?side=up", status=400)
    said = {"partner": "shop", "decision": "approve"}
    await api.post("/invoices/R1/decide", json=said, status=404)  # ours is not for us to approve
    await api.post("/returns/B9/instruct", json={"partner": "shop"}, status=404)
    terms = await api.get("/partners/shop/terms")
    assert (terms["inForce"]["priceList"], len(terms["versions"])) == ("retail", 2)
    await api.get("/partners/nobody/terms", status=404)


async def test_a_basket_is_priced_ordered_and_refused_in_words(api: Api, root: Path) -> None:
    await asyncio.to_thread(send, root, "farm", catalogue(FARM_GLN, "C1", (OATS, "1.20"), (FLOUR, "0.60")))
    (first, _) = await api.get("/catalogue?text=oats")
    assert first["offers"][0]["tiers"][0]["price"] == "1.20"
    line = {"supplier": "farm", "gtin": OATS, "quantity": "10"}
    await api.post("/basket/lines", json={**line, "quantity": 1.5}, status=400)
    await api.post("/basket/lines", json={**line, "supplier": "mill"}, status=409)
    await api.post("/basket/lines", json=line, role="auditor", status=403)
    shown = await api.post("/basket/lines", json=line, role="planner")
    assert shown["suppliers"] == [
        {"supplier": "farm", "value": "12.00", "currency": "EUR", "limit": "250", "approval": False}
    ]
    assert (await api.get("/basket"))["lines"] == [], "each user has a basket of his own"
    assert (await api.post("/basket/order", status=409))["code"] == "basket.empty"
    await api.post("/basket/order", role="planner", status=202)
    await asyncio.to_thread(go_on, root)
    (bought,) = await api.get("/orders?side=purchase")
    assert bought["partner"] == "farm"
    assert len(await api.get("/catalogue/changes?supplier=farm")) == 2


async def test_items_of_the_file_are_listed_beside_those_that_were_told_page_by_page(api: Api) -> None:
    await api.ask("PUT", "/items/09521001100038", json={"name": "Rice told", "supplier": "farm"})
    listed = await api.get("/items")
    assert [each["name"] for each in listed] == ["Oats", "Flour", "Rice told"]
    await api.ask("PUT", "/items/09521001100014", json={"name": "Oats told", "supplier": "farm"})
    first = await api.get("/items?limit=1")
    assert [each["name"] for each in first] == ["Oats told"]  # what was told wins over the file
    rest = await api.get(f"/items?limit=5&after={first[0]['gtin']}")
    assert [each["name"] for each in rest] == ["Flour", "Rice told"]
    assert [each["name"] for each in await api.get("/items?text=flo")] == ["Flour"]


async def test_a_list_is_checked_imported_and_undone(api: Api) -> None:
    data = b"gtin,name,price\n9521001100038,Rice,1.10\n123,Bad,1\n"
    path = "/imports?kind=items&file=../../items.csv"
    dry = await api.post(f"{path}&dry=yes", data=data, role="planner")
    assert (dry["dry"], dry["rows"], dry["rejected"], dry["file"]) == (True, 2, 1, "items.csv")
    assert await api.get("/imports") == []
    done = await api.post(path, data=data)
    assert (done["state"], done["changed"]) == ("done", 1)
    (listed,) = await api.get("/imports")
    assert listed["id"] == done["id"]
    assert (await api.get(f"/imports/{done['id']}"))["problems"][0]["line"] == 3
    await api.post(path, data=data, role="operator", status=403)
    undone = await api.post(f"/imports/{done['id']}/undo")
    assert (undone["state"], undone["left"]) == ("undone", 0)
    await api.post(f"/imports/{done['id']}/undo", status=409)
    await api.post("/imports/none/undo", status=404)
    await api.post("/imports?kind=nonsense", data=data, status=400)
    assert (await api.post("/imports?kind=items&file=x.xlsx", data=b"no workbook", status=409))[
        "code"
    ] == "import.not-readable"


def test_every_route_of_the_house_is_in_the_document_with_its_refusals() -> None:
    paths = document(all_routes(), "1")["paths"]
    for path in ("/orders/{number}/decide", "/invoices/{number}/decide", "/returns/{number}/instruct"):
        post = paths[f"/api/v1{path}"]["post"]
        assert {"202", "400", "401", "403", "404", "409"} <= set(post["responses"])
        assert "requestBody" in post


async def test_customers_and_calendars_are_told_in_versions_and_refused_in_words(api: Api) -> None:
    assert await api.get("/customers") == await api.get("/calendars") == []
    told = {"valid_from": "2026-01-01", "credit_limit": "15", "delivery_days": "mon, thu", "number": "4711"}
    done = await api.ask("PUT", "/customers/shop", json=told, role="planner")
    assert (done["kind"], done["changed"]) == ("customers", 1)
    (shown,) = await api.get("/customers/shop", role="auditor")
    assert (shown["number"], shown["terms"]["creditLimit"], shown["terms"]["deliveryDays"]) == ("4711", "15", [1, 4])
    assert await api.get("/customers") == [shown]
    assert await api.get("/customers/farm") == []
    assert (await api.get("/partners/shop/terms"))["inForce"]["creditLimit"] == "15"
    closed = {"kind": "receiving", "weekdays": "1-3", "closed": "2026-12-25 2026-12-24", "cut_off": "14:30"}
    await api.ask("PUT", f"/calendars/{FARM_GLN}", json=closed)
    (line,) = await api.get("/calendars/farm")
    assert (line["owner"], line["weekdays"], line["cutOff"]) == ("farm", [1, 2, 3], "14:30")
    assert line["closed"] == ["2026-12-24", "2026-12-25"]
    assert await api.get("/calendars") == [line]
    await api.post(f"/imports/{done['id']}/undo")
    assert await api.get("/customers") == []
    for path, body, status in (
        ("/customers/nobody", told, 404),
        ("/customers/shop", {"colour": "red"}, 400),
        ("/customers/shop", {"credit_limit": 15}, 400),
        ("/customers/shop", {"credit_limit": "\ud800"}, 400),
        ("/customers/shop", {"credit_limit": "much"}, 409),
        ("/calendars/self", {}, 400),
        ("/calendars/self", {"kind": "moon"}, 409),
        ("/calendars/self", {"kind": "holiday", "zone": "Mars/Base"}, 409),
        ("/calendars/nobody", {"kind": "holiday"}, 409),
    ):
        refused = await api.ask("PUT", path, json=body, status=status)
        assert (refused["code"] == "import.row-refused") == (status == 409)
        assert bool(refused.get("positions")) == (status == 409)
    await api.ask("PUT", "/customers/shop", json=told, role="auditor", status=403)
    await api.get("/calendars?limit=0", status=400)


async def test_who_sees_some_partners_sees_their_terms_and_calendars_only(api: Api, root: Path) -> None:
    place = b"gln,name,kind,partner\n9521002000016,Store,store,shop\n"
    await api.post("/imports?kind=places&file=places.csv", data=place)
    for partner in ("shop", "farm"):
        await api.ask("PUT", f"/customers/{partner}", json={"credit_limit": "15", "auto_value": "7"})
    for owner in ("shop", "farm", "self", "9521002000016"):
        await api.ask("PUT", f"/calendars/{owner}", json={"kind": "holiday", "closed": "2026-12-24"})
    api.narrow("auditor", partners={"shop"})
    assert [each["account"] for each in await api.get("/customers", role="auditor")] == ["shop"]
    assert [each["owner"] for each in await api.get("/calendars", role="auditor")] == ["9521002000016", "shop"]
    assert await api.get("/calendars/farm", role="auditor") == await api.get("/calendars/self", role="auditor") == []
    await api.get("/customers/farm", role="auditor", status=404)
    api.narrow("planner", partners={"shop"})
    await api.ask("PUT", "/customers/shop", json={"credit_limit": "99"}, role="planner", status=403)
    api.narrow("account-manager", fields={"persons"})
    (shown,) = await api.get("/customers/shop", role="account-manager")
    assert not {"creditLimit", "autoValue"} & shown["terms"].keys()
    terms = await api.get("/partners/shop/terms", role="account-manager")
    assert (terms["inForce"]["priceList"], len(terms["versions"])) == ("retail", 3)
    assert not {"creditLimit", "autoValue"} & set().union(*(each.keys() for each in terms["versions"]))
