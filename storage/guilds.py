"""What a Discord server chose for all its channels."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import put
from storage.schema import guild


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """`manager_role` is the id of the role that may change what channels get, beside those who
    may manage them; `public_answers` says whether everybody sees the answers to commands.
    """

    manager_role: str | None = None
    public_answers: bool = False


async def guild_of(connection: AsyncConnection, guild_id: str) -> GuildSettings:
    """What the server chose; the defaults where it never did."""
    row = (await connection.execute(select(guild).where(guild.c.id == guild_id))).first()
    return GuildSettings() if row is None else GuildSettings(row.manager_role, row.public_answers)


async def all_guilds(connection: AsyncConnection) -> dict[str, GuildSettings]:
    """What every server chose that ever did, by its id."""
    rows = await connection.execute(select(guild))
    return {row.id: GuildSettings(row.manager_role, row.public_answers) for row in rows}


async def set_guild(connection: AsyncConnection, guild_id: str, settings: GuildSettings) -> None:
    """Store what the server chose."""
    row = {
        "id": guild_id,
        "manager_role": settings.manager_role,
        "public_answers": settings.public_answers,
    }
    await put(connection, guild, [row], update=("manager_role", "public_answers"))
