"""Runs migrations on the connection handed over by trialkit.store.migrations."""

from alembic import context

from trialkit.store.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=False,
    compare_server_default=True,
)
context.run_migrations()
