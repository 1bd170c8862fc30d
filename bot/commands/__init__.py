"""The table of all commands. Slack and the console parse against it; Discord's cogs are compared
with it.
"""

from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, cast

from bot.commands.about import HELP, STATUS
from bot.commands.alerts import ALERT, SILENCE
from bot.commands.channels import BASKET, CHANNEL, ROOM, SETUP
from bot.commands.cost import COST
from bot.commands.feeds import FEEDS
from bot.commands.market import CROWDING, DRAWDOWN, IMPACT, STRESS, VALUATION
from bot.commands.releases import MODEL, RELEASES
from bot.commands.subscriptions import SUBSCRIBE
from bot.model.command import Command
from bot.parsing import Parsed, parse_line

if TYPE_CHECKING:
    from bot.model.card import Card
    from bot.services import Request

COMMANDS: tuple[Command, ...] = (
    *DRAWDOWN,
    *VALUATION,
    *STRESS,
    *IMPACT,
    *CROWDING,
    *RELEASES,
    *MODEL,
    *COST,
    *ALERT,
    *SUBSCRIBE,
    *SILENCE,
    *CHANNEL,
    *ROOM,
    *SETUP,
    *BASKET,
    *FEEDS,
    *STATUS,
    *HELP,
)


def parse(line: str, commands: Sequence[Command] = COMMANDS) -> Parsed:
    """The command and typed options that `line` asks for; raises UserError."""
    return parse_line(line, commands)


def command_of(*path: str) -> Command:
    """The command at `path` of the table, which must be there."""
    return next(command for command in COMMANDS if command.path == path)


def find_answer(command: Command) -> "Callable[[Request], Awaitable[Card]]":
    """The function that answers a command; its module is imported now, not before."""
    module, _, name = command.answer.partition(":")
    return cast("Callable[[Request], Awaitable[Card]]", getattr(import_module(module), name))
