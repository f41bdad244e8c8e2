"""Whether people said they come to appointments, and who agreed to be reminded of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and make the table: of the appointments there are, nobody has said anything.

    The appointments that are to come are looked at every minute: by when they begin.
    """
    participation = sa.Column(
        "participation", sa.String(16), nullable=False, server_default="needs-action"
    )
    op.add_column("appointments", participation)
    op.create_index("ix_appointments_starts_at", "appointments", ["starts_at"])
    op.create_table(
        "reminder_consents",
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("pseudonym", sa.String(80), nullable=False),
        sa.Column("sealed_number", sa.LargeBinary()),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("means", sa.String(16), nullable=False),
        sa.Column("text", sa.String(64), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_key", name="pk_reminder_consents"),
    )
    for column in ("pseudonym", "noted_at"):
        op.create_index(f"ix_reminder_consents_{column}", "reminder_consents", [column])


def downgrade() -> None:
    """Remove them with what is in them, and the keys of the numbers."""
    op.drop_table("reminder_consents")
    op.execute("delete from data_keys where kind = 'reminder_consent'")
    op.drop_index("ix_appointments_starts_at", "appointments")
    op.drop_column("appointments", "participation")
