"""Feeds: what is looked at, how it does, and every entry that it ever had."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.feed import Feed, FeedKind, Voice
from storage.database import Database, decoded, put
from storage.schema import feed, feed_seen
from storage.slices import forget

# No look is put off for so long: the clock was ahead when it was.
FARTHEST = timedelta(days=2)
# How old the day may become that a mark was last listed, so that a look writes nothing as a rule:
# a month and, since a feed's first marks are all of one day, up to half a month by its digest.
_RENEWED, _SPREAD = 30, 16
LISTED = timedelta(days=_RENEWED + _SPREAD)
NOT_SHIPPED = "it is not among the shipped feeds any more"
_STATE = (
    "etag", "modified", "seeded_at", "next_at", "ok_at", "changed_at", "entries", "failures",
    "failing_since", "detail", "off_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed and how it does.

    `entries` is how many it had when it was last whole; `changed_at` when it last had something
    new. `detail` says in words what is wrong; a feed that is off (`off_at`) is not looked at.
    """

    feed: Feed
    next_at: datetime
    etag: str = ""
    modified: str = ""
    seeded_at: datetime | None = None
    ok_at: datetime | None = None
    changed_at: datetime | None = None
    entries: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    detail: str = ""
    off_at: datetime | None = None
    added_by: str = ""


def _row(item: Feed) -> dict[str, Any]:
    return {
        "key": item.key,
        "kind": item.kind.value,
        "voice": item.voice.value,
        "url": item.url,
        "title": item.title,
        "lab": item.lab,
        "owner": item.owner,
        "interval": item.interval,
    }


def _state(row: Any) -> FeedState:
    item = Feed(
        row.key,
        FeedKind(row.kind),
        Voice(row.voice),
        row.url,
        row.title,
        row.lab,
        row.owner,
        row.interval,
    )
    return FeedState(item, added_by=row.added_by, **{name: getattr(row, name) for name in _STATE})


async def put_shipped(
    connection: AsyncConnection, shipped: Mapping[str, Feed], now: datetime
) -> None:
    """The shipped feeds are these. One with another address begins anew, silently; one that is
    not shipped any more is off, and what was seen there is kept.
    """
    before = {one.feed.key: one for one in await feeds(connection, owner="")}
    rows = [_row(item) | {"next_at": now} for item in shipped.values()]
    await put(connection, feed, rows, update=("kind", "voice", "url", "title", "lab", "interval"))
    moved = [
        key
        for key, item in shipped.items()
        if key in before and (before[key].feed.url, before[key].feed.kind) != (item.url, item.kind)
    ]
    if moved:
        fresh = {"etag": "", "modified": "", "seeded_at": None, "next_at": now, "entries": 0}
        well = {"failures": 0, "failing_since": None, "detail": ""}
        await connection.execute(update(feed).where(feed.c.key.in_(moved)).values(**fresh, **well))
    back = [key for key in shipped if key in before and before[key].detail == NOT_SHIPPED]
    if back:
        again = {"off_at": None, "detail": "", "next_at": now}
        await connection.execute(update(feed).where(feed.c.key.in_(back)).values(**again))
    gone = [key for key, one in before.items() if key not in shipped and one.off_at is None]
    if gone:
        await connection.execute(
            update(feed).where(feed.c.key.in_(gone)).values(off_at=now, detail=NOT_SHIPPED)
        )


async def feeds(
    connection: AsyncConnection, owner: str | None = None, *, owners: Collection[str] = ()
) -> list[FeedState]:
    """Feeds by key: all, those of one owner ("" for the shipped), or those of several."""
    statement = select(feed).order_by(feed.c.owner, feed.c.key)
    if owner is not None:
        statement = statement.where(feed.c.owner == owner)
    elif owners:
        statement = statement.where(feed.c.owner.in_(sorted(owners)))
    return await decoded(await connection.execute(statement), lambda rows: map(_state, rows))


async def find_feed(connection: AsyncConnection, key: str) -> FeedState | None:
    """The feed of that key, or None."""
    row = (await connection.execute(select(feed).where(feed.c.key == key))).first()
    return None if row is None else _state(row)


async def due(
    connection: AsyncConnection, now: datetime, most: int, without: Collection[str] = ()
) -> list[FeedState]:
    """The feeds to look at now, the longest due first; none of `without`."""
    statement = (
        select(feed)
        .where(feed.c.off_at.is_(None), feed.c.key.not_in(sorted(without)))
        .where(or_(feed.c.next_at <= now, feed.c.next_at > now + FARTHEST))
        .order_by(feed.c.next_at, feed.c.key)
        .limit(most)
    )
    return [_state(row) for row in await connection.execute(statement)]


async def add_feed(
    connection: AsyncConnection, item: Feed, now: datetime, added_by: str = ""
) -> None:
    """A feed of somebody's own choosing; one of the same key is switched on again."""
    row = _row(item) | {"added_by": added_by, "next_at": now, "off_at": None, "failures": 0}
    again = ("url", "title", "lab", "added_by", "next_at", "off_at", "failures")
    await put(connection, feed, [row], update=again)


async def remove_feed(connection: AsyncConnection, key: str) -> bool:
    """Remove a feed with all that was seen there; False where there is none."""
    return (await connection.execute(delete(feed).where(feed.c.key == key))).rowcount > 0


async def save(connection: AsyncConnection, states: Sequence[FeedState]) -> None:
    """Keep how these feeds do."""
    if not states:
        return
    statement = (
        update(feed)
        .where(feed.c.key == bindparam("of"))
        .values({name: bindparam(f"new_{name}") for name in _STATE})
    )
    await connection.execute(
        statement,
        [
            {"of": one.feed.key} | {f"new_{name}": getattr(one, name) for name in _STATE}
            for one in states
        ],
    )


async def known(connection: AsyncConnection, key: str) -> dict[str, date]:
    """All that is remembered of a feed's entries: by digest the day it was last listed, or up to
    a month and a half before.
    """
    statement = select(feed_seen.c.digest, feed_seen.c.last_seen).where(feed_seen.c.feed == key)
    return {row[0]: row[1] for row in await connection.execute(statement)}


def to_renew(known: Mapping[str, date], listed: Collection[str], on: date) -> list[str]:
    """Of the digests that a feed lists those whose day is a month old, or half a month more."""
    return [
        digest
        for digest in listed
        if digest in known
        and (on - known[digest]).days >= _RENEWED + crc32(digest.encode()) % _SPREAD
    ]


async def put_seen(
    connection: AsyncConnection, seen: Mapping[str, Collection[str]], now: datetime
) -> None:
    """Remember digests by feed, and that they are listed; for as long as `forget_seen` says."""
    rows = (
        {"feed": key, "digest": digest, "seen_at": now, "last_seen": now.date()}
        for key, digests in seen.items()
        for digest in sorted(digests)
    )
    await put(connection, feed_seen, rows, update=("last_seen",))


async def forget_seen(database: Database, now: datetime, keep: timedelta) -> int:
    """Forget marks that their feed had dropped for at least `keep` when last read: how many.

    A feed that has not changed is not read: what it listed then it lists still. Of one that cannot
    be read nobody knows, and nothing is forgotten.
    """
    async with database.read() as connection:
        statement = (
            select(feed.c.key, feed.c.ok_at, func.max(feed_seen.c.last_seen))
            .join(feed_seen, feed_seen.c.feed == feed.c.key)
            .group_by(feed.c.key, feed.c.ok_at)
        )
        rows = list(await connection.execute(statement))
    forgotten = 0
    for key, ok_at, last in rows:
        # A clock that was ahead marked a day to come.
        listed = read_on = min(last, min(ok_at or now, now).date())
        if ok_at is not None and min(ok_at, now).date() - listed > LISTED:
            read_on = min(ok_at, now).date()
            lists = (feed_seen.c.feed == key, feed_seen.c.last_seen >= listed - LISTED)
            renewed = update(feed_seen).where(*lists).values(last_seen=read_on)
            await database.write(lambda c, what=renewed: c.execute(what))  # type: ignore[misc]
        old = (feed_seen.c.feed == key, feed_seen.c.last_seen < read_on - keep - LISTED)
        forgotten += await forget(database, feed_seen, *old)
    return forgotten


async def failing(connection: AsyncConnection) -> list[FeedState]:
    """The shipped feeds that fail, and those that were switched off for it."""
    statement = (
        select(feed)
        .where(feed.c.owner == "", or_(feed.c.failures > 0, feed.c.off_at.is_not(None)))
        .where(feed.c.detail != NOT_SHIPPED)
        .order_by(feed.c.key)
    )
    return [_state(row) for row in await connection.execute(statement)]


async def count(connection: AsyncConnection, owner: str) -> int:
    """How many feeds an owner has."""
    statement = select(func.count()).select_from(feed).where(feed.c.owner == owner)
    return int((await connection.execute(statement)).scalar_one())


async def last_looked(connection: AsyncConnection) -> datetime | None:
    """When any shipped feed was last read well; None before the first time."""
    statement = select(func.max(feed.c.ok_at)).where(feed.c.owner == "")
    found: datetime | None = (await connection.execute(statement)).scalar_one()
    return found
