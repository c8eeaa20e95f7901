"""Which message has changed a position last: a plan that was made ahead is good as long as it is the same."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("plan_changed", sa.Column("message", sa.String(36), nullable=False, server_default=""))
