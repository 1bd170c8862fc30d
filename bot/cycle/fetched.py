"""What a poll found, judged; and what of the stored state it is judged against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.gate import Verdict
from bot.market.source import Batch, Instrument
from bot.model.bar import Bar, MarketEvent, Quote, Split
from bot.model.release import Release
from bot.model.trust import Health, Held
from bot.services import Live
from storage import market, trust
from storage.trust import Decision

# Sources tell the last ten days again: of so many it is known which closes are stored.
RECENT = timedelta(days=14)


@dataclass
class Fetched:
    """What the sources told, judged: bars and quotes let through, prices held back, and the rest.

    `rewritten` are bars that take the place of stored ones, and `rebased` the symbols of which they
    are the whole past, on another basis than ours, with how many new units make an old one (1: the
    unit is the same); `released` the held prices that are
    settled, by symbol and whether they were closes; `first` marks the very first poll, which
    posts nothing of the past; `last` is the last stored day by symbol, before this poll; `asked`
    whether any source was asked, `learned` whether one told a symbol's unit for the first time.
    """

    bars: list[Bar] = field(default_factory=list)
    rewritten: list[Bar] = field(default_factory=list)
    rebased: dict[str, Fraction] = field(default_factory=dict)
    quotes: list[Quote] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    released: set[tuple[str, bool]] = field(default_factory=set)
    splits: Sequence[Split] = ()
    dividends: Sequence[MarketEvent] = ()
    releases: Sequence[Release] = ()
    instruments: Sequence[Instrument] = ()
    batch: Batch = field(default_factory=Batch)
    health: list[Health] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    last: Mapping[str, date] = field(default_factory=dict)
    first: bool = False
    asked: bool = False
    learned: bool = False

    @property
    def changes(self) -> bool:
        """Whether storing it changes what `Stored` keeps in memory."""
        return bool(self.bars or self.rewritten or self.splits or self.learned)

    @property
    def waiting(self) -> bool:
        """Whether something is held that another look, soon, may settle."""
        unconfirmed = Verdict.UNCONFIRMED.name
        return any(one.final or one.reason == unconfirmed for one in self.held)

    def hold(self, held: Held, earlier: Held | None) -> None:
        """Hold a price, and keep the reason if it is a new one."""
        self.held.append(held)
        if earlier is None or (earlier.reason, earlier.day) != (held.reason, held.day):
            why = Verdict[held.reason].value
            self.decisions.append(Decision(held.seen_at, None, held.symbol, "gate", f"held: {why}"))

    def let_through(self, earlier: Held | None, now: datetime) -> None:
        """What was held is settled."""
        if earlier is not None and (earlier.symbol, earlier.final) not in self.released:
            self.released.add((earlier.symbol, earlier.final))
            self.decisions.append(Decision(now, None, earlier.symbol, "gate", "let through"))


@dataclass(frozen=True)
class Stored:
    """What is stored already, as far as judging new prices needs it, by symbol.

    `last` is the day of the last close and `closes` its bar; `recent` are the bars of the last
    two weeks by day; `held_bars` and `held_quotes` are closes and session prices that wait;
    `units` the currencies that prices are in.
    """

    last: Mapping[str, date] = field(default_factory=dict)
    closes: dict[str, Bar] = field(default_factory=dict)
    splits: Sequence[Split] = ()
    held_bars: Mapping[str, Held] = field(default_factory=dict)
    held_quotes: Mapping[str, Held] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    recent: Mapping[str, Mapping[date, Bar]] = field(default_factory=dict)

    @classmethod
    async def load(
        cls, connection: AsyncConnection, live: Live, symbols: Sequence[str], now: datetime
    ) -> "Stored":
        """Read it; closes, splits and units from memory where nothing has been stored since."""
        known = _in_memory(live, symbols, now.date())
        if known is None:
            known = await cls._read(connection, live, symbols, now.date())
        held = await trust.held_prices(connection)
        return replace(
            known,
            closes=dict(known.closes),
            held_bars={one.symbol: one for one in held if one.final},
            held_quotes={one.symbol: one for one in held if not one.final},
        )

    @classmethod
    async def _read(
        cls, connection: AsyncConnection, live: Live, symbols: Sequence[str], day: date
    ) -> "Stored":
        """Read it of every symbol that has a close, and of `symbols`; kept in memory."""
        before = live.stored[1] if live.stored else ()
        # What is stored while this is read clears it, and what was read is then not kept.
        live.stored = reading = (None, frozenset(before), None)
        last = await market.last_days(connection)
        rows = await market.symbol_rows(connection)
        covered = frozenset((*symbols, *last, *before))
        end = datetime.combine(day, time.max, UTC)
        recent: dict[str, dict[date, Bar]] = {}
        for bar in await market.bars(connection, sorted(covered), day - RECENT, end):
            recent.setdefault(bar.symbol, {})[bar.day] = bar
        read = cls(
            last,
            await market.last_bars(connection, last),
            await market.splits(connection, sorted(covered), day),
            units={symbol: row["unit"] for symbol, row in rows.items()},
            recent=recent,
        )
        if live.stored is reading:
            live.stored = (day, covered, read)
        return read

    def with_splits(self, splits: Sequence[Split]) -> "Stored":
        """The same, knowing of these splits."""
        return replace(self, splits=splits)


def _in_memory(live: Live, symbols: Sequence[str], day: date) -> Stored | None:
    """What was read on that day, if it covers these symbols: a stream tells of a few at a time."""
    if live.stored is None or live.stored[0] != day or not live.stored[1].issuperset(symbols):
        return None
    known: Stored = live.stored[2]
    return known
