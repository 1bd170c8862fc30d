"""The state of one drawdown level, what a reading says, and what it can do to the state."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.model.drawdown_rule import PPM


class Change(StrEnum):
    """What a reading did to a level, with its reason in the name."""

    NONE = "nothing to do"
    FIRED = "fired: the level was reached"
    COUNTED = "one more close above the re-arming depth"
    RESET = "back below the re-arming depth: the count of closes starts again"
    RECOVERED_CLOSES = "re-armed: enough closes above the re-arming depth"
    RECOVERED_PEAK = "re-armed: a new closing peak"
    REARMED_SILENTLY = "re-armed: the old peak left the window"


RECOVERIES = frozenset({Change.RECOVERED_CLOSES, Change.RECOVERED_PEAK})
REARMS = RECOVERIES | {Change.REARMED_SILENTLY}


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a target is below its peak, as of one bar.

    `depth` in parts per million (0 at the peak, negative below); `first_day` is the first
    session of the window; `final` is False for a price during a session.
    """

    depth: int
    day: date
    peak_day: date
    first_day: date
    final: bool = True


@dataclass(frozen=True, slots=True)
class LevelState:
    """One level of one target and window. `level` and `band` in positive parts per million.

    `closes` counts consecutive closes above the re-arming depth, the last on `counted_on`;
    `peak_day` is the peak under which it fired.
    """

    level: int
    band: int
    armed: bool = True
    closes: int = 0
    counted_on: date | None = None
    peak_day: date | None = None

    @property
    def rearm_depth(self) -> int:
        """A close at this depth or shallower counts towards re-arming."""
        return -max(self.level - self.band, 0)

    @property
    def next_at(self) -> int:
        """Armed: it fires at this depth or deeper. Disarmed: it may change at this or shallower.

        A count under way must also see a deeper close, which sets it back.
        """
        if self.armed:
            return -self.level
        return -PPM if self.closes else self.rearm_depth
