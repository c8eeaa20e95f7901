"""libas2 (Node) as the partner, both directions, over loopback: the 24 permutations, what it cannot do by name."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from as2_world import Company, company, key_pair, parcel

from gateway.channels.listener import start_listener
from gateway.model.faults import Fault

PEER = Path(__file__).parents[1] / "peers" / "pyas2_peer.py"
SECURITIES = ["plain", "signed", "encrypted", "signed+encrypted"]
RECEIPTS = {"signed-sync": "signed", "unsigned-sync": "unsigned", "none": "none"}
COMPRESSIONS = ["no", "before-signing"]
DATA = b"UNA:+.? '\r\nUNB+UNOC:3+ALPHA+BETA+261121:1200+1'\r\n" + b"LIN+1++4012345000009:SRV'\r\nQTY+21:5'\r\n" * 400


@pytest.fixture
async def gateway() -> AsyncIterator[Company]:
    us = company("alpha", "beta")
    us.runner = await start_listener("127.0.0.1", 0, [us.channel], us.inbox.accept)
    yield us
    await us.outbound.close()
    await us.runner.cleanup()


def settings(folder: Path, security: str, receipt: str, **more: Any) -> Path:
    pair = key_pair("beta")
    chosen = {
        "own_id": "beta",
        "own_key": pair.private_pem.decode(),
        "own_certificate": pair.certificate_pem.decode(),
        "gateway_id": "alpha",
        "gateway_certificate": key_pair("alpha").certificate_pem.decode(),
        "folder": str(folder),
        "sign": "signed" in security,
        "encrypt": "encrypted" in security,
        "receipt": RECEIPTS[receipt],
        **more,
    }
    path = folder / "settings.json"
    path.write_text(json.dumps(chosen))
    return path


async def start(peer: list[str], what: str, *arguments: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *peer, what, *map(str, arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


def last_line(out: bytes) -> Any:
    """Return the peer's word; Node writes a warning about its flag before it."""
    return json.loads(out.strip().splitlines()[-1])


@pytest.mark.parametrize("cipher", ["aes128-CBC", "aes256-CBC"])
@pytest.mark.parametrize("receipt", RECEIPTS)
@pytest.mark.parametrize("security", SECURITIES)
async def test_we_open_what_libas2_sends_and_it_believes_our_receipt(
    libas2: list[str], tmp_path: Path, gateway: Company, table: Any, security: str, receipt: str, cipher: str
) -> None:
    if cipher == "aes256-CBC" and "encrypted" not in security:
        return
    gateway.other(security=security)
    file = tmp_path / "order.edi"
    file.write_bytes(DATA)
    chosen = settings(tmp_path, security, receipt, url=f"http://127.0.0.1:{gateway.port}/as2", cipher=cipher)
    out, err = await (await start(libas2, "send", chosen, file)).communicate()
    answer = last_line(out)
    assert "error" not in answer, (answer, err.decode())
    [arrival] = gateway.inbox.arrivals
    assert (answer["http"], arrival.fault_code) == (200, None)
    assert gateway.inbox.contents == [DATA]
    if receipt != "none":
        assert answer["disposition"]["processed"] is True
        assert answer["original"] == arrival.transport_id
        assert answer["mic"]["mic"] == arrival.evidence["mic"].partition(",")[0]
    if cipher == "aes128-CBC":
        table("libas2", "to us", security, "no", receipt, "passed")
        table("libas2", "to us", security, "before-signing", receipt, "peer cannot compress")


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("receipt", RECEIPTS)
@pytest.mark.parametrize("security", SECURITIES)
async def test_libas2_opens_what_we_send_and_we_believe_its_receipt(
    libas2: list[str],
    tmp_path: Path,
    gateway: Company,
    table: Any,
    security: str,
    receipt: str,
    compression: str,
) -> None:
    process = await start(libas2, "recv", settings(tmp_path, security, receipt))
    assert process.stdout is not None
    outcome: dict[str, Any] = {}
    try:
        await process.stdout.readline()  # Node's warning about its flag
        port = int(await process.stdout.readline())
        url = f"http://127.0.0.1:{port}/"
        partner = gateway.other(url=url, security=security, receipt=receipt, compression=compression)
        wrapped = gateway.channel.wrap(parcel(DATA), partner, "as2")
        try:
            proof = await gateway.channel.send(wrapped, partner, "as2")
            found = proof.state
        except Fault as fault:
            found = fault.code
        outcome = json.loads(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()
    if compression != "no":
        kept = tmp_path / "1.bin"
        assert not kept.exists() or kept.read_bytes() != DATA  # it never sees the content
        table("libas2", "from us", security, compression, receipt, "peer cannot decompress")
        return
    assert outcome.get("processed"), outcome
    assert (tmp_path / "1.bin").read_bytes().rstrip() == DATA.rstrip()
    if receipt == "signed-sync" and "signed" not in security:
        assert (found, outcome["mic"]) == ("as2.mic-mismatch", None)  # its receipt for unsigned messages has no MIC
        table("libas2", "from us", security, compression, receipt, "passed; peer's receipt has no MIC")
        return
    assert found == "acked"
    if outcome["mic"]:
        assert (wrapped.mic or "").startswith(outcome["mic"]["mic"])
    table("libas2", "from us", security, compression, receipt, "passed")


@pytest.mark.parametrize(("security", "compress"), [("signed", True), ("plain", True), ("encrypted", False)])
async def test_what_libas2_cannot_do_shows_without_us(
    libas2: list[str], peer_python: Path, tmp_path: Path, security: str, compress: bool
) -> None:
    process = await start(libas2, "recv", settings(tmp_path, security, "signed-sync"))
    assert process.stdout is not None
    sender = tmp_path / "pyas2lib"
    sender.mkdir()
    file = sender / "order.edi"
    file.write_bytes(DATA)
    try:
        await process.stdout.readline()
        url = f"http://127.0.0.1:{int(await process.stdout.readline())}/"
        chosen = foreign_settings(sender, url, security, compress=compress)
        command = [str(peer_python), str(PEER), "send", str(chosen), str(file)]
        peer = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=-1)
        await peer.communicate()
        outcome = json.loads(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()
    if compress:
        kept = tmp_path / "1.bin"
        assert not kept.exists() or kept.read_bytes() != DATA
    else:
        assert (outcome["processed"], outcome["mic"]) == (True, None)


def foreign_settings(folder: Path, url: str, security: str, **more: Any) -> Path:
    """Return settings of pyas2lib as alpha that sends to libas2 as beta."""
    pair = key_pair("alpha")
    (folder / "alpha.pem").write_bytes(pair.private_pem + pair.certificate_pem)
    (folder / "beta.crt").write_bytes(key_pair("beta").certificate_pem)
    chosen = {
        "own_id": "alpha",
        "own_key": str(folder / "alpha.pem"),
        "gateway_id": "beta",
        "gateway_certificate": str(folder / "beta.crt"),
        "folder": str(folder),
        "url": url,
        "sign": "signed" in security,
        "encrypt": "encrypted" in security,
        "cipher": "aes_128_cbc",
        **more,
    }
    path = folder / "settings.json"
    path.write_text(json.dumps(chosen))
    return path
