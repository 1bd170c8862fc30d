"""A clock that was wrong for a while: nothing set meanwhile waits for that time to come again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.alerts.schedule import next_digest
from bot.cycle.set_back import at_start, put_right
from bot.cycle.tick import tell_due, tick
from bot.errors import StorageError
from bot.market.health import after_failure
from bot.model.trust import Health
from bot.pulse import AGAIN_SECONDS
from bot.services import Services, Stopped
from storage import controls, feeds, trust
from storage.followers import followers
from storage.schema import alert, feed, release, silence, story, subscription
from storage.schema import outbox as rows
from tests.cycle.channel import DROP, TIMING, Channel
from tests.cycle.newsroom import Newsroom
from tests.cycle.newsroom import feed as a_feed
from tests.delivering import Surface, delivery_to
from tests.refusing import read_only

AHEAD = [
    pytest.param(timedelta(minutes=5), marks=pytest.mark.faults),
    pytest.param(timedelta(hours=1), marks=pytest.mark.faults),
    timedelta(days=1),
    timedelta(days=400),
]
# Within so long after the clock is right again, all is as if it had never been wrong.
SOON = timedelta(minutes=5)


async def _one(channel: Channel, statement: Any) -> Any:
    async with channel.services.database.read() as connection:
        return (await connection.execute(statement)).scalar_one()


async def _ahead(services: Services, by: timedelta) -> tuple[Channel, datetime]:
    """A channel that fell, was told and asked for things while the clock was ahead by so much."""
    channel = Channel(services, [100, 94, 88])
    await channel.follow(DROP)
    await channel.say("/subscribe digest day 08:00 ai")
    await channel.close(1)
    right = channel.now
    channel.set(right + by)
    await channel.say("/silence add AMD 6h")
    await channel.later(seconds=1)
    return channel, right + timedelta(seconds=1)


@pytest.mark.parametrize("by", AHEAD, ids=str)
@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
async def test_what_was_claimed_and_put_off_is_sent_soon(
    services: Services, by: timedelta, restarted: bool
) -> None:
    channel, right = await _ahead(services, by)
    delivery = delivery_to(channel.services, Surface())
    assert len(await delivery.claim()) == 1  # and whoever claimed it died
    channel.set(right)
    await _set_back(channel, by, restarted)
    channel.set(right + SOON)
    assert len(await delivery.claim()) == 1
    # A failed try pauses by the clock that was wrong.
    pause = {"state": "pending", "next_attempt_at": right + by + timedelta(seconds=60)}
    await channel.services.database.write(lambda c: c.execute(update(rows).values(pause)))
    channel.set(right)
    await put_right(channel.services, by)
    channel.set(right + SOON)
    assert len(await delivery.claim()) == 1


async def _set_back(channel: Channel, by: timedelta, restarted: bool) -> None:
    if restarted:
        await at_start(channel.services)
    else:
        await put_right(channel.services, by)


@pytest.mark.parametrize("by", AHEAD, ids=str)
async def test_a_silence_set_meanwhile_lasts_as_long_as_was_asked(
    services: Services, by: timedelta
) -> None:
    channel, right = await _ahead(services, by)
    channel.set(right)
    await put_right(channel.services, by)
    async with channel.services.database.read() as connection:
        (found,) = await controls.silences(connection, None, right + timedelta(minutes=1))
    assert timedelta(hours=5, minutes=55) < found.until - right <= timedelta(hours=6)
    assert await _one(channel, select(silence.c.starts_at)) <= right


@pytest.mark.parametrize("by", AHEAD, ids=str)
async def test_a_deeper_fall_is_told_although_the_first_was_told_ahead(
    services: Services, by: timedelta
) -> None:
    channel, right = await _ahead(services, by)
    told = len(await channel.rows())
    assert told
    await channel.services.database.write(
        lambda c: c.execute(update(story).values(told_at=right + by))
    )
    channel.set(right)
    await put_right(channel.services, by)
    await channel.close(2)
    await channel.later(minutes=16)
    falls = [row for row in await channel.rows() if row.facts["kind"] == "drawdown"]
    assert [row.action for row in falls] == ["post", "reply"]


@pytest.mark.parametrize("by", AHEAD, ids=str)
async def test_the_next_digest_comes_at_its_hour_and_none_twice(
    services: Services, by: timedelta
) -> None:
    channel, right = await _ahead(services, by)
    before = await _one(channel, select(subscription.c.told_until).where(
        subscription.c.kind == "digest"))  # fmt: skip
    channel.set(right)
    await put_right(channel.services, by)
    due = await _one(channel, select(subscription.c.next_at).where(
        subscription.c.kind == "digest"))  # fmt: skip
    ahead_told = before is not None and right < before <= right + timedelta(days=1)
    assert due == next_digest(before if ahead_told else right, "UTC", 480, None)
    assert due - right <= timedelta(days=2)


async def test_a_digest_is_not_told_twice_by_an_hour_that_comes_twice(services: Services) -> None:
    channel = Channel(services, [100, 99, 99])
    await channel.follow(DROP)
    await channel.say("/subscribe digest day 08:00 ai")
    await channel.close(1)
    eight = next_digest(channel.now, "UTC", 480, None)
    channel.set(eight)
    await tell_due(channel.services, TIMING)
    channel.set(eight - timedelta(hours=1))
    await put_right(channel.services, timedelta(hours=1))
    for minutes in range(0, 120, 10):
        channel.set(eight + timedelta(minutes=minutes - 60))
        await tell_due(channel.services, TIMING)
    assert await channel.told() == [("post", "digest:ai")]


async def test_a_digest_is_not_told_twice_though_the_clock_is_put_right_again_and_again(
    services: Services,
) -> None:
    channel = Channel(services, [100, 99, 99])
    await channel.follow(DROP)
    await channel.say("/subscribe digest day 08:00 ai")
    await channel.close(1)
    eight = next_digest(channel.now, "UTC", 480, None)
    channel.set(eight)
    await tell_due(channel.services, TIMING)
    back = eight - timedelta(hours=1)
    for seconds in (0, *AGAIN_SECONDS):
        channel.set(back + timedelta(seconds=seconds))
        await put_right(channel.services, timedelta(hours=1), again=seconds > 0)
    for minutes in range(10, 120, 10):
        channel.set(back + timedelta(minutes=minutes))
        await tell_due(channel.services, TIMING)
    assert await channel.told() == [("post", "digest:ai")]


async def test_an_alert_stays_that_of_who_subscribed_while_the_clock_was_ahead(
    services: Services,
) -> None:
    """It was ahead by an hour for more than that, so when they subscribed is no time to come."""
    channel = Channel(services, [100, 94, 88])
    await channel.follow(DROP)
    await channel.close(1)
    await channel.later(minutes=2)
    fell, by = channel.now, timedelta(hours=1)
    subscribed = {"created_at": fell - timedelta(minutes=59)}
    opened = {"opened_at": fell - timedelta(minutes=59)}
    await services.database.write(lambda c: c.execute(update(subscription).values(subscribed)))
    await services.database.write(lambda c: c.execute(update(story).values(opened)))
    channel.set(fell - timedelta(minutes=58))
    await put_right(services, by)
    async with services.database.read() as connection:
        (number,) = (await connection.execute(select(story.c.id))).scalars()
        assert (await followers(connection, [number]))[number]
        fired = (await connection.execute(select(alert.c.fired_at))).scalars().all()
        assert max(fired) <= channel.now


async def test_a_clock_that_begins_anew_at_each_start_moves_nothing(services: Services) -> None:
    channel = Channel(services, [100, 99, 88])
    await channel.follow(DROP)
    await channel.say("/alert add NVDA drawdown 10 expires=30d")
    await channel.say("/silence add AMD 6h")
    over = select(func.max(subscription.c.expires_at))
    right = channel.now
    before = await _one(channel, over), await _one(channel, select(silence.c.until))
    await channel.close(1)
    for year in (1970, 2000):
        channel.set(datetime(year, 1, 1, tzinfo=UTC))
        await at_start(services)
        await put_right(services, right - channel.now)
    assert (await _one(channel, over), await _one(channel, select(silence.c.until))) == before


async def test_what_is_over_by_a_clock_that_leapt_is_kept_for_a_day(services: Services) -> None:
    channel = Channel(services, [100, 99, 99, 88, 88])
    await channel.follow(DROP)
    await channel.say("/alert remove 1")
    await channel.say("/alert add NVDA drawdown 10 expires=30d")
    await channel.close(1)
    right = channel.now
    channel.set(right + timedelta(days=400))
    await at_start(services)
    await tick(services, TIMING)
    assert services.live.doubtful_until is not None
    assert await _one(channel, select(func.count()).select_from(subscription)) == 1
    services.live.doubtful_until = None
    await tick(services, TIMING)
    assert await _one(channel, select(func.count()).select_from(subscription)) == 0


@pytest.mark.parametrize("by", AHEAD, ids=str)
async def test_sources_and_feeds_are_asked_soon(services: Services, by: timedelta) -> None:
    room = Newsroom(services)
    await room.open(a_feed())
    room.later(seconds=by.total_seconds())
    failed = Health("yahoo")
    await room.look()  # it lets hours go by first
    for _time in range(8):
        failed = after_failure(failed, room.now, "no answer", 0.5)
    await services.database.write(lambda c: trust.put_source(c, failed))
    room.later(seconds=-by.total_seconds())
    right = room.now
    await put_right(services, by)
    async with services.database.read() as connection:
        health = (await trust.sources(connection))["yahoo"]
        next_at = (await feeds.feeds(connection))[0].next_at
    assert health.retry_at is not None
    assert health.retry_at <= right + timedelta(minutes=38)  # its longest pause
    assert next_at <= right + timedelta(minutes=20)  # its own interval, and jitter
    assert health.failing_since is not None
    assert health.failing_since <= right


async def test_a_start_with_a_right_clock_moves_nothing(services: Services) -> None:
    channel, _right = await _ahead(services, timedelta(0))
    pending = select(rows.c.next_attempt_at, rows.c.created_at)
    async with channel.services.database.read() as connection:
        before = list(await connection.execute(pending))
    channel.services.live.tried["NVDA"] = channel.now
    await at_start(channel.services)
    async with channel.services.database.read() as connection:
        assert list(await connection.execute(pending)) == before
    assert channel.services.live.tried["NVDA"] == channel.now


def test_every_moment_that_may_wait_is_moved() -> None:
    from storage.ahead import _ALONE, _LASTING

    moved = {(table.name, name) for table, names in _ALONE.items() for name in names}
    moved |= {(table.name, name) for table, begins, ends in _LASTING for name in (begins, ends)}
    for table, name in [
        (rows, "lease_until"), (rows, "next_attempt_at"), (story, "due_at"), (feed, "next_at"),
        (silence, "until"), (release, "known_at"),
    ]:  # fmt: skip
        assert (table.name, name) in moved


async def test_a_surface_that_has_to_wait_waits_as_long_as_it_had_to(services: Services) -> None:
    """However often the rest is tried, or looked at again."""
    now, by = services.clock.now(), timedelta(minutes=20)
    services.live.stop("discord", "blocked", now + by, seconds=3600)
    with read_only(services.database):
        for _try in range(3):
            with pytest.raises(StorageError):
                await put_right(services, by)
    for again in (False, True, True):
        await put_right(services, by, again=again)
    assert services.live.stopped["discord"] == Stopped("blocked", now, now + timedelta(hours=1))
