"""The log: what a line looks like, and that every line is written and none tells a secret."""

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import logs
from bot.config import SECRETS, Settings, load
from bot.errors import UserError
from bot.redaction import HIDDEN, Redaction
from bot.sections import LogSettings
from tests.test_redaction import DISCORD, shows

AT = datetime(2025, 1, 27, 21, 5, 0, 250_000, tzinfo=UTC)


def line(
    kind: str, words: str, *args: object, terminal: bool = False, error: Any = None, **extra: Any
) -> str:
    """How a record of `AT` is written."""
    record = logging.LogRecord("bot.delivery", logging.WARNING, "x.py", 1, words, args, error)
    record.created = AT.timestamp()
    record.__dict__.update(extra)
    settings = LogSettings.model_validate({"format": kind})
    return logs.formatter(settings, Redaction([DISCORD]), terminal=terminal).format(record)


def test_text_is_for_people() -> None:
    assert line("text", "the outbox is worked off %s", "again", rows=3) == (
        "2025-01-27T21:05:00.250Z [warning  ] the outbox is worked off again [bot.delivery] rows=3"
    )


def test_json_is_for_machines() -> None:
    written = line("auto", "%s fails: “%s”", "NVDA", 'a "quoted"\nword', rows=3, what={1: AT})
    assert written == (
        '{"timestamp": "2025-01-27T21:05:00.250Z", "level": "warning", "logger": "bot.delivery", '
        '"event": "NVDA fails: “a \\"quoted\\"\\nword”", "rows": 3, '
        '"what": {"1": "datetime.datetime(2025, 1, 27, 21, 5, 0, 250000, '
        'tzinfo=datetime.timezone.utc)"}}'
    )


def test_automatically_it_is_text_on_a_terminal_only() -> None:
    assert "\x1b[" in line("auto", "hello", terminal=True)
    assert line("auto", "hello").startswith("{")
    assert line("json", "hello", terminal=True).startswith("{")
    assert "\x1b[" not in line("text", "hello")


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_traceback_is_written_without_the_secret_in_it(kind: str) -> None:
    token = DISCORD
    try:
        try:
            raise KeyError(token)
        except KeyError as first:
            raise ValueError(f"Improper token {token!r}") from first
    except ValueError:
        written = line(kind, "could not send", error=sys.exc_info(), given={"token": token})
    assert not shows(written, token)
    trace = json.loads(written)["exception"] if kind == "json" else written
    assert f"ValueError: Improper token '{HIDDEN}'" in trace
    assert "The above exception was the direct cause" in trace
    assert trace.count("\n") > 5


@pytest.mark.parametrize(
    ("words", "args", "shown"),
    [
        ("sent %d messages", ("three",), "sent %d messages ('three',)"),
        ("sent %s", (1, 2), "sent %s (1, 2)"),
        ("sent %s and %s", (1,), "sent %s and %s (1,)"),
        ("100% of %s", ("it",), "100% of %s ('it',)"),
    ],
)
def test_a_wrong_call_is_written_too(words: str, args: tuple[object, ...], shown: str) -> None:
    assert json.loads(line("json", words, *args))["event"] == shown


def test_nobody_forges_a_line_or_moves_the_cursor() -> None:
    forged = "title\n2025-01-27T21:05:00Z [critical ] all is lost\x1b[2J\r\x9b1A"
    first, second = line("text", "a feed says %s", forged).split("\n")
    assert first.endswith("a feed says title")
    assert second.startswith("    2025-01-27T21:05:00Z [critical ] all is lost\\x1b[2J\\x0d\\x9b1A")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Every secret set, lines in JSON."""
    environ = {f"AFTERSHOCK_{name.upper()}": f"{name[:9]}{DISCORD}" for name in SECRETS}
    return load(None, {**environ, "AFTERSHOCK_DATA": str(tmp_path)})


@pytest.fixture
def written(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Iterator[logs.Written]:
    """The log while it is written to what `capsys` reads."""
    begun = logs.begin(settings, logs.secrets_of(settings))
    yield begun
    begun.remove()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    out, error = capsys.readouterr()
    assert out == ""
    return [json.loads(one) for one in error.splitlines()]


def test_all_that_is_logged_is_written_once(
    written: logs.Written, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("discord.gateway").warning("Shard ID %s has connected", 0)
    logging.getLogger("aiosqlite").debug("not this")
    logging.getLogger("apscheduler.executors").error("nor this")
    structlog.get_logger("bot.x").info("an event", rows=3)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    found = lines(capsys)
    assert [(one["level"], one["logger"]) for one in found] == [
        ("warning", "discord.gateway"), ("info", "bot.x"), ("warning", "py.warnings"),
    ]  # fmt: skip
    assert found[0]["event"] == "Shard ID 0 has connected"
    assert {key: found[1][key] for key in found[1] if key != "timestamp"} == {
        "level": "info", "logger": "bot.x", "event": "an event", "rows": 3,
    }  # fmt: skip
    assert "DeprecationWarning: old" in found[2]["event"]


def test_each_secret_is_hidden_and_those_that_are_told_later(
    settings: Settings, written: logs.Written, capsys: pytest.CaptureFixture[str]
) -> None:
    later = "a-token-of-another-workspace"
    written.redact.add(later)
    for name, value in {**logs.secrets_of(settings), "later": later}.items():
        logging.getLogger("x").error("%s is %s", name, value)
    assert [one["event"] for one in lines(capsys)] == [
        f"{name} is {HIDDEN}" for name in (*SECRETS, "later")
    ]


class Unwritable:
    """Its words cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError(f"no words, but {DISCORD}")

    __repr__ = __str__


def test_what_cannot_be_written_is_one_short_line(
    written: logs.Written, capsys: pytest.CaptureFixture[str]
) -> None:
    for given in ({"args": (Unwritable(),)}, {"args": None, "what": Unwritable()}):
        written.handler.handle(logging.makeLogRecord({"name": "bot.x", "msg": "this: %s", **given}))
    assert capsys.readouterr().err == (
        "a line of the log could not be written (bot.x, RuntimeError)\n" * 2
    )


def test_a_closed_standard_error_stops_nothing(
    written: logs.Written, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "gone").open("w") as gone:
        monkeypatch.setattr(sys, "stderr", gone)
    logging.getLogger("bot.x").error("nobody reads this")


def test_errors_that_nobody_catches_are_logged(
    written: logs.Written, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError(DISCORD)

    thread = threading.Thread(target=fail, name="worker")
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError:
        sys.excepthook(*sys.exc_info())
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)  # no error of ours
    thread_line, program_line = lines(capsys)
    assert thread_line["event"] == "the thread worker ended because of an error"
    assert program_line["level"] == "critical"
    for one in (thread_line, program_line):
        assert one["exception"].endswith(f"ValueError: {HIDDEN}")


def test_a_task_that_nobody_awaits_is_logged(settings: Settings, tmp_path: Path) -> None:
    program = (
        "import asyncio, os\nfrom bot import logs\nfrom bot.config import load\n"
        "settings = load(None, os.environ)\nlogs.begin(settings, logs.secrets_of(settings))\n"
        "async def fail():\n    raise ValueError(os.environ['AFTERSHOCK_DISCORD_TOKEN'])\n"
        "async def main():\n    asyncio.create_task(fail())\n    await asyncio.sleep(0)\n"
        "asyncio.run(main())\nraise RuntimeError(os.environ['AFTERSHOCK_DISCORD_TOKEN'])\n"
    )
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AFTERSHOCK_")}
    environ |= {"AFTERSHOCK_DATA": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    environ["AFTERSHOCK_DISCORD_TOKEN"] = DISCORD
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, env=environ
    )
    task, end = (json.loads(one) for one in done.stderr.splitlines())
    assert (done.returncode, done.stdout) == (1, "")
    assert (task["logger"], task["level"]) == ("asyncio", "error")
    assert task["event"].startswith("Task exception was never retrieved")
    assert end["event"] == "the program ends because of an error"
    assert not shows(done.stderr, DISCORD)


def test_what_ends_the_program_is_logged_and_no_secret_is_told(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    token = logs.secrets_of(settings)["discord_token"]
    before = sys.excepthook
    with pytest.raises(SystemExit) as ended, logs.written(settings):
        raise RuntimeError(token)
    (end,) = lines(capsys)
    assert (ended.value.code, end["event"]) == (1, "the program ends because of an error")
    assert end["exception"].endswith(f"RuntimeError: {HIDDEN}")
    with (
        pytest.raises(UserError, match=f"^{re.escape(HIDDEN)} is refused$"),
        logs.written(settings),
    ):
        raise UserError(f"{token} is refused")
    with pytest.raises(MemoryError), logs.written(settings):
        raise MemoryError
    assert lines(capsys) == []  # main says these
    assert sys.excepthook is before


def test_a_task_that_fails_unheard_is_logged_before_the_log_ends(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(kept: list[object]) -> None:
        kept.append(asyncio.current_task())  # a cycle: only the collector lets it go
        raise RuntimeError(logs.secrets_of(settings)["discord_token"])

    async def main() -> None:
        asyncio.create_task(fail([]))  # noqa: RUF006 - nobody holds it
        await asyncio.sleep(0)

    with logs.written(settings):
        asyncio.run(main())
    (task,) = lines(capsys)
    assert task["event"].startswith("Task exception was never retrieved")
    assert task["exception"].endswith(f"RuntimeError: {HIDDEN}")


def test_afterwards_all_is_as_before(settings: Settings) -> None:
    def found() -> list[Any]:
        hooks = [sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning]
        levels = [logging.getLogger(name).level for name in (None, *logs.QUIET)]
        return [*hooks, *levels, *logging.getLogger().handlers]

    before = found()
    begun = logs.begin(settings, {})
    assert found() != before
    begun.remove()
    assert found() == before
