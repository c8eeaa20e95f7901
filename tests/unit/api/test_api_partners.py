"""The JSON interface to partners: what the console does, by program."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

HERE = Path(__file__).parents[1]
sys.path += [str(HERE / "console"), str(HERE / "config")]

import strangers  # noqa: E402
from partner_instance import House, houses, pem  # noqa: E402


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from houses(tmp_path)


@pytest.fixture
async def client(house: House, aiohttp_client) -> TestClient:
    key = house.instance.access.issue_key("robot", "admin", house.instance.clock.now(), by="test")
    return await aiohttp_client(house.app(), headers={"Authorization": f"Bearer {key}"})


async def test_a_program_makes_a_partner_from_a_sample_and_takes_it_live(client: TestClient, house: House) -> None:
    data = strangers.OPENTRANS.replace(b"4099990000011", b"4099990000042")
    answer = await client.post("/api/v1/samples?file=order.xml", data=data)
    sample = await answer.json()
    assert answer.status == 201, sample
    assert (sample["good"], sample["sender"]["value"]) == (True, "4099990000042")
    assert sample["messages"][0]["document"]["id"] == "PO-77-1204"
    answer = await client.patch(f"/api/v1/samples/{sample['id']}", json={"id": "tannhof", "connection": "folder"})
    assert answer.status == 200, await answer.text()
    answer = await client.post(f"/api/v1/samples/{sample['id']}/create")
    assert (answer.status, await answer.json()) == (201, {"id": "tannhof"})
    listed = await (await client.get("/api/v1/partners/tannhof/checklist")).json()
    assert {each["key"]: each["state"] for each in listed}["received"] == "open"
    answer = await client.post("/api/v1/partners/tannhof/go-live", json={})
    assert (answer.status, (await answer.json())["code"]) == (409, "partner.not-ready")
    answer = await client.post("/api/v1/partners/tannhof/go-live", json={"reason": "tried by hand"})
    assert answer.status == 200
    assert house.instance.book.partners["tannhof"].mode == "live"


async def test_a_certificate_is_added_and_an_agreement_changed(client: TestClient, house: House) -> None:
    answer = await client.post("/api/v1/partners/acme/certificates?over=as2", data=pem("Acme 2028"))
    assert answer.status == 201, await answer.text()
    shown = await (await client.get("/api/v1/partners/acme/certificates")).json()
    assert [each["state"] for each in shown] == ["current", "future"]
    body = {"direction": "receive", "mapping": "eancom-1997/INVRPT", "over": "as2", "reason": "asked"}
    answer = await client.post("/api/v1/partners/acme/agreements", json=body)
    assert answer.status == 200, await answer.text()
    changes = await (await client.get("/api/v1/partners/acme/changes")).json()
    assert (changes[0]["reason"], changes[0]["user"]) == ("asked", "key:robot")
    dated = {**body, "place": 2, "valid_from": "2026-12-01", "valid_to": "2027-11-30"}
    assert (await client.post("/api/v1/partners/acme/agreements", json=dated)).status == 200
    told = (await (await client.get("/api/v1/partners/acme/agreements")).json())[2]
    assert (told["validFrom"], told["validTo"]) == ("2026-12-01", "2027-11-30")
    answer = await client.delete("/api/v1/partners/acme/agreements/2")
    assert answer.status == 200
    assert len(house.instance.book.partners["acme"].agreements) == 2


async def test_what_is_wrong_is_told_with_its_code(client: TestClient) -> None:
    for method, path, body, status, code in (
        ("GET", "/api/v1/partners/nobody", None, 404, "api.not-found"),
        ("POST", "/api/v1/partners/acme/agreements", {"direction": "up"}, 400, "api.bad-value"),
        ("PATCH", "/api/v1/partners/acme", {"mode": "live"}, 400, "api.bad-value"),
        ("POST", "/api/v1/partners/acme/tests", {"over": "fax"}, 409, "partner.no-such-connection"),
    ):
        answer = await client.request(method, path, json=body)
        assert (answer.status, (await answer.json())["code"]) == (status, code), path


async def test_a_bundle_travels_and_names_its_keys_only(client: TestClient, house: House) -> None:
    bundle = await (await client.get("/api/v1/partners/acme/bundle")).read()
    assert b"PRIVATE" not in bundle
    preview = await (await client.post("/api/v1/bundles/read", data=bundle)).json()
    assert (preview["known"], preview["isNew"], preview["changes"], preview["missing"]) == (True, False, [], [])
    answer = await client.post("/api/v1/bundles", data=bundle.replace(b"ACME-AS2", b"EVIL-AS2"))
    assert (answer.status, (await answer.json())["code"]) == (409, "bundle.changed")
    assert (await (await client.get("/api/v1/mappings")).json())[0]["usedBy"]
