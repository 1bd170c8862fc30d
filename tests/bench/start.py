"""What starting costs, in time and memory, beside importing everything that is slow to import.

`run` is followed until its first attempt to connect: its database is open and up to date, Discord
and Slack are imported and put together. A start on a database of an earlier run, as every start but
the first is.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

from tests.bench.rows import Row, ratio_at_most

EVERYTHING = "import pandas, matplotlib.figure, yfinance, discord, slack_bolt"
# What `run` is given; nobody takes these tokens, for nobody answers.
TOKENS = {
    "AFTERSHOCK_DISCORD_TOKEN": "MTIzNDU2Nzg5MDEyMzQ1Njc4.bench.bench",
    "AFTERSHOCK_SLACK_BOT_TOKEN": "xoxb-bench",
    "AFTERSHOCK_SLACK_APP_TOKEN": "xapp-bench",
}
RUNS = 5
MOST_HELP, MOST_RUN = 0.25, 0.75
# How long `run` may take until it connects, and how often it is looked at whether it still runs.
MOST_SECONDS, LOOK_SECONDS = 60.0, 0.5
# So much of what a process wrote is told where it fails.
LAST_BYTES = 2_000


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
    return until_ended([sys.executable, "-c", EVERYTHING], _environ(folder))


def helping(folder: Path) -> Cost:
    """`ask "/help"`."""
    return until_ended([sys.executable, "-m", "bot", "ask", "/help"], _environ(folder))


def running(folder: Path) -> Cost:
    """`run` with tokens of both platforms, until it first attempts to connect to one."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        there = f"http://127.0.0.1:{listening.getsockname()[1]}"
        environ = {
            **_environ(folder),
            **TOKENS,
            "AFTERSHOCK_DISCORD__API_URL": there,
            "AFTERSHOCK_SLACK__API_URL": there,
            "AFTERSHOCK_MARKET__SOURCE": "shipped",
        }
        return until_connected([sys.executable, "-m", "bot", "run"], environ, listening)


def measured(runs: int = RUNS) -> Starts:
    """Start everything so often, in turn, from a small process.

    A child's greatest memory counts that of the process it was forked from.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.start", str(runs)],
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


def until_ended(command: Sequence[str], environ: Mapping[str, str]) -> Cost:
    """What a process takes in all. Raises RuntimeError with what it wrote where it fails."""
    return _cost(command, environ, None)


def until_connected(
    command: Sequence[str], environ: Mapping[str, str], listening: socket.socket
) -> Cost:
    """What a process takes until it connects to `listening`, at which it is killed.

    Raises RuntimeError with what it wrote where it ends before, or takes too long.
    """
    return _cost(command, environ, listening)


def _cost(
    command: Sequence[str], environ: Mapping[str, str], listening: socket.socket | None
) -> Cost:
    # The settings of whoever measures are not what is measured, and not all are settings.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AFTERSHOCK_")}
    with TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            env={**ours, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        try:
            connected = listening is not None and _connects(process.pid, listening)
            taken = time.perf_counter() - begun
        finally:
            if listening is not None:
                os.kill(process.pid, signal.SIGKILL)  # Popen's own would wait for it first
            _pid, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if listening is None:
            taken = time.perf_counter() - begun
            if process.returncode:
                raise _failed(command, f"ended with {process.returncode}", said)
        elif not connected:
            ended = process.returncode != -signal.SIGKILL
            how = f"ended with {process.returncode}" if ended else f"took over {MOST_SECONDS:g} s"
            raise _failed(command, f"{how} and had not connected", said)
    return Cost(taken, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _connects(pid: int, listening: socket.socket) -> bool:
    """Wait until the process connects; False once it has ended, or takes too long."""
    listening.settimeout(LOOK_SECONDS)
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        with suppress(TimeoutError):
            listening.accept()[0].close()
            return True
        # Looks only: what it has taken is asked for when it is waited for.
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return False
    return False


def _failed(command: Sequence[str], how: str, said: IO[bytes]) -> RuntimeError:
    said.seek(max(0, said.seek(0, os.SEEK_END) - LAST_BYTES))
    wrote = said.read().decode(errors="replace").strip()
    return RuntimeError(f"{' '.join(command)} {how}; it wrote: {wrote or 'nothing'}")


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


def rows() -> Iterator[Row]:
    """`/help` and `run`, each in time and in memory."""
    found = measured()
    whole = found.everything
    for name, cost, share, most in (
        ('ask "/help"', found.helping, found.helping_share, MOST_HELP),
        ("run, until it connects", found.running, found.running_share, MOST_RUN),
    ):
        yield ratio_at_most(
            name,
            f"{cost.seconds:.2f} s",
            f"{whole.seconds:.2f} s to import everything",
            share.seconds,
            most,
        )
        yield ratio_at_most(
            f"  work of {name}",
            f"{cost.work:.2f} s",
            f"{whole.work:.2f} s",
            share.work,
            most,
        )
        yield ratio_at_most(
            f"  memory of {name}",
            f"{cost.megabytes:.0f} MB",
            f"{whole.megabytes:.0f} MB",
            share.megabytes,
            most,
        )


if __name__ == "__main__":
    print(json.dumps(astuple(starts(int(sys.argv[1])))))
