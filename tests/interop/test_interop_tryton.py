"""The Tryton connector against a real Tryton server with SQLite, in an environment and a process of its own."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession
from click.testing import CliRunner

from gateway.app.connectors import ConnectorDesk, Connectors
from gateway.app.instance import Instance, open_instance
from gateway.app.selling import Selling
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.channels.tryton import Tryton
from gateway.cli.root import cli
from gateway.model.faults import NetworkFault, OurFault

pytestmark = pytest.mark.soak  # installs a Tryton of its own: make interop, make soak

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-tryton"
PASSWORD = "a-secret-of-the-test"
PARTNER = """\
name: Läden 商店
role: customer
gln: "9521002000009"
channels: {http: {}}
agreements: []
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server whose database gw has the module party."""
    marker = ENVIRONMENT / ".installed"
    if not marker.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        pip = [
            str(ENVIRONMENT / "bin/python"),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--no-input",
            "-q",
            "install",
        ]
        subprocess.run([*pip, "-r", str(ROOT / "tests/peers/requirements-tryton.txt")], check=True)
        marker.touch()
    folder = tmp_path_factory.mktemp("tryton")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    (folder / "gw.sqlite").touch()
    (folder / "password").write_text(PASSWORD)
    settings = folder / "trytond.conf"
    settings.write_text(f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n")
    environment = {**os.environ, "TRYTONPASSFILE": str(folder / "password")}
    made = [
        str(ENVIRONMENT / "bin/trytond-admin"),
        "-c",
        str(settings),
        "-d",
        "gw",
        "--all",
        "--email",
        "a@example.com",
    ]
    subprocess.run(made, check=True, env=environment, capture_output=True)
    subprocess.run(
        [*made[:5], "-u", "party", "--activate-dependencies"], check=True, env=environment, capture_output=True
    )
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            [str(ENVIRONMENT / "bin/trytond"), "-c", str(settings), "-d", "gw"], stdout=log, stderr=log
        )
    yield f"http://127.0.0.1:{port}"
    running.terminate()
    running.wait(20)


@pytest.fixture
async def outbound(server: str) -> AsyncIterator[Outbound]:
    async with asyncio.timeout(60), ClientSession() as session:
        while True:
            try:
                async with session.get(server):
                    break
            except ClientError:
                await asyncio.sleep(0.2)
    found = Outbound(AddressGuard(["127.0.0.0/8"]))
    yield found
    await found.close()


def client(outbound: Outbound, server: str, password: str = PASSWORD) -> Tryton:
    return Tryton(outbound=outbound, address=server, database="gw", user="admin", password=password)


async def test_an_account_is_made_written_left_and_taken_up_again_under_one_id(outbound: Outbound, server: str) -> None:
    tryton = client(outbound, server)
    made, done = await tryton.put_account("shop-1", {"name": "Shop", "gln": "9521002000009"})
    assert done == "created"
    assert await tryton.put_account("shop-1", {"name": "Shop 商店", "gln": "9521002000009"}) == (made, "written")
    party = await tryton.account("shop-1")
    assert party is not None
    assert (str(party["id"]), party["name"]) == (made, "Shop 商店")
    codes = await tryton.call("model.party.identifier.search", [["code", "=", "9521002000009"]])
    assert len(codes) == 1  # given once
    assert await tryton.drop_account("shop-1") == (made, "inactive")
    assert await tryton.account("shop-1") is None
    assert await tryton.put_account("shop-1", {"name": "Back"}) == (made, "written")


async def test_a_refusal_within_an_answer_of_200_is_a_refusal(outbound: Outbound, server: str) -> None:
    tryton = client(outbound, server)
    await tryton.put_account("shop-2", {"name": "One"})
    with pytest.raises(OurFault, match=r"connector\.refused"):
        await tryton.call("model.party.party.create", [{"code": "shop-2", "name": "Two"}])
    with pytest.raises(OurFault, match=r"connector\.refused"):
        await tryton.call("model.party.party.write", [1], {"colour": "red"})


async def test_a_session_that_has_ended_is_begun_anew_and_a_wrong_password_is_refused(
    outbound: Outbound, server: str
) -> None:
    tryton = client(outbound, server)
    await tryton.put_account("shop-3", {"name": "One"})
    tryton._session = "YWRtaW46MTpub25zZW5zZQ=="
    assert (await tryton.put_account("shop-3", {"name": "Two"}))[1] == "written"
    with pytest.raises(OurFault, match=r"connector\.refused"):
        await client(outbound, server, "guess").put_account("shop-3", {"name": "Three"})
    away = Tryton(outbound=outbound, address="http://127.0.0.1:9", database="gw", user="admin", password=PASSWORD)
    with pytest.raises(NetworkFault):
        await away.put_account("shop-3", {"name": "Four"})


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    done = CliRunner().invoke(cli, ["init", str(tmp_path / "edi"), "--name", "Us", "--gln", "9521001000000"])
    assert done.exit_code == 0, done.output
    (tmp_path / "edi/partners/laeden").mkdir()
    (tmp_path / "edi/partners/laeden/partner.yaml").write_text(PARTNER)
    opened = open_instance(tmp_path / "edi", take_folders=True)
    opened.keys.add_secret("tryton", PASSWORD)
    yield opened
    opened.close()


async def test_the_gateway_keeps_tryton_up(instance: Instance, outbound: Outbound, server: str) -> None:
    data = {"title": "ERP", "kind": "tryton", "address": server, "database": "gw", "user": "admin", "key": "tryton"}
    Selling(instance=instance).save_entry("connector", "erp", data, "running", "test")
    assert await Connectors(instance=instance, outbound=outbound).look() == 1
    (line,) = instance.views.outbox("erp")
    assert (line.state, line.result) == ("told", "created")
    found = await client(outbound, server).account("laeden")
    assert found is not None
    assert found["name"] == "Läden 商店"
    assert ConnectorDesk(instance=instance).differences("erp") == []
