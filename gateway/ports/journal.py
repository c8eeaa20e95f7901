"""The journal: the one memory. All writing goes through one function that commits or leaves no trace."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar

from gateway.domain.decision import Needs, Snapshot
from gateway.model.account_terms import AccountTerms
from gateway.model.edifact_terms import MAX_REFERENCE
from gateway.model.effects import DocumentExpected, Effect
from gateway.model.findings import Finding
from gateway.model.partner import ItemRecord
from gateway.ports.records import (
    Accepted,
    Arrival,
    ArrivalRow,
    ArrivalState,
    Backlog,
    Bulk,
    Hold,
    HoldKind,
    ImportRun,
    LaneClaim,
    MessageRow,
    MessageState,
    NewInterchange,
    NewMessage,
    NewParcel,
    NodeRow,
    ParcelRow,
    ParcelState,
    Proof,
    ReplayFilter,
    Timer,
    WaitingParcel,
    Wrapped,
)
from gateway.ports.retention import LegalHold

S = TypeVar("S")
T = TypeVar("T")


class Tx(Protocol):
    """One open transaction. Guarded updates raise LostClaim when the expected row is not there any more."""

    # accept
    def add_arrival(self, arrival: Arrival, lane: str, now: datetime) -> Accepted:
        """Insert arrival, its bytes, its dedupe key and a timeline event, or report a repeat or a clash."""

    def add_arrivals(self, arriving: Sequence[tuple[Arrival, str]], now: datetime) -> list[Accepted]:
        """add_arrival for several (arrival, lane) at once, in their order."""

    # lanes and processing
    def claim_lane(self, lane: str, owner: str, now: datetime, lease: timedelta) -> LaneClaim | None:
        """Return a claim with a new epoch, or None when another owner's lease still runs."""

    def release_lane(self, claim: LaneClaim) -> None: ...

    def end_leases(self, now: datetime) -> None:
        """Free every lane and every parcel that somebody holds: their holder is known to be gone."""

    def arrivals_to_prepare(self, claim: LaneClaim, now: datetime, limit: int) -> list[ArrivalRow]:
        """Arrivals of the lane in state received or due retry, oldest first."""

    def count_attempts(self, claim: LaneClaim, arrival_ids: Sequence[str]) -> None:
        """Add one to each arrival's attempts; committed before its bytes are looked at."""

    def earlier_interchange(self, dedupe_key: str, digest: str, arrival_id: str) -> Literal["repeat", "clash"] | None:
        """Tell whether an earlier arrival has brought this interchange, and with the same content (digest, SHA-256).

        None: it is new, and remembered for arrival_id.
        """

    def store_prepared(
        self,
        claim: LaneClaim,
        arrival_id: str,
        state: ArrivalState,
        interchanges: Sequence[NewInterchange],
        messages: Sequence[NewMessage],
        now: datetime,
    ) -> set[str]:
        """Store what prepare found; on a replay, replace only messages that are in state received.

        Returns the ids of messages that are new and may be applied: parsed, and not held by a person.
        """

    def messages_to_apply(self, claim: LaneClaim, now: datetime, limit: int) -> list[MessageRow]:
        """Messages of the lane in state parsed or due retry, in order of arrival and position."""

    def messages_to_replay(self, claim: LaneClaim, limit: int) -> list[tuple[MessageRow, ArrivalRow]]:
        """Messages put back to state received by a replay, with the arrival that holds their bytes."""

    def store_replayed(self, claim: LaneClaim, message: NewMessage, now: datetime) -> None:
        """Overwrite the message's reading (document, findings, state) after its bytes were read again."""

    def snapshot(self, needs: Needs, warehouse: str) -> Snapshot: ...

    def keeps_items(self) -> bool:
        """Tell whether our house has told us of items; without any, only the tables of partners/self count."""

    def items(
        self, gtins: Collection[str], numbers: Collection[str] = (), *, all_of_them: bool = False
    ) -> Mapping[str, ItemRecord]:
        """Return our house's items by GTIN-14: those named by GTIN or maker's number, or all that are bought."""

    def account_terms(self, account: str | None) -> Mapping[str, Sequence[tuple[date, date | None, AccountTerms]]]:
        """Return what our house says of an account's terms (None: of all) by account: first and last day, terms."""

    def serial(self) -> int:
        """Return the next business serial: gap-free, unique, taken back when the transaction is rolled back."""

    def control_reference(self, partner: str, first: int = 1, last: int = MAX_REFERENCE) -> str:
        """Return the next interchange reference towards partner, 1 to 14 digits (UNB 0020), from first to last and
        then from first again. Each is given out once, whoever asks at the same moment, and taken back when the
        transaction is rolled back: there are no gaps."""

    def message_reference(self, partner: str) -> str:
        """Return the next message reference towards partner (UNH 0062), for messages that go out together."""

    # batches
    def count_waiting(self, lot: str) -> int:
        """Return how many parcels wait in a lot. A parcel added with a lot waits in it."""

    def waiting_parcels(self, lot: str, limit: int) -> list[WaitingParcel]:
        """Return those that wait in a lot, the oldest first. They stay this transaction's until it ends."""

    def carry(self, carrier_id: str, parcel_ids: Sequence[str], lot: str, now: datetime) -> None:
        """Let a parcel carry others: what becomes of it becomes of them. Ends the lot's timer when none is left in it,
        else the rest is due at once."""

    def end_lot(self, lot: str) -> None: ...

    def put_off_lot(self, lot: str, due: datetime) -> None: ...

    def lots_due(self, now: datetime) -> list[str]:
        """Return the lots whose first message has waited long enough."""

    def write_effects(self, message_id: str, effects: Sequence[Effect], now: datetime, *, test: bool) -> None:
        """Write effects, each once per (message, kind, key). Test traffic: recorded as such, changes nothing."""

    def add_parcels(self, parcels: Sequence[NewParcel], now: datetime) -> None: ...

    def finish_message(
        self,
        claim: LaneClaim,
        message_id: str,
        state: MessageState,
        now: datetime,
        *,
        fault: Finding | None = None,
        owner: str | None = None,
        findings: Sequence[Finding] = (),
        retry_at: datetime | None = None,
    ) -> None:
        """Move a parsed, retry or received message to state; applied without parcels becomes done."""

    def finish_arrival(
        self,
        claim: LaneClaim,
        arrival_id: str,
        state: ArrivalState,
        now: datetime,
        *,
        fault: Finding | None = None,
    ) -> None:
        """Move an arrival of the claimed lane to state. fault: why it is parked."""

    # people
    def replay(self, message_or_arrival_id: str, user: str, now: datetime) -> list[str]:
        """Put parked messages (or those of an arrival) back to received; return the lanes to wake.

        Raises OurFault journal.not-found or journal.not-replayable.
        """

    def resend(self, parcel_id: str, user: str, now: datetime) -> None:
        """Queue a parked, refused or expired parcel again, with the same bytes and Message-ID."""

    def hold_records(
        self,
        hold_id: str,
        reason: str,
        user: str,
        now: datetime,
        *,
        partner: str | None = None,
        type: str | None = None,  # noqa: A002 - the word of the field
        subject: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> LegalHold:
        """Keep what meets every condition that is given, whatever its time, until it is released; in the audit.

        Raises OurFault journal.hold-empty without any condition.
        """

    def release_records(self, hold_id: str, user: str, reason: str, now: datetime) -> LegalHold:
        """End a legal hold. Raises OurFault journal.hold-unknown when none of that id is in force."""

    def legal_holds(self) -> list[LegalHold]:
        """Return every legal hold, released ones too, the newest first."""

    def audit(
        self, user: str, action: str, subject: str, before: str | None, after: str | None, now: datetime
    ) -> None: ...

    # deliver
    def claim_parcels(self, owner: str, now: datetime, lease: timedelta, limit: int) -> list[ParcelRow]:
        """Claim due parcels: queued, wrapped, due retry, or sending with an ended lease; state becomes sending."""

    def store_wrapped(self, parcel: ParcelRow, wrapped: Wrapped, now: datetime) -> None: ...

    def reroute(self, row: ParcelRow, channel: str, now: datetime, *, although_uncertain: bool) -> ParcelRow | None:
        """Give a claimed parcel to another channel, to be wrapped anew, and return it so. None, and nothing changes,
        when something of it may have reached the partner already and although_uncertain is not set."""

    def give_back(self, parcel: ParcelRow, now: datetime) -> None:
        """End a claim without an attempt: the parcel is due again at once."""

    def settle(
        self,
        parcel: ParcelRow,
        state: ParcelState,
        now: datetime,
        *,
        proof: Proof | None = None,
        fault: Finding | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        """End an attempt. A fault that is to be retried counts for the partner's circuit breaker, an answer closes it:
        while it is open, nothing but one probe a minute is claimed.

        Closes the causing message when all its parcels are final (acked without expectation,
        accepted, refused, parked, expired)."""

    def parcel_by_transport(self, partner: str, transport_id: str) -> ParcelRow | None:
        """Return the parcel that went to partner under that transport id."""

    def settle_receipt(
        self,
        parcel_id: str,
        state: ParcelState,
        now: datetime,
        *,
        proof: Proof | None = None,
        fault: Finding | None = None,
    ) -> bool:
        """Write a proof that came on a connection of its own; False when the parcel has its proof already."""

    def send_again(self, cause: str, mapping: str, now: datetime) -> None:
        """Queue what was already sent because of an arrival once more, the same bytes (a repeated message gets its
        receipt again)."""

    # time
    def due_timers(self, now: datetime, limit: int) -> list[Timer]:
        """Take (and delete) timers that are due. A contrl timer whose parcel is still acked makes it expired and opens
        a case; others are returned for the pipeline."""

    def expect(self, expected: Sequence[DocumentExpected], came_since: datetime | None = None) -> None:
        """Expect documents by the calendar; what is expected already stays as it is.

        came_since: what was taken from then on may be what is expected, and is not expected again. None: nothing was.
        """

    def overdue(self, now: datetime, limit: int) -> int:
        """Mark expected documents that have not come in time, open a case for each; return how many."""

    def expectations_due(self, now: datetime) -> bool: ...

    def tick(self, job: str, planned: datetime) -> bool:
        """Record a firing; False when this planned time has fired already."""

    def ticked_before(self, job: str, planned: datetime) -> datetime | None:
        """Return the planned time of the firing before this one, None when there was none."""

    def add_case(self, account: str, code: str, subject: str, params: Mapping[str, str], now: datetime) -> None: ...

    def close_cases(self, account: str, subjects: Sequence[str], now: datetime) -> None:
        """Close what is open about these subjects: they have been made good."""

    # order
    def skip(self, message_id: str, user: str, reason: str, now: datetime) -> str:
        """Let a strict lane go on without this message, which stays as it is; return the lane to wake.

        Raises OurFault journal.not-found, journal.not-blocking.
        """

    def arrival_of(self, message_or_arrival_id: str) -> ArrivalRow:
        """Return an arrival, by its own id or that of one of its messages. Raises OurFault journal.not-found."""

    # holds
    def pause(self, kind: HoldKind, key: str, reason: str, user: str, now: datetime) -> None:
        """Stop applying and delivering for a partner, over a channel, or of a document type. Receiving goes on."""

    def resume(self, kind: HoldKind, key: str, user: str, now: datetime) -> list[str]:
        """End a hold; return the lanes to wake. Raises OurFault journal.not-paused."""

    def holds(self) -> list[Hold]: ...

    # bulk replay
    def replay_preview(self, chosen: ReplayFilter) -> list[tuple[str, str, int]]:
        """Return (fault code, partner, count) of what a bulk replay would take, the largest group first."""

    def start_bulk(self, bulk_id: str, chosen: ReplayFilter, user: str, reason: str, now: datetime) -> Bulk: ...

    def advance_bulk(self, bulk_id: str, limit: int, now: datetime) -> tuple[Bulk, list[str]]:
        """Put up to limit more messages back; return the new state of it and the lanes to wake.

        Each message is taken once, in the order of arrival. Raises OurFault journal.not-found.
        """

    def cancel_bulk(self, bulk_id: str, user: str, now: datetime) -> Bulk: ...

    # imported lists
    def start_import(self, run: ImportRun) -> None: ...

    def import_rows(
        self, run: ImportRun, rows: Sequence[Mapping[str, Any]], problems: Sequence[str], now: datetime
    ) -> int:
        """Write a portion of a list, with what was there before; return how many rows differ from it."""

    def end_import(self, run_id: str, state: str, now: datetime) -> ImportRun: ...

    def undo_rows(self, run_id: str, limit: int, now: datetime) -> tuple[int, int]:
        """Put back up to limit rows, the last one first; return how many were looked at, and how many of them were
        left because something has changed them since. (0, 0): all of it is undone."""

    def import_of(self, run_id: str) -> ImportRun:
        """Raises OurFault import.unknown."""

    def imports(self, limit: int) -> list[ImportRun]:
        """Return the imports, the newest first."""

    def remembered_columns(self, kind: str, header: str) -> dict[str, str]:
        """Return our column -> their column, as it was matched for a header (its digest) the last time."""

    def remember_columns(self, kind: str, header: str, columns: Mapping[str, str], now: datetime) -> None: ...

    # nodes (times are real time)
    def beat(self, node: NodeRow) -> None:
        """Say that a node runs, or with stopped_at that it has stopped."""

    def nodes(self) -> list[NodeRow]: ...

    def take_over(self, node_id: str, wall: datetime, now: datetime) -> list[str]:
        """Free what a silent node holds, and mark it as stopped; return the lanes to wake."""

    # definitions
    def save_definitions(
        self,
        digest: str,
        files: Mapping[str, str],
        now: datetime,
        *,
        user: str = "folder",
        action: str = "definitions.apply",
        reason: str = "",
    ) -> None:
        """Keep a version of partners, mappings and tables under its hash, and make it the active one. What differs
        from the one before is kept file by file, with user, action and reason."""

    def active_digest(self) -> str | None:
        """Return the digest of the definitions in force; cheap, it is asked for every second."""

    def active_definitions(self) -> tuple[str, Mapping[str, str]] | None:
        """Return (digest, files) of the version in force, None in a new journal."""

    # reading for the shell
    def timers_due(self, now: datetime) -> bool: ...

    def waits_beyond(self, latest: datetime) -> bool:
        """Tell whether work, a breaker or a lease waits for an instant after latest. Nothing waits that long by itself:
        the clock was ahead when it was written, and has been set back."""

    def call_back(self, latest: datetime, now: datetime) -> int:
        """Let whatever waits_beyond finds be due now; return how much that was. Time-outs of answers stay: they may be
        long, and end late at worst."""

    def lanes_with_work(self, now: datetime) -> list[str]: ...

    def parcels_due(self, now: datetime) -> bool: ...

    def backlog(self) -> Backlog: ...

    def open_work(self) -> int:
        """Count of arrivals and messages not yet finished and parcels not yet out (parked ones do not count)."""


class Journal(Protocol):
    """SQL behind a function call. Thread-safe."""

    def submit(self, work: Callable[[Tx], T]) -> "Future[T]":
        """Run work in the writer; the future is done after the commit. Several works may share one commit, each in a
        savepoint of its own: one that raises leaves no trace and harms no other."""

    def take(self, works: Callable[[Tx, Sequence[S]], Sequence[T]], item: S) -> "Future[T]":
        """Like submit, for many small works of one kind: items that wait together are given to one call of works. When
        it raises, each item gets a call of its own."""

    def decide(self, work: Callable[[Tx], T]) -> "Future[T]":
        """Like submit, for work that reads business records and writes what follows from them (apply): over all nodes
        no two such transactions run at the same time."""

    def write(self, work: Callable[[Tx], T]) -> T:
        """submit and wait."""

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run work on a read-only snapshot in the calling thread."""

    def close(self) -> None: ...
