"""The command line: what it prints, how it ends. As a process where that may matter."""

import io
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from discord import Permissions

from bot.__main__ import main
from bot.arguments import parser
from tests.living import with_history


@dataclass(frozen=True)
class Done:
    """How a call of the command line ended."""

    returncode: int
    stdout: str
    stderr: str


class Here:
    """Calls `aftershock ARGUMENTS` in this process, on a data folder of the test's own."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str) -> Done:
        """What `aftershock ARGUMENTS` prints, and its exit code; errors are reported as before."""
        code, hooks = 0, (sys.excepthook, threading.excepthook, sys.unraisablehook)
        try:
            main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == hooks
        out, error = self._capture.readouterr()
        return Done(code, out, error)


@pytest.fixture
def here(
    tmp_path: Path,
    history_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Here:
    """The command line on a data folder of the test's own with a history, in this process."""
    with_history(tmp_path, history_file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERSHOCK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AFTERSHOCK_MARKET__SOURCE", "shipped")
    monkeypatch.setenv("AFTERSHOCK_FEEDS__ENABLED", "no")
    monkeypatch.setenv("AFTERSHOCK_PRICES__ENABLED", "no")
    return Here(capsys)


def run(tmp_path: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """`aftershock ARGUMENTS` as a process, on a data folder of the test's own."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AFTERSHOCK_")}
    environ |= {"AFTERSHOCK_DATA": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path)}
    environ |= {"AFTERSHOCK_MARKET__SOURCE": "shipped", "AFTERSHOCK_FEEDS__ENABLED": "no"}
    environ["AFTERSHOCK_PRICES__ENABLED"] = "no"
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        capture_output=True, text=True, timeout=60, input=stdin, env=environ,
    )  # fmt: skip


def test_ask_answers_with_the_golden_figures(here: Here) -> None:
    done = here("ask", "/drawdown NVDA 1y", "--as-of", "2025-01-27", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    facts = json.loads(done.stdout)["facts"]
    assert (facts["symbol"], facts["as_of"], facts["last"]) == ("NVDA", "2025-01-27", 118.42)
    assert (facts["peak"], facts["peak_date"]) == (149.43, "2025-01-06")
    assert round(facts["depth"], 4) == -0.2075
    assert round(facts["gain_to_recover"], 4) == 0.2619
    assert facts["source"] == "Yahoo, daily close"


def test_ask_in_words_saves_a_chart(here: Here) -> None:
    done = here("ask", "/drawdown nvda", "--as-of", "2025-01-27")
    assert done.stdout.startswith("Nvidia (NVDA) is 20.8% below its peak\n")
    path = done.stdout.split("Chart: ")[1].strip()
    assert Path(path).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ask", "/drawdwon NVDA"), "did you mean /drawdown?"),
        (("ask", "/drawdown NVDX"), "NVDX is not a symbol or basket that is watched; did you mean"),
        (("ask", "/drawdown", "--as-of", "2025-02-30"), "2025-02-30 is not a date; write it as"),
        (("ask", "/drawdown NVDA", "--as-of", "2021-01-04"), "no prices for NVDA up to 4 Jan 2021"),
        (("ask", "/alert add NVDA", "--as-of", "2025-01-27"), "cannot go with a command that"),
        (("--config", "broken.toml", "ask", "/drawdown"), "alerts.levles is not a setting"),
        (("replay", "--from", "2020-01-01", "--to", "2020-02-01"), "runs from 3 Jan 2022"),
        (("replay", "--from", "2025-01-13"), "required: --to"),
        (("replay", "--from", "2025-01-13", "--to", "2025-01-14", "--speed", "-1"), "--speed -1"),
        (
            ("replay", "--from", "2025-01-13", "--to", "2025-01-14", "--symbols", ","),
            "names nothing",
        ),
        (("ask", "/drawdown", "--as-of", "9999-01-01"), "--as-of 9999-01-01 has not come yet"),
        (("rpelay",), "rpelay is not a command of aftershock; did you mean replay?"),
        (("xyz",), "xyz is not a command of aftershock; aftershock --help lists them."),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    tmp_path: Path, here: Here, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "broken.toml").write_text("[alerts]\nlevles = 1\n")
    done = here(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_mistake_ends_the_process_with_2(tmp_path: Path) -> None:
    done = run(tmp_path, "ask", "/drawdwon NVDA")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("folder", ["/proc/nope", "/dev/null", "/dev/null/data"])
@pytest.mark.parametrize("command", [("ask", "/status"), ("run",)])
def test_a_folder_that_cannot_be_written_is_said(
    monkeypatch: pytest.MonkeyPatch, here: Here, folder: str, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("AFTERSHOCK_DATA", folder)
    done = here(*command)
    assert (done.returncode, done.stdout) == (2, "")
    assert "set AFTERSHOCK_DATA to" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_csv_source_without_its_folder_is_refused_at_the_start(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSHOCK_MARKET__SOURCE", "csv")
    done = here("run")
    assert done.returncode == 2
    assert done.stderr == (
        'market.source is "csv" but market.csv_folder is empty; set it to the folder of your CSV '
        "files.\n"
    )


def test_an_invitation_asks_for_six_permissions_and_no_more(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSHOCK_DISCORD_TOKEN", "MTIzNDU2Nzg5MDEyMzQ1Njc4.secret.secret")
    done = here("invite")
    asked = parse_qs(urlsplit(done.stdout.strip()).query)
    assert asked["client_id"] == ["123456789012345678"]
    assert asked["scope"] == ["bot applications.commands"]
    named = {name for name, held in Permissions(int(asked["permissions"][0])) if held}
    assert named == {
        "read_messages", "send_messages", "send_messages_in_threads", "embed_links",
        "attach_files", "read_message_history",
    }  # fmt: skip
    assert "secret" not in done.stdout + done.stderr
    assert here("invite", "--application-id", "42").stdout.count("client_id=42&") == 1


@pytest.mark.parametrize(
    ("token", "says"),
    [(None, "Set AFTERSHOCK_DISCORD_TOKEN, or give"), ("?", "does not look like a bot's token")],
)
def test_an_invitation_needs_to_know_whose(
    here: Here, monkeypatch: pytest.MonkeyPatch, token: str | None, says: str
) -> None:
    if token:
        monkeypatch.setenv("AFTERSHOCK_DISCORD_TOKEN", token)
    done = here("invite")
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_locale_without_our_signs_is_answered(tmp_path: Path, history_file: Path) -> None:
    data = with_history(tmp_path, history_file)
    environ = {**os.environ, "AFTERSHOCK_DATA": str(data), "LC_ALL": "C", "PYTHONUTF8": "0"}
    environ |= {"PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "/drawdown ai", "--as-of", "2025-01-27"],
        capture_output=True, env=environ,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"13.7% below their peak" in done.stdout
    assert b"at the close - -12.8% on the day" in done.stdout  # a minus sign stays one


def test_asking_first_keeps_what_the_console_gets_from_the_start(here: Here) -> None:
    here("ask", "/alert add NVDA levels=10")
    listed = here("ask", "/alert list").stdout
    assert "This channel has 2 alerts and 1 subscription" in listed
    here("ask", "/alert remove 1")
    listed = here("ask", "/alert list").stdout
    assert "This channel has 1 alert and 1 subscription" in listed


TYPED = "/status\n/drawdwon\n/alert add NVDA levels=10\n/alert list\nexit\n"


def test_the_demo_ends_at_a_prompt_that_stands_in_february_2025(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.demo.DEMO_FROM", date(2025, 1, 24))
    monkeypatch.setattr("sys.stdin", io.StringIO(TYPED))
    _is_the_demo(here("demo"))


@pytest.mark.faults
def test_the_demo_as_a_process_begins_two_weeks_before(tmp_path: Path) -> None:
    _is_the_demo(run(tmp_path, "demo", stdin=TYPED))


def _is_the_demo(done: "Done | subprocess.CompletedProcess[str]") -> None:
    assert (done.returncode, done.stderr) == (0, "")
    assert "AI stocks are 13.7% below their peak" in done.stdout
    assert "to 7 Feb 2025 (today)" in done.stdout
    assert "did you mean /drawdown?" in done.stdout
    assert "This channel has 2 alerts and 1 subscription" in done.stdout


def test_replay_as_json_tells_when_what_and_to_which_subscription(
    here: Here, tmp_path: Path
) -> None:
    arguments = ("replay", "--from", "2025-01-27", "--to", "2025-01-27", "--json", "--levels", "10")
    printed = here(*arguments).stdout
    assert run(tmp_path, *arguments).stdout == printed  # another process, the same bytes
    messages = json.loads(printed)["messages"]
    shock = next(message for message in messages if message["target"] == "ai")
    assert shock["at"] == "2025-01-27T21:05:00+00:00"
    assert (shock["action"], shock["receiver"], shock["subscription"]) == ("post", "console", 1)
    assert round(shock["facts"]["depth"], 4) == -0.1373


@pytest.mark.parametrize(
    "line", ["--config {} check-config", "check-config --config {}", "feed --config {} check x"]
)
def test_the_settings_file_may_be_named_on_either_side_of_the_command(
    line: str, tmp_path: Path
) -> None:
    named = tmp_path / "mine.toml"
    assert parser().parse_args(line.format(named).split()).config == named


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; from bot.__main__ import main; main(['ask', '/help']);"
        "print([m for m in ('pandas', 'numpy', 'matplotlib', 'yfinance', 'discord', 'slack_bolt',"
        "'sqlalchemy', 'rich', 'alembic', 'apscheduler', 'structlog', 'prometheus_client')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_too_little_memory_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def too_much(*_given: object) -> bytes:
        return bytes(2**62)

    monkeypatch.setattr("bot.__main__._answer", too_much)
    with pytest.raises(SystemExit) as ended:
        main(["ask", "/help"])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said == "There is too little memory for this; end other programs or give it more.\n"
