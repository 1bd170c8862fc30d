"""Other levels for an alert: one transaction, and all else stays."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.relevel import choices, relevel
from bot.commands import COMMANDS, parse
from bot.errors import UserError
from bot.model.rule import Condition, Rule
from bot.services import Request, Services
from storage import receivers
from tests.asking import CONSOLE, ask
from tests.cycle.channel import DROP, Channel

AI = Rule("ai", "1y", (100_000, 200_000), 20_000)
NVDA = Rule("NVDA", "1y", (100_000, 125_000), 20_000)


def _request(line: str, services: Services) -> Request:
    return Request(parse(line).options, services, CONSOLE, services.clock.now(), COMMANDS, "Ann")


async def _follow(services: Services, *rules: Rule, **options: Any) -> None:
    """Alerts as /alert add makes them, without the back-test that it shows."""
    now = services.clock.now()

    async def work(connection: AsyncConnection) -> None:
        given = await receivers.receiver_of(connection, "console", "local", "console", now)
        for rule in rules:
            number = await receivers.rule_id(connection, rule)
            await receivers.add_subscription(connection, given.id, now, rule_id=number, **options)

    await services.database.write(work)


async def test_an_alert_gets_other_levels_and_keeps_the_rest(seeded: Services) -> None:
    await _follow(seeded, AI, members=True, mention="@desk", repeat_minutes=360)
    await ask("/silence add alert 1 3d", seeded)
    card = await relevel(_request("/alert add ai levels=7.5,30", seeded), 1)
    assert card.title == (
        "Alert 1 is now alert 2: AI stocks are 7.5% or 30% below their peak, and each member too"
    )
    (alert,) = (await ask("/alert list", seeded)).facts["alerts"]
    assert (alert["number"], alert["levels"]) == (2, [0.075, 0.3])
    assert (alert["members"], alert["mention"], alert["repeat_minutes"]) == (True, "@desk", 360)
    (silence,) = (await ask("/silence list", seeded)).facts["silences"]
    assert silence["target"] == "rule:2"


async def test_what_is_held_back_is_told_all_the_same(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP)
    await channel.say("/channel quiet=15:00-23:00 timezone=America/New_York")
    await channel.close(1)
    await channel.later(hours=1)
    asked = replace(
        _request("/alert add NVDA levels=10,30", channel.services),
        receiver=channel.receiver,
        now=channel.now,
    )
    await relevel(asked, 1)
    assert await channel.told() == []
    await channel.later(hours=12)
    assert await channel.told() == [("post", "drawdown:NVDA")]


async def test_a_mistake_leaves_the_alert_as_it_was(seeded: Services) -> None:
    await _follow(seeded, NVDA, Rule("NVDA", "1y", (300_000,), 20_000))
    for line, number, said in (
        ("/alert add NVDA levels=120", 1, "percentages between 0 and 100"),
        ("/alert add NVDA levels=30", 1, "has that alert already, as number 2"),
        ("/alert add NVDA levels=30", 9, "no alert 9 any more"),
    ):
        with pytest.raises(UserError, match=said):
            await relevel(_request(line, seeded), number)
    alerts = (await ask("/alert list", seeded)).facts["alerts"]
    assert [(a["number"], a["levels"]) for a in alerts] == [(1, [0.1, 0.125]), (2, [0.3])]


async def test_what_can_be_chosen_says_its_levels_as_people_type_them(seeded: Services) -> None:
    await _follow(
        seeded,
        NVDA,
        Rule("NVDA", "below", (-100_000_000,), 1, Condition.BELOW),
        Rule("NVDA", "high", (1,), 1, Condition.HIGH),
        Rule("ai", "crowding", (950_000,), 50_000, Condition.CROWDING),
    )
    await ask("/subscribe releases", seeded)
    found = await choices(_request("/channel", seeded))
    assert [(one.number, one.target, one.levels) for one in found] == [
        (1, "NVDA", "10, 12.5"), (2, "NVDA", "100"), (3, "NVDA", ""), (4, "ai", "95"), (5, "", ""),
    ]  # fmt: skip
