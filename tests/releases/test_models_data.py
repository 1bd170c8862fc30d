"""The shipped figures of models are those of the data that they were taken from."""

import csv
import re
from datetime import date

import pytest

from bot.costs.shipped import retirements
from bot.releases.models import load_models
from tests import labelled

DATA = labelled.DATA / "models"
MODELS = load_models()
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the sources of the figures of models are not at {DATA}"
)


def _rows(name: str) -> list[dict[str, str]]:
    csv.field_size_limit(10**9)
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("row", "model", "day"),
    [
        ("gpt-4o-2024-05-13", "GPT-4o", "2024-06-01"),
        ("gpt-4o (alias; 2024-08-06 snapshot)", "GPT-4o", "2025-01-28"),
        ("o1", "o1", "2025-01-28"),
        ("o3-mini", "o3-mini", "2025-02-01"),
        ("deepseek-chat (V3 promo)", "DeepSeek-V3", "2025-01-28"),
        ("deepseek-chat (V3 standard)", "DeepSeek-V3", "2025-02-10"),
        ("deepseek-reasoner (R1 standard)", "DeepSeek-R1", "2025-01-28"),
        ("deepseek-chat/reasoner (V3.1)", "DeepSeek-V3.1", "2025-09-10"),
        ("deepseek-v4-pro", "DeepSeek-V4-Pro", "2026-05-01"),
    ],
)
def test_a_price_of_the_history(row: str, model: str, day: str) -> None:
    said = next(r for r in _rows("key_prices_history.csv") if r["model"] == row)
    price = MODELS.find(model)[0].price_on(date.fromisoformat(day))
    assert price is not None
    assert (price.input_mtok, price.output_mtok) == (
        float(said["input_usd_mtok"]),
        float(said["output_usd_mtok"]),
    )


def test_every_size_of_epoch_is_one_that_epoch_gives() -> None:
    given = {
        int(float(row["Parameters"]))
        for row in _rows("epoch_notable_ai_models_2026-07.csv")
        if row["Parameters"]
    }
    sizes = {m.name: m.parameters for m in MODELS.models if m.parameters_source == "Epoch AI"}
    assert len(sizes) > 50
    assert {name for name, size in sizes.items() if size not in given} == set()


def test_no_size_contradicts_the_name() -> None:
    """Registers slip by a thousand now and then."""
    checked = 0
    for model in MODELS.models:
        named = re.search(r"[- ](\d+(?:\.\d+)?)B\b", model.name)
        if named and model.parameters is not None and "17B" not in named[0]:
            checked += 1
            assert 0.8 < model.parameters / 1e9 / float(named[1]) < 1.2, model.name
    assert checked > 10


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.rpartition("/")[2].lower())


def test_the_price_now_of_xai_is_the_last_that_the_list_of_prices_has() -> None:
    last = {
        _plain(row["model"]): (float(row["input_usd_per_mtok"]), float(row["output_usd_per_mtok"]))
        for row in sorted(
            _rows("litellm_price_changes.csv"),
            key=lambda row: row["first_seen_in_litellm_wheel_date"],
        )
        if row["provider"] == "xai"
    }
    known = [one for one in MODELS.models if one.lab == "xai" and _plain(one.name) in last]
    assert len(known) >= 5
    for one in known:
        price = one.price_on(date(2026, 11, 17))
        if ("xai", one.name) in retirements():
            # Its name is answered by another model now, whose price the list has for it.
            assert price is None, one.name
            continue
        assert price is not None, one.name
        assert (price.input_mtok, price.output_mtok) == last[_plain(one.name)], one.name


@pytest.mark.parametrize(
    ("model", "asked"), [("GPT-4.5", (75, 150)), ("Kimi K2", (0.6, 2.5)), ("Grok 4.3", (1.25, 2.5))]
)
def test_the_price_of_well_known_models(model: str, asked: tuple[float, float]) -> None:
    price = MODELS.find(model)[0].price_on(date(2026, 11, 17))
    assert price is not None
    assert (price.input_mtok, price.output_mtok) == asked
