"""A feed that lists too much at once: a line names what is new in it, and nothing is left out."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.news_known import Known, release_of, undated
from bot.cycle.news_tell import Audience, Pending, tell_burst
from bot.model.feed import Feed
from bot.services import Services
from storage import sightings
from storage.receivers import Subscription
from storage.sightings import HELD, Sighting

# A feed may give everything another name at each look: so long after it listed what a line named
# it has another line, with all that came meanwhile.
REST = timedelta(hours=6)
# What was named, or waits to be, is not named again for so long.
A_DAY = timedelta(days=1)


async def sum_up(
    connection: AsyncConnection,
    services: Services,
    audience: Audience,
    known: Known,
    feed: Feed,
    many: Sequence[Sighting],
    now: datetime,
) -> list[Sighting]:
    """One line for those who would have been told of any of these: them, as they are to be kept.

    Those that wait for the next line of the feed say until when.
    """
    since = await sightings.since(connection, now - A_DAY, (HELD,))
    earlier = [one for one in since if one.feed == feed.key and one.seen_at <= now]
    earlier = [one for one in earlier if one.until is None or one.until > now]
    named: dict[tuple[str, str], Sighting] = {}
    for one in earlier:
        await asyncio.sleep(0)
        named.setdefault(undated(one), one)
    fresh = []
    for one in many:
        await asyncio.sleep(0)
        if one.state == HELD and undated(one) not in named and known.find(one, feed.owner) is None:
            fresh.append(one)
    rests = await _rests_until(known, feed, list(named.values())) if fresh else None
    if rests is not None and rests > now:
        wait = {one.digest for one in fresh}
        return [replace(one, until=rests if one.digest in wait else None) for one in many]
    to: dict[int, Subscription] = {}
    for one in fresh:
        await asyncio.sleep(0)
        message = Pending([release_of(one, feed.title, one.seen_at)], one, feed.owner)
        for subscription in audience.of(message):
            to.setdefault(subscription.receiver_id, subscription)
    models = list(dict.fromkeys(one.model for one in fresh))
    await tell_burst(connection, services, feed, len(many), models, list(to.values()), now)
    return [replace(one, until=None) for one in many]


async def _rests_until(known: Known, feed: Feed, named: Sequence[Sighting]) -> datetime | None:
    """When the feed may have its next line; None where it had none of late.

    `named` are the first of each name, oldest first. A flood of what was known had no line.
    """
    waiting = [one.until for one in named if one.until is not None]
    if waiting:
        return max(waiting)
    for one in reversed(named):
        await asyncio.sleep(0)
        if known.find(one, feed.owner) is None:
            return one.seen_at + REST
    return None
