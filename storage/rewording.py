"""Messages of one piece of news in every channel that was told, and the edits that change them."""

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.outbox import named
from storage.schema import held_news, outbox

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Worded:
    """A message and what it says now, or will once its last edit has arrived.

    `id` is the row that posts it, `edit` its edit that nobody has tried to send; `unsent` where
    nobody has tried to send the message itself.
    """

    id: int
    receiver_id: int
    surface: str
    facts: Mapping[str, Any]
    unsent: bool
    edit: int | None


async def keys_told(
    connection: AsyncConnection, kind: str, since: datetime
) -> Sequence[Mapping[str, Any]]:
    """What is told since then in news of that kind, as posted and as edited: "key", "models"."""
    statement = (
        select(outbox.c.key, outbox.c.facts["models"].as_string())
        .where(*_of(kind, since))
        .distinct()
    )
    found = await connection.execute(statement)
    return [{"key": key, "models": json.loads(models or "[]") or []} for key, models in found]


async def worded(
    connection: AsyncConnection, kind: str, key: str, since: datetime
) -> AsyncIterator[list[Worded]]:
    """The messages since then of the news with that key, in every channel that has them: some at
    a time, since what thousands say takes a while to read, and others wait.
    """
    after = 0
    while some := await _some(connection, kind, key, since, after):
        yield some
        after = some[-1].id


async def _some(
    connection: AsyncConnection, kind: str, key: str, since: datetime, after: int
) -> list[Worded]:
    statement = (
        select(outbox)
        .where(
            *_of(kind, since),
            outbox.c.id > after,
            outbox.c.action != "edit",
            outbox.c.key == key,
        )
        .order_by(outbox.c.id)
        .limit(_AT_ONCE)
    )
    rows = list(await connection.execute(statement))
    edited = (
        select(outbox)
        .where(
            outbox.c.root_id.in_([row.id for row in rows]),
            outbox.c.action == "edit",
            outbox.c.state != "dead",
        )
        .order_by(outbox.c.id)
    )
    edits = {edit.root_id: edit for edit in await connection.execute(edited)}
    found = []
    for row in rows:
        edit = edits.get(row.id)
        pending = edit is not None and edit.state == "pending"
        found.append(
            Worded(
                row.id,
                row.receiver_id,
                row.surface,
                row.facts if edit is None else edit.facts,
                row.state == "pending" and not row.attempts,
                edit.id if edit is not None and pending else None,
            )
        )
    return found


async def reword(
    connection: AsyncConnection,
    changed: Sequence[tuple[Worded, str, Mapping[str, Any]]],
    fallback: str,
    now: datetime,
) -> None:
    """Let messages say something else: each with the nonce of its edit, and its new facts.

    What nobody has tried to send says it at once; a pending edit takes it over.
    """
    rewritten, added = [], []
    for message, nonce, facts in changed:
        waiting = message.edit or (message.id if message.unsent else None)
        if waiting is not None:
            rewritten.append(
                {"row": waiting, "facts": dict(facts), "fallback": fallback, **named(facts)}
            )
            continue
        added.append(
            {
                "receiver_id": message.receiver_id,
                "surface": message.surface,
                "nonce": nonce,
                "action": "edit",
                "root_id": message.id,
                "facts": dict(facts),
                "fallback": fallback,
                "created_at": now,
                "state": "pending",
                "next_attempt_at": now,
                "attempts": 0,
                **named(facts),
            }
        )
    if rewritten:
        statement = update(outbox).where(outbox.c.id == bindparam("row"))
        await connection.execute(statement, rewritten)
    if added:
        await connection.execute(insert(outbox), added)


async def held_of(
    connection: AsyncConnection, kind: str, key: str
) -> list[tuple[int, Mapping[str, Any]]]:
    """News of that kind and key that channels have yet to be told: its rows and facts."""
    statement = select(held_news.c.id, held_news.c.facts).where(
        held_news.c.facts["kind"].as_string() == kind,
        held_news.c.facts["key"].as_string() == key,
    )
    return [(row.id, row.facts) for row in await connection.execute(statement)]


async def told(
    connection: AsyncConnection, kind: str, keys: Collection[str], since: datetime
) -> set[int]:
    """The channels that were told since then, or yet will be, of news with any of these keys."""
    posted = select(outbox.c.receiver_id).where(
        *_of(kind, since),
        outbox.c.key.in_(sorted(keys)),
    )
    held = select(held_news.c.receiver_id).where(
        held_news.c.facts["kind"].as_string() == kind,
        held_news.c.facts["key"].as_string().in_(sorted(keys)),
    )
    return set((await connection.execute(posted.union(held))).scalars())


async def rewrite_held(
    connection: AsyncConnection, rows: Sequence[tuple[int, Mapping[str, Any]]], fallback: str
) -> None:
    """Let news that is held say something else."""
    if rows:
        await connection.execute(
            update(held_news).where(held_news.c.id == bindparam("row")),
            [{"row": row, "facts": dict(facts), "fallback": fallback} for row, facts in rows],
        )


def _of(kind: str, since: datetime) -> tuple[Any, ...]:
    return outbox.c.kind == kind, outbox.c.created_at >= since, outbox.c.state != "dead"
