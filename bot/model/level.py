"""The state of one drawdown level, what a reading says, and what it can do to the state."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.model.rule import PPM, Policy

# Below every reading: such a level is always a candidate.
LOWEST = -(2**62)


class Change(StrEnum):
    """What a reading did to a level, with its reason in the name."""

    NONE = "nothing to do"
    FIRED = "fired: the level was reached"
    COUNTED = "one more close above the re-arming depth"
    RESET = "back below the re-arming depth: the count of closes starts again"
    RECOVERED_CLOSES = "re-armed: enough closes above the re-arming depth"
    RECOVERED_PEAK = "re-armed: a new closing peak"
    RECOVERED_BAND = "re-armed: back inside by the margin"
    REARMED_SILENTLY = "re-armed: the old peak left the window"
    REARMED_DAILY = "re-armed: a new session"


RECOVERIES = frozenset({Change.RECOVERED_CLOSES, Change.RECOVERED_PEAK})
REARMS = RECOVERIES | {Change.RECOVERED_BAND, Change.REARMED_SILENTLY, Change.REARMED_DAILY}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured of a target, as of one bar or price.

    `value` is signed so that lower is nearer to firing: for a drawdown the depth in parts per
    million (0 at the peak, negative below). `first_day` is the first session of the window;
    `final` is False for a price during a session.
    """

    value: int
    day: date
    peak_day: date
    first_day: date
    final: bool = True


@dataclass(frozen=True, slots=True)
class LevelState:
    """One level of one target and measure; units as in `Rule`.

    `closes` counts consecutive closes above the re-arming depth, the last on `counted_on`;
    `peak_day` is the peak under which it fired, or without a peak the day on which it did.
    """

    level: int
    band: int
    armed: bool = True
    closes: int = 0
    counted_on: date | None = None
    peak_day: date | None = None
    policy: Policy = Policy.PEAK

    @property
    def rearm_depth(self) -> int:
        """A close at this value or higher counts towards re-arming."""
        if self.policy is Policy.PEAK:
            return -max(self.level - self.band, 0)
        return self.band - self.level

    @property
    def next_at(self) -> int:
        """Armed: it fires at this value or lower. Disarmed: it may change at this or higher.

        A count under way must also see a lower close, which sets it back.
        """
        if self.armed:
            return -self.level
        if self.policy is Policy.DAILY:
            return LOWEST
        return -PPM if self.closes else self.rearm_depth
