"""gateway run: the node, the partner port and the console of one instance. The channel table here is the only one."""

import asyncio
import contextlib
import logging
import shutil
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aiohttp import web

from gateway.api.services import Check, ConsoleSettings, Services
from gateway.app import go_live, logs, mapping_drafts
from gateway.app.actions import AsyncActions, JournalActions
from gateway.app.alerts import Alerts
from gateway.app.carriers import Carriers, carried_by
from gateway.app.certificates import expiring, watch
from gateway.app.client_certificates import PartnerTls, follow
from gateway.app.connectors import Connectors
from gateway.app.desk_mail import DeskMail
from gateway.app.ids import uuid7
from gateway.app.instance import Instance, open_instance
from gateway.app.lookup_desk import InstanceLookups
from gateway.app.mapping_editor import InstanceEditor
from gateway.app.metrics import JournalCollector, LoopLag, Probes, exposition
from gateway.app.node import Node, make_node
from gateway.app.partner_desk import InstanceDesk
from gateway.app.portal_desk import JournalPortalDesk
from gateway.app.receipt_desk import JournalDesk
from gateway.app.replays import Replays
from gateway.app.reports import PlannedReports
from gateway.app.selling import Selling
from gateway.channels.as2 import As2Channel
from gateway.channels.folder import FolderChannel
from gateway.channels.http import HttpChannel
from gateway.channels.http_outbox import OutboxPages
from gateway.channels.listener import KEEP_ALIVE_S, open_port, start_listener, watch_heads
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.channels.portal import PortalChannel
from gateway.channels.survey_door import SurveyDoor
from gateway.config.settings import Address
from gateway.console.app import make_console
from gateway.model.faults import OurFault
from gateway.model.key_window import read_windows
from gateway.portal.app import make_portal
from gateway.store.outbox import SqlOutbox
from gateway.store.saved_views import SavedViews

log = logging.getLogger(__name__)


def serve(root: Path) -> None:
    """Serve the instance in root until SIGINT or SIGTERM. Raises OurFault when it cannot start."""
    logs.set_up()
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    instance = open_instance(root, take_folders=True)
    try:
        with contextlib.ExitStack() as alone:
            if instance.settings.database is None:
                alone.enter_context(_only_server(instance.settings.var))
                now = instance.clock.now()
                instance.journal.write(lambda tx: tx.end_leases(now))  # of a server that was killed
            asyncio.run(_serve(instance))
    finally:
        instance.close()


@contextlib.contextmanager
def _only_server(var: Path) -> Iterator[None]:
    """Hold the instance's lock: one server process on SQLite. Raises OurFault instance.running."""
    with (var / "server.lock").open("w") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise OurFault("instance.running", value=str(var)) from None
        yield


async def _serve(instance: Instance) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        node = await start(instance, stack)
        assert node.running is not None
        settings = instance.settings
        log.info(
            "ready: partners on http://%s:%d, console on http://%s:%d",
            settings.partners_port.host,
            settings.partners_port.port,
            settings.console_port.host,
            settings.console_port.port,
        )
        people = instance.access.people(instance.wall.now())
        admins = [each.name for each in people if each.role == "admin" and each.disabled_at is None]
        if sys.stdout.isatty() and admins:  # never into a log file: the link is a key
            print(f"Console (signs in once): {instance.login_link(admins[0])}", flush=True)
        await _until_the_end(stop, node.running)
        log.info("stopping")


async def _until_the_end(stop: asyncio.Event, running: "asyncio.Task[None]") -> None:
    """Wait for stop. Raises OurFault instance.part-ended when a part of the node ends by itself: half a gateway, that
    takes documents and works none of them off, is worse than none."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([stopping, running], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if running.done() and not stop.is_set():
        error = None if running.cancelled() else running.exception()
        log.critical("a part of the gateway has ended: everything is stopped", exc_info=error)
        raise OurFault("instance.part-ended", detail=f"{type(error).__name__}: {error}"[:300])


async def start(instance: Instance, stack: contextlib.AsyncExitStack) -> Node:
    """Start everything; the stack stops it again, edge first."""
    settings = instance.settings
    outbound = Outbound(AddressGuard(str(each) for each in settings.allow_networks))
    stack.push_async_callback(outbound.close)
    spool = settings.var / "spool"
    spool.mkdir(mode=0o700, exist_ok=True)

    def admit() -> int | None:
        return node.admission.ask()

    new_id = _ids(instance)
    limit = settings.limits.payload_max_bytes
    desk = JournalDesk(instance=instance)
    as2 = As2Channel(
        book=lambda: instance.book,
        keys=instance.keys,
        instance=settings.instance,
        new_id=new_id,
        outbound=outbound,
        now=instance.wall.now,
        desk=desk,
        admit=admit,
        limit_bytes=limit,
        spool_folder=spool,
    )
    desk.explains = as2
    port = settings.partners_port
    tls = PartnerTls(instance=instance, keys=read_windows(port.tls)) if port.tls else None
    if tls is not None:
        tls.refresh()
        stack.push_async_callback(_cancelled, asyncio.create_task(follow(tls)))
    http = HttpChannel(
        keys=instance.keys,
        new_id=new_id,
        outbound=outbound,
        status=lambda name, arrival_id: _status(instance, name, arrival_id),
        now=instance.wall.now,
        admit=admit,
        limit_bytes=limit,
        spool_folder=spool,
        certificate=tls.partner if tls is not None else lambda der: None,
        outbox=OutboxPages(
            outbox=SqlOutbox(instance.journal, instance.clock.now),
            desk=desk,
            partner=lambda name: instance.book.partner(name),
        ),
    )
    folder = FolderChannel(root=settings.var / "folders", new_id=new_id, limit_bytes=limit)
    portal = PortalChannel(limit_bytes=limit)
    node = make_node(instance, {each.name: each for each in (as2, http, folder, portal)})
    carriers = Carriers(book=lambda: instance.book, accept=node.accept, new_id=new_id)
    watching = folder.watch(lambda: list(instance.book.partners.values()), carriers.take)
    alerts = Alerts(instance=instance, outbound=outbound, keys=instance.keys)
    replays = Replays(actions=_actions(instance, node))
    reports = PlannedReports(instance=instance)
    desk_mail = DeskMail(instance=instance)
    connectors = Connectors(instance=instance, outbound=outbound)
    node.running = asyncio.create_task(
        _together(
            node.run(),
            watch(instance),
            go_live.watch(instance),
            mapping_drafts.watch(instance),
            watching,
            alerts.run(),
            replays.run(),
            reports.run(),
            desk_mail.run(),
            connectors.run(),
        )
    )
    stack.push_async_callback(_cancelled, node.running)
    await _console(instance, node, stack)
    context = tls.context if tls is not None else None
    selling = Selling(instance=instance)
    surveys = SurveyDoor(find=selling.asking, answer=selling.answer, timer=asyncio.get_running_loop().time)
    listener = await start_listener(port.host, port.port, [as2, http, surveys], carriers.take, context)
    stack.push_async_callback(listener.cleanup)
    return node


def _status(instance: Instance, partner: str, arrival_id: str) -> dict[str, Any] | None:
    """Return what a partner, or the provider that carries it, may know of an arrival."""
    names = (partner, *sorted(carried_by(instance.book.partner(partner))))
    return next((found for name in names if (found := instance.views.arrival_status(name, arrival_id))), None)


def _ids(instance: Instance) -> Callable[[], str]:
    return lambda: uuid7(instance.clock.now())


async def _together(*parts: Coroutine[Any, Any, None]) -> None:
    """Run parts that never end; the end of one is the end of all."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    """End task. What it died of was told when it died."""
    task.cancel()
    await asyncio.wait([task])


def _actions(instance: Instance, node: Node) -> JournalActions:
    return JournalActions(instance=instance, wake=node.wake_lane, wake_delivery=node.wake_delivery)


def _metrics(instance: Instance, node: Node, lag: LoopLag) -> Callable[[], str]:
    def ends() -> dict[tuple[str, str], datetime]:
        found = expiring(instance.book, instance.keys, instance.clock.now(), instance.settings.partners_port.tls)
        return {(each.partner, each.name): each.on for each in found}

    probes = Probes(
        writer_queue=lambda: instance.journal.waiting,
        refused=lambda: node.admission.refused,
        loop_lag_s=lambda: lag.seconds,
        certificates=ends,
        rounds=instance.rounds.failures,
    )
    collector = JournalCollector(
        views=instance.views,
        now=instance.clock.now,
        probes=probes,
        build=version("edi-gateway"),
        after=instance.views.latest_event(),
    )
    return exposition(collector)


def _health(instance: Instance, node: Node) -> tuple[Check, ...]:
    free, least = shutil.disk_usage(instance.settings.var).free, instance.settings.limits.disk_free_min_bytes
    running = node.running is None or not node.running.done()
    return (
        Check(name="disk", ok=free >= least, detail=f"{free // 1_000_000} MB free, at least {least // 1_000_000}"),
        Check(name="rounds", ok=True, detail=_rounds(instance)),  # it takes and answers all the same
        Check(name="node", ok=running, detail="runs" if running else "a part has ended"),
        Check(name="writer", ok=instance.journal.waiting < 2_000, detail=f"{instance.journal.waiting} works wait"),
    )


def _rounds(instance: Instance) -> str:
    told = [f"{each.name} since {each.since:%Y-%m-%dT%H:%M:%SZ}" for each in instance.rounds.failing()]
    return f"failing: {', '.join(told)}" if told else "all go well"


async def _console(instance: Instance, node: Node, stack: contextlib.AsyncExitStack) -> None:
    settings = instance.settings
    actions = _actions(instance, node)
    partner_desk = InstanceDesk(instance=instance, follow=node.follow)
    lag = LoopLag()
    measuring = asyncio.create_task(lag.run())
    stack.push_async_callback(_cancelled, measuring)
    editor = InstanceEditor(instance=instance, follow=node.follow, wake=node.wake_lane)
    stack.callback(editor.close)
    services = Services(
        mapping_editor=editor,
        lookup_desk=InstanceLookups(instance=instance, follow=node.follow),
        metrics=_metrics(instance, node, lag),
        health=lambda: _health(instance, node),
        failing=instance.rounds.failing,
        views=instance.views,
        access=instance.access,
        saved=SavedViews(instance.journal.reader, instance.journal),
        actions=AsyncActions(actions=actions),
        book=lambda: instance.book,
        clock=instance.clock,
        wall=instance.wall,
        partner_desk=partner_desk,
        settings=ConsoleSettings(
            zone=settings.zone,
            language=settings.language,
            title=instance.book.own.partner.name,
            retention=settings.retention,
            portal=instance.portal_address,
        ),
    )
    await _listen(make_console(services), settings.console_port, stack)
    if settings.portal_port is not None:
        desk = JournalPortalDesk(instance=instance, wake=node.wake_lane, workers=node.workers, desk=partner_desk)
        await _listen(make_portal(services, desk), settings.portal_port, stack)


async def _listen(app: web.Application, port: Address, stack: contextlib.AsyncExitStack) -> None:
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=KEEP_ALIVE_S, shutdown_timeout=3.0)
    watch_heads(app, runner)
    await runner.setup()
    await open_port(runner, port.host, port.port)
    stack.push_async_callback(runner.cleanup)
