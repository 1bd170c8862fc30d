"""All that the message of a release says: the release, its figures, the price beside the field,
and what AI stocks did after releases like it, as known at `now`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cards.release_words import possessive
from bot.cycle.board import Board, Series
from bot.cycle.facts import release_facts
from bot.market.after import SESSIONS, after
from bot.market.splits import adjust
from bot.model.bar import Bar
from bot.model.basket import Lab
from bot.model.release import Release
from bot.releases.beside import Given, beside, figures
from bot.releases.models import Models, load_models
from bot.services import Services
from storage import market, releases

# What stands for AI stocks.
BASKET = "ai"


@dataclass(frozen=True)
class Account:
    """How a release was heard of: figures that sources gave, titles of further sources that tell
    of it, and what was made of the entry that decided.
    """

    given: Sequence[Given] = ()
    also: Sequence[str] = ()
    confidence: float | None = None
    reason: str = ""
    words: Sequence[str] = ()
    rumour: bool = False


async def told_facts(
    connection: AsyncConnection,
    services: Services,
    together: Sequence[Release],
    now: datetime,
    account: Account | None = None,
) -> dict[str, Any]:
    """The facts of one message about these releases: one, or several of a lab on one day."""
    account = account or Account()
    past = None if account.rumour else await _after(connection, services, together[0], now)
    return told(together, services, load_models(), past, now.date(), account)


def told(
    together: Sequence[Release],
    services: Services,
    models: Models,
    past: Mapping[str, Any] | None,
    day: date,
    account: Account,
) -> dict[str, Any]:
    """The facts, from what was read. The first release leads: its key names the message."""
    lead, labs = together[0], services.releases.labs
    facts = release_facts(lead, labs, services.releases.exposures)
    facts |= {
        "also": list(account.also),
        "confidence": account.confidence,
        "reason": account.reason,
        "words": list(account.words),
        "rumour": account.rumour,
        "price": None,
        "beside": None,
        "after": past,
    }
    if account.rumour:
        return facts | {"exposed": []}
    known = [_model(release, models, day, account) for release in _apart(together, models)]
    return priced(facts | {"models": known}, labs, models, day)


def _apart(together: Sequence[Release], models: Models) -> Sequence[Release]:
    """The releases that are models of their own: of two names of one model the first, and no
    common name ("DeepSeek-V4") beside two or more models that are known by their own.
    """
    found: dict[str, Release] = {}
    for one in together:
        model = models.named(one.lab, one.model)
        found.setdefault(one.model if model is None else model.name, one)
    known = [one for name, one in found.items() if models.named(one.lab, name) is not None]
    whole = len(known) < 2 or len(found) > len(known) + 1
    return list(found.values()) if whole else known


def priced(
    facts: Mapping[str, Any], labs: Mapping[str, Lab], models: Models, day: date
) -> dict[str, Any]:
    """The facts with the price that others are compared with: of several models the dearest."""
    known = facts["models"]
    dearest = max(
        (one for one in known if one["price"]),
        key=lambda one: (one["price"]["output_mtok"], one["price"]["input_mtok"]),
        default=None,
    )
    price = None if dearest is None else dearest["price"]
    return {
        **facts,
        "price": price,
        "priced": None if dearest is None else dearest["model"],
        "beside": beside(models, labs, facts["lab"], price, day),
    }


def _model(release: Release, models: Models, day: date, account: Account) -> dict[str, Any]:
    return model_facts(release, models, day, [g for g in account.given if g.model == release.model])


def model_facts(
    release: Release, models: Models, day: date, given: Sequence[Given] = ()
) -> dict[str, Any]:
    """What a message says of one of its models."""
    return {
        "key": release.key,
        "model": release.model,
        "open_weights": release.open_weights,
        **figures(models.named(release.lab, release.model), day, given),
    }


async def _after(
    connection: AsyncConnection, services: Services, release: Release, now: datetime
) -> dict[str, Any] | None:
    """What AI stocks did after the lab's earlier releases of this kind; None for too few."""
    known = await releases.releases(connection, now)
    days = sorted(
        {
            one.released_on
            for one in known
            if (one.lab, one.kind) == (release.lab, release.kind)
            and one.released_on < release.released_on
        }
    )
    baskets = await market.baskets(connection)
    if not days or BASKET not in baskets:
        return None
    members = baskets[BASKET].members
    splits = await market.splits(connection, members, now.date())
    bars: list[Bar] = []
    for member in members:  # one by one: years of closes of all would keep others waiting
        bars += adjust(await market.bars(connection, [member], days[0], now), splits)
    board = Board.of(bars, baskets)
    lab = services.releases.labs.get(release.lab)
    name = lab.name if lab else release.lab
    found = past_moves(board.final(BASKET), days, name, release.kind)
    if found is None:
        return None
    return found | {"source": " and ".join(sorted(set(board.sources.values())))}


def past_moves(series: Series, days: Sequence[date], lab: str, kind: str) -> dict[str, Any] | None:
    """The moves of `series` after the releases of those days, JSON-ready; None for too few."""
    found = after(series.days, series.values, days, SESSIONS)
    if found is None:
        return None
    return {
        "n": found.n,
        "median": found.median,
        "low": found.low,
        "high": found.high,
        "sessions": found.sessions,
        "what": f"AI stocks after {possessive(lab)} earlier {kind} models",
        "as_of": series.days[-1].isoformat(),
    }
