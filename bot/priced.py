"""The ledger put together: what ships, what the catalogue says, what was observed since."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from bot.costs import catalog
from bot.costs.doubts import swapped, weighed
from bot.costs.ledger import Ledger
from bot.costs.retired import ends, until_retired, within_history
from bot.costs.shipped import history, list_prices, retirements
from bot.errors import SourceError
from bot.model.asked import Asked
from bot.model.rate import Key, Rate
from bot.releases.called import key_called, made_by, moves
from bot.releases.models import load_models
from bot.releases.shipped import load_labs
from storage import prices
from storage.database import Database

# The ledger that was last put together from a database, and what it was made of.
_READ: WeakKeyDictionary[Database, tuple[prices.Mark, tuple[Rate, ...], Ledger]] = (
    WeakKeyDictionary()
)


@cache
def shipped_ledger() -> Ledger:
    """What is known without a network or a catalogue: read once, never changed."""
    return Ledger((*history(), *list_prices()), _released())


async def ledger_of(database: Database) -> Ledger:
    """The whole ledger as of now; what was seen is read again only when it has changed."""
    # The catalogue takes a second or two to read; whoever waits for something else need not.
    constant = _constant() if _constant.cache_info().currsize else await to_hand()
    async with database.read() as connection:
        mark = await prices.mark(connection)
        known = _READ.get(database)
        if known is not None and known[0] == mark and known[1] is constant:
            return known[2]
        seen = await prices.seen_rates(connection)
    # Beside the loop: after a year of looks it takes a moment.
    ledger = await asyncio.to_thread(_joined, constant, seen)
    _READ[database] = (mark, constant, ledger)
    return ledger


def _joined(constant: tuple[Rate, ...], seen: list[Rate]) -> Ledger:
    live = until_retired(weighed(seen, constant), _ends())
    return Ledger((*constant, *live), _released())


async def to_hand() -> tuple[Rate, ...]:
    """Have the catalogue read, beside the loop."""
    return await asyncio.to_thread(_constant)


def refreshed(now: datetime, url: str = "") -> None:
    """Fetch the catalogue's newest data from its makers, or from `url`, and take it in place of
    what there is.

    Raises SourceError where that fails, or where it is too different; what there was stands then.
    Blocks for as long as it takes.
    """
    snapshot = catalog.fetch(url)
    try:
        problem = swapped(_constant(), _dated(snapshot), now)
    except Exception as error:  # newer data may have what nobody here has seen
        raise SourceError("its newest data is in a shape that cannot be read") from error
    if problem:
        raise SourceError(f"its newest data is not believed: {problem}")
    catalog.take(snapshot)
    _constant.cache_clear()
    _known.cache_clear()
    _constant()


def meant(lines: Iterable[Asked]) -> dict[tuple[str, str], Key]:
    """The models that lines of price lists are of, by provider and name; without what is not told.

    A lab's own model that is not known is called as the list calls it. May take a second.
    """
    found = {}
    for one in lines:
        place = (one.provider, one.named)
        if place not in found and (key := _meant(one)) is not None:
            found[place] = key
    return found


def _meant(one: Asked) -> Key | None:
    if moves(one.named) or ":" in one.named.rpartition("/")[2]:
        return None
    lab = one.provider if one.provider in load_labs() else ""
    made = made_by(one.named) or lab or made_by(one.title)
    known = _known()
    # "(Fast)" behind a name makes it another product.
    for text in (one.named, "" if "(" in one.title else one.title):
        if text and (key := key_called(made, text) or known.get((made, plain(text)))):
            return key
    own = lab and lab == made and one.title and "/" not in one.named
    return (lab, one.title) if own else None


@cache
def _constant() -> tuple[Rate, ...]:
    return (*history(), *list_prices(), *_dated())


def _dated(snapshot: Any = None) -> tuple[Rate, ...]:
    """The catalogue, as the history knows it better."""
    listed = catalog.catalog(catalog.Names(key_called, made_by, moves), snapshot)
    return tuple(until_retired(within_history(listed, history()), _ends()))


@cache
def _ends() -> Mapping[tuple[Key, str], datetime]:
    """When labs stopped selling their models: what the history tells, and what they say."""
    said = {(key, key[0]): end.at for key, end in retirements().items()}
    return {**ends(history()), **said}


@cache
def _known() -> Mapping[tuple[str, str], Key]:
    """Every model of the catalogue by lab and name."""
    return {(rate.key[0], plain(rate.key[1])): rate.key for rate in _constant()}


@cache
def _released() -> Mapping[Key, datetime]:
    return {
        (one.lab, one.name): datetime.combine(one.released_on, time(), UTC)
        for one in load_models().models
    }


def plain(text: str) -> str:
    """A name without what people vary: "GPT-6.1 Sol" is "gpt61sol", but R+ is not R."""
    return re.sub(r"[\W_]", "", text.rpartition("/")[2].lower().replace("+", "plus"))
