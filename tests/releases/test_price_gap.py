"""How much less a new model asks than the leading ones."""

from datetime import date
from statistics import median

import pytest

from bot.releases.models import load_models
from bot.releases.price_gap import gap_class, price_gap

R1 = date(2025, 1, 20)


def test_r1_against_the_leading_models_of_that_day() -> None:
    models = load_models()
    others = [
        (3 * price.input_mtok + price.output_mtok) / 4
        for _model, price in models.leading(R1, "deepseek")
    ]
    gap = price_gap(models, "deepseek", "DeepSeek-R1", R1)
    assert gap == pytest.approx(median(others) / ((3 * 0.55 + 2.19) / 4))
    assert gap_class(gap) == "3 to 10 times cheaper"


def test_what_is_not_known_is_not_guessed() -> None:
    models = load_models()
    assert price_gap(models, "deepseek", "No such model", R1) is None
    assert price_gap(models, "deepseek", "DeepSeek-R1", date(2025, 1, 19)) is None  # no price yet
    assert gap_class(None) is None


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (27.0, "at least 10 times cheaper"),
        (10.0, "at least 10 times cheaper"),
        (9.9, "3 to 10 times cheaper"),
        (3.0, "3 to 10 times cheaper"),
        (1.0, "less than 3 times cheaper"),
        (0.2, "less than 3 times cheaper"),
    ],
)
def test_classes_of_gaps(gap: float, words: str) -> None:
    assert gap_class(gap) == words
