"""gateway doctor: what an instance needs to work, looked at one by one, each with what to do about it."""

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.exits import FINDINGS
from gateway.cli.output import json_option, print_finding, print_json, printable
from gateway.config.settings import Address, Settings
from gateway.model.faults import Fault
from gateway.model.findings import Finding
from gateway.texts.catalogue import cure, text

if TYPE_CHECKING:  # slow to import
    from gateway.app.instance import Instance

State = Literal["ok", "warning", "failed"]
SLOW_FSYNC_S = 0.1  # a commit that waits for the disk takes at least as long
CLOCK_OFF_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """finding: what is wrong, None when all is well."""

    name: str
    state: State
    detail: str
    finding: Finding | None = None


@click.command()
@json_option
@invocation
def doctor(call: Invocation, *, as_json: bool) -> None:
    """Look at configuration, disk, clock, database, keys, ports and schemas. Ends with 3 when something fails."""
    results = list(_looks(call))
    if as_json:
        print_json([_plain(each, call) for each in results])
    else:
        for each in results:
            click.echo(f"{each.state:8}  {each.name:14}  {printable(each.detail)}")
            if each.finding is not None:
                print_finding(each.finding, call.language)
    if any(each.state == "failed" for each in results):
        click.get_current_context().exit(FINDINGS)


def _plain(each: Result, call: Invocation) -> dict[str, object]:
    shown: dict[str, object] = {"name": each.name, "state": each.state, "detail": each.detail}
    if each.finding is not None:
        words = {"text": text(each.finding, call.language), "cure": cure(each.finding, call.language)}
        shown |= {"code": each.finding.code, **words}
    return shown


def _bad(name: str, code: str, detail: str, state: State = "failed", **params: str) -> Result:
    severity: Literal["error", "warning"] = "error" if state == "failed" else "warning"
    found = Finding(code=code, severity=severity, params=tuple(sorted(params.items())), value=detail[:200])
    return Result(name=name, state=state, detail=detail, finding=found)


def _looks(call: Invocation) -> Iterator[Result]:
    """Yield the results; what cannot be looked at because something before it failed is left out."""
    try:
        settings = call.settings()
    except Fault as fault:
        yield _failed("configuration", fault)
        return
    yield Result(name="configuration", state="ok", detail=str(settings.root))
    yield from _machine(settings)
    try:
        with call.instance() as instance:
            yield Result(name="database", state="ok", detail=_database(settings))
            for look in (_definitions, _schemas, _open_work, _certificates, _access):
                yield look(instance)
    except Fault as fault:
        yield _failed("database", fault)
    yield from _ports(settings)


def _failed(name: str, fault: Fault) -> Result:
    found = (fault.findings or (fault.as_finding(),))[0]
    return Result(name=name, state="failed", detail=fault.code, finding=found)


def _database(settings: Settings) -> str:
    return "PostgreSQL" if settings.database else f"SQLite, {settings.var / 'journal.sqlite'}"


# --- the machine ------------------------------------------------------------------------------------------------------


def _machine(settings: Settings) -> Iterator[Result]:
    looks: tuple[tuple[str, Callable[[Settings], Result]], ...] = (
        ("disk", _disk),
        ("fsync", _fsync),
        ("clock", _clock),
    )
    for name, look in looks:
        try:
            yield look(settings)
        except OSError as error:
            yield _bad(name, "doctor.unreadable", f"{error.strerror or error}")


def _disk(settings: Settings) -> Result:
    settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    free, least = shutil.disk_usage(settings.var).free, settings.limits.disk_free_min_bytes
    detail = f"{free // 1_000_000} MB free"
    if free < least:
        return _bad("disk", "doctor.disk-full", detail, least=f"{least // 1_000_000} MB")
    state: State = "ok" if free > 4 * least else "warning"
    return Result(name="disk", state=state, detail=detail)


def _fsync(settings: Settings) -> Result:
    path = settings.var / f".doctor-{os.getpid()}"
    try:
        with path.open("wb") as file:
            took = []
            for _ in range(3):
                file.write(b"x" * 4096)
                file.flush()
                before = time.perf_counter()
                os.fsync(file.fileno())
                took.append(time.perf_counter() - before)
    finally:
        path.unlink(missing_ok=True)
    detail = f"{min(took) * 1000:.1f} ms"
    if min(took) > SLOW_FSYNC_S:
        return _bad("fsync", "doctor.disk-slow", detail, state="warning")
    return Result(name="fsync", state="ok", detail=detail)


def _clock(settings: Settings) -> Result:
    """Compare the clock with the times that the file system gives: a shared one knows when this machine is wrong."""
    path = settings.var / f".doctor-{os.getpid()}"
    try:
        path.touch()
        off = abs(path.stat().st_mtime - time.time())  # noqa: TID251 - the machine's clock is what is looked at
    finally:
        path.unlink(missing_ok=True)
    if off > CLOCK_OFF_S:
        return _bad("clock", "doctor.clock-off", f"{off:.0f} s")
    if settings.clock_file:
        return Result(name="clock", state="warning", detail=f"simulated: {settings.clock_file}")
    return Result(name="clock", state="ok", detail=time.strftime("%Y-%m-%d %H:%M:%S %Z"))


# --- the instance -----------------------------------------------------------------------------------------------------


def _definitions(instance: "Instance") -> Result:
    partners = len(instance.book.partners) - 1
    return Result(name="definitions", state="ok", detail=f"{partners} partners, version {instance.book.digest[:12]}")


def _schemas(instance: "Instance") -> Result:
    found = sorted(instance.book.directories)
    if not found:
        return _bad("schemas", "doctor.no-schemas", str(instance.settings.schemas))
    return Result(name="schemas", state="ok", detail=", ".join(found))


def _open_work(instance: "Instance") -> Result:
    waiting = instance.journal.read(lambda tx: tx.open_work())
    return Result(name="work", state="ok", detail=f"{waiting} open")


def _certificates(instance: "Instance") -> Result:
    from gateway.app.certificates import expiring

    found = expiring(instance.book, instance.keys, instance.clock.now(), instance.settings.partners_port.tls)
    if not found:
        return Result(name="certificates", state="ok", detail="none ends within 60 days")
    first = min(found, key=lambda each: each.on)
    detail = f"{first.partner} {first.name}: {first.on.date().isoformat()}"
    state: State = "failed" if first.days < 0 else "warning"
    return _bad("certificates", "doctor.certificate-ends", detail, state=state, days=str(first.days))


def _access(instance: "Instance") -> Result:
    people = [each for each in instance.access.people(instance.wall.now()) if each.disabled_at is None]
    if not any(each.role == "admin" for each in people):
        return _bad("access", "doctor.no-admin", f"{len(people)} users", state="warning")
    return Result(name="access", state="ok", detail=f"{len(people)} users")


# --- ports ------------------------------------------------------------------------------------------------------------


def _ports(settings: Settings) -> Iterator[Result]:
    ports = {"partner port": settings.partners_port, "console port": settings.console_port}
    if settings.portal_port is not None:
        ports["portal port"] = settings.portal_port
    for name, port in ports.items():
        yield _port(name, port)


def _port(name: str, port: Address) -> Result:
    """Somebody listens: the server runs, or another program is in its place. Nobody: it can be opened, or not."""
    where = f"{port.host}:{port.port}"
    with socket.socket(socket.AF_INET6 if ":" in port.host else socket.AF_INET) as probe:
        probe.settimeout(2.0)
        if probe.connect_ex((port.host if port.host not in ("0.0.0.0", "") else "127.0.0.1", port.port)) == 0:  # noqa: S104
            return Result(name=name, state="ok", detail=f"{where} answers")
    try:
        with socket.socket(socket.AF_INET6 if ":" in port.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((port.host, port.port))
    except OSError as error:
        return _bad(name, "doctor.port-closed", where, reason=error.strerror or str(error))
    return Result(name=name, state="warning", detail=f"{where}: free, nobody listens")
