"""After the machine's clock was set back: nothing waits for the time that it showed before."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.schedule import next_digest
from bot.model.wording import count
from bot.pulse import DOUBTFUL, FAR, JUMP, spoken
from bot.services import Live, Services
from storage import ahead, controls, receivers

# A digest of the future that was told within this has been told: it does not come again.
_TOLD = timedelta(days=1)
# A machine whose clock does not run while it is off begins long before this; it is soon put right.
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
log = logging.getLogger(__name__)


async def at_start(services: Services) -> None:
    """Put right what an earlier run left ahead of the clock, which was set back meanwhile."""
    now = services.clock.now()
    async with services.database.read() as connection:
        newest = await ahead.newest(connection)
    if newest is None:
        return
    if now - newest >= FAR:
        services.live.doubtful_until = now + DOUBTFUL
    elif newest - now >= JUMP:
        log.warning("the clock is %s behind the last run; it was set back", spoken(newest - now))
        await put_right(services, newest - now)


async def put_right(services: Services, by: timedelta, *, again: bool = False) -> None:
    """Move what lies ahead back by as much as the clock was set back.

    `again` for what was under way when it was, and ended by the time it began with.
    """
    now = services.clock.now()
    if now < EARLIEST:
        log.warning("the clock shows %d, which cannot be; all waits until it is right", now.year)
        return
    for known in (services.live.tried, services.live.checked):
        known.update({symbol: now - by for symbol, at in known.items() if at > now})

    async def work(connection: AsyncConnection) -> int:
        await _digests(connection, now, again=again)
        return await ahead.bring_back(connection, now, by)

    moved = await services.database.write(work)
    if not again:  # once: what waits rightly would be moved too far
        _waits(services.live, now, by)
    log.info("%s moved back with the clock", count(moved, "moment"))


def _waits(live: Live, now: datetime, by: timedelta) -> None:
    for kept in (live.stopped, live.unheard):
        for surface, one in kept.items():
            until = one.until - by if one.until is not None and one.until > now else one.until
            kept[surface] = replace(one, since=min(one.since, now), until=until)


async def _digests(connection: AsyncConnection, now: datetime, *, again: bool) -> None:
    """Each digest is next due by its own hour, counted from now.

    Those that were counted anew are not counted again: when they were told has been moved back.
    """
    for one in await receivers.subscriptions(connection, kind="digest"):
        if one.next_at is None or one.next_at <= now:
            continue
        told = one.told_until
        if again and (told or one.created_at) <= now:
            continue
        start = told if told is not None and now < told <= now + _TOLD else now
        wishes = await controls.wishes(connection, [one.receiver_id])
        filters = one.filters
        weekday = filters["weekday"] if filters["every"] == "week" else None
        zone = wishes[one.receiver_id].time_zone
        due = next_digest(start, zone, filters["minute"], weekday)
        await receivers.set_next(connection, one.id, due)
