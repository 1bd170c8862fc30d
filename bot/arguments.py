"""What may be written after `aftershock`, and what it means. Raises UserError where it is amiss."""

import argparse
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from bot.errors import UserError

# What looks after a bot; bot.operating does it.
OPERATING = ("doctor", "check-config", "migrate", "backup", "restore", "export", "import")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help.")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        # argparse's own words are "argument command: invalid choice: …", which say little.
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            near = get_close_matches(str(value), action.choices, 1, 0.5)
            advice = f"did you mean {near[0]}?" if near else f"{self.prog} --help lists them."
            raise UserError(f"{value} is not a command of {self.prog}; {advice}")
        super()._check_value(action, value)


def parser() -> argparse.ArgumentParser:
    """The command line: commands, their options, and a line on each."""
    made = _Parser(
        prog="aftershock",
        description="Tells when an AI model is released, when AI stocks fall, and whether the "
        "two coincide.",
    )
    made.add_argument("--config", type=Path, help="settings file (TOML)")
    made.add_argument("--version", action="store_true", help="print the version and exit")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    commands.add_parser("run", help="watch, alert and answer until stopped")
    demo = commands.add_parser("demo", help="January 2025, replayed; then a prompt")
    demo.add_argument("--no-input", action="store_true", help="end after the replay")
    ask = commands.add_parser("ask", help="answer one slash command and exit")
    ask.add_argument("line", help='the command, such as "/drawdown NVDA 1y"')
    ask.add_argument("--json", action="store_true", help="the card as JSON, with raw figures")
    ask.add_argument("--as-of", metavar="DATE", help="answer as of the end of that day")
    ask.add_argument(
        "--known-at", metavar="DATE", help="with prices of models as they were known that day"
    )
    _operating(commands)
    invite = commands.add_parser("invite", help="the address that adds the bot to a Discord server")
    invite.add_argument("--application-id", type=int, help="instead of the one in the token")
    manifest = commands.add_parser("slack-manifest", help="what to paste at Slack to make the app")
    manifest.add_argument(
        "--url", help="where Slack reaches the bot, in the mode http: https://bot.example.com"
    )
    commands.add_parser("slack-key", help="a new key, which encrypts Slack's tokens at rest")
    feed = commands.add_parser("feed", help="what a feed holds, and what would be posted of it")
    looks = feed.add_subparsers(dest="what", metavar="check", required=True, parser_class=_Parser)
    check = looks.add_parser("check", help="look, and change nothing")
    check.add_argument("target", help="an address, or a file")
    check.add_argument("--json", action="store_true", help="JSON instead of text")
    detect = commands.add_parser(
        "detect", help="is it a release? a judgement for each line of standard input"
    )
    detect.add_argument("--json", action="store_true", help="JSON instead of text")
    replay = commands.add_parser("replay", help="what would have been posted, and when")
    replay.add_argument("--from", dest="first", metavar="DATE", required=True)
    replay.add_argument("--to", dest="last", metavar="DATE", required=True)
    replay.add_argument("--symbols", help="symbols or baskets, comma-separated, instead of ai")
    replay.add_argument("--levels", help="drawdown levels in percent, such as 5,10,20")
    replay.add_argument("--json", action="store_true", help="JSON instead of text")
    replay.add_argument(
        "--speed", metavar="DAYS", help="days a second; as fast as it goes if unset"
    )
    for one in commands.choices.values():  # it may stand on either side of the command
        one.add_argument(
            "--config", type=Path, default=argparse.SUPPRESS, help="settings file (TOML)"
        )
    return made


def _operating(commands: Any) -> None:
    """What keeps a bot going: looking after it, its database and its settings."""
    doctor = commands.add_parser("doctor", help="check everything, and say how to mend it")
    doctor.add_argument("--json", action="store_true", help="JSON instead of text")
    commands.add_parser("check-config", help="is the settings file right? reads it, nothing else")
    commands.add_parser("migrate", help="bring the database to this program's schema")
    backup = commands.add_parser("backup", help="copy the database, also while the bot runs")
    backup.add_argument("file", nargs="?", type=Path, help="the copy; in backups if unset")
    restore = commands.add_parser("restore", help="put a backup in the database's place")
    restore.add_argument("file", type=Path, help="the copy that backup made")
    export = commands.add_parser("export", help="what channels follow and how they are set")
    export.add_argument("file", nargs="?", type=Path, help=".toml or .json; TOML to the terminal")
    given = commands.add_parser("import", help="set channels as an exported file says")
    given.add_argument("file", type=Path, help="what export wrote")
    given.add_argument("--dry-run", action="store_true", help="say what would change")


def read_date(text: str) -> date:
    """The date that `text` names, as in 2025-01-27."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text} is not a date; write it as 2025-01-27.") from None


def read_targets(text: str | None) -> tuple[str, ...] | None:
    """The symbols and baskets of --symbols."""
    if text is None:
        return None
    targets = tuple(part.strip() for part in text.split(",") if part.strip())
    if not targets:
        raise UserError("--symbols names nothing; write it as NVDA,AMD or ai.")
    return targets


def read_levels(text: str | None) -> tuple[float, ...] | None:
    """The levels of --levels, in percent."""
    if text is None:
        return None
    from bot import values

    return values.read_levels(text)


def read_speed(text: str | None) -> float | None:
    """The days a second of --speed; None: as fast as it goes."""
    if text is None:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0
    if not 0 < speed < 1e6:
        raise UserError(f"--speed {text} is not a number of days a second; write it as 2 or 0.5.")
    return speed
