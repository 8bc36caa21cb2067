"""Alembic's door: runs on the connection, and in the transaction, that `storage.database` opened.

For `alembic revision --autogenerate`, build the configuration with `storage.schema.configuration`.
"""

from __future__ import annotations

from alembic import context

from storage.schema import is_ours
from storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_name=is_ours,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
