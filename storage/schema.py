"""Every table, declared once.

Instants are integer microseconds UTC, days are proleptic ordinals, prices are millionths of the
quoted unit, depths and levels are parts per million: integers compare exactly.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# SQLite makes a rowid key only of a column declared INTEGER.
Big = BigInteger().with_variant(Integer, "sqlite")


def instant(micros: int) -> datetime:
    """The instant that many microseconds after 1970 UTC."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 UTC."""

    impl = Big
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(value)


class Day(TypeDecorator[date]):
    """A calendar day, kept as its proleptic ordinal."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> int | None:
        return None if value is None else value.toordinal()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return None if value is None else date.fromordinal(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- the market ---------------------------------------------------------------------------

symbol = Table(
    "symbol",
    metadata,
    Column("symbol", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("source", Text, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
)

basket = Table(
    "basket",
    metadata,
    Column("id", Big, primary_key=True),
    Column("name", String(64), nullable=False),
    # "" for a shipped basket, otherwise the receiver whose channel made it.
    Column("owner", String(160), nullable=False),
    Column("title", Text, nullable=False),
    Column("why", Text, nullable=False),
    UniqueConstraint("owner", "name"),
)

basket_member = Table(
    "basket_member",
    metadata,
    Column("basket_id", ForeignKey("basket.id", ondelete="CASCADE"), primary_key=True),
    Column("symbol", String(16), primary_key=True),
    Column("position", Integer, nullable=False),
)

bar = Table(
    "bar",
    metadata,
    Column("symbol", String(16), primary_key=True),
    Column("day", Day, primary_key=True),
    Column("close", Big, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("observed_at", Instant, nullable=False),
    Column("source", Text, nullable=False),
    Column("basis", String(40), nullable=False),
    sqlite_with_rowid=False,
)

quote = Table(
    "quote",
    metadata,
    Column("symbol", String(16), primary_key=True),
    Column("as_of", Instant, primary_key=True),
    Column("price", Big, nullable=False),
    Column("observed_at", Instant, nullable=False),
    Column("source", Text, nullable=False),
    sqlite_with_rowid=False,
)

split = Table(
    "split",
    metadata,
    Column("symbol", String(16), primary_key=True),
    Column("day", Day, primary_key=True),
    Column("numerator", Integer, nullable=False),
    Column("denominator", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("observed_at", Instant, nullable=False),
)

# A price that the gate has not let through yet.
held_price = Table(
    "held_price",
    metadata,
    Column("symbol", String(16), primary_key=True),
    Column("day", Day, nullable=False),
    Column("price", Big, nullable=False),
    # A close, or the price of a running session: one of each may be held.
    Column("final", Boolean, primary_key=True),
    Column("reason", String(40), nullable=False),
    Column("since", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("polls", Integer, nullable=False),
    Column("traded_at", Instant),
)

market_event = Table(
    "market_event",
    metadata,
    Column("symbol", String(16), primary_key=True),
    Column("day", Day, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("value", Big),
    Column("estimated", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("observed_at", Instant, nullable=False),
)

valuation = Table(
    "valuation",
    metadata,
    Column("symbol", String(16), primary_key=True),
    Column("name", String(24), primary_key=True),
    Column("period", String(4), primary_key=True),
    Column("day", Day, primary_key=True),
    # Millionths of the unit.
    Column("value", Big, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("source", Text, nullable=False),
    sqlite_with_rowid=False,
)

source_health = Table(
    "source_health",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("ok_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("retry_at", Instant),
    Column("detail", Text, nullable=False),
)

# --- releases -----------------------------------------------------------------------------

release = Table(
    "release",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("lab", String(64), nullable=False),
    Column("model", Text, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("released_on", Day, nullable=False),
    Column("known_at", Instant, nullable=False),
    Column("open_weights", Boolean),
    Column("source", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("other_dates", Text, nullable=False),
    Column("observed_at", Instant, nullable=False),
    Index(None, "known_at"),
)

# A source of releases: those that ship, and those of a community's own choosing (`owner`).
feed = Table(
    "feed",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("voice", String(16), nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("lab", String(64), nullable=False),
    Column("owner", String(160), nullable=False, server_default=""),
    Column("added_by", Text, nullable=False, server_default=""),
    Column("interval", Integer, nullable=False),
    # What the server said last, to be sent with the next request.
    Column("etag", Text, nullable=False, server_default=""),
    Column("modified", Text, nullable=False, server_default=""),
    # NULL until its first entries were taken as known.
    Column("seeded_at", Instant),
    Column("next_at", Instant, nullable=False),
    Column("ok_at", Instant),
    # When it last had something new, and how many entries it had then.
    Column("changed_at", Instant),
    Column("entries", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Instant),
    Column("detail", Text, nullable=False, server_default=""),
    # Switched off after repeated failures, or by whoever chose it.
    Column("off_at", Instant),
    Index(None, "owner"),
    Index(None, "off_at", "next_at"),
)

# Every entry that a feed ever had, by a digest of its identity.
feed_seen = Table(
    "feed_seen",
    metadata,
    Column("feed", ForeignKey("feed.key", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(40), primary_key=True),
    Column("seen_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# What was made of an entry that was new: a release, a rumour, something else, or not sure yet.
sighting = Table(
    "sighting",
    metadata,
    Column("id", Big, primary_key=True),
    Column("feed", ForeignKey("feed.key", ondelete="CASCADE"), nullable=False),
    Column("digest", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("published_at", Instant),
    Column("seen_at", Instant, nullable=False),
    # "release", "waiting", "rumour", "other", "held" (one of too many at once).
    Column("state", String(12), nullable=False),
    Column("lab", String(64), nullable=False),
    Column("model", Text, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("confidence", Integer, nullable=False),  # parts per thousand
    Column("reason", Text, nullable=False),
    Column("words", JSON, nullable=False),
    Column("given", JSON, nullable=False),
    # The release that it tells of.
    Column("release_key", String(200)),
    # Waits for another source until then.
    Column("until", Instant),
    UniqueConstraint("feed", "digest"),
    Index(None, "state", "until"),
    Index(None, "release_key"),
    Index(None, "seen_at"),
)

# --- who is told what ---------------------------------------------------------------------

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

# --- crossing -----------------------------------------------------------------------------

reading = Table(
    "reading",
    metadata,
    Column("key", String(220), primary_key=True),
    Column("target", String(200), nullable=False),
    Column("window", String(16), nullable=False),
    Column("value", Big),
    Column("day", Day),
    Column("as_of", Instant),
)

level_state = Table(
    "level_state",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", ForeignKey("reading.key"), nullable=False),
    Column("level", Big, nullable=False),
    Column("band", Big, nullable=False),
    Column("armed", Boolean, nullable=False),
    # Armed: fires at this value or lower. Disarmed: something may change at this or higher.
    Column("next_at", Big, nullable=False),
    Column("closes", Integer, nullable=False),
    Column("counted_on", Day),
    Column("peak_day", Day),
    UniqueConstraint("key", "level", "band"),
    Index(None, "key", "armed", "next_at"),
)

subscription_level = Table(
    "subscription_level",
    metadata,
    Column("level_state_id", ForeignKey("level_state.id"), primary_key=True),
    Column(
        "subscription_id",
        ForeignKey("subscription.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    # The basket through which a member is followed; "" where the rule names the target itself.
    Column("via", String(200), nullable=False),
    Index(None, "subscription_id"),
    sqlite_with_rowid=False,
)

# --- what happened, and what was said of it -----------------------------------------------

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
    CheckConstraint("action IN ('post', 'reply', 'edit')", name="action"),
    CheckConstraint("state IN ('pending', 'claimed', 'sent', 'dead')", name="state"),
    Index(None, "state", "next_attempt_at"),
    Index(None, "surface", "state", "next_attempt_at"),
    Index(None, "receiver_id", "state"),
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
