"""The first page tells which part of the gateway itself fails, to those who can do something about it."""

import re
from dataclasses import replace
from pathlib import Path

import gateway.app
from gateway.console.app import make_console
from gateway.ports.shell import Failing
from gateway.texts import labels_rounds
from tests.unit.console.console_scene import NOW, Scene
from tests.unit.console.test_console_pages import page, sign_in

FAILING = Failing(name="customer-record", since=NOW, times=7, code=None)


async def test_the_first_page_names_what_fails_in_both_languages_and_only_to_operations(
    scene: Scene, aiohttp_client
) -> None:
    client = await aiohttp_client(make_console(replace(scene.services(), failing=lambda: (FAILING,))))
    await sign_in(client, scene, "operator")
    told = await page(client, "/")
    assert "A part of the gateway fails: the customer record." in told
    assert "failed in a row: 7." in told
    await client.get("/view?language=zh-CN", allow_redirects=False)
    assert "网关的一个部分出错：客户档案。" in await page(client, "/")


async def test_nothing_is_said_while_all_goes_well(scene: Scene, aiohttp_client) -> None:
    client = await aiohttp_client(scene.app())
    await sign_in(client, scene, "operator")
    assert "A part of the gateway fails" not in await page(client, "/")


def test_every_loop_has_a_name_that_people_read() -> None:
    code = "".join(each.read_text() for each in sorted(Path(gateway.app.__path__[0]).glob("*.py")))
    found = set(re.findall(r'rounds\.(?:keep|take)\(\s*"([a-z-]+)"', code))
    found |= set(re.findall(r'^JOB = "([a-z-]+)"', code, re.M)) - {"learning"}
    found |= set(re.findall(r'^            "([a-z-]+)": self\._\w+,$', code, re.M))
    assert {"sweep", "customer-record", "stock-agreements", "planning", "claims"} <= found
    assert {f"round.{each}" for each in found} - set(labels_rounds.LABELS) == set()
