"""How many text messages a number got on a day (C21)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "message_counts",
        sa.Column("pseudonym", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", "day", name="pk_message_counts"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("message_counts")
