"""The ladder: each rung that can fail, by its name, its fault and a cure in both languages."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "channels"))
from as2_world import NOW, Company, as2_partner, key_pair, two_companies

from gateway.app.ladder import Rung, climb
from gateway.model.partner import ChannelSettings, Partner
from gateway.texts import catalogue


@dataclass
class Ends:
    """alpha tries the way to beta."""

    instance: Any
    alpha: Company
    beta: Company

    def change(self, **settings: str) -> None:
        self.alpha.other(**settings)

    def become(self, partner: Partner) -> None:
        self.alpha.book.partners[0] = partner

    async def climb(self, *, echo: bool = True) -> list[Rung]:
        return await climb(self.instance, "beta", echo=echo)


@asynccontextmanager
async def ends() -> AsyncIterator[Ends]:
    async with two_companies() as (alpha, beta):
        book = SimpleNamespace(partner=lambda name: alpha.book.partners[0], own=alpha.book.own, partners={})
        instance = SimpleNamespace(
            book=book,
            keys=alpha.keys,
            wall=SimpleNamespace(now=lambda: NOW),
            settings=SimpleNamespace(allow_networks=("127.0.0.0/8",), instance="alpha.example"),
        )
        yield Ends(instance, alpha, beta)


async def failing(found: Ends) -> tuple[str, str]:
    """Return (rung, fault) of the one that fails; every other one holds, and the fault has a cure in words."""
    *holding, last = await found.climb()
    assert [each.fault for each in holding] == [None] * len(holding)
    assert last.fault is not None
    for lang in ("en", "zh-CN"):
        cure = catalogue.cure(last.fault.as_finding(), lang)  # type: ignore[arg-type]
        assert cure
        assert "{" not in cure
    return last.name, last.fault.code


async def test_a_way_without_fault_holds_on_every_rung() -> None:
    async with ends() as found:
        rungs = await found.climb()
    assert [(each.name, each.fault) for each in rungs] == [
        (name, None) for name in ("settings", "certificates", "name", "connection", "message")
    ]


async def test_a_certificate_that_nobody_has_fails_at_the_settings() -> None:
    async with ends() as found:
        found.change(certificate="nobody")
        assert await failing(found) == ("settings", "keys.missing")


@pytest.mark.parametrize("settings", [{"cipher": "rot13"}, {"security": "secret"}, {"url": ""}])
async def test_a_setting_that_is_none_fails_at_the_settings(settings: dict[str, str]) -> None:
    async with ends() as found:
        found.change(**settings)
        assert await failing(found) == ("settings", "as2.setting-missing")


async def test_an_ended_certificate_fails_at_the_certificates() -> None:
    async with ends() as found:
        found.alpha.keys.certificates["beta"] = key_pair("beta", NOW.replace(year=2018)).certificate_pem
        assert await failing(found) == ("certificates", "keys.none-valid")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://no-such-host.invalid/as2", ("name", "http.unreachable")),
        ("http://10.9.8.7/as2", ("name", "http.address-refused")),
        ("http://127.0.0.1:9/as2", ("connection", "http.unreachable")),
    ],
)
async def test_an_address_fails_where_it_is_wrong(url: str, expected: tuple[str, str]) -> None:
    async with ends() as found:
        found.change(url=url)
        assert await failing(found) == expected


async def test_a_name_that_means_an_inner_address_a_moment_later_leads_nowhere_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """First asked, the name is outside; asked again, it is a service inside the house. Or it is both at once."""
    touched: list[object] = []

    async def inside(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        touched.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(inside, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answers = [["127.0.0.1", "192.0.2.1"], ["127.0.0.1"]]
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def asked(host: Any, *rest: Any, **options: Any) -> Any:
        if host != "rebinds.example":
            return await real(host, *rest, **options)
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(loop, "getaddrinfo", asked)
    monkeypatch.setattr("gateway.app.ladder.WAIT_S", 0.5)
    async with ends() as found:
        found.instance.settings.allow_networks = ("192.0.2.0/24",)
        found.change(url=f"http://rebinds.example:{port}/as2")
        name, code = await failing(found)
    server.close()
    assert touched == []
    assert (name, code in ("http.timeout", "http.unreachable")) == ("connection", True)


async def test_tls_where_there_is_none_fails_at_the_connection() -> None:
    async with ends() as found:
        found.change(url=f"https://127.0.0.1:{found.beta.port}/as2")
        assert await failing(found) == ("connection", "http.unreachable")


async def test_a_port_that_never_answers_fails_at_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.app.ladder.WAIT_S", 0.3)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with ends() as found:
        found.change(url=f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/as2")
        assert await failing(found) == ("connection", "http.timeout")
    server.close()


async def test_a_partner_that_does_not_know_us_fails_at_the_message() -> None:
    async with ends() as found:
        found.beta.book.partners[0] = as2_partner("gamma", id="gamma", certificate="alpha")
        name, code = await failing(found)
    assert (name, code) in {("message", "as2.receipt-unsigned"), ("message", "as2.disposition-error")}


async def test_a_partner_with_another_certificate_of_ours_fails_at_the_message() -> None:
    async with ends() as found:
        found.beta.keys.certificates["alpha"] = key_pair("somebody").certificate_pem
        assert await failing(found) == ("message", "as2.disposition-error")


async def test_a_receipt_signed_by_another_key_fails_at_the_message() -> None:
    async with ends() as found:
        found.beta.keys.pair = replace(key_pair("gamma"))
        found.beta.keys.pairs["self"] = key_pair("gamma")
        name, code = await failing(found)
    assert name == "message"
    assert code.startswith("as2.")


@pytest.mark.parametrize(
    ("kind", "settings", "code"),
    [("http", {}, "http.setting-missing"), ("http", {"delivery": "fetch"}, None), ("folder", {"folder": "x"}, None)],
)
async def test_other_channels_are_judged_by_what_they_have(
    kind: str, settings: dict[str, str], code: str | None
) -> None:
    async with ends() as found:
        channel = ChannelSettings(kind=kind, settings=settings)
        found.become(replace(found.alpha.book.partners[0], channels={"one": channel}))
        [rung] = await found.climb()
    assert (rung.name, rung.fault and rung.fault.code) == ("settings", code)
