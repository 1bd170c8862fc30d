"""Acknowledging an interaction, and saying privately what went wrong with it."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord

from bot.cards import to_discord
from bot.errors import UserError
from bot.surfaces.answering import plainly, what_failed

log = logging.getLogger(__name__)

QUIET = discord.AllowedMentions.none()
# Unknown interactions and webhooks, and tokens that are older than a quarter of an hour.
_TOO_LATE = (10062, 10015, 50027)
_ACKNOWLEDGED = 40060
_BROKEN = (aiohttp.ClientError, OSError)
_PRIVATE = "private"


@asynccontextmanager
async def answering(interaction: discord.Interaction, what: str) -> AsyncIterator[None]:
    """Whatever goes wrong within is said privately: a mistake as it is, a fault of ours as ours."""
    try:
        try:
            yield
        except UserError as error:
            await say_privately(interaction, plainly(error, what))
        except discord.HTTPException as error:
            if error.code in _TOO_LATE:
                raise
            log.exception("%s could not be answered", what)
            await say_privately(interaction, what_failed(error))
        except Exception as error:
            log.exception("%s could not be answered", what)
            await say_privately(interaction, what_failed(error))
    except discord.HTTPException as error:
        if error.code in _TOO_LATE:
            log.info("%s was answered too late", what)
        else:
            log.warning("what went wrong with %s could not be said: %s", what, error)
    except _BROKEN as error:
        log.warning("what went wrong with %s could not be said: %s", what, type(error).__name__)


async def acknowledge(interaction: discord.Interaction, *, private: bool) -> None:
    """Tell Discord at once that an answer comes, and who will see it.

    Where the connection broke nobody knows whether Discord was told; it takes only one.
    """
    try:
        await once_more(lambda: interaction.response.defer(ephemeral=private, thinking=True))
    except discord.HTTPException as error:
        if error.code != _ACKNOWLEDGED:
            raise
    interaction.extras[_PRIVATE] = private


async def once_more(send: Callable[[], Awaitable[Any]]) -> None:
    """Send what does no harm if Discord gets it twice; again where the connection broke."""
    try:
        await send()
    except _BROKEN as error:
        log.info("sent to Discord once more: %s", type(error).__name__)
        await send()


async def edit(interaction: discord.Interaction, **content: Any) -> None:
    """Put something without files in place of "is thinking"."""
    await once_more(lambda: interaction.edit_original_response(allowed_mentions=QUIET, **content))


async def say_privately(interaction: discord.Interaction, text: str) -> None:
    """A sentence that only whoever asked sees, wherever the interaction stands."""
    content = to_discord.sentence(text)
    if not interaction.response.is_done() and _PRIVATE not in interaction.extras:
        await interaction.response.send_message(content, ephemeral=True, allowed_mentions=QUIET)
    elif interaction.extras.get(_PRIVATE, True):
        await edit(interaction, content=content, embeds=[], attachments=[], view=None)
    else:  # everybody would see it in place of the answer
        await interaction.delete_original_response()
        await interaction.followup.send(content, ephemeral=True, allowed_mentions=QUIET)
