"""What communities and rooms chose, read and set as a whole: for files that carry it elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.guilds import GuildSettings
from storage.schema import guild, receiver, room


@dataclass(frozen=True, slots=True)
class Link:
    """Two receivers, by id, that are told the same, and who agreed to it."""

    inviter_id: int
    joiner_id: int
    invited_by: str
    joined_by: str


async def guilds(connection: AsyncConnection) -> Mapping[str, GuildSettings]:
    """What every server chose, by its id."""
    rows = await connection.execute(select(guild).order_by(guild.c.id))
    return {row.id: GuildSettings(row.manager_role, row.public_answers) for row in rows}


async def links(connection: AsyncConnection) -> list[Link]:
    """Every two receivers that are linked."""
    statement = select(room).where(room.c.linked_at.is_not(None)).order_by(room.c.id)
    return [
        Link(row.inviter_id, row.joiner_id, row.invited_by, row.joined_by)
        for row in await connection.execute(statement)
        if row.joiner_id is not None
    ]


async def add_link(connection: AsyncConnection, link: Link, digest: str, now: datetime) -> None:
    """Link two receivers that agreed elsewhere; `digest` is of no code that anybody knows."""
    row = {
        "inviter_id": link.inviter_id,
        "joiner_id": link.joiner_id,
        "code_digest": digest,
        "invited_by": link.invited_by,
        "joined_by": link.joined_by,
        "created_at": now,
        "expires_at": now,
        "linked_at": now,
    }
    await connection.execute(insert(room).values(row))


async def setters(connection: AsyncConnection) -> Mapping[int, str]:
    """Who first set each receiver up, by its id; "" where that is not known."""
    rows = await connection.execute(select(receiver.c.id, receiver.c.set_up_by))
    return {row.id: row.set_up_by for row in rows}
