"""Changes of definitions, tests of connections, samples of the wizard, going live."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "definition_change",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("path", sa.String(300), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition_change")),
    )
    op.create_index("ix_definition_change_partner", "definition_change", ["partner", "id"])
    op.create_index("ix_definition_change_path", "definition_change", ["path", "id"])
    op.create_table(
        "connection_test",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("over", sa.String(100), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("echo", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("rungs", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_test")),
    )
    op.create_index("ix_connection_test_partner", "connection_test", ["partner", "at"])
    op.create_table(
        "partner_sample",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_sample")),
    )
    op.create_index("ix_partner_sample_at", "partner_sample", ["at"])
    op.create_table(
        "go_live",
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("approver", sa.String(100), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("switch_at", sa.BigInteger(), nullable=False),
        sa.Column("switched_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("partner", name=op.f("pk_go_live")),
    )
    op.create_index("ix_go_live_switch_at", "go_live", ["switch_at"])
    op.create_index("ix_parcel_partner", "parcel", ["partner", "created_at"])
