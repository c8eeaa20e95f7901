"""A log that grows: months are archived or lie in partitions, are dropped in time, and what is held stays."""

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway.model.payload import MemoryPayload
from gateway.ports.records import Arrival, NewMessage, NewParcel, Proof, Receipt, Wrapped
from gateway.ports.retention import Retention, RetentionRule
from gateway.store import archive, partitions, view_search
from gateway.store.audit_journal import check
from gateway.store.blobs import FileBlobs
from gateway.store.copying import move_to_postgres
from gateway.store.database import open_for_care
from gateway.store.housekeeping import Keeper
from gateway.store.journal import SqlJournal
from gateway.store.months import month_of
from gateway.store.retention_rules import keeping
from gateway.store.view_archive import JournalViews
from gateway.store.view_rows import Count, MessageFilter

NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
OLD = datetime(2025, 3, 10, 8, tzinfo=UTC)
_serials = count(1)
TABLES = ("arrival", "interchange", "message", "parcel", "event", "effect")


def new_id(at: datetime) -> str:
    """A UUIDv7 of that instant."""
    return str(UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | next(_serials)))


class Log:
    """A journal with traffic of several months; each unit is one order with its answer."""

    def __init__(self, journal: SqlJournal, folder: Path, blobs: FileBlobs) -> None:
        self.journal, self.folder, self.blobs = journal, folder, blobs

    def order(self, at: datetime, *, partner: str = "retailer", done: bool = True, number: str = "",
              type_: str = "ORDERS", size: int = 200) -> tuple[str, str, str]:  # fmt: skip
        """Take an order in and answer it; return the ids of arrival, message and parcel."""
        arrival_id, message_id, parcel_id = new_id(at), new_id(at), new_id(at)
        number = number or f"PO-{arrival_id[-6:]}"
        bytes_in = f"UNB+{arrival_id}'".encode().ljust(size, b"x")
        arrival = Arrival(
            id=arrival_id, channel="as2", partner=partner, payload=MemoryPayload(bytes_in),
            dedupe_key=f"as2:{arrival_id}", transport_id=f"<{arrival_id}@them>",
            filename=f"order {number}.edi", raw=MemoryPayload(b"raw" + bytes_in),
            receipt=Receipt(status=200, headers=(), body=b"mdn of " + arrival_id.encode()),
        )  # fmt: skip
        message = NewMessage(
            id=message_id, position=0, state="parsed", type=type_, document_type="Order", business_number=number,
            document='{"buyer":{"ids":[{"scheme":"0088","value":"4012345000009"}]},"refs":{"contract":"V-77"}}',
        )  # fmt: skip
        parcel = NewParcel(
            id=parcel_id, partner=partner, channel="as2", mapping="eancom-1997/ORDRSP", document_type="OrderResponse",
            payload=f"answer {parcel_id}".encode(), content_type="application/edifact", filename="a.edi",
            cause=message_id,
        )  # fmt: skip

        def take(tx: Any) -> None:
            tx.add_arrival(arrival, partner, at)
            claim = tx.claim_lane(partner, "me", at, timedelta(minutes=1))
            tx.store_prepared(claim, arrival_id, "parsed", [], [message], at)
            tx.add_parcels([parcel], at)
            tx.finish_message(claim, message_id, "applied", at)

        self.journal.write(take)
        if done:
            self.deliver(at)
        return arrival_id, message_id, parcel_id

    def deliver(self, at: datetime) -> None:
        def send(tx: Any) -> None:
            for each in tx.claim_parcels("me", at, timedelta(minutes=1), 10):
                tx.store_wrapped(each, Wrapped(headers=(), body=b"", transport_id=f"<{each.id}@us>"), at)
                tx.settle(each, "acked", at, proof=Proof(state="acked"))

        self.journal.write(send)

    def keep(self, policy: Retention, now: datetime = NOW) -> Any:
        keeper = Keeper(self.journal.reader, self.folder / "archive", self.blobs.remove)
        try:
            return keeper.round(policy, now)
        finally:
            keeper.close()

    def count(self, table: str, where: str = "1 = 1") -> int:
        with self.journal.reader.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one())

    def ids(self, table: str) -> set[str]:
        with self.journal.reader.connect() as connection:
            return set(connection.execute(text(f"SELECT id FROM {table}")).scalars())


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    blobs = FileBlobs(tmp_path / "blobs")
    if request.param == "sqlite":
        journal = SqlJournal.open(tmp_path / "journal.sqlite", blobs)
    else:
        journal = SqlJournal.connect(request.getfixturevalue("postgres_url"), blobs)
    yield Log(journal, tmp_path, blobs)
    journal.close()


@pytest.fixture
def file_log(tmp_path: Path) -> Iterator[Log]:
    blobs = FileBlobs(tmp_path / "blobs")
    journal = SqlJournal.open(tmp_path / "journal.sqlite", blobs)
    yield Log(journal, tmp_path, blobs)
    journal.close()


def sound(log: Log) -> None:
    assert check(log.journal.reader, log.blobs) == []


def test_what_is_past_its_time_goes_with_everything_that_belongs_to_it(log: Log) -> None:
    log.order(OLD)
    kept = log.order(NOW - timedelta(days=20))
    log.keep(Retention(keep_months=12, archive_months=3))
    log.keep(Retention(keep_months=12, archive_months=3))
    assert log.ids("arrival") == {kept[0]}
    assert log.ids("message") == {kept[1]}
    assert log.ids("parcel") == {kept[2]}
    assert (
        log.count(
            "event", "subject NOT IN (SELECT id FROM arrival UNION SELECT id FROM message UNION SELECT id FROM parcel)"
        )
        == 0
    )
    assert log.count("search_key", "value LIKE 'PO-%'") == log.count(
        "search_key", f"subject = '{kept[1]}' AND value LIKE 'PO-%'"
    )
    assert archive.months(log.folder / "archive") == []
    assert log.count("payload") == 3
    sound(log)


def test_a_second_round_changes_nothing(log: Log) -> None:
    log.order(OLD)
    log.order(NOW)
    policy = Retention(keep_months=12)
    log.keep(policy)
    again = log.keep(policy)
    assert (again.archived, again.dropped, again.thinned, again.payloads, again.keys) == ({}, {}, {}, 0, 0)


def test_what_is_not_finished_is_never_dropped(log: Log) -> None:
    log.order(OLD)
    waiting = log.order(OLD, done=False)
    log.keep(Retention(keep_months=12, archive_months=3))
    assert log.ids("arrival") == {waiting[0]}
    assert log.ids("parcel") == {waiting[2]}
    log.deliver(NOW)
    log.keep(Retention(keep_months=12, archive_months=3))
    log.keep(Retention(keep_months=12, archive_months=3))
    assert log.ids("arrival") == log.ids("parcel") == set()
    sound(log)


@pytest.mark.parametrize("condition", ["partner", "type", "subject", "times"])
def test_what_a_legal_hold_matches_stays_until_it_is_released(log: Log, condition: str) -> None:
    held = log.order(OLD, partner="held", type_="INVOIC", size=300_000)
    log.order(OLD + timedelta(days=2))
    chosen = {
        "partner": {"partner": "held"},
        "type": {"type": "INVOIC"},
        "subject": {"subject": held[0]},
        "times": {"since": OLD - timedelta(days=1), "until": OLD + timedelta(days=1)},
    }[condition]
    hold = log.journal.write(lambda tx: tx.hold_records(new_id(NOW), "court", "anna", NOW, **chosen))
    policy = Retention(keep_months=12, archive_months=0)
    for months in range(4):
        log.keep(policy, NOW + timedelta(days=31 * months))
    assert log.ids("arrival") == {held[0]}
    assert log.ids("message") == {held[1]}
    digests = log.count("payload", "sha256 IN (SELECT sha256 FROM arrival)")
    assert digests == 1
    sound(log)
    log.journal.write(lambda tx: tx.release_records(hold.id, "anna", "settled", NOW))
    for path in (log.folder / "blobs").rglob("*"):
        os.utime(path, (0, 0))  # put long ago
    for months in range(4, 8):
        log.keep(policy, NOW + timedelta(days=31 * months))
    assert log.ids("arrival") == log.ids("message") == set()
    assert log.count("payload") == 0
    assert [path for path in (log.folder / "blobs").rglob("*") if path.is_file() and path.name != ".clock"] == []
    assert log.count("audit", "action IN ('records.hold', 'records.release')") == 2
    sound(log)


def test_a_partner_or_type_may_have_a_shorter_or_a_longer_time(log: Log) -> None:
    policy = Retention(
        keep_months=12,
        archive_months=0,
        rules=(RetentionRule(months=3, type="SLSRPT"), RetentionRule(months=60, partner="tax"),
               RetentionRule(months=2, partner="tax", type="SLSRPT")),
    )  # fmt: skip
    month = timedelta(days=31)
    wanted = {
        log.order(NOW - 14 * month, partner="tax")[0],
        log.order(NOW - 5 * month)[0],
        log.order(NOW - 2 * month, type_="SLSRPT")[0],
        log.order(NOW - month, partner="tax", type_="SLSRPT")[0],
    }
    for gone in ({"type_": "SLSRPT"}, {"partner": "tax", "type_": "SLSRPT"}):
        log.order(NOW - 5 * month, **gone)
    log.order(NOW - 14 * month)
    log.order(NOW - 4 * month, partner="tax", type_="SLSRPT")
    log.keep(policy)
    assert log.ids("arrival") == wanted
    assert log.count("payload", "sha256 NOT IN (SELECT sha256 FROM arrival UNION SELECT sha256 FROM parcel)") >= len(
        wanted
    )
    sound(log)


def test_a_repeat_is_answered_with_the_old_receipt_when_its_arrival_has_gone(log: Log) -> None:
    at = NOW - timedelta(days=200)
    first, _, _ = log.order(at)
    log.keep(Retention(keep_months=3, archive_months=2, dedupe_months=13))
    assert first not in log.ids("arrival")
    again = Arrival(
        id=new_id(NOW), channel="as2", partner="retailer", dedupe_key=f"as2:{first}",
        payload=MemoryPayload(f"UNB+{first}'".encode().ljust(200, b"x")),
    )  # fmt: skip
    found = log.journal.write(lambda tx: tx.add_arrival(again, "retailer", NOW))
    assert found.outcome == "repeat"
    assert found.receipt is not None
    assert found.receipt.body == b"mdn of " + first.encode()


def test_dedupe_keys_have_a_window_of_their_own(log: Log) -> None:
    log.order(NOW - timedelta(days=500))
    log.order(NOW - timedelta(days=300))
    assert log.keep(Retention(keep_months=240, archive_months=0, dedupe_months=13)).keys == 1
    assert log.count("dedupe") == 1


def test_a_payload_that_came_again_outlives_its_first_month(log: Log) -> None:
    at, later = NOW - timedelta(days=420), NOW - timedelta(days=40)
    for day in (at, later):
        arrival = Arrival(id=new_id(day), channel="as2", partner="p", payload=MemoryPayload(b"the same bytes"))
        log.journal.write(lambda tx, arrival=arrival, day=day: tx.add_arrival(arrival, "p", day))
        claim = log.journal.write(lambda tx, day=day: tx.claim_lane("p", "me", day, timedelta(minutes=1)))
        log.journal.write(lambda tx, a=arrival, c=claim, d=day: tx.store_prepared(
            c, a.id, "parsed", [], [NewMessage(id=new_id(d), position=0, state="done", type="ORDERS")], d))  # fmt: skip
    log.keep(Retention(keep_months=6, archive_months=0))
    assert log.count("arrival") == 1
    assert log.count("payload") == 1
    sound(log)


# --- SQLite: archive files ---


def archived(log: Log, table: str) -> int:
    total = 0
    for month in archive.months(log.folder / "archive"):
        with sqlite3.connect(archive.path_of(log.folder / "archive", month)) as connection:
            total += connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        connection.close()
    return total


def test_finished_months_move_into_files_of_their_own(file_log: Log) -> None:
    log = file_log
    for day in range(0, 90, 10):
        log.order(datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=day))
    recent = log.order(NOW)
    before = {table: log.count(table) for table in TABLES}
    done = log.keep(Retention(archive_months=3))
    assert set(done.archived) == {"2026-03", "2026-04", "2026-05"}
    assert log.ids("arrival") == {recent[0]}
    for table in TABLES:
        assert log.count(table) + archived(log, table) == before[table], table
    assert archived(log, "payload") == 9 * 3
    sound(log)


def test_nothing_is_deleted_when_the_archive_differs(file_log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log = file_log
    at = datetime(2026, 3, 2, tzinfo=UTC)
    first = log.order(at)
    log.keep(Retention(archive_months=3))
    path = archive.path_of(log.folder / "archive", 2026 * 12 + 2)
    with sqlite3.connect(path) as connection:
        row = connection.execute("SELECT * FROM message").fetchone()
    connection.close()
    second = log.order(at)
    original = archive._columns
    monkeypatch.setattr(
        archive,
        "_columns",
        lambda connection, table: [each for each in original(connection, table) if each != '"receipt"'],
    )  # a copy that forgets a column
    compare = archive._compare
    monkeypatch.setattr(
        archive, "_compare", lambda *given: (monkeypatch.setattr(archive, "_columns", original), compare(*given))
    )
    with pytest.raises(Exception, match="archive-differs"):
        log.keep(Retention(archive_months=3))
    assert row is not None
    assert log.ids("arrival") == {second[0]}
    assert first[0] != second[0]


def test_an_archived_month_is_amended_when_something_is_finished_late(file_log: Log) -> None:
    log = file_log
    at = datetime(2026, 3, 2, tzinfo=UTC)
    log.order(at)
    late = log.order(at, done=False)
    log.keep(Retention(archive_months=3))
    assert log.ids("arrival") == {late[0]}
    log.deliver(NOW)
    log.keep(Retention(archive_months=3))
    assert log.ids("arrival") == set()
    assert archived(log, "arrival") == archived(log, "parcel") == 2
    sound(log)


# --- PostgreSQL: partitions ---


def test_partitions_are_made_ahead_and_take_what_lies_apart(tmp_path: Path, postgres_url: str) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    journal = SqlJournal.connect(postgres_url, blobs)
    log = Log(journal, tmp_path, blobs)
    log.order(NOW - timedelta(days=45))
    assert log.count("arrival_rest") == 1
    log.keep(Retention())
    assert log.count("arrival_rest") == log.count("event_rest") == log.count("parcel_rest") == 0
    assert log.count("arrival_2026_10") == 1
    log.order(NOW)
    assert log.count("message_2026_11") == 1
    log.order(NOW + timedelta(days=31))
    assert log.count("message_2026_12") == 1
    log.keep(Retention(keep_months=12), NOW + timedelta(days=400))
    assert log.count("pg_class", "relname = 'arrival_2026_10'") == 0
    assert log.count("arrival") == log.count("arrival_2026_12") == 1
    journal.close()


# --- search, and what is archived stays readable ---


def found(log: Log, text_: str, **more: Any) -> list[str]:
    views = JournalViews(log.journal.reader, log.blobs, log.folder / "archive")
    return [line.id for line in views.messages(MessageFilter(text=text_, **more)).lines]


@pytest.mark.parametrize(
    "text_",
    ["PO-2026-00012", "po-2026", "00012", "order PO-2026-00012.edi", "4012345000009", "V-77", "<01", " PO-2026-00012 "],
)
def test_a_message_is_found_by_the_beginning_of_what_names_it(log: Log, text_: str) -> None:
    _, message, _ = log.order(NOW, number="PO-2026-00012")
    assert message in found(log, text_, direction="in")


def test_what_does_not_begin_like_that_is_not_found(log: Log) -> None:
    log.order(NOW, number="PO-2026-00012")
    for text_ in ("026-00012", "PO_2026", "%", "PO-2026-00013", "zzz"):
        assert found(log, text_) == [], text_


def test_a_search_finds_the_same_when_many_lines_match(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(12):
        log.order(NOW + timedelta(minutes=n), number=f"PO-{n:05d}", partner="even" if n % 2 == 0 else "odd")
    few = found(log, "PO-000", partner="odd")
    monkeypatch.setattr(view_search, "FEW", 5)
    assert found(log, "PO-000", partner="odd") == few
    assert len(few) == 6


def test_a_page_and_its_count_share_the_keys_that_were_fetched(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_search, "FETCHED", (7, 3))
    monkeypatch.setattr(view_search, "FIRST", 2)
    wanted = [log.order(NOW + timedelta(minutes=n), number=f"PO-{n:05d}")[1] for n in range(25)]
    views, query = JournalViews(log.journal.reader, log.blobs), MessageFilter(text="PO-", direction="in")
    seen, cursor, counts = [], None, set()
    while True:
        page, count = views.listed(query, cursor, 4, cap=100)
        seen += [line.id for line in page.lines]
        counts.add((count.value, count.capped))
        cursor = page.next
        if cursor is None:
            break
    assert seen == list(reversed(wanted))
    assert counts == {(25, False)}
    assert views.listed(query, None, 4, cap=10)[1] == Count(value=10, capped=True)
    assert views.listed(query, None, 50, cap=10)[1] == Count(value=25)  # all there is stands on the page


def test_the_pages_of_a_search_hold_every_line_once(file_log: Log) -> None:
    log = file_log
    wanted = [
        log.order(datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=9 * n), number=f"PO-{n:05d}")[1] for n in range(25)
    ]
    log.keep(Retention(archive_months=3))
    views = JournalViews(log.journal.reader, log.blobs, log.folder / "archive")
    seen, cursor = [], None
    while True:
        page = views.messages(MessageFilter(text="PO-", direction="in"), cursor, 4)
        seen += [line.id for line in page.lines]
        cursor = page.next
        if cursor is None:
            break
    assert seen == list(reversed(wanted))


def over_one_connection(views: JournalViews, message: str) -> object:
    with views.together() as same:
        return same.message(message)


def test_what_is_archived_reads_as_before(file_log: Log) -> None:
    log = file_log
    arrival, message, parcel = log.order(datetime(2026, 3, 2, tzinfo=UTC), number="PO-OLD-4711", size=300_000)
    views = JournalViews(log.journal.reader, log.blobs, log.folder / "archive")

    def everything() -> tuple[object, ...]:
        return (
            views.message(message), views.arrival(arrival), views.parcel(parcel), views.raw(message), views.raw(parcel),
            views.parcels([parcel]), over_one_connection(views, message),
            views.kind_of(message), views.kind_of(parcel), views.evidence(arrival), views.evidence(parcel),
            views.arrival_status("retailer", arrival), found(log, "PO-OLD"),
        )  # fmt: skip

    before = everything()
    log.keep(Retention(archive_months=3))
    assert log.ids("message") == set()
    assert everything() == before
    assert None not in before
    assert views.message(new_id(NOW)) is None


# --- what PostgreSQL no longer refuses by itself, `journal check` finds ---


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ("DELETE FROM arrival", "a message belongs to an arrival that is there"),
        ("DELETE FROM payload WHERE sha256 IN (SELECT sha256 FROM arrival)", "the bytes of an arrival are there"),
        ("DELETE FROM payload WHERE sha256 IN (SELECT sha256 FROM parcel)", "the bytes of a parcel are there"),
        ("UPDATE message SET arrival = (SELECT min(id) FROM arrival)", "a place in an arrival holds one message"),
        ("UPDATE arrival SET seq = 1", "no two arrivals share a place in the order of acceptance"),
        ("UPDATE parcel SET seq = 1", "no two parcels share a place in the order of sending"),
        ("UPDATE message SET seq = seq + 10", "a message carries the seq of its arrival"),
        ("UPDATE message SET state = 'parsed'", "an effect belongs to a message that was applied"),
        ("UPDATE message SET state = 'applied'", "an applied message still waits for a parcel"),
        ("UPDATE parcel SET state = 'queued'", "a finished message waits for no parcel"),
        ("UPDATE parcel SET transport_id = NULL", "a parcel that was sent was wrapped before"),
        ("UPDATE parcel SET transport_id = 'x'", "a Message-ID belongs to one parcel"),
        ("UPDATE message SET blocks = true", "a finished message holds back no lane"),
        ("UPDATE message SET state = 'held'", "a held message is matched by a hold"),
        ("DELETE FROM message", "an arrival that was read holds a message or an interchange"),
    ],
)
def test_a_planted_violation_is_named(tmp_path: Path, postgres_url: str, planted: str, rule: str) -> None:
    log = Log(SqlJournal.connect(postgres_url, FileBlobs(tmp_path / "blobs")), tmp_path, FileBlobs(tmp_path / "blobs"))
    for _ in range(2):
        _, message, _ = log.order(NOW)
        log.journal.write(lambda tx, m=message: tx.connection.execute(text(
            f"INSERT INTO effect VALUES ('{m}', 'StockMoved', '1', '{{}}', false, 1)"
        )))  # fmt: skip
    sound(log)
    log.journal.write(lambda tx: tx.connection.execute(text(planted)))
    assert rule in {each.rule for each in check(log.journal.reader, log.blobs)}
    log.journal.close()


def test_a_journal_moves_to_postgresql_with_its_archive_files(file_log: Log, postgres_url: str) -> None:
    old = [file_log.order(OLD + timedelta(hours=hours), size=300_000) for hours in range(3)]
    new = file_log.order(NOW)
    file_log.keep(Retention(archive_months=6))
    assert file_log.ids("arrival") == {new[0]}
    files = [
        archive.path_of(file_log.folder / "archive", month) for month in archive.months(file_log.folder / "archive")
    ]
    told = dict(move_to_postgres(file_log.journal.reader, postgres_url, files))
    assert told["2025_03.sqlite"] > 0
    moved = SqlJournal.connect(postgres_url, file_log.blobs)
    try:
        views = JournalViews(moved.reader, file_log.blobs)
        for arrival_id, message_id, parcel_id in (*old, new):
            assert views.arrival(arrival_id) is not None
            assert views.raw(message_id) is not None
            assert views.parcel(parcel_id).events  # type: ignore[union-attr]
        assert check(moved.reader, file_log.blobs) == []
        again = Log(moved, file_log.folder, file_log.blobs)
        again.order(NOW)  # no number is given out twice
    finally:
        moved.close()


def test_the_files_of_a_dropped_month_are_deleted_also_by_a_later_round(postgres_url: str, tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    journal = SqlJournal.connect(postgres_url, blobs)
    log = Log(journal, tmp_path, blobs)
    old = datetime(2026, 3, 2, tzinfo=UTC)
    log.keep(Retention(), now=old)
    log.order(old)
    engine = open_for_care(journal.reader.url)
    with engine.begin() as connection:  # a round that breaks off after taking the month out
        gone, kept = partitions.drop(connection, month_of(old), keeping(Retention(keep_months=1), NOW), 2**62)
    assert (gone, kept) == (2, 0)
    assert log.count("message") == log.count("arrival") == log.count("search_key") == 0
    assert log.count("pg_class", "relname = 'dropped_message_2026_03'") == 1
    log.keep(Retention(), now=NOW)
    assert log.count("pg_class", "relname LIKE 'dropped_%'") == 0
    engine.dispose()
    journal.close()


def test_a_round_that_is_stopped_while_it_makes_partitions_holds_nobody_up_for_long(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "LOCK_WAIT", partitions.LOCK_WAIT.replace("'10s'", "'300ms'"))
    journal = SqlJournal.connect(postgres_url, FileBlobs(tmp_path / "blobs"))
    engine = open_for_care(journal.reader.url)
    stopped = engine.connect()
    partitions.add(stopped, month_of(NOW), ("message",))  # and then the process sleeps, with the tables locked
    assert journal.submit(lambda tx: tx.lanes_with_work(NOW)).result(20) == []  # reads messages
    stopped.invalidate()
    stopped.close()
    engine.dispose()
    journal.close()
