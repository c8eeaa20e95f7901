"""Tables of mappings: the versions that were in force, drafts, what comes into force at a time, back-tests, and which
version a message is to be read with."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from gateway.store.columns import Micros, Serial, metadata

mapping_version = Table(  # one row for each time that a partner's mapping came to have other rules
    "mapping_version",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("partner", String(100), nullable=False),
    Column("mapping", String(200), nullable=False),  # family/TYPE
    Column("number", Integer, nullable=False),  # from 1
    Column("digest", String(64), nullable=False),  # of the effective rules: what messages keep as mapping_hash
    Column("definitions", String(64), nullable=False),  # the version of all definitions that holds its files
    Column("at", Micros, nullable=False),
    Column("user", String(100), nullable=False),
    Column("action", String(80), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    UniqueConstraint("partner", "mapping", "number"),
)

mapping_draft = Table(  # what a person is writing, of one partner's own layer
    "mapping_draft",
    metadata,
    Column("user", String(100), primary_key=True),
    Column("partner", String(100), primary_key=True),
    Column("mapping", String(200), primary_key=True),
    Column("text", Text, nullable=False),
    Column("base", String(64), nullable=False),  # SHA-256 of the file it began with, "" when there was none
    Column("sample", String(36), nullable=False, default=""),  # the message it is tried on
    Column("at", Micros, nullable=False),
)

mapping_plan = Table(  # a text that comes into force at a time
    "mapping_plan",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("partner", String(100), nullable=False),
    Column("mapping", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("base", String(64), nullable=False),
    Column("user", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", Micros, nullable=False),
    Column("due_at", Micros, nullable=False),
    Column("state", String(20), nullable=False),  # waiting, done, refused, withdrawn
    Column("fault", String(80)),  # why it was refused
    Index("ix_mapping_plan_due", "state", "due_at"),
    Index("ix_mapping_plan_of", "partner", "mapping", "made_at"),
)

back_test = Table(  # a draft over stored messages
    "back_test",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("partner", String(100), nullable=False),
    Column("mapping", String(200), nullable=False),
    Column("user", String(100), nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("state", String(20), nullable=False),  # running, done, cancelled, failed
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("report", Text, nullable=False, default="{}"),
    Column("at", Micros, nullable=False),
    Column("updated_at", Micros, nullable=False),
    Index("ix_back_test_of", "partner", "mapping", "at"),
)

reread_with = Table(  # the mapping that a person wants a message read with; taken away by an ordinary replay
    "reread_with",
    metadata,
    Column("message", String(36), primary_key=True),
    Column("partner", String(100), nullable=False),
    Column("mapping", String(200), nullable=False),
    Column("number", Integer, nullable=False),
    Column("layers", Text, nullable=False),  # JSON [[path, text]] of that version, the standard first
    Column("user", String(100), nullable=False),
    Column("at", Micros, nullable=False),
)
