"""A silence set between claim and send holds whatever the message says."""

from bot.model.rule import Rule
from bot.services import Services
from tests.cycle.channel import DROP, Channel

AMD = Rule("AMD", "1y", (50_000,), 20_000)
QUIET = "/channel quiet=15:00-23:00 timezone=America/New_York"


async def summed(services: Services) -> Channel:
    """A summary of two falls that waits to be sent."""
    channel = Channel(services, [100, 88], [100, 88])
    await channel.follow(DROP, AMD)
    await channel.say(QUIET)
    await channel.close(1)
    await channel.later(hours=12)
    assert await channel.told() == [("post", "summary:")]
    return channel


async def test_a_silence_of_everything_takes_a_summary_back(services: Services) -> None:
    channel = await summed(services)
    await channel.say("/channel quiet=off")
    await channel.say("/silence add all 1d")
    assert await channel.claim() == 1
    await channel.later(seconds=1)
    assert await channel.rows() == []
    await channel.later(days=1)
    assert await channel.told() == [("post", "summary:")]


async def test_a_silence_of_one_line_leaves_the_others(services: Services) -> None:
    channel = await summed(services)
    await channel.say("/channel quiet=off")
    await channel.say("/silence add NVDA 1d")
    assert await channel.claim() == 1
    await channel.later(seconds=1)
    assert await channel.told() == [("post", "drawdown:AMD")]
    await channel.later(days=1)
    assert await channel.told() == [("post", "drawdown:AMD"), ("post", "drawdown:NVDA")]


async def test_a_silence_takes_a_digest_back(services: Services) -> None:
    channel = Channel(services, [100, 99])
    await channel.follow(DROP)
    await channel.say("/subscribe digest day 08:00 ai")
    await channel.close(1)
    await channel.later(hours=12)
    assert await channel.told() == [("post", "digest:ai")]
    await channel.say("/silence add ai 2h")
    assert await channel.claim() == 1
    assert await channel.rows() == []
    await channel.later(hours=3)
    assert await channel.told() == [("post", "digest:ai")]


async def test_a_silence_of_something_else_takes_nothing_back(services: Services) -> None:
    channel = await summed(services)
    await channel.say("/silence add power 1d")
    assert await channel.claim() == 0
    assert len(await channel.rows()) == 1
