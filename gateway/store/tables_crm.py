"""Tables of the customer record: all but crm_act and crm_rule are projections, made anew from the journal at will."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from gateway.store.columns import Micros, Milli, Serial, metadata, open_rows

# Messages whose effects the record has not heard of yet
crm_due = Table(
    "crm_due",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("message", String(36), nullable=False),
)

crm_event = Table(
    "crm_event",
    metadata,
    Column("id", String(400), primary_key=True),
    Column("account", String(100), nullable=False),
    Column("at", Micros, nullable=False),
    Column("kind", String(100), nullable=False),
    Column("direction", String(10), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("facts", Text, nullable=False),  # JSON name -> text; numbers are marked with a leading #
    Column("message", String(36)),
    Column("place", String(200)),
    Column("origin", String(100)),  # the account that it was told of, where that one has become a part of another
    Index("ix_crm_event_account", "account", "at", "id"),
    Index("ix_crm_event_kind", "kind", "at"),
)

CRM_CASE_OPEN = "closed_at IS NULL"
crm_case = Table(
    "crm_case",
    metadata,
    Column("id", String(800), primary_key=True),  # problem and the event that opened it
    Column("problem", String(500), nullable=False),
    Column("rule", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("account", String(100), nullable=False),
    Column("direction", String(10), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("type", String(30), nullable=False),
    Column("urgency", String(10), nullable=False),
    Column("owner", String(30), nullable=False),  # role
    Column("times", Integer, nullable=False),
    Column("opened_at", Micros, nullable=False),
    Column("last_at", Micros, nullable=False),
    Column("closed_at", Micros),
    Column("opened_by", String(400), nullable=False),  # event
    Column("closed_by", String(400)),
    Column("message", String(36)),
    Index("ix_crm_case_account", "account", "opened_at"),
    Index("ix_crm_case_open", "opened_at", **open_rows(CRM_CASE_OPEN)),
)

crm_case_event = Table(
    "crm_case_event",
    metadata,
    Column("case", String(800), primary_key=True),
    Column("event", String(400), primary_key=True),
    Column("what", String(10), primary_key=True),  # open, again, close
)

# What people did with a case: a source, never rebuilt
crm_act = Table(
    "crm_act",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("case", String(800), nullable=False),
    Column("at", Micros, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("actor", String(100), nullable=False),
    Column("data", Text, nullable=False),
    Index("ix_crm_act_case", "case", "id"),
)

# What an account did on a day, in sums
crm_day = Table(
    "crm_day",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", Milli, nullable=False),
)

crm_metric = Table(
    "crm_metric",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", String(60)),  # NULL: not enough data
    Column("rows", Integer, nullable=False),  # so many facts it rests on
    Column("since", String(10)),
    Column("until", String(10), nullable=False),
    Column("parts", Text, nullable=False),  # JSON: what it was made of
    Column("at", Micros, nullable=False),
    Index("ix_crm_metric_name", "name", "account"),
)

crm_rule = Table(
    "crm_rule",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("rule", Text, nullable=False),  # JSON
    Column("actor", String(100), nullable=False),
    Column("at", Micros, nullable=False),
)
