"""Alembic's entry: run the migrations on the connection that controller.store.migrate hands over."""

from alembic import context

from controller.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=False,
)
context.run_migrations()
