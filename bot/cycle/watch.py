"""Beginning to watch: subscriptions, their levels, and the silent first measurement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.levels import fold
from bot.cycle.board import Board, readings
from bot.cycle.load import load_board
from bot.model.basket import Basket
from bot.model.drawdown_rule import DrawdownRule, reading_key
from bot.model.level import LevelState
from storage import levels, market, receivers


async def subscribe(
    connection: AsyncConnection,
    receiver_id: int,
    rule: DrawdownRule,
    now: datetime,
    closes_needed: int,
    *,
    members: bool = False,
) -> int:
    """Subscribe a receiver to a rule, and with `members` to each member of its basket as well.

    What happened before `now` is folded into the levels without posting it. Returns the
    subscription's id.
    """
    rule_id = await receivers.rule_id(connection, rule)
    subscription = await receivers.add_subscription(
        connection, receiver_id, now, rule_id=rule_id, members=members
    )
    baskets = await market.baskets(connection)
    await follow(connection, subscription, rule, now, closes_needed, baskets, members=members)
    return subscription


async def follow(
    connection: AsyncConnection,
    subscription: int,
    rule: DrawdownRule,
    now: datetime,
    closes_needed: int,
    baskets: Mapping[str, Basket],
    *,
    members: bool,
) -> None:
    """Tie `subscription` to every level of `rule`, made and seeded where new."""
    targets = [(rule.target, "")]
    if members and rule.target in baskets:
        targets += [(symbol, rule.target) for symbol in baskets[rule.target].members]
    names = [target for target, _via in targets]
    board = await load_board(connection, names, ["max"], now, baskets=baskets)
    for target, via in targets:
        key = reading_key(target, rule.window)
        states, reading = seed(board, target, rule.window, rule.levels, rule.band, closes_needed)
        await levels.watch(connection, key, target, rule.window, states)
        if reading is not None:
            await levels.set_readings(connection, [reading])
        ids = await levels.level_ids(connection, key, rule.levels, rule.band)
        await levels.link(connection, subscription, sorted(ids.values()), via)


def seed(
    board: Board,
    target: str,
    window: str,
    wanted: Sequence[int],
    band: int,
    closes_needed: int,
) -> tuple[list[LevelState], dict[str, Any] | None]:
    """Levels as they would stand had they been watched all along, and the last reading's row."""
    past = readings(board.series(target), window)
    outcome = fold(tuple((level, band) for level in wanted), past, closes_needed)
    states = [state for state, _changes in outcome]
    if not past:
        return states, None
    return states, reading_row(board, target, window, past[-1].depth, past[-1].day)


def reading_row(board: Board, target: str, window: str, depth: int, day: Any) -> dict[str, Any]:
    """A row for `storage.levels.set_readings`."""
    return {
        "key": reading_key(target, window),
        "target": target,
        "window": window,
        "value": depth,
        "day": day,
        "as_of": board.as_of[day],
    }
