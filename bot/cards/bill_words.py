"""How sums of money and what they rest on read. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bot.cards.cost_words import beyond, figure_facts, named
from bot.cards.release_words import possessive
from bot.costs.amount import Amount, Period
from bot.costs.clock import Slot
from bot.costs.workload import Bill, Slice, said_end
from bot.model.known import Model
from bot.model.rate import Meter, Quoted, Rate
from bot.model.wording import MINUS, clock_hours, count, day, listing, sentence

_CENT, _MUCH = Decimal("0.01"), Decimal(10**7)
_METERS = {Meter.INPUT: "in", Meter.CACHED: "cached", Meter.OUTPUT: "out"}


def money(value: Decimal) -> str:
    """A sum: "$456.25", "−$1,200.00"; under a cent with two digits that count, "$0.0042"; of ten
    million and more without cents.
    """
    sign = MINUS if value < 0 else ""
    size = abs(value)
    if size >= _MUCH:
        return f"{sign}${size.quantize(Decimal(1), ROUND_HALF_UP):,}"
    if not size or size >= _CENT:
        return f"{sign}${size.quantize(_CENT, ROUND_HALF_UP):,}"
    digits = size.quantize(Decimal(1).scaleb(size.adjusted() - 1), ROUND_HALF_UP).normalize()
    return f"{sign}${digits:f}"


def per_million(price: Decimal) -> str:
    """A price per million tokens, with every digit: "$15", "$2.50", "$0.003625"."""
    if price == price.to_integral_value():
        return f"${price:,.0f}"
    text = f"{price.normalize():,f}"
    return f"${price:,.2f}" if len(text.partition(".")[2]) < 2 else f"${text}"


def asked(quoted: Quoted, *, cached: bool) -> str:
    """What is asked per million tokens: "$2.50 in, $1.25 cached, $10 out"."""
    parts = []
    for meter, word in _METERS.items():
        figure = quoted.figure(meter)
        if figure is not None and (cached or meter is not Meter.CACHED):
            parts.append(f"{per_million(figure.value)} {word}")
    return ", ".join(parts)


def prices_line(bill: Bill, name: str = "") -> str:
    """What is asked, at which hours; of the model named, where there are several."""
    name = f"{name} p" if name else "P"
    cached = bool(bill.load.cached)
    if len(bill.slices) == 1:
        return f"{name}er million tokens: {asked(bill.quoted[0], cached=cached)}."
    told = [f"{_when(one.slot)} {asked(one.slot.quoted, cached=cached)}" for one in bill.slices]
    return f"{name}er million tokens: {'; '.join(told)}."


def _when(slot: Slot) -> str:
    named = {"peak": "at peak hours", "off-peak": "off-peak"}
    return named.get(slot.terms.clock, "at full price" if slot.dear else "otherwise")


def clock_lines(bill: Bill) -> list[str]:
    """What the hours of the requests do to the bill; nothing where they do nothing."""
    if bill.peak_idle:
        return ["Its price does not go by the clock, so the share at peak hours changes nothing."]
    if not bill.by_clock:
        return []
    timed = [one for one in bill.slices if one.slot.terms.clock]
    hours = "; ".join(
        f"{sentence(one.slot.terms.clock)} hours are {_hours(one)}; "
        f"{_percent(one.share)} of the requests fall into them"
        for one in timed
    )
    how = "if spread evenly over the week" if bill.load.peak is None else "as asked for"
    all_dear, none = (bill.if_all(dear=dear).per(Period.MONTH).value for dear in (True, False))
    named = "peak hours" if any(one.slot.terms.clock == "peak" for one in timed) else "full price"
    return [
        (
            f"{hours}, {how}. All of them at {named} would cost {money(all_dear)} a month, "
            f"none {money(none)}."
        )
    ]


def _percent(share: Decimal) -> str:
    """ "20.8%", "70%"."""
    return f"{(share * 100).quantize(Decimal('0.1'), ROUND_HALF_UP).normalize():f}%"


def _hours(one: Slice) -> str:
    terms = one.slot.terms
    hours = listing([clock_hours(*span) for span in sorted(terms.hours)])
    return f"{hours} UTC" + (", Monday to Friday" if terms.weekdays else "")


def differing(bill: Bill) -> str:
    """What other sources have, in words; "" where they agree."""
    return listing([f"{rate.source} has {_pair(rate)}" for rate in _others(bill)])


def _others(bill: Bill) -> list[Rate]:
    """A rate of each source that has another price, the best first."""
    found: dict[str, Rate] = {}
    for quoted in bill.quoted:
        for rate in quoted.rates[1:]:
            if _differs(rate, quoted.best):
                found.setdefault(rate.source, rate)
    return list(found.values())


def _differs(rate: Rate, best: Rate) -> bool:
    return any(
        mine is not None and mine != best.of(meter)
        for meter in Meter
        if (mine := rate.of(meter)) is not None
    )


def _pair(rate: Rate) -> str:
    parts = [
        f"{per_million(price)} {word}"
        for meter, word in _METERS.items()
        if (price := rate.of(meter)) is not None
    ]
    return ", ".join(parts)


def said_of(bill: Bill, now: datetime, *, end_told: bool) -> list[str]:
    """What was taken where something is not known, and what is special about the price; its end
    only where that is not told elsewhere.
    """
    lines = []
    if bill.over:
        lines.append(
            f"A request of {beyond(bill.over, 'input tokens')} pays the long-context price for all "
            "of its tokens; that price is used."
        )
    if bill.load.batch:
        what = "batch price of requests this long" if bill.over else "batch price"
        unknown = f"No {what} is known; the usual one is used."
        lines.append(unknown if bill.batch_unknown else "The batch price is used.")
    if bill.cached_unknown:
        lines.append("No price of cached input is known; it is counted like other input.")
    # What was written later may speak of what nobody knew then.
    read = [one.best for one in bill.quoted if one.best.observed_at <= now]
    notes = dict.fromkeys(one.note for one in read)
    lines += [
        f"Note on the price: {note}."
        for note in notes
        # When a price was seen first says nothing of the bill.
        if note
        and "the price before is not known" not in note
        and not (end_told and "promotion" in note.lower())
    ]
    return lines


def sold_by(seller: str, lab_name: str, chosen_from: int, ended: datetime | None = None) -> str:
    """Whose price it is, where the lab's own is not known, or none since `ended`."""
    if not chosen_from:
        return ""
    what = (
        f"the cheapest of {chosen_from} that sell it" if chosen_from > 1 else "the only one known"
    )
    own = f"{possessive(lab_name)} own price is not known"
    if ended is not None:
        own = f"{lab_name} has not sold it since {day(ended.date())}"
    return f"{own}; this is {possessive(seller)} price, {what}."


def misfit(name: str, known: Model | None, bill: Bill) -> str:
    """That a request is larger than what the model takes; "" where it fits or that is not known."""
    size = bill.load.input + bill.load.output
    if known is None or known.context is None or size <= known.context:
        return ""
    return (
        f"A request of {count(size, 'token')} does not fit: {name} takes "
        f"{known.context:,} ({known.context_source})."
    )


def load_words(bill: Bill) -> str:
    """What one request is: "Each request: 2,000 tokens in (40% of them cached), 500 out."."""
    load = bill.load
    cached = f" ({load.cached}% of them cached)" if load.cached else ""
    return f"Each request: {count(load.input, 'token')} in{cached}, {load.output:,} out."


def rests_on(seller: str, bill: Bill) -> str:
    """Whose price, since when, and who says so."""
    told = []
    for one in bill.quoted:
        best = one.best
        since = f" since {day(best.since.date())}" if best.since else ""
        batch = "batch" if best.terms.batch else ""
        kind = "".join(f" {word}" for word in (best.terms.clock, batch) if word)
        read = f"read {day(best.observed_at.date())}"
        told.append(f"{possessive(seller)}{kind} price{since}: {_sources(best)}, {read}")
    if bill.day.differs:
        told += [f"{_sources(one)}, read {day(one.observed_at.date())}" for one in _others(bill)]
    return "; ".join(dict.fromkeys(told))


def _sources(rate: Rate) -> str:
    return listing(named(rate.source))


def amount_facts(one: Amount) -> dict[str, float]:
    """A sum in dollars, JSON-ready."""
    return {"value": float(one.value), "low": float(one.low), "high": float(one.high)}


def bill_facts(bill: Bill) -> dict[str, Any]:
    """A bill, JSON-ready: sums in dollars by period, what they are made of, the prices."""
    load = bill.load
    return {
        "provider": bill.provider,
        "currency": "USD",
        "requests_per_day": load.requests,
        "input_tokens": load.input,
        "output_tokens": load.output,
        "cached_percent": load.cached,
        "peak_percent": load.peak,
        "batch": load.batch,
        "batch_price_known": not bill.batch_unknown if load.batch else None,
        "cached_price_known": not bill.cached_unknown if load.cached else None,
        **{period.value: amount_facts(bill.per(period)) for period in Period},
        "parts": {meter.value: float(bill.part(meter)) for meter in Meter},
        "prices": [_price_facts(one) for one in bill.slices],
    }


def _price_facts(one: Slice) -> dict[str, Any]:
    best = one.slot.quoted.best
    prices: Sequence[tuple[str, Meter]] = [(f"{meter.value}_mtok", meter) for meter in Meter]
    return {
        **{name: figure_facts(one.slot.quoted.figure(meter)) for name, meter in prices},
        "share": float(one.share),
        "clock": best.terms.clock or None,
        "batch": best.terms.batch,
        "over": best.terms.over or None,
        "since": best.since.isoformat() if best.since else None,
        "until": end.isoformat() if (end := said_end(best)) else None,
        "note": best.note or None,
        "source": best.source,
        "observed_at": best.observed_at.isoformat(),
    }
