"""Logistic units that have left: which SSCC was used when."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "logistic_unit",
        sa.Column("sscc", sa.String(18), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("shipment_number", sa.String(200), nullable=False),
        sa.Column("message", sa.String(36), nullable=True),
        sa.Column("effect_key", sa.String(200), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sscc", name=op.f("pk_logistic_unit")),
    )
