"""How claims about training read: hours, dollars, who says so, what they include. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from bot.costs.claims import Claim, Confidence, Quantity, Reckoned
from bot.model.wording import day, listing, sentence

LONGEST_NAME = 22
EPOCH = "Epoch AI"
EPOCH_CREDIT = "Epoch AI, ‘Data on AI Models’, epoch.ai (CC BY 4.0)"
_UNITS = ((Decimal(10**9), "B"), (Decimal(10**6), "M"))
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def big(value: Decimal, digits: int = 4, *, padded: bool = False) -> str:
    """A large number to so many digits: 2788000 → "2.788M", 294000 → "294,000". `padded` keeps
    the noughts at its end, for a column: "14.0M".
    """
    rounded = _significant(value, digits)
    for unit, letter in _UNITS:
        if rounded >= unit:
            scaled = rounded / unit
            places = max(0, digits - 1 - scaled.adjusted())
            return f"{f'{scaled:.{places}f}' if padded else _plain(scaled)}{letter}"
    return f"{rounded:,.0f}"


def dollars(value: Decimal, digits: int = 4, *, padded: bool = False) -> str:
    """Dollars as people say them: 5576000 → "$5.576M"."""
    return f"${big(value, digits, padded=padded)}"


def at(rate: Decimal) -> str:
    """A rate: "$2 an hour", "$2.50 an hour"."""
    text = f"{rate:,.0f}" if rate == rate.to_integral_value() else f"{rate:,.2f}"
    return f"${text} an hour"


def power(value: Decimal) -> str:
    """Arithmetic in operations: 3.3e24 → "3.3 × 10²⁴ operations"."""
    exponent = value.adjusted()
    mantissa = _plain(_significant(value, 3).scaleb(-exponent))
    return f"{mantissa} × 10{str(exponent).translate(_SUPERSCRIPT)} operations"


def figure(one: Claim, digits: int = 4) -> str:
    """The figure with its unit: "2.788M H800 hours", "$5.39M in 2023 dollars"."""
    assert one.value is not None
    if one.quantity is Quantity.HOURS:
        return f"{big(one.value, digits)} {one.unit} hours"
    if one.quantity is Quantity.COMPUTE:
        return power(one.value)
    # A lab's own figure is in the dollars of its day, as anybody would take it.
    return dollars(one.value, digits) + (f" in {one.unit} dollars" if estimated(one) else "")


def estimated(one: Claim) -> bool:
    """Whether it is not the lab's own figure."""
    return one.claimed_by == EPOCH


def times(value: Decimal) -> str:
    """How many times, as nobody knows it better: "about 11 times", "about 2.5 times"."""
    if value < Decimal("1.1"):
        return "about as much as"
    shown = value.quantize(Decimal(1) if value >= 10 else Decimal("0.1"), ROUND_HALF_UP)
    return f"about {_plain(shown)} times"


def by(one: Claim) -> str:
    """Who says so and when: "DeepSeek, 26 Dec 2024", "Epoch AI, read on 19 Jul 2026"."""
    read = "read on " if one.claimed_by == EPOCH else ""
    return f"{one.claimed_by}, {read}{day(one.claimed_on)}"


def told_together(several: Iterable[Claim]) -> list[list[Claim]]:
    """Claims that read as one: of the same maker and day, with the same scope and confidence."""
    found: dict[tuple[object, ...], list[Claim]] = {}
    for one in several:
        alike = (by(one), one.includes, one.confidence, one.link, one.value is None)
        found.setdefault(alike, []).append(one)
    return list(found.values())


def account(alike: Sequence[Claim]) -> str:
    """Claims that read as one, without who makes them: figures, what they include, how sure."""
    one = alike[0]
    if one.value is None:
        return f"{sentence(one.includes)}. {one.link}"
    figures = [
        figure(claim) + (f" (at {at(claim.rate)})" if claim.rate is not None else "")
        for claim in alike
    ]
    return f"{listing(figures)}: {one.includes}; {one.confidence}. {one.link}"


def how_reckoned(hours: Claim, at_rate: Reckoned) -> str:
    """The hours at a rate, and whose rate that is."""
    whose = {
        "given": "the rate you gave",
        "claim": "the rate of the claim itself",
        "assumed": "an assumption, as no rate was claimed",
    }[at_rate.whose]
    return f"{figure(hours)} at {at(at_rate.rate)} ({whose}) make {dollars(at_rate.dollars)}."


def footer(several: Iterable[Claim], on: date) -> str:
    """The sources, with the credit that is due, and up to when claims are shown."""
    told = list(several)
    own = list(dict.fromkeys(one.source for one in told if not estimated(one)))
    read = [one.claimed_on for one in told if estimated(one)]
    if read:
        own.append(f"{EPOCH_CREDIT}, read on {day(max(read))}")
    return (
        f"Sources: {'; '.join(own)}. Claims made up to {day(on)}"
        if own
        else (f"Claims made up to {day(on)}")
    )


def sure(one: Claim) -> str:
    """How sure a claim is, in a table's word."""
    return "the lab's" if one.confidence is Confidence.CONFIRMED else one.confidence.value


def short(name: str) -> str:
    """A name that fits in a narrow table."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _significant(value: Decimal, digits: int) -> Decimal:
    step = Decimal(1).scaleb(value.adjusted() - digits + 1)
    return (
        value.quantize(step, ROUND_HALF_UP)
        if step < 1
        else ((value / step).quantize(Decimal(1), ROUND_HALF_UP) * step)
    )


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
