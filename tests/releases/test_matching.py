"""Which model is meant by what somebody typed."""

from datetime import date

import pytest

from bot.releases.matching import Named, match, near
from bot.releases.shipped import load_labs

LABS = load_labs()
NAMES = [
    Named("openai", "GPT-4o", date(2024, 5, 13), ("gpt-4o-2024-05-13",)),
    Named("openai", "GPT-4o mini", date(2024, 7, 18)),
    Named("openai", "o1", date(2024, 12, 5)),
    Named("openai", "o1-mini", date(2024, 9, 12)),
    Named("anthropic", "Claude", date(2023, 3, 14)),
    Named("anthropic", "Claude 3 Opus", date(2024, 3, 4)),
    Named("anthropic", "Claude Opus 4", date(2025, 5, 22)),
    Named("deepseek", "DeepSeek-R1", date(2025, 1, 20)),
    Named("deepseek", "DeepSeek-R1-0528", date(2025, 5, 28)),
    Named("nvidia", "Nemotron R1", date(2025, 6, 1)),
    Named("alibaba", "通义千问2.0", date(2023, 10, 31)),
]


@pytest.mark.parametrize(
    ("text", "first", "exact"),
    [
        ("gpt4o", "GPT-4o", True),
        ("GPT-4O-MINI", "GPT-4o mini", True),
        ("gpt-4o-2024-05-13", "GPT-4o", True),
        ("o1", "o1", True),
        ("r1", "DeepSeek-R1", False),
        ("openai o1", "o1", False),
        ("claude opus", "Claude Opus 4", False),
        ("claude", "Claude Opus 4", False),
        ("opus", "Claude Opus 4", False),
        ("deepseek r", "DeepSeek-R1-0528", False),
        ("千问", "通义千问2.0", False),
    ],
)
def test_a_name_is_found_however_it_is_typed(text: str, first: str, exact: bool) -> None:
    found = match(text, NAMES, LABS)
    assert (found.found[0].name, found.exact) == (first, exact)


def test_what_else_may_be_meant_is_kept_newest_first() -> None:
    assert [one.name for one in match("opus", NAMES, LABS).found] == [
        "Claude Opus 4",
        "Claude 3 Opus",
    ]


@pytest.mark.parametrize("text", ["", "!!", "gemini", "pus"])
def test_nothing_is_found_for_what_is_in_no_name(text: str) -> None:
    assert match(text, NAMES, LABS).found == ()


def test_near_names_are_offered() -> None:
    assert near("deepsek r1", NAMES)[0] == "DeepSeek-R1"
    assert near("zzzzzz", NAMES) == []
