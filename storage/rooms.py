"""Rooms: pairs of channels that are told the same, and the codes by which they find each other."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.receiver import Receiver
from bot.model.room import Room
from storage.schema import decision, receiver, room, slack_install, subscription

# How a wrong code is kept on record, beside why alerts were told.
_TARGET, _STEP, _WRONG = "", "room", "a code that is not valid"
_inviter, _joiner = receiver.alias("inviter"), receiver.alias("joiner")


async def invite(
    connection: AsyncConnection,
    inviter_id: int,
    digest: str,
    invited_by: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep a code's digest; what the channel proposed before and nobody confirmed is gone."""
    await forget_proposals(connection, [inviter_id])
    await connection.execute(
        insert(room).values(
            inviter_id=inviter_id,
            code_digest=digest,
            invited_by=invited_by,
            created_at=now,
            expires_at=expires_at,
        )
    )


async def by_code(connection: AsyncConnection, digest: str, now: datetime) -> Room | None:
    """The room of a code that can still be given, or None."""
    return await _one(
        connection,
        room.c.code_digest == digest,
        room.c.joiner_id.is_(None),
        room.c.linked_at.is_(None),
        room.c.expires_at > now,
    )


async def room_of(connection: AsyncConnection, receiver_id: int) -> Room | None:
    """The room that a channel is in: linked, whatever else was proposed."""
    return await _one(
        connection,
        room.c.linked_at.is_not(None),
        or_(room.c.inviter_id == receiver_id, room.c.joiner_id == receiver_id),
    )


async def proposal_of(connection: AsyncConnection, receiver_id: int, now: datetime) -> Room | None:
    """What a channel is asked, or asks, and nobody has confirmed; the newest. None for nothing."""
    return await _one(
        connection,
        room.c.linked_at.is_(None),
        room.c.expires_at > now,
        or_(room.c.inviter_id == receiver_id, room.c.joiner_id == receiver_id),
    )


async def _one(connection: AsyncConnection, *conditions: Any) -> Room | None:
    statement = (
        select(room, *_columns(_inviter, "of_inviter"), *_columns(_joiner, "of_joiner"))
        .join(_inviter, _inviter.c.id == room.c.inviter_id)
        .outerjoin(_joiner, _joiner.c.id == room.c.joiner_id)
        .where(*conditions)
        .order_by(room.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        return None
    inviter = _receiver(row, "of_inviter")
    assert inviter is not None
    return Room(
        row["id"],
        inviter,
        _receiver(row, "of_joiner"),
        row["invited_by"],
        row["joined_by"],
        row["expires_at"],
        row["linked_at"],
    )


def _columns(side: Any, name: str) -> list[Any]:
    wanted = ("id", "surface", "address", "title", "disabled_reason", "community")
    return [side.c[column].label(f"{name}_{column}") for column in wanted]


def _receiver(row: Any, name: str) -> Receiver | None:
    if row[f"{name}_id"] is None:
        return None
    return Receiver(
        row[f"{name}_id"],
        row[f"{name}_surface"],
        row[f"{name}_address"],
        row[f"{name}_title"],
        row[f"{name}_disabled_reason"],
        row[f"{name}_community"],
    )


async def join(
    connection: AsyncConnection,
    room_id: int,
    joiner_id: int,
    joined_by: str,
    expires_at: datetime,
) -> None:
    """A channel gave the code: the room is proposed until `expires_at`."""
    await forget_proposals(connection, [joiner_id])
    await connection.execute(
        update(room)
        .where(room.c.id == room_id)
        .values(joiner_id=joiner_id, joined_by=joined_by, expires_at=expires_at)
    )


async def link(connection: AsyncConnection, found: Room, now: datetime) -> None:
    """The room is linked; what else either channel proposed is gone."""
    sides = [found.inviter.id, *([found.joiner.id] if found.joiner else [])]
    await connection.execute(update(room).where(room.c.id == found.id).values(linked_at=now))
    await forget_proposals(connection, sides)


async def leave(connection: AsyncConnection, room_id: int) -> None:
    """Nothing crosses any more."""
    await connection.execute(delete(room).where(room.c.id == room_id))


async def forget_proposals(connection: AsyncConnection, receiver_ids: list[int]) -> None:
    """Forget what these channels proposed, or were asked, and nobody confirmed."""
    await connection.execute(
        delete(room).where(
            room.c.linked_at.is_(None),
            or_(room.c.inviter_id.in_(receiver_ids), room.c.joiner_id.in_(receiver_ids)),
        )
    )


async def set_terms(
    connection: AsyncConnection,
    subscription_id: int,
    members: bool,
    *,
    once: bool,
    expires_at: datetime | None,
) -> None:
    """Other terms for an alert that both channels have."""
    await connection.execute(
        update(subscription)
        .where(subscription.c.id == subscription_id)
        .values(members=members, once=once, expires_at=expires_at)
    )


async def record_wrong(connection: AsyncConnection, receiver_id: int, now: datetime) -> None:
    """A channel gave a code that is not valid."""
    await connection.execute(
        insert(decision).values(
            at=now, receiver_id=receiver_id, target=_TARGET, step=_STEP, reason=_WRONG
        )
    )


async def wrong_tries(connection: AsyncConnection, receiver_id: int, since: datetime) -> int:
    """How many codes that are not valid a channel gave after that moment."""
    statement = select(func.count()).where(
        decision.c.receiver_id == receiver_id,
        decision.c.target == _TARGET,
        decision.c.step == _STEP,
        decision.c.at > since,
    )
    return int((await connection.execute(statement)).scalar_one())


async def workspace_name(connection: AsyncConnection, team: str) -> str:
    """The name of a Slack workspace that installed the bot through the browser; "" if unknown."""
    found = select(slack_install.c.name).where(slack_install.c.team == team)
    return str((await connection.execute(found)).scalar() or "")
