"""Sightings for tests, of our own making."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that was seen, with the parts that are compared."""

    feed: str = "wire"
    lab: str = ""
    model: str = ""
    title: str = ""
    url: str = ""
    published_at: datetime | None = None
    seen_at: datetime = NOON
    state: str = "release"


def seen(
    model: str = "",
    lab: str = "",
    *,
    days: float = 0.0,
    feed: str = "wire",
    title: str = "",
    url: str = "",
    state: str = "release",
) -> Seen:
    """A sighting so many days after `NOON`; its title is its model unless given."""
    return Seen(feed, lab, model, title or model, url, None, NOON + timedelta(days=days), state)
