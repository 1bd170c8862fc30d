"""The facts of /impact: everything that its figures came from. Pure."""

from collections.abc import Sequence
from typing import Any

from bot.market.base_rates import Rate
from bot.market.rivals import Rival
from bot.model.study import CrossSection, Study


def study_facts(one: Study) -> dict[str, Any]:
    """A study, JSON-ready. Returns and bands are fractions."""
    model = one.model
    return {
        "target": one.target,
        "benchmark": one.benchmark,
        "event": one.event.isoformat(),
        "session_0": one.zero.isoformat(),
        "window": list(one.window),
        "whole": one.whole,
        "car": one.last.car,
        "car_se": one.last.car_se,
        "t": one.last.t,
        "p": one.last.p,
        "band": [one.last.low, one.last.high],
        "placebo": None
        if one.placebo is None
        else {"n": one.placebo.n, "p": one.placebo.p, "larger_than": one.placebo.percentile},
        "estimation": {
            "alpha": model.alpha,
            "beta": model.beta,
            "sigma": model.sigma,
            "r_squared": model.r_squared,
            "sessions": model.n,
            "missing": model.missing,
            "from": model.first.isoformat(),
            "to": model.last.isoformat(),
        },
        "days": [
            {
                "session": each.offset,
                "day": each.day.isoformat(),
                "return": each.ret,
                "benchmark_return": each.market,
                "ar": each.ar,
                "ar_se": each.ar_se,
                "ar_t": each.ar_t,
                "car": each.car,
                "car_se": each.car_se,
                "t": each.t,
                "p": each.p,
                "band": [each.low, each.high],
            }
            for each in one.days
        ],
    }


def brief_facts(one: Study | None) -> dict[str, Any] | None:
    """A study's outcome alone; None where there is none."""
    if one is None:
        return None
    return {
        "car": one.last.car,
        "t": one.last.t,
        "p": one.last.p,
        "from": one.days[0].day.isoformat(),
        "to": one.last.day.isoformat(),
    }


def cross_facts(one: CrossSection | None) -> dict[str, Any] | None:
    """The test across members."""
    if one is None:
        return None
    return {
        "members": one.n,
        "mean_car": one.mean_car,
        "statistic": one.statistic,
        "p": one.p,
        "unadjusted": one.unadjusted,
        "correlation": one.correlation,
        "left_out": [{"symbol": symbol, "why": why} for symbol, why in one.left_out],
    }


def rival_facts(rivals: Sequence[Rival]) -> list[dict[str, Any]]:
    """What else happened, with its source."""
    return [
        {"day": r.day.isoformat(), "kind": r.kind.value, "what": r.what, "source": r.source}
        for r in rivals
    ]


def rate_facts(rate: Rate | None) -> dict[str, Any] | None:
    """A base rate; None where there are too few."""
    if rate is None:
        return None
    return {"n": rate.n, "median": rate.median, "low": rate.low, "high": rate.high}
