"""What starting costs, in time and memory, beside importing everything that is slow to import.

`run` is followed until its first attempt to connect: its database is open and up to date, Discord
and Slack are imported and put together. A start on a database of an earlier run, as every start but
the first is.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

EVERYTHING = "import pandas, matplotlib.figure, yfinance, discord, slack_bolt"
# What `run` is given; nobody takes these tokens, for nobody answers.
TOKENS = {
    "AFTERSHOCK_DISCORD_TOKEN": "MTIzNDU2Nzg5MDEyMzQ1Njc4.bench.bench",
    "AFTERSHOCK_SLACK_BOT_TOKEN": "xoxb-bench",
    "AFTERSHOCK_SLACK_APP_TOKEN": "xapp-bench",
}
RUNS = 5
MOST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: seconds on the wall and of work, and the most memory in megabytes."""

    seconds: float
    work: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Starts:
    """Medians of several starts of each kind, and of the shares of importing everything.

    A share is of a pair that ran one after the other, so that the machine's mood hits both.
    """

    everything: Cost
    helping: Cost
    running: Cost
    helping_share: Cost
    running_share: Cost


def importing(folder: Path) -> Cost:
    """A process that imports everything."""
    return _ended([sys.executable, "-c", EVERYTHING], _environ(folder))


def helping(folder: Path) -> Cost:
    """`ask "/help"`."""
    return _ended([sys.executable, "-m", "bot", "ask", "/help"], _environ(folder))


def running(folder: Path) -> Cost:
    """`run` with tokens of both platforms, until it first attempts to connect to one."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        listening.settimeout(MOST_SECONDS)
        there = f"http://127.0.0.1:{listening.getsockname()[1]}"
        environ = {
            **_environ(folder),
            **TOKENS,
            "AFTERSHOCK_DISCORD__API_URL": there,
            "AFTERSHOCK_SLACK__API_URL": there,
            "AFTERSHOCK_MARKET__SOURCE": "shipped",
        }

        def connected(_process: subprocess.Popen[bytes]) -> None:
            listening.accept()[0].close()

        return _cost([sys.executable, "-m", "bot", "run"], environ, connected)


def measured(runs: int = RUNS) -> Starts:
    """Start everything so often, in turn, from a small process.

    A child's greatest memory counts that of the process it was forked from.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench_start", "--json", str(runs)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Starts(*(Cost(*cost) for cost in json.loads(done.stdout)))


def starts(runs: int) -> Starts:
    """As `measured`, from this process."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        # The first ones compile everything, and make the database.
        found = [(importing(folder), helping(folder), running(folder)) for _run in range(runs + 1)][
            1:
        ]
    everything, helps, runs_ = zip(*found, strict=True)
    return Starts(
        _middle(everything),
        _middle(helps),
        _middle(runs_),
        _middle([_share(one, of) for one, of in zip(helps, everything, strict=True)]),
        _middle([_share(one, of) for one, of in zip(runs_, everything, strict=True)]),
    )


def _ended(command: Sequence[str], environ: Mapping[str, str]) -> Cost:
    return _cost(command, environ, lambda process: None, end=False)


def _cost(
    command: Sequence[str],
    environ: Mapping[str, str],
    until: Callable[[subprocess.Popen[bytes]], None],
    *,
    end: bool = True,
) -> Cost:
    """What the process has taken when `until` returns, at which it is ended, or at its end."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(process)
        taken = time.perf_counter() - begun
    finally:
        if end:
            process.kill()
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if not end:
        taken = time.perf_counter() - begun
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(taken, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _environ(folder: Path) -> dict[str, str]:
    return {
        "AFTERSHOCK_DATA": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        # Compiled once and kept, as where a program is installed.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }


def _share(one: Cost, of: Cost) -> Cost:
    return Cost(one.seconds / of.seconds, one.work / of.work, one.megabytes / of.megabytes)


def _middle(costs: Sequence[Cost]) -> Cost:
    return Cost(
        median(cost.seconds for cost in costs),
        median(cost.work for cost in costs),
        median(cost.megabytes for cost in costs),
    )


def main() -> int:
    """Print the table; 1 where a limit is missed."""
    found = measured()
    met = True
    for name, cost in (
        ("importing everything", found.everything),
        ('ask "/help"', found.helping),
        ("run, until it connects", found.running),
    ):
        print(
            f"{name:<26}{cost.seconds:>8.2f} s{cost.work:>8.2f} s of work{cost.megabytes:>6.0f} MB"
        )
    for name, share, most in (
        ('ask "/help", share', found.helping_share, 0.25),
        ("run, share", found.running_share, 0.75),
    ):
        good = share.seconds <= most and share.megabytes <= most
        met = met and good
        row = (
            f"{name:<26}{share.seconds:>8.2f}  {share.work:>8.2f}          {share.megabytes:>6.2f}"
        )
        print(f"{row}     ≤ {most}{'' if good else '  MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--json"]:
        costs = astuple(starts(int(sys.argv[2])))
        print(json.dumps(costs))
        sys.exit(0)
    sys.exit(main())
