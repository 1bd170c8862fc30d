"""/status: whose channels it names."""

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands import parse
from bot.errors import SourceError
from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.answering import answer
from storage import reach, receivers
from tests.asking import CONSOLE, ask
from tests.cycle.newsroom import Newsroom, feed

HERE = Receiver(0, "discord", "1", "#alerts", community="10")
ELSEWHERE = Receiver(0, "discord", "2", "#secret-desk", community="20")


@pytest.mark.parametrize(
    ("asker", "named"),
    [(ELSEWHERE, ["#secret-desk"]), (HERE, []), (CONSOLE, ["#secret-desk"])],
    ids=["there", "another server", "whoever runs the bot"],
)
async def test_a_channel_that_cannot_be_reached_is_named_there(
    services: Services, asker: Receiver, named: list[str]
) -> None:
    now = services.clock.now()

    async def work(connection: AsyncConnection) -> None:
        for one in (HERE, ELSEWHERE):
            made = await receivers.receiver_of(
                connection, one.surface, one.address, one.title, now, community=one.community
            )
        await reach.disable(connection, {made.id: (now, "the channel is gone")})

    await services.database.write(work)
    card = await ask("/status", services, asker)
    rows = card.table.rows if card.table else ()
    assert [row[0] for row in rows] == named
    assert ("cannot be reached" in card.title) == bool(named)


@pytest.mark.parametrize(
    ("seen", "named", "said"),
    [
        ((), [], "2 channels that are not shown here; /status in each says why"),
        (("3",), ["#den"], "and 1 channel that is not shown here; /status in it says why"),
        (("3", "4", "2"), ["#den", "#attic"], ""),
    ],
)
async def test_the_channels_of_a_server_are_named_only_to_who_may_know_them(
    services: Services, seen: tuple[str, ...], named: list[str], said: str
) -> None:
    now = services.clock.now()
    den = Receiver(0, "discord", "3", "#den", community="10")
    attic = Receiver(0, "discord", "4", "#attic", community="10")

    async def work(connection: AsyncConnection) -> None:
        for one in (HERE, ELSEWHERE, den, attic):
            made = await receivers.receiver_of(
                connection, one.surface, one.address, one.title, now, community=one.community
            )
            if one is not HERE:
                await reach.disable(connection, {made.id: (now, "the channel is gone")})

    await services.database.write(work)
    card = await answer(
        parse("/status"), services, HERE, now, sees=lambda other: other.address in seen
    )
    assert [row[0] for row in (card.table.rows if card.table else ())] == named
    assert card.title == "2 channels cannot be reached"
    assert "".join(one.value for one in card.fields if one.name == "Not reached") == said


async def test_feeds_that_fail_are_named_with_the_reason(services: Services) -> None:
    assert "Feeds" not in {one.name for one in (await ask("/status", services, CONSOLE)).fields}
    room = Newsroom(services)
    await room.open(feed(), feed("broken"))
    room.holds["broken"] = SourceError("its server fails (502)")
    for _hour in range(4):
        await room.look(hours=7)
    card = await ask("/status", services, CONSOLE)
    (said,) = [one.value for one in card.fields if one.name == "Feeds"]
    assert said.startswith("2 feeds, last read")
    assert "1 fails: broken (since 28 Jan 2025, 12:00 UTC: its server fails (502))" in said
