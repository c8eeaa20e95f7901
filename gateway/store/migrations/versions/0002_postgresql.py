"""PostgreSQL: orders of acceptance are sequences, and row numbers have 64 bits."""

from alembic import op

revision = "0002"
down_revision = "0001"

NUMBERED = ("interchange", "event", "activity", "case", "audit", "user")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in ("arrival", "parcel"):
        op.execute(f"CREATE SEQUENCE {table}_order OWNED BY {table}.seq")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN seq TYPE bigint")
    op.execute("ALTER TABLE message ALTER COLUMN seq TYPE bigint")
    op.execute("ALTER TABLE message ALTER COLUMN interchange TYPE bigint")
    for table in NUMBERED:
        op.execute(f'ALTER TABLE "{table}" ALTER COLUMN id TYPE bigint')
        op.execute(f"ALTER SEQUENCE {table}_id_seq AS bigint")
    for table in ("login_link", "session"):
        op.execute(f'ALTER TABLE {table} ALTER COLUMN "user" TYPE bigint')
