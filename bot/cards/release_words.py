"""How a release's figures read: sizes, contexts, prices, names told together. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.model.wording import listing, percent

MOST_NAMED = 4
LONGEST_NAME = 70
LONGEST_LIST = 130
_WORD = re.compile(r"[^\s\-_]+[\s\-_]*")
# Nearer than this, prices are about the same.
_SAME = 1.25


def size(parameters: int) -> str:
    """A number of parameters: 671000000000 → "671B"."""
    for unit, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M")):
        if parameters >= unit:
            return f"{parameters / unit:.3g}{letter}"
    return f"{parameters:,}"


def tokens(context: int) -> str:
    """A context window: 128000 → "128K", 131072 → "128K", 1048576 → "1M"."""
    if context >= 2**20 and context % 2**20 == 0:
        return f"{context // 2**20}M"
    if context >= 1_000_000:
        return f"{context / 1_000_000:.3g}M"
    if context % 1024 == 0 and context % 1000:
        return f"{context // 1024}K"
    return f"{context / 1000:.0f}K" if context >= 1000 else str(context)


def dollars(price: float) -> str:
    """A price: 15 → "$15", 0.55 → "$0.55", 2.5 → "$2.50", 0.435 → "$0.435"."""
    if price == int(price):
        return f"${price:,.0f}"
    text = f"{price:.4f}".rstrip("0")
    return f"${price:,.2f}" if len(text.partition(".")[2]) < 2 else f"${text}"


def asked(price: Mapping[str, Any]) -> str:
    """A price and what is special about it: "$0.14 in, $0.28 out per million tokens (…)"."""
    text = (
        f"{dollars(price['input_mtok'])} in, {dollars(price['output_mtok'])} out per million tokens"
    )
    return f"{text} ({price['note']})" if price.get("note") else text


def compared(price: Mapping[str, Any], other: Mapping[str, Any], own: str = "") -> str:
    """The price of another model beside this one's: "OpenAI's o1 costs 27 times as much ($15,
    $60)". `own` names this one where several stand in the message.
    """
    whose = f"{possessive(other['lab_name'])} {short(other['model'])}"
    costs = f"({dollars(other['input_mtok'])}, {dollars(other['output_mtok'])})"
    mine = min(price["input_mtok"], price["output_mtok"])
    if mine <= 0:
        return f"{whose} costs {costs[1:-1]}"
    ratios = sorted(
        other[name] / price[name] for name in ("input_mtok", "output_mtok")
    )  # the same for both where both labs ask as much more for output
    than = f" as {own}" if own else ""
    if ratios[0] >= _SAME:
        return f"{whose} costs {_times(*ratios)} as much{than} {costs}"
    if ratios[1] <= 1 / _SAME:
        times = _times(1 / ratios[1], 1 / ratios[0])
        return f"{own} costs {times} what {whose} costs {costs}".removeprefix(" costs ")
    if ratios[0] >= 1 / _SAME and ratios[1] <= _SAME:
        return f"{whose} costs about the same {costs}"
    return f"{whose} asks {costs[1:-1]}"


def _times(low: float, high: float) -> str:
    first, last = (f"{one:.0f}" if one >= 10 else f"{one:.1f}".removesuffix(".0")
                   for one in (low, high))  # fmt: skip
    return f"{first} times" if first == last else f"{first} to {last} times"


def possessive(name: str) -> str:
    """ "OpenAI's", "Thinking Machines'"."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def short(name: str) -> str:
    """A name that fits beside others."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def together(names: Sequence[str]) -> str:
    """Names in one breath: "DeepSeek-V4-Flash and -Pro", "GPT-4.1, mini and nano"."""
    shown = [short(name) for name in names[:MOST_NAMED]]
    said = [*shown[:1], *(_rest(shown[0], name) for name in shown[1:])]
    while len(said) > 1 and len(", ".join(said)) > LONGEST_LIST:
        said.pop()
    rest = len(names) - len(said)
    return f"{', '.join(said)} and {rest} more" if rest else listing(said)


def _rest(first: str, name: str) -> str:
    """What `name` adds to the words that it shares with the first; all of it where none."""
    mine, others = _WORD.findall(name), _WORD.findall(first)
    shared = 0
    while shared < min(len(mine) - 1, len(others)) and (
        mine[shared].rstrip(" -_") == others[shared].rstrip(" -_")
    ):
        shared += 1
    if not shared:
        return name
    dash = "-" if mine[shared - 1].endswith("-") else ""
    return dash + "".join(mine[shared:])


def after_text(after: Mapping[str, Any]) -> str:
    """What AI stocks did after releases like it."""
    return (
        f"{after['what']}: {percent(after['median'])} over {after['sessions']} sessions "
        f"(median of {after['n']}, the middle half {percent(after['low'])} to "
        f"{percent(after['high'])}), whatever else moved them"
    )
