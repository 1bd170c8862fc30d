"""Which releases a channel is told of: those that became known after it subscribed."""

from datetime import UTC, datetime, timedelta

from bot.alerts.stories import Timing
from bot.cycle.tick import subscribe_releases, tick
from bot.services import Services, SetClock
from storage import receivers
from tests.cycle.channel import Channel

TIMING = Timing(timedelta(0), timedelta(0))


async def test_what_came_before_the_subscription_is_not_posted_however_late_it_is_learnt(
    seeded: Services,
) -> None:
    clock = seeded.clock
    assert isinstance(clock, SetClock)
    clock.moment = datetime(2025, 2, 10, 12, tzinfo=UTC)  # two weeks asleep

    async def work(connection: object) -> None:
        given = await receivers.receiver_of(connection, "console", "new", "new", clock.moment)  # type: ignore[arg-type]
        await subscribe_releases(connection, given, clock.moment)  # type: ignore[arg-type]

    await seeded.database.write(work)
    await tick(seeded, TIMING)
    channel = Channel(seeded, [100])
    assert await channel.rows() == []
    clock.moment = datetime(2025, 2, 25, 12, tzinfo=UTC)
    await tick(seeded, TIMING)
    told = [row.facts["model"] for row in await channel.rows()]
    assert "Claude 3.7 Sonnet" in told
    assert "o3-mini" not in told
