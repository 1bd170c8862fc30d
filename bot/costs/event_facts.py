"""A price event as facts: JSON-ready figures, each price with its range and its sources. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.price_event import PriceEvent
from bot.model.rate import Figure, Meter, Quoted, Terms

# The record of an event that was known before there was anybody to tell of it.
SEEDED = "seeded"


def event_facts(event: PriceEvent) -> dict[str, Any]:
    """What a message and the record say of it. `ratio` is a fraction, prices are in dollars per
    million tokens; `other` is the [lab, model] that it undercuts, `hours` are those of its terms.
    """
    lab, model = event.model
    return {
        "key": event.key,
        "kind": event.kind.value,
        "lab": lab,
        "model": model,
        "terms": event.terms,
        "hours": _hours(event.after.best.terms),
        "at": event.at.isoformat(),
        "ratio": round(float(event.ratio), 6),
        "after": price_facts(event.after),
        "before": None if event.before is None else price_facts(event.before),
        "other": None if event.other is None else list(event.other),
    }


def price_facts(quoted: Quoted) -> dict[str, Any]:
    """What is asked, as every source has it; the day on which the best was read."""
    best = quoted.best
    return {
        "input": _figure(quoted.figure(Meter.INPUT)),
        "output": _figure(quoted.figure(Meter.OUTPUT)),
        "source": best.source,
        "as_of": best.observed_at.date().isoformat(),
        "note": best.note,
        "sources": [
            {
                "source": one.source,
                "input": None if one.input_mtok is None else float(one.input_mtok),
                "output": None if one.output_mtok is None else float(one.output_mtok),
            }
            for one in quoted.rates
        ],
    }


def _figure(figure: Figure | None) -> dict[str, Any] | None:
    return None if figure is None else figure.facts


def _hours(terms: Terms) -> str:
    """The hours of a price that holds at some only: "16:30–00:30 UTC, Monday to Friday"."""
    if not terms.clock or not terms.hours:
        return ""
    spans = [f"{_clock(start)}–{_clock(end)}" for start, end in terms.hours]
    return f"{' and '.join(spans)} UTC" + (", Monday to Friday" if terms.weekdays else "")


def _clock(minute: int) -> str:
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    return f"{moment:%H:%M}"
