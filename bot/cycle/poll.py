"""Poll: fetch what is new, judge whether it may be trusted, store it. First step of a tick."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.gate import Verdict, judge
from bot.cycle.board import needed
from bot.cycle.load import CONTEXT
from bot.market.source import Instrument
from bot.model.bar import Bar, Split
from bot.model.release import Release
from bot.services import Services
from storage import levels, market, releases


@dataclass
class Fetched:
    """What the sources told: bars fit to be judged, bars held back, splits, releases.

    `first` marks the very first poll, which posts nothing of the past.
    """

    bars: list[Bar] = field(default_factory=list)
    held: list[tuple[Bar, Verdict]] = field(default_factory=list)
    splits: Sequence[Split] = ()
    releases: Sequence[Release] = ()
    instruments: Sequence[Instrument] = ()
    first: bool = False


async def fetch(services: Services, now: datetime) -> Fetched:
    """Ask the sources for what is newer than what is stored. Reads the database, writes nothing."""
    async with services.database.read() as connection:
        baskets = await market.baskets(connection)
        keys = await levels.watched(connection)
        last = await market.last_days(connection)
        stored = await releases.known_keys(connection)
    known = await services.history.known()
    wanted = needed([key.target for key in keys], baskets, CONTEXT)
    shipped = needed(baskets, baskets, services.settings.market.watch)
    symbols = [symbol for symbol in sorted({*wanted, *shipped}) if symbol in known]
    bars = await services.history.bars(symbols, last, now)
    splits = await services.history.splits(symbols, now)
    fetched = Fetched(
        splits=splits,
        releases=[
            release
            for release in services.releases.releases
            if release.known_at <= now and release.key not in stored
        ],
        instruments=[known[symbol] for symbol in symbols if symbol not in last],
        first=not last and not stored,
    )
    if not bars:
        return fetched
    days = [bar.day for bar in bars]
    sessions = frozenset(await services.history.sessions(min(days), max(days)))
    for bar in bars:
        verdict = judge(bar, sessions, now)
        if verdict is Verdict.ACCEPTED:
            fetched.bars.append(bar)
        else:
            fetched.held.append((bar, verdict))
    return fetched


async def store(connection: AsyncConnection, fetched: Fetched, now: datetime) -> None:
    """Keep what was fetched."""
    rows = [
        {
            "symbol": item.symbol,
            "name": item.name,
            "kind": item.kind,
            "unit": item.unit,
            "source": item.source,
            "first_seen_at": now,
        }
        for item in fetched.instruments
    ]
    await market.put_symbols(connection, rows)
    await market.put_bars(connection, fetched.bars)
    await market.put_splits(connection, fetched.splits, now)
    await releases.put_releases(connection, fetched.releases, now)


def days_of(bars: Iterable[Bar]) -> list[date]:
    """The days that these bars are of, ascending."""
    return sorted({bar.day for bar in bars})
