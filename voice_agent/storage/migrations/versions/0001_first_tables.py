"""Consent records and withdrawals, stream tokens, calls, messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "consent_records",
        sa.Column("record_id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("notice_version", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("heard_ms", sa.Integer()),
        sa.Column("key", sa.String(1), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("software", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name="pk_consent_records"),
        sa.UniqueConstraint("call_id", name="uq_consent_records_call_id"),
    )
    op.create_table(
        "consent_withdrawals",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_consent_withdrawals"),
    )
    op.create_table(
        "stream_tokens",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_stream_tokens"),
    )
    op.create_index("ix_stream_tokens_expires_at", "stream_tokens", ["expires_at"])
    op.create_table(
        "calls",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("disposition", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
    )
    op.create_table(
        "messages",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "kind", name="pk_messages"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name="fk_messages_call_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in ("messages", "calls", "stream_tokens", "consent_withdrawals", "consent_records"):
        op.drop_table(table)
