"""How late the machine lets a process be that only sleeps."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_IDLE = """
import select, sys, time
late = []
while not select.select([sys.stdin], [], [], 0)[0]:
    begun = time.perf_counter()
    time.sleep(0.01)
    late.append(time.perf_counter() - begun - 0.01)
print(sorted(late)[int(len(late) * 0.99)] * 1e3)
"""


@contextmanager
def idling() -> Iterator[list[float]]:
    """By how many milliseconds a process is late that only sleeps; known at the end."""
    found: list[float] = []
    command = [sys.executable, "-c", _IDLE]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield found
        found.append(float(process.communicate("\n")[0]))
