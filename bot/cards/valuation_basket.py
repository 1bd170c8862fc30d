"""/valuation of a basket → a card with a table of its members. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from bot.cards.valuation_words import (
    UNKNOWN,
    aggregate_facts,
    every_figure,
    market_facts,
    market_words,
    money,
    sources,
    times,
    valuation_facts,
)
from bot.market.aggregate import Aggregate
from bot.market.valuation import Figure, MarketMultiple, Valuation
from bot.model.basket import Basket
from bot.model.card import Card, Table
from bot.model.wording import count, day, listing, price, sentence, share


def basket_card(
    basket: Basket,
    members: Mapping[str, Valuation],
    forward: Aggregate,
    trailing: Aggregate,
    market: MarketMultiple | None,
    today: date,
) -> Card:
    """A basket's multiples as if it were one company, and each member's."""
    last = max(one.price_day for one in members.values())
    ordered = sorted(members.values(), key=lambda one: -(one.cap_now or 0.0))
    adjusted = [one.symbol for one in ordered if one.adjusted]
    parts = [
        f"{ordered[0].price_source} of {day(last)}",
        f"{listing(adjusted)} adjusted for dividends" if adjusted else "",
        sources(figure for one in ordered for figure in every_figure(one)),
    ]
    return Card(
        title=_title(basket, forward, trailing),
        text="\n".join(_lines(forward, trailing, market, today)),
        table=Table(
            ("stock", "fwd P/E", "P/E", "PEG", "EV/sales", "value"),
            tuple(_row(one) for one in ordered),
            numeric=frozenset({1, 2, 3, 4, 5}),
            note=_note(ordered),
        ),
        footer="; ".join(part for part in parts if part),
        facts={
            "as_of": today.isoformat(),
            "basket": basket.name,
            "forward": aggregate_facts(forward),
            "trailing": aggregate_facts(trailing),
            "market": market_facts(market),
            "members": [valuation_facts(one) for one in ordered],
        },
    )


def _note(ordered: Sequence[Valuation]) -> str:
    text = f"{UNKNOWN} not known; P/E on the earnings of the last four quarters"
    if any(one.disagrees for one in ordered):
        text += "; * recomputed: the source's own P/E is over 5% off its price ÷ EPS"
    return text


def _title(basket: Basket, forward: Aggregate, trailing: Aggregate) -> str:
    called = sentence(basket.title)
    if forward.stands:
        return f"{called}: {times(forward.pe)} expected earnings"
    if trailing.stands:
        return f"{called}: {times(trailing.pe)} the earnings of the last four quarters"
    return f"{called}: too little is known for a P/E of the basket"


def _lines(
    forward: Aggregate, trailing: Aggregate, market: MarketMultiple | None, today: date
) -> Iterator[str]:
    both = [("Expected earnings", forward), ("Earnings of the last four quarters", trailing)]
    for what, one in sorted(both, key=lambda two: not two[1].stands):  # what is told comes first
        yield from _sum(what, one)
    if market is None:
        yield "The S&P 500's multiple is not known of that time."
        return
    said = market_words(market, today)
    if forward.stands and forward.pe is not None:
        apart = forward.pe / market.pe - 1
        said += f"; the basket costs {share(apart, 0)} {'more' if apart >= 0 else 'less'}"
    yield said + "."


def _sum(what: str, one: Aggregate) -> Iterator[str]:
    """How one multiple is made, and who is not in it."""
    total = len(one.used) + len(one.losses) + len(one.missing)
    if not one.used and not one.losses:
        yield f"{what}: not known of any of the {count(total, 'stock')}."
        return
    if not one.stands:
        told = _some(one)
        yield f"{what}: known of {told} only, too little to stand for {count(total, 'stock')}."
        return
    yield (
        f"{what}: {times(one.pe)}, market values of {money(one.cap)} ÷ {money(one.earnings)} of "
        f"{len(one.used)} of {count(total, 'stock')}, as if they were one company."
    )
    if one.losses:
        inside = times(one.pe_with_losses) if one.pe_with_losses else "no P/E at all"
        yield f"Left out, as they lose money: {listing(one.losses)}; with them in, {inside}."
    if one.missing:
        yield f"Missing: {_missing(one)}."


def _some(one: Aggregate) -> str:
    told = (*one.used, *one.losses)
    return listing(told) if len(told) <= 5 else count(len(told), "stock")


def _missing(one: Aggregate) -> str:
    by_reason: dict[str, list[str]] = {}
    for symbol, why in one.missing.items():
        by_reason.setdefault(why, []).append(symbol)
    return "; ".join(f"{listing(found)} ({why})" for why, found in by_reason.items())


def _row(one: Valuation) -> tuple[str, ...]:
    return (
        one.symbol,
        _pe(one.forward_pe, one.forward) + (" *" if one.disagrees else ""),
        _pe(one.trailing_pe, one.trailing),
        UNKNOWN if one.peg is None else price(one.peg),
        UNKNOWN if one.ev_sales is None else f"{one.ev_sales:.1f}",
        UNKNOWN if one.cap_now is None else money(one.cap_now, one.unit),
    )


def _pe(value: float | None, eps: Figure | None) -> str:
    if value is not None:
        return f"{value:,.1f}"
    return UNKNOWN if eps is None else "loss"
