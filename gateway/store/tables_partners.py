"""Tables of looking after partners: what was changed in the definitions, tests of connections, samples of the wizard,
and who lets a partner go live."""

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from gateway.store.columns import Micros, Serial, metadata

definition_change = Table(  # one row for each file that a version has changed
    "definition_change",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Micros, nullable=False),
    Column("digest", String(64), nullable=False),  # of the version
    Column("partner", String(100), nullable=False),  # "" for files that are no partner's
    Column("path", String(300), nullable=False),
    Column("user", String(100), nullable=False),
    Column("action", String(80), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("before", Text),  # NULL: a new file
    Column("after", Text),  # NULL: taken away
    Index("ix_definition_change_partner", "partner", "id"),
    Index("ix_definition_change_path", "path", "id"),
)

connection_test = Table(
    "connection_test",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("partner", String(100), nullable=False),
    Column("over", String(100), nullable=False),
    Column("user", String(100), nullable=False),
    Column("at", Micros, nullable=False),
    Column("echo", Boolean, nullable=False),  # a message was really sent
    Column("ended_at", Micros),  # NULL: still climbing, or its process died
    Column("good", Boolean, nullable=False, default=False),
    Column("rungs", Text, nullable=False, default="[]"),
    Index("ix_connection_test_partner", "partner", "at"),
)

partner_sample = Table(  # what was dropped on the wizard, kept for a day
    "partner_sample",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user", String(100), nullable=False),
    Column("at", Micros, nullable=False),
    Column("filename", String(255), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("data", Text, nullable=False),  # base64
    Column("answers", Text, nullable=False, default="{}"),
    Index("ix_partner_sample_at", "at"),
)

go_live = Table(
    "go_live",
    metadata,
    Column("partner", String(100), primary_key=True),
    Column("approver", String(100), nullable=False),
    Column("approved_at", Micros, nullable=False),
    Column("reason", Text, nullable=False, default=""),  # why, although something of the checklist is open
    Column("switch_at", Micros, nullable=False),
    Column("switched_at", Micros),  # NULL: still to come
    Index("ix_go_live_switch_at", "switch_at"),
)
