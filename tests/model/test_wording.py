"""Figures in words: what a reader of a message sees."""

import pytest

from bot.model.wording import price


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (6012.28, "6,012.28"),
        (118.4, "118.40"),
        (0.5, "0.50"),
        (0.1, "0.10"),
        (0.0999, "0.0999"),
        (0.015, "0.0150"),  # two decimals would say a third less
        (-0.015, "-0.0150"),
        (0, "0.00"),
    ],
)
def test_a_price_loses_nothing_that_an_exchange_quotes(value: float, said: str) -> None:
    assert price(value) == said
