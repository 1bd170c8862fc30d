"""How a change of price reads: "costs 33% to 50% less", "$2.50 in, $10 out". Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.cards.release_words import dollars, possessive, short
from bot.model.wording import day, listing

# From twice the price on people say how many times as much.
_TWICE = 2.0
# What a source's name says of the copy that was read: its version, a snapshot.
_VERSION = re.compile(r" \d[\d.]*$|^for the .*")
_CLASSES = {
    "frontier": "frontier model", "reasoning": "reasoning model", "all": "language model",
}  # fmt: skip


def asked(price: Mapping[str, Any]) -> str:
    """ "$2.50 in, $10 out"; a range where sources differ."""
    return f"{_figure(price['input'])} in, {_figure(price['output'])} out"


def _figure(figure: Mapping[str, Any] | None) -> str:
    return "unknown" if figure is None else dollars(figure["value"])


def ranged(price: Mapping[str, Any]) -> str:
    """ "$2 to $2.50 in, $8 out": what sources have, from the lowest to the highest."""
    parts = []
    for name, word in (("input", "in"), ("output", "out")):
        figure = price[name]
        if figure is None:
            parts.append(f"unknown {word}")
        elif figure["low"] == figure["high"]:
            parts.append(f"{dollars(figure['value'])} {word}")
        else:
            parts.append(f"{dollars(figure['low'])} to {dollars(figure['high'])} {word}")
    return ", ".join(parts)


def moved(event: Mapping[str, Any]) -> str:
    """What a cut or rise did: "costs 33% to 50% less", "costs 1.9 to 3.9 times as much"."""
    ratios = []
    for name in ("input", "output"):
        old, new = event["before"][name], event["after"][name]
        if old is not None and new is not None and old["value"]:
            ratios.append(new["value"] / old["value"])
    if not ratios:
        return "costs something else"
    low, high = min(ratios), max(ratios)
    if low < 1 < high:
        return f"costs {_one(ratios[0])} for input, {_one(ratios[-1])} for output"
    if low >= 1 and high >= _TWICE:
        return f"costs {_span(f'{low:.1f}', f'{high:.1f}', '')} times as much"
    near, far = (1 - high, 1 - low) if high <= 1 else (low - 1, high - 1)
    more = "less" if high <= 1 else "more"
    if near < 0.005:  # one of both stays as it was
        half = "input" if abs(ratios[0] - 1) > abs(ratios[-1] - 1) else "output"
        return f"costs {_percent(far)} {more} for {half}"
    return f"costs {_span(f'{100 * near:.0f}', f'{100 * far:.0f}', '%')} {more}"


def _one(ratio: float) -> str:
    return f"{_percent(abs(ratio - 1))} {'less' if ratio < 1 else 'more'}"


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.0f}%"


def _span(low: str, high: str, unit: str) -> str:
    low, high = low.removesuffix(".0"), high.removesuffix(".0")
    return f"{low}{unit}" if low == high else f"{low}{unit} to {high}{unit}"


def class_noun(event: Mapping[str, Any]) -> str:
    """What a cheapest one is the cheapest of: "frontier model"."""
    return _CLASSES.get(event["terms"], "model")


def share(event: Mapping[str, Any]) -> str:
    """A newcomer's price by the other's: "18%", "less than 1%"."""
    percent = 100 * event["ratio"]
    return f"{percent:.0f}%" if percent >= 1 else "less than 1%"


def at_hours(event: Mapping[str, Any]) -> str:
    """ " off-peak", " at peak hours", or nothing for the usual terms."""
    return {"off-peak": " off-peak", "peak": " at peak hours"}.get(event["terms"], "")


def since(event: Mapping[str, Any]) -> str:
    """The day from which it holds: "6 Aug 2024"."""
    return day(datetime.fromisoformat(event["at"]).date())


def named(pair: Mapping[str, Any]) -> str:
    """A model with whose it is: "Google's Gemini 1.5 Pro"."""
    lab, model = pair["lab_name"], short(pair["model"])
    return model if model.lower().startswith(lab.lower()) else f"{possessive(lab)} {model}"


def cell(figure: Mapping[str, Any] | None) -> str:
    """A price in a table: "2.50", "0.135"."""
    if figure is None:
        return "unknown"
    text = f"{figure['value']:.4f}".rstrip("0")
    return f"{figure['value']:,.2f}" if len(text.partition(".")[2]) < 2 else text


def all_read(prices: Sequence[Mapping[str, Any]]) -> str:
    """Who says so of several prices, and when those were read, in short."""
    names = dict.fromkeys(
        name
        for price in prices
        for part in price["source"].split(", ")
        if (name := _VERSION.sub("", part))
    )
    days = sorted({date.fromisoformat(price["as_of"]) for price in prices})
    when = day(days[0]) if len(days) == 1 else f"{day(days[0])} to {day(days[-1])}"
    return f"{listing(list(names))}, as of {when}"


def read_on(price: Mapping[str, Any]) -> str:
    """Who says so, and when that was read: "models.dev, as of 2 Jul 2026"."""
    return f"{price['source']}, as of {day(date.fromisoformat(price['as_of']))}"
