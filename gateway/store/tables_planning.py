"""Tables of planning: what partners reported, version by version; what was planned and why; people's words on it."""

from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from gateway.store.columns import Micros, Milli, metadata

_ZERO: dict[str, Any] = {"nullable": False, "default": 0, "server_default": "0"}

# Every report of a day's sales as it came. The table sales holds the one that counts: of those not taken back a sales
# report before a stock report, then the one issued last, then the one that came last.
sales_version = Table(
    "sales_version",
    metadata,
    Column("partner", String(100), primary_key=True),
    Column("location", String(20), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("source", Integer, primary_key=True),  # 1: stock report, 2: sales report; the larger one counts
    Column("report", String(200), primary_key=True),
    Column("sold", Milli, nullable=False),
    Column("returned", Milli, **_ZERO),
    Column("lost", Milli, **_ZERO),
    Column("excluded", Milli, **_ZERO),
    Column("promo", Milli, **_ZERO),
    Column("issued_at", String(40), nullable=False),
    Column("message", String(36), nullable=False),
    Index("ix_sales_version_report", "partner", "report"),
)

# Which days of which places a report covers: an item without a line sold nothing that day; any other day is unknown.
sales_day = Table(
    "sales_day",
    metadata,
    Column("partner", String(100), primary_key=True),
    Column("location", String(20), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("source", Integer, primary_key=True),
    Column("report", String(200), primary_key=True),
    Column("message", String(36), nullable=False),
    Index("ix_sales_day_location", "location", "day"),
)

stock_fact = Table(
    "stock_fact",
    metadata,
    Column("partner", String(100), primary_key=True),
    Column("location", String(20), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("type", String(20), primary_key=True),
    Column("at", String(40), primary_key=True),
    Column("report", String(200), primary_key=True),
    Column("quantity", Milli, nullable=False),
    Column("issued_at", String(40), nullable=False),
    Column("message", String(36), nullable=False),
    Index("ix_stock_fact_place", "location", "gtin", "at"),
    Index("ix_stock_fact_report", "partner", "report"),
)

receipt_fact = Table(  # goods taken in at a partner's place, by its receiving advice
    "receipt_fact",
    metadata,
    Column("partner", String(100), primary_key=True),
    Column("location", String(20), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("number", String(200), primary_key=True),
    Column("units", Milli, nullable=False),
    Column("at", String(40), nullable=False),
    Column("message", String(36), nullable=False),
    Index("ix_receipt_fact_place", "location", "gtin"),
)

plan_changed = Table(  # items and places whose position has changed since they were planned
    "plan_changed",
    metadata,
    Column("location", String(20), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("since", Micros, nullable=False),
    Column("message", String(36), nullable=False, server_default=""),  # the last that has changed it
    Index("ix_plan_changed_since", "since"),
)

plan_line = Table(  # the newest plan of each item and place
    "plan_line",
    metadata,
    Column("location", String(20), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("partner", String(100), nullable=False),  # the supplier, or under VMI the customer
    Column("agreement", String(80), nullable=False),
    Column("method", String(20), nullable=False),
    Column("status", String(20), nullable=False),  # nothing, normal, exception, frozen, ordered
    Column("quantity", Milli, nullable=False),
    Column("proposal", String(80)),
    Column("exceptions", Text, nullable=False, default="[]"),
    Column("stockout_on", String(10)),
    Column("why", Text, nullable=False),
    Column("message", String(36), nullable=False),
    Column("planned_at", Micros, nullable=False),
    Index("ix_plan_line_status", "status", "partner"),
    Index("ix_plan_line_partner", "partner"),
)

plan_order_line = Table(  # why each line that was ordered has its quantity, as it was known then
    "plan_order_line",
    metadata,
    Column("partner", String(100), primary_key=True),
    Column("order_number", String(200), primary_key=True),
    Column("line", String(40), primary_key=True),
    Column("location", String(20), nullable=False),
    Column("gtin", String(14), nullable=False),
    Column("quantity", Milli, nullable=False),
    Column("system_quantity", Milli, nullable=False),  # before a person's word
    Column("why", Text, nullable=False),
    Column("approved_by", String(100), nullable=False),
    Column("message", String(36), nullable=False),
    Column("at", Micros, nullable=False),
    Index("ix_plan_order_line_place", "location", "gtin", "at"),
)

plan_override = Table(
    "plan_override",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("location", String(20), nullable=False),
    Column("gtin", String(14), nullable=False),
    Column("kind", String(20), nullable=False),  # quantity (of one run), forecast (units a day)
    Column("quantity", Milli, nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", String(100), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("message", String(36), nullable=False),
    Column("at", Micros, nullable=False),
    Index("ix_plan_override_place", "location", "gtin"),
)

plan_parameter = Table(
    "plan_parameter",
    metadata,
    Column("location", String(20), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", String(80), nullable=False),
    Column("message", String(36), nullable=False),
)

plan_word = Table(  # what a person has changed, with what stood there before: it can be taken back
    "plan_word",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("author", String(100), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("before", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("undone_by", String(80)),
    Column("at", Micros, nullable=False),
    Index("ix_plan_word_at", "at"),
)

plan_record = Table(  # agreements on continuous replenishment, joint plans, promotions: small records by kind
    "plan_record",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("id", String(80), primary_key=True),
    Column("partner", String(100)),
    Column("state", String(20), nullable=False),
    Column("data", Text, nullable=False),
    Column("message", String(36), nullable=False),
    Column("updated_at", Micros, nullable=False),
    Index("ix_plan_record_partner", "kind", "partner"),
)
