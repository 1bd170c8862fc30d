"""/valuation: what the market pays for earnings."""

from dataclasses import replace

from bot.answers.targets import age_text, find_target, known
from bot.answers.valuing import market_multiple, must_earn, valuations
from bot.cards.valuation import stock_card
from bot.cards.valuation_basket import basket_card
from bot.market.aggregate import aggregate
from bot.model.card import Card
from bot.services import Request

DEFAULT = "ai"


async def valuation(request: Request) -> Card:
    """The valuation of a stock, or of a basket with a table of its members."""
    async with request.services.database.read() as connection:
        names = await known(connection, request)
        target = find_target(
            request.options.get("target") or DEFAULT, names, request.receiver.owner
        )
        must_earn(target, names)
        basket = names.baskets.get(target)
        symbols = (target,) if basket is None else basket.members
        found = await valuations(connection, request, names, symbols)
    against = market_multiple(request)
    today = request.now.date()
    age = age_text(request.now, max(one.price_day for one in found.values()))
    if basket is None:
        card = stock_card(found[target], names.symbols[target]["name"], against, today)
        return replace(card, footer=card.footer + age)
    card = basket_card(
        basket,
        found,
        aggregate(symbols, found, forward=True),
        aggregate(symbols, found, forward=False),
        against,
        today,
    )
    return replace(card, footer=card.footer + age)
