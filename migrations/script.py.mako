"""${message}.

Add-only: no batch recreation, which loses triggers and, with foreign keys on, child rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say in one sentence what changes."""
    ${upgrades if upgrades else "raise NotImplementedError"}


def downgrade() -> None:
    """Drop only what a program can restore; what only a person can restore is never dropped."""
    ${downgrades if downgrades else "raise NotImplementedError"}
