"""Pages and API of an instance, where partners are looked after: whoever sees one partner finds nothing of another."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient
from partner_instance import ACME, House

from gateway.api import identity
from gateway.api.permissions import may
from gateway.api.surface import all_routes
from gateway.console.app import TABLES

PLACE = re.compile(r"\{(\w+)[^}]*\}")
BETA_WORDS = ("beta", "4099990000028", "anna.of.beta", "贝塔")  # id and folder, GLN, owner, name
FIRST = ("beta", "eancom-1997", "1", "partner.yaml", "shared", "acme")
SIGHTS = {
    "operator": {"partners": frozenset({"acme"})},
    "admin": {"partners": frozenset({"acme"})},
    "auditor": {"partners": frozenset({"acme"})},
    "partner": {"partner": "acme"},
}
BETA = """\
name: Beta
name_zh: 贝塔
role: supplier
owner: anna.of.beta
gln: "4099990000028"
channels: {box: {kind: folder, folder: beta}}
agreements:
  - {receive: eancom-1997/DESADV, over: box}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "house", {"acme": ACME, "beta": BETA})
    try:
        made.desk.put_facts("beta", {"owner": "anna.of.beta"}, "anna", reason="because of Beta")
        yield made
    finally:
        made.close()


def addresses() -> Iterator[str]:
    paths = {each.path for each in all_routes() if each.method == "GET"}
    paths |= {each.path for table in TABLES for each in table.routes if each.method == "GET"}
    for path in sorted(paths):
        names = PLACE.findall(path)
        for value in FIRST if names else ("",):
            values = defaultdict(lambda: "DESADV", {names[0]: value} if names else {})
            yield PLACE.sub(lambda place, values=values: values[place[1]], path)  # type: ignore[misc]


def key(house: House, role: str, **sight: object) -> dict[str, str]:
    now = house.instance.wall.now()
    return {"Authorization": "Bearer " + house.instance.access.issue_key("walk", role, now, by="test", **sight)}  # type: ignore[arg-type]


def told(text: str, address: str) -> set[str]:
    """Return Beta's words in an answer, apart from what the address itself says."""
    shown = text.casefold().replace(address.casefold(), "")
    for part in re.split(r"[/?&=]", address.casefold()):
        shown = shown.replace(json.dumps(part), "").replace(f"{part}.", ".") if len(part) > 3 else shown
    return {each for each in BETA_WORDS if each in shown and each not in address.casefold()}


async def test_nothing_is_told_even_if_a_permission_for_all_partners_were_given_by_mistake(
    house: House, aiohttp_client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "may", lambda role, permission, **rest: may(role, permission, all_partners=True))
    await walk(house, await aiohttp_client(house.app()), "admin")


@pytest.mark.parametrize(
    "role", [pytest.param(each, marks=() if n == 0 else (pytest.mark.soak,)) for n, each in enumerate(sorted(SIGHTS))]
)
async def test_nothing_of_another_partner_stands_on_any_page_of_an_instance(
    house: House, aiohttp_client, role: str
) -> None:
    await walk(house, await aiohttp_client(house.app()), role)


async def walk(house: House, client: TestClient, role: str) -> None:
    headers = key(house, role, **SIGHTS[role])
    for address in addresses():
        for query in ("", "?partner=beta&text=beta&which=all&q=beta"):
            answer = await client.get(address + query, headers=headers, allow_redirects=False)
            text = await answer.text(errors="replace")
            assert answer.status < 500 or address == "/readyz", address
            if query and "beta" not in address:
                text = re.sub(r"(?:value|content)=\"[^\"]*\"|beta", "", text, flags=re.IGNORECASE)
            assert not told(text, address), (role, address + query, answer.status)


async def test_whoever_sees_all_partners_finds_it(house: House, aiohttp_client) -> None:
    client: TestClient = await aiohttp_client(house.app())
    headers = key(house, "admin")
    found = set()
    for address in addresses():
        answer = await client.get(address, headers=headers, allow_redirects=False)
        found |= {address} if told(await answer.text(errors="replace"), address) else set()
    assert {"/partners", "/mappings", "/api/v1/partners", "/audit"} <= found
