"""Drawdown rules: which levels, under the peak of which window, for which target."""

from dataclasses import dataclass

PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class DrawdownRule:
    """Fires when `target` (a symbol or basket) closes at or below a level under its peak.

    `levels` ascending and `band` (how much shallower before a level re-arms) in parts per
    million; `window` is a name such as "1y".
    """

    target: str
    window: str
    levels: tuple[int, ...]
    band: int

    @property
    def key(self) -> str:
        """What is measured: one reading serves every rule on the same target and window."""
        return reading_key(self.target, self.window)

    @property
    def spec(self) -> str:
        """The rule as one line, equal for equal rules."""
        levels = ",".join(str(level) for level in self.levels)
        return f"drawdown {self.target} {self.window} {levels} band={self.band}"


def reading_key(target: str, window: str) -> str:
    """The key of a reading: `target` and `window` together."""
    return f"{target}|{window}"
