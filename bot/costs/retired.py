"""What the shipped history knows better than catalogues that give no days. Pure.

They keep the last price of a model that is no longer sold, or give its name to the model that took
its place; and they tell of prices by the clock, in batches or for long requests as if these had
always been there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from bot.model.rate import Key, Rate


def ends(history: Iterable[Rate]) -> dict[tuple[Key, str], datetime]:
    """When each provider stopped selling a model, by model and provider; only those that did."""
    until: dict[tuple[Key, str], datetime | None] = {}
    for rate in history:
        at = (rate.key, rate.provider)
        if at not in until:
            until[at] = rate.until
        elif (known := until[at]) is not None:
            until[at] = None if rate.until is None else max(known, rate.until)
    return {at: end for at, end in until.items() if end is not None}


def within_history(rates: Iterable[Rate], history: Iterable[Rate]) -> Iterator[Rate]:
    """The rates; those of the lab's own without a beginning hold, under special terms, no earlier
    than the history has such terms, where it tells of the model.
    """
    first: dict[tuple[Key, str, str], datetime] = {}
    told = set()
    for rate in history:
        told.add((rate.key, rate.provider))
        if rate.since is not None:
            place = (rate.key, rate.provider, rate.terms.clock)
            first[place] = min(first.get(place, rate.since), rate.since)
    for rate in rates:
        if rate.terms.usual or rate.since is not None or (rate.key, rate.provider) not in told:
            yield rate
            continue
        begun = first.get((rate.key, rate.provider, rate.terms.clock)) if rate.terms.clock else None
        yield replace(rate, since=begun if begun is not None else rate.observed_at)


def until_retired(
    rates: Iterable[Rate], ended: Mapping[tuple[Key, str], datetime]
) -> Iterator[Rate]:
    """The rates, none of which holds from its model's end on."""
    for rate in rates:
        end = ended.get((rate.key, rate.provider))
        if end is None or (rate.until is not None and rate.until <= end):
            yield rate
        elif rate.since is None or rate.since < end:
            yield replace(rate, until=end)
