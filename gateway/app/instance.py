"""One instance opened: settings, journal, clock, keys and the book in force. What both `gateway run` and the command
line stand on; the command line opens the journal itself, whether a server runs or not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

from gateway.app.clock import FileClock, SystemClock
from gateway.app.rounds import Rounds
from gateway.config.book import build_book, sound_book
from gateway.config.definitions import Definitions, read_definitions
from gateway.config.settings import Address, Settings, load_settings
from gateway.model.faults import OurFault
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.ports.shell import Clock
from gateway.store.access import Access
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal
from gateway.store.keys import FileKeys
from gateway.store.mapping_versions import note_versions
from gateway.store.sql_tx import SqlTx
from gateway.store.view_archive import JournalViews


@dataclass(kw_only=True)
class Instance:
    """Close it after use. book is replaced when other definitions come into force."""

    settings: Settings
    journal: SqlJournal
    clock: Clock
    keys: FileKeys
    views: JournalViews
    access: Access
    definitions: Definitions
    book: Book
    blobs: FileBlobs
    wall: Clock = field(default_factory=SystemClock)  # real time, for sessions and links, whatever clock says
    rounds: Rounds = field(init=False)  # of this process

    def __post_init__(self) -> None:
        self.rounds = Rounds(now=self.wall.now)

    def login_link(self, user: str) -> str:
        """Return an address that signs user in once, within 15 minutes. Raises OurFault access.user-unknown."""
        known = self.access.user(user)
        token = self.access.make_login_link(user, self.wall.now())
        outside = known is not None and known.role == "partner" and bool(self.portal_address)
        base = self.portal_address if outside else _address(self.settings.console_port)
        return f"{base}/login?token={token}"

    @property
    def portal_address(self) -> str:
        """The portal as partners reach it, "" where none is served."""
        port = self.settings.portal_port
        return "" if port is None else self.settings.portal_url or _address(port)

    def invitation(self, name: str, partner: str, *, by: str, language: str | None = None) -> str:
        """Invite a person of partner; return the address that lets it in once, within seven days.

        Raises OurFault access.user-exists, access.bad-name, partner.unknown, portal.not-served."""
        if self.book.partner(partner).kind != "partner":
            raise OurFault("partner.unknown", value=partner)
        if not self.portal_address:
            raise OurFault("portal.not-served")
        token = self.access.invite(name, partner, self.wall.now(), by=by, language=language)
        return f"{self.portal_address}/invitation?token={token}"

    def book_builder(self) -> Callable[[], Book]:
        """Return a picklable function that builds the book again in another process."""
        return partial(build_book, self.definitions, self.settings.schemas)

    def apply_definitions(self) -> bool:
        """Take the folders in: check, compile, keep as a version. False when nothing changed. Raises OurFault."""
        found = read_definitions(self.settings)
        if found.digest == self.definitions.digest:
            return False
        book = sound_book(found, self.settings.schemas)
        now = self.clock.now()

        def save(tx: Tx) -> None:
            tx.save_definitions(found.digest, found.files, now)
            _note(tx, book, now)

        self.journal.write(save)
        self.book, self.definitions = book, found
        return True

    def refresh(self) -> bool:
        """Follow definitions that another process has brought into force; tell whether there were any."""
        digest = self.journal.read(lambda tx: tx.active_digest())
        if digest is None or digest == self.definitions.digest:
            return False
        active = self.journal.read(lambda tx: tx.active_definitions())
        assert active is not None  # a version in force is replaced, never taken away
        self.take(Definitions(files=dict(active[1]), digest=active[0]))
        return True

    def take(self, definitions: Definitions) -> None:
        """Build the book from definitions; nothing changes when they do not compile. Raises OurFault."""
        self.book = build_book(definitions, self.settings.schemas)
        self.definitions = definitions

    def close(self) -> None:
        self.journal.close()


def _address(port: Address) -> str:
    host = f"[{port.host}]" if ":" in port.host else port.host
    return f"http://{host}:{port.port}"


def _in_force(settings: Settings, journal: SqlJournal, clock: Clock, take_folders: bool) -> tuple[Definitions, Book]:
    active = journal.read(lambda tx: tx.active_definitions())
    if active is not None and not take_folders:
        kept = Definitions(files=dict(active[1]), digest=active[0])
        return kept, build_book(kept, settings.schemas)
    found = read_definitions(settings)
    same = active is not None and active[0] == found.digest
    book = (build_book if same else sound_book)(found, settings.schemas)
    now = clock.now()

    def save(tx: Tx) -> None:
        if not same:
            tx.save_definitions(found.digest, found.files, now)
        _note(tx, book, now)

    journal.write(save)
    return found, book


def digests_of(book: Book) -> dict[tuple[str, str], str]:
    """Return the digest of the effective rules of each mapping in force, by (partner, family/TYPE)."""
    return {which: mapping.digest for which, mapping in book.mappings.items()}


def _note(tx: Tx, book: Book, now: datetime) -> None:
    """Note the versions of mappings that the folders have brought."""
    note_versions(
        cast("SqlTx", tx), digests_of(book), definitions=book.digest, user="folder", action="definitions.apply",
        reason="", now=now,
    )  # fmt: skip


def open_instance(root: Path, *, take_folders: bool = False) -> Instance:
    """Open the instance in root: migrate the journal, load the definitions and the keys.

    take_folders: bring the folders into force first, as a start does; else the version in force is used, so that a
    half-edited file stops nothing but its own taking in.
    Raises OurFault config.* when settings or definitions are wrong, journal.* when the database cannot be used.
    """
    settings = load_settings(root)
    try:
        settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OurFault("journal.unusable", value=str(settings.var), detail=error.strerror or "?") from error
    clock: Clock = FileClock(settings.clock_file) if settings.clock_file else SystemClock()
    blobs = FileBlobs(settings.blobs)
    if settings.database is None:
        journal = SqlJournal.open(settings.var / "journal.sqlite", blobs)
    else:
        journal = SqlJournal.connect(settings.database, blobs)
    try:
        definitions, book = _in_force(settings, journal, clock, take_folders)
    except OurFault:
        journal.close()
        raise
    wall, access = SystemClock(), Access(journal.reader, journal)
    keys = FileKeys(settings.var / "keys", lambda digest: access.partner_for_key(digest, wall.now()))
    access.keep_secrets_in(keys)
    return Instance(
        settings=settings,
        journal=journal,
        clock=clock,
        keys=keys,
        views=JournalViews(journal.reader, blobs, None if settings.database else settings.var / "archive"),
        access=access,
        definitions=definitions,
        book=book,
        blobs=blobs,
        wall=wall,
    )
