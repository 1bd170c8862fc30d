"""/valuation of one stock → a card. Pure."""

from collections.abc import Iterator
from datetime import date

from bot.cards.release_words import possessive
from bot.cards.valuation_words import (
    UNKNOWN,
    every_figure,
    market_facts,
    market_growth,
    market_words,
    money,
    origin,
    price_words,
    sources,
    times,
    valuation_facts,
    year,
)
from bot.market.valuation import (
    Estimate,
    Figure,
    MarketMultiple,
    Valuation,
    growth_of,
    ratio,
)
from bot.model.card import Card, Field, Table
from bot.model.wording import MINUS, count, day, percent, price, share, weekday

NOT_KNOWN = "not known"
_NOTHING = "No earnings, estimates, growth or revenue of it are known of that time."


def stock_card(one: Valuation, name: str, market: MarketMultiple | None, today: date) -> Card:
    """What is paid for a stock's earnings, beside the S&P 500's multiple (None: not known then)."""
    called = f"{name} ({one.symbol})" if name and name != one.symbol else one.symbol
    figures = every_figure(one)
    known = any(figures)
    adjusted = ", adjusted for dividends" if one.adjusted else ""
    lines = [
        f"{money(one.price, one.unit)} at the close of {weekday(one.price_day)}{adjusted}",
        *(_meaning(one, market, today) if known else (_NOTHING,)),
        *_warnings(one),
    ]
    return Card(
        title=_title(called, one),
        text="\n".join(lines),
        fields=tuple(_fields(one, market)) if known else (),
        table=_table(one),
        footer="; ".join(part for part in (price_words(one), sources(figures)) if part),
        facts={
            "as_of": today.isoformat(),
            **valuation_facts(one),
            "market": market_facts(market),
        },
    )


def _title(called: str, one: Valuation) -> str:
    if one.forward_pe is not None:
        return f"{called}: {times(one.forward_pe)} expected earnings"
    if one.trailing_pe is not None:
        return f"{called}: {times(one.trailing_pe)} the earnings of the last four quarters"
    if one.forward is not None or one.trailing is not None:
        return f"{called} makes a loss: there is no P/E"
    return f"{called}: P/E not known"


def _meaning(one: Valuation, market: MarketMultiple | None, today: date) -> Iterator[str]:
    """The figure in plain words, and beside the market's."""
    if one.forward is not None and one.forward_pe is not None:
        yield (
            f"Buyers pay {money(one.forward_pe)} for each dollar that it is expected to earn in "
            f"{year(one.forward)}."
            if one.unit == "USD"
            else f"The price is {times(one.forward_pe)} what it is expected to earn in "
            f"{year(one.forward)}."
        )
    elif one.trailing_pe is not None and one.unit == "USD":
        yield (
            f"Buyers pay {money(one.trailing_pe)} for each dollar that it earned in the last four "
            "quarters."
        )
    if market is None:
        yield "The S&P 500's multiple is not known of that time."
    elif one.forward_pe is None:
        yield f"{market_words(market, today)}; without a forward P/E there is no comparison."
    else:
        apart = one.forward_pe / market.pe - 1
        more = "more" if apart >= 0 else "less"
        yield (
            f"That is {share(apart, 0)} {more} than in the market as a whole. "
            f"{market_words(market, today)}."
        )


def _warnings(one: Valuation) -> Iterator[str]:
    if one.disagrees and one.quoted_pe is not None and one.quoted_check is not None:
        yield (
            f"{possessive(one.quoted_pe.source)} own forward P/E of {day(one.quoted_pe.day)} is "
            f"{times(one.quoted_pe.value)}, but its price and EPS of that day make "
            f"{times(one.quoted_check)}: recomputed here."
        )
    if one.old is not None:
        yield f"Figures of {day(one.old)} and before are left out as too old."
    notes = [figure.note for figure in every_figure(one) if figure is not None and figure.note]
    yield from dict.fromkeys(notes)


def _fields(one: Valuation, market: MarketMultiple | None) -> Iterator[Field]:
    yield Field("Forward P/E", _multiple(one.forward, one, "expected for"))
    yield Field("Trailing P/E", _multiple(one.trailing, one, "of the last four quarters"))
    yield Field("PEG (P/E ÷ growth)", _peg(one, market))
    yield Field("EV/sales (value with debts ÷ revenue)", _ev_sales(one))
    yield Field("Against its own past", _past(one))


def _multiple(eps: Figure | None, one: Valuation, of: str) -> str:
    if eps is None:
        return f"{NOT_KNOWN}: no earnings per share" + (
            " are expected by any source" if "expected" in of else ""
        )
    said = f"{of} {year(eps)}" if "expected" in of else of
    if eps.value <= 0:
        return f"none: a loss of {money(-eps.value, one.unit)} a share {said} {origin(eps)}"
    pe = ratio(one.price, eps.value)
    return f"{times(pe)}: price ÷ {money(eps.value, one.unit)} {said} {origin(eps)}"


def _peg(one: Valuation, market: MarketMultiple | None) -> str:
    growth = one.growth
    if growth is None:
        return f"{NOT_KNOWN}: no growth of earnings is given"
    said = f"{percent(growth.value, 0)} in {year(growth)} {origin(growth)}"
    if one.peg is None:
        return f"none: growth is {said}" if growth.value <= 0 else f"{NOT_KNOWN}: no forward P/E"
    text = f"{price(one.peg)}: growth {said}"
    if market is not None and market.growth is not None and market.growth > 0:
        text += f"; S&P 500 {price(market.pe / (market.growth * 100))}. {market_growth(market)}"
    return text


def _ev_sales(one: Valuation) -> str:
    if one.ev_sales is not None and one.enterprise is not None and one.revenue is not None:
        return (
            f"{times(one.ev_sales)}: {money(one.enterprise.value)} ÷ "
            f"{money(one.revenue.value)} {origin(one.enterprise)}"
        )
    if one.price_sales is not None:
        return (
            f"{NOT_KNOWN}; market value ÷ revenue was {times(one.price_sales.value)} "
            f"{origin(one.price_sales)}"
        )
    return f"{NOT_KNOWN}: no value with debts, or no revenue"


def _past(one: Valuation) -> str:
    if one.percentile is None:
        told = count(len(one.history), "weekly snapshot" if one.weekly else "snapshot")
        return f"{told} of its forward P/E so far; a rank needs {one.enough}"
    unit = "week" if one.weekly else "day"
    since = f"{count(len(one.history), unit)} since {day(one.history[0][0])}"
    return f"as dear as or dearer than on {share(one.percentile, 0)} of {since}"


def _table(one: Valuation) -> Table | None:
    if not one.estimates:
        return None
    return Table(
        ("expected", "EPS", "growth", "revenue", "growth"),
        tuple(_row(estimate, one) for estimate in one.estimates),
        numeric=frozenset({1, 2, 3, 4}),
    )


def _row(estimate: Estimate, one: Valuation) -> tuple[str, ...]:
    eps, revenue = estimate.eps, estimate.revenue
    return (
        year(estimate),
        UNKNOWN if eps is None else price(eps.value).replace("-", MINUS),
        _growth(growth_of(one.estimates, estimate.period)),
        UNKNOWN if revenue is None else money(revenue.value),
        _growth(estimate.revenue_growth),
    )


def _growth(figure: Figure | None) -> str:
    return UNKNOWN if figure is None else percent(figure.value, 0)
