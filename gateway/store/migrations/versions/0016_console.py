"""The console: named queries, indexes of the message log by state and type, order lines by item."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_MESSAGE_UNFINISHED = sa.text("state IN ('received', 'parsed', 'applied', 'retry')")
_PARCEL_UNFINISHED = sa.text("state IN ('queued', 'waiting', 'wrapped', 'sending', 'sent', 'retry')")
_INDEXES = (
    ("ix_message_unfinished", "message", ["received_at", "id"], _MESSAGE_UNFINISHED),
    ("ix_message_type", "message", ["type", "received_at", "id"], None),
    ("ix_message_document_type", "message", ["document_type", "received_at", "id"], None),
    ("ix_parcel_unfinished", "parcel", ["created_at", "id"], _PARCEL_UNFINISHED),
    ("ix_parcel_document_type", "parcel", ["document_type", "created_at", "id"], None),
    ("ix_order_line_gtin", "order_line", ["gtin", "order_number"], None),
)


def upgrade() -> None:
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(300), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_saved_view_owner_name")),
    )
    op.create_index("ix_saved_view_shared", "saved_view", ["shared"])
