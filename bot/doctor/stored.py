"""What the database holds that is to be examined. Read only: nothing is made, nothing migrated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.cycle.watched import watched_symbols
from bot.model.trust import Health
from storage import feeds, slack_installs, trust
from storage.feeds import FeedState
from storage.schema import receiver, subscription
from storage.slack_installs import SlackInstall


@dataclass(frozen=True, slots=True)
class Followed:
    """A channel that follows something. `mentions` are the roles that its messages mention.

    `disabled_at` is since when it is told nothing, for `disabled_reason`.
    """

    surface: str
    address: str
    title: str
    community: str
    disabled_at: datetime | None = None
    disabled_reason: str = ""
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """What is followed and read, how sources do by name, and the workspaces with the bot."""

    followed: tuple[Followed, ...] = ()
    feeds: tuple[FeedState, ...] = ()
    health: Mapping[str, Health] = field(default_factory=dict)
    installs: tuple[SlackInstall, ...] = ()
    watched: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)


def engine(url: str, *, still: bool = False) -> AsyncEngine:
    """An engine that can only read a file; with `still` it does not even look for a writer."""
    if not url.startswith("sqlite"):
        return create_async_engine(url)
    address = file_address(Path(url.partition(":///")[2]), still=still)
    return create_async_engine(f"sqlite+aiosqlite:///{address}&uri=true")


def is_still(file: Path, *, runs: bool | None) -> bool:
    """Whether a file can be read as one that nobody writes: SQLite then leaves no file beside it.

    What a program that was killed has written and not folded in is in a file of its own.
    """
    ahead = Path(f"{file}-wal")
    return runs is False and not (ahead.is_file() and ahead.stat().st_size)


def file_address(path: Path, *, still: bool = False, write: bool = False) -> str:
    """The address by which SQLite opens a file that is there, to read or (`write`) to write."""
    mode = "rw" if write else "ro"
    return f"file:{quote(str(path))}?mode={mode}" + ("&immutable=1" if still else "")


async def look(connection: AsyncConnection, watch: tuple[str, ...]) -> Stored:
    """All of it, in one consistent view. Raises what SQLAlchemy raises for another schema."""
    states = await feeds.feeds(connection)
    titles = select(receiver.c.surface, receiver.c.community, func.min(receiver.c.title))
    return Stored(
        followed=await _followed(connection),
        feeds=tuple(states),
        health=await trust.sources(connection),
        installs=tuple(await slack_installs.installs(connection)),
        watched=tuple(await watched_symbols(connection, watch)),
        zones=tuple(
            (await connection.execute(select(receiver.c.time_zone).distinct())).scalars().all()
        ),
        titles={
            f"{row[0]}:{row[1]}": row[2]
            for row in await connection.execute(
                titles.group_by(receiver.c.surface, receiver.c.community)
            )
        },
    )


async def _followed(connection: AsyncConnection) -> tuple[Followed, ...]:
    columns = (
        receiver.c.id, receiver.c.surface, receiver.c.address, receiver.c.title,
        receiver.c.community, receiver.c.disabled_at, receiver.c.disabled_reason,
    )  # fmt: skip
    statement = (
        select(*columns, subscription.c.mention)
        .join(subscription, subscription.c.receiver_id == receiver.c.id)
        .where(subscription.c.spent_by.is_(None))
        # Those that fail first: there may be more than are looked at.
        .order_by(receiver.c.failures.desc(), receiver.c.id)
    )
    rows: dict[int, Any] = {}
    mentions: dict[int, set[str]] = {}
    for row in await connection.execute(statement):
        rows[row.id] = row
        mentions.setdefault(row.id, set()).update([row.mention] if row.mention else [])
    return tuple(
        Followed(
            row.surface,
            row.address,
            row.title,
            row.community,
            row.disabled_at,
            row.disabled_reason or "",
            tuple(sorted(mentions[key])),
        )
        for key, row in rows.items()
    )
