"""What crowding's figures mean, in plain words, and what they leave out. Pure."""

from datetime import date

from bot.market.crowd import BETA_SPAN, FEWEST_FOR_BETA, Crowd, Ranked
from bot.market.trend import PAST, SPAN, YEAR
from bot.model.wording import MINUS, count, day, listing

# From here on, and below the counterpart, a rank is worth a sentence of its own.
HIGH, LOW = 0.8, 0.2
RARE = 0.95
MOST_LEFT_OUT = 6
NAMES = {"^GSPC": "the S&P 500"}


def number(value: float) -> str:
    """A correlation or a beta: −0.05, 0.48."""
    text = f"{abs(value):.2f}"
    return (MINUS if value < 0 and text != "0.00" else "") + text


def rank_words(of: Ranked) -> str:
    """Where a ranked value stands: "higher than on 93% of days", never rounded up to all."""
    assert of.rank is not None
    if of.rank >= 1:
        return f"the highest of {_past(of)}"
    if round(of.rank * of.n) <= 1:
        return f"the lowest of {_past(of)}"
    if of.rank < LOW:
        return f"lower than on {_whole(1 - of.rank)}% of days"
    return f"higher than on {_whole(of.rank)}% of days"


def _whole(fraction: float) -> int:
    return max(min(int(fraction * 100 + 0.5), 99), 1)


def _past(of: Ranked) -> str:
    return "two years" if of.n >= PAST else count(of.n, "day")


def meaning(of: Ranked) -> str:
    """What the correlation says to somebody who never heard the word."""
    if of.rank is None:
        return (
            "The nearer to 1, the more these stocks move together. Not enough history to say "
            f"whether that is unusual: {count(of.n, 'day')} can be measured, a rank takes {YEAR}."
        )
    last = "of the last two years" if of.n >= PAST else f"of the {of.n} that can be measured"
    if of.rank >= HIGH:
        more = "than on any other day" if of.rank >= 1 else f"than on {_whole(of.rank)}% of days"
        return (
            f"These stocks move together more {more} {last}: their own news matters less, and "
            "holding several of them spreads little risk."
        )
    if of.rank < LOW:
        lowest = round(of.rank * of.n) <= 1
        less = "than on any other day" if lowest else f"than on {_whole(1 - of.rank)}% of days"
        return (
            f"These stocks move together less {less} {last}: their own news matters more, and "
            "holding several of them spreads risk better than usual."
        )
    more = f"more than on {_whole(of.rank)}% of days {last}"
    return f"These stocks move together about as usual: {more}."


def unusual(found: Crowd) -> list[str]:
    """What else is far from the middle: a line, or none."""
    others = [
        ("dispersion", found.dispersion),
        ("beta", found.beta),
        ("volatility", found.volatility),
    ]
    said = [
        f"{name}, {rank_words(one)}"
        for name, one in others
        if one.rank is not None and not 1 - RARE < one.rank < RARE
    ]
    rank = found.correlation.rank
    also = "Also unusual" if rank is not None and not LOW <= rank < HIGH else "Unusual"
    return [f"{also}: {'; '.join(said)}."] if said else []


def missing(found: Crowd, latest: date, benchmark: str) -> list[str]:
    """What the figures do not cover."""
    lines = []
    if latest > found.day:
        lines.append(
            f"There are prices up to {day(latest)}, but not of three stocks without a gap."
        )
    if found.left_out:
        named = [f"{s} (has {closes})" for s, closes in found.left_out[:MOST_LEFT_OUT]]
        rest = len(found.left_out) - len(named)
        named += [f"{rest} more"] if rest else []
        lines.append(f"Left out, with fewer than {SPAN + 1} closes in a row: {listing(named)}.")
    if found.still:
        lines.append(f"Without a move, so without a correlation: {listing(found.still)}.")
    if found.beta.value is None:
        what = f"a return of both the basket and {NAMES.get(benchmark, benchmark)}"
        lines.append(
            f"Beta is unknown: {found.beta_returns} of {BETA_SPAN} sessions have {what}; it takes "
            f"{FEWEST_FOR_BETA}."
        )
    return lines
