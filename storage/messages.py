"""Messages as they stand on a surface: what was posted, and the newest edit of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.outbox import named
from storage.schema import outbox, story

_RECENT = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """A message and what it says now, or will once its edit has arrived.

    `id` is the outbox row that posted it, `posted` the facts of that row.
    """

    id: int
    receiver_id: int
    posted: Mapping[str, Any]
    facts: Mapping[str, Any]
    fallback: str


async def standing(
    connection: AsyncConnection, message_id: int, *, on_its_way: bool = False
) -> Standing | None:
    """A message that is on its surface, or may be; None where it never got there.

    With `on_its_way` also one that nobody has tried to send yet.
    """
    row = (await connection.execute(select(outbox).where(outbox.c.id == message_id))).first()
    if row is None or row.state == "dead":
        return None
    if row.state == "pending" and not row.attempts and not on_its_way:
        return None
    statement = (
        select(outbox.c.facts, outbox.c.fallback)
        .where(outbox.c.root_id == message_id, outbox.c.action == "edit", outbox.c.state != "dead")
        .order_by(outbox.c.id.desc())
        .limit(1)
    )
    edited = (await connection.execute(statement)).first()
    last = row if edited is None else edited
    return Standing(row.id, row.receiver_id, row.facts, last.facts, last.fallback)


@dataclass(frozen=True, slots=True)
class Told:
    """What a message tells: its facts, and target and topic of each open story that it began."""

    facts: Mapping[str, Any]
    posted_at: datetime
    stories: Sequence[tuple[str, str]]

    @property
    def sums_up(self) -> bool:
        """Whether its stories are not what its own facts are of."""
        return any(target != self.facts.get("target") for target, _topic in self.stories)


async def told(
    connection: AsyncConnection, receiver_id: int, also: Collection[int]
) -> dict[int, Told]:
    """The first messages of a receiver's open stories, and those of `also`; by their rows."""
    statement = (
        select(outbox.c.id, outbox.c.facts, outbox.c.created_at, story.c.target, story.c.topic)
        .outerjoin(story, and_(story.c.root_id == outbox.c.id, story.c.closed_at.is_(None)))
        .where(
            outbox.c.receiver_id == receiver_id,
            or_(story.c.receiver_id == receiver_id, outbox.c.id.in_(sorted(also))),
        )
        .order_by(outbox.c.id, story.c.id)
    )
    found: dict[int, Told] = {}
    for row in await connection.execute(statement):
        before = found[row.id].stories if row.id in found else ()
        stories = [*before, *([(row.target, row.topic)] if row.target is not None else [])]
        found[row.id] = Told(row.facts, row.created_at, stories)
    return found


async def recent(
    connection: AsyncConnection, receiver_id: int
) -> Sequence[tuple[int, Mapping[str, Any]]]:
    """A receiver's newest messages, the newest first: rows and the facts they were posted with."""
    statement = (
        select(outbox.c.id, outbox.c.facts)
        .where(
            outbox.c.receiver_id == receiver_id,
            outbox.c.action != "edit",
            outbox.c.state != "dead",
        )
        .order_by(outbox.c.id.desc())
        .limit(_RECENT)
    )
    return [(row.id, row.facts) for row in await connection.execute(statement)]


async def edited_since(connection: AsyncConnection, receiver_id: int, since: datetime) -> list[int]:
    """The receiver's messages that were edited from that moment on."""
    statement = (
        select(outbox.c.root_id)
        .where(
            outbox.c.receiver_id == receiver_id,
            outbox.c.action == "edit",
            outbox.c.root_id.is_not(None),
            # A pending edit that took over newer facts keeps the moment at which it was made.
            or_(
                outbox.c.created_at >= since,
                and_(outbox.c.state != "sent", outbox.c.state != "dead"),
                outbox.c.sent_at >= since,
            ),
        )
        .distinct()
        .order_by(outbox.c.root_id)
    )
    return list((await connection.execute(statement)).scalars())


async def waiting_edit(
    connection: AsyncConnection, story_id: int
) -> tuple[int, Mapping[str, Any], Mapping[str, Any]] | None:
    """The edit of a story's first message that nobody has tried to send: its row, what it will
    say, and what the message says until then. None where there is none.
    """
    root = select(story.c.root_id).where(story.c.id == story_id).scalar_subquery()
    statement = (
        select(outbox.c.id, outbox.c.facts, outbox.c.state)
        .where(
            or_(outbox.c.id == root, and_(outbox.c.root_id == root, outbox.c.action == "edit")),
            outbox.c.state != "dead",
        )
        .order_by(outbox.c.id.desc())
        .limit(2)
    )
    found = list(await connection.execute(statement))
    if len(found) < 2 or found[0].state != "pending":
        return None
    return found[0].id, found[0].facts, found[1].facts


async def rewrite(connection: AsyncConnection, row: int, facts: Mapping[str, Any]) -> None:
    """Let a row that is still on its way say something else."""
    await connection.execute(
        update(outbox).where(outbox.c.id == row).values(facts=dict(facts), **named(facts))
    )
