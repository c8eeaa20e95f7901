"""Parcels: large wrapped bodies are payloads of their own; receipts find their parcel by transport id."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("parcel", sa.Column("wrapped_sha256", sa.String(64)))
    op.create_index("ix_parcel_transport_id", "parcel", ["transport_id"])
