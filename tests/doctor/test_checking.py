"""`aftershock check-config`: what the settings are, or every mistake in them."""

from pathlib import Path

import pytest

from bot.doctor import check_config

Capture = pytest.CaptureFixture[str]


def said(tmp_path: Path, capsys: Capture, text: str | None, **more: str) -> tuple[int, str, str]:
    """The exit code, output and errors for a settings file (None: there is none)."""
    environ = {"XDG_CONFIG_HOME": str(tmp_path), "AFTERSHOCK_DATA": str(tmp_path / "data"), **more}
    path = None
    if text is not None:
        path = tmp_path / "my.toml"
        path.write_text(text)
    code = check_config(path, environ)
    out, error = capsys.readouterr()
    return code, out.replace(str(tmp_path), "HERE"), error.replace(str(tmp_path), "HERE")


def test_what_is_right_is_shown_but_no_secret(tmp_path: Path, capsys: Capture) -> None:
    code, out, error = said(
        tmp_path,
        capsys,
        '[alerts]\nwindow = "6m"\n[yahoo]\nbase_url = "http://me:hidden@proxy:1"\n',
        AFTERSHOCK_ALERTS__LEVELS_PERCENT="5,10",
        AFTERSHOCK_DISCORD_TOKEN="a-secret-of-discord",
    )
    assert (code, error) == (0, "")
    assert out == (
        "HERE/my.toml is right: 4 settings differ from their defaults:\n"
        '  storage.folder = "HERE/data"\n'
        '  yahoo.base_url = "http://***@proxy:1"\n'
        "  alerts.levels_percent = [5.0, 10.0]\n"
        '  alerts.window = "6m"\n'
        "Read from the environment too: AFTERSHOCK_ALERTS__LEVELS_PERCENT, AFTERSHOCK_DATA and "
        "AFTERSHOCK_DISCORD_TOKEN.\n"
        "Data folder: HERE/data\n"
        "aftershock run starts the console and Discord.\n"
    )


def test_every_mistake_has_its_line(tmp_path: Path, capsys: Capture) -> None:
    code, out, error = said(
        tmp_path,
        capsys,
        '[alerts]\nwindow = "6w"\nlevels_percent = [10, 5]\nwindows = 1\n'
        "[delivery]\nsend_seconds = 90\nlease_seconds = 60\n",
        AFTERSHOCK_SLACK_BOT_TOKEN="xoxb-1",
        AFTERSHOCK_LOG__LEVELS="debug",
        AFTERSHOCK_DISCORD_TOKEN="",
    )
    assert (code, out) == (2, "")
    windows = 'write "1m", "3m", "6m", "1y", "2y", "3y", "5y" or "max"'
    ascend = "levels must ascend without repeats, such as [5, 10, 20]"
    lines = (
        "AFTERSHOCK_DISCORD_TOKEN is empty; set it to the token, or unset it.",
        "AFTERSHOCK_LOG__LEVELS is not a setting; did you mean AFTERSHOCK_LOG__LEVEL?",
        f"HERE/my.toml: alerts.levels_percent: {ascend}.",
        f'HERE/my.toml: alerts.window = "6w" will not do; {windows}.',
        "HERE/my.toml: alerts.windows is not a setting; did you mean alerts.window?",
        "HERE/my.toml: delivery.send_seconds (90) must be less than delivery.lease_seconds (60).",
        "AFTERSHOCK_SLACK_APP_TOKEN is not set; set it to connect to Slack.",
    )
    assert error == "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("slack_key = 1\n", "slack_key does not belong in a file"),
        ("[alerts\n", "is not valid TOML"),
        ("alerts = 3\n", "alerts is a section; write [alerts] with its keys below it."),
        ('[storage]\ndatabase = "mysql://x/y"\n', "storage.database: mysql:// is not supported"),
        ('[market]\nsource = "csv"\n', "market.csv_folder is empty"),
    ],
)
def test_mistakes_of_other_kinds(tmp_path: Path, capsys: Capture, text: str, line: str) -> None:
    code, _out, error = said(tmp_path, capsys, text)
    assert code == 2
    assert len(error.splitlines()) == 1
    assert line in error


def test_nothing_set(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert check_config(None, {"XDG_CONFIG_HOME": str(tmp_path)}) == 0
    first, _folder, last = capsys.readouterr().out.splitlines()
    assert first == "There is no settings file and no variable: all settings have their defaults."
    assert last == "aftershock run starts the console."
