"""What every part is handed: the database, the sources, the clock, the settings. Never global."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from bot.model.allowance import Allowance
from bot.model.basket import Exposure, Lab
from bot.model.measured import Measured
from bot.model.receiver import Receiver
from bot.model.release import Release

if TYPE_CHECKING:  # these are slow to import, and `ask "/help"` needs none of them
    from bot.config import Settings
    from bot.market.source import History, Quotes
    from bot.model.bar import Quote
    from storage.database import Database


class Clock(Protocol):
    """Tells the time; the only place where `now` comes from."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one place that reads the clock


@dataclass
class SetClock:
    """A clock that stands where it was set: a replay's, or that of a question about the past."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class ReleaseFacts:
    """What ships with the program about releases: the list, the labs, who is exposed to them."""

    releases: Sequence[Release]
    labs: Mapping[str, Lab]
    exposures: Mapping[str, tuple[Exposure, ...]]


@dataclass(frozen=True)
class Stopped:
    """A surface that takes nothing: why, since when, and until when (None: until it is resumed)."""

    why: str
    since: datetime
    until: datetime | None = None


def _no_log(_secret: str) -> None:
    """Where no log is written, nothing need be kept out of it."""


@dataclass
class Live:
    """What the cycle remembers between two ticks; all of it can be had again from the sources.

    `prices` are the newest trusted ones of running sessions with their day, by symbol; `tried`
    when the history was last asked for a symbol, `checked` when it last bore our last close out.
    `stored` is what was last read of closes, splits and units, while nothing has changed them.
    `corrections` are the last stored closes as the source now tells them, by symbol with their day,
    while only one answer has said so.
    `stopped` are the surfaces that take nothing at the moment, by name; from those in `unheard` no
    command comes, although they may still be told something.
    `waiting` says whether a price is held or late. `board` is the cycle's board of closes, of the
    rules in `board_of`. `measured` is what /metrics says of this run of the program. `keep_secret`
    is told each value that came to be known and must never be written. `stalled_seconds` is the
    longest that the program stood still within the last hour. Until `doubtful_until` nothing is
    forgotten: the clock leapt, and may be wrong.
    """

    prices: "dict[str, tuple[date, Quote]]" = field(default_factory=dict)
    tried: dict[str, datetime] = field(default_factory=dict)
    checked: dict[str, datetime] = field(default_factory=dict)
    corrections: dict[str, tuple[date, int]] = field(default_factory=dict)
    stored: Any = None
    board: Any = None
    waiting: bool = False
    board_of: Sequence[tuple[str, str]] = ()
    stopped: dict[str, Stopped] = field(default_factory=dict)
    unheard: dict[str, Stopped] = field(default_factory=dict)
    measured: Measured = field(default_factory=Measured)
    keep_secret: Callable[[str], None] = _no_log
    stalled_seconds: float = 0.0
    doubtful_until: datetime | None = None

    def stop(self, surface: str, why: str, now: datetime, seconds: float | None) -> bool:
        """Nothing more is sent to the surface, for `seconds` or for good; False if so already."""
        if surface in self.stopped:
            return False
        until = None if seconds is None else now + timedelta(seconds=seconds)
        self.stopped[surface] = Stopped(why, now, until)
        return True

    def hear(self, surface: str, broken: str, now: datetime) -> None:
        """Commands come from the surface (again), or do not because of what is broken."""
        before = self.unheard.pop(surface, None)
        if broken:
            self.unheard[surface] = Stopped(broken, before.since if before else now, None)

    def take(self, prices: "Iterable[tuple[date, Quote]]") -> None:
        """Take the newer ones of these prices; a poll may bring an older one than the stream."""
        for day, quote in prices:
            known = self.prices.get(quote.symbol)
            if known is None or quote.as_of >= known[1].as_of:
                self.prices[quote.symbol] = (day, quote)

    def traded(self, symbol: str, day: date) -> int | None:
        """What the symbol's session of `day` was last trusted at, in millionths."""
        known = self.prices.get(symbol)
        return known[1].price if known is not None and known[0] == day else None

    def running(self) -> dict[str, tuple[date, int, datetime]]:
        """Day, price in millionths, and when it was traded, by symbol."""
        return {
            symbol: (day, quote.price, quote.as_of) for symbol, (day, quote) in self.prices.items()
        }


@dataclass(frozen=True, repr=False)  # all of it spelled out is long, and of no use to anybody
class Services:
    """Everything the cycle, the delivery and the answers need of the world.

    `random` gives nonces and jitter: seeded in a replay, from the system otherwise. Without
    `quotes` only closes are judged. `asked` is how often each person asked of late.
    """

    settings: "Settings"
    database: "Database"
    history: "History"
    releases: ReleaseFacts
    clock: Clock
    random: Random
    quotes: "Quotes | None" = None
    live: Live = field(default_factory=Live)
    asked: Allowance = field(default_factory=Allowance)

    def nonce(self) -> str:
        """A new name for an outbox row: 24 characters, within every platform's 25."""
        return f"{self.random.getrandbits(96):024x}"


def _sees_none(_other: Receiver) -> bool:
    """No channel but the one that the command came from."""
    return False


@dataclass(frozen=True)
class Request:
    """A command somebody gave. `options` are typed; `receiver` is the channel it came from.

    `asker` names who gave it, in the surface's own words; "" where that is not known. `known_at`
    leaves out prices of models that had not been observed by then; None: all that is known. `sees`
    says of which other channels of the community whoever gave it may hear, as far as the surface
    knows that without asking; the answer must not go to anybody else then.
    """

    options: Mapping[str, Any]
    services: Services
    receiver: Receiver
    now: datetime
    commands: Sequence[Any] = ()
    asker: str = ""
    known_at: datetime | None = None
    sees: Callable[[Receiver], bool] = _sees_none
