"""Settings of one instance: config.yaml, and where the instance is. Every value has a default here."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal

from gateway.config.fields import Fields, Problems
from gateway.config.yaml import load
from gateway.config.zones import read_zone
from gateway.model.faults import OurFault
from gateway.model.key_window import read_windows
from gateway.ports.retention import Retention, RetentionRule

FILE = "config.yaml"
ENVIRONMENT = "GATEWAY_INSTANCE"
SIZE_LIMIT_BYTES = 1_000_000

Network = IPv4Network | IPv6Network
Language = Literal["en", "zh-CN"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """tls: names of own keys with windows (see model.key_window), of the partner port only; None: plain HTTP."""

    host: str
    port: int
    tls: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """payload_max_bytes: of one received body; a larger one is refused.

    backlog, backlog_age_s, disk_free_min_bytes: above so many documents waiting, or so long, or with less free space in
    var, partners are told to come back later; so they are with more than waiting_max_bytes received and not yet kept,
    or when the writer has not answered for writer_wait_max_s.

    reading_max_s: time that a worker process has for one document; after that it is killed.
    """

    payload_max_bytes: int = 50 * 1024 * 1024
    backlog: int = 20_000
    backlog_age_s: int = 900
    disk_free_min_bytes: int = 512 * 1024 * 1024
    waiting_max_bytes: int = 256 * 1024 * 1024
    writer_wait_max_s: int = 5
    reading_max_s: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Waiting doubles from first_s up to longest_s; after attempts the message or parcel is parked."""

    attempts: int = 12
    first_s: int = 5
    longest_s: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """How alerts leave. console_url: address of the console as people reach it, for links; smtp_host None: no e-mail.
    password: name of a secret in the key store. sender: the From address."""

    console_url: str | None = None
    smtp_host: str = ""
    smtp_port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None
    sender: str = "gateway@localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """root: folder of config.yaml. All paths are absolute. instance: right side of every Message-ID we make."""

    root: Path
    instance: str = "gateway"
    language: Language = "en"
    zone: str = "UTC"
    partners_port: Address = Address(host="127.0.0.1", port=8080)
    console_port: Address = Address(host="127.0.0.1", port=8081)
    portal_port: Address | None = None  # None: no portal is served
    portal_url: str | None = None  # address of the portal as partners reach it, for invitations
    partners: Path
    mappings: Path
    schemas: Path
    var: Path
    blobs: Path  # large payloads; nodes on several hosts share this folder
    database: str | None = None  # URL of a PostgreSQL database; None: SQLite in var
    engine: Literal["procrastinate", "local"] = "procrastinate"  # carries wakes between nodes; SQLite: always local
    workers: int = 2
    limits: Limits = field(default_factory=Limits)
    retry: Retry = field(default_factory=Retry)
    allow_networks: tuple[Network, ...] = ()
    retention: Retention = field(default_factory=Retention)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    clock_file: Path | None = None  # None: the real time
    planning_every: timedelta | None = timedelta(hours=24)  # None: only on demand
    planning_processes: int | None = None  # that compute the shards of a night; None: one for each core but one
    planning_scheduler: str | None = None  # of a dask cluster that does so instead


def find_root(given: str | None, environ: Mapping[str, str] | None = None, here: Path | None = None) -> Path:
    """Return the instance folder: --instance, else the environment, else the current folder.

    Raises OurFault config.no-instance when no config.yaml is there.
    """
    named = given or (os.environ if environ is None else environ).get(ENVIRONMENT)
    root = Path(named).expanduser() if named else (here or Path.cwd())
    if not (root / FILE).is_file():
        raise OurFault("config.no-instance", value=str(root))
    return root.resolve()


def load_settings(root: Path) -> Settings:
    """Read root/config.yaml. Raises OurFault config.*; its findings hold every problem of the file."""
    return read_settings(read_text(root / FILE, FILE), root.resolve())


def read_text(path: Path, name: str, limit_bytes: int = SIZE_LIMIT_BYTES) -> str:
    """Return a definition file as text, a byte order mark dropped. Raises OurFault config.unreadable or too-large."""
    try:
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise OurFault("config.unreadable", at=name, detail=_reason(error)) from None
    if len(data) > limit_bytes:
        raise OurFault("config.too-large", at=name, limit=str(limit_bytes))
    return text


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "?" if isinstance(error, OSError) else f"byte {error.start} is not UTF-8"


def read_settings(text: str, root: Path, problems: Problems | None = None) -> Settings:
    """Build Settings from the text of config.yaml; problems notes what was asked. Raises OurFault config.*."""
    problems = problems or Problems(FILE)
    top = Fields(load(text, FILE), problems)
    ports, folders = top.fields("listen"), top.fields("folders")
    clock, planning, database = top.fields("clock"), top.fields("planning"), top.fields("database")
    portal = top.fields("portal")
    hours = planning.whole("every_h", 24, most=24 * 31)
    clock_file = clock.optional("file")
    settings = Settings(
        root=root,
        instance=_instance(top),
        language=top.choice("language", ("en", "zh-CN"), "en"),
        zone=read_zone(top),
        partners_port=_address(ports, "partners", 8080),
        console_port=_address(ports, "console", 8081),
        portal_port=_address(ports, "portal", 8082) if "portal" in {each.value for each in ports.names()} else None,
        portal_url=_portal_url(portal),
        partners=root / folders.text("partners", "partners"),
        mappings=root / folders.text("mappings", "mappings"),
        schemas=root / folders.text("schemas", "schemas"),
        var=root / folders.text("var", "var"),
        blobs=root / folders.text("blobs", f"{folders.text('var', 'var')}/blobs"),
        database=_database(database),
        engine=database.choice("engine", ("procrastinate", "local"), "procrastinate"),
        workers=top.whole("workers", 2, least=1, most=64),
        limits=_limits(top.fields("limits")),
        retry=_retry(top.fields("retry")),
        retention=_retention(top.fields("retention")),
        alerts=_alerts(top.fields("alerts")),
        allow_networks=_networks(top),
        clock_file=root / clock_file if clock_file else None,
        planning_every=timedelta(hours=hours) if hours else None,
        planning_processes=planning.whole("processes", 0, most=64) if planning.optional("processes") else None,
        planning_scheduler=_scheduler(planning),
    )
    for each in (ports, folders, clock, planning, database, portal, top):
        each.close()
    problems.stop()
    return settings


def _scheduler(fields: Fields) -> str | None:
    """executor: pool (the default) or dask, which needs the address of its scheduler."""
    executor, address = fields.choice("executor", ("pool", "dask"), "pool"), fields.optional("scheduler")
    good = address is None if executor == "pool" else re.fullmatch(r"(tcp|tls)://[^\s/?#@]+:\d+", address or "")
    if not good:
        place = fields.place("scheduler" if address is not None else "executor")
        expected = "scheduler: tcp://host:8786 with executor: dask"
        fields.problems.add("config.bad-value", place, address, key="planning.scheduler", expected=expected)
    return address


def _portal_url(fields: Fields) -> str | None:
    url = fields.optional("url")
    if url is not None and not re.fullmatch(r"https?://[^\s/?#@]+", url):
        fields.problems.add(
            "config.bad-value", fields.place("url"), url, key="portal.url", expected="https://portal.example.org"
        )
    return url


def _database(fields: Fields) -> str | None:
    """The password is no setting: libpq takes it from PGPASSWORD or ~/.pgpass. Several servers, of which one is the
    primary, are named as libpq has it: postgresql://user@/name?host=a,b&target_session_attrs=read-write."""
    url = fields.optional("url")
    several = r"/[^\s/?#]+\?(\S*&)?host=\S+"
    if url and not re.fullmatch(rf"postgresql://([^\s/?#:@]+@)?([^\s/?#@]+/[^\s/?#]+(\?\S*)?|{several})", url):
        fields.problems.add(
            "config.bad-value", fields.place("url"), "***", key="database.url", expected="postgresql://user@host/name"
        )
    return url


def _instance(top: Fields) -> str:
    name = top.text("instance", "gateway")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?", name):
        top.problems.add("config.bad-value", top.place("instance"), name, key="instance", expected="a-z 0-9 . -")
    return name


def _address(ports: Fields, key: str, port: int) -> Address:
    fields = ports.fields(key)
    tls = fields.optional("tls") if key == "partners" else None
    try:
        read_windows(tls or "none")
    except ValueError:
        fields.problems.add("partner.key-name", fields.place("tls"), key="tls")
    host = fields.text("host", "127.0.0.1")
    found = Address(host=host, port=fields.whole("port", port, least=1, most=65535), tls=tls or None)
    fields.close()
    return found


def _limits(fields: Fields) -> Limits:
    default = Limits()
    found = Limits(
        payload_max_bytes=fields.whole("payload_max_bytes", default.payload_max_bytes, least=1024),
        backlog=fields.whole("backlog", default.backlog, least=1),
        backlog_age_s=fields.whole("backlog_age_s", default.backlog_age_s, least=1),
        disk_free_min_bytes=fields.whole("disk_free_min_bytes", default.disk_free_min_bytes),
        waiting_max_bytes=fields.whole("waiting_max_bytes", default.waiting_max_bytes, least=1024),
        writer_wait_max_s=fields.whole("writer_wait_max_s", default.writer_wait_max_s, least=1),
        reading_max_s=fields.whole("reading_max_s", default.reading_max_s, least=1, most=90),
    )
    fields.close()
    return found


def _retry(fields: Fields) -> Retry:
    default = Retry()
    found = Retry(
        attempts=fields.whole("attempts", default.attempts, least=1, most=100),
        first_s=fields.whole("first_s", default.first_s, least=1, most=86_400),
        longest_s=fields.whole("longest_s", default.longest_s, least=1, most=7 * 86_400),
    )
    fields.close()
    return found


def _retention(fields: Fields) -> Retention:
    default = Retention()
    rules = []
    for each in fields.rows("rules"):
        rule = RetentionRule(
            months=each.whole("months", default.keep_months, least=1, most=1200),
            partner=each.optional("partner"),
            type=each.optional("type"),
        )
        if rule.partner is None and rule.type is None:
            fields.problems.add("config.missing", each.table, key="retention.rules.partner")
        each.close()
        rules.append(rule)
    found = Retention(
        keep_months=fields.whole("keep_months", default.keep_months, least=1, most=1200),
        archive_months=fields.whole("archive_months", default.archive_months, most=1200),
        dedupe_months=fields.whole("dedupe_months", default.dedupe_months, least=1, most=1200),
        rules=tuple(rules),
    )
    fields.close()
    return found


def _alerts(fields: Fields) -> AlertSettings:
    default, smtp = AlertSettings(), fields.fields("smtp")
    url = fields.optional("console_url")
    if url is not None and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
        fields.problems.add(
            "config.bad-value",
            fields.place("console_url"),
            url,
            key="alerts.console_url",
            expected="https://edi.example.org",
        )
    found = AlertSettings(
        console_url=url,
        smtp_host=smtp.text("host", ""),
        smtp_port=smtp.whole("port", default.smtp_port, least=1, most=65535),
        security=smtp.choice("security", ("starttls", "tls", "none"), default.security),
        user=smtp.optional("user"),
        password=smtp.optional("password"),
        sender=smtp.text("from", default.sender),
    )
    smtp.close()
    fields.close()
    return found


def _networks(top: Fields) -> tuple[Network, ...]:
    found = []
    for each in top.texts("allow_networks"):
        try:
            found.append(ip_network(each.value.strip()))
        except ValueError:
            top.problems.add("config.bad-value", each, each.value, key="allow_networks", expected="10.1.0.0/16")
    return tuple(found)
