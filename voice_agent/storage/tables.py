"""The tables. A column added here needs a migration and a row in the retention table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    text,
)

_LONGEST_ID: Final = 64
_PSEUDONYM: Final = 80  # key id, point, 64 hex digits


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Goes in with any time zone, comes out in UTC; SQLite itself knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC, refusing a time that could mean any moment.

        Raises:
            ValueError: the time has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# -- the ledger ------------------------------------------------------------------------------------
# Entries are only ever appended. What may change afterwards: an entry is restricted (its person has
# had everything else erased), and destroyed (its content and salt go, its place in the tree stays).

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("record_id", String(_LONGEST_ID), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("call_id", String(_LONGEST_ID)),
    Column("pseudonym", String(_PSEUDONYM), index=True),
    Column("notice_version", String(64), index=True),
    Column("sealed", LargeBinary),
    Column("written_at", UtcDateTime, nullable=False, index=True),
    Column("restricted_at", UtcDateTime),
    Column("destroyed_at", UtcDateTime),
    UniqueConstraint("call_id", "kind"),
    UniqueConstraint("record_id", "kind"),
)

# Every complete subtree's root, written once (RFC 6962); level 0 holds the leaves.
ledger_nodes = Table(
    "ledger_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
)

tree_heads = Table(
    "tree_heads",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("timestamp_token", LargeBinary),
)

# Few heads have a timestamp; this finds them.
Index(
    "ix_tree_heads_timestamped",
    tree_heads.c.size,
    sqlite_where=tree_heads.c.timestamp_token.is_not(None),
    postgresql_where=tree_heads.c.timestamp_token.is_not(None),
)

# Public halves of the keys that signed heads: a head outlives the key that signed it.
head_keys = Table(
    "head_keys",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("first_used_at", UtcDateTime, nullable=False),
)

# The keys that entries and contents of one call are encrypted with, themselves wrapped in
# RECORD_KEY. To erase is to delete the row here. An appointment has one of its own, under its own
# identifier: it may be another person's than the call's other contents. So has an entry of the
# inbox, and its telephone number another one, which goes first.
data_keys = Table(
    "data_keys",
    metadata,
    Column("call_id", String(_LONGEST_ID), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False, index=True),
)

# A row of its own, which also holds when it arrives while the acceptance is still being written.
consent_withdrawals = Table(
    "consent_withdrawals",
    metadata,
    Column("call_id", String(_LONGEST_ID), primary_key=True),
    Column("withdrawn_at", UtcDateTime, nullable=False, index=True),
    Column("means", String(16), nullable=False),
)

# -- the notices -----------------------------------------------------------------------------------

notices = Table(
    "notices",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("first_used_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
)

notice_audio = Table(
    "notice_audio",
    metadata,
    Column("version", ForeignKey("notices.version", ondelete="CASCADE"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("wav", LargeBinary, nullable=False),
)

# -- calls -----------------------------------------------------------------------------------------

stream_tokens = Table(
    "stream_tokens",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("call_id", String(_LONGEST_ID), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("used_at", UtcDateTime),
)

calls = Table(
    "calls",
    metadata,
    Column("call_id", String(_LONGEST_ID), primary_key=True),
    Column("language", String(16), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("disposition", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("ended_at", UtcDateTime),
    Column("pseudonym", String(_PSEUDONYM), index=True),
    # What the carrier calls the leg to the human.
    Column("dialled_id", String(_LONGEST_ID)),
)

messages = Table(
    "messages",
    metadata,
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("claimed_at", UtcDateTime, nullable=False, index=True),
    Column("carrier_id", String(_LONGEST_ID), index=True),
    Column("status", String(16)),
    Column("error_code", Integer),
    Column("told_at", UtcDateTime),
)

# Without a call, so that nobody can tell who rang; and without the number (C17, C21).
message_counts = Table(
    "message_counts",
    metadata,
    Column("pseudonym", String(_PSEUDONYM), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", Integer, nullable=False),
)

# -- the portal ------------------------------------------------------------------------------------

# The number a one-time code would go to, while the link is valid; sealed with the call's own key.
sealed_numbers = Table(
    "sealed_numbers",
    metadata,
    Column("call_id", String(_LONGEST_ID), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("delete_at", UtcDateTime, nullable=False, index=True),
)

# One link, its one session, and the one-time code of that session.
portal_links = Table(
    "portal_links",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("call_id", String(_LONGEST_ID), nullable=False, index=True),
    Column("language", String(16), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("exchanged_at", UtcDateTime),
    Column("session_sha256", String(64), unique=True),
    Column("session_expires_at", UtcDateTime),
    Column("code_mac", String(64)),
    Column("code_expires_at", UtcDateTime),
    Column("code_tries", Integer, nullable=False),
    Column("codes_sent", Integer, nullable=False),
    Column("verified_at", UtcDateTime),
)

# -- what was kept under a consent of its own ------------------------------------------------------

kept_contents = Table(
    "kept_contents",
    metadata,
    Column("content_id", String(_LONGEST_ID), primary_key=True),
    Column("call_id", String(_LONGEST_ID), nullable=False, index=True),
    Column("purpose", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False, index=True),
)

# -- appointments ----------------------------------------------------------------------------------

# Who and what it is about is sealed with the appointment's own key; the pseudonym is of the number
# that was left for it. It is over when it ends, or when it was cancelled.
appointments = Table(
    "appointments",
    metadata,
    Column("appointment_id", String(_LONGEST_ID), primary_key=True),
    Column("person_key", String(_LONGEST_ID), nullable=False),
    Column("request_sha256", String(64)),
    Column("call_id", String(_LONGEST_ID), nullable=False, index=True),
    Column("pseudonym", String(_PSEUDONYM), index=True),
    Column("service", String(_LONGEST_ID), nullable=False),
    Column("resource", String(_LONGEST_ID), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False, index=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("over_at", UtcDateTime, nullable=False, index=True),
    Column("status", String(16), nullable=False),
    Column("participation", String(16), nullable=False, server_default="needs-action"),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    UniqueConstraint("person_key", "request_sha256"),
)

# Five minutes of one resource, taken. The key is what keeps two appointments from one place,
# whoever writes them.
appointment_granules = Table(
    "appointment_granules",
    metadata,
    Column("resource", String(_LONGEST_ID), primary_key=True),
    Column("begins_at", UtcDateTime, primary_key=True),
    Column(
        "appointment_id",
        ForeignKey("appointments.appointment_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
)

# -- the directory ---------------------------------------------------------------------------------

# The number is only there as its pseudonym, the secrets only as what a slow function with a key of
# our own makes of them; name, contracts and orders are sealed with the person's own key.
customers = Table(
    "customers",
    metadata,
    Column("customer_id", String(_LONGEST_ID), primary_key=True),
    Column("pseudonym", String(_PSEUDONYM), nullable=False, index=True),
    Column("pin_hash", LargeBinary),
    Column("birth_hash", LargeBinary),
    Column("sealed", LargeBinary, nullable=False),
    Column("written_at", UtcDateTime, nullable=False, index=True),
)

# How often somebody failed to prove who they are with a number, known or not (C23).
identity_failures = Table(
    "identity_failures",
    metadata,
    Column("pseudonym", String(_PSEUDONYM), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", Integer, nullable=False),
)

# -- confirmations ---------------------------------------------------------------------------------

# What a call booked or moved, for whoever wants it in writing, and the hash of the link to it. A
# row without a link is of use until the call is over.
confirmations = Table(
    "confirmations",
    metadata,
    Column("call_id", String(_LONGEST_ID), primary_key=True),
    Column("appointment_id", String(_LONGEST_ID), primary_key=True, index=True),
    Column("service", String(_LONGEST_ID), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
    Column("token_sha256", String(64), unique=True),
    Column("until", UtcDateTime, nullable=False, index=True),
)

# -- the inbox -------------------------------------------------------------------------------------

# What callers leave for people, sealed. The telephone number has a column and a key of its own: it
# goes when somebody has dealt with the entry, or its time is over.
inbox_entries = Table(
    "inbox_entries",
    metadata,
    Column("entry_id", String(_LONGEST_ID), primary_key=True),
    Column("reference", String(16), nullable=False, unique=True),
    Column("request_sha256", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("call_id", String(_LONGEST_ID), nullable=False, index=True),
    Column("pseudonym", String(_PSEUDONYM), index=True),
    Column("language", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_number", LargeBinary),
    Column("number_until", UtcDateTime, nullable=False, index=True),
    Column("filed_at", UtcDateTime, nullable=False, index=True),
    Column("done_at", UtcDateTime),
)

# -- the console -----------------------------------------------------------------------------------

# Who may use the console. Of the password there is its Argon2id; the secret of one-time codes is
# sealed with the account's own key. A step is one code's half minute: each is good once.
operators = Table(
    "operators",
    metadata,
    Column("account", String(_LONGEST_ID), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("role", String(16), nullable=False),
    Column("language", String(16), nullable=False),
    Column("password_hash", String(160), nullable=False),
    Column("sealed_totp", LargeBinary, nullable=False),
    Column("last_step", Integer, nullable=False),
    Column("subject_sha256", String(64), unique=True),
    Column("locked", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False, index=True),
)

# Who is signed in, by the hash of what their browser has.
operator_sessions = Table(
    "operator_sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column(
        "account", ForeignKey("operators.account", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

# Who looked at what (C22), never what it said. It outlives the account.
access_log = Table(
    "access_log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("account", String(_LONGEST_ID), index=True),
    Column("role", String(16), nullable=False),
    Column("action", String(32), nullable=False),
    Column("object_id", String(_LONGEST_ID), nullable=False, index=True),
)

# -- summaries -------------------------------------------------------------------------------------

# What is left to tell of a call that is over. What its flows knew and who held it is sealed with
# the call's own key, and only there under a consent that stands. Latencies are milliseconds with
# commas between them.
call_summaries = Table(
    "call_summaries",
    metadata,
    Column("call_id", String(_LONGEST_ID), primary_key=True),
    Column("began_at", UtcDateTime, nullable=False, index=True),
    Column("ended_at", UtcDateTime, nullable=False, index=True),
    Column("language", String(16), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("ending", String(32), nullable=False),
    Column("consent", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("turns", Integer, nullable=False),
    Column("held_ms", Integer, nullable=False),
    Column("latencies", String(3500), nullable=False),
    Column("sealed", LargeBinary),
)

# -- reminders -------------------------------------------------------------------------------------

# Who is to be reminded of an appointment by telephone: the number sealed, and gone when it is done.
reminders = Table(
    "reminders",
    metadata,
    Column("reminder_id", String(_LONGEST_ID), primary_key=True),
    Column("source_sha256", String(64), nullable=False, unique=True),
    Column("pseudonym", String(_PSEUDONYM), nullable=False, index=True),
    Column("sealed_number", LargeBinary),
    Column("number_until", UtcDateTime, nullable=False, index=True),
    Column("country", String(2), nullable=False),
    Column("textable", Boolean, nullable=False),
    Column("appointment_id", String(_LONGEST_ID)),
    Column("customer", String(_LONGEST_ID)),
    Column("starts_at", UtcDateTime, nullable=False, index=True),
    Column("language", String(16), nullable=False),
    Column("consent_at", UtcDateTime, nullable=False),
    Column("consent_means", String(16), nullable=False),
    Column("consent_text", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("next_at", UtcDateTime, index=True),
    Column("lead_id", String(_LONGEST_ID), index=True),
    Column("noted_at", UtcDateTime, nullable=False),
)

# Who in the directory agreed to be reminded by telephone: the number sealed, and gone with the
# consent; that it was withdrawn stays, so that no file brings it back.
reminder_consents = Table(
    "reminder_consents",
    metadata,
    Column("person_key", String(_LONGEST_ID), primary_key=True),
    Column("pseudonym", String(_PSEUDONYM), nullable=False, index=True),
    Column("sealed_number", LargeBinary),
    Column("language", String(16), nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Column("means", String(16), nullable=False),
    Column("text", String(64), nullable=False),
    Column("withdrawn_at", UtcDateTime),
    Column("noted_at", UtcDateTime, nullable=False, index=True),
)

# Attempts at a call, each claimed by one worker. One that tells of several reminders has a row for
# each, and one person has at most one that is going on.
reminder_attempts = Table(
    "reminder_attempts",
    metadata,
    Column("reminder_id", String(_LONGEST_ID), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("lead_id", String(_LONGEST_ID), nullable=False),
    Column("claim_id", String(_LONGEST_ID), nullable=False, index=True),
    Column("worker", String(_LONGEST_ID), nullable=False),
    Column("pseudonym", String(_PSEUDONYM), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False, index=True),
    Column("until", UtcDateTime, nullable=False),
    Column("dialled_at", UtcDateTime),
    Column("call_id", String(_LONGEST_ID), index=True),
    Column("verified", String(_LONGEST_ID)),
    Column("reached", String(16)),
    Column("outcome", String(16)),
    Column("ended_at", UtcDateTime),
)
LEADS_AND_GOES_ON: Final = text("reminder_id = lead_id and state in ('claimed', 'dialling')")
Index(
    "uq_reminder_attempts_going_on",
    reminder_attempts.c.pseudonym,
    unique=True,
    sqlite_where=LEADS_AND_GOES_ON,
    postgresql_where=LEADS_AND_GOES_ON,
)

# Who must not be rung up, by a keyed hash of their own purpose (C28).
do_not_call = Table(
    "do_not_call",
    metadata,
    Column("pseudonym", String(_PSEUDONYM), primary_key=True),
    Column("told_by", String(16), nullable=False),
    Column("added_at", UtcDateTime, nullable=False, index=True),
)

# Whether somebody has stopped all calls of a kind for now.
outreach = Table(
    "outreach",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("paused_at", UtcDateTime),
    Column("reason", String(32)),
)

# -- duties ----------------------------------------------------------------------------------------

# What the carrier is asked to delete, until it is gone.
carrier_deletions = Table(
    "carrier_deletions",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("carrier_id", String(_LONGEST_ID), primary_key=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False, index=True),
    Column("error_code", Integer),
)

# Who did what to which record; never what it says.
audit_log = Table(
    "audit_log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("object_id", String(64)),
    Column("outcome", String(32), nullable=False),
)

# Of several workers one does a job; whoever holds it has until then.
jobs = Table(
    "jobs",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("held_until", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
)
