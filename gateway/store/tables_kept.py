"""What is kept of the past so that a night need not read it again: days of sales and states of forecasts, in columns.

All of it can be made anew from the rows of the journal; nothing else is written from it but which plans are due.
"""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, text

from gateway.store.columns import Micros, metadata
from gateway.store.tables import reported_stock, sales
from gateway.store.tables_planning import plan_line, receipt_fact, stock_fact

plan_shard = Table(  # the items of some places of an agreement: see domain.replenishment.kept
    "plan_shard",
    metadata,
    Column("agreement", String(80), primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("schema", Integer, nullable=False),  # of data; another one is made anew
    Column("data", LargeBinary, nullable=False),
    Column("looked_at", Micros, nullable=False),
)

# Days of which a report has said something since the shard of their place was looked at. A row of each message, so that
# one that is being written while another is read is not lost. gtin: of one item alone; "": of all of the place.
fact_changed = Table(
    "fact_changed",
    metadata,
    Column("location", String(20), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("message", String(36), primary_key=True),
)

plan_due = Table(  # what the last look over everything has found to need a plan
    "plan_due",
    metadata,
    Column("run", String(80), primary_key=True),
    Column("location", String(20), primary_key=True),
    Column("gtin", String(14), primary_key=True),
)

Index("ix_sales_place_day", sales.c.location, sales.c.day)
Index("ix_reported_stock_place", reported_stock.c.location, reported_stock.c.gtin)
Index("ix_stock_fact_at", stock_fact.c.location, stock_fact.c.at)
Index("ix_receipt_fact_at", receipt_fact.c.location, receipt_fact.c.at)
_NOTHING_THERE = text("quantity <= 0")
Index(
    "ix_stock_fact_empty",
    stock_fact.c.location,
    stock_fact.c.gtin,
    stock_fact.c.at,
    sqlite_where=_NOTHING_THERE,
    postgresql_where=_NOTHING_THERE,
)
QUIET = text("status = 'nothing' AND exceptions = '[]' AND stockout_on IS NULL")
Index("ix_plan_line_quiet", plan_line.c.location, plan_line.c.gtin, sqlite_where=QUIET, postgresql_where=QUIET)
