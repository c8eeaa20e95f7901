"""Run by alembic with the connection that gateway.store.migration_steps is given."""

from alembic import context

import gateway.store.tables_agreements  # noqa: F401 - its tables belong to the metadata
from gateway.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds every step
    render_as_batch=True,  # SQLite changes columns by copying the table
)
context.run_migrations()
