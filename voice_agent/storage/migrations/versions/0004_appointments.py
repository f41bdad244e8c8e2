"""Appointments, and the time of the resources they take."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def moment(name: str) -> sa.Column[object]:
    """A column for a moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "appointments",
        sa.Column("appointment_id", sa.String(64), nullable=False),
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("request_sha256", sa.String(64)),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("pseudonym", sa.String(80)),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("resource", sa.String(64), nullable=False),
        moment("starts_at"),
        moment("ends_at"),
        moment("over_at"),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        moment("made_at"),
        sa.PrimaryKeyConstraint("appointment_id", name="pk_appointments"),
        sa.UniqueConstraint("person_key", "request_sha256", name="uq_appointments_person_key"),
    )
    op.create_table(
        "appointment_granules",
        sa.Column("resource", sa.String(64), nullable=False),
        moment("begins_at"),
        sa.Column(
            "appointment_id",
            sa.String(64),
            sa.ForeignKey(
                "appointments.appointment_id",
                name="fk_appointment_granules_appointment_id",
                ondelete="CASCADE",
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("resource", "begins_at", name="pk_appointment_granules"),
    )
    for table, column in (
        ("appointments", "call_id"),
        ("appointments", "pseudonym"),
        ("appointments", "over_at"),
        ("appointment_granules", "appointment_id"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Remove the tables with what is in them."""
    op.drop_table("appointment_granules")
    op.drop_table("appointments")
