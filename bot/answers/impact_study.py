"""Event studies from stored closes: sessions, returns, a target's study, what else happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import isfinite

from bot.cycle.board import Board
from bot.errors import UserError
from bot.market import calendar
from bot.market.event_study import study
from bot.market.market_model import Pair, pair_of, portfolio_returns, returns_of
from bot.market.placebo import past, placebo
from bot.market.policy import load_policy_events
from bot.market.rivals import Rival, RivalKind, Wide, market_days
from bot.model.bar import MICRO, Basis, MarketEvent
from bot.model.basket import Lab
from bot.model.release import Release
from bot.model.study import Study, TooLittleError
from bot.model.wording import count, day, listing, percent, share
from bot.releases.together import event_of
from bot.releases.wanted import notable

BENCHMARK = "^GSPC"
BENCHMARK_NAME = "S&P 500"
GROUPS = ("open-weights", "proprietary", "compute", "power")
HORIZONS = (1, 5, 20)


@dataclass
class Prices:
    """Closes of a board as returns over New York's sessions, as far as the benchmark goes."""

    board: Board
    sessions: tuple[date, ...]
    closes: dict[str, dict[date, float]]
    market: list[float | None]

    @classmethod
    def of(cls, board: Board) -> "Prices":
        """Of a board that has the benchmark; raises UserError without."""
        closes = {
            symbol: {when: close / MICRO for when, close in by_day.items()}
            for symbol, by_day in board.closes.items()
        }
        days = board.final(BENCHMARK).days
        if not days:
            raise UserError(
                f"There are no closes of the {BENCHMARK_NAME} ({BENCHMARK}) to compare with."
            )
        sessions = calendar.sessions(calendar.NEW_YORK, days[0], days[-1])
        market = returns_of(closes[BENCHMARK], sessions)
        return cls(board, tuple(sessions), closes, market)

    def pair(self, target: str) -> Pair:
        """A symbol, or a basket as one portfolio, and the benchmark."""
        if target in self.board.baskets:
            members = self.board.baskets[target].members
            returns = portfolio_returns(self.closes, members, self.sessions)
        else:
            returns = returns_of(self.closes.get(target, {}), self.sessions)
        return pair_of(target, returns, BENCHMARK, self.market, self.sessions)

    def around(self, studied: Study) -> list[date]:
        """The sessions of the window, and the one before it, whose closes its returns begin at."""
        at = self.sessions.index(studied.days[0].day)
        return list(self.sessions[max(0, at - 1) : at + len(studied.days)])

    def closes_of(
        self, symbols: Sequence[str], days: Sequence[date]
    ) -> dict[str, dict[str, float]]:
        """The closes of those days by symbol and day; what is missing is left out."""
        return {
            symbol: {
                when.isoformat(): self.closes[symbol][when]
                for when in days
                if when in self.closes.get(symbol, {})
            }
            for symbol in symbols
        }

    def sources(self, targets: Sequence[str]) -> str:
        """Where the closes of these and of the benchmark are from."""
        several = (*targets, BENCHMARK)
        symbols = [symbol for target in several for symbol in self.board.symbols(target)]
        found = sorted({self.board.sources[s] for s in symbols if s in self.board.sources})
        whole = sorted(s for s in set(symbols) if self.board.bases.get(s) is Basis.TOTAL)
        adjusted = f"; adjusted for dividends: {', '.join(whole)}" if whole else ""
        return f"{' and '.join(found)}{adjusted}"


def studied(pair: Pair, event: date, window: tuple[int, int]) -> Study:
    """The study, with its rank among other spans of as many sessions; raises TooLittleError."""
    one = study(pair, event, window)
    return replace(one, placebo=placebo(past(pair, (window[0], one.last.offset)), one))


def scoreboard(pair: Pair, event: date) -> tuple[Study | None, ...]:
    """The studies of [0, +1], [0, +5] and [0, +20]; None where not over, or not known."""
    found: list[Study | None] = []
    for horizon in HORIZONS:
        try:
            one = study(pair, event, (0, horizon))
        except TooLittleError:
            found.append(None)
        else:
            found.append(one if one.whole else None)
    return tuple(found)


def happened(
    one: Study,
    pair: Pair,
    own: Release | None,
    known: Sequence[Release],
    labs: Mapping[str, Lab],
    dated: Sequence[MarketEvent],
) -> list[Rival]:
    """What else happened from the event to the window's last session, in order of the days.

    `dated` are the earnings of those days; `known` the releases of which notable ones count, but no
    variant that came with the release itself.
    """
    first, last = min(one.event, one.days[0].day), one.last.day
    at = pair.sessions.index(one.model.first), pair.sessions.index(one.model.last) + 1
    before = [ret for ret in pair.market[at[0] : at[1]] if ret is not None]
    found = [_wide(wide) for wide in market_days([(d.day, d.market) for d in one.days], before)]
    found += [
        Rival(act.day, RivalKind.POLICY, act.what, act.about, act.source)
        for act in load_policy_events()
        if first <= act.day <= last
    ]
    for event in dated:
        unsure = ", on a day that is not sure" if event.estimated else ""
        what, short = f"earnings of {event.symbol}{unsure}", f"{event.symbol} earnings"
        found.append(Rival(event.day, RivalKind.EARNINGS, what, short, event.source))
    for release in known:
        others = own is None or event_of(release) != event_of(own)
        if others and first <= release.released_on <= last and notable(release, labs):
            name = f"{release.model} of {labs[release.lab].name}"
            source = release.url or release.source
            found.append(Rival(release.released_on, RivalKind.RELEASE, name, release.model, source))
    order = list(RivalKind)
    return sorted(found, key=lambda rival: (rival.day, order.index(rival.kind), rival.what))


def _wide(wide: Wide) -> Rival:
    what = (
        f"the {BENCHMARK_NAME} itself moved {percent(wide.ret)}, beyond twice its usual daily "
        f"{share(wide.usual)}"
    )
    return Rival(
        wide.day, RivalKind.MARKET, what, f"{BENCHMARK_NAME} {percent(wide.ret)}", BENCHMARK
    )


def out_of_reach(pair: Pair, event: date, now: datetime) -> str:
    """Why no session 0 is known of an event, in a sentence; "" where there is one."""
    first, last = pair.sessions[0], pair.sessions[-1]
    if event < first:
        return f"Closes are known from {day(first)} on; that event lies before them."
    if event <= last:
        return ""
    zero = calendar.sessions(calendar.NEW_YORK, event, event + timedelta(days=30))[0]
    if calendar.session_close(calendar.NEW_YORK, zero) > now:
        return f"Session 0, {day(zero)}, is not over yet; ask again after New York's close."
    return f"Closes are known up to {day(last)} only, and that event came later."


def lacking(prices: Prices, one: Study, members: Sequence[str]) -> list[str]:
    """Which members of a basket had no return on which days of the window, or on most of the
    sessions that the model stands on: a sentence each.
    """
    found = []
    first, last = prices.sessions.index(one.model.first), prices.sessions.index(one.model.last)
    before = prices.sessions[first : last + 1]
    for member in members:
        returns = dict(
            zip(
                prices.sessions,
                returns_of(prices.closes.get(member, {}), prices.sessions),
                strict=True,
            )
        )
        days = [each.day for each in one.days if returns[each.day] is None]
        if days:
            if gaps := _carried_over(prices, member, days):
                found.append(
                    f"{member} has no close on {listing([day(d) for d in gaps])}; it counts as "
                    "unchanged until its next one."
                )
                continue
            when = "any day" if len(days) == len(one.days) > 1 else listing([day(d) for d in days])
            found.append(f"{member} has no return on {when}; the others stand for the basket.")
            continue
        had = sum(returns[each] is not None for each in before)
        if had < len(before) / 2:
            found.append(
                f"{member} has {count(had, 'return')} in the {len(before)} sessions that tell what "
                "is usual; the others stand for it there."
            )
    return found


def _carried_over(prices: Prices, member: str, days: Sequence[date]) -> list[date]:
    """The sessions without a close by which a member has no return on these days; none if its
    closes begin later or end before.
    """
    closes = prices.closes.get(member, {})
    known = [each for each in prices.sessions if isfinite(close := closes.get(each, 0)) and close]
    at = [prices.sessions.index(each) for each in days]
    gaps = {prices.sessions[number] for each in at for number in (each - 1, each)} - set(known)
    ended = not known or not gaps or min(gaps) < known[0] or max(gaps) > known[-1]
    return [] if ended else sorted(gaps)
