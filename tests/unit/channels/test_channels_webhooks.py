"""Posts signed by the Standard Webhooks scheme: a receiver checks them with the secret alone."""

import hmac
from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from aiohttp import web
from as2_world import EDIFACT, MemoryInbox, MemoryKeys, key_pair, parcel

from gateway.channels.http import HttpChannel, webhook_headers
from gateway.channels.listener import start_listener
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.model.faults import OurFault
from gateway.model.partner import ChannelSettings, Partner
from gateway.model.values import PartnerId

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + b64encode(b"k" * 24).decode()


def is_signed(headers: dict[str, str], body: bytes, key: bytes) -> bool:
    """Check as a receiver would, written from the scheme."""
    signed = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
    expected = hmac.new(key, signed, "sha256").digest()
    found = [each.removeprefix("v1,") for each in headers["webhook-signature"].split(" ")]
    return any(hmac.compare_digest(b64decode(each), expected) for each in found)


def test_the_example_of_the_scheme_comes_out() -> None:
    at = datetime.fromtimestamp(1_614_265_330, UTC)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    found = dict(webhook_headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}'))
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_make_two_signatures_while_they_change() -> None:
    found = dict(webhook_headers([SECRET, "plain text"], "1", NOW, b"body"))
    assert is_signed(found, b"body", b"k" * 24)
    assert is_signed(found, b"body", b"plain text")
    assert not is_signed(found, b"other", b"plain text")


def test_a_secret_that_is_no_base64_is_refused() -> None:
    with pytest.raises(OurFault, match="bad-secret"):
        webhook_headers(["whsec_***"], "1", NOW, b"")


async def test_a_parcel_is_posted_with_its_signature() -> None:
    seen: list[tuple[dict[str, str], bytes]] = []

    class Receiver:
        def mount(self, app: web.Application, accept: object) -> None:
            async def post(request: web.Request) -> web.Response:
                seen.append(({k.lower(): v for k, v in request.headers.items()}, await request.content.read()))
                return web.Response(status=204)

            app.router.add_post("/hook", post)

    runner = await start_listener("127.0.0.1", 0, [Receiver()], MemoryInbox().accept)
    outbound = Outbound(AddressGuard(["127.0.0.0/8"]), timeout_s=5)
    keys = MemoryKeys(key_pair("alpha"), {}, {"hook": SECRET})
    channel = HttpChannel(keys=keys, new_id=lambda: "1", outbound=outbound, status=lambda *_: None, now=lambda: NOW)
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    settings = ChannelSettings(kind="http", settings={"url": url, "webhook_secret": "hook"})
    partner = Partner(id=PartnerId("beta"), name="Beta", channels={"http": settings})
    row = parcel()
    proof = await channel.send(channel.wrap(row, partner, "http"), partner, "http")
    await outbound.close()
    await runner.cleanup()
    [(headers, body)] = seen
    assert (proof.state, body, headers["webhook-id"]) == ("acked", EDIFACT, row.id)
    assert is_signed(headers, body, b"k" * 24)
