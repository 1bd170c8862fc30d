"""What a digest says of token prices: what changed since the last one, and the cheapest now."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.costs.classes import Class
from bot.costs.event_facts import SEEDED
from bot.costs.event_facts import price_facts as facts_of
from bot.costs.undercut import cheapest
from bot.costs.wanted import wanted
from bot.model.price_event import EventKind
from bot.priced import ledger_of
from bot.releases.models import load_models
from bot.services import Services
from storage import price_events


async def price_facts(
    connection: AsyncConnection, services: Services, since: datetime, now: datetime
) -> dict[str, Any] | None:
    """The cuts and rises of frontier labs that were found after `since`, and the cheapest frontier
    model at `now`; None where nothing changed.
    """
    labs = services.releases.labs
    moves = [
        one.facts
        for one in await price_events.found_between(connection, since, now)
        if one.kind in (EventKind.CUT, EventKind.RISE)
        and not one.facts.get(SEEDED)
        and wanted(one.facts, labs, {})
    ]
    if not moves:
        return None
    book = await ledger_of(services.database)
    lowest = cheapest(book, load_models().models, Class.FRONTIER, now)
    return {
        "moves": moves,
        "cheapest": None
        if lowest is None
        else {"lab": lowest[0][0], "model": lowest[0][1], "price": facts_of(lowest[1])},
    }
