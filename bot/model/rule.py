"""Rules: a condition on a symbol or basket, with the levels at which it is told."""

from dataclasses import dataclass
from enum import StrEnum

PPM = 1_000_000


class Condition(StrEnum):
    """What a rule watches for, as people type it."""

    DRAWDOWN = "drawdown"
    MOVE = "move"
    ABOVE = "above"
    BELOW = "below"
    HIGH = "high"
    LOW = "low"
    PE_ABOVE = "pe-above"
    PE_BELOW = "pe-below"
    CROWDING = "crowding"
    VOLATILITY = "volatility"


_NAMES = frozenset(condition.value for condition in Condition)


class Policy(StrEnum):
    """How a level that has fired gets ready to fire again."""

    PEAK = "after closes above the re-arming depth, or at a new peak"
    BAND = "once a close is back inside by a margin"
    DAILY = "at the next session"


@dataclass(frozen=True, slots=True)
class Rule:
    """Fires when the measure of `target` (a symbol or basket) reaches a level.

    `measure` is a window such as "1y" for a drawdown, otherwise the condition's own name. A
    reading is signed so that lower is nearer to firing: it fires at or below minus the level.
    `levels` ascend; they and `band` (how far back inside before a level re-arms) are in parts
    per million, for prices and P/E in millionths of the unit.
    """

    target: str
    measure: str
    levels: tuple[int, ...]
    band: int
    condition: Condition = Condition.DRAWDOWN

    @property
    def key(self) -> str:
        """What is measured: one reading serves every rule on the same target and measure."""
        return reading_key(self.target, self.measure)

    @property
    def spec(self) -> str:
        """The rule as one line, equal for equal rules."""
        levels = ",".join(str(level) for level in self.levels)
        return f"{self.condition} {self.target} {self.measure} {levels} band={self.band}"


def reading_key(target: str, measure: str) -> str:
    """The key of a reading: `target` and `measure` together."""
    return f"{target}|{measure}"


def condition_of(measure: str) -> Condition:
    """The condition that a measure belongs to; a window belongs to drawdown."""
    return Condition(measure) if measure in _NAMES else Condition.DRAWDOWN


def policy_of(measure: str) -> Policy:
    """How levels of this measure re-arm."""
    condition = condition_of(measure)
    if condition is Condition.DRAWDOWN:
        return Policy.PEAK
    return Policy.DAILY if condition is Condition.MOVE else Policy.BAND
