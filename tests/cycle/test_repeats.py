"""Repeats: said again while it lasts, and never in the way of what is deeper."""

import pytest

from bot.cards.notices import card_of
from bot.model.rule import Condition, Rule
from bot.services import Services
from tests.cycle.channel import DROP, Channel

BELOW = Rule("NVDA", "below", (-95_000_000,), 1_900_000, Condition.BELOW)
TEN = Rule("NVDA", "1y", (100_000,), 20_000)


async def test_a_repeat_of_a_week_delays_no_deeper_level(services: Services) -> None:
    channel = Channel(services, [100, 88, 79])
    await channel.follow(DROP, repeat_minutes=7 * 24 * 60)
    await channel.close(1)
    await channel.close(2)
    assert [(r.action, r.facts["level"]) for r in await channel.rows()] == [
        ("post", 0.1),
        ("reply", 0.2),
    ]
    assert (await channel.rows())[1].created_at.day == 5


async def test_it_goes_on_being_said_after_a_deeper_level_re_armed(services: Services) -> None:
    channel = Channel(services, [100, 89, 92.5, 92.5, 92.5, 92.5, 92.5, 92.5, 92.5])
    await channel.follow(DROP, repeat_minutes=10 * 24 * 60)
    for number in range(1, 9):
        await channel.close(number)
    assert len(await channel.rows()) == 1
    await channel.later(days=2)
    repeated = (await channel.rows())[1]
    assert (repeated.action, repeated.facts["level"]) == ("reply", 0.05)
    assert card_of(repeated.facts).badge == "still beyond −5%"


async def test_a_level_that_no_longer_holds_is_not_said_again(services: Services) -> None:
    channel = Channel(services, [100, 85, 91, 91])
    await channel.follow(DROP, repeat_minutes=24 * 60)
    for number in (1, 2, 3):
        await channel.close(number)
    rows = await channel.rows()
    assert [(r.facts["level"], r.facts["repeated"]) for r in rows] == [
        (0.1, False),
        (0.05, True),
        (0.05, True),
    ]


@pytest.mark.parametrize(("rule", "back"), [(BELOW, 96), (TEN, 91)])
async def test_nothing_is_said_again_while_it_is_not_so(
    services: Services, rule: Rule, back: float
) -> None:
    channel = Channel(services, [100, 88, back, 88])
    await channel.follow(rule, repeat_minutes=360)
    await channel.close(1)
    await channel.close(2)
    before = len(await channel.rows())
    await channel.later(hours=7)
    await channel.later(hours=7)
    assert len(await channel.rows()) == before
    await channel.close(3)
    await channel.later(hours=7)
    rows = await channel.rows()
    assert len(rows) > before
    assert rows[-1].facts["beyond"]
