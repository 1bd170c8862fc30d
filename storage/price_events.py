"""News about prices that was found, told or not; each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import put
from storage.schema import price_event

# A row that says that the first look is over; it is no event.
BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """An event as it is kept. `facts` are JSON-ready, its figures and where they come from."""

    key: str
    kind: str
    lab: str
    model: str
    effective_at: datetime
    found_at: datetime
    facts: dict[str, Any]


async def has_begun(connection: AsyncConnection) -> bool:
    """Whether there was a look at prices before."""
    statement = select(price_event.c.key).where(price_event.c.key == BEGUN)
    return (await connection.execute(statement)).first() is not None


async def mark_begun(connection: AsyncConnection, now: datetime) -> None:
    """The first look is over: what is found from now on is news."""
    await put_events(connection, [FoundEvent(BEGUN, BEGUN, "", "", now, now, {})])


async def put_events(connection: AsyncConnection, events: Sequence[FoundEvent]) -> None:
    """Keep events; one that is kept already stays as it was."""
    await put(
        connection,
        price_event,
        [
            {
                "key": one.key[:300],
                "kind": one.kind,
                "lab": one.lab,
                "model": one.model,
                "effective_at": one.effective_at,
                "found_at": one.found_at,
                "facts": one.facts,
            }
            for one in events
        ],
    )


async def effective_since(connection: AsyncConnection, since: datetime) -> list[FoundEvent]:
    """Events of what became true after a moment, the oldest first."""
    return await _events(
        connection,
        select(price_event)
        .where(price_event.c.effective_at > since, price_event.c.kind != BEGUN)
        .order_by(price_event.c.effective_at, price_event.c.key),
    )


async def found_between(
    connection: AsyncConnection, since: datetime, until: datetime
) -> list[FoundEvent]:
    """Events found after `since` and up to `until`, in the order in which they became true."""
    return await _events(
        connection,
        select(price_event)
        .where(
            price_event.c.found_at > since,
            price_event.c.found_at <= until,
            price_event.c.kind != BEGUN,
        )
        .order_by(price_event.c.effective_at, price_event.c.key),
    )


async def of_model(connection: AsyncConnection, name: str, until: datetime) -> list[FoundEvent]:
    """Events of a model, whatever the case of its name, found up to `until`; newest first."""
    return await _events(
        connection,
        select(price_event)
        .where(
            func.lower(price_event.c.model) == name.strip().lower(),
            price_event.c.found_at <= until,
        )
        .order_by(price_event.c.effective_at.desc(), price_event.c.key),
    )


async def _events(connection: AsyncConnection, statement: Select[Any]) -> list[FoundEvent]:
    return [
        FoundEvent(row.key, row.kind, row.lab, row.model, row.effective_at, row.found_at, row.facts)
        for row in await connection.execute(statement)
    ]
