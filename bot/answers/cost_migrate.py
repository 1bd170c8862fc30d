"""/cost migrate: what moving from one model to another saves or costs."""

from decimal import Decimal

from bot.answers.cost_workload import load_of, priced
from bot.answers.costing import chosen, ledger
from bot.cards.cost_migrate import migrate_card, same_card
from bot.costs.migrate import payback, stages
from bot.model.card import Card
from bot.services import Request


async def migrate(request: Request) -> Card:
    """Both bills, what lies between them both ways, and when the move has paid for itself."""
    load = load_of(request)
    book = await ledger(request)
    chosen_ = [chosen(request.options[name], request, book) for name in ("from", "to")]
    if chosen_[0].key == chosen_[1].key:
        return same_card(chosen_[0].name)
    both = []
    for one in chosen_:
        bill = priced(one, load, request, book)
        if isinstance(bill, Card):
            return bill
        both.append(bill)
    before, after = both
    keys, bills = (before.key, after.key), (before.bill, after.bill)
    steps = stages(book, keys, load, bills, request.known_at)
    switching = request.options["switching"]
    paid = payback(Decimal(switching), steps, request.now) if switching else None
    return migrate_card(before, after, steps, switching, paid, request.now)
