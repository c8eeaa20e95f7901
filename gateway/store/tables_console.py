"""What people keep for themselves in the console: named queries of the message log, lists that wait to be taken in."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from gateway.store.columns import Micros, metadata

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

staged_list = Table(  # handed over and looked at, not taken in yet; every node knows it
    "staged_list",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("file", String(255), nullable=False),  # as the person's machine names it
    Column("header", Text, nullable=False),  # JSON list of the file's column names
    Column("user", String(100), nullable=False),
    Column("partner", String(64), nullable=False, default="", server_default=""),  # whose people; "": ours
    Column("at", Micros, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),  # compressed (zlib)
    Index("ix_staged_list_at", "at"),
    Index("ix_staged_list_partner", "partner", "at", "id"),
)
