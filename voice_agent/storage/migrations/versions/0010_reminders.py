"""Reminders of appointments by telephone, attempts at them, and who must not be rung up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _reminders()
    _attempts()
    op.create_table(
        "do_not_call",
        sa.Column("pseudonym", sa.String(80), nullable=False),
        sa.Column("told_by", sa.String(16), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name="pk_do_not_call"),
    )
    op.create_index("ix_do_not_call_added_at", "do_not_call", ["added_at"])
    op.create_table(
        "outreach",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("kind", name="pk_outreach"),
    )


def downgrade() -> None:
    """Remove the tables with what is in them, and the keys of the numbers."""
    for table in ("outreach", "do_not_call", "reminder_attempts", "reminders"):
        op.drop_table(table)
    op.execute("delete from data_keys where kind = 'reminder_number'")


def _reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("reminder_id", sa.String(64), nullable=False),
        sa.Column("source_sha256", sa.String(64), nullable=False),
        sa.Column("pseudonym", sa.String(80), nullable=False),
        sa.Column("sealed_number", sa.LargeBinary()),
        sa.Column("number_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("textable", sa.Boolean(), nullable=False),
        sa.Column("appointment_id", sa.String(64)),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consent_means", sa.String(16), nullable=False),
        sa.Column("consent_text", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        sa.Column("lead_id", sa.String(64)),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reminder_id", name="pk_reminders"),
        sa.UniqueConstraint("source_sha256", name="uq_reminders_source_sha256"),
    )
    for column in ("pseudonym", "number_until", "starts_at", "next_at", "lead_id"):
        op.create_index(f"ix_reminders_{column}", "reminders", [column])


def _attempts() -> None:
    op.create_table(
        "reminder_attempts",
        sa.Column("reminder_id", sa.String(64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.String(64), nullable=False),
        sa.Column("claim_id", sa.String(64), nullable=False),
        sa.Column("worker", sa.String(64), nullable=False),
        sa.Column("pseudonym", sa.String(80), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dialled_at", sa.DateTime(timezone=True)),
        sa.Column("call_id", sa.String(64)),
        sa.Column("outcome", sa.String(16)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("reminder_id", "attempt", name="pk_reminder_attempts"),
    )
    for column in ("claim_id", "pseudonym", "claimed_at", "call_id"):
        op.create_index(f"ix_reminder_attempts_{column}", "reminder_attempts", [column])
    goes_on = sa.text("reminder_id = lead_id and state in ('claimed', 'dialling')")
    op.create_index(
        "uq_reminder_attempts_going_on",
        "reminder_attempts",
        ["pseudonym"],
        unique=True,
        sqlite_where=goes_on,
        postgresql_where=goes_on,
    )
