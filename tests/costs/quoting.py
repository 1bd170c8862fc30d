"""Rates and quotes for tests: made of a few figures."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from bot.costs.ledger import Ledger
from bot.model.rate import Evidence, Key, Quoted, Rate, Terms

KEY: Key = ("lab", "Model")
NOW = datetime(2025, 1, 28, 12, tzinfo=UTC)
SINCE = datetime(2025, 1, 1, tzinfo=UTC)


def rate(
    input_mtok: str | None,
    output_mtok: str | None,
    cached: str | None = None,
    terms: Terms | None = None,
    *,
    key: Key = KEY,
    source: str = "the lab",
    provider: str | None = None,
    evidence: Evidence = Evidence.SHIPPED,
    until: datetime | None = None,
    since: datetime = SINCE,
    note: str = "",
) -> Rate:
    """A rate; prices as text, None where unknown."""
    return Rate(
        key,
        key[0] if provider is None else provider,
        _money(input_mtok),
        _money(output_mtok),
        source,
        SINCE,
        evidence,
        since=since,
        until=until,
        cached_mtok=_money(cached),
        terms=terms or Terms(),
        note=note,
    )


def quotes(*rates: Rate, at: datetime = NOW) -> Sequence[Quoted]:
    """What a ledger of these rates quotes for their model."""
    return Ledger(rates).quotes(rates[0].key, at) if rates else []


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
