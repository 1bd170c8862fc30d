"""/cost price: what a model costs per million tokens, today or on any day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.answers.costing import Chosen, chosen, ledger, meant_words, moment_asked
from bot.cards.cost_price import Priced, price_card
from bot.cards.cost_words import is_promotion, seller
from bot.costs.compare import elsewhere, ended, following, is_dated, steps
from bot.costs.corrected import corrections
from bot.costs.ledger import Ledger
from bot.costs.shipped import retirements
from bot.errors import UserError
from bot.model.basket import Lab
from bot.model.card import Card
from bot.model.wording import listing
from bot.services import Request

MOST_NAMED = 8


async def price(request: Request) -> Card:
    """What its lab asks on that day, and under which terms; what it was, and is elsewhere."""
    book = await ledger(request)
    one, at = _asked(request, book)
    labs = request.services.releases.labs
    provider = _provider(request.options.get("provider"), one, book, labs)
    if not one.out:
        return price_card(
            Priced(one.key, one.name, one.released_on, False, at.date(), provider, typed=one.typed,
                   meant=meant_words(one, at.date())),
            labs,
        )  # fmt: skip
    theirs = book.quotes(one.key, at, provider=provider)
    quoted = next((quote for quote in theirs if quote.best.terms.usual), None)
    then = following(book, quoted) if quoted is not None and is_promotion(quoted.best) else None
    end = retirements().get(one.key)
    priced = Priced(
        one.key,
        one.name,
        one.released_on,
        True,
        at.date(),
        provider,
        quoted,
        # A list of today says nothing of what batches or long requests cost before a change.
        tuple(quote for quote in theirs if not quote.best.terms.usual and is_dated(quote.best, at)),
        then,
        tuple(steps(book, one.key, request.now, provider)),
        tuple(elsewhere(book, one.key, at, provider)),
        tuple(corrections(one.key, at)) if provider == one.key[0] else (),
        one.typed,
        meant_words(one, at.date()),
        ended(book, one.key, at, provider),
        end.source if end is not None and provider == one.key[0] else "",
    )
    return price_card(priced, labs)


def _asked(request: Request, book: Ledger) -> tuple[Chosen, datetime]:
    """The model and the moment. Names have spaces: what follows the first word is its rest, as far
    as it is no day.
    """
    name, on = request.options["model"], request.options.get("on")
    words = [word for word in (on or "").split() if word.lower() != "on"]
    for at in range(len(words) + 1):
        rest = " ".join(words[at:])
        try:
            moment = moment_asked(rest or None, request.now)
        except UserError as error:
            if at == 0:
                first = error
            continue
        whole = " ".join((name, *words[:at]))
        try:
            return chosen(whole, replace(request, now=moment), book), moment
        except UserError:
            if at and not rest:  # what was meant for a day is no part of a name either
                break
            raise
    raise first


def _provider(asked: str | None, one: Chosen, book: Ledger, labs: Mapping[str, Lab]) -> str:
    """The key of the provider that is meant: the lab itself unless another is named."""
    if asked is None:
        return one.key[0]
    keys = sorted({rate.provider for rate in book.of(one.key)} | {one.key[0]})
    wanted = _plain(asked)
    for key in keys:
        if wanted in (_plain(key), _plain(seller(key, labs))):
            return key
    begun = [key for key in keys if _plain(seller(key, labs)).startswith(wanted)]
    if wanted and len(begun) == 1:
        return begun[0]
    names = [seller(key, labs) for key in keys]
    left = len(names) - MOST_NAMED
    known = f"{', '.join(names[:MOST_NAMED])} and {left} more" if left > 0 else listing(names)
    raise UserError(f"No price of {one.name} at {asked} is known; those known are of {known}.")


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
