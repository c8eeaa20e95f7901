"""An instance of its own with three partners, and a console on it: what the tests of partner pages look at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.api.services import ConsoleSettings, Services
from gateway.app.actions import AsyncActions, JournalActions
from gateway.app.instance import Instance, open_instance
from gateway.app.partner_desk import InstanceDesk
from gateway.config.scaffold import scaffold
from gateway.console.app import make_console
from gateway.store.saved_views import SavedViews

ACME = """\
# Acme, looked after by hand.
name: Acme
name_zh: 顶点公司
role: customer
gln: "4099990000011"
channels:
  as2: {id: ACME-AS2, url: "http://127.0.0.1:9/as2", certificate: acme}
agreements:
  - {receive: eancom-1997/ORDERS, over: as2}
  - {send: eancom-1997/ORDRSP, over: as2}
expects:
  - {document: SalesReport, days: [mon, tue, wed, thu, fri], by: "06:00", zone: Europe/Berlin}
"""
BETA = """\
name: Beta
role: supplier
owner: anna
mode: test
gln: "4099990000028"
channels: {box: {kind: folder, folder: beta}}
agreements:
  - {receive: eancom-1997/DESADV, over: box}
"""
KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def certificate(name: str, *, days: int = 400, since: int = 1) -> x509.Certificate:
    """A self-signed certificate that ends in so many days."""
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=since))
        .not_valid_after(now + timedelta(days=days))
        .sign(KEY, hashes.SHA256())
    )


def pem(name: str, *, days: int = 400, since: int = 1) -> bytes:
    return certificate(name, days=days, since=since).public_bytes(Encoding.PEM)


def private_pem() -> bytes:
    return KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass
class House:
    """One instance, opened."""

    folder: Path
    partners: dict[str, str] = field(default_factory=lambda: {"acme": ACME, "beta": BETA})

    def __post_init__(self) -> None:
        scaffold(self.folder, name="Lindwerder", gln="9521001000000")
        for name, text in self.partners.items():
            target = self.folder / "partners" / name / "partner.yaml"
            target.parent.mkdir(parents=True)
            target.write_text(text, encoding="utf-8")
        self.instance: Instance = open_instance(self.folder, take_folders=True)
        self.instance.keys.create_own("self", "Lindwerder", self.instance.wall.now())
        if "acme" in self.partners:
            self.instance.keys.add_certificate("acme", pem("Acme", days=20))
        self.desk = InstanceDesk(instance=self.instance, follow=self.instance.refresh)

    def app(self):
        actions = JournalActions(instance=self.instance, wake=lambda lane: None, wake_delivery=lambda: None)
        return make_console(
            Services(
                views=self.instance.views,
                access=self.instance.access,
                saved=SavedViews(self.instance.journal.reader, self.instance.journal),
                actions=AsyncActions(actions=actions),
                book=lambda: self.instance.book,
                clock=self.instance.clock,
                wall=self.instance.wall,
                partner_desk=self.desk,
                mapping_editor=getattr(self, "editor", None),
                lookup_desk=getattr(self, "lookups", None),
                settings=ConsoleSettings(title="Lindwerder"),
            )
        )

    def file(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def close(self) -> None:
        self.instance.close()


def houses(folder: Path) -> Iterator[House]:
    house = House(folder / "house")
    yield house
    house.close()
