"""The console over a full journal: indexes of lists that were sorted or scanned; lists that wait to be taken in."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_ATTENTION = sa.text("state IN ('parked', 'quarantined', 'held')")
_FAILED = sa.text("state IN ('refused', 'parked', 'expired')")
_FAULT = sa.text("fault_code IS NOT NULL")
_TEST = sa.text("test")
_OPEN = sa.text("state IN ('waiting', 'overdue')")
_INDEXES = (
    ("ix_message_attention", "message", ["received_at", "id", "state", "partner", "channel"], _ATTENTION),
    ("ix_message_fault", "message", ["received_at", "id", "fault_code", "state", "partner"], _FAULT),
    ("ix_message_test", "message", ["received_at", "id"], _TEST),
    ("ix_parcel_failed", "parcel", ["created_at", "id", "state", "partner"], _FAILED),
    ("ix_parcel_fault", "parcel", ["created_at", "id", "fault_code", "state", "partner"], _FAULT),
    ("ix_parcel_test", "parcel", ["created_at", "id"], _TEST),
    ("ix_business_order_updated", "business_order", ["updated_at", "number"], None),
    ("ix_import_run_at", "import_run", ["at", "id"], None),
    ("ix_expectation_open", "expectation", ["due", "partner", "document_type", "subject", "state"], _OPEN),
)


def upgrade() -> None:
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "staged_list",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("file", sa.String(255), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_list")),
    )
    op.create_index("ix_staged_list_at", "staged_list", ["at"])
