"""Parcels that go out together: the lot they wait in, the parcel that carries them, their UNH reference."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("parcel", sa.Column("carrier", sa.String(36)))
    op.add_column("parcel", sa.Column("lot", sa.String(200)))
    op.add_column("parcel", sa.Column("message_reference", sa.String(14)))
    for name, column, condition in (
        ("ix_parcel_carrier", "carrier", "carrier IS NOT NULL"),
        ("ix_parcel_lot", "lot", "state = 'waiting'"),
    ):
        where = sa.text(condition)
        op.create_index(name, "parcel", [column], sqlite_where=where, postgresql_where=where)
