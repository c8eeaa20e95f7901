"""One instance opened: definitions in force, what people set in motion, the node around it."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from app_scene import until

from gateway.app.actions import AsyncActions, JournalActions
from gateway.app.house import OWN
from gateway.app.instance import Instance, open_instance
from gateway.app.node import make_node
from gateway.channels.memory import MemoryChannel
from gateway.config.scaffold import scaffold
from gateway.model.effects import ProposalSaved
from gateway.model.faults import Fault, OurFault
from gateway.model.replenishment import ProposalLine, ReplenishmentProposal
from gateway.model.values import Item, Quantity
from gateway.ports.journal import Tx
from tests.unit.pipeline.pipeline_scene import NOW, OATS, envelope, new_id, orders

ACME = """\
name: Acme
role: customer
gln: "9521002000009"
channels:
  memory: {id: acme}
agreements:
  - {receive: eancom-1997/ORDERS, over: memory}
  - {send: eancom-1997/ORDRSP, over: memory}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "hub"
    scaffold(folder, name="Own", gln="9521001000000")
    add_partner(folder, "acme")
    return folder


@pytest.fixture
def instance(root: Path) -> Iterator[Instance]:
    opened = open_instance(root)
    yield opened
    opened.close()


def add_partner(root: Path, name: str, text: str = ACME) -> Path:
    path = root / "partners" / name / "partner.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def beta(root: Path) -> None:
    add_partner(
        root,
        "beta",
        ACME.replace("Acme", "Beta").replace("9521002000009", "9521003000008").replace("id: acme", "id: beta"),
    )


def test_the_first_opening_takes_the_folders_in(instance: Instance) -> None:
    assert set(instance.book.partners) == {"self", "acme"}
    active = instance.journal.read(lambda tx: tx.active_definitions())
    assert active is not None
    assert active[0] == instance.definitions.digest == instance.book.digest


def test_what_is_edited_counts_only_when_it_is_applied(root: Path, instance: Instance) -> None:
    beta(root)
    second = open_instance(root)
    assert "beta" not in second.book.partners
    assert second.apply_definitions() is True
    assert "beta" in second.book.partners
    assert second.apply_definitions() is False
    second.close()
    assert "beta" not in instance.book.partners
    assert instance.refresh() is True
    assert "beta" in instance.book.partners
    assert instance.refresh() is False


def test_a_start_takes_the_folders_in(root: Path) -> None:
    open_instance(root).close()
    beta(root)
    started = open_instance(root, take_folders=True)
    assert "beta" in started.book.partners
    started.close()
    later = open_instance(root)
    assert "beta" in later.book.partners
    later.close()


def test_a_broken_folder_stops_its_own_taking_in_and_nothing_else(root: Path) -> None:
    open_instance(root).close()
    path = add_partner(root, "acme", "name: [broken")
    reading = open_instance(root)
    assert reading.book.partners["acme"].name == "Acme"
    before = reading.book
    with pytest.raises(Fault) as caught:
        reading.apply_definitions()
    assert caught.value.code.startswith("config.")
    assert reading.book is before
    active = reading.journal.read(lambda tx: tx.active_definitions())
    assert active is not None
    assert active[0] == before.digest
    reading.close()
    with pytest.raises(OurFault):
        open_instance(root, take_folders=True)
    path.write_text(ACME)
    open_instance(root, take_folders=True).close()


def test_definitions_that_do_not_compile_are_not_taken(root: Path, instance: Instance) -> None:
    add_partner(root, "acme", ACME.replace("eancom-1997/ORDERS", "eancom-1997/NOTHING"))
    before = instance.definitions
    with pytest.raises(OurFault):
        instance.apply_definitions()
    assert instance.definitions is before
    assert "acme" in instance.book.partners


def test_definitions_that_could_not_be_kept_are_taken_in_by_the_next_try(
    root: Path, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    beta(root)
    real = instance.journal.write

    def full(work: object) -> object:
        raise OurFault("journal.commit-failed", detail="planned")

    monkeypatch.setattr(instance.journal, "write", full)
    with pytest.raises(OurFault):
        instance.apply_definitions()
    monkeypatch.setattr(instance.journal, "write", real)
    assert instance.apply_definitions() is True
    active = instance.journal.read(lambda tx: tx.active_definitions())
    assert active is not None
    assert active[0] == instance.definitions.digest


def test_a_login_link_names_the_console_and_signs_in(instance: Instance) -> None:
    now = instance.wall.now()
    instance.access.add_user("ann", "admin", now, by="test")
    link = instance.login_link("ann")
    assert link.startswith("http://127.0.0.1:8081/login?token=")
    with pytest.raises(OurFault):
        instance.login_link("nobody")


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def actions(instance: Instance, woken: list[str]) -> JournalActions:
    return JournalActions(instance=instance, wake=woken.append, wake_delivery=lambda: woken.append("delivery"))


def propose(instance: Instance, status: str = "proposed") -> None:
    wanted = ProposalLine(number="1", item=Item(gtin=f"0{OATS}"), quantity=Quantity(value=Decimal(12), per="gtin"))
    proposal = ReplenishmentProposal(
        id="RP-1", issued_at=NOW, supplier="acme", ship_to="9521001000000", status=status, lines=(wanted,)
    )
    effects = (ProposalSaved(key="p", proposal=proposal),)
    instance.journal.write(lambda tx: tx.write_effects(new_id(), effects, NOW, test=False))


def audited(instance: Instance) -> list[str]:
    def work(tx: Tx) -> list[str]:
        found = tx.connection.exec_driver_sql("SELECT action FROM audit ORDER BY id")  # type: ignore[attr-defined]
        return [str(row[0]) for row in found]

    return instance.journal.read(work)


def test_an_unknown_proposal_cannot_be_decided(actions: JournalActions, woken: list[str]) -> None:
    with pytest.raises(OurFault) as caught:
        actions.decide_proposal("RP-9", "approve", "ann")
    assert caught.value.code == "plan.proposal-unknown"
    assert woken == []
    assert audited(actions.instance) == []


def test_a_proposal_that_was_decided_is_not_decided_again(actions: JournalActions, instance: Instance) -> None:
    propose(instance, "approved")
    with pytest.raises(OurFault) as caught:
        actions.decide_proposal("RP-1", "reject", "ann")
    assert caught.value.code == "plan.already-decided"
    assert audited(instance) == []


def test_the_same_word_again_before_it_is_carried_out_is_refused(
    actions: JournalActions, instance: Instance, woken: list[str]
) -> None:
    propose(instance)
    actions.decide_proposal("RP-1", "approve", "ann")
    assert woken == [OWN]
    with pytest.raises(OurFault) as caught:
        actions.decide_proposal("RP-1", "approve", "ann")
    assert caught.value.code == "plan.already-decided"
    assert instance.journal.read(lambda tx: tx.open_work()) == 1
    assert audited(instance) == ["proposal.approve"]


def test_a_plan_is_asked_for_in_somebodys_name(actions: JournalActions, woken: list[str]) -> None:
    first, second = actions.request_plan("ann"), actions.request_plan("ann")
    assert first != second
    assert woken == [OWN, OWN]
    assert audited(actions.instance) == ["plan.run", "plan.run"]


def test_a_plan_for_nobody_is_refused(actions: JournalActions, woken: list[str]) -> None:
    with pytest.raises(OurFault) as caught:
        actions.request_plan("ann", "stranger")
    assert caught.value.code == "partner.unknown"
    assert woken == []


@pytest.mark.parametrize("what", ["replay", "resend"])
def test_what_does_not_exist_cannot_be_done_again(actions: JournalActions, woken: list[str], what: str) -> None:
    with pytest.raises(OurFault) as caught:
        getattr(actions, what)("01a1-nothing", "ann")
    assert caught.value.code == "journal.not-found"
    assert woken == []


async def test_the_same_actions_wait_without_stopping_the_loop(actions: JournalActions) -> None:
    waiting = AsyncActions(actions=actions)
    assert await waiting.request_plan("ann")
    with pytest.raises(OurFault):
        await waiting.decide_proposal("RP-9", "approve", "ann")
    with pytest.raises(OurFault):
        await waiting.replay("nothing", "ann")
    with pytest.raises(OurFault):
        await waiting.resend("nothing", "ann")


async def test_a_node_takes_works_off_and_delivers_and_follows_new_definitions(root: Path, instance: Instance) -> None:
    channel = MemoryChannel(new_id=new_id)
    instance.settings = replace(instance.settings, workers=0)  # in threads: no processes to wait for
    node = make_node(instance, {"memory": channel})
    running = asyncio.create_task(node.run())
    first = await channel.receive(node.accept, "acme", envelope(orders("A1"), reference="A1"), key="1")
    again = await channel.receive(node.accept, "acme", envelope(orders("A1"), reference="A1"), key="1")
    assert (first.outcome, again.outcome) == ("new", "repeat")
    await until(lambda: len(channel.sent) >= 2)  # CONTRL, and an APERAK: the item table is empty
    bodies = b"".join(each.wrapped.body for each in channel.sent)
    assert b"'UCI+A1+" in bodies
    assert b"RFF+ON:A1'" in bodies

    beta(root)
    other = open_instance(root)
    other.apply_definitions()
    other.close()
    await until(lambda: "beta" in instance.book.partners)
    text = envelope(orders("B1"), sender="9521003000008", reference="B1")
    await channel.receive(node.accept, "beta", text, key="2")
    await until(lambda: any(each.partner == "beta" for each in channel.sent))
    await until(lambda: instance.journal.read(lambda tx: tx.open_work()) == 0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
