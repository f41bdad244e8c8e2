"""The inbox: what callers leave for people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "inbox_entries",
        sa.Column("entry_id", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("pseudonym", sa.String(80)),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_number", sa.LargeBinary()),
        sa.Column("number_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("entry_id", name="pk_inbox_entries"),
        sa.UniqueConstraint("reference", name="uq_inbox_entries_reference"),
        sa.UniqueConstraint("request_sha256", name="uq_inbox_entries_request_sha256"),
    )
    for column in ("call_id", "pseudonym", "number_until", "filed_at"):
        op.create_index(f"ix_inbox_entries_{column}", "inbox_entries", [column])


def downgrade() -> None:
    """Remove the table with what is in it."""
    op.drop_table("inbox_entries")
