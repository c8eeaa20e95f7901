"""The customer record: events, cases, sums by day, measures, rules; messages that it has not heard of yet."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "crm_act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case", sa.String(length=800), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_act")),
    )
    op.create_index("ix_crm_act_case", "crm_act", ["case", "id"], unique=False)
    op.create_table(
        "crm_case",
        sa.Column("id", sa.String(length=800), nullable=False),
        sa.Column("problem", sa.String(length=500), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("owner", sa.String(length=30), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_by", sa.String(length=400), nullable=False),
        sa.Column("closed_by", sa.String(length=400), nullable=True),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_case")),
    )
    op.create_index("ix_crm_case_account", "crm_case", ["account", "opened_at"], unique=False)
    op.create_index(
        "ix_crm_case_open",
        "crm_case",
        ["opened_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "crm_case_event",
        sa.Column("case", sa.String(length=800), nullable=False),
        sa.Column("event", sa.String(length=400), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("case", "event", "what", name=op.f("pk_crm_case_event")),
    )
    op.create_table(
        "crm_day",
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "day", "name", name=op.f("pk_crm_day")),
    )
    op.create_table(
        "crm_due",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_due")),
    )
    op.create_table(
        "crm_event",
        sa.Column("id", sa.String(length=400), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_event")),
    )
    op.create_index("ix_crm_event_account", "crm_event", ["account", "at", "id"], unique=False)
    op.create_index("ix_crm_event_kind", "crm_event", ["kind", "at"], unique=False)
    op.create_table(
        "crm_metric",
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=True),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "name", name=op.f("pk_crm_metric")),
    )
    op.create_index("ix_crm_metric_name", "crm_metric", ["name", "account"], unique=False)
    op.create_table(
        "crm_rule",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_crm_rule")),
    )
    op.execute(
        "INSERT INTO crm_due (message) SELECT message FROM effect WHERE NOT test GROUP BY message ORDER BY min(at)"
    )
