"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("last_activity_at", sa.BigInteger(), nullable=True),
        sa.Column("last_activity", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_account", "activity", ["account", "at"], unique=False)
    op.create_table(
        "api_key",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_api_key")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "id"], unique=False)
    op.create_table(
        "business_order",
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("ordered_on", sa.String(length=10), nullable=False),
        sa.Column("ship_to", sa.String(length=20), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("effect_key", sa.String(length=200), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("side", "partner", "number", name=op.f("pk_business_order")),
    )
    op.create_index("ix_business_order_number", "business_order", ["number"], unique=False)
    op.create_table(
        "case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
    )
    op.create_index(
        "uq_case_open",
        "case",
        ["account", "code", "subject"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "dedupe",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("arrival", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dedupe")),
    )
    op.create_table(
        "definition",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_definition")),
    )
    op.create_table(
        "effect",
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message", "kind", "key", name=op.f("pk_effect")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=36), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_subject", "event", ["subject", "id"], unique=False)
    op.create_table(
        "lane",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("blocked_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_lane")),
    )
    op.create_table(
        "order_line",
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("order_number", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("ordered", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("backordered", sa.BigInteger(), nullable=False),
        sa.Column("despatched", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("price", sa.String(length=40), nullable=True),
        sa.Column("promised", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("side", "partner", "order_number", "number", name=op.f("pk_order_line")),
    )
    op.create_index(
        "ix_order_line_backordered",
        "order_line",
        ["gtin"],
        unique=False,
        sqlite_where=sa.text("backordered > 0"),
        postgresql_where=sa.text("backordered > 0"),
    )
    op.create_table(
        "payload",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_payload")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("supplier", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(
        "ix_proposal_open",
        "proposal",
        ["supplier"],
        unique=False,
        sqlite_where=sa.text("status = 'proposed'"),
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_table(
        "reported_stock",
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("partner", "location", "gtin", "type", name=op.f("pk_reported_stock")),
    )
    op.create_table(
        "sales",
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("partner", "location", "gtin", "day", name=op.f("pk_sales")),
    )
    op.create_index("ix_sales_gtin_day", "sales", ["gtin", "day"], unique=False)
    op.create_table(
        "shipment",
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("order_number", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("despatched_at", sa.String(length=40), nullable=True),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("effect_key", sa.String(length=200), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("side", "partner", "number", name=op.f("pk_shipment")),
    )
    op.create_table(
        "stock",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("allocated", sa.BigInteger(), nullable=False),
        sa.Column("backordered", sa.BigInteger(), nullable=False),
        sa.Column("on_order", sa.BigInteger(), nullable=False),
        sa.Column("in_transit", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gtin", "location", name=op.f("pk_stock")),
    )
    op.create_table(
        "tick",
        sa.Column("job", sa.String(length=80), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job", "planned", name=op.f("pk_tick")),
    )
    op.create_table(
        "timer",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_timer")),
    )
    op.create_index(op.f("ix_timer_due"), "timer", ["due"], unique=False)
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=True),
        sa.Column("password", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("name", name=op.f("uq_user_name")),
    )
    op.create_table(
        "arrival",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=200), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.String(length=200), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=True),
        sa.Column("transport_id", sa.String(length=998), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["sha256"], ["payload.sha256"], name=op.f("fk_arrival_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("seq", name=op.f("uq_arrival_seq")),
    )
    op.create_index("ix_arrival_received_at", "arrival", ["received_at", "id"], unique=False)
    op.create_index(
        "ix_arrival_open",
        "arrival",
        ["lane", "seq"],
        unique=False,
        sqlite_where=sa.text("state IN ('received', 'retry')"),
        postgresql_where=sa.text("state IN ('received', 'retry')"),
    )
    op.create_table(
        "login_link",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_login_link_user")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_login_link")),
    )
    op.create_table(
        "parcel",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("mapping", sa.String(length=200), nullable=False),
        sa.Column("document_type", sa.String(length=60), nullable=False),
        sa.Column("business_number", sa.String(length=200), nullable=True),
        sa.Column("control_reference", sa.String(length=80), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_type", sa.String(length=200), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("cause", sa.String(length=36), nullable=True),
        sa.Column("about", sa.String(length=200), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("expects", sa.String(length=20), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("transport_id", sa.String(length=998), nullable=True),
        sa.Column("wrapped_headers", sa.Text(), nullable=True),
        sa.Column("wrapped_body", sa.LargeBinary(), nullable=True),
        sa.Column("mic", sa.String(length=200), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("proof_body", sa.LargeBinary(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("fault_code", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["payload.sha256"], name=op.f("fk_parcel_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
        sa.UniqueConstraint("seq", name=op.f("uq_parcel_seq")),
    )
    op.create_index("ix_parcel_business_number", "parcel", ["business_number"], unique=False)
    op.create_index("ix_parcel_cause", "parcel", ["cause"], unique=False)
    op.create_index("ix_parcel_control", "parcel", ["partner", "control_reference"], unique=False)
    op.create_index("ix_parcel_created_at", "parcel", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_parcel_open",
        "parcel",
        ["next_at", "seq"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'wrapped', 'sending', 'retry')"),
        postgresql_where=sa.text("state IN ('queued', 'wrapped', 'sending', 'retry')"),
    )
    op.create_table(
        "session",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_session_user")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_session")),
    )
    op.create_table(
        "interchange",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("arrival", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("syntax", sa.String(length=20), nullable=False),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("receiver", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["arrival"], ["arrival.id"], name=op.f("fk_interchange_arrival")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interchange")),
        sa.UniqueConstraint("arrival", "position", name=op.f("uq_interchange_arrival_position")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("arrival", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("interchange", sa.Integer(), nullable=True),
        sa.Column("lane", sa.String(length=200), nullable=False),
        sa.Column("partner", sa.String(length=100), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("mapping", sa.String(length=200), nullable=True),
        sa.Column("mapping_hash", sa.String(length=64), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("document_type", sa.String(length=60), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("business_number", sa.String(length=200), nullable=True),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("fault_code", sa.String(length=80), nullable=True),
        sa.Column("owner", sa.String(length=20), nullable=True),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["arrival"], ["arrival.id"], name=op.f("fk_message_arrival")),
        sa.ForeignKeyConstraint(["interchange"], ["interchange.id"], name=op.f("fk_message_interchange")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("arrival", "position", name=op.f("uq_message_arrival_position")),
    )
    op.create_index("ix_message_business_number", "message", ["business_number"], unique=False)
    op.create_index(
        "ix_message_open",
        "message",
        ["lane", "seq", "position"],
        unique=False,
        sqlite_where=sa.text("state IN ('received', 'parsed', 'retry')"),
        postgresql_where=sa.text("state IN ('received', 'parsed', 'retry')"),
    )
    op.create_index(
        "ix_message_parked",
        "message",
        ["partner", "received_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('parked', 'quarantined', 'held')"),
        postgresql_where=sa.text("state IN ('parked', 'quarantined', 'held')"),
    )
    op.create_index("ix_message_partner", "message", ["partner", "received_at"], unique=False)
    op.create_index("ix_message_received_at", "message", ["received_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_message_received_at", table_name="message")
    op.drop_index("ix_message_partner", table_name="message")
    op.drop_index(
        "ix_message_parked",
        table_name="message",
        sqlite_where=sa.text("state IN ('parked', 'quarantined', 'held')"),
        postgresql_where=sa.text("state IN ('parked', 'quarantined', 'held')"),
    )
    op.drop_index(
        "ix_message_open",
        table_name="message",
        sqlite_where=sa.text("state IN ('received', 'parsed', 'retry')"),
        postgresql_where=sa.text("state IN ('received', 'parsed', 'retry')"),
    )
    op.drop_index("ix_message_business_number", table_name="message")
    op.drop_table("message")
    op.drop_table("interchange")
    op.drop_table("session")
    op.drop_index(
        "ix_parcel_open",
        table_name="parcel",
        sqlite_where=sa.text("state IN ('queued', 'wrapped', 'sending', 'retry')"),
        postgresql_where=sa.text("state IN ('queued', 'wrapped', 'sending', 'retry')"),
    )
    op.drop_index("ix_parcel_created_at", table_name="parcel")
    op.drop_index("ix_parcel_control", table_name="parcel")
    op.drop_index("ix_parcel_cause", table_name="parcel")
    op.drop_index("ix_parcel_business_number", table_name="parcel")
    op.drop_table("parcel")
    op.drop_table("login_link")
    op.drop_index("ix_arrival_received_at", table_name="arrival")
    op.drop_index(
        "ix_arrival_open",
        table_name="arrival",
        sqlite_where=sa.text("state IN ('received', 'retry')"),
        postgresql_where=sa.text("state IN ('received', 'retry')"),
    )
    op.drop_table("arrival")
    op.drop_table("user")
    op.drop_index(op.f("ix_timer_due"), table_name="timer")
    op.drop_table("timer")
    op.drop_table("tick")
    op.drop_table("stock")
    op.drop_table("shipment")
    op.drop_index("ix_sales_gtin_day", table_name="sales")
    op.drop_table("sales")
    op.drop_table("reported_stock")
    op.drop_index(
        "ix_proposal_open",
        table_name="proposal",
        sqlite_where=sa.text("status = 'proposed'"),
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.drop_table("proposal")
    op.drop_table("payload")
    op.drop_index(
        "ix_order_line_backordered",
        table_name="order_line",
        sqlite_where=sa.text("backordered > 0"),
        postgresql_where=sa.text("backordered > 0"),
    )
    op.drop_table("order_line")
    op.drop_table("lane")
    op.drop_index("ix_event_subject", table_name="event")
    op.drop_table("event")
    op.drop_table("effect")
    op.drop_table("definition")
    op.drop_table("dedupe")
    op.drop_table("counter")
    op.drop_index(
        "uq_case_open",
        table_name="case",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("case")
    op.drop_index("ix_business_order_number", table_name="business_order")
    op.drop_table("business_order")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_table("audit")
    op.drop_table("api_key")
    op.drop_index("ix_activity_account", table_name="activity")
    op.drop_table("activity")
    op.drop_table("account")
