"""People in the directory, and how often somebody failed to prove who they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("pseudonym", sa.String(80), nullable=False),
        sa.Column("pin_hash", sa.LargeBinary()),
        sa.Column("birth_hash", sa.LargeBinary()),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customers"),
    )
    op.create_table(
        "identity_failures",
        sa.Column("pseudonym", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", "day", name="pk_identity_failures"),
    )
    for column in ("pseudonym", "written_at"):
        op.create_index(f"ix_customers_{column}", "customers", [column])


def downgrade() -> None:
    """Remove the tables with what is in them."""
    op.drop_table("identity_failures")
    op.drop_table("customers")
