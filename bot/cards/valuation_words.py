"""Words and facts of valuations, for the cards of /valuation and /stress. Pure."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.market.aggregate import Aggregate
from bot.market.valuation import Estimate, Figure, MarketMultiple, Valuation
from bot.model.wording import MINUS, day, percent, price

UNKNOWN = "–"
# The market's multiple is said to be old after so many days.
OLD = 120
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))
_PERIODS = {
    "": "next fiscal year",
    "0y": "this fiscal year",
    "+1y": "next fiscal year",
    "+2y": "the year after",
}


def times(value: float | None) -> str:
    """A multiple: 28.99 → "29.0×"; None → a dash."""
    return UNKNOWN if value is None else f"{value:,.1f}×"


def money(value: float, unit: str = "USD") -> str:
    """An amount: 3.05e12 → "$3.05T", −4.38 → "−$4.38", 12.5 in EUR → "12.50 EUR"."""
    size, letter = next(((s, u) for s, u in _UNITS if abs(value) >= s), (1.0, ""))
    text = price(abs(value) / size) + letter
    text = f"${text}" if unit == "USD" else f"{text} {unit}"
    return MINUS + text if value < 0 else text


def year(figure: Figure | Estimate) -> str:
    """The fiscal year that an estimate is of."""
    return f"fiscal {figure.fiscal}" if figure.fiscal else _PERIODS[figure.period]


def origin(figure: Figure) -> str:
    """Source and as-of in brackets."""
    return f"({figure.source}, {day(figure.day)})"


def market_words(market: MarketMultiple, today: date) -> str:
    """The market's multiple with its day and provider, and its age if it is old."""
    age = (today - market.on).days
    old = f", {age} days old" if age > OLD else ""
    source = f"{market.source}, {day(market.on)}{old}"
    return f"S&P 500: {times(market.pe)} the earnings expected for twelve months ({source})"


def market_growth(market: MarketMultiple) -> str:
    """The growth that is expected of the market's earnings, and by whom; "" where unknown."""
    if market.growth is None:
        return ""
    return f"S&P 500's earnings: {percent(market.growth)} expected ({market.growth_source})"


def sources(figures: Iterable[Figure | None]) -> str:
    """Every source once with its days: "Yahoo, 31 Jan 2025"."""
    days: dict[str, set[date]] = {}
    for one in figures:
        if one is not None:
            days.setdefault(one.source, set()).add(one.day)
    return "; ".join(
        f"{source}, {', '.join(day(on) for on in sorted(found))}" for source, found in days.items()
    )


def price_words(one: Valuation) -> str:
    """Where a price is from, with its day."""
    said = f"{one.price_source} of {day(one.price_day)}"
    return f"{said}, adjusted for dividends" if one.adjusted else said


def every_figure(one: Valuation) -> list[Figure | None]:
    """The figures that a valuation rests on."""
    expected = [
        figure
        for estimate in one.estimates
        for figure in (
            estimate.eps, estimate.eps_growth, estimate.revenue, estimate.revenue_growth,
        )
    ]  # fmt: skip
    return [
        one.trailing, one.forward, one.cap, one.enterprise, one.revenue, one.price_sales,
        one.quoted_pe, *expected,
    ]  # fmt: skip


def figure_facts(figure: Figure | None) -> dict[str, Any] | None:
    """A figure for scripts: value, day and source."""
    if figure is None:
        return None
    return {
        "value": figure.value,
        "as_of": figure.day.isoformat(),
        "source": figure.source,
        "measure": figure.name,
        "period": figure.period or None,
        "fiscal_year": figure.fiscal,
        "note": figure.note or None,
    }


def rounded(value: float | None, digits: int = 6) -> float | None:
    """For scripts: no more digits than mean anything."""
    return None if value is None else round(value, digits)


def valuation_facts(one: Valuation) -> dict[str, Any]:
    """Everything that a stock's multiples are made of."""
    return {
        "symbol": one.symbol,
        "price": one.price,
        "price_date": one.price_day.isoformat(),
        "price_source": one.price_source,
        "price_adjusted_for_dividends": one.adjusted,
        "unit": one.unit,
        "forward_pe": rounded(one.forward_pe),
        "trailing_pe": rounded(one.trailing_pe),
        "peg": rounded(one.peg),
        "ev_sales": rounded(one.ev_sales),
        "forward_eps": figure_facts(one.forward),
        "trailing_eps": figure_facts(one.trailing),
        "growth": figure_facts(one.growth),
        "market_cap": figure_facts(one.cap),
        "market_cap_at_price": rounded(one.cap_now, 0),
        "enterprise_value": figure_facts(one.enterprise),
        "revenue": figure_facts(one.revenue),
        "price_sales": figure_facts(one.price_sales),
        "quoted_forward_pe": figure_facts(one.quoted_pe),
        "quoted_forward_pe_recomputed": rounded(one.quoted_check),
        "quoted_forward_pe_disagrees": one.disagrees,
        "snapshots": len(one.history),
        "percentile": rounded(one.percentile),
        "estimates": [
            {
                "period": estimate.period,
                "fiscal_year": estimate.fiscal,
                "eps": figure_facts(estimate.eps),
                "eps_growth": figure_facts(estimate.eps_growth),
                "revenue": figure_facts(estimate.revenue),
                "revenue_growth": figure_facts(estimate.revenue_growth),
            }
            for estimate in one.estimates
        ],
    }


def aggregate_facts(one: Aggregate) -> dict[str, Any]:
    """What a basket's multiple is made of."""
    return {**asdict(one), "used": list(one.used), "losses": list(one.losses),
            "missing": dict(one.missing), "stands": one.stands}  # fmt: skip


def market_facts(market: MarketMultiple | None) -> dict[str, Any] | None:
    """The market's multiple for scripts."""
    return None if market is None else {**asdict(market), "on": market.on.isoformat()}
