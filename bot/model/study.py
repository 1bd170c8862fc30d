"""What an event study found: returns beyond what the market explains, around an event.

Returns are fractions per session. AR is the abnormal return of a session, CAR their sum over the
event window so far. After MacKinlay, "Event Studies in Economics and Finance" (1997).
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class MarketModel:
    """What the market explains of a return: `alpha` + `beta` × the benchmark's, fitted by least
    squares over `n` sessions from `first` to `last`.

    `sigma` is the standard deviation of what is left, over `n` − 2 degrees of freedom;
    `missing` counts sessions of the estimation window without a return.
    """

    alpha: float
    beta: float
    sigma: float
    r_squared: float
    n: int
    first: date
    last: date
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """One session of the event window; `offset` counts from session 0.

    `ar_se` and `car_se` are standard errors of prediction; `t` and `p` (two-sided) are of the CAR,
    `ar_t` of the AR; `low` to `high` is the 95% band of the CAR were there no effect, about it.
    """

    offset: int
    day: date
    ret: float
    market: float
    ar: float
    ar_se: float
    ar_t: float
    car: float
    car_se: float
    t: float
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Placebo:
    """The same statistic over other sessions: `share` of the `n` whose |CAR| is as large."""

    n: int
    share: float

    @property
    def percentile(self) -> float:
        """The share of other sessions whose |CAR| is smaller: "larger than on 99% of days"."""
        return 1 - self.share

    @property
    def p(self) -> float:
        """The p of the permutation, the event counted as one of the draws: never 0."""
        return (self.share * self.n + 1) / (self.n + 1)


@dataclass(frozen=True, slots=True)
class Study:
    """An event study of one target: a symbol, or a basket as one portfolio.

    `event` is the day that was asked about, `zero` session 0: the first that opens after it.
    `days` are the sessions of the window that are over, in order; `window` what was asked for.
    """

    target: str
    benchmark: str
    event: date
    zero: date
    window: tuple[int, int]
    model: MarketModel
    days: tuple[Day, ...]
    placebo: Placebo | None = None

    @property
    def last(self) -> Day:
        """The last session that is over: its CAR is that of the whole window so far."""
        return self.days[-1]

    @property
    def whole(self) -> bool:
        """Whether the window is over."""
        return self.last.offset == self.window[1]


@dataclass(frozen=True, slots=True)
class CrossSection:
    """Whether the `n` members of a basket moved, taken together, beyond what chance gives.

    `statistic` is Boehmer, Musumeci and Poulsen's (1991) standardised cross-sectional test with
    Kolari and Pynnönen's (2010) adjustment for members that move together on one day;
    `unadjusted` is it before that, `correlation` the mean over pairs of members of the correlation
    of their estimation residuals. `p` is two-sided, of Student's t with n − 1 degrees of freedom.
    `left_out` has each member that could not be studied, with the reason in a sentence.
    """

    n: int
    mean_car: float
    statistic: float
    p: float
    unadjusted: float
    correlation: float
    left_out: tuple[tuple[str, str], ...] = ()


class TooLittleError(Exception):
    """There is too little to study; its text says what is missing, in a sentence for a reader."""
