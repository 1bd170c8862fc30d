"""Who is told what: channels, their rules, subscriptions and silences."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from storage.schema.types import Big, Instant, metadata

receiver = Table(
    "receiver",
    metadata,
    Column("id", Big, primary_key=True),
    Column("surface", String(16), nullable=False),
    Column("address", String(160), nullable=False),
    Column("title", Text, nullable=False),
    Column("time_zone", String(64), nullable=False),
    # Quiet hours in that time zone, as minutes after midnight; NULL: none.
    Column("quiet_from", Integer),
    Column("quiet_to", Integer),
    # Messages an hour; NULL: as the settings say.
    Column("hourly_cap", Integer),
    Column("created_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Instant),
    Column("disabled_at", Instant),
    Column("disabled_reason", Text),
    # The server or workspace that the channel belongs to; "" for none.
    Column("community", Text, nullable=False, server_default=""),
    # Who first set it up, in the platform's own words; "" where that is not known.
    Column("set_up_by", Text, nullable=False, server_default=""),
    UniqueConstraint("surface", "address"),
)

# What a community chose for all its channels.
guild = Table(
    "guild",
    metadata,
    Column("id", Text, primary_key=True),
    # Who may change what channels get, beside those who may manage them.
    Column("manager_role", Text),
    Column("public_answers", Boolean, nullable=False),
)

# Two channels on different surfaces that are told the same. Linked once both sides have agreed:
# `inviter` made the code, `joiner` gave it; until `linked_at` it is only proposed.
room = Table(
    "room",
    metadata,
    Column("id", Big, primary_key=True),
    Column("inviter_id", ForeignKey("receiver.id", ondelete="CASCADE"), nullable=False),
    Column("joiner_id", ForeignKey("receiver.id", ondelete="CASCADE")),
    # Only its digest: whoever reads the database cannot join by it.
    Column("code_digest", String(64), nullable=False, unique=True),
    Column("invited_by", Text, nullable=False),
    Column("joined_by", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("linked_at", Instant),
    Index(None, "inviter_id"),
    Index(None, "joiner_id"),
)

# Slack workspaces that installed the bot through the browser. `token` is encrypted.
slack_install = Table(
    "slack_install",
    metadata,
    Column("team", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("bot_user", String(32), nullable=False),
    Column("token", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("installed_by", String(32), nullable=False),
    Column("installed_at", Instant, nullable=False),
)

rule = Table(
    "rule",
    metadata,
    Column("id", Big, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("target", String(200), nullable=False),
    # What is measured: a window, or the condition's own name.
    Column("window", String(16), nullable=False),
    # Ascending, in parts per million or millionths: [50000, 100000].
    Column("levels", JSON, nullable=False),
    Column("band", Big, nullable=False),
    Column("spec", String(400), nullable=False, unique=True),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Big, primary_key=True),
    Column("receiver_id", ForeignKey("receiver.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("rule_id", ForeignKey("rule.id")),
    # Whether the members of the rule's basket alert on their own too.
    Column("members", Boolean, nullable=False),
    Column("filters", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    # Gone once it has been told.
    Column("once", Boolean, nullable=False, server_default=false()),
    # While it lasts, said again after so many minutes.
    Column("repeat_minutes", Integer),
    # A role to mention, in the platform's own words.
    Column("mention", Text),
    # When the next digest is due, and up to when the last one told of releases.
    Column("next_at", Instant),
    Column("told_until", Instant),
    # The outbox row that told a `once` subscription: gone when that is sent, back if it is not.
    Column("spent_by", Big),
    CheckConstraint("kind != 'rule' OR rule_id IS NOT NULL", name="rule"),
    UniqueConstraint("receiver_id", "rule_id"),
    Index(None, "rule_id"),
    Index(None, "kind"),
    Index(None, "next_at"),
    Index(None, "expires_at"),
    Index(None, "spent_by"),
    # People name it by its number, so a number must never come back as something else.
    sqlite_autoincrement=True,
)

silence = Table(
    "silence",
    metadata,
    Column("id", Big, primary_key=True),
    Column("receiver_id", ForeignKey("receiver.id", ondelete="CASCADE"), nullable=False),
    # "" silences everything the receiver gets.
    Column("target", String(200), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Index(None, "receiver_id", "until"),
)
