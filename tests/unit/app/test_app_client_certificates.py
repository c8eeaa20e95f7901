"""Mutual TLS at the partner port, with certificates that openssl made."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from gateway.app.certificates import expiring
from gateway.app.client_certificates import PartnerTls
from gateway.channels.http import HttpChannel
from gateway.channels.listener import start_listener
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.model.faults import OurFault
from gateway.model.key_window import read_windows
from gateway.model.partner import ChannelSettings, Partner
from gateway.model.values import PartnerId
from gateway.ports.records import Accepted, Arrival
from gateway.store.keys import FileKeys


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def self_signed(folder: Path, name: str, *, days: int = 30, authority: bool = False) -> Path:
    extension = f"basicConstraints=critical,CA:{'TRUE' if authority else 'FALSE'}"
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(days), "-subj",
        f"/CN={name}", "-addext", extension, "-keyout", key, "-out", certificate,
    )  # fmt: skip
    return certificate


def issued(folder: Path, name: str, authority: str) -> Path:
    key, request, certificate = (folder / f"{name}.{end}" for end in ("key", "csr", "crt"))
    openssl(
        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
        "-keyout", key, "-out", request,
    )  # fmt: skip
    openssl(
        "x509", "-req", "-in", request, "-CA", folder / f"{authority}.crt", "-CAkey", folder / f"{authority}.key",
        "-days", "30", "-out", certificate,
    )  # fmt: skip
    return certificate


def partner(name: str, **settings: str) -> Partner:
    return Partner(id=PartnerId(name), name=name, channels={"http": ChannelSettings(kind="http", settings=settings)})


@dataclass
class Port:
    folder: Path
    keys: FileKeys
    tls: PartnerTls
    book: Any
    arrivals: list[Arrival]
    url: str

    def client(self, name: str | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if name is not None:
            context.load_cert_chain(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        return context

    async def post(self, name: str | None, **headers: str) -> int:
        """Post a document with a client certificate; 0 when the connection was refused."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(
                    f"{self.url}/inbox",
                    data=b"<Order/>",
                    headers={"Content-Type": "application/xml", **headers},
                    ssl=self.client(name),
                ) as response,
            ):
                return response.status
        except aiohttp.ClientError:
            return 0

    async def served(self) -> bytes:
        host, port = self.url.removeprefix("https://").split(":")
        _, writer = await asyncio.open_connection(host, int(port), ssl=self.client(None))
        shown: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return shown


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[Port]:
    keys = FileKeys(tmp_path / "keys", lambda digest: "by-key", passphrase=b"for tests")
    keys.create_own("port", "gateway.example", datetime.now(UTC))
    keys.add_certificate("pinned", self_signed(tmp_path, "pinned").read_bytes())
    keys.add_certificate("authority", self_signed(tmp_path, "authority", authority=True).read_bytes())
    issued(tmp_path, "shop.example", "authority")
    issued(tmp_path, "other.example", "authority")
    own = Partner(id=PartnerId("self"), name="We")
    partners = {
        "pinned": partner("pinned", client_certificate="pinned"),
        "shop": partner("shop", client_certificate="authority", client_name="shop.example"),
    }
    book = SimpleNamespace(partners=partners, own=SimpleNamespace(partner=own))
    wall = SimpleNamespace(now=lambda: datetime.now(UTC))
    instance: Any = SimpleNamespace(keys=keys, book=book, wall=wall)
    tls = PartnerTls(instance=instance, keys=read_windows("port"))
    tls.refresh()
    outbound, ids, arrivals = Outbound(AddressGuard()), count(1), list[Arrival]()

    async def accept(arrival: Arrival) -> Accepted:
        arrivals.append(arrival)
        return Accepted(outcome="new", arrival_id=arrival.id)

    channel = HttpChannel(
        keys=keys, new_id=lambda: str(next(ids)), outbound=outbound, status=lambda *_: None, certificate=tls.partner
    )
    runner = await start_listener("127.0.0.1", 0, [channel], accept, tls.context)
    yield Port(tmp_path, keys, tls, book, arrivals, f"https://127.0.0.1:{runner.addresses[0][1]}")
    await outbound.close()
    await runner.cleanup()


async def test_a_pinned_certificate_proves_its_partner(port: Port) -> None:
    assert await port.post("pinned") == 202
    assert [each.partner for each in port.arrivals] == ["pinned"]


async def test_a_certificate_of_the_agreed_authority_needs_the_agreed_name(port: Port) -> None:
    assert await port.post("shop.example") == 202
    assert [each.partner for each in port.arrivals] == ["shop"]
    assert await port.post("other.example") == 401


async def test_a_strangers_certificate_gets_no_connection_whatever_name_it_has(port: Port) -> None:
    folder = port.folder / "stranger"
    folder.mkdir()
    self_signed(folder, "shop.example")
    for end in ("key", "crt"):
        (folder / f"shop.example.{end}").rename(port.folder / f"forged.{end}")
    assert await port.post("forged") == 0
    assert port.arrivals == []


async def test_what_a_pinned_partner_issues_is_nobodys(port: Port) -> None:
    issued(port.folder, "child", "pinned")
    assert await port.post("child") in (0, 401)
    assert port.arrivals == []


async def test_without_a_certificate_the_api_key_counts(port: Port) -> None:
    assert await port.post(None) == 401
    assert await port.post(None, Authorization="Bearer good") == 202
    assert [each.partner for each in port.arrivals] == ["by-key"]


async def test_a_wrong_key_is_not_made_good_by_a_certificate(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port.keys, "_lookup_token", lambda digest: None)
    assert await port.post("pinned", Authorization="Bearer wrong") == 401


async def test_an_expired_client_certificate_gets_no_connection(port: Port) -> None:
    old = FileKeys(port.folder / "old", passphrase=b"for tests")
    pair = old.create_own("late", "late", datetime.now(UTC) - timedelta(days=6 * 365))
    (port.folder / "late.key").write_bytes(pair.private_pem)
    (port.folder / "late.crt").write_bytes(pair.certificate_pem)
    port.keys.add_certificate("late", pair.certificate_pem)
    port.book.partners["late"] = partner("late", client_certificate="late")
    port.tls.refresh()
    assert await port.post("late") == 0


async def test_a_new_client_certificate_counts_without_a_restart_and_an_old_one_stops(port: Port) -> None:
    self_signed(port.folder, "next")
    assert await port.post("next") == 0
    port.keys.add_certificate("next", (port.folder / "next.crt").read_bytes())
    until = "2020-01-01"
    port.book.partners["pinned"] = partner("pinned", client_certificate=f"pinned until {until}, next")
    port.tls.refresh()
    assert await port.post("next") == 202
    assert await port.post("pinned") == 401


async def test_our_own_certificate_changes_without_a_restart(port: Port) -> None:
    before = await port.served()
    port.keys.create_own("port-2", "gateway.example", datetime.now(UTC))
    port.tls.keys = read_windows("port, port-2 from 2020-01-01")
    port.tls.refresh()
    assert await port.served() != before
    assert await port.post("pinned") == 202


async def test_a_port_without_a_valid_key_does_not_start(port: Port) -> None:
    tls = PartnerTls(instance=port.tls.instance, keys=read_windows("port until 2020-01-01"))
    with pytest.raises(OurFault, match=r"keys\.none-valid"):
        tls.refresh()


async def test_certificates_of_connections_have_alarms_too(port: Port) -> None:
    found = expiring(port.book, port.keys, datetime.now(UTC), "port")
    assert {(each.partner, each.name, each.threshold) for each in found} == {
        ("pinned", "pinned", 30),
        ("shop", "authority", 30),
    }
