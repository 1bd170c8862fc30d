"""How often a lab releases. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median


@dataclass(frozen=True, slots=True)
class Cadence:
    """The median of days between releases (None with fewer than two days), days since the last."""

    between: float | None
    since: int


def cadence(days: Iterable[date], today: date) -> Cadence:
    """The cadence of releases on these days, at least one; several on one day are one."""
    dates = sorted(set(days))
    gaps = [(b - a).days for a, b in pairwise(dates)]
    return Cadence(float(median(gaps)) if gaps else None, (today - dates[-1]).days)
