"""The demo's world: who takes part, with which keys, and where everything lies.

var/clock.json            the time everybody in the demo goes by
var/demo/scene.json       how far the scene has come
var/demo/PARTNER/         one partner's settings, keys, inbox, outbox and log
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import sha256
from math import ceil
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from gateway.app.clock import SystemClock
from gateway.app.instance import Instance, open_instance
from gateway.config.settings import Settings, load_settings
from gateway.demo.cast import BEHAVIOUR, SEASONAL, goods_of, season_from
from gateway.demo.demand import mean_per_day
from gateway.demo.mailbox import write_durably
from gateway.demo.settings import FILE_NAME, As2Line, DemoItem, HttpLine, PartnerSettings, read_settings
from gateway.model.faults import OurFault
from gateway.model.partner import Partner
from gateway.store.keys import FileKeys

SEED = 20_26
OPENING_DAYS = 16  # of demand in the warehouse on the first day
ADMIN = "admin"
LINK_LIFETIME = timedelta(hours=1)
WORK_BEGINS = timedelta(hours=6)  # of each simulated day, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the scene has come. day: the last simulated day that is complete; trucks: on the road to us.

    api_key: the scene's own, role admin.
    """

    first_day: date
    last_day: date
    day: date | None = None
    live: bool = False
    trucks: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)
    api_key: str

    @staticmethod
    def read(path: Path) -> "Progress | None":
        """Return what was saved, or None when the demo has never been started here."""
        try:
            data = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        days = {
            name: date.fromisoformat(data[name]) if data[name] else None for name in ("first_day", "last_day", "day")
        }
        return Progress(**(data | days | {"trucks": tuple(data["trucks"])}))

    @property
    def season(self) -> date | None:
        """Day 0 of the season (gateway.demo.cast); None: the history has none."""
        return season_from(self.first_day, self.last_day)

    def save(self, path: Path) -> None:
        days = {
            name: getattr(self, name) and getattr(self, name).isoformat() for name in ("first_day", "last_day", "day")
        }
        write_durably(path, json.dumps(asdict(self) | days, indent=1).encode())


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of one instance's demo."""

    settings: Settings

    @property
    def demo(self) -> Path:
        return self.settings.var / "demo"

    @property
    def progress(self) -> Path:
        return self.demo / "scene.json"

    @property
    def lock(self) -> Path:
        """Locked by the scene that runs."""
        return self.settings.var / "demo.lock"

    @property
    def creating(self) -> Path:
        """Exists while the world is being made: when it is found at a start, what lies there is half of one."""
        return self.settings.var / "demo.creating"

    @property
    def clock(self) -> Path:
        """Raises OurFault demo.no-clock: the demo must be able to step the time."""
        if self.settings.clock_file is None:
            raise OurFault("demo.no-clock", value=str(self.settings.root / "config.yaml"))
        return self.settings.clock_file

    def partner(self, name: str) -> Path:
        return self.demo / name

    def partners(self) -> list[PartnerSettings]:
        """Return the settings of every simulated partner."""
        return [read_settings(path.parent) for path in sorted(self.demo.glob(f"*/{FILE_NAME}"))]


def places_of(root: Path) -> Places:
    return Places(load_settings(root))


def set_clock(path: Path, sim: datetime, rate: float = 1.0) -> None:
    """Let it be sim now, and go on at rate."""
    wall = SystemClock().now()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = {"sim": sim.isoformat(), "wall": wall.isoformat(), "rate": rate}
    write_durably(path, json.dumps(data).encode())


def morning(day: date) -> datetime:
    """Return the instant at which a simulated day begins."""
    start = datetime.combine(day, datetime.min.time(), SystemClock().now().tzinfo)
    return start + WORK_BEGINS


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Hold the demo's lock. Raises OurFault demo.still-running when another process holds it."""
    places.settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    with places.lock.open("w") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise OurFault("demo.still-running", value=str(places.settings.root)) from None
        yield


def enter(root: Path, days: int) -> tuple[Progress, str]:
    """Open the world, making it first when it is not there; return how far it has come and a link into the console.

    A new one begins days before today: keys, API keys and settings for everybody, and the first administrator. The link
    signs that administrator in once, within the hour.
    Raises OurFault demo.journal-not-empty when this instance has a journal that the demo did not make.
    """
    places = places_of(root)
    progress = Progress.read(places.progress)
    today = SystemClock().now().date()
    if progress is None:
        _clear_the_ground(places)
        set_clock(places.clock, morning(today - timedelta(days=days)))
    instance = open_instance(root)
    try:
        if progress is None:
            progress = _create(instance, places, today - timedelta(days=days), today - timedelta(days=1))
        token = instance.access.make_login_link(ADMIN, SystemClock().now(), lifetime=LINK_LIFETIME)
    finally:
        instance.close()
    address = places.settings.console_port
    return progress, f"http://{address.host}:{address.port}/login?token={token}"


def _clear_the_ground(places: Places) -> None:
    """Take away what a start that was cut off has left, and mark that another one has begun."""
    if places.creating.exists():
        _delete(places)
    if (places.settings.var / "journal.sqlite").exists():
        raise OurFault("demo.journal-not-empty", value=str(places.settings.var))
    places.settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    places.creating.touch()


def _create(instance: Instance, places: Places, first_day: date, last_day: date) -> Progress:
    now = instance.clock.now()
    instance.access.add_user(ADMIN, "admin", now, by="demo")
    api_key = instance.access.issue_key("demo-scene", "admin", now, by="demo")
    own_certificate = _own_certificate(instance, now)
    items = items_of(instance)
    run = token_hex(3)
    progress = Progress(first_day=first_day, last_day=last_day, api_key=api_key)
    for partner in instance.book.partners.values():
        if partner.id in BEHAVIOUR:
            _settle_in(instance, places, partner, progress, run, items, own_certificate, now)
    progress.save(places.progress)
    places.creating.unlink()
    return progress


def items_of(instance: Instance) -> tuple[DemoItem, ...]:
    """Return what our company trades in, as the partners know it."""
    return tuple(
        DemoItem(
            gtin=item.gtin,
            name=item.name,
            supplier_item=item.supplier_item or "",
            pack=int(item.pack),
            price=str(item.sales_price or "1.00"),
            cost=str(item.purchase_price or "0.60"),
        )
        for item in instance.book.own.items.values()
        if item.active
    )


def _own_certificate(instance: Instance, now: datetime) -> bytes:
    keys, own = instance.keys, instance.book.own.partner
    name = own.channels["as2"].settings.get("key", "self")
    pair = keys.own(name) if keys.has_own(name) else keys.create_own(name, own.name, now)
    return pair.certificate_pem


def _glns(partner: Partner) -> tuple[str, ...]:
    return tuple(each.value for each in partner.ids if each.scheme == "0088")


def _settle_in(
    instance: Instance,
    places: Places,
    partner: Partner,
    progress: Progress,
    run: str,
    items: tuple[DemoItem, ...],
    own_certificate: bytes,
    now: datetime,
) -> None:
    """Give one partner its folder, keys and settings, and the gateway what it needs to know of them."""
    folder = places.partner(partner.id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = instance.book.own
    behaviour = BEHAVIOUR[partner.id]
    glns = _glns(partner)
    shops = glns[2:] if behaviour == "grocer" else glns[1:]
    goods = _with_opening(items, _all_shops(instance)) if behaviour == "depot" else items
    joins = progress.season if partner.id in SEASONAL and behaviour != "silent" else None
    settings = PartnerSettings(
        name=partner.id,
        behaviour=behaviour,
        port=_port(partner),
        control_token=token_urlsafe(24),
        seed=SEED,
        run=run,
        first_day=joins or progress.first_day,
        gln=glns[0],
        places=shops or glns,
        deliver_to=glns[1] if len(glns) > 1 else glns[0],
        gateway_gln=own.partner.gln or "",
        warehouse_gln=own.warehouse,
        items=goods_of(behaviour, partner.id, goods),
        season=progress.season,
        directory="01B" if any(each.mapping == "eancom-2002/ORDERS" for each in partner.agreements) else "96A",
        billed=_billed(instance) if behaviour == "depot" else (),
        as2=_as2_line(instance, partner, folder, own_certificate, now),
        http=_http_line(instance, partner, now),
    )
    write_durably(folder / FILE_NAME, settings.to_json().encode())


def _port(partner: Partner) -> int:
    url = next(each.settings["url"] for each in partner.channels.values() if "url" in each.settings)
    return urlsplit(url).port or 80


def _all_shops(instance: Instance) -> list[str]:
    shops: list[str] = []
    for partner in instance.book.partners.values():
        kind = BEHAVIOUR.get(partner.id)
        shops += _glns(partner)[2:] if kind == "grocer" else _glns(partner)[1:] if kind == "chain" else ()
    return shops


def _billed(instance: Instance) -> tuple[str, ...]:
    """Return the numbers of those whom our house invoices in the demo."""
    partners = instance.book.partners.values()
    return tuple(each.gln for each in partners if BEHAVIOUR.get(each.id) == "returner" and each.gln)


def _with_opening(items: Iterable[DemoItem], shops: list[str]) -> tuple[DemoItem, ...]:
    """Fill our warehouse: so many days of what all shops together sell, in full cases."""
    return tuple(
        replace(item, opening=max(2, ceil(mean_per_day(SEED, shops, item.gtin) * OPENING_DAYS / item.pack)) * item.pack)
        for item in items
    )


def _gateway_url(instance: Instance, path: str) -> str:
    address = instance.settings.partners_port
    return f"http://{address.host}:{address.port}{path}"


def _as2_line(
    instance: Instance, partner: Partner, folder: Path, own_certificate: bytes, now: datetime
) -> As2Line | None:
    """Make the partner's key and let both sides know the other's certificate."""
    channel = next((each for each in partner.channels.values() if each.kind == "as2"), None)
    if channel is None:
        return None
    keys = FileKeys(folder / "keys")
    pair = keys.create_own("self", partner.name, now)
    keys.add_certificate("gateway", own_certificate)
    instance.keys.add_certificate(channel.settings.get("certificate", partner.id), pair.certificate_pem)
    return As2Line(
        own_id=channel.settings["id"],
        gateway_id=instance.book.own.partner.channels["as2"].settings["id"],
        gateway_url=_gateway_url(instance, "/as2"),
    )


def _http_line(instance: Instance, partner: Partner, now: datetime) -> HttpLine | None:
    """Issue an API key to the partner, and keep the one that we shall show to it."""
    channel = next((each for each in partner.channels.values() if each.kind == "http"), None)
    if channel is None:
        return None
    theirs = token_urlsafe(32)
    instance.keys.add_secret(channel.settings.get("token", f"{partner.id}-outbound"), theirs)
    return HttpLine(
        gateway_url=_gateway_url(instance, "/inbox"),
        token=instance.access.issue_key(f"{partner.id}", "partner", now, by="demo", partner=partner.id),
        expected_sha256=sha256(theirs.encode()).hexdigest(),
    )


def reset(root: Path) -> list[Path]:
    """Delete what the demo made under var/, and nothing else; return what was deleted.

    Raises OurFault demo.still-running, and demo.never-started when there is nothing that the demo made.
    """
    places = places_of(root)
    if Progress.read(places.progress) is None:
        raise OurFault("demo.never-started", value=str(places.demo))
    with alone(places):
        return _delete(places)


def _delete(places: Places) -> list[Path]:
    var = places.settings.var
    made = [*sorted(var.glob("journal.sqlite*")), var / "blobs", var / "keys", var / "log", places.clock, places.demo]
    made += [var / "spool", var / "server.lock", places.creating]
    gone = [path for path in made if path.exists()]
    for path in gone:  # scene.json goes last: an interrupted reset can be repeated
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return gone
