"""Tables of operations: what people say about problems, what a bulk replay took, alert rules and what they told."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from gateway.store.columns import Micros, metadata

FIRING_OPEN = "cleared_at IS NULL"
DELIVERY_OPEN = "state IN ('queued', 'sending')"

problem = Table(  # what people have said of one cause; its messages are counted from their own rows
    "problem",
    metadata,
    Column("id", String(32), primary_key=True),  # see view_problem_rows.problem_id
    Column("kind", String(10), nullable=False),  # message, parcel, arrival, absent
    Column("code", String(80), nullable=False),
    Column("partner", String(100), nullable=False),
    Column("place", String(120), nullable=False),
    Column("state", String(14), nullable=False),  # open, acknowledged, snoozed, resolved
    Column("owner", String(100)),
    Column("note", Text, nullable=False),
    Column("until", Micros),  # of a snoozed one
    Column("marked_at", Micros, nullable=False),  # what has happened since then reopens a resolved one
    Column("user", String(100), nullable=False),
    Column("updated_at", Micros, nullable=False),
)

bulk_item = Table(
    "bulk_item",
    metadata,
    Column("bulk", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("subject", String(36), nullable=False),
)

alert_rule = Table(
    "alert_rule",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("kind", String(30), nullable=False),  # see ports.alerts
    Column("partner", String(100)),  # None: every partner
    Column("params", Text, nullable=False),  # JSON name -> number as text
    Column("targets", Text, nullable=False),  # JSON list of [kind, address]
    Column("quiet", Text),  # JSON [from, to, zone]; None: at any hour
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("updated_at", Micros, nullable=False),
    Column("user", String(100), nullable=False),
)

alert_firing = Table(
    "alert_firing",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("rule", String(36), nullable=False),
    Column("subject", String(200), nullable=False),  # a partner, a problem, a certificate: what the rule looks at
    Column("since", Micros, nullable=False),  # when the condition began
    Column("fired_at", Micros, nullable=False),
    Column("cleared_at", Micros),
    Column("code", String(80), nullable=False),  # of the catalogue: the sentence that is told
    Column("params", Text, nullable=False),
    Column("link", String(300), nullable=False),  # page of the console, from /
    Column("test", Boolean, nullable=False),
    Index("uq_alert_firing_open", "rule", "subject", unique=True,
          sqlite_where=text(FIRING_OPEN), postgresql_where=text(FIRING_OPEN)),
    Index("ix_alert_firing_fired_at", "fired_at"),
)  # fmt: skip

alert_delivery = Table(
    "alert_delivery",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("firing", String(36), nullable=False),
    Column("kind", String(10), nullable=False),  # email, webhook, wecom, dingtalk, feishu
    Column("target", String(500), nullable=False),
    Column("state", String(10), nullable=False),  # queued, sending, sent, failed, dropped
    Column("attempts", Integer, nullable=False),
    Column("next_at", Micros, nullable=False),
    Column("error", Text),
    Column("updated_at", Micros, nullable=False),
    Index("ix_alert_delivery_open", "next_at",
          sqlite_where=text(DELIVERY_OPEN), postgresql_where=text(DELIVERY_OPEN)),
    Index("ix_alert_delivery_firing", "firing"),
)  # fmt: skip
