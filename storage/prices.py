"""What sources were seen to ask for models: a row for as long as a price stayed the same."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.asked import Asked
from bot.model.rate import Evidence, Key, Rate, Terms
from bot.model.wording import day
from storage.schema import price_seen

# What was read so much later than now was read while the clock was wrong.
AHEAD = timedelta(hours=1)
_MICRO = 1_000_000
_BATCH = 500
_WINDOW = re.compile(r"(\d+)-(\d+)")
_METERS = ("input", "cached", "output")
_NOBODY: Key = ("", "")
# The newest row, look and end.
Mark = tuple[int, datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at one source changed. `began` are prices that are new or that changed; all are
    on the first look, which is no news. `shrunken` where the list lost so much that nothing was
    taken from it.
    """

    first: bool = False
    began: int = 0
    ended: int = 0
    same: int = 0
    shrunken: bool = False


async def put_look(
    connection: AsyncConnection,
    source: str,
    lines: Sequence[Asked],
    meant: Mapping[tuple[str, str], Key],
    at: datetime,
    *,
    shrunken: bool = False,
) -> Look:
    """Store a whole list as it was read at `at`; `meant` are the models by provider and name.

    What costs the same is seen again; what costs something else, or is absent, ends. A list that
    lacks more than half of what it had changes nothing, unless it may be `shrunken`: it is a fault,
    more likely than a clearance.
    """
    await _set_back(connection, source, at)
    open_rows = await _open(connection, source)
    known = {(row.provider, row.named, row.terms): row for row in open_rows}
    newest = await connection.scalar(
        select(func.max(price_seen.c.last_seen_at)).where(price_seen.c.source == source)
    )
    if newest is not None and newest >= at:
        return Look(same=len(known))
    given = {(one.provider, one.named, written(one.terms)): one for one in lines}
    if not shrunken and 2 * len(known.keys() & given.keys()) < len(known):
        return Look(same=len(known), shrunken=True)
    new: list[dict[str, Any]] = []
    ended: list[int] = []
    renamed: list[dict[str, Any]] = []
    for place, one in given.items():
        row, key = known.get(place), meant.get(place[:2], _NOBODY)
        prices = _micros(one)
        if row is not None and tuple(getattr(row, meter) for meter in _METERS) == prices:
            if (row.lab, row.model) != key:
                renamed.append({"row_id": row.id, "lab": key[0], "model": key[1]})
            continue
        if row is not None:
            ended.append(row.id)
        new.append(_row(source, place, key, prices, at))
    ended += [row.id for place, row in known.items() if place not in given]
    await _write(connection, source, new, ended, renamed, at)
    return Look(newest is None, len(new), len(ended), len(known) - len(ended))


async def seen_again(connection: AsyncConnection, source: str, at: datetime) -> None:
    """The source said that nothing has changed."""
    await _set_back(connection, source, at)
    await _still_there(connection, source, at)


async def _still_there(connection: AsyncConnection, source: str, at: datetime) -> None:
    await connection.execute(
        update(price_seen)
        .where(price_seen.c.source == source, price_seen.c.ended_at.is_(None))
        .values(last_seen_at=at)
    )


async def looks(connection: AsyncConnection) -> dict[str, tuple[datetime, int]]:
    """When each source was last read, and how many prices it has."""
    rows = await connection.execute(
        select(price_seen.c.source, func.max(price_seen.c.last_seen_at), func.count())
        .where(price_seen.c.ended_at.is_(None))
        .group_by(price_seen.c.source)
        .order_by(price_seen.c.source)
    )
    return {source: (at, number) for source, at, number in rows}


async def mark(connection: AsyncConnection) -> Mark:
    """Something that differs whenever what was seen does."""
    columns = price_seen.c
    row = (
        await connection.execute(
            select(func.max(columns.id), func.max(columns.last_seen_at), func.max(columns.ended_at))
        )
    ).one()
    return row[0] or 0, row[1], row[2]


async def seen_rates(connection: AsyncConnection) -> list[Rate]:
    """Every price that was seen of a model that is known, and from when to when.

    What a source had on its first look held before, nobody knows since when. Of several names that
    one provider has for a model the one it still lists, and of those the shortest, is taken.
    """
    columns = price_seen.c
    began = await connection.execute(
        select(columns.source, func.min(columns.first_seen_at)).group_by(columns.source)
    )
    first = {row[0]: row[1] for row in began}
    rows = (await connection.execute(select(price_seen).where(columns.lab != ""))).all()
    # A year of looks has a hundred thousand rows: whoever waits for something else need not.
    return await asyncio.to_thread(_rates, rows, first)


def _rates(rows: Sequence[Any], first: Mapping[str, datetime]) -> list[Rate]:
    chosen: dict[tuple[str, str, str, str], tuple[bool, int, str]] = {}
    for row in rows:
        rank = (row.ended_at is not None, len(row.named), row.named)
        chosen[_place(row)] = min(chosen.get(_place(row), rank), rank)
    own = [row for row in rows if chosen[_place(row)][2] == row.named]
    return [_rate(row, first[row.source]) for row in (*own, *_before(rows, own))]


def _before(rows: Sequence[Any], own: Sequence[Any]) -> list[Any]:
    """What a source had under another name until the look at which it had the same price under the
    one that is taken: it has only called it something else.
    """
    begun: dict[tuple[str, ...], Any] = {}
    for row in own:
        at = (*_place(row), row.terms)
        if at not in begun or row.first_seen_at < begun[at].first_seen_at:
            begun[at] = row
    names = {id(row) for row in own}
    others = [row for row in rows if id(row) not in names]
    same = {
        (*_place(row), row.terms, row.named)
        for row in others
        if (now := begun.get((*_place(row), row.terms))) is not None
        and row.ended_at == now.first_seen_at
        and all(getattr(row, meter) == getattr(now, meter) for meter in _METERS)
    }
    return [row for row in others if (*_place(row), row.terms, row.named) in same]


def _place(row: Any) -> tuple[str, str, str, str]:
    return row.source, row.provider, row.lab, row.model


def written(terms: Terms) -> str:
    """Terms as text; "" for the usual ones."""
    parts = [
        f"clock={terms.clock}" if terms.clock else "",
        "hours=" + "|".join(f"{start}-{to}" for start, to in terms.hours) if terms.hours else "",
        "weekdays" if terms.weekdays else "",
        "batch" if terms.batch else "",
        f"over={terms.over}" if terms.over else "",
    ]
    return " ".join(part for part in parts if part)


@lru_cache(maxsize=1024)
def read_terms(text: str) -> Terms:
    """The terms that `written` wrote."""
    said = dict(part.partition("=")[::2] for part in text.split())
    return Terms(
        clock=said.get("clock", ""),
        hours=tuple((int(start), int(to)) for start, to in _WINDOW.findall(said.get("hours", ""))),
        weekdays="weekdays" in said,
        batch="batch" in said,
        over=int(said.get("over", 0)),
    )


async def _set_back(connection: AsyncConnection, source: str, at: datetime) -> None:
    """Take what has days of the future, from when the clock was wrong, as of now."""
    own, columns = price_seen.c.source == source, price_seen.c
    newest = await connection.scalar(select(func.max(columns.last_seen_at)).where(own))
    if newest is None or newest <= at + AHEAD:
        return
    before = at - timedelta(microseconds=1)  # a look at `at` is still to come
    await connection.execute(  # of one line only what stands can be moved to that moment
        delete(price_seen).where(own, columns.first_seen_at > before, columns.ended_at.is_not(None))
    )
    for column in (columns.first_seen_at, columns.last_seen_at, columns.ended_at):
        await connection.execute(
            update(price_seen).where(own, column > before).values({column: before})
        )


async def _open(connection: AsyncConnection, source: str) -> Sequence[Any]:
    return (
        await connection.execute(
            select(price_seen).where(price_seen.c.source == source, price_seen.c.ended_at.is_(None))
        )
    ).all()


async def _write(
    connection: AsyncConnection,
    source: str,
    new: Sequence[Mapping[str, Any]],
    ended: Sequence[int],
    renamed: Sequence[Mapping[str, Any]],
    at: datetime,
) -> None:
    for start in range(0, len(ended), _BATCH):
        await connection.execute(
            update(price_seen)
            .where(price_seen.c.id.in_(ended[start : start + _BATCH]))
            .values(ended_at=at)
        )
    if renamed:
        await connection.execute(
            update(price_seen)
            .where(price_seen.c.id == bindparam("row_id"))
            .values(lab=bindparam("lab"), model=bindparam("model")),
            [dict(row) for row in renamed],
        )
    await _still_there(connection, source, at)  # those that have ended are not
    for start in range(0, len(new), _BATCH):
        await connection.execute(
            insert(price_seen), [dict(row) for row in new[start : start + _BATCH]]
        )


def _row(
    source: str,
    place: tuple[str, str, str],
    key: Key,
    prices: tuple[int | None, ...],
    at: datetime,
) -> dict[str, Any]:
    provider, named, terms = place
    return {
        "source": source, "provider": provider, "named": named, "terms": terms,
        "lab": key[0], "model": key[1], "first_seen_at": at, "last_seen_at": at,
        **dict(zip(_METERS, prices, strict=True)),
    }  # fmt: skip


def _micros(one: Asked) -> tuple[int | None, ...]:
    prices = (one.input_mtok, one.cached_mtok, one.output_mtok)
    return tuple(None if price is None else round(price * _MICRO) for price in prices)


@lru_cache(maxsize=8192)
def _money(micros: int | None) -> Decimal | None:
    return None if micros is None else (Decimal(micros) / _MICRO).normalize() + 0  # 40, not 4E+1


def _rate(row: Any, first: datetime) -> Rate:
    return Rate(
        key=(row.lab, row.model),
        provider=row.provider,
        input_mtok=_money(row.input),
        cached_mtok=_money(row.cached),
        output_mtok=_money(row.output),
        source=row.source,
        observed_at=row.first_seen_at,
        evidence=Evidence.LISTED,
        since=None if row.first_seen_at == first else row.first_seen_at,
        until=row.ended_at,
        terms=read_terms(row.terms),
        note="" if row.ended_at else f"as last read on {day(row.last_seen_at.date())}",
        read_at=row.last_seen_at,
    )
