"""The card of a workload's bill. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.cards.bill_words import (
    bill_facts,
    clock_lines,
    differing,
    load_words,
    misfit,
    money,
    prices_line,
    rests_on,
    said_of,
    sold_by,
)
from bot.costs.amount import Period, first_year
from bot.costs.workload import Bill, Unpriced
from bot.model.card import Card, Table
from bot.model.known import Model
from bot.model.rate import Key, Meter
from bot.model.wording import count, day, listing

_PARTS = {Meter.INPUT: "input", Meter.CACHED: "cached input", Meter.OUTPUT: "output"}
MONTH = "a month is 365/12 days"


@dataclass(frozen=True, slots=True)
class Priced:
    """A model, by name and lab, and its bill.

    `seller` names who asks the price; `chosen_from` is how many sell the model, where its lab does
    not. `meant` says in a sentence which model is shown, where that is not what was typed.
    `follows` is what a bill is from when the price ends, where that was said beforehand. `ended` is
    since when the lab has not sold it.
    """

    key: Key
    name: str
    lab_name: str
    bill: Bill
    seller: str
    chosen_from: int = 0
    meant: str = ""
    known: Model | None = None
    follows: tuple[datetime, Bill] | None = None
    ended: datetime | None = None


def workload_card(one: Priced, now: datetime) -> Card:
    """What it costs a month first, then a day and a year, what it is made of, what was assumed."""
    bill = one.bill
    sums = {period: bill.per(period) for period in Period}
    requests = count(bill.load.requests, "request")
    sums_line = f"{money(sums[Period.DAY].value)} a day, {money(sums[Period.YEAR].value)} a year."
    lines = [
        f"{sums_line} {load_words(bill)}",
        one.meant,
        misfit(one.name, one.known, bill),
        *range_lines(one),
        *_end_lines(one, now),
        prices_line(bill),
        *clock_lines(bill),
        *said_of(bill, now, end_told=one.follows is not None),
        sold_by(one.seller, one.lab_name, one.chosen_from, one.ended),
        f"Assumed: prices stay as on {day(now.date())}; {MONTH}; no taxes or discounts.",
    ]
    return Card(
        title=f"{one.name}: {money(sums[Period.MONTH].value)} a month for {requests} a day",
        text="\n".join(line for line in lines if line),
        table=_table(bill),
        footer=f"US dollars. {rests_on(one.seller, bill)}",
        facts={
            "model": one.name,
            "lab": one.key[0],
            "at": now.isoformat(),
            **bill_facts(bill),
            "ends": _end_facts(one),
        },
    )


def range_lines(one: Priced) -> list[str]:
    """What other sources come to; nothing where they agree."""
    month = one.bill.per(Period.MONTH)
    if not month.differs:
        return []
    sums = f"Sources differ on {one.name}: {money(month.low)} to {money(month.high)} a month"
    return [f"{sums}; per million tokens {differing(one.bill)}."]


def _end_lines(one: Priced, now: datetime) -> list[str]:
    """What the same costs once a promotion has ended."""
    if one.follows is None:
        return []
    end, after = one.follows
    month = money(after.per(Period.MONTH).value)
    year = money(first_year([(one.bill.day.value, end), (after.day.value, None)], now))
    ended = (
        f"The price is a promotion to {day(end.date())}; after it the same costs {month} a month"
    )
    return [f"{ended}, and the first year comes to {year}."]


def unpriced_card(key: Key, name: str, missing: Unpriced, now: datetime, meant: str = "") -> Card:
    """That no bill can be made, and why: unknown is unknown."""
    what = listing([_PARTS[meter] for meter in missing.missing])
    said = f"price of {what}" if what else "price"
    lines = [
        meant,
        f"No source that is read has a {said} of {name} for {day(now.date())}.",
        f"/cost price {name} shows what is known of its prices.",
    ]
    return Card(
        title=f"{name}: what it costs is unknown",
        text="\n".join(line for line in lines if line),
        facts={
            "model": name,
            "lab": key[0],
            "at": now.isoformat(),
            "day": None,
            "month": None,
            "year": None,
            "missing": [meter.value for meter in missing.missing] or None,
        },
    )


def not_out_card(
    key: Key, name: str, released_on: date | None, now: datetime, meant: str = ""
) -> Card:
    """That the model came later."""
    came = f"It came on {day(released_on)}; before" if released_on else "Before"
    text = f"{came} that it had no price, so there is nothing to reckon with."
    return Card(
        title=f"{name}: not released by {day(now.date())}",
        text=f"{meant}\n{text}" if meant else text,
        facts={
            "model": name,
            "lab": key[0],
            "at": now.isoformat(),
            "released_on": released_on.isoformat() if released_on else None,
            "released": False,
            "day": None,
            "month": None,
            "year": None,
        },
    )


def _table(bill: Bill) -> Table:
    rows = []
    for meter, word in _PARTS.items():
        if bill.load.per_request[meter]:
            rows.append((word, *(money(bill.part(meter, period)) for period in Period)))
    rows.append(("all", *(money(bill.per(period).value) for period in Period)))
    return Table(("", *(period.value for period in Period)), tuple(rows), frozenset({1, 2, 3}))


def _end_facts(one: Priced) -> dict[str, object] | None:
    if one.follows is None:
        return None
    end, after = one.follows
    return {"at": end.isoformat(), "then": bill_facts(after)}
