"""Two channels in two tenants, and strangers beside them: what tests of rooms share."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.commands import parse
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.services import Services, SetClock
from bot.surfaces.answering import answer
from storage import controls, receivers
from storage.schema import outbox
from storage.schema import silence as silence_table
from storage.schema import subscription as subscription_table

DISCORD = Receiver(0, "discord", "10", "#alerts", community="G1", community_name="Chips")
SLACK = Receiver(0, "slack", "T1/C1", "#stocks", community="T1", community_name="Desk")
# Of other tenants, one on each platform; and another channel of each side's own.
STRANGER = Receiver(0, "discord", "20", "#secret", community="G2", community_name="Spies")
OTHER = Receiver(0, "slack", "T2/C2", "#hidden", community="T2", community_name="Moles")
BESIDE = Receiver(0, "discord", "11", "#beside", community="G1", community_name="Chips")
EVERYWHERE = (DISCORD, SLACK, STRANGER, OTHER, BESIDE)


@dataclass
class Rooms:
    """Channels that type commands, on one database."""

    services: Services

    async def say(self, where: Receiver, line: str, by: str = "Ann") -> Card:
        """The card that answers a line typed there."""
        return await answer(parse(line), self.services, where, self.services.clock.now(), by)

    def later(self, **span: float) -> None:
        """Some time passes."""
        clock = self.services.clock
        assert isinstance(clock, SetClock)
        clock.moment += timedelta(**span)

    async def code(self, where: Receiver = DISCORD) -> str:
        """A new code of that channel."""
        return str((await self.say(where, "/room invite")).facts["code"])

    async def link(self, inviter: Receiver = DISCORD, joiner: Receiver = SLACK) -> Card:
        """Link two channels; the answer to the confirmation."""
        code = await self.code(inviter)
        await self.say(joiner, f"/room join {code}", "Bob")
        return await self.say(inviter, "/room confirm")

    async def stored(self, where: Receiver) -> Receiver:
        """The channel as it is on record."""
        async with self.services.database.read() as connection:
            found = await receivers.find_receiver(connection, where.surface, where.address)
        assert found is not None
        return found

    async def subscriptions(self, where: Receiver) -> list[Any]:
        """What a channel gets."""
        key = (await self.stored(where)).id
        async with self.services.database.read() as connection:
            return await receivers.subscriptions(connection, key)

    async def silences(self, where: Receiver) -> list[Any]:
        """What is silent in a channel."""
        key, now = (await self.stored(where)).id, self.services.clock.now()
        async with self.services.database.read() as connection:
            return await controls.silences(connection, [key], now)

    async def notes(self, where: Receiver) -> list[str]:
        """Titles of the notes that were posted there."""
        key = (await self.stored(where)).id
        async with self.services.database.read() as connection:
            statement = select(outbox).where(outbox.c.receiver_id == key).order_by(outbox.c.id)
            rows = list(await connection.execute(statement))
        return [row.facts["title"] for row in rows if row.facts["kind"] == "note"]

    async def raw(self, where: Receiver) -> list[Any]:
        """Every subscription and silence of a channel, to the letter."""
        async with self.services.database.read() as connection:
            found = await receivers.find_receiver(connection, where.surface, where.address)
            if found is None:
                return []
            rows: list[Any] = []
            for table in (subscription_table, silence_table):
                statement = select(table).where(table.c.receiver_id == found.id)
                rows += [tuple(row) for row in await connection.execute(statement)]
            return rows


def unnamed(where: Receiver) -> Receiver:
    """The channel where its surface did not say how its community is called."""
    return replace(where, community_name="")
