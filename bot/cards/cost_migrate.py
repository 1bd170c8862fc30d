"""The card of a move from one model to another: what it saves, when it pays, what differs. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bot.cards.bill_words import (
    amount_facts,
    bill_facts,
    clock_lines,
    load_words,
    misfit,
    money,
    prices_line,
    rests_on,
    said_of,
    sold_by,
)
from bot.cards.cost_differences import differences, known_facts
from bot.cards.cost_workload import MONTH, Priced, range_lines
from bot.cards.release_words import possessive
from bot.costs.amount import Amount, Period, first_year
from bot.costs.migrate import Payback, Stage
from bot.model.card import Card, Table
from bot.model.wording import count, day, listing

_MONTH_DAYS = Decimal(365) / 12
# From here on a time reads better in months, then in years.
_MANY_DAYS, _MANY_MONTHS = 60, 24
# From here on more is told as a multiple.
_MANY_TIMES = 4
# So that a table is read on a phone.
_WIDEST = 22


def migrate_card(
    before: Priced,
    after: Priced,
    stages: Sequence[Stage],
    switching: int | None,
    paid: Payback | None,
    now: datetime,
) -> Card:
    """What the move saves a month first, then when it pays, both ways, and what differs."""
    now_, load = stages[0], before.bill.load
    fields, sources = differences(before, after)
    assumed = f"Assumed: prices stay as on {day(now.date())}; {MONTH}; no taxes or discounts"
    lines = [
        _year_line(before, after, now_),
        f"{count(load.requests, 'request')} a day. {load_words(before.bill)}",
        *(one.meant for one in (before, after)),
        *(misfit(one.name, one.known, one.bill) for one in (after, before)),
        *_payback_lines(switching, paid, now_),
        *_stage_lines(before, after, stages, now),
        *_range_lines(before, after, now_),
        *(_price_line(one, now) for one in (before, after)),
        f"{assumed}; the same text is as many tokens to both models, which is rarely quite so.",
        "The price says nothing about quality: try the new model on your own requests first.",
    ]
    credit = f". Differences: {listing(sources)}" if sources else ""
    return Card(
        title=f"{before.name} to {after.name}: {_told(now_.saved.per(Period.MONTH).value)}",
        text="\n".join(line for line in lines if line),
        fields=tuple(fields),
        table=_table(before, after, now_),
        footer=(
            f"US dollars. {rests_on(before.seller, before.bill)}; "
            f"{rests_on(after.seller, after.bill)}{credit}"
        ),
        facts=_facts(before, after, stages, switching, paid, now),
    )


def same_card(name: str) -> Card:
    """That both names are one model."""
    return Card(
        title=f"{name} to {name}: nothing to move",
        text=f"Both names mean {name}, so the bill stays what it is.",
        facts={"from": name, "to": name, "same": True},
    )


def _told(saved: Decimal) -> str:
    """What a move does to a month's bill."""
    return f"{_sum(saved)} a month" if saved else _sum(saved)


def _sum(saved: Decimal) -> str:
    if not saved:
        return "costs the same"
    return f"saves {money(saved)}" if saved > 0 else f"costs {money(-saved)} more"


def _year_line(before: Priced, after: Priced, stage: Stage) -> str:
    """The same per year and as a share, and the way back."""
    year = stage.saved.per(Period.YEAR).value
    if not year:
        return "The bill stays the same, there and back."
    back = _told(stage.back.saved.per(Period.MONTH).value)
    return (
        f"That is {money(abs(year))}{'' if year > 0 else ' more'} a year{_share(stage)}. "
        f"The way back, to {before.name}, {back}."
    )


def _share(stage: Stage) -> str:
    """ ", 96% less", ", 40% more", ", 208 times as much"; nothing where nothing is paid now."""
    share = stage.share
    if share is None:
        return ""
    size = abs(share) * 100
    if size < Decimal("0.1"):
        told = "under 0.1%"
    elif Decimal("99.5") <= size < 100:  # what is nearly all is not all
        told = "over 99%"
    elif share <= -_MANY_TIMES:
        return f", {1 - share:,.0f} times as much"
    else:
        told = f"{size:,.0f}%" if size >= 10 else f"{size:.1f}%"
    return f", {told} {'less' if share > 0 else 'more'}"


def _payback_lines(switching: int | None, paid: Payback | None, stage: Stage) -> list[str]:
    if not switching or paid is None:
        return []
    cost = f"The move itself, ${switching:,},"
    if paid.value is None:
        why = "costs more" if stage.saved.value < 0 else "saves nothing"
        if stage.saved.value > 0:
            why = "saves too little for as long as it does"
        return [f"{cost} is never paid back: the new model {why}."]
    line = f"{cost} is paid back after {_time(paid.value)}"
    if paid.low == paid.high:
        return [f"{line}."]
    last = "never at worst" if paid.high is None else f"after {_time(paid.high)} at worst"
    first = (
        f"after {_time(paid.low)} at best, "
        if paid.low is not None and paid.low != paid.value
        else ""
    )
    return [f"{line}; as sources differ, {first}{last}."]


def _time(days: int) -> str:
    """ "41 days", "355 days (about 12 months)", "4,120 days (about 11 years)"."""
    told = count(days, "day")
    if days <= _MANY_DAYS:
        return told
    months = round(days / _MONTH_DAYS)
    if months < _MANY_MONTHS:
        return f"{told} (about {count(months, 'month')})"
    return f"{told} (about {count(round(Decimal(days) / 365), 'year')})"


def _stage_lines(
    before: Priced, after: Priced, stages: Sequence[Stage], now: datetime
) -> list[str]:
    """What the move comes to once a price that holds for a time has ended."""
    lines = []
    for stage, then in pairwise(stages):
        end = stage.until
        assert end is not None
        whose = [one.name for one in (before, after) if one.follows and one.follows[0] == end]
        price = f"{possessive(listing(whose))} price is a promotion to {day(end.date())}"
        lines.append(f"{price}; from then on the move {_told(then.saved.per(Period.MONTH).value)}.")
    if lines:
        year = first_year([(one.saved.value, one.until) for one in stages], now)
        lines[-1] = f"{lines[-1]} Over the first year it {_sum(year)}."
    return lines


def _range_lines(before: Priced, after: Priced, stage: Stage) -> list[str]:
    month = stage.saved.per(Period.MONTH)
    lines = [line for one in (before, after) for line in range_lines(one)]
    if month.differs:
        lines.append(f"So the move {_between(month.low, month.high)}.")
    return lines


def _between(low: Decimal, high: Decimal) -> str:
    """What a move saves or costs a month, from the worst source to the best."""
    if low >= 0:
        return f"saves {money(low)} to {money(high)} a month"
    if high <= 0:
        return f"costs {money(-high)} to {money(-low)} more a month"
    return f"{_told(low)} at worst and {_told(high)} at best"


def _price_line(one: Priced, now: datetime) -> str:
    """What the price is and what was taken for it."""
    sold = sold_by(one.seller, one.lab_name, one.chosen_from, one.ended)
    notes = said_of(one.bill, now, end_told=one.follows is not None)
    said = (prices_line(one.bill, one.name), *clock_lines(one.bill), *notes, sold)
    return " ".join(part for part in said if part)


def _table(before: Priced, after: Priced, stage: Stage) -> Table:
    def row(name: str, amount: Amount) -> tuple[str, ...]:
        cut = name if len(name) <= _WIDEST else f"{name[: _WIDEST - 1].rstrip()}…"
        return (cut, *(money(amount.per(period).value) for period in Period))

    saved = stage.saved
    name = "saved" if saved.value >= 0 else "more"
    shown = saved if saved.value >= 0 else stage.back.saved
    return Table(
        ("", *(period.value for period in Period)),
        (row(before.name, before.bill.day), row(after.name, after.bill.day), row(name, shown)),
        frozenset({1, 2, 3}),
    )


def _facts(
    before: Priced,
    after: Priced,
    stages: Sequence[Stage],
    switching: int | None,
    paid: Payback | None,
    now: datetime,
) -> dict[str, Any]:
    return {
        "at": now.isoformat(),
        "from": {"model": before.name, "lab": before.key[0], **bill_facts(before.bill)},
        "to": {"model": after.name, "lab": after.key[0], **bill_facts(after.bill)},
        "saved": _saved_facts(stages[0]),
        "back": _saved_facts(stages[0].back),
        "stages": [
            {"until": one.until.isoformat() if one.until else None, **_saved_facts(one)}
            for one in stages
        ],
        "switching": switching,
        "payback_days": None
        if paid is None
        else {"value": paid.value, "low": paid.low, "high": paid.high},
        "known": {"from": known_facts(before.known), "to": known_facts(after.known)},
        "fits": {which: _fits(one) for which, one in (("from", before), ("to", after))},
    }


def _fits(one: Priced) -> bool | None:
    if one.known is None or one.known.context is None:
        return None
    return not misfit(one.name, one.known, one.bill)


def _saved_facts(stage: Stage) -> dict[str, Any]:
    share = stage.share
    return {
        **{period.value: amount_facts(stage.saved.per(period)) for period in Period},
        "share": float(share) if share is not None else None,
    }
