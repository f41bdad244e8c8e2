"""How far a call has come that reminds somebody, of whose appointment, and why all are stopped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("reminders", "customer", 64),
    ("reminder_attempts", "verified", 64),
    ("reminder_attempts", "reached", 16),
    ("outreach", "reason", 32),
)


def upgrade() -> None:
    """Add the columns."""
    for table, name, length in _COLUMNS:
        op.add_column(table, sa.Column(name, sa.String(length)))


def downgrade() -> None:
    """Remove them with what is in them."""
    for table, name, _ in reversed(_COLUMNS):
        with op.batch_alter_table(table) as change:
            change.drop_column(name)
