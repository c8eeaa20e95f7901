"""Whatever is sent to any address: no 5xx, and no answer that the document does not tell of."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from aiohttp import web
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.api.limits import LIMITS, Buckets, Limits
from gateway.api.openapi import document
from gateway.api.services import ConsoleSettings, Services
from gateway.api.surface import all_routes
from gateway.app.actions import AsyncActions, JournalActions
from gateway.app.instance import Instance, open_instance
from gateway.app.partner_desk import InstanceDesk
from gateway.cli.root import cli
from gateway.console.app import make_console
from gateway.store.saved_views import SavedViews

EXAMPLES = 2  # of each operation; make soak takes many
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
SCHEMA = schemathesis.openapi.from_dict(document(all_routes(), "1"))
OPERATIONS = [each.ok() for each in SCHEMA.get_all_operations()]


def services_of(instance: Instance) -> Services:
    actions = JournalActions(instance=instance, wake=lambda lane: None, wake_delivery=lambda: None)
    return Services(
        views=instance.views,
        access=instance.access,
        saved=SavedViews(instance.journal.reader, instance.journal),
        actions=AsyncActions(actions=actions),
        book=lambda: instance.book,
        clock=instance.clock,
        wall=instance.wall,
        partner_desk=InstanceDesk(instance=instance, follow=lambda: None),
        settings=ConsoleSettings(title="Acme"),
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """An instance that is served by a thread of its own; its address and an administrator's key."""
    root = tmp_path_factory.mktemp("fuzz") / "instance"
    made = CliRunner().invoke(cli, ["init", str(root), "--gln", "9521001000000", "--name", "Acme"])
    assert made.exit_code == 0, made.output
    instance = open_instance(Path(root))
    app = make_console(services_of(instance))
    free = Buckets(rate=1e9, burst=1e9, timer=lambda: 0.0)
    app[LIMITS] = Limits(callers=free, strangers=free)
    loop, started, port = asyncio.new_event_loop(), threading.Event(), []

    async def serve() -> None:
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port.append(runner.addresses[0][1])
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    def work() -> None:
        asyncio.set_event_loop(loop)
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(serving)

    serving = loop.create_task(serve())
    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(60)
    yield f"http://127.0.0.1:{port[0]}", instance.access.issue_key("fuzz", "admin", instance.wall.now(), by="test")
    loop.call_soon_threadsafe(serving.cancel)
    thread.join(30)
    loop.close()
    instance.close()


def hammer(served: tuple[str, str], operation: schemathesis.APIOperation, examples: int) -> None:
    address, key = served

    @given(case=operation.as_strategy())
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        response = case.call(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        case.validate_response(response, checks=CHECKS)

    ask()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method.upper()} {each.path}")
def test_no_5xx_and_no_undocumented_answer(served: tuple[str, str], operation: schemathesis.APIOperation) -> None:
    hammer(served, operation, EXAMPLES)


@pytest.mark.soak
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method.upper()} {each.path}")
def test_no_5xx_after_many_tries(served: tuple[str, str], operation: schemathesis.APIOperation) -> None:
    hammer(served, operation, 200)
