"""The prompt: slash commands typed at a terminal, or lines piped into it."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands import parse
from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.answering import NO_MEMORY, answer
from bot.surfaces.terminal import Terminal

if TYPE_CHECKING:  # slow to import, and piped lines need none of it
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    from bot.surfaces.names import Names

log = logging.getLogger(__name__)

LEAVE = {"exit", "quit", "/exit", "/quit"}


async def converse(
    services: Services, receiver: Receiver, terminal: Terminal, history: Path | None
) -> None:
    """Answer commands until the input ends or somebody says `exit`."""
    ask = _at_terminal(services, receiver, history) if sys.stdin.isatty() else _piped
    while True:
        line = await ask()
        if line is None or line.strip().lower() in LEAVE:
            return
        if line.strip():
            await _answer_line(line, services, receiver, terminal)


async def _answer_line(
    line: str, services: Services, receiver: Receiver, terminal: Terminal
) -> None:
    """Answer one line. Whatever goes wrong with it ends neither the prompt nor `run`."""
    try:
        await terminal.card(await answer(parse(line), services, receiver, services.clock.now()))
    except UserError as error:
        terminal.line(f"{error}\n")
    except BrokenPipeError:  # nobody reads any more
        raise
    except MemoryError:
        log.exception("could not answer %r", line)
        terminal.line(f"{NO_MEMORY}\n")
    except Exception as error:
        log.exception("could not answer %r", line)
        terminal.line(
            f"That could not be answered: an error of the program ({type(error).__name__}). "
            "Everything else goes on.\n"
        )


async def _piped() -> str | None:
    line = await asyncio.to_thread(sys.stdin.readline)
    return line or None


def _at_terminal(
    services: Services, receiver: Receiver, history: Path | None
) -> Callable[[], Awaitable[str | None]]:
    """Lines typed with completion, of what is known when each begins."""
    from bot.surfaces.names import Names, refresh

    names = Names()
    ask_line = typed(names, history, receiver)

    async def ask() -> str | None:
        try:
            await refresh(names, services)
        except Exception:  # completion is a convenience; the line can be typed without it
            log.exception("names to complete could not be read")
        return await ask_line()

    return ask


def typed(
    names: "Names", history: Path | None, receiver: Receiver
) -> Callable[[], Awaitable[str | None]]:
    """Reads lines at the terminal, completed from `names`; None where somebody leaves."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.patch_stdout import patch_stdout

    from bot.surfaces.completion import LineCompleter

    session: PromptSession[str] = PromptSession(
        history=_history(history),
        completer=LineCompleter(names, receiver),
        complete_while_typing=True,
        key_bindings=_keys(),
    )

    async def ask() -> str | None:
        try:
            with patch_stdout(raw=True):
                return await session.prompt_async("aftershock> ")
        except (EOFError, KeyboardInterrupt):
            return None

    return ask


def _history(path: Path | None) -> "History":
    """Earlier lines in a file, or where it cannot be written in memory."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    if path is None:
        return InMemoryHistory()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))


def _keys() -> "KeyBindings":
    """Ctrl-C clears a line that was begun; on an empty one it leaves."""
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("c-c")
    def clear_or_leave(event: "KeyPressEvent") -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt)

    return keys
