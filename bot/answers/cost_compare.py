"""/cost compare: models' prices side by side, on any day."""

from collections.abc import Sequence
from dataclasses import replace

from bot.answers.costing import Chosen, chosen, day_apart, ledger, meant_words, moment_asked
from bot.cards.cost_compare import Compared, compare_card
from bot.cards.cost_words import is_promotion, seller
from bot.cards.release_words import possessive
from bot.costs.asked import Mix, parse_mix
from bot.costs.compare import elsewhere, ended, following, steps
from bot.costs.corrected import corrections
from bot.costs.ledger import Ledger
from bot.errors import UserError
from bot.model.card import Card
from bot.model.wording import day
from bot.services import Request

MOST_MODELS = 8
FEW = 2


async def compare(request: Request) -> Card:
    """Input, output and blended price of up to eight models, with what they are of the cheapest."""
    names, on = day_apart(request.options["models"], request.options.get("on"), request.now.date())
    if len(names) > MOST_MODELS:
        raise UserError(f"At most {MOST_MODELS} models stand side by side; leave some out.")
    mix = parse_mix(request.options["mix"])
    at = moment_asked(on, request.now)
    book = await ledger(request)
    then = replace(request, now=at)
    found = {one.key: one for one in (_chosen(text, then, book, names) for text in names)}
    several = [_compared(one, book, mix, then, len(found)) for one in found.values()]
    return compare_card(several, mix, at.date())


def _chosen(text: str, request: Request, book: Ledger, names: Sequence[str]) -> Chosen:
    try:
        return chosen(text, request, book)
    except UserError:
        if len(names) == 1 and " " in text:
            raise UserError(
                f"No model {text} is known; write commas between several, such as "
                "GPT-4o, DeepSeek-V3."
            ) from None
        raise


def _compared(one: Chosen, book: Ledger, mix: Mix, request: Request, beside: int) -> Compared:
    quoted = book.quote(one.key, request.now) if one.out else None
    notes = corrections(one.key, request.now) if quoted is not None else []
    last = None
    if quoted is None and (others := elsewhere(book, one.key, request.now, one.key[0], mix)):
        # Open weights are sold by others, whether or not by their lab.
        quoted = others[0]
        name = seller(quoted.best.provider, request.services.releases.labs)
        of = f"the cheapest of {len(others)} sellers" if len(others) > 1 else "the only one known"
        whose = possessive(one.lab_name)
        own = f"No price of {whose} own is known for {one.name}; shown is that of"
        if gone := ended(book, one.key, request.now):
            since = f"{one.lab_name} has not sold {one.name} since {day(gone.date())}"
            own = f"{since}; shown is the price of"
        said = f"{own} {name}, {of}."
        notes = [said]
    elif quoted is None and one.out:
        known = [step for step in steps(book, one.key, request.now) if step.quoted is not None]
        last = known[-1] if known else None
    ends = quoted is not None and is_promotion(quoted.best)
    return Compared(
        one.key,
        one.name,
        one.released_on,
        one.out,
        quoted,
        following(book, quoted) if quoted is not None and ends else None,
        last,
        tuple(notes),
        # Of many, all that else is of those names would bury the figures.
        meant_words(one, request.now.date(), others=beside <= FEW),
    )
