"""Summaries: what is left to tell of calls that are over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "call_summaries",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("ending", sa.String(32), nullable=False),
        sa.Column("consent", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("held_ms", sa.Integer(), nullable=False),
        sa.Column("latencies", sa.String(3500), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("call_id", name="pk_call_summaries"),
    )
    for column in ("began_at", "ended_at"):
        op.create_index(f"ix_call_summaries_{column}", "call_summaries", [column])


def downgrade() -> None:
    """Remove the table with what is in it."""
    op.drop_table("call_summaries")
