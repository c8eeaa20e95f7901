"""Versions, drafts, plans and back-tests of mappings; with which version a message is to be read."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mapping_version",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("mapping", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("definitions", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_version")),
        sa.UniqueConstraint("partner", "mapping", "number", name=op.f("uq_mapping_version_partner_mapping_number")),
    )
    op.create_table(
        "mapping_draft",
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("mapping", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("base", sa.String(64), nullable=False),
        sa.Column("sample", sa.String(36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user", "partner", "mapping", name=op.f("pk_mapping_draft")),
    )
    op.create_table(
        "mapping_plan",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("mapping", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("base", sa.String(64), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("fault", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_plan")),
    )
    op.create_index("ix_mapping_plan_due", "mapping_plan", ["state", "due_at"])
    op.create_index("ix_mapping_plan_of", "mapping_plan", ["partner", "mapping", "made_at"])
    op.create_table(
        "back_test",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("mapping", sa.String(200), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_back_test")),
    )
    op.create_index("ix_back_test_of", "back_test", ["partner", "mapping", "at"])
    op.create_table(
        "reread_with",
        sa.Column("message", sa.String(36), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("mapping", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("layers", sa.Text(), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_reread_with")),
    )
