"""Rates made up for tests, and a ledger of them."""

from datetime import UTC, datetime
from decimal import Decimal

from bot.costs.ledger import Ledger
from bot.model.rate import Evidence, Key, Rate, Terms

GPT, V3 = ("openai", "GPT-4o"), ("deepseek", "DeepSeek-V3")
START = datetime(2025, 1, 1, tzinfo=UTC)


def moment(text: str) -> datetime:
    """ "2025-01-28" or "2025-01-28T16:00", UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rate(
    key: Key = V3,
    asked: str = "0.14/0.28",
    *,
    provider: str = "",
    source: str = "litellm 1.59.8",
    since: str = "2024-12-26",
    until: str = "",
    read: str = "2025-01-26",
    evidence: Evidence = Evidence.SHIPPED,
    cached: str = "",
    terms: Terms | None = None,
    note: str = "",
) -> Rate:
    """A rate of "input/output"; a dash is unknown. `provider` is the lab unless named."""
    first, second = (None if one == "-" else Decimal(one) for one in asked.split("/"))
    return Rate(
        key, provider or key[0], first, second, source, moment(read), evidence,
        since=moment(since) if since else None,
        until=moment(until) if until else None,
        cached_mtok=Decimal(cached) if cached else None,
        terms=terms or Terms(),
        note=note,
    )  # fmt: skip


def book(*rates: Rate) -> Ledger:
    """A ledger of models that came on 26 Dec 2024."""
    return Ledger(rates, {one.key: moment("2024-12-26") for one in rates})


# What a catalogue has of DeepSeek's own for the days of the promotion.
CATALOGUED = rate(
    asked="0.27/1.10", source="genai-prices 0.2.3", evidence=Evidence.CATALOG, read="2026-09-29"
)
