"""Figures that are quoted often, and what they were. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from bot.model.rate import Key


@dataclass(frozen=True, slots=True)
class Correction:
    """What to say beside a model's price from `since` on."""

    key: Key
    since: date
    text: str


_V3, _R1 = ("deepseek", "DeepSeek-V3"), ("deepseek", "DeepSeek-R1")
CORRECTIONS = (
    Correction(
        ("openai", "GPT-4o"),
        date(2024, 8, 6),
        "The often-quoted $15 out is GPT-4o's of May 2024; from 6 Aug 2024 on it is $10.",
    ),
    Correction(
        _V3,
        date(2025, 1, 20),
        "The often-quoted $0.28 out is V3's in its promotion to 8 Feb 2025, not R1's ($2.19).",
    ),
    Correction(
        _R1,
        date(2025, 1, 20),
        "The often-quoted $0.28 out is V3's in its promotion to 8 Feb 2025; R1 came at $2.19.",
    ),
)


def corrections(key: Key, at: datetime) -> list[str]:
    """What is to be said of a model's price at that moment."""
    return [
        one.text
        for one in CORRECTIONS
        if one.key == key and datetime.combine(one.since, time(), UTC) <= at
    ]
