"""What the log says of Discord's connection: one line for what happens every day."""

import logging

import aiohttp
import discord


def short(error: BaseException) -> str:
    """An error in a few words: Discord's pages of HTML would fill the log."""
    text = str(error).splitlines()
    return f"{type(error).__name__}: {text[0][:120]}" if text and text[0] else type(error).__name__


class _WithoutTraceback(logging.Filter):
    """Connections break; that is one line in the log, not thirty."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without the traceback of what happens every day."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if isinstance(
            error, (OSError, TimeoutError, discord.ConnectionClosed, aiohttp.ClientError)
        ):
            record.msg, record.args = f"{record.getMessage()} ({short(error)})", ()
            record.exc_info = None
        return True


def quieten() -> None:
    """Have discord.py's log say in a line that a connection broke."""
    for name in ("discord.client", "discord.shard", "discord.gateway"):
        logger = logging.getLogger(name)
        if not any(isinstance(one, _WithoutTraceback) for one in logger.filters):
            logger.addFilter(_WithoutTraceback())
