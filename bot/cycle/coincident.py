"""What was released shortly before a fall, and what else may explain it: never that it did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.board import Board
from bot.cycle.tracking import notability
from bot.market.policy import PolicyEvent, load_policy_events
from bot.market.rivals import market_days
from bot.model.bar import MICRO, MarketEvent
from bot.model.receiver import MessageRef, Receiver
from storage import earnings, outbox, tracked
from storage.tracked import Tracked

VERSION = 1
DRAWDOWN = "drawdown"
MOST = 2
# Acts of government are named from so long before the day of the fall.
POLICY_SPAN = timedelta(days=7)
MOST_POLICY = 3
INDEX = "^GSPC"
# What is usual for the index is taken from so many sessions before the day.
USUAL = 250


@dataclass(frozen=True, slots=True)
class Fall:
    """What fell: the symbols that it is made of, and the session that reached the level."""

    symbols: tuple[str, ...]
    day: date


@dataclass(frozen=True, slots=True)
class _Near:
    """What coincides with a fall, and by release each channel's own message on it."""

    events: Sequence[Tracked]
    rows: Mapping[str, Mapping[int, int | None]]
    rivals: Mapping[str, Any]


class Coincidence:
    """What coincides with falls that are told in one transaction: looked up once for each fall,
    however many channels are told of it.
    """

    def __init__(self, connection: AsyncConnection, board: Board, now: datetime) -> None:
        self._connection, self._board, self._now = connection, board, now
        self._near: dict[Fall, _Near | None] = {}

    def again(self) -> "Coincidence":
        """The same with nothing looked up yet: a channel was told of a release meanwhile."""
        return Coincidence(self._connection, self._board, self._now)

    async def facts(self, receiver_id: int, facts: Mapping[str, Any]) -> dict[str, Any] | None:
        """What a message about a fall says beside it: `releases`, each with the row of the
        channel's own message on it, and `rivals`. None where no release was near, or it is about
        no fall.
        """
        if facts["kind"] != DRAWDOWN:
            return None
        day = date.fromisoformat(facts.get("crossed_on") or facts["day"])
        fall = Fall(self._board.symbols(facts["target"]), day)
        if fall not in self._near:
            self._near[fall] = await self._look(fall)
        near = self._near[fall]
        return None if near is None else _written(near, fall, receiver_id)

    async def _look(self, fall: Fall) -> _Near | None:
        connection, now = self._connection, self._now
        events = coincident(await tracked.watched_on(connection, fall.day, fall.day, now), fall)
        if not events:
            return None
        first = min(one.opened_at for one in events)
        told = await tracked.heard(connection, [one.key for one in events], first)
        reporting = await earnings.earnings(connection, fall.symbols, fall.day, fall.day, now)
        rows = {key: {one.receiver_id: one.row for one in every} for key, every in told.items()}
        return _Near(events, rows, rivals(self._board, fall, events, reporting, now))


def _written(near: _Near, fall: Fall, receiver_id: int) -> dict[str, Any]:
    return {
        "version": VERSION,
        "day": fall.day.isoformat(),
        "releases": [
            {
                "key": one.key,
                "model": one.facts["model"],
                "lab_name": one.facts["lab_name"],
                "released_on": one.released_on.isoformat(),
                "session_0": one.zero.isoformat(),
                "exposed": [symbol for symbol in one.exposed if symbol in fall.symbols],
                "times_dearer": one.facts.get("times_dearer"),
                "open_weights": one.facts.get("open_weights"),
                "source": one.facts["source"],
                "row": near.rows[one.key].get(receiver_id),
            }
            for one in near.events
        ],
        "rivals": near.rivals,
    }


def coincident(events: Sequence[Tracked], fall: Fall, most: int = MOST) -> list[Tracked]:
    """Of tracked releases those whose exposed stocks fell inside their window: at most so many,
    the most notable first.
    """
    near = [
        one
        for one in events
        if one.zero <= fall.day <= one.last and set(fall.symbols).intersection(one.exposed)
    ]
    return sorted(near, key=notability, reverse=True)[:most]


def rivals(
    board: Board,
    fall: Fall,
    events: Sequence[Tracked],
    reporting: Sequence[MarketEvent],
    now: datetime,
) -> dict[str, Any]:
    """Other explanations of that day: who reported earnings, a move of the whole index that was
    unusual for it, acts of government since the releases (of the last week).
    """
    since = max(min(one.released_on for one in events), fall.day - POLICY_SPAN)
    return {
        "earnings": [
            {"symbol": one.symbol, "source": one.source, "estimated": one.estimated}
            for one in reporting
        ],
        "index": index_move(board, fall.day),
        "policy": [
            {"day": one.day.isoformat(), "what": one.what, "about": one.about, "source": one.source}
            for one in policy_between(load_policy_events(), since, min(fall.day, now.date()))
        ],
    }


def policy_between(
    events: Sequence[PolicyEvent], first: date, last: date, most: int = MOST_POLICY
) -> list[PolicyEvent]:
    """Acts of government from `first` to `last`, the newest first, one on each subject."""
    found: dict[str, PolicyEvent] = {}
    for one in sorted(events, key=lambda one: one.day, reverse=True):
        if first <= one.day <= last:
            found.setdefault(one.about, one)
    return list(found.values())[:most]


def index_move(board: Board, day: date) -> dict[str, Any] | None:
    """The move of the S&P 500 on a day where it was unusual for it; None where it was not, or
    where its closes are not known.
    """
    series = board.series(INDEX)
    if day not in series.days:
        return None
    at = series.days.index(day)
    moves = [series.values[n] / series.values[n - 1] - 1 for n in range(max(1, at - USUAL), at + 1)]
    if not moves or at == 0:
        return None
    found = market_days([(day, moves[-1])], moves[:-1])
    if not found:
        return None
    return {
        "symbol": INDEX,
        "move": found[0].ret,
        "usual": found[0].usual,
        "sessions": len(moves) - 1,
        "close": series.values[at] / MICRO,
        "source": board.sources.get(INDEX),
    }


async def linked(
    connection: AsyncConnection, receiver: Receiver, facts: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The facts with a link to each message of the channel's own that they refer to."""
    beside = facts.get("coincident")
    if not beside:
        return facts
    rows = [one["row"] for one in beside["releases"] if one["row"] is not None]
    refs = await outbox.refs(connection, rows)
    releases = [
        {**one, "link": link(receiver, refs[one["row"]]) if one["row"] in refs else ""}
        for one in beside["releases"]
    ]
    return {**facts, "coincident": {**beside, "releases": releases}}


def link(receiver: Receiver, ref: MessageRef) -> str:
    """The address of a message; "" where its surface has none."""
    if receiver.surface == "discord":
        where = receiver.community or "@me"
        return f"https://discord.com/channels/{where}/{ref.channel}/{ref.message}"
    if receiver.surface == "slack":
        return f"https://slack.com/archives/{ref.channel}/p{ref.message.replace('.', '')}"
    return ""
