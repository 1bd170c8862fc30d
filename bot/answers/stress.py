"""/stress: what a price would be at a lower multiple or lower earnings."""

from collections.abc import Sequence
from datetime import datetime

from bot.answers.targets import age_text, find_target, known
from bot.answers.valuing import market_multiple, must_earn, valuations
from bot.cards.stress import Ask, Subject, stress_card
from bot.cards.valuation_words import (
    aggregate_facts,
    money,
    origin,
    price_words,
    sources,
    valuation_facts,
    year,
)
from bot.errors import UserError
from bot.market.aggregate import Aggregate, aggregate
from bot.market.valuation import Valuation
from bot.model.basket import Basket
from bot.model.card import Card
from bot.model.wording import count, day, listing, sentence
from bot.services import Request

HIGHEST_MULTIPLE = 1000
_NO_COMPANY = "/valuation shows what is known of it."


async def stress(request: Request) -> Card:
    """A table of prices by multiple and earnings, and the growth that today's price implies."""
    options = request.options
    multiple = _multiple(options.get("multiple"))
    async with request.services.database.read() as connection:
        names = await known(connection, request)
        target = find_target(options["target"], names, request.receiver.owner)
        must_earn(target, names)
        basket = names.baskets.get(target)
        symbols = (target,) if basket is None else basket.members
        found = await valuations(connection, request, names, symbols)
    market = market_multiple(request)
    if multiple is None and market is None:
        said = request.services.settings.market
        raise UserError(
            f"The S&P 500's multiple is known from {day(said.multiple_on)} on; give a multiple "
            "yourself, such as /stress NVDA 22."
        )
    subject = (
        _stock(found[target], names.symbols[target]["name"], request.now)
        if basket is None
        else _basket(basket, found, request.now)
    )
    ask = Ask(
        multiple, market, options["haircut"] / 100, options["years"], options["discount"] / 100
    )
    return stress_card(subject, ask, request.now.date())


def _multiple(figures: Sequence[float] | None) -> float | None:
    if not figures:
        return None
    if len(figures) > 1 or not 0 < figures[0] <= HIGHEST_MULTIPLE:
        raise UserError(
            f"Give one multiple of earnings, such as 22 (above 0, at most {HIGHEST_MULTIPLE})."
        )
    return figures[0]


def _stock(one: Valuation, name: str, now: datetime) -> Subject:
    age = age_text(now, one.price_day)
    eps = one.forward or one.trailing
    if eps is None:
        raise UserError(
            f"No earnings of {one.symbol} are known, neither expected nor past; without them no "
            f"multiple can be reckoned. {_NO_COMPANY}"
        )
    expected = one.forward is not None
    when = f"expected for {year(eps)}" if expected else "of the last four quarters"
    if eps.value <= 0:
        raise UserError(
            f"{one.symbol} makes a loss ({money(eps.value, one.unit)} a share {when}); a multiple "
            "of a loss says nothing, so its price cannot be stressed this way."
        )
    return Subject(
        f"{name} ({one.symbol})" if name and name != one.symbol else one.symbol,
        f"price of {money(one.price, one.unit)}",
        one.price,
        eps.value,
        one.unit,
        f"the {money(eps.value, one.unit)} a share {when} {origin(eps)}",
        expected,
        one.estimates,
        one.price_day,
        f"{price_words(one)}{age}; {sources([eps])}",
        (),
        {"symbol": one.symbol, "valuation": valuation_facts(one)},
    )


def _basket(basket: Basket, found: dict[str, Valuation], now: datetime) -> Subject:
    forward = aggregate(basket.members, found, forward=True)
    trailing = aggregate(basket.members, found, forward=False)
    one = forward if forward.stands else trailing
    if not one.stands:
        told = count(len(one.used) + len(one.losses), "member")
        raise UserError(
            f"Earnings and market value are known of {told} of {len(basket.members)} of "
            f"{basket.name} only, too few to stand for it. {_NO_COMPANY}"
        )
    expected = one is forward
    when = (
        "are expected to earn next fiscal year" if expected else "earned in the last four quarters"
    )
    members = [found[symbol] for symbol in one.used]
    figures = [
        figure
        for member in members
        for figure in (member.cap, member.forward if expected else member.trailing)
    ]
    last = max(member.price_day for member in members)
    return Subject(
        sentence(basket.title),
        f"market value of {money(one.cap)}",
        one.cap,
        one.earnings,
        "USD",
        f"the {money(one.earnings)} that {len(one.used)} of "
        f"{count(len(basket.members), 'stock')} {when}",
        expected,
        (),
        last,
        f"{members[0].price_source} of {day(last)}{age_text(now, last)}; {sources(figures)}",
        tuple(_left_out(one)),
        {
            "basket": basket.name,
            "aggregate": aggregate_facts(one),
            "members": [valuation_facts(member) for member in found.values()],
        },
    )


def _left_out(one: Aggregate) -> list[str]:
    lines = []
    if one.losses:
        lines.append(f"Left out, as they lose money: {listing(one.losses)}.")
    if one.missing:
        lines.append(f"Left out, as too little is known: {listing(tuple(one.missing))}.")
    return lines
