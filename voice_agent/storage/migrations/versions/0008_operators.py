"""The console: who may use it, who is signed in, and who looked at what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "operators",
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(160), nullable=False),
        sa.Column("sealed_totp", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("subject_sha256", sa.String(64)),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_operators"),
        sa.UniqueConstraint("login", name="uq_operators_login"),
        sa.UniqueConstraint("subject_sha256", name="uq_operators_subject_sha256"),
    )
    op.create_table(
        "operator_sessions",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("last_seen_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_operator_sessions"),
        sa.ForeignKeyConstraint(
            ["account"],
            ["operators.account"],
            name="fk_operator_sessions_account",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "access_log",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("account", sa.String(64)),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("object_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_access_log"),
    )
    for table, column in (
        ("operators", "used_at"),
        ("operator_sessions", "account"),
        ("operator_sessions", "expires_at"),
        ("access_log", "at"),
        ("access_log", "account"),
        ("access_log", "object_id"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Remove the tables with what is in them."""
    for table in ("access_log", "operator_sessions", "operators"):
        op.drop_table(table)
