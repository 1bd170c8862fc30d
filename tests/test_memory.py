"""Garbage goes, what is free is given back, what stays is not gone through again."""

import gc
import os
import subprocess
import sys
from weakref import ref

from bot.memory import settle


class _Knot:
    def __init__(self) -> None:
        self.itself = self


def test_what_became_garbage_after_it_was_set_aside_goes_the_next_time() -> None:
    knot = _Knot()
    seen = ref(knot)
    try:
        settle()
        assert gc.get_freeze_count() > 0
        del knot
        assert seen() is not None
        settle()
        assert seen() is None
    finally:
        gc.unfreeze()


def test_what_is_free_is_given_back() -> None:
    code = """
from pathlib import Path
from bot.memory import keep_small, settle

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

keep_small()
blocks = [b"x" * 100_000 for _ in range(500)]
full = held()
last = blocks.pop()
del blocks
settle()
print(full - held())
"""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ
    )
    assert float(said.stdout) > 40
