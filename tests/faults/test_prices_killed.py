"""`kill -9` between a change of price and its message: each change is shown once."""

import json
import signal
from pathlib import Path

import pytest

from tests.faults.price_worker import look_and_die
from tests.processes import ended

STEPS = ("after events", "between store and send", "before mark")
MORE = ("before look", "before events", "before enqueue", "after enqueue", "before send",
        "after send", "after mark")  # fmt: skip


@pytest.mark.parametrize(
    "step", [*STEPS, *(pytest.param(step, marks=pytest.mark.faults) for step in MORE)]
)
def test_killed_between_a_change_of_price_and_its_message(tmp_path: Path, step: str) -> None:
    assert ended(look_and_die, tmp_path, step) == -signal.SIGKILL
    for _start in range(2):
        assert ended(look_and_die, tmp_path, "none") == 0
    lines = (tmp_path / "console.jsonl").read_text("utf-8").splitlines()
    shown = [text for line in lines if (text := json.loads(line).get("text"))]
    assert sorted(text.split(":")[0] for text in shown) == [
        "Claude Opus 4.5 costs 50% less",
        "GPT-5.2 costs 50% less",
        "Grok 4 costs 50% less",
    ]
