"""Back-test: what a rule would have told over the stored past, by the same step. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.alerts.levels import fold
from bot.cycle.board import Board
from bot.cycle.measures import readings
from bot.model.level import Change
from bot.model.rule import Rule, policy_of

YEARS = 2
_WORDS = {1: "1 year", 2: "2 years"}


@dataclass(frozen=True, slots=True)
class Fired:
    """A session that would have been told: the deepest level it reached, and its reading."""

    day: date
    level: int
    value: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a rule would have told from `first` to `last`, over so many `sessions`.

    No session could be measured where `sessions` is 0.
    """

    fired: Sequence[Fired]
    first: date | None
    last: date | None
    sessions: int


def backtest(board: Board, rule: Rule, closes_needed: int, since: date | None = None) -> Backtest:
    """Fold the rule over every close on the board, and keep what fired from `since` on.

    A session that reaches several levels counts once, at the deepest.
    """
    past = [r for r in readings(board, rule.target, rule.measure) if r.final]
    shown = [r for r in past if since is None or r.day >= since]
    if not shown:
        return Backtest((), None, None, 0)
    outcome = fold(
        tuple((level, rule.band) for level in rule.levels),
        past,
        closes_needed,
        policy_of(rule.measure),
    )
    deepest: dict[date, Fired] = {}
    for state, changes in outcome:
        for reading, change in changes:
            if change is not Change.FIRED or reading.day < shown[0].day:
                continue
            before = deepest.get(reading.day)
            if before is None or state.level > before.level:
                deepest[reading.day] = Fired(reading.day, state.level, reading.value)
    fired = [deepest[day] for day in sorted(deepest)]
    return Backtest(fired, shown[0].day, shown[-1].day, len(shown))


def two_years(last: date) -> date:
    """The first day of the last two years."""
    try:
        return last.replace(year=last.year - YEARS)
    except ValueError:  # 29 February
        return last.replace(year=last.year - YEARS, day=28)
