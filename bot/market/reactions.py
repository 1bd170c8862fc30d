"""The reactions to many releases, for base rates and rankings. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.market.event_study import session_zero, study
from bot.market.market_model import Pair
from bot.model.release import Release
from bot.model.study import Study, TooLittleError


@dataclass(frozen=True, slots=True)
class Reaction:
    """The study of one session 0 and the releases that share it: they cannot be told apart."""

    releases: tuple[Release, ...]
    study: Study

    @property
    def car(self) -> float:
        """The CAR of the whole window, as a fraction."""
        return self.study.last.car

    def overlaps(self, other: Study) -> bool:
        """Whether the two windows share a session."""
        mine, theirs = self.study.days, other.days
        return mine[0].day <= theirs[-1].day and theirs[0].day <= mine[-1].day


@dataclass(frozen=True, slots=True)
class Reactions:
    """Those that could be studied, by day; `left_out` counts the sessions 0 that could not: too
    little history before, or a window that is not over.
    """

    found: tuple[Reaction, ...]
    left_out: int


def reactions(pair: Pair, releases: Sequence[Release], window: tuple[int, int]) -> Reactions:
    """A study for each session 0 of these releases."""
    by_zero: dict[date | None, list[Release]] = {}
    for release in sorted(releases, key=lambda one: (one.released_on, one.lab, one.model)):
        by_zero.setdefault(session_zero(pair.sessions, release.released_on), []).append(release)
    found: list[Reaction] = []
    for zero, together in by_zero.items():
        if zero is None:
            continue
        try:
            studied = study(pair, zero, window)
        except TooLittleError:
            continue
        if studied.whole:
            found.append(Reaction(tuple(together), studied))
    return Reactions(tuple(found), len(by_zero) - len(found))
