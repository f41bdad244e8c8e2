"""Confirmations: appointments noted for whoever wants them in writing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "confirmations",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("appointment_id", sa.String(64), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_sha256", sa.String(64)),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "appointment_id", name="pk_confirmations"),
        sa.UniqueConstraint("token_sha256", name="uq_confirmations_token_sha256"),
    )
    for column in ("appointment_id", "until"):
        op.create_index(f"ix_confirmations_{column}", "confirmations", [column])


def downgrade() -> None:
    """Remove the table with what is in it."""
    op.drop_table("confirmations")
