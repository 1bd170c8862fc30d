"""What is not trusted yet: prices that are held, and how the sources do."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A price, in millionths, that waits; `reason` is the verdict's name.

    First seen at `since`, last at `seen_at`, in so many `polls`; `traded_at` is when the price of
    a running session was traded.
    """

    symbol: str
    day: date
    price: int
    final: bool
    reason: str
    since: datetime
    seen_at: datetime
    polls: int = 1
    traded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How a source does: `failures` in a row since `failing_since`, the last one's `detail`.

    It is not to be asked before `retry_at`.
    """

    source: str
    ok_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    retry_at: datetime | None = None
    detail: str = ""

    def may_ask(self, now: datetime) -> bool:
        """Whether its pause is over."""
        return self.retry_at is None or now >= self.retry_at
