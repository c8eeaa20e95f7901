"""Problems by cause and place, what people say of them, alert rules and what they told."""

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

WAITING = "state IN ('parked', 'quarantined')"
FAILED = "state IN ('refused', 'parked', 'expired')"
INDEXES = {
    "arrival": (["partner", "fault_code", "fault_place", "received_at", "state", "id"], WAITING),
    "message": (["partner", "fault_code", "fault_place", "received_at", "updated_at", "state"], WAITING),
    "parcel": (["partner", "fault_code", "fault_place", "created_at", "updated_at", "state"], FAILED),
}


def upgrade() -> None:
    op.add_column("arrival", sa.Column("fault_code", sa.String(80)))
    for table, (columns, condition) in INDEXES.items():
        op.add_column(table, sa.Column("fault_place", sa.String(120), nullable=False, server_default=""))
        _places(table, condition)
        where = sa.text(condition)
        op.create_index(f"ix_{table}_problem", table, columns, sqlite_where=where, postgresql_where=where)
    where = sa.text("state = 'overdue'")
    op.create_index(
        "ix_expectation_overdue",
        "expectation",
        ["partner", "document_type", "due"],
        sqlite_where=where,
        postgresql_where=where,
    )
    _tables()


def _places(table: str, condition: str) -> None:
    """Say of what waits already where its fault lies."""
    found = op.get_bind().execute(sa.text(f"SELECT id, fault FROM {table} WHERE {condition} AND fault IS NOT NULL"))  # noqa: S608
    code = ", fault_code = :code" if table == "arrival" else ""
    for row in found.all():
        fault = json.loads(row.fault)
        values = {"id": row.id, "place": _place(fault.get("where") or {}), "code": str(fault["code"])[:80]}
        chosen = values if code else {name: values[name] for name in ("id", "place")}
        op.get_bind().execute(sa.text(f"UPDATE {table} SET fault_place = :place{code} WHERE id = :id"), chosen)  # noqa: S608


def _place(where: dict[str, object]) -> str:
    if where.get("path"):
        return re.sub(r"\[\d+\]", "[]", str(where["path"]))[:120]
    parts = [str(where[name]) for name in ("tag", "element", "component") if where.get(name) is not None]
    return ".".join(parts)[:120] if where.get("tag") else ""


def _tables() -> None:
    op.create_table(
        "problem",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("state", sa.String(14), nullable=False),
        sa.Column("owner", sa.String(100), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("marked_at", sa.BigInteger(), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
    )
    op.create_table(
        "bulk_item",
        sa.Column("bulk", sa.String(36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("bulk", "seq", name=op.f("pk_bulk_item")),
    )
    op.create_table(
        "alert_rule",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("partner", sa.String(100), nullable=True),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("quiet", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rule")),
    )
    _firings()


def _firings() -> None:
    op.create_table(
        "alert_firing",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("rule", sa.String(36), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("fired_at", sa.BigInteger(), nullable=False),
        sa.Column("cleared_at", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("link", sa.String(300), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_firing")),
    )
    still = sa.text("cleared_at IS NULL")
    op.create_index(
        "uq_alert_firing_open",
        "alert_firing",
        ["rule", "subject"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )
    op.create_index("ix_alert_firing_fired_at", "alert_firing", ["fired_at"])
    op.create_table(
        "alert_delivery",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("firing", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("target", sa.String(500), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_delivery")),
    )
    open_ = sa.text("state IN ('queued', 'sending')")
    op.create_index("ix_alert_delivery_open", "alert_delivery", ["next_at"], sqlite_where=open_, postgresql_where=open_)
    op.create_index("ix_alert_delivery_firing", "alert_delivery", ["firing"])
