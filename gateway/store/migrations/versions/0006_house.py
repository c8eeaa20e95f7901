"""Our own house: items, prices, places, catalogues, invoices, returns, the chain, expected documents, imports."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "basket_line",
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("supplier", sa.String(length=100), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user", "supplier", "gtin", name=op.f("pk_basket_line")),
    )
    op.create_table(
        "expectation",
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("document_type", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("met_at", sa.BigInteger(), nullable=True),
        sa.Column("met_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("partner", "document_type", "subject", name=op.f("pk_expectation")),
    )
    op.create_index("ix_expectation_partner", "expectation", ["partner", "due"], unique=False)
    op.create_index(
        "ix_expectation_waiting",
        "expectation",
        ["due"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "import_change",
        sa.Column("run", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run", "seq", name=op.f("pk_import_change")),
    )
    op.create_table(
        "import_columns",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("header", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "header", name=op.f("pk_import_columns")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_table(
        "invoice",
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("issued_on", sa.String(length=10), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net", sa.String(length=40), nullable=False),
        sa.Column("tax", sa.String(length=40), nullable=False),
        sa.Column("gross", sa.String(length=40), nullable=False),
        sa.Column("open", sa.String(length=40), nullable=False),
        sa.Column("order_number", sa.String(length=200), nullable=True),
        sa.Column("shipment_number", sa.String(length=200), nullable=True),
        sa.Column("credits", sa.String(length=200), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("effect_key", sa.String(length=200), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("side", "partner", "number", name=op.f("pk_invoice")),
    )
    op.create_index("ix_invoice_number", "invoice", ["number"], unique=False)
    op.create_index("ix_invoice_order", "invoice", ["order_number"], unique=False)
    op.create_index(
        "ix_invoice_open",
        "invoice",
        ["side", "partner"],
        unique=False,
        sqlite_where=sa.text("status NOT IN ('paid', 'credited')"),
        postgresql_where=sa.text("status NOT IN ('paid', 'credited')"),
    )
    op.create_table(
        "invoice_line",
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("invoice_number", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.String(length=40), nullable=True),
        sa.Column("amount", sa.String(length=40), nullable=False),
        sa.Column("order_number", sa.String(length=200), nullable=True),
        sa.Column("order_line", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("side", "partner", "invoice_number", "number", name=op.f("pk_invoice_line")),
    )
    op.create_table(
        "item",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=True),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("supplier", sa.String(length=100), nullable=True),
        sa.Column("supplier_item", sa.String(length=80), nullable=True),
        sa.Column("pack", sa.String(length=40), nullable=False),
        sa.Column("sales_price", sa.String(length=40), nullable=True),
        sa.Column("purchase_price", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=True),
        sa.Column("substitute", sa.String(length=14), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gtin", name=op.f("pk_item")),
    )
    op.create_index("ix_item_supplier", "item", ["supplier", "supplier_item"], unique=False)
    op.create_table(
        "item_pack",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("inner", sa.String(length=14), nullable=False),
        sa.Column("contents", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gtin", name=op.f("pk_item_pack")),
    )
    op.create_index("ix_item_pack_inner", "item_pack", ["inner"], unique=False)
    op.create_table(
        "link",
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("source_type", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("to_type", sa.String(length=60), nullable=False),
        sa.Column("to", sa.String(length=200), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("side", "partner", "source_type", "source", "to_type", "to", name=op.f("pk_link")),
    )
    op.create_index("ix_link_to", "link", ["partner", "to_type", "to"], unique=False)
    op.create_table(
        "offer",
        sa.Column("supplier", sa.String(length=100), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=False),
        sa.Column("valid_to", sa.String(length=10), nullable=True),
        sa.Column("price", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("supplier_item", sa.String(length=80), nullable=True),
        sa.Column("increment", sa.BigInteger(), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("supplier", "gtin", "kind", "minimum", "valid_from", name=op.f("pk_offer")),
    )
    op.create_index("ix_offer_gtin", "offer", ["gtin", "supplier"], unique=False)
    op.create_table(
        "place",
        sa.Column("gln", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gln", name=op.f("pk_place")),
    )
    op.create_index("ix_place_partner", "place", ["partner"], unique=False)
    op.create_table(
        "price",
        sa.Column("price_list", sa.String(length=80), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=False),
        sa.Column("valid_to", sa.String(length=10), nullable=True),
        sa.Column("price", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("price_list", "gtin", "minimum", "valid_from", name=op.f("pk_price")),
    )
    op.create_table(
        "return_notice",
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=200), nullable=True),
        sa.Column("shipment_number", sa.String(length=200), nullable=True),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("effect_key", sa.String(length=200), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("side", "partner", "number", name=op.f("pk_return_notice")),
    )
    op.create_table(
        "settlement",
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("remittance", sa.String(length=200), nullable=False),
        sa.Column("invoice_number", sa.String(length=200), nullable=False),
        sa.Column("paid", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_on", sa.String(length=10), nullable=False),
        sa.Column("adjustment", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("side", "partner", "remittance", "invoice_number", name=op.f("pk_settlement")),
    )
    op.create_index("ix_settlement_invoice", "settlement", ["side", "partner", "invoice_number"], unique=False)
    op.add_column("order_line", sa.Column("invoiced", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("order_line", sa.Column("returned", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("order_line", sa.Column("requested", sa.String(length=10), nullable=True))
    op.add_column("order_line", sa.Column("reason", sa.String(length=80), nullable=True))
    op.add_column("shipment", sa.Column("document", sa.Text(), nullable=True))
    op.create_index(
        "ix_order_line_supply",
        "order_line",
        ["gtin"],
        sqlite_where=sa.text("side = 'purchase' AND status NOT IN ('received', 'rejected', 'cancelled')"),
        postgresql_where=sa.text("side = 'purchase' AND status NOT IN ('received', 'rejected', 'cancelled')"),
    )
    op.add_column("business_order", sa.Column("pending", sa.Text(), nullable=True))
    op.create_index(
        "ix_business_order_waiting",
        "business_order",
        ["updated_at"],
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index("ix_shipment_order", "shipment", ["side", "partner", "order_number"])
    op.create_index("ix_return_notice_order", "return_notice", ["side", "partner", "order_number"])
