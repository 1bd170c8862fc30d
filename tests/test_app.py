"""`run`, as a process: it watches, survives, and yields to a signal."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from bot.app import subscribe_console
from bot.cycle.seed import seed_shipped
from bot.jobs import Job, every, scheduled
from bot.services import Services
from storage import receivers


def _run(tmp_path: Path) -> "subprocess.Popen[str]":
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AFTERSHOCK_")}
    environ |= {"AFTERSHOCK_DATA": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path)}
    environ["AFTERSHOCK_MARKET__SOURCE"] = "shipped"
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environ,
    )  # fmt: skip


def _until(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"ended without saying {words!r}")


def test_run_holds_its_folder_and_stops_on_a_signal(tmp_path: Path) -> None:
    first = _run(tmp_path)
    try:
        _until(first, "watching")
        second = _run(tmp_path)
        _out, error = second.communicate(timeout=60)
        assert second.returncode == 2
        assert "already runs on" in error
        first.send_signal(signal.SIGTERM)
        out, error = first.communicate(timeout=60)
        assert (first.returncode, out) == (0, "")  # the past is not posted
        assert "Traceback" not in error
    finally:
        first.kill()
        first.wait()


async def test_the_console_is_subscribed_once(services: Services) -> None:
    await seed_shipped(services, services.clock.now())
    for _start in range(2):
        await subscribe_console(services)
    async with services.database.read() as connection:
        found = await receivers.subscriptions(connection)
    assert [(s.kind, s.rule and s.rule.target) for s in found] == [
        ("rule", "ai"),
        ("releases", None),
    ]


async def test_jobs_run_at_once_and_a_failure_stops_no_other(services: Services) -> None:
    import asyncio
    from datetime import UTC, datetime

    ran = asyncio.Event()

    async def fails() -> None:
        raise RuntimeError("no network")

    async def works() -> None:
        ran.set()

    jobs = [Job("fails", fails, every(3600)), Job("works", works, every(3600))]
    async with scheduled(jobs, datetime.now(UTC)):
        await asyncio.wait_for(ran.wait(), timeout=30)
