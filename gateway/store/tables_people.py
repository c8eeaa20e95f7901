"""Tables of accounts, sites and persons: crm_party, crm_party_key and the contacts of origin "document" are projections
of documents; all else is what people have said and decided, a source that is never made anew."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from gateway.store.columns import Micros, Serial, metadata, open_rows

PARTY_OPEN = "state = 'open'"
TASK_OPEN = "done_at IS NULL"

# A party as one partner tells of it
crm_party = Table(
    "crm_party",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("teller", String(100), nullable=False),
    Column("key", String(300), nullable=False),
    Column("name", String(200), nullable=False),
    Column("gln", String(20)),
    Column("parent", String(80)),
    Column("roles", Text, nullable=False),  # JSON list
    Column("registered", Boolean, nullable=False),  # told in master data, not only beside an order
    Column("data", Text, nullable=False),  # JSON of domain.crm.parties.Told
    Column("account", String(100)),  # whose it is; NULL: nobody knows yet
    Column("state", String(12), nullable=False),  # itself, linked, open, accepted, rejected
    Column("first_at", Micros, nullable=False),
    Column("last_at", Micros, nullable=False),
    Column("first_message", String(36), nullable=False),
    Column("last_message", String(36), nullable=False),
    Column("place", String(200), nullable=False),  # path in the last message's document
    Index("ix_crm_party_account", "account", "name"),
    Index("ix_crm_party_open", "last_at", "id", **open_rows(PARTY_OPEN)),
)

# Under which keys a party is compared with others
crm_party_key = Table(
    "crm_party_key",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("party", String(40), primary_key=True),
    Index("ix_crm_party_key_party", "party"),
)

# Accepted, rejected, merged; undone decisions stay
crm_decision = Table(
    "crm_decision",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("kind", String(10), nullable=False),  # accept, reject, merge
    Column("party", String(40)),
    Column("account", String(100)),
    Column("gone", String(100)),  # of a merge
    Column("keys", Text, nullable=False),  # JSON list of identifiers and names that mean the account from now on
    Column("reason", Text, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("at", Micros, nullable=False),
    Column("undone_at", Micros),
    Column("undone_by", String(100)),
    Index("ix_crm_decision_account", "account"),
)

# What people say of an account; one that no partner stands behind lives here alone
crm_profile = Table(
    "crm_profile",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(10), nullable=False),  # customer, supplier, both
    Column("data", Text, nullable=False),  # JSON of domain.crm.profiles.Profile
    Column("owner", String(100)),
    Column("status", String(40)),
    Column("updated_at", Micros, nullable=False),
    Column("actor", String(100), nullable=False),
    Index("ix_crm_profile_owner", "owner"),
)

crm_contact = Table(
    "crm_contact",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(100), nullable=False),
    Column("origin", String(10), nullable=False),  # document, person
    Column("party", String(40)),  # of origin "document"
    Column("name", String(200), nullable=False),
    Column("phone", String(60)),
    Column("mail", String(254)),
    Column("data", Text, nullable=False),  # JSON of domain.crm.contacts.Contact
    Column("first_at", Micros, nullable=False),
    Column("last_at", Micros, nullable=False),
    Column("message", String(36)),
    Column("actor", String(100), nullable=False),
    Index("ix_crm_contact_account", "account", "name"),
    Index("ix_crm_contact_name", "name"),
)

crm_interaction = Table(
    "crm_interaction",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(100), nullable=False),
    Column("contact", String(40)),
    Column("at", Micros, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("topic", String(40)),
    Column("direction", String(3), nullable=False),  # in, out
    Column("subject", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("fields", Text, nullable=False),  # JSON own field -> value
    Column("message", String(36)),
    Column("case", String(40)),
    Column("actor", String(100), nullable=False),
    Index("ix_crm_interaction_account", "account", "at"),
)

crm_task = Table(
    "crm_task",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(100)),
    Column("contact", String(40)),
    Column("case", String(40)),
    Column("kind", String(40), nullable=False),
    Column("title", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("owner", String(100), nullable=False),
    Column("due_at", Micros, nullable=False),
    Column("remind_at", Micros),
    Column("done_at", Micros),
    Column("result", Text),
    Column("actor", String(100), nullable=False),
    Column("created_at", Micros, nullable=False),
    Index("ix_crm_task_owner", "owner", "due_at", **open_rows(TASK_OPEN)),
    Index("ix_crm_task_account", "account", "due_at"),
)

# Words of lists, and own fields, over those that the gateway comes with
crm_word = Table(
    "crm_word",
    metadata,
    Column("list", String(20), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("en", String(100), nullable=False),
    Column("zh", String(100), nullable=False),
    Column("type", String(10), nullable=False),  # of an own field: text, number, date; else ""
    Column("active", Boolean, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("at", Micros, nullable=False),
)

# A case that a person has opened
crm_request = Table(
    "crm_request",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(100), nullable=False),
    Column("direction", String(10), nullable=False),
    Column("type", String(30), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("message", String(36)),
    Column("place", String(200)),
    Column("contact", String(40)),
    Column("actor", String(100), nullable=False),
    Column("at", Micros, nullable=False),
    Index("ix_crm_request_account", "account"),
)

# Who else gets data of persons, by connector
crm_processor = Table(
    "crm_processor",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("fields", Text, nullable=False),  # JSON list of what is handed over
    Column("country", String(2)),
    Column("agreement", String(200), nullable=False),  # reference of the processing agreement; "": none
    Column("signed_on", String(10)),
    Column("ends_on", String(10)),
    Column("actor", String(100), nullable=False),
    Column("at", Micros, nullable=False),
)

# For how many months stored copies name persons, by document type; "*": all others
crm_person_term = Table(
    "crm_person_term",
    metadata,
    Column("type", String(60), primary_key=True),
    Column("months", Integer, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("at", Micros, nullable=False),
)

# Kept bytes that are no longer as they came: the name of a payload stays the digest of the original
redaction = Table(
    "redaction",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("redacted_sha256", String(64), nullable=False),
    Column("erasure", String(36), nullable=False),
    Column("at", Micros, nullable=False),
    UniqueConstraint("sha256", "erasure"),
)

# Erasures, without a word of whom: id, when, by whom, what it came to
crm_erasure = Table(
    "crm_erasure",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("contact", String(40), nullable=False),
    Column("account", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    Column("payloads", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("at", Micros, nullable=False),
)
