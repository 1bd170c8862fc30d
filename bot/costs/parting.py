"""Sources that part: they have different prices for the same model at the same moment. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from bot.costs.ledger import Ledger
from bot.model.price_event import EventKind, PriceEvent
from bot.model.rate import Evidence, Key, Meter, Quoted, Rate


def partings(book: Ledger, since: datetime, until: datetime) -> Iterator[PriceEvent]:
    """The models whose sources disagree at `until`, and did not before `since`.

    What was read before another source's price began does not contradict it, and neither does what
    is in doubt.
    """
    for key in book.keys:
        quoted = book.quote(key, until)
        if quoted is None or not quoted.differ:
            continue
        sure = [one for one in quoted.rates if one.doubt is None]
        began = max((_begun(book, key, one) for one in sure), default=since)
        rates = [r for r in sure if r.evidence is Evidence.LISTED or r.observed_at >= began]
        if not (since < began <= until) or len({one.source for one in rates}) < 2:
            continue
        apart = _spread(rates)
        if apart > 0:
            yield PriceEvent(
                EventKind.PARTING, key, "", began, apart, Quoted(rates[0], tuple(rates))
            )


def _begun(book: Ledger, key: Key, rate: Rate) -> datetime:
    return rate.since or book.released.get(key, rate.observed_at)


def _spread(rates: Sequence[Rate]) -> Decimal:
    """How far the highest price is above the lowest, of input or output whichever is further."""
    found = [Decimal(0)]
    for meter in (Meter.INPUT, Meter.OUTPUT):
        known = [price for one in rates if (price := one.of(meter))]
        if len(known) > 1:
            found.append(max(known) / min(known) - 1)
    return max(found)
