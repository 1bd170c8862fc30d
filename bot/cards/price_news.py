"""News about prices → the card that says so. Pure.

A message is about one lab on one day: one model with its events, or several models.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from bot.cards.price_words import (
    all_read,
    asked,
    at_hours,
    cell,
    class_noun,
    moved,
    named,
    ranged,
    read_on,
    share,
    since,
)
from bot.cards.release_words import dollars, short, together
from bot.model.card import Card, Field, Table, Tone
from bot.model.wording import listing, moment

_UNIT = "per million tokens"
_MOVES = ("cut", "rise")
MOST_ROWS = 10
MOST_LINES = 6
MOST_DIGEST = 6
_EVENTS = {
    "cut": "a price cut",
    "rise": "a price rise",
    "cheapest": "a new cheapest model",
    "newcomer": "a new model far below the others",
    "parting": "sources that differ",
}


def price_card(facts: Mapping[str, Any]) -> Card:
    """What changed of a lab's prices on a day."""
    events = facts["events"]
    lines = _some([*_lines(events)]) + _some([*_notes(events)])
    fields = tuple(Field(item["symbol"], item["reason"]) for item in facts["exposed"])
    if fields:
        lines.append("Stocks to watch, and why:")
    kinds = {one["kind"] for one in events}
    tone = Tone.NEUTRAL
    if kinds & set(_MOVES):
        tone = Tone.UP if "rise" in kinds and "cut" not in kinds else Tone.DOWN
    return Card(
        title=headline(facts),
        text="\n".join(lines),
        fields=fields,
        table=_table(facts, events),
        footer=_footer(facts, events),
        tone=tone,
        facts=facts,
    )


def _some(lines: list[str]) -> list[str]:
    """The first lines, and how many more there are."""
    rest = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], f"… and {rest} more"] if rest > 1 else lines


def headline(facts: Mapping[str, Any], *, dated: bool = True) -> str:
    """ "GPT-4o costs 33% to 50% less: $2.50 in, $10 out per million tokens, from 6 Aug 2024"."""
    events = facts["events"]
    lead = events[0]
    models = _models(events)
    text = _one_headline(lead, facts) if len(models) == 1 else _several(events, models)
    return f"{text}, from {since(lead)}" if dated else text


def _one_headline(lead: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    name, price = short(lead["model"]), f"{asked(lead['after'])} {_UNIT}"
    if lead["kind"] in _MOVES:
        return f"{name} {moved(lead)}{at_hours(lead)}: {price}"
    if lead["kind"] == "newcomer":
        other = short(lead["other"]["model"])
        return f"{name} costs {share(lead)} of what {other} does: {price}"
    if lead["kind"] == "cheapest":
        what = listing([class_noun(one) for one in _widest(facts["events"])])
        return f"{name} is the cheapest {what}: {price}"
    return f"Sources differ on what {name} costs: {ranged(lead['after'])} {_UNIT}"


def _widest(events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The classes of which one is the cheapest: what is the cheapest of all is so of each."""
    cheapest = [one for one in events if one["kind"] == "cheapest"]
    return [one for one in cheapest if one["terms"] == "all"] or cheapest


def _several(events: Sequence[Mapping[str, Any]], models: Sequence[str]) -> str:
    names, kinds = together(models), {one["kind"] for one in events}
    hours = {at_hours(one) for one in events}
    when = hours.pop() if len(hours) == 1 else ""
    if kinds <= {"cut", "cheapest"}:
        return f"{names} cost less{when}"
    if kinds <= {"rise"}:
        return f"{names} cost more{when}"
    if kinds <= {"newcomer", "cheapest"}:
        return f"{names} come at low prices"
    return f"{names}: new prices" if kinds & set(_MOVES) else f"Sources differ on {names}"


def _models(events: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(one["model"] for one in events))


def _lines(events: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """What each event means; of one model without its name."""
    alone = len(_models(events)) == 1
    widest = _widest(events)
    for number, one in enumerate(events):
        if one["kind"] == "cheapest" and one not in widest:
            continue
        who = "It" if alone else short(one["model"])
        if one["kind"] in _MOVES:
            yield _move_line(one, who, alone=alone, first=number == 0)
        elif one["kind"] == "newcomer":
            other = f"{named(one['other'])} ({asked(one['before'])})"
            what = "the cheapest of the other labs' leading models"
            if alone and number == 0:  # the title has the figure
                yield f"{other} is {what}"
            else:
                yield f"{who} costs {share(one)} of {other}, {what}"
        elif one["kind"] == "cheapest":
            was = one["other"]["model"]
            before = f"; before, it was {short(was)} ({asked(one['before'])})"
            if was == one["model"]:
                before = ", as it was already"
            yield f"{who} is the cheapest {class_noun(one)} whose price is known{before}"
        else:
            said = [f"{item['source']} has {_pair(item)}" for item in one["after"]["sources"]]
            yield f"{'' if alone else who + ': '}{listing(said)}"


def _move_line(one: Mapping[str, Any], who: str, *, alone: bool, first: bool) -> str:
    """A cut or rise: what it was; of several models also what it is."""
    hours = f", {one['hours']}" if one["hours"] else ""
    was = "At other hours" if one["terms"] == "off-peak" and one["hours"] else "Before"
    if alone and first:
        return f"{was}: {asked(one['before'])}" + (f". Off-peak is {one['hours']}" if hours else "")
    return f"{who} {moved(one)}{at_hours(one)}{hours}"


def _pair(item: Mapping[str, Any]) -> str:
    found = [dollars(item[name]) for name in ("input", "output") if item[name] is not None]
    return " / ".join(found) or "none"


def _notes(events: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """What is special about a price, and which sources have another."""
    alone = len(_models(events)) == 1
    yield from dict.fromkeys(
        f"{'Note' if alone else short(one['model'])}: {one['after']['note']}"
        for one in events
        if one["after"]["note"]
    )
    told = set()
    for one in events:
        after = one["after"]
        best = after["sources"][0]
        for item in after["sources"][1:]:
            differs = (item["input"], item["output"]) != (best["input"], best["output"])
            line = f"Sources differ: {item['source']} has {_pair(item)} for {short(one['model'])}"
            if one["kind"] != "parting" and differs and line not in told:
                told.add(line)
                yield line


def _table(facts: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Table | None:
    """The model beside others; or several models, with what they cost before."""
    models = _models(events)
    if len(models) > 1:
        every = _by_price(events)
        rows = [
            (
                _without_lab(one["model"], models, facts["lab_name"]) + at_hours(one),
                *_cells(one["after"]),
                " / ".join(_cells(one["before"])) if one["kind"] in _MOVES else "",
            )
            for one in every[:MOST_ROWS]
        ]
        rest = len(every) - len(rows)
        note = f"USD {_UNIT}" + (f"; {rest} more" if rest else "")
        return Table(("", "in", "out", "was"), tuple(rows), frozenset({1, 2, 3}), note)
    beside = facts["beside"]
    if not beside:
        return None
    own = (short(models[0]) + at_hours(events[0]), *_cells(events[0]["after"]))
    others = [(short(one["model"]), *_cells(one["price"])) for one in beside]
    return Table(("", "in", "out"), (own, *others), frozenset({1, 2}), f"USD {_UNIT}")


def _without_lab(model: str, models: Sequence[str], lab: str) -> str:
    """A model's name where all begin with their lab's, which a narrow table has no room for."""
    prefix = f"{lab}-"
    shared = all(one.startswith(prefix) and len(one) > len(prefix) for one in models)
    return short(model.removeprefix(prefix) if shared else model)


def _by_price(events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One event for each price that a model has: the first, which says what it was."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in events:
        terms = one["terms"] if one["kind"] in _MOVES else ""
        found.setdefault((one["model"], terms), one)
    return list(found.values())


def _cells(price: Mapping[str, Any]) -> tuple[str, str]:
    return cell(price["input"]), cell(price["output"])


def _footer(facts: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> str:
    """Who says so as of when, for the prices themselves and for those beside them."""
    prices = [one["after"] for one in events]
    one_source = len({read_on(price) for price in prices}) == 1
    text = f"Source: {read_on(prices[0]) if one_source else all_read(prices)}"
    found = moment(datetime.fromisoformat(facts["found_at"]))
    if facts["beside"] and len(_models(events)) == 1:
        text += f". Others: {all_read([one['price'] for one in facts['beside']])}"
    return f"{text}. Noticed {found}"


def event_fields(facts: Mapping[str, Any]) -> list[Field]:
    """Why it was news: what each event compares, and every source of the price."""
    fields = []
    for one in facts["events"]:
        sources = [f"{item['source']} has {_pair(item)}" for item in one["after"]["sources"]]
        was = ""
        if one["before"] is not None:
            whose = "" if one["other"] is None else f" for {short(one['other']['model'])}"
            was = f"\nCompared with {asked(one['before'])}{whose}, from {read_on(one['before'])}"
        name = f"{short(one['model'])}: {_EVENTS[one['kind']]}"
        held = f"In force from {_moment(one)}; read {read_on(one['after'])}"
        fields.append(Field(name, f"{listing(sources)}{was}\n{held}"))
    return fields


def _moment(event: Mapping[str, Any]) -> str:
    """When it began, with the hour where that is known."""
    at = datetime.fromisoformat(event["at"])
    return since(event) if at.time() == time() else moment(at)


def digest_lines(prices: Mapping[str, Any]) -> Iterable[str]:
    """The changes of price in a digest, a line each, and the cheapest frontier model."""
    moves = prices["moves"]
    for one in moves[:MOST_DIGEST]:
        yield f"{short(one['model'])} {moved(one)}{at_hours(one)}, from {since(one)}"
    if len(moves) > MOST_DIGEST:
        yield f"and {len(moves) - MOST_DIGEST} more"
    lowest = prices["cheapest"]
    if lowest is not None:
        price = lowest["price"]
        yield (
            f"Cheapest frontier model: {short(lowest['model'])}, {asked(price)} {_UNIT} "
            f"({read_on(price)})"
        )
