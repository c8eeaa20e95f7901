"""Lists that a partner's people hand over in the portal: beside ours, each partner's for itself, on every node."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("staged_list", sa.Column("partner", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_staged_list_partner", "staged_list", ["partner", "at", "id"])
