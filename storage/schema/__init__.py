"""Every table, declared once.

Instants are integer microseconds UTC, days are proleptic ordinals, prices are millionths of the
quoted unit, depths and levels are parts per million: integers compare exactly.
"""

from storage.schema.channels import (
    guild,
    receiver,
    room,
    rule,
    silence,
    slack_install,
    subscription,
)
from storage.schema.crossing import level_state, reading, subscription_level
from storage.schema.market import (
    bar,
    basket,
    basket_member,
    held_price,
    market_event,
    quote,
    source_health,
    split,
    symbol,
    valuation,
)
from storage.schema.releases import feed, feed_seen, release, sighting
from storage.schema.told import (
    alert,
    attempt,
    decision,
    held_news,
    outbox,
    price_event,
    price_seen,
    story,
    tracked_event,
)
from storage.schema.types import EPOCH, Big, Day, Instant, instant, metadata

__all__ = [
    "EPOCH",
    "Big",
    "Day",
    "Instant",
    "alert",
    "attempt",
    "bar",
    "basket",
    "basket_member",
    "decision",
    "feed",
    "feed_seen",
    "guild",
    "held_news",
    "held_price",
    "instant",
    "level_state",
    "market_event",
    "metadata",
    "outbox",
    "price_event",
    "price_seen",
    "quote",
    "reading",
    "receiver",
    "release",
    "room",
    "rule",
    "sighting",
    "silence",
    "slack_install",
    "source_health",
    "split",
    "story",
    "subscription",
    "subscription_level",
    "symbol",
    "tracked_event",
    "valuation",
]
