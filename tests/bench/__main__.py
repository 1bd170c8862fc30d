"""`make bench`, or `python -m tests.bench [group …]`: one table; 1 where a limit is missed.

What is compared is measured in turn, in the same run: what else the machine does hits both.
"""

import os
import platform
import sys
import time

from bot.model.wording import count
from tests.bench.groups import GROUPS, measured
from tests.bench.rows import HEAD


def main(chosen: list[str]) -> int:
    """Print the table of the chosen groups (none: all)."""
    unknown = [name for name in chosen if name not in GROUPS]
    if unknown:
        print(f"There is no group {unknown[0]}; there are {', '.join(GROUPS)}.", file=sys.stderr)
        return 2
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    cores = count(os.cpu_count() or 1, "core")
    print(f"{cores}, Python {platform.python_version()}; load average before: {load}")
    print(HEAD)
    begun = time.perf_counter()
    missed = 0
    for group in chosen or GROUPS:
        print(group, flush=True)
        for row in measured(group):
            missed += row.met is False
            print(f"  {row.line()}", flush=True)
    seconds = time.perf_counter() - begun
    said = f"{count(missed, 'limit')} missed" if missed else "no limit missed"
    print(f"{said}; {seconds:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
