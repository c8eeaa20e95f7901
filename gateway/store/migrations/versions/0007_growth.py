"""A log that grows: search keys, legal holds, and on PostgreSQL monthly partitions of everything that piles up."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

SEQUENCES = {"interchange": "id", "event": "id", "arrival": "seq", "parcel": "seq"}
# Partitioned by a column that holds a UUIDv7, which sorts by time; keys must begin with or contain that column.
PARTITIONED = {
    "arrival": ("id", "id", ()),
    "interchange": ("arrival", "id, arrival", ("arrival, position",)),
    "message": ("id", "id", ()),
    "parcel": ("id", "id", ()),
    "event": ("subject", "id, subject", ()),
    "effect": ("message", "message, kind, key", ()),
    "search_key": ("subject", "subject, kind, value", ()),
}
# Unique by construction (a sequence, one preparing owner), no longer by index: verified by `journal check`.
PLAIN = {"arrival": ("seq",), "parcel": ("seq",), "message": ("arrival, position",)}


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    _new_tables("C" if postgresql else None)
    if postgresql:
        for table in PARTITIONED:
            _drop_foreign_keys(table)
        for table in PARTITIONED:
            _partition(table)


def _new_tables(collation: str | None) -> None:
    op.create_table(
        "search_key",
        sa.Column("subject", sa.String(36, collation=collation), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("value", sa.String(100, collation=collation), nullable=False),
        sa.Column("of", sa.String(10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", "value", name=op.f("pk_search_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_key_value", "search_key", ["value", "at", "subject"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("partner", sa.String(100), nullable=True),
        sa.Column("type", sa.String(60), nullable=True),
        sa.Column("subject", sa.String(36), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.add_column("payload", sa.Column("month", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_payload_month", "payload", ["month"])
    op.add_column("dedupe", sa.Column("receipt", sa.LargeBinary(), nullable=True))
    op.create_index("ix_dedupe_at", "dedupe", ["at"])
    op.execute(
        "UPDATE payload SET month = (SELECT coalesce(max(received_at), 0) / 2629746000000 FROM arrival) + 23641"
    )  # an average month from 1970 on, one month late at most: kept a little longer than need be
    _keys_of_what_is_there()


def _keys_of_what_is_there() -> None:
    """The numbers of old rows; what their documents name is found from now on."""
    for of, table, at, columns in (
        ("arrival", "arrival", "received_at", {"file": "filename", "transport": "transport_id"}),
        ("message", "message", "received_at", {"number": "business_number", "reference": "reference"}),
        ("parcel", "parcel", "created_at", {"number": "business_number", "reference": "control_reference",
                                            "file": "filename", "order": "about"}),
    ):  # fmt: skip
        for kind, column in columns.items():
            chosen = f"SELECT id, '{kind}', substr(upper(trim({column})), 1, 100), '{of}', {at} FROM {table}"  # noqa: S608
            op.execute(f"INSERT INTO search_key (subject, kind, value, \"of\", at) {chosen} WHERE trim({column}) <> ''")


def _drop_foreign_keys(table: str) -> None:
    """A reference would be checked row by row when a month is dropped. `journal check` verifies them instead."""
    for (name,) in op.get_bind().execute(
        sa.text("SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = CAST(:table AS regclass)"),
        {"table": table},
    ):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def _partition(table: str) -> None:
    by, primary, unique = PARTITIONED[table]
    indexes = [
        row.indexdef
        for row in op.get_bind().execute(
            sa.text(
                "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = :table"
                " AND indexdef NOT LIKE 'CREATE UNIQUE%'"
            ),
            {"table": table},
        )
    ]
    sequence = f"{table}_order" if SEQUENCES.get(table) == "seq" else f"{table}_id_seq"
    if table in SEQUENCES:
        op.execute(f"ALTER SEQUENCE {sequence} OWNED BY NONE")
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_old")
    op.execute(f'ALTER TABLE {table}_old ALTER COLUMN {by} TYPE varchar(36) COLLATE "C"')
    op.execute(f"CREATE TABLE {table} (LIKE {table}_old INCLUDING DEFAULTS) PARTITION BY RANGE ({by})")
    op.execute(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
    op.execute(f"INSERT INTO {table} SELECT * FROM {table}_old")  # noqa: S608 - own names
    if table in SEQUENCES:
        op.execute(f"ALTER SEQUENCE {sequence} OWNED BY {table}.{SEQUENCES[table]}")
    op.execute(f"DROP TABLE {table}_old")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY ({primary})")
    for columns in unique:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT uq_{table}_{columns.replace(', ', '_')} UNIQUE ({columns})")
    for columns in PLAIN.get(table, ()):
        op.execute(f"CREATE INDEX ix_{table}_{columns.replace(', ', '_')} ON {table} ({columns})")
    for definition in indexes:
        op.execute(definition)
