"""Which models belong together when their prices are compared."""

from datetime import date

import pytest

from bot.costs.classes import Class, in_class
from bot.releases.models import load_models


@pytest.mark.parametrize(
    ("lab", "name", "which", "day", "belongs"),
    [
        ("openai", "GPT-4o", Class.FRONTIER, date(2024, 5, 12), False),  # not released
        ("openai", "GPT-4o", Class.FRONTIER, date(2024, 5, 13), True),
        ("openai", "GPT-4o", Class.FRONTIER, date(2025, 11, 12), True),
        ("openai", "GPT-4o", Class.FRONTIER, date(2025, 11, 13), False),  # 18 months on
        ("openai", "GPT-4o", Class.ALL, date(2026, 11, 13), True),
        ("openai", "GPT-4o", Class.REASONING, date(2025, 1, 1), False),
        ("openai", "GPT-4o mini", Class.FRONTIER, date(2025, 1, 1), False),  # leads nothing
        ("deepseek", "DeepSeek-R1", Class.REASONING, date(2025, 1, 20), True),
    ],
)
def test_a_class_by_day(lab: str, name: str, which: Class, day: date, belongs: bool) -> None:
    model = load_models().named(lab, name)
    assert model is not None
    assert in_class(model, which, day) is belongs
