"""One node at a time writes the customer record, and what connectors are to be told of it."""

from sqlalchemy import Connection, text

RECORD = 0x43524D  # on PostgreSQL
OUTBOX = 0x43524E


def take_turn(connection: Connection, of: int = RECORD) -> None:
    """Wait until no other node writes the same; the turn ends with the transaction. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": of})
