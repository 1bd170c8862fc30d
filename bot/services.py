"""What every part is handed: the database, the sources, the clock, the settings. Never global."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from bot.model.basket import Exposure, Lab
from bot.model.receiver import Receiver
from bot.model.release import Release

if TYPE_CHECKING:  # these are slow to import, and `ask "/help"` needs none of them
    from bot.config import Settings
    from bot.market.source import History, Quotes
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


@dataclass
class Live:
    """What the cycle remembers between two ticks; all of it can be had again from the sources.

    `prices` are the newest trusted ones of running sessions, by symbol: session day and price in
    millionths; `priced_at` when the newest was traded; `tried` when the history was last asked
    for a symbol's missing bar. `waiting` says whether a price is held or late. `board` is the
    cycle's board of closes, of the rules in `board_of`.
    """

    prices: dict[str, tuple[date, int]] = field(default_factory=dict)
    priced_at: datetime | None = None
    tried: dict[str, datetime] = field(default_factory=dict)
    board: Any = None
    waiting: bool = False
    board_of: Sequence[tuple[str, str]] = ()

    def take(self, prices: Mapping[str, tuple[date, int]], at: datetime | None) -> None:
        """Take newer prices."""
        self.prices.update(prices)
        if at is not None:
            self.priced_at = max(at, self.priced_at or at)


@dataclass(frozen=True)
class Services:
    """Everything the cycle, the delivery and the answers need of the world.

    `random` gives nonces and jitter: seeded in a replay, from the system otherwise. Without
    `quotes` only closes are judged.
    """

    settings: "Settings"
    database: "Database"
    history: "History"
    releases: ReleaseFacts
    clock: Clock
    random: Random
    quotes: "Quotes | None" = None
    live: Live = field(default_factory=Live)

    def nonce(self) -> str:
        """A new name for an outbox row: 24 characters, within every platform's 25."""
        return f"{self.random.getrandbits(96):024x}"


@dataclass(frozen=True)
class Request:
    """A command somebody gave. `options` are typed; `receiver` is the channel it came from.

    `asker` names who gave it, in the surface's own words; "" where that is not known.
    """

    options: Mapping[str, Any]
    services: Services
    receiver: Receiver
    now: datetime
    commands: Sequence[Any] = ()
    asker: str = ""
