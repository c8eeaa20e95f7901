"""Planning: versions of what was reported, plans and their reasons, people's words. What was reported so far counts as
one report without a number."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_COPIES = (
    "INSERT INTO sales_version (partner, location, gtin, day, source, report, sold, returned, lost, excluded, promo,"
    " issued_at, message) SELECT partner, location, gtin, day, 2, '', sold, returned, 0, 0, 0, day,"
    " COALESCE(message, '') FROM sales",
    "INSERT INTO sales_day (partner, location, day, source, report, message)"
    " SELECT partner, location, day, 2, '', MAX(COALESCE(message, '')) FROM sales GROUP BY partner, location, day",
    "INSERT INTO stock_fact (partner, location, gtin, type, at, report, quantity, issued_at, message)"
    " SELECT partner, location, gtin, type, at, '', quantity, at, COALESCE(message, '') FROM reported_stock",
)


def upgrade() -> None:
    op.create_table(
        "plan_changed",
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("location", "gtin", name=op.f("pk_plan_changed")),
    )
    op.create_index("ix_plan_changed_since", "plan_changed", ["since"], unique=False)
    op.create_table(
        "plan_line",
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("agreement", sa.String(length=80), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("proposal", sa.String(length=80), nullable=True),
        sa.Column("exceptions", sa.Text(), nullable=False),
        sa.Column("stockout_on", sa.String(length=10), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("location", "gtin", name=op.f("pk_plan_line")),
    )
    op.create_index("ix_plan_line_partner", "plan_line", ["partner"], unique=False)
    op.create_index("ix_plan_line_status", "plan_line", ["status", "partner"], unique=False)
    op.create_table(
        "plan_order_line",
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("order_number", sa.String(length=200), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("system_quantity", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.String(length=100), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "order_number", "line", name=op.f("pk_plan_order_line")),
    )
    op.create_index("ix_plan_order_line_place", "plan_order_line", ["location", "gtin", "at"], unique=False)
    op.create_table(
        "plan_override",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_override")),
    )
    op.create_index("ix_plan_override_place", "plan_override", ["location", "gtin"], unique=False)
    op.create_table(
        "plan_parameter",
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("location", "gtin", "name", name=op.f("pk_plan_parameter")),
    )
    op.create_table(
        "plan_record",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_plan_record")),
    )
    op.create_index("ix_plan_record_partner", "plan_record", ["kind", "partner"], unique=False)
    op.create_table(
        "plan_word",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("undone_by", sa.String(length=80), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_word")),
    )
    op.create_index("ix_plan_word_at", "plan_word", ["at"], unique=False)
    op.create_table(
        "receipt_fact",
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("partner", "location", "gtin", "number", name=op.f("pk_receipt_fact")),
    )
    op.create_index("ix_receipt_fact_place", "receipt_fact", ["location", "gtin"], unique=False)
    op.create_table(
        "sales_day",
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("report", sa.String(length=200), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("partner", "location", "day", "source", "report", name=op.f("pk_sales_day")),
    )
    op.create_index("ix_sales_day_location", "sales_day", ["location", "day"], unique=False)
    op.create_table(
        "sales_version",
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("report", sa.String(length=200), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lost", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("excluded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("promo", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("issued_at", sa.String(length=40), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint(
            "partner", "location", "gtin", "day", "source", "report", name=op.f("pk_sales_version")
        ),
    )
    op.create_index("ix_sales_version_report", "sales_version", ["partner", "report"], unique=False)
    op.create_table(
        "stock_fact",
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("report", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.String(length=40), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("partner", "location", "gtin", "type", "at", "report", name=op.f("pk_stock_fact")),
    )
    op.create_index("ix_stock_fact_place", "stock_fact", ["location", "gtin", "at"], unique=False)
    op.create_index("ix_stock_fact_report", "stock_fact", ["partner", "report"], unique=False)
    op.create_index("ix_business_order_ship_to", "business_order", ["ship_to"], unique=False)
    op.add_column("sales", sa.Column("lost", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("sales", sa.Column("excluded", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("sales", sa.Column("promo", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("sales", sa.Column("report", sa.String(length=200), server_default="", nullable=False))
    op.create_index(
        "ix_shipment_despatched",
        "shipment",
        ["side", "partner"],
        unique=False,
        sqlite_where=sa.text("status = 'despatched'"),
        postgresql_where=sa.text("status = 'despatched'"),
    )
    for statement in _COPIES:
        op.execute(statement)
