"""Whether people said they come to appointments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: of the appointments there are, nobody has said anything.

    The appointments that are to come are looked at every minute: by when they begin.
    """
    participation = sa.Column(
        "participation", sa.String(16), nullable=False, server_default="needs-action"
    )
    op.add_column("appointments", participation)
    op.create_index("ix_appointments_starts_at", "appointments", ["starts_at"])


def downgrade() -> None:
    """Remove the column with what is in it."""
    op.drop_index("ix_appointments_starts_at", "appointments")
    op.drop_column("appointments", "participation")
