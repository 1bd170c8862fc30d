"""`run`, as a process: it watches, survives, and yields to a signal."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.app import subscribe_console
from bot.cycle.seed import seed_shipped
from bot.jobs import Job, every
from bot.scheduling import scheduled
from bot.sections import RetentionSettings
from bot.services import Services
from bot.surfaces.transcript import Transcript
from bot.watching import Watching
from bot.working import SHUTDOWN_SECONDS, jobs
from storage import receivers, trust
from storage.trust import Decision
from tests.living import with_history
from tests.servers.yahoo import YahooServer, running


def _run(tmp_path: Path, **more: str) -> "subprocess.Popen[str]":
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AFTERSHOCK_")}
    environ |= {"AFTERSHOCK_DATA": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path)}
    environ |= {"AFTERSHOCK_MARKET__SOURCE": "shipped", "AFTERSHOCK_FEEDS__ENABLED": "no", **more}
    environ["AFTERSHOCK_PRICES__ENABLED"] = "no"
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


def test_run_holds_its_folder_shows_what_it_was_killed_before_showing_and_stops_on_a_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AFTERSHOCK_DATA", str(tmp_path / "data"))
    heeded = [signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)]
    entry: dict[str, object] = {
        "nonce": "a",
        "at": "2025-01-27T21:00:00+00:00",
        "action": "post",
        "root": None,
    }
    entry |= {"text": "AI stocks fell", "to_show": True}
    (tmp_path / "data").mkdir()
    transcript = Transcript(tmp_path / "data" / "console.jsonl")
    transcript.append(entry)
    process = _run(tmp_path)
    try:
        _until(process, "watching")
        with pytest.raises(SystemExit, match="2"):
            main(["run"])
        assert "already runs on" in capsys.readouterr().err
        # Where the process lives on, a signal is not the program's any more.
        assert [signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)] == heeded
        process.send_signal(signal.SIGTERM)
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "message 1\nAI stocks fell\n" in out
        assert out.count("] console: ") == 1  # the past is not posted
        assert "Traceback" not in error
        assert transcript.unshown() == []  # so that the next start does not show it again
    finally:
        process.kill()
        process.wait()


async def test_run_stops_in_time_although_yahoo_hangs(tmp_path: Path, history_file: Path) -> None:
    with_history(tmp_path, history_file)
    async with running(YahooServer(faults=["hang"] * 99)) as server:
        process = _run(
            tmp_path,
            AFTERSHOCK_MARKET__SOURCE="yahoo",
            AFTERSHOCK_YAHOO__BASE_URL=server.base_url,
            AFTERSHOCK_YAHOO__TIMEOUT_SECONDS="120",
        )
        try:
            while not server.asked:
                await asyncio.sleep(0.05)
                assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            out, error = await asyncio.to_thread(process.communicate, None, SHUTDOWN_SECONDS)
            assert (process.returncode, out) == (0, "")
            assert "Traceback" not in error
            assert "ERROR" not in error
        finally:
            process.kill()
            process.wait()


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
    from datetime import UTC, datetime

    ran = asyncio.Event()

    async def fails() -> None:
        raise RuntimeError("no network")

    async def works() -> None:
        ran.set()

    jobs = [Job("fails", fails, every(3600)), Job("works", works, every(3600))]
    async with scheduled(jobs, datetime.now(UTC)):
        await asyncio.wait_for(ran.wait(), timeout=30)


async def test_what_is_forgotten_is_as_the_settings_say_and_the_log_tells_of_each_kind(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    at = services.clock.now() - timedelta(days=8)
    made = [Decision(at, None, "NVDA", "gate", "old")]
    await services.database.write(lambda connection: trust.record(connection, made))
    settings = services.settings.model_copy(
        update={"retention": RetentionSettings(decisions=7, attempts=7)}
    )
    found = []
    for chosen in (services.settings, settings):
        given = replace(services, settings=chosen)
        watching = Watching(given, None, lambda: None)  # type: ignore[arg-type]
        caplog.clear()
        with caplog.at_level(logging.INFO, "bot.working"):
            await next(job for job in jobs(given, watching) if job.name == "prune").work()
        found.append(caplog.messages)
    assert found == [
        ["nothing was too old to keep"],
        ["forgot 1 row that was too old to keep: decisions 1"],
    ]
