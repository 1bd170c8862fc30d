"""What followed other releases: base rates beside one, and all of them ranked."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.answers.impact_study import Prices
from bot.cards.impact import Rates
from bot.cards.impact_history import history_card
from bot.errors import UserError
from bot.market.base_rates import base_rate
from bot.market.market_model import Pair
from bot.market.reactions import Reactions, reactions
from bot.model.card import Card
from bot.model.release import Release
from bot.model.study import Study
from bot.model.wording import day
from bot.releases.models import load_models
from bot.releases.price_gap import gap_class, price_gap
from bot.releases.wanted import notable
from bot.services import Request


@lru_cache(maxsize=2)
def _reactions(pair: Pair, releases: tuple[Release, ...], window: tuple[int, int]) -> Reactions:
    """Kept while neither closes nor releases change: both are in the key. Each takes a megabyte."""
    return reactions(pair, releases, window)


def _notable(known: Sequence[Release], request: Request) -> tuple[Release, ...]:
    labs = request.services.releases.labs
    return tuple(one for one in known if notable(one, labs))


def base_rates(
    pair: Pair, title: str, one: Study, own: Release, known: Sequence[Release], request: Request
) -> list[Rates]:
    """What followed notable releases like `own`, by now: of its lab, with weights like its, at a
    price gap like its. Windows that share a session with that of `own` are left out.
    """
    models = load_models()
    every = _reactions(pair, _notable(known, request), one.window)
    apart = [each for each in every.found if not each.overlaps(one)]

    def gap(release: Release) -> str | None:
        return gap_class(price_gap(models, release.lab, release.model, release.released_on))

    def alike() -> Iterator[tuple[str, list[float]]]:
        labs = request.services.releases.labs
        lab = labs[own.lab].name if own.lab in labs else own.lab
        yield (
            f"other releases of {lab}",
            [each.car for each in apart if any(r.lab == own.lab for r in each.releases)],
        )
        if own.open_weights is not None:
            kind = "open" if own.open_weights else "closed"
            yield (
                f"other models with {kind} weights",
                [
                    each.car
                    for each in apart
                    if any(r.open_weights is own.open_weights for r in each.releases)
                ],
            )
        if (size := gap(own)) is not None:
            yield (
                f"other models {size} than the leading ones",
                [each.car for each in apart if any(gap(r) == size for r in each.releases)],
            )

    return [Rates(what, base_rate(cars), len(cars)) for what, cars in alike()]


def history(
    prices: Prices,
    target: str,
    title: str,
    known: Sequence[Release],
    window: tuple[int, int],
    request: Request,
) -> Card:
    """Notable releases by the reaction of one target to them."""
    pair = prices.pair(target)
    found = _reactions(pair, _notable(known, request), window)
    if not found.found:
        raise UserError(
            f"No notable release up to {day(request.now.date())} has 120 returns of {title} "
            "before it and its window over; choose another target or a shorter window."
        )
    sources = prices.sources([target])
    leading = {(one.lab, one.name) for one in load_models().models if one.leads}
    return history_card(title, window, found, leading, sources, pair.sessions[-1])
