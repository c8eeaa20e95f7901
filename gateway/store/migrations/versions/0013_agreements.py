"""Calendars, and versions of customers as our house tells them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "calendar",
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("valid_from", sa.String(10), nullable=False),
        sa.Column("valid_to", sa.String(10), nullable=True),
        sa.Column("weekdays", sa.String(20), nullable=False),
        sa.Column("closed", sa.Text(), nullable=False),
        sa.Column("opened", sa.Text(), nullable=False),
        sa.Column("cut_off", sa.String(5), nullable=True),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "kind", "valid_from", name=op.f("pk_calendar")),
    )
    op.create_table(
        "customer",
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("valid_from", sa.String(10), nullable=False),
        sa.Column("valid_to", sa.String(10), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("number", sa.String(80), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("price_list", sa.String(80), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("minimum_value", sa.String(40), nullable=True),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("delivery_days", sa.String(20), nullable=False),
        sa.Column("response_h", sa.Integer(), nullable=True),
        sa.Column("credit_class", sa.String(1), nullable=True),
        sa.Column("credit_limit", sa.String(40), nullable=True),
        sa.Column("items", sa.String(80), nullable=True),
        sa.Column("auto_value", sa.String(40), nullable=True),
        sa.Column("auto_quantity", sa.String(40), nullable=True),
        sa.Column("price_tolerance", sa.String(40), nullable=True),
        sa.Column("quantity_tolerance", sa.String(40), nullable=True),
        sa.Column("substitutes", sa.Boolean(), nullable=True),
        sa.Column("partial", sa.Boolean(), nullable=True),
        sa.Column("payment_days", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "valid_from", name=op.f("pk_customer")),
    )
