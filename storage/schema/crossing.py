"""Readings and levels: what crosses, and whose it is."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from storage.schema.types import Big, Day, Instant, metadata

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
