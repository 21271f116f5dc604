"""Runs migrations on the connection that ``rsp.store.upgrade`` hands over.

The rules kept here: no connection is opened here, because SQLite needs one with foreign keys off and its own transaction; logging
is left as the program set it up; batch mode is off, because recreating a table drops its triggers.
"""

from __future__ import annotations

from alembic import context

from rsp.store.log_tables import Row  # the module that declares the last of the rows

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("found no connection, expected to be started by `rsp db upgrade`: alembic's own command is not used here")

context.configure(connection=connection, target_metadata=Row.metadata, render_as_batch=False)
with context.begin_transaction():
    context.run_migrations()
