"""What the market pays for earnings: P/E, PEG, EV/sales, of a stock and of a basket. Pure.

Prices, EPS and market values are in whole units of currency; growth is a fraction (0.51 for 51%).
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.model.bar import MICRO, Measure

# A quoted multiple that is further from price ÷ earnings than this is not believed.
TOLERANCE = 0.05
# So many snapshots, and a figure can be ranked among its own past.
ENOUGH = 60
# A quarter and a month: by then there are newer earnings, or nobody looks any more.
LONGEST = timedelta(days=120)
# Estimates of one look; what is older than that is of another one, with other fiscal years.
ONE_LOOK = timedelta(days=7)
# What a "forward" EPS is of: the next fiscal year.
FORWARD_PERIOD = "+1y"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as a source gave it on a day. `fiscal` names its fiscal year where that is known;
    `note` is a remark on it.
    """

    value: float
    day: date
    source: str
    name: str = ""
    period: str = ""
    fiscal: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class MarketMultiple:
    """The forward P/E of the whole market (S&P 500), as `source` gave it `on` a day; its expected
    growth of earnings, and who says so.
    """

    pe: float
    on: date
    source: str
    growth: float | None = None
    growth_source: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What analysts expect of one fiscal year, as far as it is known."""

    period: str
    eps: Figure | None = None
    eps_growth: Figure | None = None
    revenue: Figure | None = None
    revenue_growth: Figure | None = None

    @property
    def fiscal(self) -> int | None:
        """The fiscal year, where a source names it."""
        every = (self.eps, self.eps_growth, self.revenue, self.revenue_growth)
        return next((one.fiscal for one in every if one and one.fiscal), None)


@dataclass(frozen=True, slots=True)
class Valuation:
    """What is known of a stock's valuation at a price; a ratio that makes no sense is None.

    `cap` and `enterprise` are as the source gave them; `cap_now` is `cap` moved with the price
    since. `quoted_pe` is the source's own forward P/E, and `quoted_check` what its price and EPS
    of that day make of it. `history` are forward P/Es by day of snapshot; `old` is the newest day
    of the figures that were left out as too old; `adjusted` whether the price is one adjusted for
    dividends, for want of another. `weekly` where `history` has one snapshot of each week.
    """

    symbol: str
    price: float
    price_day: date
    price_source: str
    unit: str
    trailing: Figure | None = None
    forward: Figure | None = None
    estimates: tuple[Estimate, ...] = ()
    cap: Figure | None = None
    cap_now: float | None = None
    enterprise: Figure | None = None
    revenue: Figure | None = None
    price_sales: Figure | None = None
    quoted_pe: Figure | None = None
    quoted_check: float | None = None
    history: tuple[tuple[date, float], ...] = ()
    old: date | None = None
    adjusted: bool = False
    weekly: bool = False

    @property
    def trailing_pe(self) -> float | None:
        """Price ÷ earnings per share of the last four quarters."""
        return ratio(self.price, None if self.trailing is None else self.trailing.value)

    @property
    def forward_pe(self) -> float | None:
        """Price ÷ expected earnings per share of the next fiscal year."""
        return ratio(self.price, None if self.forward is None else self.forward.value)

    @property
    def growth(self) -> Figure | None:
        """The growth of earnings that is expected for the year of the forward EPS."""
        return growth_of(self.estimates, FORWARD_PERIOD)

    @property
    def peg(self) -> float | None:
        """Forward P/E ÷ expected growth in percent; None where earnings are to shrink."""
        if self.forward_pe is None or self.growth is None or self.growth.value <= 0:
            return None
        return self.forward_pe / (self.growth.value * 100)

    @property
    def ev_sales(self) -> float | None:
        """Enterprise value ÷ revenue of the last four quarters."""
        if self.enterprise is None or self.revenue is None:
            return None
        return ratio(self.enterprise.value, self.revenue.value)

    @property
    def disagrees(self) -> bool:
        """Whether the source's own forward P/E is over 5% off price ÷ EPS."""
        if self.quoted_pe is None or self.quoted_check is None:
            return False
        return abs(self.quoted_pe.value / self.quoted_check - 1) > TOLERANCE

    @property
    def enough(self) -> int:
        """How many snapshots a rank needs: of days, or of weeks, which tell as much."""
        return ENOUGH // 5 if self.weekly else ENOUGH

    @property
    def percentile(self) -> float | None:
        """The share of snapshots whose forward P/E was at most today's; None for too few."""
        if self.forward_pe is None or len(self.history) < self.enough:
            return None
        return rank(self.forward_pe, [value for _day, value in self.history])


def ratio(price: float, earnings: float | None) -> float | None:
    """`price` ÷ `earnings`; None for no earnings or a loss, of which a multiple says nothing."""
    return price / earnings if earnings is not None and earnings > 0 else None


def rank(value: float, past: Sequence[float]) -> float:
    """The share of `past` (not empty) at or below `value`, 0 to 1."""
    return sum(one <= value * (1 + 1e-12) for one in past) / len(past)


def growth_of(estimates: Iterable[Estimate], period: str) -> Figure | None:
    """Expected growth of EPS in a period: as given, otherwise over the year before it."""
    by_period = {one.period: one for one in estimates}
    one = by_period.get(period)
    if one is None:
        return None
    if one.eps_growth is not None:
        return one.eps_growth
    before = by_period.get({"+1y": "0y", "+2y": "+1y"}.get(period, ""))
    if one.eps is None or before is None or before.eps is None or before.eps.value <= 0:
        return None
    eps = one.eps
    return Figure(
        eps.value / before.eps.value - 1, min(eps.day, before.eps.day), eps.source, "eps_growth",
        period, eps.fiscal,
    )  # fmt: skip


def at_or_before(closes: Mapping[date, float], day: date) -> float | None:
    """The last close up to `day`; None where there is none."""
    days = sorted(closes)
    found = bisect_right(days, day)
    return closes[days[found - 1]] if found else None


def valuation_of(
    symbol: str,
    closes: Mapping[date, float],
    price_source: str,
    unit: str,
    figures: Mapping[tuple[str, str], Figure],
    forward_eps: Mapping[date, float],
    old: date | None = None,
    *,
    adjusted: bool = False,
    weekly: bool = False,
) -> Valuation:
    """The valuation at the last of `closes` (not empty, adjusted for splits).

    `figures` are the newest ones by name and period, `forward_eps` every snapshot of it by day,
    both on the share basis of `closes`; `old` as `current` has it. With `weekly` past multiples
    are those of each week's last snapshot: of weeks long ago no others are kept, and all weigh
    the same.
    """
    day = max(closes)
    price = closes[day]
    forward = _forward(figures)
    cap, quoted = figures.get(("market_cap", "")), figures.get(("forward_pe", ""))
    then = at_or_before(closes, cap.day) if cap else None
    return Valuation(
        symbol,
        price,
        day,
        price_source,
        unit,
        figures.get(("trailing_eps", "")),
        forward,
        estimates_of(figures),
        cap,
        cap.value * price / then if cap and then else None,
        figures.get(("enterprise_value", "")),
        figures.get(("revenue", "")),
        figures.get(("price_sales", "")),
        quoted,
        _check(quoted, closes, forward_eps),
        tuple(
            (when, then / eps)
            for when, eps in sorted((_weekly(forward_eps) if weekly else forward_eps).items())
            if eps > 0 and (then := at_or_before(closes, when)) is not None
        ),
        old,
        adjusted,
        weekly,
    )


def _weekly(snapshots: Mapping[date, float]) -> dict[date, float]:
    """The last snapshot of each ISO week."""
    last = {when.isocalendar()[:2]: when for when in sorted(snapshots)}
    return {when: snapshots[when] for when in last.values()}


def _forward(figures: Mapping[tuple[str, str], Figure]) -> Figure | None:
    """The forward EPS: as the source gives it, or the estimate of the next fiscal year if newer."""
    given = figures.get(("forward_eps", ""))
    estimate = figures.get(("eps_estimate", FORWARD_PERIOD))
    if given is None or (estimate is not None and estimate.day > given.day):
        return estimate
    return given


def _check(
    quoted: Figure | None, closes: Mapping[date, float], forward_eps: Mapping[date, float]
) -> float | None:
    if quoted is None:
        return None
    # A close of another day would say nothing: a price may move by a fifth between the two.
    eps, price = forward_eps.get(quoted.day), closes.get(quoted.day)
    return None if price is None else ratio(price, eps)


def current(
    figures: Mapping[tuple[str, str], Figure], on: date
) -> tuple[dict[tuple[str, str], Figure], date | None]:
    """The figures that may stand beside a price of day `on`, and the newest day of those that are
    too old for that (None: no such). Of estimates, by fiscal year, those of the last look only.
    """
    fresh = {key: one for key, one in figures.items() if on - one.day <= LONGEST}
    last = max((one.day for one in fresh.values() if one.period), default=on)
    left = [one.day for key, one in figures.items() if key not in fresh]
    return (
        {key: one for key, one in fresh.items() if not one.period or last - one.day <= ONE_LOOK},
        max(left, default=None),
    )


def estimates_of(figures: Mapping[tuple[str, str], Figure]) -> tuple[Estimate, ...]:
    """The fiscal years of which anything is expected, the running one first."""
    found = []
    for period in ("0y", "+1y", "+2y"):
        names = ("eps_estimate", "eps_growth", "revenue_estimate", "revenue_growth")
        parts = [figures.get((name, period)) for name in names]
        if any(parts):
            found.append(Estimate(period, *parts))
    return tuple(found)


def figures_of(measures: Iterable[Measure]) -> dict[tuple[str, str], Figure]:
    """Measures of one symbol as figures by name and period."""
    return {
        (one.name, one.period): Figure(one.value / MICRO, one.day, one.source, one.name, one.period)
        for one in measures
    }
