"""Whether many stocks moved together beyond chance, on one day. Pure.

Each member's CAR is divided by its own standard error of prediction; their mean over the standard
error of that mean is the test of Boehmer, Musumeci and Poulsen (1991), which holds where an event
makes returns more volatile. It takes members for independent, which stocks of one trade on one day
are not: with a mean correlation r of the residuals, Kolari and Pynnönen (Review of Financial
Studies 23, 2010) multiply it by √((1 − r) / (1 + (n − 1) r)).
"""

import math
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from statistics import correlation, fmean, stdev

from bot.market.event_study import WINDOW, study
from bot.market.market_model import Pair, estimation
from bot.market.student import two_sided_p
from bot.model.study import CrossSection, Study, TooLittleError
from bot.model.wording import count

FEWEST = 8


def cross_section(
    pairs: Sequence[Pair], event: date, window: tuple[int, int] = WINDOW
) -> CrossSection:
    """The test over all `pairs`, members of one basket with the same sessions and benchmark.

    Members that cannot be studied are left out, and named. Raises TooLittleError with fewer than
    eight others, or where they cannot be told from one another.
    """
    studies: list[tuple[Pair, Study]] = []
    left_out: list[tuple[str, str]] = []
    for pair in pairs:
        try:
            found = study(pair, event, window)
        except TooLittleError as error:
            left_out.append((pair.target, str(error)))
            continue
        if found.model.sigma > 0:
            studies.append((pair, found))
        else:
            left_out.append((pair.target, f"{pair.target} moves exactly as {pair.benchmark} does."))
    n = len(studies)
    if n < FEWEST:
        raise TooLittleError(
            f"A test across stocks needs {FEWEST} of them; {count(n, 'stock')} can be studied."
        )
    scaled = [found.last.t for _pair, found in studies]
    spread = stdev(scaled)
    mean_correlation = _mean_correlation([_residuals(*one) for one in studies])
    inflation = 1 + (n - 1) * mean_correlation
    if spread <= 0 or inflation <= 0 or mean_correlation >= 1:
        raise TooLittleError("These stocks cannot be told from one another by their returns.")
    unadjusted = fmean(scaled) * math.sqrt(n) / spread
    statistic = unadjusted * math.sqrt((1 - mean_correlation) / inflation)
    return CrossSection(
        n=n,
        mean_car=fmean(found.last.car for _pair, found in studies),
        statistic=statistic,
        p=two_sided_p(statistic, n - 1),
        unadjusted=unadjusted,
        correlation=mean_correlation,
        left_out=tuple(left_out),
    )


def _residuals(pair: Pair, found: Study) -> dict[int, float]:
    """What the model left of each return of the estimation, by the session's position."""
    begin, end = estimation(pair.sessions.index(found.zero))
    model = found.model
    return {
        at: ret - model.alpha - model.beta * market
        for at in range(begin, end)
        if (ret := pair.returns[at]) is not None and (market := pair.market[at]) is not None
    }


def _mean_correlation(members: Sequence[dict[int, float]]) -> float:
    """The mean over all pairs, each over the sessions that both have."""
    found: list[float] = []
    for one, other in combinations(members, 2):
        both = one.keys() & other.keys()
        found.append(correlation([one[at] for at in both], [other[at] for at in both]))
    return fmean(found)
