"""Look at the feeds that are due, and tell of the releases that are new there.

Asking, reading and judging come first; then one transaction keeps what was seen and what was made
of it, and enqueues what is to be told. So whatever ends the program, each release is told once.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.news_decide import decide
from bot.cycle.news_fetch import Look, Read, Retrieve, look_at
from bot.cycle.news_health import after_look
from bot.cycle.news_judge import Judge, hold, sighting, subjects
from bot.cycle.news_tell import Audience, tell_off
from bot.releases.burst import too_many
from bot.releases.pace import Hours
from bot.releases.seen import New, new_entries
from bot.releases.speaker import by_address
from bot.services import Services
from storage import feeds, sightings
from storage.feeds import FeedState
from storage.sightings import Sighting

log = logging.getLogger(__name__)
# Feeds looked at in one go; the others are due at the next.
MOST = 64
# Entries judged at a stretch.
TURN = 8


@dataclass(frozen=True, slots=True)
class Ways:
    """How feeds are asked, read and judged.

    An entry waits from a confidence of `doubtful` on, and is told from `sure` on.
    """

    retrieve: Retrieve
    read: Read
    judge: Judge
    doubtful: float
    sure: float
    hours: Hours = field(default_factory=Hours)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found, judged but not stored."""

    look: Look
    new: New | None = None
    found: Sequence[Sighting] = ()
    held: bool = False
    listed: Sequence[str] = ()  # marks that it lists still, and that are to say so


async def hear(
    services: Services, ways: Ways, now: datetime, due: Sequence[FeedState] | None = None
) -> int:
    """Look at what is due, keep it and enqueue what is to be told: how many feeds were due."""
    async with services.database.read() as connection:
        if due is None:
            due = await feeds.due(connection, now, MOST)
        over = await sightings.waits_over(connection, now)
    if not due and not over:
        return 0
    due = [replace(state, feed=by_address(state.feed)) for state in due]
    looks = await look_at(due, ways.retrieve, ways.read, now)
    seen = [await _judged(services, ways, look, now) for look in looks]
    jitter = [services.random.random() for _look in looks]

    async def work(connection: AsyncConnection) -> None:
        await _keep(connection, services, ways, seen, jitter, now)

    await services.database.write(work)
    return len(due)


async def _judged(services: Services, ways: Ways, look: Look, now: datetime) -> Seen:
    """What is new of one look, and what was made of it."""
    if look.entries is None:
        return Seen(look)
    state = look.state
    async with services.database.read() as connection:
        known = await feeds.known(connection, state.feed.key)
        new = await asyncio.to_thread(  # thousands of entries take their time
            new_entries, look.entries, known.keys(), seeded=state.seeded_at is not None,
            usual=state.entries,
        )  # fmt: skip
        rate = await sightings.per_day(connection, state.feed.key, now, state.seeded_at)
    before = state.ok_at or state.seeded_at
    if before is not None:
        before = min(before, now)  # the clock may have been ahead
    pause = timedelta(0) if before is None else now - before
    levels = ways.doubtful, ways.sure
    found: list[Sighting] = []
    for one in new.fresh:
        if len(found) % TURN == 0:
            await asyncio.sleep(0)  # judging takes its time, and others wait
        found.append(sighting(one, state.feed, ways.judge, levels, before, now))
    held = too_many(subjects(state.feed, found), rate, pause)
    if held:
        found = [hold(one) for one in found]
        log.warning("%s lists %d new entries at once; held", state.feed.key, len(new.fresh))
    listed = feeds.to_renew(known, new.listed, now.date())
    return Seen(look, new, found, held, listed)


async def _keep(
    connection: AsyncConnection,
    services: Services,
    ways: Ways,
    seen: Sequence[Seen],
    jitter: Sequence[float],
    now: datetime,
) -> None:
    """Keep what was seen, and enqueue what is to be told of it."""
    there = {one.feed.key: one for one in await feeds.feeds(connection)}
    # Those that were removed or switched off meanwhile have nothing to say any more.
    seen = [one for one in seen if _still(there.get(one.look.state.feed.key), one.look.state)]
    states = [
        after_look(one.look, one.new, now, ways.hours, spread)
        for one, spread in zip(seen, jitter, strict=False)
    ]
    await feeds.save(connection, states)
    await feeds.put_seen(
        connection,
        {
            one.look.state.feed.key: [*one.new.marks, *one.listed]
            for one in seen
            if one.new is not None
        },
        now,
    )
    audience = await Audience.load(connection, services)
    await decide(
        connection,
        services,
        audience,
        {key: by_address(one.feed) for key, one in there.items()},
        [found for one in seen if not one.held for found in one.found],
        {one.look.state.feed.key: one.found for one in seen if one.held},
        now,
    )
    for state in states:
        if state.off_at is not None:
            await tell_off(connection, services, state.feed, state.detail, audience, now)


def _still(stored: FeedState | None, looked: FeedState) -> bool:
    return (
        stored is not None
        and stored.off_at is None
        and (stored.feed.url, stored.seeded_at) == (looked.feed.url, looked.seeded_at)
    )
