"""A server's choices, and the community and title of a channel."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.receiver import Receiver
from storage import outbox, receivers
from storage.database import Database
from storage.guilds import GuildSettings, all_guilds, guild_of, set_guild

NOW = datetime(2025, 1, 27, 22, 0, tzinfo=UTC)


async def test_a_server_has_the_defaults_until_it_chooses(database: Database) -> None:
    chosen = GuildSettings("77", True)

    async def choose(connection: AsyncConnection) -> None:
        await set_guild(connection, "1", GuildSettings("5", False))
        await set_guild(connection, "1", chosen)

    await database.write(choose)
    async with database.read() as connection:
        assert await guild_of(connection, "1") == chosen
        assert await guild_of(connection, "2") == GuildSettings(None, False)
        assert await all_guilds(connection) == {"1": chosen}


async def test_a_channel_takes_its_new_name_and_keeps_its_community(database: Database) -> None:
    async def work(connection: AsyncConnection) -> list[Receiver]:
        return [
            await receivers.receiver_of(connection, "discord", "10", "#old", NOW, "1"),
            await receivers.receiver_of(connection, "discord", "10", "#new", NOW),
        ]

    old, new = await database.write(work)
    assert (old.title, old.community) == ("#old", "1")
    assert (new.id, new.title, new.community) == (old.id, "#new", "1")
    async with database.read() as connection:
        assert await receivers.find_receiver(connection, "discord", "10") == new
        assert await receivers.receivers(connection) == [new]


async def test_a_message_is_found_by_its_nonce(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        one = await receivers.receiver_of(connection, "discord", "10", "#alerts", NOW, "1")
        await outbox.enqueue(connection, one.id, "ab" * 12, "post", {"kind": "x"}, "text", NOW)

    await database.write(work)
    async with database.read() as connection:
        found = await outbox.by_nonce(connection, "ab" * 12)
        assert found is not None
        assert (found.receiver.address, found.receiver.community) == ("10", "1")
        assert (found.facts, found.attempts) == ({"kind": "x"}, -1)
        assert await outbox.by_nonce(connection, "cd" * 12) is None
