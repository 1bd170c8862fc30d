"""What sources said of prices, and how they do."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.schema.types import Big, Day, Instant, metadata

symbol = Table(
    "symbol",
    metadata,
    Column("symbol", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("source", Text, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    # The first day that every close is kept of: of weeks before it some are. NULL: every one is.
    Column("daily_from", Day),
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
