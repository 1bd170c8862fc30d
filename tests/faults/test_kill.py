"""`kill -9` at every step of delivery: nothing lost, nothing shown twice."""

import json
import signal
from pathlib import Path

import pytest

from tests.faults.worker import work
from tests.processes import ended

STEPS = (
    "before claim", "after claim", "before attempt", "after attempt", "before send",
    "half written", "after send", "before mark", "after mark",
)  # fmt: skip
MESSAGES = 5


def _child(folder: Path, step: str, nth: int) -> int:
    """Run the worker in a process that kills itself at the nth time that it reaches `step`."""
    code = ended(work, folder, step, nth)
    assert code in (0, -signal.SIGKILL)
    return code


def _shown(folder: Path) -> list[str]:
    """The messages in the console's transcript, in order."""
    found = []
    for line in (folder / "console.jsonl").read_text("utf-8").splitlines():
        try:
            found.append(json.loads(line)["text"])
        except (ValueError, KeyError):
            continue  # the line that the kill cut short, or a mark
    return found


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step(tmp_path: Path, step: str) -> None:
    kills = 0
    for _start in range(2):
        kills += _child(tmp_path, step, nth=2) != 0
    assert kills >= 1, "the step was never reached"
    assert _child(tmp_path, "none", nth=1) == 0
    assert _shown(tmp_path) == [f"message {number}" for number in range(MESSAGES)]


@pytest.mark.faults
@pytest.mark.parametrize("nth", range(1, 6))
@pytest.mark.parametrize("step", STEPS)
def test_killed_again_and_again(tmp_path: Path, step: str, nth: int) -> None:
    for _start in range(12):
        _child(tmp_path, step, nth)
    assert _child(tmp_path, "none", nth=1) == 0
    assert _shown(tmp_path) == [f"message {number}" for number in range(MESSAGES)]
