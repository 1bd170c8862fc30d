"""`kill -9` between a study and the message that tells it: each channel is answered once."""

import json
import signal
from pathlib import Path

import pytest

from tests.faults.aftershock_worker import answer_and_die
from tests.processes import ended

STEPS = ("after save", "before mark")
MORE = ("before look", "before save", "before enqueue", "after enqueue", "after record",
        "between store and send", "before send", "after send", "after mark")  # fmt: skip


@pytest.mark.parametrize(
    "step", [*STEPS, *(pytest.param(step, marks=pytest.mark.faults) for step in MORE)]
)
def test_killed_between_a_study_and_its_message(tmp_path: Path, step: str) -> None:
    assert ended(answer_and_die, tmp_path, step) == -signal.SIGKILL
    for _start in range(2):
        assert ended(answer_and_die, tmp_path, "none") == 0
    lines = (tmp_path / "console.jsonl").read_text("utf-8").splitlines()
    shown = [text for line in lines if (text := json.loads(line).get("text"))]
    assert shown == ["AI compute stocks −11.0% beyond the market since DeepSeek-R1"] * 2
