"""What a move from one model to another saves, and when it has paid for itself. Pure.

Money is Decimal, in US dollars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from bot.costs.amount import Amount, days_between
from bot.costs.ledger import Ledger
from bot.costs.workload import Bill, Workload, cheapest, ends
from bot.model.rate import Key


@dataclass(frozen=True, slots=True)
class Stage:
    """A time in which neither price is said to change: until then (None: without an end)."""

    before: Bill
    after: Bill
    until: datetime | None = None

    @property
    def saved(self) -> Amount:
        """What the move saves in a day; below 0 where it costs more."""
        return self.before.day - self.after.day

    @property
    def share(self) -> Decimal | None:
        """What it saves as a share of what is paid now; None where that is nothing."""
        paid = self.before.day.value
        return self.saved.value / paid if paid else None

    @property
    def back(self) -> "Stage":
        """The move the other way."""
        return Stage(self.after, self.before, self.until)


@dataclass(frozen=True, slots=True)
class Payback:
    """The days after which a move has paid for itself; `value` by the sources that are believed,
    `low` to `high` by all. None: never.
    """

    value: int | None
    low: int | None
    high: int | None


def following(
    book: Ledger, key: Key, load: Workload, bill: Bill, known_at: datetime | None = None
) -> tuple[datetime, Bill] | None:
    """When the bill's price ends, where that was said beforehand, and the bill from then on; None
    where that is not known.
    """
    end = ends(bill)
    if end is None:
        return None
    after, _ = cheapest(load, book.quotes(key, end, known_at=known_at), key[0])
    return (end, after) if isinstance(after, Bill) else None


def stages(
    book: Ledger,
    keys: tuple[Key, Key],
    load: Workload,
    bills: tuple[Bill, Bill],
    known_at: datetime | None = None,
) -> list[Stage]:
    """The move from one model to the other, from now on: another stage wherever a promotion of
    either ends.
    """
    found: list[Stage] = []
    before, after = bills
    while True:
        nexts = [
            following(book, key, load, one, known_at)
            for key, one in zip(keys, (before, after), strict=True)
        ]
        end = min((one[0] for one in nexts if one is not None), default=None)
        found.append(Stage(before, after, end))
        if end is None:
            return found
        if nexts[0] is not None and nexts[0][0] == end:
            before = nexts[0][1]
        if nexts[1] is not None and nexts[1][0] == end:
            after = nexts[1][1]


def payback(switching: Decimal, stages: Sequence[Stage], now: datetime) -> Payback:
    """When a move that costs `switching` has paid for itself, from `now` on.

    The stages follow each other; the last has no end.
    """
    spans = [days_between(now, one.until) if one.until is not None else None for one in stages]
    saved = [one.saved for one in stages]
    return Payback(
        _days(switching, [one.value for one in saved], spans),
        _days(switching, [one.high for one in saved], spans),
        _days(switching, [one.low for one in saved], spans),
    )


def _days(
    switching: Decimal, saved: Sequence[Decimal], ends: Sequence[Decimal | None]
) -> int | None:
    """The first full day at whose end as much is saved as the move cost."""
    left, passed = switching, Decimal(0)
    for a_day, end in zip(saved, ends, strict=True):
        if a_day > 0 and (end is None or left <= a_day * (end - passed)):
            return int((passed + left / a_day).to_integral_value(ROUND_CEILING))
        if end is None:
            return None
        left -= a_day * (end - passed)
        passed = end
    return None
