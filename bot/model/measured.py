"""What a running program counts of its own doings, for /metrics and /healthz."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

# In seconds. A cycle asks Yahoo; a message may wait for a platform's limit, or out an outage.
CYCLE_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
SEND_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0)


@dataclass
class Durations:
    """How long something took, in seconds: counted by upper bounds; the last has none."""

    bounds: Sequence[float]
    total: float = 0.0
    counts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, seconds: float) -> None:
        """One that took so long; a clock that was put back makes none shorter than nothing."""
        seconds = max(0.0, seconds)
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds


@dataclass
class JobRuns:
    """How often a job ran and failed. Moments are seconds of the event loop's clock: since when
    the runs under way have gone on, and when one last ended well (None: not yet).
    """

    runs: int = 0
    failures: int = 0
    under_way: list[float] = field(default_factory=list)
    succeeded: float | None = None


@dataclass
class Measured:
    """What has been counted since the program began. Nothing of it is kept.

    `outcomes` counts attempts to send by surface and by what became of them, `limited` how often a
    surface asked to wait. `gateways` says which surfaces are connected; those without a connection
    are not in it. `delivery_turned` is when the outbox was last worked off, in seconds of the event
    loop's clock.
    """

    cycles: Durations = field(default_factory=partial(Durations, CYCLE_SECONDS))
    failed_cycles: int = 0
    delays: dict[str, Durations] = field(
        default_factory=partial(defaultdict, partial(Durations, SEND_SECONDS))
    )
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    limited: Counter[str] = field(default_factory=Counter)
    gateways: dict[str, bool] = field(default_factory=dict)
    jobs: dict[str, JobRuns] = field(default_factory=partial(defaultdict, JobRuns))
    delivery_turned: float | None = None
