"""Tables of what is agreed with accounts as our house tells it: calendars, and versions of customers."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from gateway.store.columns import Micros, metadata

calendar = Table(
    "calendar",
    metadata,
    Column("owner", String(100), primary_key=True),  # partner id, self, or GLN of a place
    Column("kind", String(20), primary_key=True),  # ordering, delivery, receiving, holiday
    Column("valid_from", String(10), primary_key=True),
    Column("valid_to", String(10)),
    Column("weekdays", String(20), nullable=False, default=""),  # 1 2 3: Monday first; empty: every day
    Column("closed", Text, nullable=False, default=""),  # days, with blanks between
    Column("opened", Text, nullable=False, default=""),
    Column("cut_off", String(5)),
    Column("zone", String(60), nullable=False, default="UTC"),
    Column("updated_at", Micros, nullable=False),
)

customer = Table(
    "customer",
    metadata,
    Column("account", String(100), primary_key=True),  # partner id
    Column("valid_from", String(10), primary_key=True),
    Column("valid_to", String(10)),
    Column("name", String(200), nullable=False, default=""),
    Column("number", String(80)),  # what our house calls it
    Column("data", Text, nullable=False, default="{}"),  # address, contact
    Column("price_list", String(80)),
    Column("currency", String(3)),
    Column("minimum_value", String(40)),
    Column("lead_time_days", Integer),
    Column("delivery_days", String(20), nullable=False, default=""),
    Column("response_h", Integer),
    Column("credit_class", String(1)),
    Column("credit_limit", String(40)),
    Column("items", String(80)),
    Column("auto_value", String(40)),
    Column("auto_quantity", String(40)),
    Column("price_tolerance", String(40)),
    Column("quantity_tolerance", String(40)),
    Column("substitutes", Boolean),
    Column("partial", Boolean),
    Column("payment_days", Integer),
    Column("updated_at", Micros, nullable=False),
)
