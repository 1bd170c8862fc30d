"""What may be written after `aftershock`."""

import argparse
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from bot.errors import UserError
from bot.model.wording import listing


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help.")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        # argparse's own words are "argument command: invalid choice: …", which say little.
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            near = get_close_matches(str(value), action.choices, 1, 0.5)
            commands = listing(list(action.choices), "or")
            advice = f"did you mean {near[0]}?" if near else f"there is {commands}."
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
    commands = made.add_subparsers(dest="command", parser_class=_Parser)
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
    invite = commands.add_parser("invite", help="the address that adds the bot to a Discord server")
    invite.add_argument("--application-id", type=int, help="instead of the one in the token")
    manifest = commands.add_parser("slack-manifest", help="what to paste at Slack to make the app")
    manifest.add_argument(
        "--url", help="where Slack reaches the bot, in the mode http: https://bot.example.com"
    )
    commands.add_parser("slack-key", help="a new key, which encrypts Slack's tokens at rest")
    feed = commands.add_parser("feed", help="what a feed holds, and what would be posted of it")
    feed.add_argument("what", choices=["check"], help="look, and change nothing")
    feed.add_argument("target", help="an address, or a file")
    feed.add_argument("--json", action="store_true", help="JSON instead of text")
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
    return made
