"""What planning keeps of the past, so that a night reads only what has changed: shards of states, changed days, what is
due; and the indexes by which the days of a place are found."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_NOTHING_THERE = sa.text("quantity <= 0")
_QUIET = sa.text("status = 'nothing' AND exceptions = '[]' AND stockout_on IS NULL")
_INDEXES = (
    ("ix_sales_place_day", "sales", ["location", "day"], None),
    ("ix_reported_stock_place", "reported_stock", ["location", "gtin"], None),
    ("ix_stock_fact_at", "stock_fact", ["location", "at"], None),
    ("ix_receipt_fact_at", "receipt_fact", ["location", "at"], None),
    ("ix_stock_fact_empty", "stock_fact", ["location", "gtin", "at"], _NOTHING_THERE),
    ("ix_plan_line_quiet", "plan_line", ["location", "gtin"], _QUIET),
)


def upgrade() -> None:
    op.create_table(
        "plan_shard",
        sa.Column("agreement", sa.String(80), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agreement", "bucket", name=op.f("pk_plan_shard")),
    )
    op.create_table(
        "fact_changed",
        sa.Column("location", sa.String(20), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("gtin", sa.String(14), nullable=False),
        sa.Column("message", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("location", "day", "gtin", "message", name=op.f("pk_fact_changed")),
    )
    op.create_table(
        "plan_due",
        sa.Column("run", sa.String(80), nullable=False),
        sa.Column("location", sa.String(20), nullable=False),
        sa.Column("gtin", sa.String(14), nullable=False),
        sa.PrimaryKeyConstraint("run", "location", "gtin", name=op.f("pk_plan_due")),
    )
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
