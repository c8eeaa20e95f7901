"""Connectors at work, against a receiver that checks the signature by itself: told, put off, refused, told again."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner
from sqlalchemy import insert, select

from gateway.app.connectors import ConnectorDesk, Connectors
from gateway.app.customer_record import CustomerRecord
from gateway.app.instance import Instance, open_instance
from gateway.app.privacy import PrivacyDesk
from gateway.app.selling import Selling
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.cli.root import cli
from gateway.domain.crm.privacy import Processor
from gateway.model.faults import OurFault
from gateway.store.tables_crm_selling import crm_outbox, crm_told
from gateway.store.tables_people import crm_contact

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
PARTNER = """\
name: Shop
role: customer
gln: "9521002000009"
channels: {http: {}}
agreements: []
"""


class Receiver:
    """What an external system does with events: checks them, keeps the last of each record, may be ill."""

    def __init__(self) -> None:
        self.records: dict[str, dict] = {}
        self.events: list[dict] = []
        self.answers: list[int] = []

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + body
        digest = hmac.new(b"0123456789abcdef0123456789abcdef", signed, hashlib.sha256).digest()
        assert request.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
        assert request.content_type == "application/cloudevents+json"
        event = json.loads(body)
        assert event["specversion"] == "1.0"
        assert event["id"] == request.headers["webhook-id"]
        self.events.append(event)
        status = self.answers.pop(0) if self.answers else 204
        if status == 204:
            self.records[event["subject"]] = event["data"]
        return web.Response(status=status, text="" if status == 204 else "no\x00t like this")


@pytest.fixture
def instance(tmp_path: Path):
    done = CliRunner().invoke(cli, ["init", str(tmp_path / "edi"), "--name", "Us", "--gln", "9521001000000"])
    assert done.exit_code == 0, done.output
    root = tmp_path / "edi"
    (root / "partners/shop").mkdir()
    (root / "partners/shop/partner.yaml").write_text(PARTNER)
    opened = open_instance(root, take_folders=True)
    opened.keys.add_secret("crm", SECRET)
    yield opened
    opened.close()


class Moving:
    at = datetime(2026, 6, 30, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def outbound():
    found = Outbound(AddressGuard(["127.0.0.0/8"]))
    yield found
    await found.close()


@pytest.fixture
async def receiver():
    found = Receiver()
    app = web.Application()
    app.router.add_post("/events", found.take)
    server = TestServer(app)
    await server.start_server()
    found.address = str(server.make_url("/events"))  # type: ignore[attr-defined]
    yield found
    await server.close()


def connect(instance: Instance, address: str, **fields: str) -> None:
    data = {"title": "CRM", "kind": "cloudevents", "address": address, "key": "crm", **fields}
    Selling(instance=instance).save_entry("connector", "crm", data, "running", "mei")


async def test_a_record_is_told_when_it_changes_and_only_then(
    instance: Instance, receiver: Receiver, outbound: Outbound
) -> None:
    connect(instance, receiver.address)  # type: ignore[attr-defined]
    connectors = Connectors(instance=instance, outbound=outbound)
    assert await connectors.look() == 1
    assert receiver.records["shop"]["gln"] == "9521002000009"
    assert receiver.events[0]["type"] == "edi-gateway.account.created"
    assert await connectors.look() == 0
    Selling(instance=instance).save_entry("opportunity", "o", {"title": "Oats", "account": "shop"}, None, "mei")
    assert await connectors.look() == 1
    assert receiver.records["o"] == {"id": "o", "stage": "lead", "open": True, "title": "Oats", "account": "shop"}
    assert ConnectorDesk(instance=instance).differences("crm") == []
    Selling(instance=instance).drop_entry("connector", "crm", "mei")
    with pytest.raises(OurFault, match=r"crm\.entry-unknown"):
        ConnectorDesk(instance=instance).differences("crm")


def person(instance: Instance, name: str, data: str = "{}") -> None:
    told = {"account": "shop", "origin": "person", "name": name, "mail": f"{name}@shop.example", "phone": "+49 1"}
    row = {"id": name, "data": data, "first_at": 0, "last_at": 0, "actor": "mei", **told}
    instance.journal.write(lambda tx: tx.connection.execute(insert(crm_contact), [row]))


async def test_persons_are_told_of_only_under_an_agreement_and_what_it_covers(
    instance: Instance, receiver: Receiver, outbound: Outbound
) -> None:
    clock = instance.clock = Moving()
    privacy = PrivacyDesk(record=CustomerRecord(instance=instance))
    person(instance, "anna")
    person(instance, "omar", '{"unshared": true}')
    connect(instance, receiver.address, processor="crm-host")  # type: ignore[attr-defined]
    connectors = Connectors(instance=instance, outbound=outbound)
    await connectors.look()
    assert set(receiver.records) == {"shop"}  # nobody has agreed on anything
    agreed = Processor(
        id="crm-host", name="Host", purpose="sales", fields=("name", "mail"), agreement="DPA 7", ends_on="2026-12-31"
    )
    privacy.change(agreed, "mei")
    await connectors.look()
    assert receiver.records["anna"] == {
        "id": "anna", "account": "shop", "name": "anna", "mail": "anna@shop.example",
    }  # fmt: skip
    assert "omar" not in receiver.records
    privacy.erase("anna", "mei", "asked by letter")
    with instance.journal.reader.connect() as connection:
        for table in (crm_outbox, crm_told):
            kept = connection.execute(select(table.c.payload).where(table.c.key == "anna")).scalars().all()
            assert kept
            assert not any("anna@shop" in each for each in kept)
    await connectors.look()
    assert receiver.events[-1]["type"] == "edi-gateway.contact.gone"
    assert receiver.records["anna"] == {"id": "anna"}
    person(instance, "bert")
    await connectors.look()
    clock.at = datetime(2027, 1, 1, tzinfo=UTC)
    await connectors.look()
    assert receiver.records["bert"] == {"id": "bert"}  # the agreement has ended


async def test_an_ill_receiver_gets_the_same_event_later_and_a_refusal_is_kept(
    instance: Instance, receiver: Receiver, outbound: Outbound
) -> None:
    clock = instance.clock = Moving()
    receiver.answers = [503, 429, 422]
    connect(instance, receiver.address, objects="account")  # type: ignore[attr-defined]
    connectors = Connectors(instance=instance, outbound=outbound)
    for minutes in range(3):
        clock.at = Moving.at + timedelta(minutes=minutes)
        await connectors.look()
    assert len({each["id"] for each in receiver.events}) == 1
    (line,) = instance.views.outbox("crm")
    assert (line.state, line.attempts) == ("refused", 3)
    assert line.result.startswith("422")
    ConnectorDesk(instance=instance).send_again("crm", line.id, "mei")
    await connectors.look()
    assert instance.views.outbox("crm")[0].state == "told"
    assert receiver.records["shop"]["name"] == "Shop"


async def test_without_its_key_or_inside_the_house_nothing_is_sent(instance: Instance, receiver: Receiver) -> None:
    connect(instance, receiver.address, key="missing")  # type: ignore[attr-defined]
    guarded = Outbound(AddressGuard())
    try:
        await Connectors(instance=instance, outbound=guarded).look()
        assert instance.views.outbox("crm")[0].state == "refused"
        connect(instance, receiver.address, objects="account")  # type: ignore[attr-defined]
        ConnectorDesk(instance=instance).send_again("crm", instance.views.outbox("crm")[0].id, "mei")
        await Connectors(instance=instance, outbound=guarded).look()
        assert instance.views.outbox("crm")[0].state == "refused"
        assert receiver.events == []
    finally:
        await guarded.close()


def test_a_paused_connector_is_seen_from_the_command_line(instance: Instance, tmp_path: Path) -> None:
    connect(instance, "https://crm.example/events")
    ConnectorDesk(instance=instance).line_up(ConnectorDesk(instance=instance).entry("crm"))

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(cli, ["--instance", str(tmp_path / "edi"), "crm", "connectors", *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    assert "crm" in run()
    assert '"key": "shop"' in run("crm", "--json")
    assert '"theirs": null' in run("crm", "--differences", "--json")
