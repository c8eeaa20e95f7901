"""PostgreSQL: the tables of Procrastinate, which carries wakes between nodes."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        from procrastinate.schema import SchemaManager  # slow to import, and not needed on SQLite

        bind.connection.cursor().execute(SchemaManager.get_schema())
