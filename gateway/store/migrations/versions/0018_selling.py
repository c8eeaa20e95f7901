"""Selling, asking and telling others: registers, invitations and answers, the outbox of connectors."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "crm_entry",
        sa.Column("register", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("register", "id", name=op.f("pk_crm_entry")),
    )
    op.create_index("ix_crm_entry_account", "crm_entry", ["account", "register"], unique=False)
    op.create_index("ix_crm_entry_register", "crm_entry", ["register", "updated_at"], unique=False)
    op.create_table(
        "crm_invitation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("survey", sa.String(length=80), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("person", sa.String(length=200), server_default="", nullable=False),
        sa.Column("case", sa.String(length=800), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_invitation")),
    )
    op.create_index("ix_crm_invitation_account", "crm_invitation", ["account", "asked_at"], unique=False)
    op.create_index("ix_crm_invitation_survey", "crm_invitation", ["survey", "asked_at"], unique=False)
    op.create_table(
        "crm_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("survey", sa.String(length=80), nullable=False),
        sa.Column("form", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=120), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("invitation", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_answer")),
    )
    op.create_index("ix_crm_answer_account", "crm_answer", ["account", "at"], unique=False)
    op.create_index("ix_crm_answer_survey", "crm_answer", ["survey", "at"], unique=False)
    op.create_table(
        "crm_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connector", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("event", sa.String(length=36), nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_outbox")),
        sa.UniqueConstraint("event", name=op.f("uq_crm_outbox_event")),
    )
    op.create_index("ix_crm_outbox_key", "crm_outbox", ["connector", "object", "key", "id"], unique=False)
    op.create_index("ix_crm_outbox_open", "crm_outbox", ["connector", "state", "next_at"], unique=False)
    op.create_table(
        "crm_told",
        sa.Column("connector", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("external", sa.String(length=200), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connector", "object", "key", name=op.f("pk_crm_told")),
    )
