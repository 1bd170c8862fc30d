"""/cost workload: what a number of requests costs."""

from bot.answers.costing import Chosen, chosen, ledger, meant_words
from bot.cards.cost_words import seller
from bot.cards.cost_workload import Priced, not_out_card, unpriced_card, workload_card
from bot.costs.compare import ended
from bot.costs.ledger import Ledger
from bot.costs.migrate import following
from bot.costs.workload import Unpriced, Workload, cheapest
from bot.errors import UserError
from bot.model.card import Card
from bot.services import Request


async def workload(request: Request) -> Card:
    """The bill per day, month and year at the moment's prices."""
    load = load_of(request)
    book = await ledger(request)
    one = priced(chosen(request.options["model"], request, book), load, request, book)
    return one if isinstance(one, Card) else workload_card(one, request.now)


def load_of(request: Request) -> Workload:
    """The workload that was asked for; raises UserError where its requests have no tokens."""
    options = request.options
    if not options["input"] and not options["output"]:
        raise UserError("A request without tokens costs nothing; give tokens in, out or both.")
    return Workload(
        options["requests"],
        options["input"],
        options["output"],
        options["cached"],
        options["batch"],
        options["peak"],
    )


def priced(one: Chosen, load: Workload, request: Request, book: Ledger) -> Priced | Card:
    """The model's bill; the card that says why there is none."""
    meant = meant_words(one, request.now.date())
    if not one.out:
        return not_out_card(one.key, one.name, one.released_on, request.now, meant)
    quotes = book.quotes(one.key, request.now, known_at=request.known_at)
    bill, chosen_from = cheapest(load, quotes, one.key[0])
    if isinstance(bill, Unpriced):
        return unpriced_card(one.key, one.name, bill, request.now, meant)
    labs = request.services.releases.labs
    follows = following(book, one.key, load, bill, request.known_at)
    return Priced(
        one.key,
        one.name,
        one.lab_name,
        bill,
        seller(bill.provider, labs),
        chosen_from,
        meant,
        one.known,
        follows,
        ended(book, one.key, request.now),
    )
