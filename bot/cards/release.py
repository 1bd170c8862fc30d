"""A new model, a rumour of one, a burst of entries → the card that says so. Pure.

Rows of an older version hold fewer figures; what they lack is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from bot.cards.release_words import after_text, asked, compared, short, size, together, tokens
from bot.model.card import Card, Field
from bot.model.wording import count, day, listing, moment

MOST_LINES = 6
_DAY_IS_OVER = time(23, 59, 59)
_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def release_card(facts: Mapping[str, Any]) -> Card:
    """A lab released a model, or several of one kind on one day."""
    if facts.get("rumour"):
        return _rumour_card(facts)
    models = facts.get("models") or [facts]
    lines = [_first_line(facts, models)]
    lines += _model_lines(models)
    lines += _price_lines(facts, models)
    if facts["other_dates"]:
        lines.append(f"Sources differ on the date: also {_readable(facts['other_dates'])}")
    if facts.get("after"):
        lines.append(after_text(facts["after"]))
    if facts.get("also"):
        lines.append(f"Seen at: {facts['source']}; also: {_some(facts['also'])}")
    if facts["url"]:
        lines.append(facts["url"])
    fields = tuple(Field(item["symbol"], item["reason"]) for item in facts["exposed"])
    if fields:
        lines.append("Stocks to watch, and why:")
    return Card(
        title=headline(facts),
        text="\n".join(lines),
        fields=fields,
        footer=_footer(facts, models),
        facts=facts,
    )


def headline(facts: Mapping[str, Any]) -> str:
    """ "DeepSeek-R1: a new model, open weights (MIT)"."""
    models = facts.get("models") or [facts]
    names = together([one["model"] for one in models])
    if facts.get("rumour"):
        return f"Rumour: {names}, not confirmed"
    number = len(models)
    what = "a new model" if number == 1 else f"{_NUMBERS.get(number, str(number))} new models"
    return f"{names}: {what}, {_weights(models)}"


def released_text(facts: Mapping[str, Any]) -> str:
    """ "DeepSeek released DeepSeek-R1", or what is said to come."""
    if facts.get("rumour"):
        return headline(facts)
    names = together([one["model"] for one in facts.get("models") or [facts]])
    return f"{facts['lab_name']} released {names}"


def _weights(models: Sequence[Mapping[str, Any]]) -> str:
    kinds = {one["open_weights"] for one in models}
    if len(kinds) > 1:
        return "some with open weights" if True in kinds else "weights not known of all"
    weights = kinds.pop()
    text = {True: "open weights", False: "closed weights", None: "weights not known"}[weights]
    licences = {one.get("licence") or "" for one in models}
    if weights is True and len(licences) == 1 and (licence := licences.pop()):
        return f"{text} ({short(licence)})"
    return text


def _first_line(facts: Mapping[str, Any], models: Sequence[Mapping[str, Any]]) -> str:
    kind = facts["model_kind"]
    if kind == "language" and all(one.get("reasoning") for one in models):
        kind = "reasoning"
    noun = "model" if len(models) == 1 else "models"
    line = f"{facts['lab_name']}, {day(date.fromisoformat(facts['released_on']))} · {kind} {noun}"
    return " · ".join([line, *filter(None, [_size(models[0])])]) if len(models) == 1 else line


def _size(one: Mapping[str, Any]) -> str:
    parts = []
    if one.get("parameters"):
        active = f" ({size(one['active'])} active)" if one.get("active") else ""
        parts.append(f"{size(one['parameters'])} parameters{active}")
    if one.get("context"):
        parts.append(f"{tokens(one['context'])} context")
    return ", ".join(parts)


def _model_lines(models: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """A line for each of several models that something is known of."""
    if len(models) == 1:
        return
    for one in models[:MOST_LINES]:
        known = [_size(one), asked(one["price"]) if one.get("price") else ""]
        if any(known):
            yield f"{short(one['model'])}: {' · '.join(filter(None, known))}"


def _price_lines(facts: Mapping[str, Any], models: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    price, other = facts.get("price"), facts.get("beside")
    if not price:
        return
    if len(models) == 1:
        yield asked(price) + (f"; {compared(price, other)}" if other else "")
    elif other:
        yield compared(price, other, own=short(facts["priced"]))


def _footer(facts: Mapping[str, Any], models: Sequence[Mapping[str, Any]]) -> str:
    known = datetime.fromisoformat(facts["known_at"]) if facts.get("known_at") else None
    if known is None or known.time() == _DAY_IS_OVER:
        parts = [f"Source: {_credited(facts['source'])}, which gives the day but not the hour"]
    else:
        parts = [f"Source: {_credited(facts['source'])}, seen {moment(known)}"]
    sources = dict.fromkeys(name for one in models for name in one.get("sources", ()))
    if sources:
        parts.append(f"figures: {listing([_credited(name) for name in sources])}")
    prices = [one["price"] for one in models if one.get("price")]
    if facts.get("beside"):
        prices.append(facts["beside"])
    by_day: dict[str, list[str]] = {}
    for price in prices:
        by_day.setdefault(price["as_of"], []).extend(price["source"].split(", "))
    if by_day:
        told = [
            f"{listing(list(dict.fromkeys(names)))}, as of {day(date.fromisoformat(on))}"
            for on, names in sorted(by_day.items(), reverse=True)
        ]
        parts.append(f"prices: {'; '.join(told)}")
    if facts.get("after"):
        until = date.fromisoformat(facts["after"]["as_of"])
        parts.append(f"moves: {facts['after']['source']}, to {day(until)}")
    return "; ".join(parts)


def _credited(name: str) -> str:
    return f"{name} (CC BY 4.0)" if name == "Epoch AI" else name


def _some(sources: Sequence[str]) -> str:
    shown = [short(source) for source in sources[:MOST_LINES]]
    rest = len(sources) - len(shown)
    return f"{', '.join(shown)} and {rest} more" if rest else listing(shown)


def _rumour_card(facts: Mapping[str, Any]) -> Card:
    """What is said to come. It names no stocks: nothing has happened."""
    lines = [f"{facts['lab_name']}, heard of on {day(date.fromisoformat(facts['released_on']))}"]
    if facts.get("also"):
        lines.append(f"Also said by: {_some(facts['also'])}")
    if facts["url"]:
        lines.append(facts["url"])
    return Card(
        title=headline(facts),
        text="\n".join(lines),
        footer=f"Source: {facts['source']}; not confirmed by the lab",
        facts=facts,
    )


def burst_card(facts: Mapping[str, Any]) -> Card:
    """A feed had so much that is new that most of it cannot be: said in one line, not posted."""
    return Card(
        title=burst_text(facts),
        text="None of it was posted: a feed that is moved or repaired shows its past as new. "
        "/feeds health says how it does.",
        footer=f"Source: {facts['source']}, seen {moment(datetime.fromisoformat(facts['as_of']))}",
        facts=facts,
    )


def burst_text(facts: Mapping[str, Any]) -> str:
    """ "182 entries at once from OpenAI News, held back: GPT-5, o3 and 180 more"."""
    text = f"{count(facts['entries'], 'entry', 'entries')} at once from {facts['source']}"
    names = [short(name) for name in facts["models"][:3]]
    if not names:
        return f"{text}, held back"
    rest = facts["entries"] - len(names)
    return f"{text}, held back: " + (
        f"{', '.join(names)} and {rest} more" if rest > 0 else listing(names)
    )


def _readable(dates: str) -> str:
    """ "2024-12-20 (a); 2025-01-01 (b)" as people write dates."""
    parts = [part.split(" ", 1) for part in dates.split("; ")]
    return listing([f"{day(date.fromisoformat(when))} {source}" for when, source in parts])
