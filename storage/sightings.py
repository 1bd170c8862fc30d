"""Sightings: what was made of each entry that was new."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import put
from storage.schema import release, sighting

RELEASE, WAITING, RUMOUR, OTHER, HELD = "release", "waiting", "rumour", "other", "held"
_THOUSAND = 1000
_COLUMNS = (
    "feed", "digest", "title", "summary", "url", "published_at", "seen_at", "state", "lab",
    "model", "kind", "reason", "release_key", "until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entry that was new, and what was made of it.

    `state` is "release", "waiting" (for another source, until `until`), "rumour", "other" or
    "held" (one of too many at once; named in a line at `until`, if not yet). `confidence` is
    between 0 and 1. `release_key` is the release that it tells of.
    """

    feed: str
    digest: str
    title: str
    seen_at: datetime
    state: str
    summary: str = ""
    url: str = ""
    published_at: datetime | None = None
    lab: str = ""
    model: str = ""
    kind: str = "language"
    confidence: float = 0.0
    reason: str = ""
    words: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    release_key: str | None = None
    until: datetime | None = None
    id: int = 0


def _of(row: Any) -> Sighting:
    return Sighting(
        id=row.id,
        confidence=row.confidence / _THOUSAND,
        words=tuple(row.words),
        given=row.given,
        **{name: getattr(row, name) for name in _COLUMNS},
    )


async def put_sightings(connection: AsyncConnection, found: Sequence[Sighting]) -> None:
    """Keep what was made of these; an entry that was judged before keeps what it has."""
    rows = [
        {name: getattr(one, name) for name in _COLUMNS}
        | {
            "confidence": round(one.confidence * _THOUSAND),
            "words": list(one.words),
            "given": dict(one.given),
        }
        for one in found
    ]
    await put(connection, sighting, rows, on=("feed", "digest"))


async def settle(connection: AsyncConnection, changed: Sequence[Sighting]) -> None:
    """Keep the new state, reason and release of sightings that waited."""
    if not changed:
        return
    statement = (
        update(sighting)
        .where(sighting.c.id == bindparam("of"))
        .values(
            state=bindparam("new_state"),
            reason=bindparam("new_reason"),
            release_key=bindparam("new_key"),
            until=bindparam("new_until"),
        )
    )
    await connection.execute(
        statement,
        [
            {
                "of": one.id,
                "new_state": one.state,
                "new_reason": one.reason,
                "new_key": one.release_key,
                "new_until": one.until,
            }
            for one in changed
        ],
    )


async def waiting(connection: AsyncConnection) -> list[Sighting]:
    """Those that wait for another source, oldest first."""
    statement = select(sighting).where(sighting.c.state == WAITING).order_by(sighting.c.id)
    return [_of(row) for row in await connection.execute(statement)]


async def waits_over(connection: AsyncConnection, now: datetime) -> bool:
    """Whether any has waited long enough, for another source or to be named."""
    statement = (
        select(sighting.c.id)
        .where(sighting.c.state.in_((HELD, WAITING)), sighting.c.until <= now)
        .limit(1)
    )
    return (await connection.execute(statement)).first() is not None


async def unsaid(connection: AsyncConnection, now: datetime) -> list[Sighting]:
    """Those of too many at once that are to be named by now, oldest first."""
    statement = (
        select(sighting)
        .where(sighting.c.state == HELD, sighting.c.until <= now)
        .order_by(sighting.c.id)
    )
    return [_of(row) for row in await connection.execute(statement)]


async def since(
    connection: AsyncConnection, at: datetime, states: Collection[str] = (RELEASE,)
) -> list[Sighting]:
    """Sightings in these states that were seen since `at`, oldest first."""
    statement = (
        select(sighting)
        .where(sighting.c.seen_at >= at, sighting.c.state.in_(sorted(states)))
        .order_by(sighting.c.seen_at, sighting.c.id)
    )
    return [_of(row) for row in await connection.execute(statement)]


async def of_release(connection: AsyncConnection, keys: Collection[str]) -> list[Sighting]:
    """The sightings of these releases, oldest first."""
    statement = (
        select(sighting)
        .where(sighting.c.release_key.in_(sorted(keys)))
        .order_by(sighting.c.seen_at, sighting.c.id)
    )
    return [_of(row) for row in await connection.execute(statement)]


async def matching(connection: AsyncConnection, text: str, most: int = 20) -> list[Sighting]:
    """Sightings whose title or model contains the text, newest first."""
    statement = (
        select(sighting)
        .where(
            or_(
                sighting.c.title.icontains(text, autoescape=True),
                sighting.c.model.icontains(text, autoescape=True),
            )
        )
        .order_by(sighting.c.seen_at.desc(), sighting.c.id.desc())
        .limit(most)
    )
    return [_of(row) for row in await connection.execute(statement)]


async def per_day(
    connection: AsyncConnection, key: str, now: datetime, seeded_at: datetime | None
) -> float:
    """How many new entries a feed had a day, in the last month; those that were held left out.

    One busy day makes no usual rate: it is taken over a week at least.
    """
    begun = now - timedelta(days=30)
    first = max(begun, seeded_at or begun)
    days = max((now - first) / timedelta(days=1), 7.0)
    statement = select(func.count()).where(
        sighting.c.feed == key, sighting.c.seen_at >= first, sighting.c.state != HELD
    )
    return float((await connection.execute(statement)).scalar_one()) / days


async def heard(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Lab and model of every release that a feed was the first to tell of."""
    statement = (
        select(release.c.lab, release.c.model)
        .where(exists().where(sighting.c.release_key == release.c.key))
        .order_by(release.c.key)
    )
    return [(row.lab, row.model) for row in await connection.execute(statement)]
