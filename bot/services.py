"""What every part is handed: the database, the sources, the clock, the settings. Never global."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from bot.model.basket import Exposure, Lab
from bot.model.receiver import Receiver
from bot.model.release import Release

if TYPE_CHECKING:  # these are slow to import, and `ask "/help"` needs none of them
    from bot.config import Settings
    from bot.market.source import History
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
class Services:
    """Everything the cycle, the delivery and the answers need of the world.

    `random` gives nonces and jitter: seeded in a replay, from the system otherwise.
    """

    settings: "Settings"
    database: "Database"
    history: "History"
    releases: ReleaseFacts
    clock: Clock
    random: Random

    def nonce(self) -> str:
        """A new name for an outbox row: 24 characters, within every platform's 25."""
        return f"{self.random.getrandbits(96):024x}"


@dataclass(frozen=True)
class Request:
    """A command somebody gave. `options` are typed; `receiver` is the channel it came from."""

    options: Mapping[str, Any]
    services: Services
    receiver: Receiver
    now: datetime
    commands: Sequence[Any] = ()
