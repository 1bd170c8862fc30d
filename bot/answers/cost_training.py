"""/cost training: what training took, as claimed: hours, dollars, and what they include."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal

from bot.answers.costing import chosen, ledger
from bot.cards.cost_dearest import dearest_card
from bot.cards.cost_training import training_card, trainings_card
from bot.cards.training_facts import Shown
from bot.costs.claims import Training, claims, dearest, trainings
from bot.costs.ledger import Ledger
from bot.errors import UserError
from bot.model.card import Card
from bot.model.rate import Key
from bot.model.wording import MINUS
from bot.releases.matching import Match, Named, match
from bot.services import Request

MOST_MODELS = 6
MOST_DEAREST = 10
HIGHEST_RATE = 1000
_BEHIND = re.compile(r"(?P<name>.*\S)\s+\$?(?P<rate>[-" + MINUS + r"]?\d+(\.\d+)?)")


async def training(request: Request) -> Card:
    """One model's claims, several side by side, or the dearest of all."""
    on = request.now.date()
    rate = _rate(request.options.get("rate"))
    known = trainings(on)
    asked: Sequence[str] = request.options.get("models") or ()
    if not asked:
        ranked = dearest(known, rate)
        if not ranked:
            raise UserError("Nothing was known of what training cost by then; ask a later day.")
        return dearest_card(ranked[:MOST_DEAREST], on, rate)
    if len(asked) > MOST_MODELS:
        raise UserError(f"At most {MOST_MODELS} models stand side by side; leave some out.")
    asked, rate = _rate_apart(asked, rate, request)
    book = await ledger(request)
    by_key = {one.key: one for one in known}
    found = [_shown(text, request, book, by_key) for text in asked]
    unlike = list({one.training.key: one for one in found}.values())
    families = [by_key[key] for key in _families(unlike) if key in by_key]
    if len(unlike) == 1:
        return training_card(unlike[0], families, on, rate)
    return trainings_card(unlike, families, on, rate)


def _rate(figures: Sequence[float] | None) -> Decimal | None:
    if not figures:
        return None
    rate = Decimal(str(figures[0]))
    if len(figures) > 1 or not 0 < rate <= HIGHEST_RATE:
        raise UserError(
            f"Give one rate, in dollars for an hour of one GPU, such as 2 (at most {HIGHEST_RATE})."
        )
    return rate


def _rate_apart(
    asked: Sequence[str], rate: Decimal | None, request: Request
) -> tuple[Sequence[str], Decimal | None]:
    """A number behind the very name of a model is the rate: not the 2 of "llama 2"."""
    last = _BEHIND.fullmatch(asked[-1])
    if rate is not None or last is None:
        return asked, rate
    labs = request.services.releases.labs
    names = [Named(*one.key, one.released_on) for one in claims()]
    whole, part = (match(text, names, labs) for text in (asked[-1], last["name"]))
    if (whole.found and whole.exact) or not (part.found and part.exact):
        return asked, rate
    return (*asked[:-1], last["name"]), _rate([float(last["rate"].replace(MINUS, "-"))])


def _families(several: Sequence[Shown]) -> list[Key]:
    """The families whose figures are often taken for one of these models'."""
    return list(
        dict.fromkeys(
            (claim.key[0], claim.part_of)
            for one in several
            for claim in one.training.claims
            if claim.part_of
        )
    )


def _shown(text: str, request: Request, book: Ledger, by_key: dict[Key, Training]) -> Shown:
    """The model that is meant: the very name of one in the claims, then what every answer about
    costs would take it for, then a model that only the claims know.
    """
    labs = request.services.releases.labs
    names = {one.key: Named(*one.key, one.released_on) for one in claims()}
    found = match(text, list(names.values()), labs)
    if not (found.found and found.exact):
        try:
            one = chosen(text, request, book)
        except UserError:
            if not found.found:
                raise
        else:
            return Shown(
                one.name, one.released_on, one.out,
                by_key.get(one.key, Training(one.key)), one.typed, one.others,
            )  # fmt: skip
    return _claimed(text, found, request, by_key)


def _claimed(text: str, found: Match, request: Request, by_key: dict[Key, Training]) -> Shown:
    first, *rest = found.found
    key = (first.lab, first.name)
    return Shown(
        first.name,
        first.released_on,
        datetime.combine(first.released_on, time(), UTC) <= request.now,
        by_key.get(key, Training(key)),
        "" if found.exact else text,
        tuple(one.name for one in rest),
    )
