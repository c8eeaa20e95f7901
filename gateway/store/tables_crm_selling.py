"""Tables of selling, asking and telling others: sources that people and external systems write, never rebuilt."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from gateway.store.columns import Micros, Serial, metadata

# Entries of the registers (opportunities, campaigns, surveys, ...): see domain.crm.registers
crm_entry = Table(
    "crm_entry",
    metadata,
    Column("register", String(20), primary_key=True),
    Column("id", String(80), primary_key=True),
    Column("account", String(100)),  # NULL: of no account
    Column("state", String(20), nullable=False),
    Column("state_at", Micros, nullable=False),
    Column("data", Text, nullable=False),  # JSON field -> text
    Column("origin", String(20), nullable=False),  # person, gateway
    Column("version", Integer, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("updated_at", Micros, nullable=False),
    Index("ix_crm_entry_account", "account", "register"),
    Index("ix_crm_entry_register", "register", "updated_at"),
)

# Who was asked. id: SHA-256 of the link's token; the token itself is not kept
crm_invitation = Table(
    "crm_invitation",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("survey", String(80), nullable=False),
    Column("account", String(100), nullable=False),
    Column("person", String(200), nullable=False, server_default=""),
    Column("case", String(800)),
    Column("asked_at", Micros, nullable=False),
    Column("until", Micros, nullable=False),
    Column("answered_at", Micros),
    Index("ix_crm_invitation_survey", "survey", "asked_at"),
    Index("ix_crm_invitation_account", "account", "asked_at"),
)

crm_answer = Table(
    "crm_answer",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("survey", String(80), nullable=False),
    Column("form", String(10), nullable=False),  # csat, nps, value, audit
    Column("account", String(100), nullable=False),
    Column("direction", String(10), nullable=False),
    Column("question", String(120), nullable=False),
    Column("score", Integer),
    Column("text", Text, nullable=False, server_default=""),
    Column("at", Micros, nullable=False),
    Column("by", String(100), nullable=False),  # link, or the person who entered it
    Column("invitation", String(64)),
    Index("ix_crm_answer_account", "account", "at"),
    Index("ix_crm_answer_survey", "survey", "at"),
)

# What external systems are to be told, in the order of id for each connector, object and key
crm_outbox = Table(
    "crm_outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("connector", String(80), nullable=False),
    Column("object", String(20), nullable=False),
    Column("key", String(200), nullable=False),
    Column("event", String(36), nullable=False, unique=True),  # the same over all attempts
    Column("change", String(10), nullable=False),  # created, changed, gone
    Column("payload", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(10), nullable=False),  # queued, told, refused
    Column("attempts", Integer, nullable=False),
    Column("next_at", Micros, nullable=False),
    Column("result", Text, nullable=False, server_default=""),
    Column("created_at", Micros, nullable=False),
    Column("settled_at", Micros),
    Index("ix_crm_outbox_open", "connector", "state", "next_at"),
    Index("ix_crm_outbox_key", "connector", "object", "key", "id"),
)

# What each external system has last taken of a record
crm_told = Table(
    "crm_told",
    metadata,
    Column("connector", String(80), primary_key=True),
    Column("object", String(20), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("external", String(200)),  # its id there
    Column("at", Micros, nullable=False),
)
