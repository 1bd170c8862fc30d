"""The Home tab: what a workspace follows, as blocks. Pure.

A part that is None could not be read, which its place says; the tab is never empty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.cards import mrkdwn
from bot.cards.markdown import shortened, units
from bot.model.wording import count, day, level, listing, moment, percent, price
from bot.surfaces.slack import names
from bot.surfaces.slack.dialog_parts import Block, plain
from bot.surfaces.slack.wording import for_slack

REFRESH = "aftershock:refresh"
# What one tab shows at most, so that it stays within Slack's 100 blocks and can be read.
MOST_TARGETS, MOST_FALLS, MOST_CHANNELS, MOST_LINES = 20, 15, 10, 10
# Of the 3,000 characters of a section; a line of it with what disarms it.
MOST_TEXT, MOST_LINE = 2900, 600
UNREAD = "This could not be read just now. Press Refresh in a minute."
INTRODUCTION = (
    "Aftershock tells channels when AI stocks fall below their peaks, and when new AI models come."
)
FIRST = (
    "Nothing is followed in this workspace yet. To begin:",
    "1. In the channel that is to be told, type /invite and choose Aftershock.",
    "2. Press Add an alert, choose that channel, and name a stock such as NVDA or the basket ai.",
    "3. Press Add a subscription to be told of new models too.",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a symbol or basket stands; figures are fractions and quoted units, None where unknown.

    `peak_day` is the day of its highest close; `adjusted` says that its closes are adjusted for
    dividends. `last` is None for a basket, whose index is no price.
    """

    label: str
    day: date | None = None
    depth: float | None = None
    move: float | None = None
    last: float | None = None
    unit: str = "USD"
    peak_day: date | None = None
    adjusted: bool = False


@dataclass(frozen=True, slots=True)
class Fall:
    """A drawdown under way: the deepest level crossed (a fraction), since when, and who follows
    it: channels that were told, and channels that were not yet.
    """

    standing: Standing
    level: float
    since: date
    told: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Following:
    """Figures of `rows`; `more` did not fit. `source` names where they are from and as of when."""

    rows: Sequence[Standing] | Sequence[Fall] = ()
    more: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class ChannelGets:
    """What a channel gets, a line each; `closed` says why nothing is sent there, if so."""

    channel: str
    lines: tuple[str, ...]
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How the bot does: one sentence, and a line for each thing to know."""

    sentence: str
    lines: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """All that one person sees; `channels` are those that they are in."""

    at: datetime
    watched: Following | None
    falls: Following | None
    channels: Sequence[ChannelGets] | None
    health: Health | None


def home_view(home: Home, metadata: str = "") -> dict[str, Any]:
    """The tab. `metadata` comes back with what is pressed on it."""
    empty = home.watched is not None and not home.watched.rows and home.channels == ()
    blocks = [
        _header("Aftershock"),
        *_texts([INTRODUCTION]),
        *(_texts(FIRST) if empty else []),
        _buttons(),
        _context(f"Read at {moment(home.at)}."),
    ]
    if not empty:
        blocks += [
            *_part("Drawdowns under way", _falls(home.falls)),
            *_part("Watched in this workspace", _watched(home.watched)),
            *_part("What your channels get", _channels(home.channels)),
        ]
    blocks += _part("How Aftershock is doing", _health(home.health))
    return {"type": "home", "blocks": blocks, "private_metadata": metadata}


def _part(title: str, blocks: Sequence[Block] | None) -> list[Block]:
    body = _texts([UNREAD]) if blocks is None else list(blocks)
    return [{"type": "divider"}, _header(title), *body]


def _falls(found: Following | None) -> list[Block] | None:
    if found is None:
        return None
    if not found.rows:
        return _texts(
            ["None: nothing that is followed here has crossed a level since it was asked for."]
        )
    return [
        *_sections(_fall(row) for row in found.rows if isinstance(row, Fall)),
        *_left(count(found.more, "drawdown"), found.more, "/aftershock alert explain"),
        _context(found.source),
    ]


def _fall(row: Fall) -> str:
    parts = [row.standing.label, f"crossed {level(row.level)} on {day(row.since)}"]
    if row.told:
        parts.append(f"told in {listing(row.told)}")
    if row.untold:
        parts.append(f"not told yet in {listing(row.untold)}")
    return _figure_and(row.standing, parts)


def _watched(found: Following | None) -> list[Block] | None:
    if found is None:
        return None
    if not found.rows:
        return _texts(["Nothing yet. Press Add an alert, and name a stock or the basket ai."])
    more = count(found.more, "symbol or basket", "symbols and baskets")
    return [
        *_sections(_standing(row) for row in found.rows if isinstance(row, Standing)),
        *_left(more, found.more, "/aftershock drawdown and a name"),
        _context(found.source),
    ]


def _standing(row: Standing) -> str:
    parts = [row.label + ("*" if row.adjusted else "")]
    if row.last is not None:
        dollars = row.unit == "USD"
        parts.append(
            f"last ${price(row.last)}" if dollars else f"last {price(row.last)} {row.unit}"
        )
    if row.move is not None:
        parts.append(f"{percent(row.move)} on the day")
    if row.peak_day is not None:
        parts.append(f"peak of {day(row.peak_day)}")
    return _figure_and(row, parts)


def _figure_and(row: Standing, parts: Sequence[str]) -> str:
    figure = "no price yet" if row.depth is None else "at its peak"
    if row.depth:
        figure = percent(row.depth)
    return f"*{figure}* · {_shown(' · '.join(parts))}"


def _channels(found: Sequence[ChannelGets] | None) -> list[Block] | None:
    if found is None:
        return None
    if not found:
        return _texts(["The channels that you are in get nothing yet."])
    blocks: list[Block] = []
    for one in found[:MOST_CHANNELS]:
        lines = [f"Nothing is sent there: {one.closed}."] if one.closed else []
        lines += one.lines[:MOST_LINES]
        more = len(one.lines) - MOST_LINES
        if more > 0:
            lines.append(f"… and {more} more; type /aftershock channel there to see all.")
        blocks += _sections([_heading(one.channel), *map(_shown, lines)])
    left = len(found) - MOST_CHANNELS
    return [*blocks, *_left(count(left, "channel"), left, "/aftershock channel there")]


def _heading(channel: str) -> str:
    return f"*{shortened(channel, MOST_LINE, mrkdwn.inert)}*"


def _health(found: Health | None) -> list[Block] | None:
    if found is None:
        return None
    left = len(found.lines) - MOST_LINES
    return [
        *_texts([found.sentence, *found.lines[:MOST_LINES]]),
        *_left(count(left, "line"), left, "/aftershock status"),
        _context(found.source),
    ]


def _left(what: str, more: int, command: str) -> list[Block]:
    return [_context(f"{what} more; type {command} to see the rest.")] if more > 0 else []


def _buttons() -> Block:
    pressed = (
        ("Add an alert", names.ADD_ALERT),
        ("Add a subscription", names.ADD_SUBSCRIPTION),
        ("Refresh", REFRESH),
    )
    return {
        "type": "actions",
        "elements": [
            {"type": "button", "text": plain(label), "action_id": action}
            for label, action in pressed
        ],
    }


def _header(text: str) -> Block:
    return {"type": "header", "text": plain(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _shown(text)}]}


def _texts(lines: Iterable[str]) -> list[Block]:
    return _sections(_shown(line) for line in lines)


def _shown(line: str) -> str:
    """A line of at most so many characters, as mrkdwn that only shows it."""
    return shortened(for_slack(line), MOST_LINE, mrkdwn.plain)


def _sections(lines: Iterable[str]) -> list[Block]:
    """Lines of mrkdwn as sections, as few as hold them."""
    texts: list[str] = []
    for line in lines:
        if texts and units(texts[-1]) + units(line) < MOST_TEXT:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in texts]
