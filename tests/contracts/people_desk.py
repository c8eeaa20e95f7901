"""A gateway that takes papers of the demo's partners in, with its customer record, on any journal."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from sqlalchemy import select, text

from gateway.app.customer_record import CustomerRecord
from gateway.app.people import PeopleDesk
from gateway.config.book import build_book
from gateway.config.definitions import read_definitions
from gateway.config.settings import load_settings
from gateway.pipeline.book import Book
from gateway.store.blobs import MemoryBlobs
from gateway.store.crm_people import PEOPLE
from gateway.store.crm_projection import PROJECTIONS
from gateway.store.journal import SqlJournal
from gateway.store.tables_crm import crm_metric
from gateway.store.tables_people import crm_contact
from gateway.store.views import Views
from tests.stepped_clock import SteppedClock
from tests.unit.pipeline import pipeline_scene as scene

SHOP, DEPOT, HEAD = "9521002000177", "9521002000184", "9521002000191"


@cache
def partners_book() -> Book:
    """The demo's partners; one sends master data too, another orders by EDIFACT."""
    settings = load_settings(scene.ROOT)
    found = read_definitions(settings)
    files = dict(found.files)
    files["partners/nordmarkt/partner.yaml"] += "  - {receive: eancom-1997/PARTIN, over: as2}\n"
    files["partners/stadtkette/partner.yaml"] += "  - {receive: eancom-1997/ORDERS, over: http}\n"
    return build_book(replace(found, files=files), settings.schemas)


class Desk:
    """A gateway that takes papers of partners in, and its customer record."""

    def __init__(self, journal: SqlJournal) -> None:
        self.journal = journal
        self.line = scene.Line(journal, partners_book())
        self.clock = SteppedClock(scene.NOW)
        self.views = Views(journal.reader)
        self.folder = TemporaryDirectory()
        instance = SimpleNamespace(
            views=self.views,
            blobs=MemoryBlobs(),
            journal=journal,
            clock=self.clock,
            book=partners_book(),
            settings=SimpleNamespace(zone="Europe/Berlin", database=None, var=Path(self.folder.name)),
        )
        self.record = CustomerRecord(instance=instance)  # type: ignore[arg-type]
        self.people = PeopleDesk(record=self.record)
        self.line.count_stock(scene.OATS, quantity="10000")

    def take(self, paper: str, partner: str = "nordmarkt", reference: str = "R1") -> None:
        [*_] = self.line.take(scene.envelope(paper, sender=sender_of(partner), reference=reference), partner)
        self.hear()

    def hear(self) -> None:
        while self.record.hear().messages:
            pass

    def settle(self) -> None:
        """Let what was sent be through, as if partners had taken it."""
        self.journal.write(lambda tx: tx.connection.execute(text("UPDATE parcel SET state = 'accepted'")))
        self.journal.write(
            lambda tx: tx.connection.execute(text("UPDATE message SET state = 'done' WHERE state = 'applied'"))
        )
        self.hear()

    def change(self, given) -> str:
        return self.people.change(given, "mei")

    def candidates(self):
        return self.views.crm_candidates(self.record.names())

    def everything(self) -> dict[str, list]:
        with self.journal.reader.connect() as connection:
            made = {each.name: sorted(map(tuple, connection.execute(select(each)))) for each in (*PROJECTIONS, *PEOPLE)}
            persons = select(crm_contact).where(crm_contact.c.origin == "document")
            made["persons"] = sorted(map(tuple, connection.execute(persons)))
            metrics = select(crm_metric.c.account, crm_metric.c.name, crm_metric.c.value, crm_metric.c.parts)
            made["metrics"] = sorted(map(str, connection.execute(metrics)))
        return made


def sender_of(partner: str) -> str:
    return {"nordmarkt": scene.NORDMARKT, "stadtkette": scene.STADTKETTE}[partner]


def order(number: str, *parties: str, buyer: str = scene.NORDMARKT) -> str:
    body = f"BGM+220+{number}+9'DTM+137:20261101:102'DTM+2:20261105:102'NAD+BY+{buyer}::9'NAD+SU+{scene.OURS}::9'"
    body += "".join(f"{each}'" for each in parties)
    return scene.message("ORDERS", body + f"LIN+1++{scene.OATS}:EN'QTY+21:5'UNS+S'CNT+2:1'")


def partin(number: str, *parties: str) -> str:
    body = f"BGM+10+{number}+9'DTM+137:20261101:102'DTM+7:20261101:102'UNS+D'"
    return scene.message("PARTIN", body + "".join(f"{each}'" for each in parties), kind_of="D:96A:UN:EAN003")


SHOP_TOLD = (
    f"NAD+DP+{SHOP}::9++Nordmarkt Hafen+Kai 4+Kiel++24103+DE'CTA+OC+:Anna Brandt'COM+0431 998877:TE'"
    "COM+a.brandt@nord.example:EM"
)
