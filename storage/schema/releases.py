"""Releases, the feeds that tell of them, and what was made of their entries."""

from sqlalchemy import (
    JSON,
    Boolean,
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
    # When its feed was last known to list it, or up to a month and a half before.
    Column("last_seen", Day, nullable=False, server_default="0"),
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
    # Waits until then: for another source, or to be named with others of too many at once.
    Column("until", Instant),
    UniqueConstraint("feed", "digest"),
    Index(None, "state", "until"),
    Index(None, "release_key"),
    Index(None, "seen_at"),
)
