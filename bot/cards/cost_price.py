"""What a model costs → a card. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.cards.cost_words import (
    UNKNOWN,
    asked,
    cell,
    differ_text,
    is_promotion,
    price_facts,
    promotion,
    read_from,
    seller,
    spread,
    terms_label,
    terms_text,
    undated_text,
    when,
)
from bot.cards.release_words import possessive
from bot.costs.compare import Step
from bot.model.basket import Lab
from bot.model.card import Card, Field, Table
from bot.model.rate import Key, Meter, Quoted
from bot.model.wording import count, day, percent, sentence

MOST_STEPS, MOST_SELLERS = 6, 5
# A price that is known from so long after the release on is still the one it came with.
_AT_LAUNCH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Priced:
    """What is known of a model's price on a day, at one `provider`.

    `quoted` is the usual price, None where it is not known or the model was not `out`; `special`
    are those under other terms. `then` follows a promotion. `steps` are its changes, as far as they
    are known when asked; `others` what other sellers ask, the cheapest first. `notes` are sentences
    to say beside it; `typed` is what was typed where it was read as this model, `meant` says so.
    `ended` is since when the provider has not sold it, as `ended_source` says.
    """

    key: Key
    name: str
    released_on: date | None
    out: bool
    on: date
    provider: str
    quoted: Quoted | None = None
    special: tuple[Quoted, ...] = ()
    then: Quoted | None = None
    steps: tuple[Step, ...] = ()
    others: tuple[Quoted, ...] = ()
    notes: tuple[str, ...] = ()
    typed: str = ""
    meant: str = ""
    ended: datetime | None = None
    ended_source: str = ""


def price_card(one: Priced, labs: Mapping[str, Lab]) -> Card:
    """What is asked on that day; that it was not released, or that nothing is known, says so."""
    facts = _facts(one)
    if not one.out:
        return Card(title=_not_out(one), text=one.meant, facts=facts)
    sellers = _sellers_table(one, labs) if one.others else None
    history = _history(one)
    # Where its lab asks nothing, what others ask is what matters.
    table = (history or sellers) if one.quoted is not None else (sellers or history)
    shown = [quoted for quoted in (one.quoted, *one.special, one.then) if quoted is not None]
    shown += [step.quoted for step in one.steps[-MOST_STEPS:] if step.quoted is not None]
    return Card(
        title=_title(one, labs),
        text="\n".join(_lines(one, labs)),
        fields=tuple(_fields(one, labs)),
        table=table,
        footer=read_from([*shown, *one.others[:MOST_SELLERS]]),
        facts=facts,
    )


def _not_out(one: Priced) -> str:
    came = f"; it came on {day(one.released_on)}" if one.released_on else ""
    return f"{one.name} was not released yet on {day(one.on)}{came}"


def _title(one: Priced, labs: Mapping[str, Lab]) -> str:
    if one.quoted is not None:
        return f"{one.name}: {asked(one.quoted.best)} per million tokens"
    if one.others:
        best = one.others[0].best
        at = seller(best.provider, labs)
        return f"{one.name}: from {asked(best)} per million tokens, at {at}"
    if one.ended is not None:
        return f"{one.name}: no longer sold on {day(one.on)}"
    return f"{one.name}: price {UNKNOWN} on {day(one.on)}"


def _lines(one: Priced, labs: Mapping[str, Lab]) -> list[str]:
    lines = [one.meant] if one.meant else []
    if one.quoted is None:
        return [*lines, *_unknown(one, labs)]
    whose = possessive(seller(one.provider, labs))
    best = one.quoted.best
    first_seen = "price before is not known" in best.note
    since = ""
    if best.since is not None and first_seen:
        since = f", first seen {when(best.since)}; what it was before is not known"
    elif best.since is not None:
        since = f", the same since {when(best.since)}"
    lines.append(f"{whose} price on {day(one.on)}{since}.")
    if is_promotion(best):
        lines.append(f"It is {promotion(best, one.then)}.")
    elif best.note and not first_seen:
        lines.append(f"{sentence(best.note)}.")
    if undated := undated_text(best, one.on):
        lines.append(sentence(undated))
    if differ := differ_text(one.quoted, one.on):
        lines.append(f"Sources differ: {differ}.")
    return [*lines, *one.notes]


def _unknown(one: Priced, labs: Mapping[str, Lab]) -> list[str]:
    whose = possessive(seller(one.provider, labs))
    lines = [f"{whose} own price on {day(one.on)} is {UNKNOWN}."]
    before = [step for step in one.steps if step.since.date() <= one.on and step.quoted]
    if before and before[-1].quoted is not None:
        best = before[-1].quoted.best
        if one.ended is not None:
            lab = seller(one.provider, labs)
            said = f" ({one.ended_source})" if one.ended_source else ""
            gone = f"{lab} has not sold it since {when(one.ended)}{said}"
            return [f"{gone}; its last price was {asked(best)}."]
        until = f", until {when(best.until)}" if best.until is not None else ""
        lines.append(f"The last that is known is {asked(best)}{until}.")
        return lines
    after = [step for step in one.steps if step.since.date() > one.on and step.quoted]
    if after and after[0].quoted is not None:
        first = after[0]
        assert first.quoted is not None
        lines.append(f"The first that is known is {asked(first.quoted.best)}, of "
                     f"{when(first.since)}.")  # fmt: skip
    return lines


def _fields(one: Priced, labs: Mapping[str, Lab]) -> list[Field]:
    fields = []
    if one.quoted is not None:
        cached = one.quoted.figure(Meter.CACHED)
        fields.append(Field("Cached input", UNKNOWN if cached is None else spread(cached)))
        for quoted in one.special:
            terms = quoted.best.terms
            said = "; ".join(filter(None, (asked(quoted.best), terms_text(terms))))
            if differ := differ_text(quoted, one.on):
                said += f" ({differ})"
            fields.append(Field(terms_label(terms), said))
        if launch := _launch(one):
            fields.append(launch)
    if one.others and one.quoted is not None and _history(one) is not None:
        named = [
            f"{seller(quoted.best.provider, labs)} {asked(quoted.best)}"
            for quoted in one.others[:MOST_SELLERS]
        ]
        left = len(one.others) - len(named)
        fields.append(Field("Elsewhere", "; ".join(named + ([f"{left} more"] if left else []))))
    return fields


def _launch(one: Priced) -> Field | None:
    """The price that it came with and what has come of it, where that is another."""
    first = one.steps[0] if one.steps else None
    if first is None or first.quoted is None or one.quoted is None:
        return None
    if one.released_on is None or first.since.date() > one.released_on + _AT_LAUNCH:
        return None
    then, now = first.quoted.best, one.quoted.best
    changed = []
    for meter in (Meter.INPUT, Meter.OUTPUT):
        before, after = then.of(meter), now.of(meter)
        if before and after is not None and after != before:
            changed.append(f"{meter} {percent(float(after / before - 1), 0)}")
    if not changed:
        return None
    return Field("At launch", f"{asked(then)} ({day(first.since.date())}); {', '.join(changed)}")


def _history(one: Priced) -> Table | None:
    """Its price through time, where there was more than one."""
    if len(one.steps) < 2:
        return None
    shown = one.steps[-MOST_STEPS:]
    left = len(one.steps) - len(shown)
    return Table(
        ("from", "in", "out"),
        tuple((when(step.since), *_asked_cells(step, step is shown[-1])) for step in shown),
        frozenset({1, 2}),
        note=f"… {count(left, 'earlier price')}" if left else "",
    )


def _asked_cells(step: Step, last: bool) -> tuple[str, str]:
    if step.quoted is None:
        return ("not sold", "") if last else (UNKNOWN, UNKNOWN)
    best = step.quoted.best
    return cell(best.input_mtok), cell(best.output_mtok)


def _sellers_table(one: Priced, labs: Mapping[str, Lab]) -> Table:
    shown: Sequence[Quoted] = one.others[:MOST_SELLERS]
    left = len(one.others) - len(shown)
    return Table(
        ("elsewhere" if one.quoted else "sold by", "in", "out"),
        tuple(
            (
                seller(quoted.best.provider, labs),
                cell(quoted.best.input_mtok),
                cell(quoted.best.output_mtok),
            )
            for quoted in shown
        ),
        frozenset({1, 2}),
        note=f"… {left} more, dearer" if left else "",
    )


def _facts(one: Priced) -> dict[str, Any]:
    return {
        "model": one.name,
        "lab": one.key[0],
        "asked": one.typed or None,
        "on": one.on.isoformat(),
        "released": one.out,
        "released_on": one.released_on.isoformat() if one.released_on else None,
        "unit": "USD per million tokens",
        "provider": one.provider,
        "sold_until": one.ended.isoformat() if one.ended else None,
        "price": price_facts(one.quoted) if one.quoted else None,
        "then": price_facts(one.then) if one.then else None,
        "terms": [_terms(quoted) for quoted in one.special],
        "history": [
            {
                "since": step.since.isoformat(),
                "price": price_facts(step.quoted) if step.quoted else None,
            }
            for step in one.steps
        ],
        "elsewhere": [price_facts(quoted) for quoted in one.others],
    }


def _terms(quoted: Quoted) -> dict[str, Any]:
    terms = quoted.best.terms
    return {
        "clock": terms.clock or None,
        "hours_utc": [[start, end] for start, end in terms.hours],
        "weekdays": terms.weekdays,
        "batch": terms.batch,
        "over_tokens": terms.over or None,
        "price": price_facts(quoted),
    }
