"""Each reader of other people's input under a fuzzer that learns, in a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

SECONDS = int(os.environ.get("AFTERSHOCK_FUZZ_SECONDS", "60"))
_RUNS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")


@pytest.mark.faults
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_breaks_it(name: str, tmp_path: Path, figures: Callable[..., None]) -> None:
    pytest.importorskip("atheris", reason="SKIPPED: atheris is not installed, nothing was fuzzed")
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", name, str(SECONDS), str(tmp_path)],
        capture_output=True, text=True, errors="replace", timeout=SECONDS + 240,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:] + ended.stdout[-1000:]
    found = _RUNS.search(ended.stderr)
    assert found is not None, ended.stderr[-1000:]
    figures(f"fuzzed: {name}", inputs=found[1], seconds=SECONDS, broke=0)
