"""The whole shipped history through the gate: no split told as a fall, faults change nothing."""

import pytest

from tests.replaying import replayed
from tests.test_faults_replay import (
    SPLIT,
    AsTold,
    Faulty,
    is_no_later_than_it_must,
    said,
    tells_the_truth,
)

FIRST, LAST = "2022-02-01", "2025-03-31"


@pytest.mark.faults
async def test_three_years_of_splits_and_holidays() -> None:
    async with replayed(FIRST, LAST, ("ai", *SPLIT)) as (_s, _r, messages):
        assert len(messages) > 100
        tells_the_truth(messages)


@pytest.mark.faults
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_three_years_of_faults_in_single_polls(seed: int) -> None:
    async with replayed(FIRST, LAST, ("ai", "NVDA", "SMCI"), AsTold()) as (_s, _r, clean):
        expected = said(clean)
    faulty = Faulty(seed, once=True)
    async with replayed(FIRST, LAST, ("ai", "NVDA", "SMCI"), faulty) as (_s, _r, messages):
        assert sorted(said(messages)) == sorted(expected)
    assert faulty.lies > 1000
    is_no_later_than_it_must(clean, messages, faulty)
