"""What people keep for themselves in the console: named queries of the message log."""

from sqlalchemy import Boolean, Column, Index, String, Table, UniqueConstraint

from gateway.store.tables import Micros, metadata

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("owner", String(100), nullable=False),  # name of the user who keeps it
    Column("name", String(60), nullable=False),
    Column("query", String(300), nullable=False),  # as written in the search box
    Column("shared", Boolean, nullable=False, default=False),  # seen by everyone who sees all partners
    Column("created_at", Micros, nullable=False),
    UniqueConstraint("owner", "name"),
    Index("ix_saved_view_shared", "shared"),
)
