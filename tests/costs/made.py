"""Models and rates for tests: of one lab, with no more said than a test needs."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from bot.model.known import Model
from bot.model.rate import Evidence, Rate, Terms

Day = str | date | datetime


def at(day: Day, hour: int = 0) -> datetime:
    """A moment of a day, UTC."""
    if isinstance(day, datetime):
        return day
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(found, time(hour), UTC)


def model(
    name: str,
    released_on: Day,
    *,
    weights: bool | None = False,
    leads: bool = False,
    reasoning: bool | None = False,
    kind: str = "language",
) -> Model:
    """A model of "lab"."""
    return Model(
        "lab", name, (), at(released_on).date(), kind, leads, reasoning, weights, "", "", None,
        None, "", None, "", (), (), "", None, "", None, "", "",
    )  # fmt: skip


def rate(
    name: str,
    since: Day,
    until: Day | None,
    input_mtok: str | Decimal,
    output_mtok: str | Decimal | None,
    note: str = "",
    *,
    provider: str = "lab",
    terms: Terms | None = None,
    source: str = "a test",
    evidence: Evidence = Evidence.SHIPPED,
) -> Rate:
    """What is asked for a model of "lab"."""
    return Rate(
        key=("lab", name),
        provider=provider,
        input_mtok=Decimal(input_mtok),
        output_mtok=None if output_mtok is None else Decimal(output_mtok),
        source=source,
        observed_at=at(since),
        evidence=evidence,
        since=at(since),
        until=None if until is None else at(until),
        terms=terms or Terms(),
        note=note,
    )
