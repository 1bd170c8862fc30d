"""Model releases."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.release import Release
from storage.database import put
from storage.schema import release


async def put_releases(
    connection: AsyncConnection, releases: Sequence[Release], now: datetime
) -> None:
    """Store releases; one already stored is kept."""
    rows = [
        {
            "key": r.key,
            "lab": r.lab,
            "model": r.model,
            "kind": r.kind,
            "released_on": r.released_on,
            "known_at": r.known_at,
            "open_weights": r.open_weights,
            "source": r.source,
            "url": r.url,
            "other_dates": r.other_dates,
            "observed_at": now,
        }
        for r in releases
    ]
    await put(connection, release, rows)


async def known_keys(connection: AsyncConnection) -> set[str]:
    """The keys of all stored releases."""
    return set((await connection.execute(select(release.c.key))).scalars())


async def count(connection: AsyncConnection, until: datetime) -> int:
    """How many releases were known at `until`."""
    statement = select(func.count()).select_from(release).where(release.c.known_at <= until)
    return int((await connection.execute(statement)).scalar_one())


async def releases(connection: AsyncConnection, until: datetime) -> list[Release]:
    """Every release known at `until`, newest first."""
    statement = (
        select(release)
        .where(release.c.known_at <= until)
        .order_by(release.c.released_on.desc(), release.c.lab, release.c.model)
    )
    return [
        Release(
            key=row.key,
            lab=row.lab,
            model=row.model,
            kind=row.kind,
            released_on=row.released_on,
            known_at=row.known_at,
            open_weights=row.open_weights,
            source=row.source,
            url=row.url,
            other_dates=row.other_dates,
        )
        for row in await connection.execute(statement)
    ]


async def set_open(connection: AsyncConnection, key: str, *, open_weights: bool) -> None:
    """A later source said whether the weights are open."""
    await connection.execute(
        update(release).where(release.c.key == key).values(open_weights=open_weights)
    )
