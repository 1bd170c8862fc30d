"""/cost index: how fast tokens get cheaper."""

from bot.answers.costing import ledger
from bot.cards.cost_index import index_card
from bot.costs.index import index as lowest_prices
from bot.costs.index import shifted
from bot.errors import UserError
from bot.model.card import Card
from bot.model.wording import day
from bot.releases.models import load_models
from bot.services import Request


async def index(request: Request) -> Card:
    """The lowest price of a class of models over time, open and closed weights apart."""
    name, months = request.options["class"], request.options["months"]
    start = shifted(request.now.date(), -months)
    book = (await ledger(request)).dated()
    found = lowest_prices(book, load_models().models, name, start, request.now)
    if not found.all:
        raise UserError(
            f"No price of that class is known from {day(start)} to {day(found.end)}; "
            "/cost index all looks at every language model."
            if name != "all"
            else f"No price is known from {day(start)} to {day(found.end)}; ask for a later day."
        )
    return index_card(found, name)
