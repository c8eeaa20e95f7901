"""Every combination of protection and receipt, between two companies on loopback."""

import pytest
from as2_world import EDIFACT, parcel, two_companies

SECURITIES = ["signed+encrypted", "signed", "encrypted", "plain"]
RECEIPTS = ["signed-sync", "unsigned-sync", "none"]


@pytest.mark.parametrize("receipt", RECEIPTS)
@pytest.mark.parametrize("security", SECURITIES)
@pytest.mark.parametrize("data", [EDIFACT, b"", b"\n--lone\r\r\n\n" * 120_000], ids=["edifact", "empty", "1.2MB"])
async def test_a_message_arrives_whole_and_its_receipt_is_believed(security: str, receipt: str, data: bytes) -> None:
    async with two_companies() as (alpha, beta):
        partner = alpha.other(security=security, receipt=receipt)
        beta.other(security=security)
        wrapped = alpha.channel.wrap(parcel(data), partner, "as2")
        proof = await alpha.channel.send(wrapped, partner, "as2")
    assert proof.state == "acked"
    assert beta.inbox.contents == [data]
    arrival = beta.inbox.arrivals[0]
    assert arrival.fault_code is None
    assert arrival.filename == "order.edi"
    assert arrival.content_type == "application/edifact"
    assert arrival.evidence["mic"] == wrapped.mic
    expected = {"signed+encrypted": "encrypted+signed"}.get(security, security)
    assert arrival.evidence["layers"] == expected
    if receipt == "signed-sync":
        assert proof.evidence["mic"] == wrapped.mic
        assert proof.evidence["signer"]
