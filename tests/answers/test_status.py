"""/status: whose channels it names."""

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.receiver import Receiver
from bot.services import Services
from storage import reach, receivers
from tests.asking import CONSOLE, ask

HERE = Receiver(0, "discord", "1", "#alerts", community="10")
ELSEWHERE = Receiver(0, "discord", "2", "#secret-desk", community="20")


@pytest.mark.parametrize(
    ("asker", "named"),
    [(ELSEWHERE, ["#secret-desk"]), (HERE, []), (CONSOLE, ["#secret-desk"])],
    ids=["its own server", "another server", "whoever runs the bot"],
)
async def test_a_channel_that_cannot_be_reached_is_named_to_its_own_server(
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
