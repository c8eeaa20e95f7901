"""Every table of the journal (SQLAlchemy Core). Times are integer microseconds UTC; JSON is text; numbers of business
are text in canonical decimal form and summed in Python or as scaled integers where named so (*_milli).

Migrations in store/migrations are made from this module; a test fails when they differ.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from gateway.store.columns import Micros, Milli, Serial, open_rows
from gateway.store.columns import metadata as metadata

# The open work of each table. Queries repeat these very words: SQLite takes a partial index only for a condition that
# it can prove from constants, not from parameters.
ARRIVAL_OPEN = "state IN ('received', 'retry')"
MESSAGE_OPEN = "state IN ('received', 'parsed', 'retry')"
PARCEL_OPEN = "state IN ('queued', 'wrapped', 'sending', 'retry')"
PARCEL_WAITING = "state = 'waiting'"
LINE_BACKORDERED = "backordered > 0"
ORDER_WAITING = "status = 'waiting'"
LINE_SUPPLY = "side = 'purchase' AND status NOT IN ('received', 'rejected', 'cancelled')"
CASE_OPEN = "closed_at IS NULL"
INVOICE_OPEN = "status NOT IN ('paid', 'credited')"
EXPECTATION_WAITING = "state = 'waiting'"
EXPECTATION_OPEN = "state IN ('waiting', 'overdue')"
EXPECTATION_OVERDUE = "state = 'overdue'"
ARRIVAL_PARKED = "state IN ('parked', 'quarantined')"  # what waits for a person, by cause
MESSAGE_PARKED = "state IN ('parked', 'quarantined')"
PARCEL_FAILED = "state IN ('refused', 'parked', 'expired')"
MESSAGE_UNFINISHED = ("received", "parsed", "applied", "retry")  # what the list shows as in progress
PARCEL_UNFINISHED = ("queued", "waiting", "wrapped", "sending", "sent", "retry")
ARRIVAL_ALONE = "alone"  # no message has been found in it (yet): it is a line of the list itself
MESSAGE_ATTENTION = "state IN ('parked', 'quarantined', 'held')"  # what the list shows as needing a person
IS_TEST = "test"  # test traffic: little beside what is live
HAS_FAULT = "fault_code IS NOT NULL"
MESSAGE_BLOCKS = "blocks"  # unfinished messages of strict lanes: none overtakes the one before it


payload = Table(
    "payload",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("data", LargeBinary),  # NULL: kept as a blob file of this digest
    # The newest month (see months.py) in which a row came to refer to it: older ones go with the rows of their month.
    Column("month", Integer, nullable=False, server_default="0"),
    Index("ix_payload_month", "month"),
)

arrival = Table(
    "arrival",
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7
    Column("seq", Serial, nullable=False, unique=True),  # order of acceptance
    Column("lane", String(200), nullable=False),
    Column("partner", String(100), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("received_at", Micros, nullable=False),
    Column("next_at", Micros),
    Column("attempts", Integer, nullable=False, default=0),
    Column("sha256", String(64), ForeignKey("payload.sha256"), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("content_type", String(200), nullable=False, default=""),
    Column("filename", String(255)),
    Column("transport_id", String(998)),
    Column("test", Boolean, nullable=False, default=False),
    Column("receipt", LargeBinary),  # JSON of status and headers, NUL, body
    Column("evidence", Text, nullable=False, default="{}"),
    Column("fault", Text),
    Column("fault_code", String(80)),
    Column("fault_place", String(120), nullable=False, server_default=""),  # see forms.fault_place
    Column("origin", String(36)),  # the arrival that a person has edited and put in again as this one
    Column("alone", Boolean, nullable=False, server_default=true()),
    Index("ix_arrival_alone", "received_at", "id", **open_rows(ARRIVAL_ALONE)),
    Index("ix_arrival_received_at", "received_at", "id"),
    Index("ix_arrival_open", "lane", "seq", **open_rows(ARRIVAL_OPEN)),
    Index(
        "ix_arrival_problem",
        "partner",
        "fault_code",
        "fault_place",
        "received_at",
        "state",
        "id",
        **open_rows(ARRIVAL_PARKED),
    ),
)

dedupe = Table(
    "dedupe",
    metadata,
    Column("key", String(64), primary_key=True),  # SHA-256 of the readable key
    Column("kind", String(20), nullable=False),  # arrival, interchange
    Column("sha256", String(64), nullable=False),  # of the payload
    Column("arrival", String(36), nullable=False),
    Column("at", Micros, nullable=False),
    Column("receipt", LargeBinary),  # of an arrival that is archived or dropped: a repeat is still answered with it
    Index("ix_dedupe_at", "at"),
)

interchange = Table(
    "interchange",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("arrival", String(36), ForeignKey("arrival.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("syntax", String(20), nullable=False),
    Column("sender", String(200), nullable=False),
    Column("receiver", String(200), nullable=False),
    Column("reference", String(80), nullable=False),
    Column("test", Boolean, nullable=False),
    Column("status", String(20), nullable=False),
    Column("findings", Text, nullable=False, default="[]"),
    UniqueConstraint("arrival", "position"),
)

message = Table(
    "message",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("seq", Serial, nullable=False),  # of its arrival
    Column("arrival", String(36), ForeignKey("arrival.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("interchange", Serial, ForeignKey("interchange.id")),
    Column("lane", String(200), nullable=False),
    Column("partner", String(100), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("type", String(60), nullable=False),
    Column("mapping", String(200)),
    Column("mapping_hash", String(64)),
    Column("reference", String(80)),
    Column("document_type", String(60)),
    Column("document", Text),
    Column("business_number", String(200)),
    Column("findings", Text, nullable=False, default="[]"),
    Column("sources", Text, nullable=False, default="{}"),
    Column("fault", Text),
    Column("fault_code", String(80)),
    Column("fault_place", String(120), nullable=False, server_default=""),
    Column("owner", String(20)),
    Column("start", BigInteger, nullable=False, default=0),
    Column("end", BigInteger, nullable=False, default=0),
    Column("test", Boolean, nullable=False, default=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Micros),
    Column("received_at", Micros, nullable=False),
    Column("updated_at", Micros, nullable=False),
    Column("blocks", Boolean, nullable=False, default=False, server_default=false()),
    UniqueConstraint("arrival", "position"),
    Index("ix_message_open", "lane", "seq", "position", **open_rows(MESSAGE_OPEN)),
    Index("ix_message_parked", "partner", "received_at", **open_rows(MESSAGE_ATTENTION)),
    Index("ix_message_attention", "received_at", "id", "state", "partner", "channel", **open_rows(MESSAGE_ATTENTION)),
    Index("ix_message_fault", "received_at", "id", "fault_code", "state", "partner", **open_rows(HAS_FAULT)),
    Index("ix_message_test", "received_at", "id", **open_rows(IS_TEST)),
    Index(
        "ix_message_problem",
        "partner",
        "fault_code",
        "fault_place",
        "received_at",
        "updated_at",
        "state",
        **open_rows(MESSAGE_PARKED),
    ),
    Index("ix_message_blocks", "lane", "seq", "position", **open_rows(MESSAGE_BLOCKS)),
    Index("ix_message_received_at", "received_at", "id"),
    Index("ix_message_unfinished", "received_at", "id", **open_rows(f"state IN {MESSAGE_UNFINISHED}")),
    Index("ix_message_type", "type", "received_at", "id"),
    Index("ix_message_document_type", "document_type", "received_at", "id"),
    Index("ix_message_partner", "partner", "received_at", "id"),
    Index("ix_message_business_number", "business_number"),
)

lane = Table(
    "lane",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("mode", String(10), nullable=False, default="loose"),
    Column("epoch", Integer, nullable=False, default=0),
    Column("owner", String(80)),
    Column("lease_until", Micros),
    Column("blocked_by", String(36)),
)

node = Table(
    "node",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("host", String(100), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("build", String(40), nullable=False),
    Column("started_at", Micros, nullable=False),  # real time, whatever the gateway's clock says
    Column("seen_at", Micros, nullable=False),
    Column("stopped_at", Micros),
)

hold = Table(
    "hold",
    metadata,
    Column("kind", String(10), primary_key=True),  # partner, channel, type
    Column("key", String(100), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("user", String(100), nullable=False),
    Column("at", Micros, nullable=False),
)

breaker = Table(
    "breaker",
    metadata,
    Column("partner", String(100), primary_key=True),
    Column("failures", Integer, nullable=False),  # in a row
    Column("open_until", Micros),
    Column("fault_code", String(80)),
    Column("updated_at", Micros, nullable=False),
)

bulk = Table(
    "bulk",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    Column("chosen", Text, nullable=False),  # JSON of the filter
    Column("state", String(20), nullable=False),  # running, done, cancelled
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("updated_at", Micros, nullable=False),
)

parcel = Table(
    "parcel",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("seq", Serial, nullable=False, unique=True),
    Column("partner", String(100), nullable=False),
    Column("channel", String(40), nullable=False),  # key of Partner.channels
    Column("mapping", String(200), nullable=False),
    Column("document_type", String(60), nullable=False),
    Column("business_number", String(200)),
    Column("control_reference", String(80)),
    Column("document", Text),
    Column("sha256", String(64), ForeignKey("payload.sha256"), nullable=False),
    Column("content_type", String(200), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("cause", String(36)),  # message id
    Column("about", String(200)),
    Column("test", Boolean, nullable=False, default=False),
    Column("state", String(20), nullable=False),
    Column("expects", String(20)),
    Column("due", Micros),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Micros, nullable=False, default=0),  # claimable from then on: created, retry, end of lease
    Column("epoch", Integer, nullable=False, default=0),
    Column("owner", String(80)),
    Column("lease_until", Micros),
    Column("transport_id", String(998)),
    Column("wrapped_headers", Text),
    Column("wrapped_body", LargeBinary),
    Column("wrapped_sha256", String(64)),  # of a body that is too large for the row: a payload of its own
    Column("mic", String(200)),
    Column("proof", Text),  # JSON evidence
    Column("proof_body", LargeBinary),
    Column("fault", Text),
    Column("fault_code", String(80)),
    Column("fault_place", String(120), nullable=False, server_default=""),
    Column("carrier", String(36)),  # the parcel that it went out in, together with others
    Column("lot", String(200)),  # what it may go out with (see pipeline.batching)
    Column("message_reference", String(14)),  # UNH 0062, of one that is carried
    Column("created_at", Micros, nullable=False),
    Column("updated_at", Micros, nullable=False),
    Index("ix_parcel_carrier", "carrier", **open_rows("carrier IS NOT NULL")),
    Index("ix_parcel_lot", "lot", **open_rows(PARCEL_WAITING)),
    Index(
        "ix_parcel_problem",
        "partner",
        "fault_code",
        "fault_place",
        "created_at",
        "updated_at",
        "state",
        **open_rows(PARCEL_FAILED),
    ),
    Index("ix_parcel_failed", "created_at", "id", "state", "partner", **open_rows(PARCEL_FAILED)),
    Index("ix_parcel_fault", "created_at", "id", "fault_code", "state", "partner", **open_rows(HAS_FAULT)),
    Index("ix_parcel_test", "created_at", "id", **open_rows(IS_TEST)),
    Index("ix_parcel_open", "next_at", "seq", **open_rows(PARCEL_OPEN)),
    Index("ix_parcel_cause", "cause"),
    Index("ix_parcel_transport_id", "transport_id"),
    Index("ix_parcel_control", "partner", "control_reference"),
    Index("ix_parcel_business_number", "business_number"),
    Index("ix_parcel_created_at", "created_at", "id"),
    Index("ix_parcel_unfinished", "created_at", "id", **open_rows(f"state IN {PARCEL_UNFINISHED}")),
    Index("ix_parcel_document_type", "document_type", "created_at", "id"),
    Index("ix_parcel_partner", "partner", "created_at", "id"),
)

timer = Table(
    "timer",
    metadata,
    Column("kind", String(40), primary_key=True),
    Column("subject", String(200), primary_key=True),
    Column("due", Micros, nullable=False, index=True),
)

tick = Table(
    "tick",
    metadata,
    Column("job", String(80), primary_key=True),
    Column("planned", Micros, primary_key=True),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

effect = Table(
    "effect",
    metadata,
    Column("message", String(36), primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("data", Text, nullable=False),
    Column("test", Boolean, nullable=False, default=False),  # True: recorded, nothing changed
    Column("at", Micros, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Micros, nullable=False),
    Column("subject", String(36), nullable=False),  # arrival, message or parcel id
    Column(
        "what", String(60), nullable=False
    ),  # received, parsed, applied, parked, wrapped, sent, acked, replayed, ...
    Column("data", Text, nullable=False, default="{}"),
    Index("ix_event_subject", "subject", "id"),
)

definition = Table(
    "definition",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("files", Text, nullable=False),  # JSON path -> text
    Column("at", Micros, nullable=False),
    Column("active", Boolean, nullable=False, default=True),
)

# --- a log that grows -------------------------------------------------------------------------------------------------

Sorted36 = String(36).with_variant(String(36, collation="C"), "postgresql")  # compared byte by byte, as SQLite does
SortedKey = String(100).with_variant(String(100, collation="C"), "postgresql")

search_key = Table(
    "search_key",
    metadata,
    Column("subject", Sorted36, primary_key=True),  # id of an arrival (all its messages), message or parcel
    Column("kind", String(10), primary_key=True),  # number, reference, order, despatch, invoice, gln, file, transport
    Column("value", SortedKey, primary_key=True),  # as search_keys.normal gives it
    Column("of", String(10), nullable=False),  # arrival, message, parcel
    Column("at", Micros, nullable=False),  # when its subject was received or made
    Index("ix_search_key_value", "value", "at", "subject", "of"),
    sqlite_with_rowid=False,
)

legal_hold = Table(  # what may not be dropped; every condition that is set must be met
    "legal_hold",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("partner", String(100)),
    Column("type", String(60)),  # on the wire or canonical
    Column("subject", String(36)),  # an arrival, message or parcel
    Column("since", Micros),
    Column("until", Micros),
    Column("reason", Text, nullable=False),
    Column("user", String(100), nullable=False),
    Column("at", Micros, nullable=False),
    Column("released_at", Micros),
)

# --- business records -------------------------------------------------------------------------------------------------

stock = Table(
    "stock",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("location", String(20), primary_key=True),
    Column("on_hand", Milli, nullable=False, default=0),
    Column("allocated", Milli, nullable=False, default=0),
    Column("backordered", Milli, nullable=False, default=0),
    Column("on_order", Milli, nullable=False, default=0),
    Column("in_transit", Milli, nullable=False, default=0),
    Column("updated_at", Micros, nullable=False),
)

business_order = Table(
    "business_order",
    metadata,
    Column("side", String(10), primary_key=True),
    Column("partner", String(100), primary_key=True),
    Column("number", String(200), primary_key=True),
    Column("status", String(20), nullable=False),
    Column("ordered_on", String(10), nullable=False),
    Column("ship_to", String(20)),
    Column("currency", String(3)),
    Column("digest", String(64)),
    Column("document", Text),
    Column("pending", Text),
    Column("message", String(36)),
    Column("effect_key", String(200), nullable=False, default=""),
    Column("updated_at", Micros, nullable=False),
    Index("ix_business_order_number", "number"),
    Index("ix_business_order_updated", "updated_at", "number"),
    Index("ix_business_order_waiting", "updated_at", **open_rows(ORDER_WAITING)),
    Index("ix_business_order_ship_to", "ship_to"),
)

order_line = Table(
    "order_line",
    metadata,
    Column("side", String(10), primary_key=True),
    Column("partner", String(100), primary_key=True),
    Column("order_number", String(200), primary_key=True),
    Column("number", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("gtin", String(14), nullable=False),
    Column("ordered", Milli, nullable=False),
    Column("confirmed", Milli, nullable=False, default=0),
    Column("backordered", Milli, nullable=False, default=0),
    Column("despatched", Milli, nullable=False, default=0),
    Column("received", Milli, nullable=False, default=0),
    Column("status", String(20), nullable=False),
    Column("price", String(40)),
    Column("promised", String(10)),
    Column("invoiced", Milli, nullable=False, default=0, server_default="0"),
    Column("returned", Milli, nullable=False, default=0, server_default="0"),
    Column("requested", String(10)),
    Column("reason", String(80)),
    Index("ix_order_line_backordered", "gtin", **open_rows(LINE_BACKORDERED)),
    Index("ix_order_line_gtin", "gtin", "order_number"),
    Index("ix_order_line_supply", "gtin", **open_rows(LINE_SUPPLY)),
)

shipment = Table(
    "shipment",
    metadata,
    Column("side", String(10), primary_key=True),
    Column("partner", String(100), primary_key=True),
    Column("number", String(200), primary_key=True),
    Column("order_number", String(200)),
    Column("status", String(20), nullable=False),
    Column("despatched_at", String(40)),
    Column("lines", Text, nullable=False, default="[]"),
    Column("document", Text),
    Column("message", String(36)),
    Column("effect_key", String(200), nullable=False, default=""),
    Column("updated_at", Micros, nullable=False),
    Index("ix_shipment_order", "side", "partner", "order_number"),
    Index("ix_shipment_despatched", "side", "partner", **open_rows("status = 'despatched'")),
)

logistic_unit = Table(
    "logistic_unit",
    metadata,
    Column("sscc", String(18), primary_key=True),
    Column("partner", String(100), nullable=False),
    Column("shipment_number", String(200), nullable=False),
    Column("message", String(36)),
    Column("effect_key", String(200), nullable=False, default=""),
    Column("used_at", Micros, nullable=False),
)

sales = Table(
    "sales",
    metadata,
    Column("partner", String(100), primary_key=True),
    Column("location", String(20), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("sold", Milli, nullable=False),
    Column("returned", Milli, nullable=False, default=0),
    Column("message", String(36)),
    Column("lost", Milli, nullable=False, default=0, server_default="0"),  # asked for and not there
    Column("excluded", Milli, nullable=False, default=0, server_default="0"),  # of sold: not to be replenished
    Column("promo", Milli, nullable=False, default=0, server_default="0"),  # of sold: on promotion
    Column("report", String(200), nullable=False, default="", server_default=""),
    Index("ix_sales_gtin_day", "gtin", "day"),
)

reported_stock = Table(
    "reported_stock",
    metadata,
    Column("partner", String(100), primary_key=True),
    Column("location", String(20), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("type", String(20), primary_key=True),
    Column("quantity", Milli, nullable=False),
    Column("at", String(40), nullable=False),
    Column("message", String(36)),
)

proposal = Table(
    "proposal",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("supplier", String(100), nullable=False),
    Column("status", String(20), nullable=False),
    Column("value", String(40)),
    Column("currency", String(3)),
    Column("document", Text, nullable=False),
    Column("message", String(36)),
    Column("created_at", Micros, nullable=False),
    Column("updated_at", Micros, nullable=False),
    Index("ix_proposal_open", "supplier", **open_rows("status = 'proposed'")),
)

account = Table(
    "account",
    metadata,
    Column("id", String(100), primary_key=True),  # partner id
    Column("figures", Text, nullable=False, default="{}"),  # JSON name -> decimal text
    Column("last_activity_at", Micros),
    Column("last_activity", String(40)),
)

activity = Table(
    "activity",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account", String(100), nullable=False),
    Column("at", Micros, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("figures", Text, nullable=False, default="{}"),
    Column("message", String(36)),
    Index("ix_activity_account", "account", "at"),
)

case = Table(
    "case",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account", String(100), nullable=False),
    Column("code", String(80), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("params", Text, nullable=False, default="{}"),
    Column("times", Integer, nullable=False, default=1),
    Column("opened_at", Micros, nullable=False),
    Column("updated_at", Micros, nullable=False),
    Column("closed_at", Micros),
    Column("message", String(36)),
    Index("uq_case_open", "account", "code", "subject", unique=True, **open_rows(CASE_OPEN)),
)

# --- our own house, its master data and the chain from order to cash ------------------------------------------------

item = Table(
    "item",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("name_zh", String(200)),
    Column("unit", String(10), nullable=False),
    Column("supplier", String(100)),
    Column("supplier_item", String(80)),
    Column("pack", String(40), nullable=False),  # order multiple towards the supplier
    Column("sales_price", String(40)),
    Column("purchase_price", String(40)),
    Column("currency", String(3), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("category", String(100)),
    Column("substitute", String(14)),
    Column("updated_at", Micros, nullable=False),
    Index("ix_item_supplier", "supplier", "supplier_item"),
)

item_pack = Table(
    "item_pack",
    metadata,
    Column("gtin", String(14), primary_key=True),  # of the pack
    Column("inner", String(14), nullable=False),
    Column("contents", Milli, nullable=False),
    Column("level", String(20), nullable=False),  # case, layer, pallet
    Column("updated_at", Micros, nullable=False),
    Index("ix_item_pack_inner", "inner"),
)

price = Table(
    "price",
    metadata,
    Column("price_list", String(80), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("minimum", Milli, primary_key=True),  # from that many units
    Column("valid_from", String(10), primary_key=True),
    Column("valid_to", String(10)),
    Column("price", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("updated_at", Micros, nullable=False),
)

place = Table(
    "place",
    metadata,
    Column("gln", String(20), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("partner", String(100)),
    Column("data", Text, nullable=False, default="{}"),
    Column("updated_at", Micros, nullable=False),
    Index("ix_place_partner", "partner"),
)

offer = Table(
    "offer",
    metadata,
    Column("supplier", String(100), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("minimum", Milli, primary_key=True),
    Column("valid_from", String(10), primary_key=True),
    Column("valid_to", String(10)),
    Column("price", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("name", String(200), nullable=False, default=""),
    Column("supplier_item", String(80)),
    Column("increment", Milli, nullable=False, default=1000),
    Column("lead_time_days", Integer),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Column("message", String(36)),
    Column("updated_at", Micros, nullable=False),
    Index("ix_offer_gtin", "gtin", "supplier"),
)

basket_line = Table(
    "basket_line",
    metadata,
    Column("user", String(100), primary_key=True),
    Column("supplier", String(100), primary_key=True),
    Column("gtin", String(14), primary_key=True),
    Column("quantity", Milli, nullable=False),
    Column("updated_at", Micros, nullable=False),
)

invoice = Table(
    "invoice",
    metadata,
    Column("side", String(10), primary_key=True),
    Column("partner", String(100), primary_key=True),
    Column("number", String(200), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("issued_on", String(10), nullable=False),
    Column("due_on", String(10)),
    Column("currency", String(3), nullable=False),
    Column("net", String(40), nullable=False),
    Column("tax", String(40), nullable=False),
    Column("gross", String(40), nullable=False),
    Column("open", String(40), nullable=False),
    Column("order_number", String(200)),
    Column("shipment_number", String(200)),
    Column("credits", String(200)),
    Column("document", Text),
    Column("message", String(36)),
    Column("effect_key", String(200), nullable=False, default=""),
    Column("updated_at", Micros, nullable=False),
    Index("ix_invoice_open", "side", "partner", **open_rows(INVOICE_OPEN)),
    Index("ix_invoice_number", "number"),
    Index("ix_invoice_order", "order_number"),
)

invoice_line = Table(
    "invoice_line",
    metadata,
    Column("side", String(10), primary_key=True),
    Column("partner", String(100), primary_key=True),
    Column("invoice_number", String(200), primary_key=True),
    Column("number", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("gtin", String(14), nullable=False),
    Column("quantity", Milli, nullable=False),
    Column("price", String(40)),
    Column("amount", String(40), nullable=False),
    Column("order_number", String(200)),
    Column("order_line", String(40)),
)

settlement = Table(
    "settlement",
    metadata,
    Column("side", String(10), primary_key=True),
    Column("partner", String(100), primary_key=True),
    Column("remittance", String(200), primary_key=True),
    Column("invoice_number", String(200), primary_key=True),
    Column("paid", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("paid_on", String(10), nullable=False),
    Column("adjustment", String(40), nullable=False, default="0"),
    Column("reason", String(200)),
    Column("message", String(36)),
    Index("ix_settlement_invoice", "side", "partner", "invoice_number"),
)

return_notice = Table(
    "return_notice",
    metadata,
    Column("side", String(10), primary_key=True),
    Column("partner", String(100), primary_key=True),
    Column("number", String(200), primary_key=True),
    Column("status", String(20), nullable=False),
    Column("order_number", String(200)),
    Column("shipment_number", String(200)),
    Column("lines", Text, nullable=False, default="[]"),
    Column("document", Text),
    Column("message", String(36)),
    Column("effect_key", String(200), nullable=False, default=""),
    Column("updated_at", Micros, nullable=False),
    Index("ix_return_notice_order", "side", "partner", "order_number"),
)

link = Table(
    "link",
    metadata,
    Column("side", String(10), primary_key=True),
    Column("partner", String(100), primary_key=True),
    Column("source_type", String(60), primary_key=True),
    Column("source", String(200), primary_key=True),
    Column("to_type", String(60), primary_key=True),
    Column("to", String(200), primary_key=True),
    Column("message", String(36)),
    Column("at", Micros, nullable=False),
    Index("ix_link_to", "partner", "to_type", "to"),
)

expectation = Table(
    "expectation",
    metadata,
    Column("partner", String(100), primary_key=True),
    Column("document_type", String(60), primary_key=True),
    Column("subject", String(200), primary_key=True),
    Column("state", String(10), nullable=False),  # waiting, overdue, met, late
    Column("due", Micros, nullable=False),
    Column("message", String(36)),  # that made us expect it
    Column("met_at", Micros),
    Column("met_by", String(36)),  # message
    Index("ix_expectation_waiting", "due", **open_rows(EXPECTATION_WAITING)),
    Index("ix_expectation_open", "due", "partner", "document_type", "subject", "state", **open_rows(EXPECTATION_OPEN)),
    Index("ix_expectation_overdue", "partner", "document_type", "due", **open_rows(EXPECTATION_OVERDUE)),
    Index("ix_expectation_partner", "partner", "due"),
)

import_run = Table(
    "import_run",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("file", String(255), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("user", String(100), nullable=False),
    Column("state", String(20), nullable=False),  # running, done, failed, undoing, undone
    Column("rows", Integer, nullable=False, default=0),
    Column("changed", Integer, nullable=False, default=0),
    Column("rejected", Integer, nullable=False, default=0),
    Column("problems", Text, nullable=False, default="[]"),  # JSON, the first thousand
    Column("at", Micros, nullable=False),
    Column("updated_at", Micros, nullable=False),
    Index("ix_import_run_at", "at", "id"),
)

import_change = Table(
    "import_change",
    metadata,
    Column("run", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("key", Text, nullable=False),  # JSON of the row's primary key
    Column("before", Text),  # JSON: written at, row as it was (null: there was none); of stock the difference
)

import_columns = Table(
    "import_columns",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("header", String(64), primary_key=True),  # SHA-256 of the file's header line
    Column("columns", Text, nullable=False),  # JSON: our column -> theirs
    Column("at", Micros, nullable=False),
)

# --- access -----------------------------------------------------------------------------------------------------------

user = Table(
    "user",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("role", String(20), nullable=False),  # admin, operator, planner, account-manager, auditor, partner
    Column("partner", String(100)),
    Column("password", String(200)),  # argon2; NULL: one-time links only
    Column("language", String(10)),
    Column("created_at", Micros, nullable=False),
    Column("disabled_at", Micros),
    Column("partners", Text),  # JSON list of partner ids that the person sees; NULL: all
    Column("fields", Text),  # JSON list of field groups that are shown; NULL: those of the role
    Column("totp", Text),  # secret, sealed by the key store
    Column("totp_since", Micros),  # a code has been shown to work; NULL: not yet asked for
    Column("totp_step", BigInteger),  # of the last code that was taken: none counts twice
    Column("password_at", Micros),
    Column("seen_at", Micros),  # last sign-in
)

login_link = Table(
    "login_link",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("user", Serial, ForeignKey("user.id"), nullable=False),
    Column("expires_at", Micros, nullable=False),
    Column("used_at", Micros),
)

session = Table(
    "session",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("user", Serial, ForeignKey("user.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("expires_at", Micros, nullable=False),
    Column("agent", String(200)),
    Column("address", String(64)),
    Column("method", String(20)),  # link, password, code, recovery
    Column("seen_at", Micros),
    Column("pending", Boolean, nullable=False, server_default=false()),  # the second factor is still to come
)

api_key = Table(
    "api_key",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("role", String(20), nullable=False),  # partner, or a console role
    Column("partner", String(100)),
    Column("created_at", Micros, nullable=False),
    Column("revoked_at", Micros),
    Column("partners", Text),
    Column("fields", Text),
    Column("scopes", Text),  # JSON list of permissions; NULL: all of the role
    Column("expires_at", Micros),
    Column("used_at", Micros),
    Column("issued_by", String(100)),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Micros, nullable=False),
    Column("user", String(100), nullable=False),
    Column("action", String(80), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index("ix_audit_subject", "subject", "id"),
)

# --- tables of single areas, on the same metadata ---------------------------------------------------------------------

from gateway.store import (  # noqa: E402, F401 - they need metadata
    tables_access,
    tables_console,
    tables_crm,
    tables_crm_selling,
    tables_kept,
    tables_mappings,
    tables_operations,
    tables_partners,
    tables_people,
    tables_planning,
)
