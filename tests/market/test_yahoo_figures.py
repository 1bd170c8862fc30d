"""Company figures as Yahoo answers them: odd shapes, and answers that were recorded."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.market.yahoo_figures import read_statistics, unit_of

NOW, DAY = datetime(2025, 2, 24, 22, tzinfo=UTC), date(2025, 2, 24)
RECORDED = Path(__file__).parents[3] / "shared" / "data" / "market" / "yahoo_responses"
WHOLE = {
    "defaultKeyStatistics": {"enterpriseValue": {"raw": 3.0e12}},
    "financialData": {"totalRevenue": 1.0e11, "financialCurrency": "USD"},
    "price": {"currency": "USD"},
}


def values(said: Any) -> dict[str, int]:
    return {m.name: m.value for m in read_statistics("NVDA", said, DAY, NOW)}


@pytest.mark.parametrize(
    ("part", "instead", "left"),
    [
        ("defaultKeyStatistics", {"enterpriseValue": None}, {"revenue"}),
        ("defaultKeyStatistics", None, {"revenue"}),
        ("financialData", {"totalRevenue": float("nan"), "financialCurrency": "USD"},
         {"enterprise_value"}),
        ("financialData", {"totalRevenue": 1.0, "financialCurrency": "TWD"}, set()),
        ("financialData", None, set()),
        ("price", {}, set()),
    ],
)  # fmt: skip
def test_what_is_missing_is_left_out(part: str, instead: Any, left: set[str]) -> None:
    assert set(values(WHOLE)) == {"enterprise_value", "revenue"}
    assert set(values({**WHOLE, part: instead})) == left


def test_an_answer_of_another_kind() -> None:
    assert values(None) == values([]) == values("no") == {}
    assert unit_of(None) == ""


def test_the_recorded_answers_of_apple() -> None:
    said: dict[str, Any] = {}
    for name in ("defaultKeyStatistics", "financialData", "price"):
        path = RECORDED / f"quoteSummary-{name}-AAPL.json"
        if not path.exists():
            pytest.skip(f"the recorded answers are not at {RECORDED}")
        body = json.loads(path.read_text("utf-8"))["body"]
        body = json.loads(body) if isinstance(body, str) else body
        said |= body["quoteSummary"]["result"][0]
    found = {name: value / 1e6 for name, value in values(said).items()}
    assert found == {"enterprise_value": 3731694026752, "revenue": 395760009216}
    # What Yahoo itself makes of the two.
    ratio = said["defaultKeyStatistics"]["enterpriseToRevenue"]
    assert found["enterprise_value"] / found["revenue"] == pytest.approx(ratio, abs=0.0005)
