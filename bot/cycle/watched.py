"""Which symbols are watched now: what the rules, the baskets and the settings name."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.board import needed
from bot.cycle.load import CONTEXT
from storage import levels, market


async def watched_symbols(connection: AsyncConnection, settings: Sequence[str]) -> list[str]:
    """Every symbol that prices are kept of, sorted; `settings` are those that the settings name."""
    baskets = await market.baskets(connection)
    targets = await levels.watched_targets(connection)
    return needed([*targets, *baskets], baskets, (*CONTEXT, *settings))
