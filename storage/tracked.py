"""Releases that are tracked: the sessions after them, and what was found of these."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import put
from storage.schema import held_news, outbox, tracked_event

KEY_LENGTH = 200
_RELEASE, _SUMMARY = "release", "summary"


@dataclass(frozen=True, slots=True)
class Tracked:
    """A release whose next sessions, `zero` to `last`, are watched for the stocks in `exposed`.

    `facts` are its names and how notable it is, JSON-ready. `mark` is the session after which it
    is studied next, looked at from `due_at` on; both None once there is nothing left to study.
    `studies` are what was found, or why nothing was, by mark as text.
    """

    key: str
    released_on: date
    zero: date
    last: date
    opened_at: datetime
    facts: Mapping[str, Any]
    exposed: Sequence[str]
    mark: int | None = None
    due_at: datetime | None = None
    studies: Mapping[str, Mapping[str, Any]] | None = None


async def open_event(connection: AsyncConnection, event: Tracked) -> None:
    """Track a release; one that is tracked already stays as it is."""
    row = {
        "key": event.key[:KEY_LENGTH],
        "released_on": event.released_on,
        "zero": event.zero,
        "last": event.last,
        "opened_at": event.opened_at,
        "facts": dict(event.facts),
        "exposed": list(event.exposed),
        "mark": event.mark,
        "due_at": event.due_at,
        "studies": dict(event.studies or {}),
    }
    await put(connection, tracked_event, [row])


async def watched_on(
    connection: AsyncConnection, first: date, last: date, until: datetime
) -> list[Tracked]:
    """Releases known by `until` whose sessions take in any day from `first` to `last`."""
    return await _events(
        connection,
        select(tracked_event).where(
            tracked_event.c.zero <= last,
            tracked_event.c.last >= first,
            tracked_event.c.opened_at <= until,
        ),
    )


async def due(connection: AsyncConnection, now: datetime, most: int) -> list[Tracked]:
    """Releases that are to be studied now, at most so many."""
    statement = select(tracked_event).where(tracked_event.c.due_at <= now).limit(most)
    return await _events(connection, statement)


async def newest(connection: AsyncConnection, until: datetime, most: int = 400) -> list[Tracked]:
    """The newest releases known by `until`, the newest first."""
    statement = select(tracked_event).where(tracked_event.c.opened_at <= until)
    return (await _events(connection, statement))[: -most - 1 : -1]


async def save(
    connection: AsyncConnection,
    key: str,
    mark: int | None,
    due_at: datetime | None,
    studies: Mapping[str, Mapping[str, Any]],
) -> None:
    """What was found so far, and what is to be studied next."""
    await connection.execute(
        update(tracked_event)
        .where(tracked_event.c.key == key)
        .values(mark=mark, due_at=due_at, studies=dict(studies))
    )


async def _events(connection: AsyncConnection, statement: Select[Any]) -> list[Tracked]:
    ordered = statement.order_by(tracked_event.c.opened_at, tracked_event.c.key)
    return [
        Tracked(
            row.key,
            row.released_on,
            row.zero,
            row.last,
            row.opened_at,
            row.facts,
            tuple(row.exposed),
            row.mark,
            row.due_at,
            row.studies,
        )
        for row in await connection.execute(ordered)
    ]


@dataclass(frozen=True, slots=True)
class Heard:
    """A channel that was told of a release, by which subscription; `row` is the message that says
    so, None while it is held back.
    """

    receiver_id: int
    subscription_id: int | None
    row: int | None


async def heard(
    connection: AsyncConnection,
    keys: Sequence[str],
    since: datetime,
    receiver_id: int | None = None,
) -> dict[str, list[Heard]]:
    """Who was told since then of the releases with these keys, by key: each channel once.

    The message is the release's own, or the summary of what was held back.
    """
    found: dict[str, dict[int, Heard]] = {key: {} for key in keys}
    held = select(held_news).where(
        held_news.c.facts["kind"].as_string() == _RELEASE,
        held_news.c.facts["key"].as_string().in_(sorted(keys)),
    )
    if receiver_id is not None:
        held = held.where(held_news.c.receiver_id == receiver_id)
    for row in await connection.execute(held):
        one = Heard(row.receiver_id, row.subscription_id, None)
        found[row.facts["key"]][row.receiver_id] = one
    sent = (
        select(
            outbox.c.id,
            outbox.c.receiver_id,
            outbox.c.subscription_id,
            outbox.c.key,
            outbox.c.facts["news"].as_string().label("news"),
        )
        .where(
            outbox.c.kind.in_([_RELEASE, _SUMMARY]),
            outbox.c.created_at >= since,
            outbox.c.action == "post",
            outbox.c.state != "dead",
            or_(outbox.c.kind == _SUMMARY, outbox.c.key.in_(sorted(keys))),
        )
        .order_by(outbox.c.id.desc())
    )
    if receiver_id is not None:
        sent = sent.where(outbox.c.receiver_id == receiver_id)
    for row in await connection.execute(sent):
        for key, subscription_id in _releases_of(row):
            if key in found:
                found[key][row.receiver_id] = Heard(row.receiver_id, subscription_id, row.id)
    return {key: [by[one] for one in sorted(by)] for key, by in found.items()}


def _releases_of(row: Any) -> list[tuple[str, int | None]]:
    """Of which releases a message tells, each with the subscription that it came by."""
    if row.key is not None:
        return [(row.key, row.subscription_id)]
    return [
        (item["facts"]["key"], item["subscription"])
        for item in json.loads(row.news or "[]") or ()
        if item["facts"]["kind"] == _RELEASE
    ]
