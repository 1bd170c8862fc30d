"""One person asks Discord's commands for too much at once."""

import pytest

from bot.surfaces.answering import refuse_too_many
from storage.guilds import GuildSettings
from tests.cogs.town import Town
from tests.limited import limited

pytestmark = pytest.mark.asyncio(loop_scope="module")
TWO = "You asked 2 costly questions within a minute; ask again in 60 seconds."


async def test_beyond_the_limit_one_private_sentence_says_when(town: Town) -> None:
    where, nvda = town.guild.add_channel("eager"), {"target": "NVDA"}
    with limited(town.services, 2):
        for _ in range(2):
            answer = await town.ask("drawdown", nvda, by=town.member, where=where)
            assert answer.embeds
        for _ in range(3):
            refused = await town.ask("drawdown", nvda, by=town.member, where=where)
            assert (refused.content, refused.ephemeral, refused.embeds) == (TWO, True, [])
        # What costs little is answered all the same, and so is everybody else.
        assert (await town.ask("status", by=town.member, where=where)).embeds
        assert (await town.ask("drawdown", nvda, by=town.manager, where=where)).embeds
        # The same person in another channel is the same person.
        elsewhere = town.guild.add_channel("eager-too")
        assert (await town.ask("drawdown", nvda, by=town.member, where=elsewhere)).content == TWO
    assert where.sent == []


async def test_where_answers_are_public_the_refusal_is_private(town: Town) -> None:
    where = town.guild.add_channel("eager-in-public")
    await town.choose(GuildSettings(public_answers=True))
    try:
        with limited(town.services, 1):
            await town.ask("crowding", by=town.member, where=where)
            asked = town.server.interact("crowding", by=town.member, where=where)
            (refused,) = await asked.followups()
    finally:
        await town.choose(GuildSettings())
    assert refused.ephemeral
    assert refused.content.startswith("You asked 1 costly question within a minute; ask again in")


async def test_pressing_share_again_and_again_is_limited_too(town: Town) -> None:
    where = town.guild.add_channel("sharing-again")
    press = town.server.interact.press
    answer = await town.ask("status", by=town.member, where=where)
    with limited(town.services, 2):
        for _ in range(2):
            assert not (await press(answer, "Share", by=town.member).response()).ephemeral
        refused = await press(answer, "Share", by=town.member).response()
        assert (refused.content, refused.ephemeral) == (TWO, True)
    assert len(where.sent) == 2


async def test_the_console_asks_as_often_as_it_likes(town: Town) -> None:
    with limited(town.services, 1):
        for _ in range(5):
            refuse_too_many(town.services, "", town.services.clock.now())
