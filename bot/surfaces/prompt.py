"""The prompt: slash commands typed at a terminal, or lines piped into it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.commands import COMMANDS, parse
from bot.errors import UserError
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.answering import answer
from bot.surfaces.terminal import Terminal

LEAVE = {"exit", "quit", "/exit", "/quit"}


async def converse(
    services: Services, receiver: Receiver, terminal: Terminal, history: Path | None
) -> None:
    """Answer commands until the input ends or somebody says `exit`."""
    ask = _typed(history) if sys.stdin.isatty() else _piped
    while True:
        line = await ask()
        if line is None or line.strip().lower() in LEAVE:
            return
        if line.strip():
            await _answer_line(line, services, receiver, terminal)


async def _answer_line(
    line: str, services: Services, receiver: Receiver, terminal: Terminal
) -> None:
    try:
        card: Card = await answer(parse(line), services, receiver, services.clock.now())
    except UserError as error:
        terminal.line(f"{error}\n")
    else:
        await terminal.card(card)


async def _piped() -> str | None:
    line = await asyncio.to_thread(sys.stdin.readline)
    return line or None


def _typed(history: Path | None) -> Callable[[], Awaitable[str | None]]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import NestedCompleter
    from prompt_toolkit.history import FileHistory, InMemoryHistory
    from prompt_toolkit.patch_stdout import patch_stdout

    if history is not None:
        history.parent.mkdir(parents=True, exist_ok=True)
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(history)) if history else InMemoryHistory(),
        completer=NestedCompleter.from_nested_dict(completions()),
        complete_while_typing=True,
    )

    async def ask() -> str | None:
        try:
            with patch_stdout(raw=True):
                return await session.prompt_async("aftershock> ")
        except (EOFError, KeyboardInterrupt):
            return None

    return ask


def completions() -> dict[str, dict[str, None] | None]:
    """The commands as the prompt completes them: group, then subcommand."""
    tree: dict[str, dict[str, None] | None] = {"exit": None}
    for command in COMMANDS:
        name = f"/{command.path[0]}"
        if len(command.path) == 1:
            tree[name] = None
        else:
            branch = tree.setdefault(name, {})
            assert branch is not None
            branch[command.path[1]] = None
    return tree
