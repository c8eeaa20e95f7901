"""One node at a time writes the customer record."""

from sqlalchemy import Connection, text

_LOCK = 0x43524D  # of this record, on PostgreSQL


def take_turn(connection: Connection) -> None:
    """Wait until no other node writes the record; the turn ends with the transaction. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
