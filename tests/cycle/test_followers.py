"""Several rules on one target, rules that end, and wider baskets."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.cycle.watch import subscribe
from bot.model.rule import Condition, Rule
from bot.services import Services
from storage.schema import silence, story
from tests.asking import ask
from tests.cycle.channel import DROP, Channel

TEN = Rule("NVDA", "1y", (100_000,), 20_000)
AI = Rule("ai", "1y", (100_000,), 20_000)


async def silenced(channel: Channel) -> list[str]:
    """What is silenced."""
    card = await ask("/silence list", channel.services, channel.receiver)
    return [item["target"] for item in card.facts["silences"]]


async def test_a_mention_and_a_once_of_a_second_rule_count(services: Services) -> None:
    channel = Channel(services, [100, 88, 78])
    await channel.follow(TEN)
    await channel.say("/alert add NVDA drawdown 20 mention=@desk once=yes")
    await channel.close(1)
    await channel.close(2)
    assert [row.facts["mention"] for row in await channel.rows()] == ["", "@desk"]
    card = await ask("/alert list", channel.services, channel.receiver)
    assert [item["number"] for item in card.facts["alerts"]] == [1]


async def test_a_silence_of_a_second_rule_holds_its_level_only(services: Services) -> None:
    channel = Channel(services, [100, 88, 68, 67])
    await channel.follow(TEN)
    await channel.say("/alert add NVDA drawdown 20")
    await channel.say("/alert add NVDA drawdown 30 mention=@desk")
    await channel.say("/silence add 3 60h")
    await channel.close(1)
    await channel.close(2)
    assert [row.facts["level"] for row in await channel.rows()] == [0.1, 0.2]
    await channel.later(days=1)
    assert [row.facts["level"] for row in await channel.rows()] == [0.1, 0.2, 0.3]
    assert (await channel.rows())[-1].facts["mention"] == "@desk"


async def test_the_repeat_of_a_second_rule_counts(services: Services) -> None:
    channel = Channel(services, [100, 78])
    await channel.follow(TEN)
    await channel.say("/alert add NVDA drawdown 20 repeat=6h")
    await channel.close(1)
    await channel.later(hours=7)
    assert [row.facts["repeated"] for row in await channel.rows()] == [False, True]


async def test_a_once_beside_another_rule_leaves_the_story_open(services: Services) -> None:
    channel = Channel(services, [100, 88, 78])
    await channel.follow(Rule("NVDA", "1y", (100_000, 200_000), 20_000))
    await channel.say("/alert add NVDA drawdown 12 once=yes")
    await channel.close(1)
    await channel.close(2)
    assert [row.action for row in await channel.rows()] == ["post", "reply"]


@pytest.mark.parametrize("what", ["NVDA", "1"])
async def test_a_once_taken_back_by_a_silence_is_told_afterwards(
    services: Services, what: str
) -> None:
    channel = Channel(services, [100, 88, 87])
    await channel.follow(DROP, once=True)
    await channel.close(1)
    if what == "1":  # a subscription that was told is in no list: silence it as it is told
        number = "rule:1"

        async def work(connection: Any) -> None:
            row = {"receiver_id": channel.receiver.id, "target": number, "by": "",
                   "starts_at": channel.now, "until": channel.now + timedelta(days=1)}  # fmt: skip
            await connection.execute(silence.insert().values(row))

        await channel.services.database.write(work)
    else:
        await channel.say("/silence add NVDA 1d")
    assert await channel.claim() == 1
    assert await channel.rows() == []
    assert await channel.say("/alert list") == "This channel has 1 alert"
    await channel.later(minutes=1)
    await channel.later(days=1)
    assert await channel.told() == [("post", "drawdown:NVDA")]
    assert await channel.say("/alert list") == "This channel has no alerts"
    await channel.send()
    assert await silenced(channel) == []


async def test_a_number_never_comes_back(services: Services) -> None:
    channel = Channel(services, [100, 90])
    await channel.follow(DROP)
    await channel.say("/alert add AMD high")
    await channel.say("/silence add 2 30d")
    await channel.say("/alert remove 2")
    assert await silenced(channel) == []
    assert (await channel.say("/subscribe releases")).startswith("Subscription 3:")


async def test_silences_of_an_alert_end_with_it(services: Services) -> None:
    channel = Channel(services, [100, 99, 98])
    await channel.follow(DROP)
    await channel.say("/alert add NVDA drawdown 7 expires=12h")
    await channel.say("/silence add 2 30d")
    await channel.close(1)
    assert await silenced(channel) == []
    await channel.say("/alert add AMD drawdown 7 once=yes")
    await channel.say("/silence add 3 1h")
    assert await silenced(channel) == ["rule:3"]


async def test_an_alert_that_expires_takes_its_story_along(services: Services) -> None:
    channel = Channel(services, [100, 88, 80], [100, 88, 80])
    await channel.follow(Rule("compute", "1y", (100_000, 200_000), 20_000))

    async def work(connection: Any) -> None:
        end = channel.now + timedelta(hours=30)
        await subscribe(connection, channel.receiver.id, AI, channel.now, 5, expires_at=end)

    await channel.services.database.write(work)
    await channel.close(1)
    assert await channel.told() == [("post", "drawdown:ai")]
    await channel.close(2)
    assert await channel.told() == [("post", "drawdown:ai"), ("post", "drawdown:compute")]
    async with channel.services.database.read() as connection:
        reasons = select(story.c.close_reason).where(story.c.target == "ai")
        assert (await connection.execute(reasons)).scalar_one() == "unsubscribed"


async def test_a_fall_of_a_wider_basket_swallows_no_other_condition(services: Services) -> None:
    channel = Channel(services, [100, 88, 80], [100, 88, 80])
    await channel.follow(AI, Rule("compute", "move", (50_000,), 50_000, Condition.MOVE))
    await channel.close(1)
    await channel.close(2)
    assert (await channel.told()).count(("post", "condition:compute")) == 2
