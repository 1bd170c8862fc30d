"""Bringing raw prices from before a split onto today's share basis. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from bot.model.bar import Bar, Basis, Split


def adjust(bars: Sequence[Bar], splits: Sequence[Split]) -> list[Bar]:
    """`bars` with those of raw basis divided by every later split of their symbol.

    A 10:1 split (`numerator` 10, `denominator` 1) divides the closes before its day by ten.
    Bars that the source has adjusted already stay as they are.
    """
    if not any(bar.basis is Basis.RAW for bar in bars):
        return list(bars)
    return [_adjusted(bar, splits) if bar.basis is Basis.RAW else bar for bar in bars]


def _adjusted(bar: Bar, splits: Sequence[Split]) -> Bar:
    factor = Fraction(1)
    for split in splits:
        if split.symbol == bar.symbol and bar.day < split.day:
            factor *= Fraction(split.denominator, split.numerator)
    return bar._replace(close=round(bar.close * factor), basis=Basis.SPLIT)


def adjust_eps(
    eps: Mapping[str, Mapping[date, int]], splits: Sequence[Split]
) -> dict[str, dict[date, int]]:
    """Earnings per share by symbol and day of observation, on the share basis of after `splits`."""
    found = {}
    for symbol, known in eps.items():
        own = [split for split in splits if split.symbol == symbol]
        found[symbol] = {day: _of_today(value, day, own) for day, value in known.items()}
    return found


def _of_today(value: int, day: date, splits: Sequence[Split]) -> int:
    factor = Fraction(1)
    for split in splits:
        if day < split.day:
            factor *= Fraction(split.denominator, split.numerator)
    return round(value * factor)
