"""What every table is made of: the one metadata, and kinds of columns. Imports no table, so that each module of tables
can be the first that is imported."""

from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in a column of type INTEGER
Micros = BigInteger  # microseconds since 1970-01-01T00:00:00Z
Milli = BigInteger  # thousandths of a unit: exact sums in SQL


def open_rows(condition: str) -> dict[str, Any]:
    """Keyword arguments of a partial index on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
