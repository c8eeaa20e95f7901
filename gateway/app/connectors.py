"""Connectors to external systems at work: changes are found, put in line and told, each record's in their order."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from gateway.app.instance import Instance
from gateway.channels import cloudevents
from gateway.channels.outbound import Outbound
from gateway.channels.tryton import Tryton
from gateway.model.faults import Fault, NetworkFault, OurFault
from gateway.ports.journal import Tx
from gateway.store import crm_outbox
from gateway.store.crm_entries import Entry
from gateway.store.crm_outbox import LEASE, OBJECTS, Change, Difference, Key
from gateway.store.crm_turn import OUTBOX, take_turn
from gateway.store.forms import moment
from gateway.store.tx_records import RecordsTx

T = TypeVar("T")

LOOK_EVERY_S = 5.0
AT_ONCE = 200
KINDS: Mapping[str, tuple[str, ...]] = {"cloudevents": OBJECTS, "tryton": ("account",)}


def objects_of(entry: Entry) -> tuple[str, ...]:
    """Return which records a connector is told of: those that it names and its kind can take."""
    named = entry.data.get("objects", "").replace(",", " ").split()
    return tuple(each for each in KINDS[entry.data["kind"]] if not named or each in named)


def names_of(instance: Instance) -> dict[str, dict[str, str]]:
    """Return what the book says of each partner."""
    found: dict[str, dict[str, str]] = {}
    for each in instance.book.partners.values():
        if each.kind == "partner":
            told = {"name": each.name, "nameZh": each.name_zh, "gln": each.gln, "role": each.role}
            found[each.id] = {name: value for name, value in told.items() if value}
    return found


@dataclass(kw_only=True)
class ConnectorDesk:
    """Synchronous, for the command line, console and API."""

    instance: Instance

    def current(self, tx: RecordsTx, entry: Entry) -> dict[Key, dict[str, Any]]:
        """Return the records that a connector is told of, as they are now, with the fields of persons that it may
        have."""
        now = self.instance.clock.now()
        personal = self._personal(entry, now.date().isoformat())
        return crm_outbox.records(tx.connection, names_of(self.instance), objects_of(entry), now, personal)

    def _personal(self, entry: Entry, today: str) -> tuple[str, ...]:
        """Return the fields of persons that the connector may be told of: those in the register of processors, while
        their agreement is in force."""
        wanted = entry.data.get("processor")
        found = next((each for each in self.instance.views.processors() if each.id == wanted), None)
        return found.fields if found is not None and found.covers(today) else ()

    def line_up(self, entry: Entry) -> int:
        """Put what has changed in line for a connector; return how many changes."""
        now = self.instance.clock.now()

        def work(given: Tx) -> int:
            tx = cast("RecordsTx", given)
            take_turn(tx.connection, OUTBOX)  # two nodes that look at once would both put it in line
            return crm_outbox.line_up(tx.connection, entry.id, self.current(tx, entry), now, objects_of(entry))

        return self.instance.journal.write(work)

    def differences(self, connector: str) -> list[Difference]:
        """Return where our records differ from what the other side has taken. Raises OurFault crm.entry-unknown."""
        entry = self.entry(connector)
        return self.instance.journal.read(
            lambda tx: crm_outbox.differences(
                cast("RecordsTx", tx).connection, connector, self.current(cast("RecordsTx", tx), entry)
            )
        )

    def send_again(self, connector: str, number: int, user: str) -> None:
        """Put a refused change in line again. Raises OurFault crm.entry-unknown."""
        now = self.instance.clock.now()

        def work(given: Tx) -> None:
            tx = cast("RecordsTx", given)
            if not crm_outbox.send_again(tx.connection, connector, number, now):
                raise OurFault("crm.entry-unknown", value=str(number), register="outbox")
            tx.audit(user, "connector.again", f"connector/{connector}", None, str(number), now)

        self.instance.journal.write(work)

    def entry(self, connector: str) -> Entry:
        """Raises OurFault crm.entry-unknown."""
        found = self.instance.views.entry("connector", connector)
        if found is None:
            raise OurFault("crm.entry-unknown", value=connector[:80], register="connector")
        return found


@dataclass(kw_only=True)
class Connectors:
    """The loop of a node. Any node may do it: a change is leased by whoever tells it."""

    instance: Instance
    outbound: Outbound
    _clients: dict[str, tuple[Mapping[str, str], Tryton]] = field(default_factory=dict)

    async def run(self) -> None:
        """Look and tell until cancelled."""
        await self.instance.rounds.keep("connectors", LOOK_EVERY_S, self.look)

    async def look(self) -> int:
        """Put what has changed in line and tell what is due; return how many changes were taken."""
        desk = ConnectorDesk(instance=self.instance)
        running = await asyncio.to_thread(self.instance.views.entries, "connector", state="running")
        done = 0
        for entry in running:
            await asyncio.to_thread(desk.line_up, entry)
            now = self.instance.clock.now()
            changes = await self._write(
                lambda tx, e=entry, n=now: crm_outbox.claim(tx.connection, e.id, n, AT_ONCE)  # type: ignore[misc]
            )
            for change in changes:
                if not await self._tell(entry, change):
                    break  # it cannot be reached: the others would wait for the same
                done += 1
                if self.instance.clock.now() - now > LEASE / 2:
                    break  # slow: what is left is leased no longer than this, and another node may take it
        return done

    async def _tell(self, entry: Entry, change: Change) -> bool:
        """Tell one change and write down what became of it; False when the other side cannot be reached."""
        try:
            external, said = await self._sent(entry, change)
        except NetworkFault as fault:
            now, words = self.instance.clock.now(), str(fault)
            await self._write(lambda tx: crm_outbox.put_off(tx.connection, change, words, now))
            return False
        except Fault as fault:
            now, words = self.instance.clock.now(), fault.value or fault.code
            await self._write(lambda tx: crm_outbox.refused(tx.connection, change, words, now))
            return True
        now = self.instance.clock.now()
        await self._write(lambda tx: crm_outbox.taken(tx.connection, change, said, external, now))
        return True

    async def _sent(self, entry: Entry, change: Change) -> tuple[str | None, str]:
        """Raises NetworkFault, OurFault connector.refused, connector.key-missing."""
        data = entry.data
        secret = self._secret(data.get("key", ""))
        if data["kind"] == "tryton":
            client = self._client(entry, secret)
            if change.change == "gone":
                return await client.drop_account(change.key)
            return await client.put_account(change.key, change.payload)
        body = cloudevents.event_of(
            source=f"/edi-gateway/{self.instance.settings.instance}",
            event=change.event,
            object_kind=change.object,
            change=change.change,
            key=change.key,
            at=moment(change.created_at),
            data=change.payload,
        )
        said = await cloudevents.tell(
            self.outbound, data["address"], secret, change.event, body, self.instance.wall.now()
        )
        return None, said

    def _client(self, entry: Entry, secret: str) -> Tryton:
        """Return the client of a connector, a new one when its settings have changed: a session outlives a call."""
        wanted = {**entry.data, "secret": secret}
        known = self._clients.get(entry.id)
        if known is None or known[0] != wanted:
            client = Tryton(
                outbound=self.outbound,
                address=entry.data["address"],
                database=entry.data.get("database", ""),
                user=entry.data.get("user", ""),
                password=secret,
            )
            known = self._clients[entry.id] = (wanted, client)
        return known[1]

    def _secret(self, name: str) -> str:
        try:
            return self.instance.keys.secret(name)
        except Fault as fault:
            raise OurFault("connector.key-missing", value=name) from fault

    async def _write(self, work: Callable[[RecordsTx], T]) -> T:
        return await asyncio.to_thread(self.instance.journal.write, cast("Callable[[Tx], T]", work))


class AsyncConnectors:
    """For handlers in the event loop: gateway.api.connector_actions.ConnectorActions."""

    connectors: ConnectorDesk

    async def connector_differences(self, connector: str) -> tuple[Difference, ...]:
        return tuple(await asyncio.to_thread(self.connectors.differences, connector))

    async def send_change_again(self, connector: str, number: int, user: str) -> None:
        await asyncio.to_thread(self.connectors.send_again, connector, number, user)
