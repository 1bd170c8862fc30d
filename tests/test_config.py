"""Settings: defaults, the example file, one helpful line per mistake, secrets that stay secret."""

import os
import tomllib
from pathlib import Path

import pytest

from bot.config import SECRETS, Settings, keys, load
from bot.errors import UserError

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test writes its settings."""
    return tmp_path / "aftershock.toml"


def _load(path: Path | None = None, **environ: str) -> Settings:
    return load(path, {"XDG_CONFIG_HOME": "/nonexistent", **environ})


def test_the_example_names_every_key_with_its_default() -> None:
    example = tomllib.loads(EXAMPLE.read_text("utf-8"))
    assert {name: set(section) for name, section in example.items()} == {
        name: set(section) for name, section in keys().items()
    }
    assert load(EXAMPLE, {}) == _load()
    text = EXAMPLE.read_text("utf-8")
    for secret in SECRETS:
        assert f"AFTERSHOCK_{secret.upper()}_FILE" in text
        assert secret not in example


def test_the_environment_wins_over_the_file(file: Path) -> None:
    file.write_text("[alerts]\ngroup_wait_seconds = 5\nreply_minutes = 7\n")
    found = _load(
        file, AFTERSHOCK_ALERTS__GROUP_WAIT_SECONDS="9", AFTERSHOCK_ALERTS__LEVELS_PERCENT="7.5, 10"
    )
    assert (found.alerts.group_wait_seconds, found.alerts.reply_minutes) == (9, 7)
    assert found.alerts.levels_percent == (7.5, 10)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        _load().alerts.reply_minutes = 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[alerts]\nlevles_percent = [1]", "not a setting; did you mean alerts.levels_percent?"),
        ("[market]\nwatch = ['nv da']", '"nv da" is not a symbol; write it as Yahoo does'),
        (
            "[market]\npoll_seconds = 'often'",
            'market.poll_seconds = "often" will not do; write a whole number, such as 5.',
        ),
        ("[market]\npoll_seconds = 0", "poll_seconds = 0 will not do; write 10 or more."),
        ("[market]\npoll_seconds = 9999", "write 3600 or less."),
        ("[alerts]\nrearm_closes = 5.5", "rearm_closes = 5.5 will not do; write a whole number"),
        ("[alerts]\nlevels_percent = 'x'", '= "x" will not do; write a list, such as [5, 10, 20]'),
        ("[alerts]\nlevels_percent = ['x']", '"x" in the list will not do; write numbers, such as'),
        ("[alerts]\nlevels_percent = []", "the list is empty; write at least one level, such as ["),
        ("[market]\nwatch = 'NVDA'", '= "NVDA" will not do; write a list, such as ["NVDA", "^GSP'),
        ("[market]\nwatch = [3]", '3 in the list will not do; write text between quotation marks'),
        ("[yahoo]\nstream = 'maybe'", "write true or false."),
        ("[alerts]\nlevels_percent = [10, 5]", "levels must ascend"),
        ("[alerts]\nlevels_percent = [5, 100]", "less than 100"),
        ("[alerts]\nwindow = '9y'", 'write "1m", "3m", '),
        ("alerts = 3", "alerts is a section; write [alerts]"),
        ("[alert]\nwindow = '1y'", "alert is not a setting; did you mean alerts?"),
        ("[alerts", "is not valid TOML"),
        ("[delivery]\nsend_seconds = 60", "must be less than delivery.lease_seconds"),
        ("discord_token = 'hush'", "AFTERSHOCK_DISCORD_TOKEN_FILE instead"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_gets_one_line(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(UserError) as error:
        _load(file)
    message = str(error.value)
    assert says in message
    assert "aftershock.toml" in message
    assert "\n" not in message
    assert "hush" not in message
    assert "nput should be" not in message


def test_a_file_that_is_not_utf_8_is_said_to_be_so(file: Path) -> None:
    file.write_bytes("[market]\nwatch = ['Müller']".encode("latin-1"))
    with pytest.raises(UserError, match=r"aftershock\.toml: is not UTF-8 text; save it again"):
        _load(file)


def test_a_section_that_is_none_is_said_although_the_environment_sets_a_key(file: Path) -> None:
    file.write_text("storage = 3\n")
    with pytest.raises(UserError, match=r"storage is a section; write \[storage\]"):
        _load(file, AFTERSHOCK_DATA="/tmp/x")
    file.write_text("alerts = 3\n")
    with pytest.raises(UserError, match=r"alerts is a section; write \[alerts\]"):
        _load(file, AFTERSHOCK_ALERTS__REPLY_MINUTES="1")


def test_lists_are_read_from_the_environment_as_a_file_writes_them() -> None:
    found = _load(
        AFTERSHOCK_MARKET__WATCH='["NVDA", "^GSPC"]', AFTERSHOCK_ALERTS__LEVELS_PERCENT="[5, 10]"
    )
    assert found.market.watch == ("NVDA", "^GSPC")
    assert found.alerts.levels_percent == (5, 10)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("AFTERSHOCK_ALERTS__REPLY_MINUTE", "1", "did you mean AFTERSHOCK_ALERTS__REPLY_MINUTES?"),
        (
            "AFTERSHOCK_ALERTS__REPLY_MINUTES",
            "soon",
            'REPLY_MINUTES = "soon" will not do; write a whole',
        ),
        ("AFTERSHOCK_ALERTS__REARM_PERCENT", "abc", 'PERCENT = "abc" will not do; write a number'),
        ("AFTERSHOCK_ALERTS__LEVELS_PERCENT", "abc", "write numbers, such as [5, 10, 20]."),
        ("AFTERSHOCK_YAHOO__TIMEOUT_SECONDS", "0", 'TIMEOUT_SECONDS = "0" will not do; write 1 or'),
        ("AFTERSHOCK_DISCORD_TOKN", "hush", "did you mean AFTERSHOCK_DISCORD_TOKEN?"),
        ("AFTERSHOCK_DISCORD_TOKEN_FILE", "/no/such", "the file /no/such cannot be read"),
        ("AFTERSHOCK_DISCORD_TOKEN", "", "is empty"),
        ("AFTERSHOCK_CONFIG", "/no/such.toml", "/no/such.toml: there is no such settings file"),
    ],
)
def test_a_mistake_in_the_environment_gets_one_line(variable: str, value: str, says: str) -> None:
    with pytest.raises(UserError) as error:
        load(None, {"XDG_CONFIG_HOME": "/nonexistent", variable: value})
    assert says in str(error.value)
    assert "hush" not in str(error.value)


def test_a_folder_that_is_closed_to_the_user_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root starts a command as the bot's user from its own closed folder. Root sees all, so the
    refusal is made here."""
    there = Path.stat

    def stat(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if self.suffix == ".toml":
            raise PermissionError(13, "Permission denied")
        return there(self, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", stat)
    assert load(None, {"AFTERSHOCK_DATA": str(tmp_path)}).data_folder() == tmp_path
    with pytest.raises(UserError, match="its folder is closed to this user"):
        load(tmp_path / "aftershock.toml", {})


def test_a_token_is_read_from_the_environment_or_a_file_and_never_shown(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("hush-hush\n")
    found = _load(AFTERSHOCK_DISCORD_TOKEN_FILE=str(secret), AFTERSHOCK_SLACK_BOT_TOKEN="quiet")
    assert found.discord_token is not None
    assert found.discord_token.get_secret_value() == "hush-hush"
    for shown in (repr(found), str(found), found.model_dump_json()):
        assert "hush" not in shown
        assert "quiet" not in shown
    with pytest.raises(UserError, match="set twice"):
        _load(AFTERSHOCK_DISCORD_TOKEN="a", AFTERSHOCK_DISCORD_TOKEN_FILE=str(secret))


def test_where_things_are_kept(tmp_path: Path) -> None:
    found = _load(AFTERSHOCK_DATA=str(tmp_path))
    assert found.database_url() == f"sqlite+aiosqlite:///{tmp_path}/aftershock.db"
    assert found.charts_folder() == tmp_path / "charts"
    other = _load(AFTERSHOCK_STORAGE__DATABASE="postgresql+asyncpg://host/db")
    assert other.database_url() == "postgresql+asyncpg://host/db"
