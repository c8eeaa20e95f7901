"""Tables of access beside user, session and api_key: recovery codes, failed sign-ins, calls that were sent with a key
of their own so that a repeat changes nothing."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from gateway.store.columns import Micros, Serial, metadata

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("user", Serial, ForeignKey("user.id"), nullable=False),
    Column("made_at", Micros, nullable=False),
    Column("used_at", Micros),
    Index("ix_recovery_code_user", "user"),
)

sign_in_guard = Table(
    "sign_in_guard",
    metadata,
    Column("key", String(200), primary_key=True),  # account:NAME@ADDRESS, account:NAME or address:ADDRESS
    Column("failures", Integer, nullable=False),
    Column("last_at", Micros, nullable=False),
    Column("until", Micros, nullable=False),  # nobody is let in by this key before
)

idempotent_call = Table(
    "idempotent_call",
    metadata,
    Column("caller", String(120), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request", String(64), nullable=False),  # SHA-256 of method, address and body
    Column("status", Integer),  # NULL: still at work
    Column("body", Text),
    Column("at", Micros, nullable=False),
    Index("ix_idempotent_call_at", "at"),
)
