"""Beginning to watch: subscriptions, their levels, and the silent first measurement."""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.levels import fold
from bot.cycle.board import Board
from bot.cycle.load import load_board
from bot.cycle.measures import readings
from bot.market.calendar import exchange_of, last_close
from bot.model.basket import Basket
from bot.model.level import LevelState
from bot.model.rule import Rule, policy_of, reading_key
from storage import levels, market, receivers
from storage.levels import StoredLevel, WatchedKey


async def subscribe(
    connection: AsyncConnection,
    receiver_id: int,
    rule: Rule,
    now: datetime,
    closes_needed: int,
    *,
    members: bool = False,
    expires_at: datetime | None = None,
    once: bool = False,
    repeat_minutes: int | None = None,
    mention: str | None = None,
    since: datetime | None = None,
) -> int:
    """Subscribe a receiver to a rule, and with `members` to each member of its basket as well.

    The rest is as in `storage.receivers.Subscription`. What happened before `now` is folded into
    the levels without posting it, once the stored closes reach that moment; `since` is the moment
    from which on what fired counts as its own, if that is not `now`. Returns the subscription's id.
    """
    rule_id = await receivers.rule_id(connection, rule)
    subscription = await receivers.add_subscription(
        connection,
        receiver_id,
        since or now,
        rule_id=rule_id,
        members=members,
        expires_at=expires_at,
        once=once,
        repeat_minutes=repeat_minutes,
        mention=mention,
    )
    baskets = await market.baskets(connection)
    await follow(connection, subscription, rule, now, closes_needed, baskets, members=members)
    return subscription


async def follow(
    connection: AsyncConnection,
    subscription: int,
    rule: Rule,
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
    new = []
    for target, via in targets:
        key = reading_key(target, rule.measure)
        ids = await levels.level_ids(connection, key, rule.levels, rule.band)
        if len(ids) == len(rule.levels) and await levels.judged_day(connection, key) is not None:
            # Others follow it already: its levels stand as they are.
            await levels.link(connection, subscription, sorted(ids.values()), via)
        else:
            new.append((target, via))
    if not new:
        return
    names = [target for target, _via in new]
    board = await load_board(
        connection, names, ["max", rule.measure], now, baskets=baskets, daily=rule.measure != "max"
    )
    for target, via in new:
        key = reading_key(target, rule.measure)
        # Closes that the key has not been judged on are the next tick's to judge.
        judged = await levels.judged_day(connection, key)
        # Years of closes take a while, in which nothing else would run.
        states, reading = await asyncio.to_thread(
            seed, board, target, rule.measure, rule.levels, rule.band, closes_needed, judged
        )
        await levels.watch(connection, key, target, rule.measure, states)
        if judged is None:
            if reading is None or not await asyncio.to_thread(caught_up, board, target, now):
                reading = await _waiting(connection, key, target, rule.measure, now)
            await levels.set_readings(connection, [reading])
        ids = await levels.level_ids(connection, key, rule.levels, rule.band)
        await levels.link(connection, subscription, sorted(ids.values()), via)


async def _waiting(
    connection: AsyncConnection, key: str, target: str, measure: str, now: datetime
) -> dict[str, Any]:
    """The reading's row of a key whose closes end long before `now`: no day, and since when."""
    known = await levels.reading_of(connection, key)
    since = now if known is None or known.as_of is None else known.as_of
    return _row(target, measure, None, None, since)


async def seed_new(
    connection: AsyncConnection,
    keys: Sequence[WatchedKey],
    board: Board,
    closes_needed: int,
    now: datetime,
) -> None:
    """Fold what closed before each of these keys was watched into its levels, silently, once its
    closes reach that moment: what came after is for the next tick to judge.
    """
    for key in keys:
        begun = now if key.as_of is None else min(key.as_of, now)
        if not await asyncio.to_thread(caught_up, board, key.target, begun):
            continue
        symbols = board.symbols(key.target)
        until = max(last_close(exchange_of(symbol), begun)[0] for symbol in symbols)
        seeded: list[StoredLevel] = []
        row = None
        by_band: dict[int, list[StoredLevel]] = {}
        for level in await levels.levels_of(connection, key.key):
            by_band.setdefault(level.state.band, []).append(level)
        for band, some in by_band.items():
            wanted = [level.state.level for level in some]
            # Years of closes take a while, in which nothing else would run.
            states, row = await asyncio.to_thread(
                seed, board, key.target, key.measure, wanted, band, closes_needed, until
            )
            seeded += [
                StoredLevel(level.id, level.key, state)
                for level, state in zip(some, states, strict=True)
            ]
        await levels.save(connection, seeded)
        # What was first traded later has no past to fold.
        row = row or _row(key.target, key.measure, None, until, begun)
        await levels.set_readings(connection, [row])


def caught_up(board: Board, target: str, at: datetime) -> bool:
    """Whether half of the symbols of `target` that have closes, or more, have them up to `at`, but
    for the last session: it may be late.
    """
    known = [symbol for symbol in board.symbols(target) if board.closes.get(symbol)]
    current = 0
    for symbol in known:
        exchange = exchange_of(symbol)
        closed = last_close(exchange, at)[1]
        before = last_close(exchange, closed - timedelta(microseconds=1))[0]
        current += max(board.closes[symbol]) >= before
    return current > 0 and 2 * current >= len(known)


def seed(
    board: Board,
    target: str,
    measure: str,
    wanted: Sequence[int],
    band: int,
    closes_needed: int,
    until: date | None = None,
) -> tuple[list[LevelState], dict[str, Any] | None]:
    """Levels as they would stand had they been watched all along, and the last reading's row.

    With `until` what came after that day is left out. Without a close there is no row.
    """
    past = [
        reading
        for reading in readings(board, target, measure)
        if reading.final and (until is None or reading.day <= until)
    ]
    outcome = fold(
        tuple((level, band) for level in wanted), past, closes_needed, policy_of(measure)
    )
    states = [state for state, _changes in outcome]
    days = board.final(target).days
    days = days if until is None else days[: bisect_right(days, until)]
    if not days:
        return states, None
    last = past[-1] if past and past[-1].day == days[-1] else None
    return states, reading_row(board, target, measure, last.value if last else None, days[-1])


def reading_row(
    board: Board, target: str, measure: str, value: int | None, day: date
) -> dict[str, Any]:
    """A row for `storage.levels.set_readings`."""
    return _row(target, measure, value, day, board.as_of[day])


def _row(
    target: str, measure: str, value: int | None, day: date | None, as_of: datetime
) -> dict[str, Any]:
    return {
        "key": reading_key(target, measure),
        "target": target,
        "window": measure,
        "value": value,
        "day": day,
        "as_of": as_of,
    }
