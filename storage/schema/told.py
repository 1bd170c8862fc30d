"""What happened, and what was said of it."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.schema.types import Big, Day, Instant, metadata

alert = Table(
    "alert",
    metadata,
    Column("id", Big, primary_key=True),
    Column("level_state_id", ForeignKey("level_state.id"), nullable=False),
    Column("fingerprint", String(240), nullable=False),
    # The reading that fired it, as in `reading.value`.
    Column("depth", Big, nullable=False),
    Column("day", Day, nullable=False),
    Column("fired_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("resolved_reason", String(40)),
    Index(None, "level_state_id", "resolved_at"),
)

story = Table(
    "story",
    metadata,
    Column("id", Big, primary_key=True),
    Column("receiver_id", ForeignKey("receiver.id", ondelete="CASCADE"), nullable=False),
    Column("target", String(200), nullable=False),
    Column("window", String(16), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("close_reason", String(40)),
    # Deepest level crossed and not re-armed; deepest told. Parts per million.
    Column("level", Big, nullable=False),
    Column("told_level", Big, nullable=False),
    Column("told_at", Instant),
    # When something is to be told; NULL while nothing is.
    Column("due_at", Instant),
    # The outbox row of its first message; no foreign key, since the outbox refers to stories.
    Column("root_id", Big),
    # Why it waits although it is due: silenced, quiet hours, too many messages.
    Column("held_by", String(16)),
    # The subscription that opened it, for the record.
    Column("subscription_id", Big),
    # One story per condition: "drawdown" whatever its window, otherwise the measure.
    Column("topic", String(16), nullable=False, server_default="drawdown"),
    # The session in which its deepest level was crossed.
    Column("crossed_on", Day),
    # Figures of that session: as first told, or as they were when it was held back.
    Column("facts", JSON(none_as_null=True)),
    Index(None, "receiver_id", "target", "closed_at"),
    Index(None, "due_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Big, primary_key=True),
    Column("receiver_id", ForeignKey("receiver.id", ondelete="CASCADE"), nullable=False),
    Column("subscription_id", Big),
    Column("story_id", ForeignKey("story.id", ondelete="SET NULL")),
    Column("nonce", String(25), nullable=False, unique=True),
    Column("action", String(8), nullable=False),
    # The message that a reply answers and an edit changes.
    Column("root_id", ForeignKey("outbox.id", ondelete="SET NULL")),
    Column("facts", JSON, nullable=False),
    Column("fallback", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),
    Column("claimed_by", String(40)),
    Column("lease_until", Instant),
    Column("next_attempt_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("channel_ref", Text),
    Column("thread_ref", Text),
    Column("message_ref", Text),
    # Its receiver's, once more: a claim for one surface is to read no row of another.
    Column("surface", String(16), nullable=False, server_default=""),
    # Its facts' own, once more: what is told of one release is found among a million rows.
    Column("kind", String(24), nullable=False, server_default=""),
    Column("key", Text),
    CheckConstraint("action IN ('post', 'reply', 'edit')", name="action"),
    CheckConstraint("state IN ('pending', 'claimed', 'sent', 'dead')", name="state"),
    Index(None, "state", "next_attempt_at"),
    Index(None, "surface", "state", "next_attempt_at"),
    Index(None, "receiver_id", "state"),
    Index(None, "receiver_id", "created_at"),
    Index(None, "kind", "created_at", "key"),
    Index(None, "root_id"),
    Index(None, "story_id"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Big, primary_key=True),
    Column("outbox_id", ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "outbox_id"),
)

# News held back for a receiver: quiet hours, a silence, too many messages.
held_news = Table(
    "held_news",
    metadata,
    Column("id", Big, primary_key=True),
    Column("receiver_id", ForeignKey("receiver.id", ondelete="CASCADE"), nullable=False),
    Column("subscription_id", Big),
    Column("facts", JSON, nullable=False),
    Column("fallback", Text, nullable=False),
    Column("held_by", String(16), nullable=False),
    Column("until", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    # The outbox row that it answers, if any.
    Column("root_id", Big),
    Index(None, "until"),
    Index(None, "receiver_id"),
)

# What was decided and why, for /alert explain.
decision = Table(
    "decision",
    metadata,
    Column("id", Big, primary_key=True),
    Column("at", Instant, nullable=False),
    # NULL where it concerns everybody, such as a price held by the gate.
    Column("receiver_id", ForeignKey("receiver.id", ondelete="CASCADE")),
    Column("target", String(200), nullable=False),
    Column("step", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "target", "at"),
    Index(None, "receiver_id"),
)

# What a source was seen to ask for a model: a row for as long as it asked the same.
price_seen = Table(
    "price_seen",
    metadata,
    Column("id", Big, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("provider", String(64), nullable=False),
    Column("named", String(200), nullable=False),  # as the source calls the model
    # The model that is meant: a lab's key and a name; both "" where it is not known.
    Column("lab", String(64), nullable=False),
    Column("model", String(200), nullable=False),
    Column("terms", String(120), nullable=False),  # "" for the usual ones
    # Micro-dollars per million tokens; NULL where the source has none.
    Column("input", Big),
    Column("cached", Big),
    Column("output", Big),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    # When the source was first seen to ask something else, or nothing.
    Column("ended_at", Instant, index=True),
    UniqueConstraint("source", "provider", "named", "terms", "first_seen_at"),
    Index("ix_price_seen_lab_model", "lab", "model"),
)

# News about prices that was found, told or not; its key keeps it from being told twice.
price_event = Table(
    "price_event",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("kind", String(16), nullable=False),  # "cut", "rise", "cheapest", "newcomer", "parting"
    Column("lab", String(64), nullable=False),
    Column("model", String(200), nullable=False),
    Column("effective_at", Instant, nullable=False),
    Column("found_at", Instant, nullable=False, index=True),
    Column("facts", JSON, nullable=False),
)

# A release of a notable model, and the sessions after it that are watched.
tracked_event = Table(
    "tracked_event",
    metadata,
    Column("key", String(200), primary_key=True),  # as the message of the release is called
    Column("released_on", Day, nullable=False),
    # Session 0, the first that opens after the release, and the last one of the window.
    Column("zero", Day, nullable=False),
    Column("last", Day, nullable=False, index=True),
    Column("opened_at", Instant, nullable=False),
    # What the release is called, and how notable it is: versioned figures.
    Column("facts", JSON, nullable=False),
    # Symbols exposed to its lab, the most exposed first.
    Column("exposed", JSON, nullable=False),
    # The session after which it is studied next, counted from session 0, and when that is to be
    # looked at; NULL once there is nothing left to study.
    Column("mark", Integer),
    Column("due_at", Instant, index=True),
    # What each study found, by its session, or why there was none.
    Column("studies", JSON, nullable=False),
)
