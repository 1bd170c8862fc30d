"""Floors for the figures of `make evaluate`, where the labelled headlines are present."""

import pytest

from bot.releases.families import FAMILIES
from bot.releases.weights import chance, log_odds
from tests.evaluate import after, chances, figures, learn, named
from tests.labelled import ABSENT, DATA, Labelled, labelled

pytestmark = pytest.mark.skipif(not (DATA / "headlines_to_2025.csv").is_file(), reason=ABSENT)
CUT = "2025-07-01"


@pytest.fixture(scope="module")
def rows() -> list[Labelled]:
    """Every labelled headline."""
    return labelled()


@pytest.fixture(scope="module")
def weights(rows: list[Labelled]) -> dict[str, float]:
    """Weights learnt from what came before the cut."""
    return learn([row for row in rows if row.date < CUT])


def test_headlines_after_the_learnt_ones(rows: list[Labelled], weights: dict[str, float]) -> None:
    tested = after(rows, CUT, "headlines")
    assert figures(tested, chances(weights, tested))[2] >= 0.93


def test_whole_feeds_after_the_learnt_ones(rows: list[Labelled], weights: dict[str, float]) -> None:
    tested = after(rows, CUT, "feeds")
    precision, recall, _ = figures(tested, chances(weights, tested))
    assert precision >= 0.9
    assert recall >= 0.85


def test_families_nobody_had_heard_of(rows: list[Labelled], weights: dict[str, float]) -> None:
    earlier = " ".join(row.entry.title.lower() for row in rows if row.date < CUT)
    known = {name: family for name, family in FAMILIES.items() if name in earlier}
    tested = after(rows, CUT, "headlines")
    likely = [chance(log_odds(weights, row.seen(known).features)) for row in tested]
    assert figures(tested, likely)[2] >= 0.9


def test_labs_and_models_are_named(rows: list[Labelled]) -> None:
    labs, models = named(rows)
    assert labs >= 0.95
    assert models >= 0.93
