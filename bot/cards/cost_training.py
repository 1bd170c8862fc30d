"""What training took → a card of one model, or of several side by side. Pure."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bot.cards.claim_words import (
    account,
    at,
    big,
    by,
    dollars,
    estimated,
    figure,
    footer,
    how_reckoned,
    short,
    times,
    told_together,
)
from bot.cards.release_words import possessive
from bot.cards.training_facts import Shown, model_facts, ratio_facts
from bot.costs.claims import (
    Claim,
    Confidence,
    Quantity,
    Ratio,
    Reckoned,
    Training,
    ratio,
    reckoned,
)
from bot.model.card import Card, Field, Table
from bot.model.wording import day, listing, sentence

UNKNOWN = "unknown"
MOST_OTHERS = 4
_LEFT_OUT = "Not known: what research, failed runs and staff cost."


def training_card(
    one: Shown, families: Sequence[Training], on: date, given: Decimal | None
) -> Card:
    """All claims of one model, each with who makes it; what is not known says so."""
    hours, cost = (one.training.best(q) for q in (Quantity.HOURS, Quantity.COST))
    at_rate = reckoned(one.training, given)
    lines = [_meant(one, f"Shown for “{one.typed}”")] if one.typed else []
    if hours is not None and at_rate is not None:
        lines.append(how_reckoned(hours, at_rate))
    elif given is not None:
        lines.append(f"{sentence(at(given))} says nothing here: the hours are not known.")
    lines += _parts(one.training)
    lines += [_family_line(one.name, hours, family) for family in families if hours]
    lines.append(_nothing(one, on) if hours is None and cost is None else _LEFT_OUT)
    shown = [claim for claim in one.training.claims if claim is not one.training.stated_unknown]
    return Card(
        title=_title(one, hours, cost),
        text="\n".join(lines),
        fields=tuple(Field(by(alike[0]), account(alike)) for alike in told_together(shown)),
        footer=footer([*one.training.claims, *_claims(families)], on),
        facts={"as_of": on.isoformat(), "models": [model_facts(one, given)]},
    )


def trainings_card(
    several: Sequence[Shown], families: Sequence[Training], on: date, given: Decimal | None
) -> Card:
    """Models side by side: hours, dollars at a rate, claimed cost; and how many times as much."""
    found = ratio([one.training for one in several])
    rates = [reckoned(one.training, given) for one in several]
    lines = [_meant(one, f"{one.name} for “{one.typed}”") for one in several if one.typed]
    if found is not None:
        lines += _ratio_lines(found, several, families)
    if any(one.training.of(q) for one in several for q in (Quantity.HOURS, Quantity.COST)):
        lines.append(_LEFT_OUT)
    claims = [claim for one in several for claim in one.training.claims]
    return Card(
        title=_compared_title(found, several),
        text="\n".join(lines),
        fields=tuple(Field(one.name, _summed(one, on)) for one in several),
        table=Table(
            ("model", "hours", "at a rate", "claimed"),
            tuple(_row(one, at_rate) for one, at_rate in zip(several, rates, strict=True)),
            numeric=frozenset({1, 2, 3}),
            note=_rate_note(several, rates),
        ),
        footer=footer([*claims, *_claims(families)], on),
        facts={
            "as_of": on.isoformat(),
            "models": [model_facts(one, given) for one in several],
            "ratio": None if found is None else ratio_facts(found),
        },
    )


def _title(one: Shown, hours: Claim | None, cost: Claim | None) -> str:
    if not one.out:
        return f"{one.name}: not released then"
    parts = []
    if hours is not None:
        parts.append(figure(hours) + (", for a part of it" if hours.partial else ""))
    if cost is not None and not cost.partial:
        said = figure(cost)
        parts.append(f"estimated at {said}" if estimated(cost) else f"{said} claimed")
    return f"{one.name}: {', '.join(parts) or 'cost of training unknown'}"


def _nothing(one: Shown, on: date) -> str:
    if not one.out and one.released_on is not None:
        return f"It came on {day(one.released_on)}; nothing was claimed by {day(on)}."
    stated = one.training.stated_unknown
    if stated is not None:
        return f"{account([stated])}"
    if one.training.claims:
        return "Neither hours nor dollars are known, only how much arithmetic it took."
    return f"No claim about its training is known up to {day(on)}."


def _meant(one: Shown, said: str) -> str:
    """Which model is shown for what was typed, and which others it might be."""
    if not one.others:
        return f"{said}."
    named = list(one.others[:MOST_OTHERS])
    left = len(one.others) - len(named)
    return f"{said}; also of that name: {listing(named + ([f'{left} more'] if left else []))}."


def _claims(several: Sequence[Training]) -> list[Claim]:
    return [claim for one in several for claim in one.claims]


def _parts(one: Training) -> list[str]:
    """The claims that count only a step on top of another model, so that none is taken for all."""
    return [
        f"{possessive(claim.claimed_by)} {figure(claim)} is only a part: {claim.includes}."
        for claim in one.claims
        if claim.partial and claim.quantity is Quantity.COST
    ]


def _family_line(name: str, hours: Claim, family: Training) -> str:
    total = family.best(Quantity.HOURS)
    if total is None or hours.value is None or not hours.part_of:
        return ""
    return (
        f"{figure(total)} are often quoted: {total.includes}. {name} alone took {big(hours.value)}."
    )


def _compared_title(found: Ratio | None, several: Sequence[Shown]) -> str:
    if found is None:
        return f"What training took: {listing([one.name for one in several])}"
    what = _what(found)
    said = times(found.times)
    if not said.endswith("times"):
        return f"{found.more.key[1]} took {said} {found.less.key[1]} in {what}"
    return f"{found.more.key[1]} took {said} the {what} of {found.less.key[1]}"


def _what(found: Ratio) -> str:
    if found.quantity is Quantity.COMPUTE:
        return "arithmetic"
    tensor = any("TPU" in one.unit for one in (found.more, found.less))
    return "accelerator hours" if tensor else "GPU hours"


def _ratio_lines(found: Ratio, several: Sequence[Shown], families: Sequence[Training]) -> list[str]:
    more, less = found.more, found.less
    lines = [f"{_weighed(more)} against {_weighed(less)}."]
    unknown = [
        one.name for one in several if found.quantity not in {c.quantity for c in _whole(one)}
    ]
    if len(several) - len(unknown) > 2:
        lines = [f"The most against the least: {lines[0]}"]
    if unknown:
        lines.append(f"No {_what(found)} are known of {listing(unknown)}.")
    if found.quantity is Quantity.HOURS and more.unit != less.unit:
        lines.append(
            f"An hour of one {more.unit} and of one {less.unit} is not the same work, so the "
            "ratio is rough."
        )
    for family in families:
        total = family.best(Quantity.HOURS)
        if family.key != (more.key[0], more.part_of) or total is None or total.value is None:
            continue
        if found.quantity is Quantity.HOURS and less.value:
            lines.append(
                f"The often-quoted {big(total.value)} hours are {total.includes}; that would be "
                f"{times(total.value / less.value)}, several models against one."
            )
    return lines


def _weighed(one: Claim) -> str:
    """A figure, marked where it is a guess."""
    guess = one.confidence is Confidence.SPECULATIVE
    return figure(one) + (" (speculative)" if guess else "")


def _whole(one: Shown) -> list[Claim]:
    return [c for c in one.training.claims if c.value is not None and not c.partial]


def _row(one: Shown, at_rate: Reckoned | None) -> tuple[str, ...]:
    hours, cost = one.training.best(Quantity.HOURS), one.training.best(Quantity.COST)
    if not one.out:
        return (short(one.name), "not out", "–", "–")
    return (
        short(one.name),
        UNKNOWN if hours is None or hours.value is None else f"{big(hours.value)} {hours.unit}",
        UNKNOWN if at_rate is None else dollars(at_rate.dollars),
        UNKNOWN if cost is None else _told_cost(cost),
    )


def _told_cost(cost: Claim) -> str:
    """A claimed cost in a cell; an estimate of others is marked, as is a part."""
    assert cost.value is not None
    mark = "≈ " if estimated(cost) else "part: " if cost.partial else ""
    return f"{mark}{dollars(cost.value)}"


def _rate_note(several: Sequence[Shown], rates: Sequence[Reckoned | None]) -> str:
    """Whose rate it is, and what the mark beside an estimate means."""
    parts = []
    own = [
        (one.name, rate)
        for one, rate in zip(several, rates, strict=True)
        if rate is not None and rate.whose == "claim"
    ]
    other = next((rate for rate in rates if rate is not None and rate.whose != "claim"), None)
    if own:
        parts.append(f"{at(own[0][1].rate)}, {possessive(own[0][0])} own claim")
    if other is not None and other.whose == "given":
        parts = [f"{at(other.rate)}, as you gave it"]
    elif other is not None:
        same = own and own[0][1].rate == other.rate
        parts.append(("" if same else f"{at(other.rate)}, ") + "assumed")
        if own:
            parts[-1] = f"and {parts[-1]} for the rest"
    notes = [f"at a rate: {', '.join(parts)}"] if parts else []
    costs = [one.training.best(Quantity.COST) for one in several]
    if any(cost is not None and estimated(cost) for cost in costs):
        notes.append("≈ estimate of Epoch AI in 2023 dollars")
    return ". ".join(notes)


def _summed(one: Shown, on: date) -> str:
    """The claims to believe first, of hours and of cost; in arithmetic where neither is known."""
    if not one.out:
        return _nothing(one, on)
    best = [one.training.best(q) for q in (Quantity.HOURS, Quantity.COST)]
    told = [claim for claim in best if claim is not None]
    compute = one.training.best(Quantity.COMPUTE)
    if not told and compute is not None:
        told = [compute]
    lines = [f"{by(alike[0])}: {account(alike)}" for alike in told_together(told)]
    lines += _parts(one.training) if best[1] is not None and not best[1].partial else []
    if best[1] is None:
        stated = one.training.stated_unknown
        lines.append(account([stated]) if stated else "No cost was claimed.")
    return "\n".join(lines)
