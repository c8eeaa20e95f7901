"""Access: which partners and fields a person sees, passwords with a second factor, keys with scopes and an end."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _add("user", partners=sa.Text(), fields=sa.Text(), totp=sa.Text(), totp_since=sa.BigInteger())
    _add("user", totp_step=sa.BigInteger(), password_at=sa.BigInteger(), seen_at=sa.BigInteger())
    _add("session", address=sa.String(64), method=sa.String(20), seen_at=sa.BigInteger())
    op.add_column("session", sa.Column("pending", sa.Boolean(), nullable=False, server_default=sa.false()))
    _add("api_key", partners=sa.Text(), fields=sa.Text(), scopes=sa.Text(), expires_at=sa.BigInteger())
    _add("api_key", used_at=sa.BigInteger(), issued_by=sa.String(100))
    # A partner's key was made to hand documents in at the partners' port; it opens nothing else from now on either.
    op.execute("UPDATE api_key SET scopes = '[\"documents.send\"]' WHERE role = 'partner'")
    op.create_table(
        "recovery_code",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("user", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_recovery_code_user")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_recovery_code")),
    )
    op.create_index("ix_recovery_code_user", "recovery_code", ["user"])
    op.create_table(
        "sign_in_guard",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_guard")),
    )
    op.create_table(
        "idempotent_call",
        sa.Column("caller", sa.String(120), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotent_call")),
    )
    op.create_index("ix_idempotent_call_at", "idempotent_call", ["at"])


def _add(table: str, **columns: sa.types.TypeEngine[Any]) -> None:
    for name, kind in columns.items():
        op.add_column(table, sa.Column(name, kind, nullable=True))
