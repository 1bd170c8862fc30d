"""What Yahoo's answers say of a company's figures: estimates, enterprise value, revenue. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bot.market.yahoo_shapes import SOURCE, micro
from bot.model.bar import Measure


def read_estimates(
    symbol: str, name: str, frame: Any, day: date, as_of: datetime, unit: str = ""
) -> list[Measure]:
    """Average estimate and growth by period, from a frame of yfinance's; `name` "eps" or so.

    An estimate in another currency than `unit` ("": not known) is left out, its growth is not.
    """
    found = []
    for period, row in frame.to_dict("index").items():
        currency = row.get("currency")
        foreign = bool(unit) and isinstance(currency, str) and currency != unit
        for column, suffix in (("avg", "estimate"), ("growth", "growth")):
            value = micro(row.get(column))
            if value is not None and not (foreign and column == "avg"):
                measure = f"{name}_{suffix}"
                found.append(Measure(symbol, day, measure, str(period), value, as_of, SOURCE))
    return found


def unit_of(said: Any) -> str:
    """The currency of the price, in an answer of quoteSummary's; "" where it names none."""
    return str(_part(said, "price").get("currency") or "")


def read_statistics(symbol: str, said: Any, day: date, as_of: datetime) -> list[Measure]:
    """Enterprise value and the revenue of the last four quarters, in an answer of quoteSummary's.

    A company that reports in another currency than its stock trades in has neither: Yahoo adds
    up the two as if they were one.
    """
    statistics, finances = _part(said, "defaultKeyStatistics"), _part(said, "financialData")
    reported = finances.get("financialCurrency")
    if not reported or reported != unit_of(said):
        return []
    figures = {
        "enterprise_value": micro(_raw(statistics.get("enterpriseValue"))),
        "revenue": micro(_raw(finances.get("totalRevenue"))),
    }
    return [
        Measure(symbol, day, name, "", value, as_of, SOURCE)
        for name, value in figures.items()
        if value is not None
    ]


def _part(said: Any, name: str) -> Mapping[str, Any]:
    part = said.get(name) if isinstance(said, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _raw(value: Any) -> Any:
    """A number, which Yahoo may wrap with how it is written."""
    return value.get("raw") if isinstance(value, Mapping) else value
