"""The ledger as a Merkle tree, notices, data keys, the portal, duties.

Acceptances of the first tables are not carried over, because they were never part of a tree. A
database that holds any is left as it is.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from voice_agent.errors import ConfigurationError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXES = (
    ("audit_log", "at"),
    ("calls", "created_at"),
    ("calls", "pseudonym"),
    ("carrier_deletions", "next_at"),
    ("consent_withdrawals", "withdrawn_at"),
    ("data_keys", "made_at"),
    ("kept_contents", "call_id"),
    ("kept_contents", "kept_at"),
    ("ledger_entries", "notice_version"),
    ("ledger_entries", "pseudonym"),
    ("ledger_entries", "written_at"),
    ("messages", "carrier_id"),
    ("messages", "claimed_at"),
    ("portal_links", "call_id"),
    ("portal_links", "expires_at"),
    ("sealed_numbers", "delete_at"),
)


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    """A column for a moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Make the tables.

    Raises:
        ConfigurationError: there are proofs that would be lost; nothing was changed.
    """
    for table in ("consent_records", "consent_withdrawals"):
        _insist_on_empty(table)
        op.drop_table(table)
    _ledger()
    _notices()
    _calls()
    _portal()
    _duties()
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _insist_on_empty(table: str) -> None:
    rows = op.get_bind().scalar(sa.select(sa.func.count()).select_from(sa.table(table)))
    if rows:
        raise ConfigurationError(
            f"DATABASE_URL: {table} holds {rows} rows: proofs that this version cannot take over. "
            "Keep this database as the archive of them, and set DATABASE_URL to a new one"
        )


def _ledger() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("call_id", sa.String(64)),
        sa.Column("pseudonym", sa.String(80)),
        sa.Column("notice_version", sa.String(64)),
        sa.Column("sealed", sa.LargeBinary()),
        moment("written_at"),
        moment("restricted_at", nullable=True),
        moment("destroyed_at", nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_ledger_entries"),
        sa.UniqueConstraint("call_id", "kind", name="uq_ledger_entries_call_id"),
        sa.UniqueConstraint("record_id", "kind", name="uq_ledger_entries_record_id"),
    )
    op.create_table(
        "ledger_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name="pk_ledger_nodes"),
    )
    op.create_table(
        "tree_heads",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        moment("signed_at"),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("timestamp_token", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("size", name="pk_tree_heads"),
    )
    op.create_index(
        "ix_tree_heads_timestamped",
        "tree_heads",
        ["size"],
        sqlite_where=sa.text("timestamp_token IS NOT NULL"),
        postgresql_where=sa.text("timestamp_token IS NOT NULL"),
    )
    op.create_table(
        "head_keys",
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("public_key", sa.LargeBinary(32), nullable=False),
        moment("first_used_at"),
        sa.PrimaryKeyConstraint("key_id", name="pk_head_keys"),
    )
    op.create_table(
        "data_keys",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        moment("made_at"),
        sa.PrimaryKeyConstraint("call_id", "kind", name="pk_data_keys"),
    )
    op.create_table(
        "consent_withdrawals",
        sa.Column("call_id", sa.String(64), nullable=False),
        moment("withdrawn_at"),
        sa.Column("means", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_consent_withdrawals"),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        moment("first_used_at"),
        moment("last_used_at"),
        sa.PrimaryKeyConstraint("version", name="pk_notices"),
    )
    op.create_table(
        "notice_audio",
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("wav", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["notices.version"], name="fk_notice_audio_version", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version", "sha256", name="pk_notice_audio"),
    )


def _calls() -> None:
    op.add_column("calls", sa.Column("pseudonym", sa.String(80)))
    op.add_column("calls", sa.Column("dialled_id", sa.String(64)))
    for column in (
        sa.Column("carrier_id", sa.String(64)),
        sa.Column("status", sa.String(16)),
        sa.Column("error_code", sa.Integer()),
        moment("told_at", nullable=True),
    ):
        op.add_column("messages", column)
    with op.batch_alter_table("message_counts") as counts:
        counts.alter_column(
            "pseudonym", existing_type=sa.String(64), type_=sa.String(80), existing_nullable=False
        )


def _portal() -> None:
    op.create_table(
        "sealed_numbers",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        moment("delete_at"),
        sa.PrimaryKeyConstraint("call_id", name="pk_sealed_numbers"),
    )
    op.create_table(
        "portal_links",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        moment("made_at"),
        moment("expires_at"),
        moment("exchanged_at", nullable=True),
        sa.Column("session_sha256", sa.String(64)),
        moment("session_expires_at", nullable=True),
        sa.Column("code_mac", sa.String(64)),
        moment("code_expires_at", nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("codes_sent", sa.Integer(), nullable=False),
        moment("verified_at", nullable=True),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_portal_links"),
        sa.UniqueConstraint("session_sha256", name="uq_portal_links_session_sha256"),
    )
    op.create_table(
        "kept_contents",
        sa.Column("content_id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        moment("kept_at"),
        sa.PrimaryKeyConstraint("content_id", name="pk_kept_contents"),
    )


def _duties() -> None:
    op.create_table(
        "carrier_deletions",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("carrier_id", sa.String(64), nullable=False),
        moment("asked_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        moment("next_at"),
        sa.Column("error_code", sa.Integer()),
        sa.PrimaryKeyConstraint("kind", "carrier_id", name="pk_carrier_deletions"),
    )
    op.create_table(
        "audit_log",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        moment("at"),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("object_id", sa.String(64)),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_log"),
    )
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(32), nullable=False),
        moment("held_until"),
        moment("done_at", nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_jobs"),
    )


def downgrade() -> None:
    """There is no way back to a ledger that can be changed unseen."""
    raise NotImplementedError("the ledger is not taken apart again; restore a copy from before")
