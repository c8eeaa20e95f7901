"""pyas2lib as the partner, both directions, over loopback: every layer and receipt that it can do."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from as2_world import EDIFACT, Company, company, key_pair, parcel

from gateway.channels.listener import start_listener
from gateway.model.faults import PartnerFault

PEER = Path(__file__).parents[1] / "peers" / "pyas2_peer.py"
SECURITIES = ["signed+encrypted", "signed", "encrypted", "plain"]
RECEIPTS = {"signed-sync": "signed", "unsigned-sync": "unsigned", "none": "none"}
BIG = b"UNA:+.? '" + b"LIN+1++4012345000009:SRV'QTY+21:5'" * 3_000


@pytest.fixture
async def gateway() -> AsyncIterator[Company]:
    us = company("alpha", "beta")
    us.runner = await start_listener("127.0.0.1", 0, [us.channel], us.inbox.accept)
    yield us
    await us.outbound.close()
    await us.runner.cleanup()


def peer_settings(folder: Path, url: str = "", **more: Any) -> Path:
    pair = key_pair("beta")
    (folder / "beta.pem").write_bytes(pair.private_pem + pair.certificate_pem)
    (folder / "alpha.crt").write_bytes(key_pair("alpha").certificate_pem)
    settings = {
        "own_id": "beta",
        "own_key": str(folder / "beta.pem"),
        "gateway_id": "alpha",
        "gateway_certificate": str(folder / "alpha.crt"),
        "folder": str(folder),
        "url": url,
        **more,
    }
    path = folder / "settings.json"
    path.write_text(json.dumps(settings))
    return path


async def peer_sends(python: Path, folder: Path, us: Company, data: bytes, **more: Any) -> dict[str, Any]:
    settings = peer_settings(folder, f"http://127.0.0.1:{us.port}/as2", **more)
    file = folder / "order 1.edi"
    file.write_bytes(data)
    process = await asyncio.create_subprocess_exec(
        python, PEER, "send", settings, file, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    answer: dict[str, Any] = json.loads(out)
    return answer


@pytest.mark.parametrize("compress", [False, True], ids=["plain-size", "compressed"])
@pytest.mark.parametrize("receipt", RECEIPTS)
@pytest.mark.parametrize("security", SECURITIES)
async def test_we_open_what_pyas2lib_sends_and_it_believes_our_receipt(
    peer_python: Path, tmp_path: Path, gateway: Company, table: Any, security: str, receipt: str, compress: bool
) -> None:
    gateway.other(security=security)
    answer = await peer_sends(
        peer_python,
        tmp_path,
        gateway,
        EDIFACT,
        sign="signed" in security,
        encrypt="encrypted" in security,
        compress=compress,
        receipt=RECEIPTS[receipt],
    )
    assert answer["http"] == 200
    arrival = gateway.inbox.arrivals[0]
    assert (arrival.fault_code, gateway.inbox.contents) == (None, [EDIFACT])
    assert arrival.filename == "order 1.edi"
    seen = arrival.evidence["layers"].split("+")
    assert ("compressed" in seen) == compress
    assert ("signed" in seen) == ("signed" in security)
    assert ("encrypted" in seen) == ("encrypted" in security)
    if receipt != "none":
        assert answer["status"] == "processed"
        assert not answer["detail"]
    if answer["mic"]:  # it knows the MIC of signed messages only
        assert arrival.evidence["mic"].startswith(answer["mic"])
    table("pyas2lib", "to us", security, "before-signing" if compress else "no", receipt, "passed")


@pytest.mark.parametrize(
    ("digest", "cipher"), [("sha384", "aes_128_cbc"), ("sha512", "aes_192_cbc"), ("sha256", "aes_256_cbc")]
)
async def test_we_open_other_algorithms_of_pyas2lib(
    peer_python: Path, tmp_path: Path, gateway: Company, digest: str, cipher: str
) -> None:
    answer = await peer_sends(peer_python, tmp_path, gateway, BIG, digest=digest, cipher=cipher)
    assert answer["status"] == "processed"
    assert gateway.inbox.contents == [BIG]
    assert gateway.inbox.arrivals[0].evidence["mic"].startswith(answer["mic"])


async def test_pyas2lib_is_told_when_its_message_is_less_protected_than_agreed(
    peer_python: Path, tmp_path: Path, gateway: Company
) -> None:
    answer = await peer_sends(peer_python, tmp_path, gateway, EDIFACT, encrypt=False)
    assert "insufficient-message-security" in answer["detail"]
    assert gateway.inbox.arrivals[0].fault_code == "as2.protection-missing"


@pytest.mark.parametrize("compression", ["no", "before-signing", "after-signing"])
@pytest.mark.parametrize("data", [EDIFACT, BIG * 12], ids=["small", "1.2MB"])
@pytest.mark.parametrize("receipt", RECEIPTS)
@pytest.mark.parametrize("security", SECURITIES)
async def test_pyas2lib_opens_what_we_send_and_we_believe_its_receipt(
    peer_python: Path,
    tmp_path: Path,
    gateway: Company,
    table: Any,
    security: str,
    receipt: str,
    data: bytes,
    compression: str,
) -> None:
    verdict = "passed"
    settings = peer_settings(
        tmp_path, sign="signed" in security, encrypt="encrypted" in security, receipt=RECEIPTS[receipt]
    )
    process = await asyncio.create_subprocess_exec(
        peer_python, PEER, "recv", settings, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        partner = gateway.other(url=f"http://127.0.0.1:{port}/", security=security, receipt=receipt,
                                compression=compression)  # fmt: skip
        wrapped = gateway.channel.wrap(parcel(data, filename="bestellung.edi"), partner, "as2")
        if receipt == "signed-sync" and "signed" not in security:
            # the peer's inability: its receipt for an unsigned message carries no MIC, which proves nothing
            with pytest.raises(PartnerFault) as refused:
                await gateway.channel.send(wrapped, partner, "as2")
            assert refused.value.code == "as2.mic-mismatch"
            verdict = "passed; peer's receipt has no MIC"
        else:
            proof = await gateway.channel.send(wrapped, partner, "as2")
            assert proof.state == "acked"
        outcome = json.loads(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()
    assert outcome["error"] is None
    assert (outcome["signed"], outcome["encrypted"]) == ("signed" in security, "encrypted" in security)
    assert outcome["filename"] == "bestellung.edi"
    assert (tmp_path / "1.bin").read_bytes() == data
    if outcome["mic"]:
        assert (wrapped.mic or "").startswith(outcome["mic"])
    if data is EDIFACT:
        table("pyas2lib", "from us", security, compression, receipt, verdict)
