"""Lists and searches of a large journal: arrivals without a message are marked, indexes hold what is asked."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

CHANGED = (
    ("ix_message_partner", "message", ["partner", "received_at", "id"]),
    ("ix_parcel_partner", "parcel", ["partner", "created_at", "id"]),
    ("ix_search_key_value", "search_key", ["value", "at", "subject", "of"]),
)


def upgrade() -> None:
    op.add_column("arrival", sa.Column("alone", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE arrival SET alone = false WHERE id IN (SELECT arrival FROM message)")
    where = sa.text("alone")
    op.create_index("ix_arrival_alone", "arrival", ["received_at", "id"], sqlite_where=where, postgresql_where=where)
    for name, table, columns in CHANGED:
        op.drop_index(name, table)
        op.create_index(name, table, columns)
