"""Evidence of a received and of a sent message: openssl alone says that it holds, and that a changed byte does not."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from gateway.app.clock import SystemClock
from gateway.app.evidence import write_evidence
from gateway.app.instance import open_instance
from tests.journeys import papers
from tests.journeys.stage import NORDMARKT, OURS, staged

TODAY = SystemClock().now().date()
DAY, WISH = f"{TODAY:%Y%m%d}", f"{TODAY + timedelta(days=3):%Y%m%d}"


def verified(folder: Path) -> bool:
    return subprocess.run(["sh", "VERIFY.sh"], cwd=folder, capture_output=True).returncode == 0


async def test_the_bundle_of_a_message_is_verified_by_openssl_alone(tmp_path: Path) -> None:
    order = papers.orders("PO-77", NORDMARKT, OURS, NORDMARKT, [("9521001100014", "5")], when=DAY, wish=WISH)
    root = tmp_path / "instance"
    async with staged(root) as stage:
        await stage.send("nordmarkt", order)
        await stage.settle()
        [(arrival,)] = stage.rows("SELECT id FROM arrival WHERE channel = 'as2'  LIMIT 1")
        [(parcel,)] = stage.rows("SELECT id FROM parcel WHERE partner = 'nordmarkt' ORDER BY seq LIMIT 1")
        instance = open_instance(root)
        try:
            received, sent = tmp_path / "received", tmp_path / "sent"
            names = write_evidence(instance, arrival, received)
            write_evidence(instance, parcel, sent)
            left = {name: each for name, each in instance.book.partners.items() if name != "nordmarkt"}
            instance.book = replace(instance.book, partners=left)
            for row, folder in ((arrival, "received-long-ago"), (parcel, "sent-long-ago")):
                assert "request.body" in write_evidence(instance, row, tmp_path / folder)
        finally:
            instance.close()
    assert {"signature.der", "receipt-signature.der", "request.body", "request.headers", "evidence.json"} <= set(names)
    assert (received / "content.bin").read_text() == order
    assert order in (received / "signed-part.bin").read_text()
    assert order.encode() not in (received / "request.body").read_bytes()  # it came encrypted
    assert (sent / "receipt-signature.der").exists()
    for folder in (received, sent):
        script = (folder / "VERIFY.sh").read_text()
        assert script.count("openssl cms -verify") == (2 if folder is received else 1)
        assert verified(folder)
    part = received / "signed-part.bin"
    part.write_bytes(part.read_bytes().replace(b"PO-77", b"PO-78"))
    check = [line for line in (received / "VERIFY.sh").read_text().splitlines() if "sha256sum" not in line]
    (received / "VERIFY.sh").write_text("\n".join(check))
    assert not verified(received)
