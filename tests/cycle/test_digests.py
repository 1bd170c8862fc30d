"""Digests: what they hold, when they come, and which there may be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.cycle.seed import seed_shipped
from bot.cycle.tick import is_due, tick
from bot.errors import UserError
from bot.model.rule import Condition, Rule
from bot.services import Services
from storage.schema import receiver, subscription
from tests.asking import ask
from tests.cycle.channel import DROP, TIMING, Channel


async def at(channel: Channel, *moments: datetime) -> None:
    """Tick at each of these."""
    for moment in moments:
        channel.set(moment)
        await tick(channel.services, TIMING)


def january(day: int, hour: int, minute: int = 1) -> datetime:
    """A moment of January 2025, UTC."""
    return datetime(2025, 1, day, hour, minute, tzinfo=UTC)


async def real(services: Services) -> Channel:
    """A channel on the shipped history, on the evening of 19 January 2025."""
    channel = Channel(services, [100])
    channel.services = services
    channel.set(january(19, 22))
    await seed_shipped(services, channel.now)
    return channel


async def test_a_release_known_while_the_machine_slept_is_in_the_next(services: Services) -> None:
    channel = await real(services)
    await channel.say("/subscribe digest day 08:00 ai")
    await at(channel, january(20, 8), january(20, 21), january(21, 0))
    await at(channel, january(21, 22), january(22, 8))  # asleep when the 21st's was due
    assert [r.facts["released"] for r in await channel.rows()] == [
        ["Alibaba: Qwen-Omni Turbo"],
        ["DeepSeek: DeepSeek-R1"],
    ]


async def test_what_a_replaced_digest_held_is_in_the_one_that_is_told(services: Services) -> None:
    channel = await real(services)
    await channel.say("/subscribe digest day 08:00 ai")
    await at(channel, january(20, 8))
    await channel.say("/silence add all 50h")
    await at(channel, january(21, 8), january(22, 8), january(22, 11))
    rows = await channel.rows()
    assert [r.facts["released"] for r in rows[1:]] == [["DeepSeek: DeepSeek-R1"]]


@pytest.mark.parametrize("change", ["cap=10", "quiet=01:00-02:00", "timezone=Asia/Taipei"])
async def test_a_change_of_the_channel_drops_no_digest_that_is_due(
    services: Services, change: str
) -> None:
    channel = Channel(services, [100, 99, 99])
    await channel.follow(DROP)
    await channel.close(1)
    await channel.say("/subscribe digest day 08:00 ai")
    channel.set(datetime(2025, 3, 5, 8, 0, 1, tzinfo=UTC))  # due, and not told yet
    await channel.say(f"/channel {change}")
    await channel.later(seconds=2)
    assert await channel.told() == [("post", "digest:ai")]


async def test_only_a_new_zone_moves_the_next_digest(services: Services) -> None:
    channel = Channel(services, [100, 99])
    await channel.follow(DROP)
    await channel.say("/subscribe digest day 08:00 ai")

    async def due() -> Any:
        async with channel.services.database.read() as connection:
            rows = select(subscription.c.next_at).where(subscription.c.kind == "digest")
            return (await connection.execute(rows)).scalar_one()

    assert await due() == datetime(2025, 3, 4, 8, tzinfo=UTC)
    await channel.say("/channel cap=9")
    assert await due() == datetime(2025, 3, 4, 8, tzinfo=UTC)
    await channel.say("/channel timezone=Asia/Taipei")
    assert await due() == datetime(2025, 3, 4, 0, tzinfo=UTC)


async def test_under_way_are_the_falls_of_its_own_basket(services: Services) -> None:
    channel = Channel(services, [100, 88, 80], [100, 88, 80])
    await channel.follow(
        DROP,
        Rule("AMD", "move", (50_000,), 50_000, Condition.MOVE),
        Rule("ai", "1y", (50_000,), 20_000),
    )
    await channel.close(1)
    await channel.close(2)
    await channel.say("/basket add mine NVDA,AMD")
    await channel.say("/subscribe digest day 08:00 mine")
    await channel.later(hours=12)
    assert (await channel.rows())[-1].facts["under_way"] == [
        {"title": "NVDA", "depth": -0.2, "since": "2025-03-04"}
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/subscribe digest", "/subscribe digest"),
        ("/subscribe digest day 08:00 ai", "/subscribe digest day 08:00 ai fri"),
        ("/subscribe digest week 08:00 ai fri", "/subscribe digest week 08:00 ai fri"),
    ],
)
async def test_the_same_digest_twice_is_refused(
    services: Services, first: str, second: str
) -> None:
    await seed_shipped(services, services.clock.now())
    await ask(first, services)
    with pytest.raises(UserError, match="has that digest already, as subscription 1"):
        await ask(second, services)
    await ask("/subscribe digest week 09:00 ai fri", services)


async def test_there_is_no_digest_of_the_benchmarks(services: Services) -> None:
    await seed_shipped(services, services.clock.now())
    with pytest.raises(UserError, match="a list to compare with"):
        await ask("/subscribe digest basket=benchmarks", services)


async def test_nothing_is_due_for_a_receiver_that_cannot_be_reached(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP)
    await channel.say("/subscribe digest")
    await channel.say("/silence add all 1d")
    await channel.close(1)

    async def work(connection: Any) -> None:
        await connection.execute(update(receiver).values(disabled_at=channel.now))

    await channel.services.database.write(work)
    channel.set(channel.now + timedelta(days=2))
    assert not await is_due(channel.services)
    await channel.later(seconds=1)
    assert await channel.rows() == []
