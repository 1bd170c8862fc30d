"""The Share button under a private answer: the same answer for everybody in the channel."""

import asyncio
import io
import logging
from typing import Any, Self

import aiohttp
import discord
from discord import ui

from bot.surfaces.answering import refuse_too_many
from cogs.permissions import person_of
from cogs.place import may_speak
from cogs.replying import QUIET, acknowledge, answering, say_privately
from cogs.speaking import services_of

log = logging.getLogger(__name__)
CUSTOM_ID = "aftershock:share"
MAY_NOT = "You may not send messages in this channel, so you can share nothing here."
NOTHING = "There is nothing here to share; ask the command again."
MOST = 10
PICTURE_SECONDS = 10.0


class Share(ui.DynamicItem[ui.Button[ui.View]], template=CUSTOM_ID):
    """Posts the embeds and pictures of the message that it stands under; keeps no state."""

    def __init__(self) -> None:
        super().__init__(
            ui.Button(label="Share", style=discord.ButtonStyle.secondary, custom_id=CUSTOM_ID)
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: Any, /
    ) -> Self:
        """The button that somebody pressed."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Share, or say privately why not."""
        async with answering(interaction, "Share"):
            message = interaction.message
            if not may_speak(interaction):
                await say_privately(interaction, MAY_NOT)
            elif message is None or not message.embeds:
                await say_privately(interaction, NOTHING)
            else:
                services = services_of(interaction)
                refuse_too_many(services, person_of(interaction), services.clock.now())
                await acknowledge(interaction, private=False)
                embeds, files = await _again(interaction.client, message)
                await interaction.edit_original_response(
                    content=f"Shared by {interaction.user.mention}",
                    embeds=embeds,
                    attachments=files,
                    allowed_mentions=QUIET,
                )


def share_view() -> ui.View:
    """The button alone, for a private answer."""
    view = ui.View(timeout=None)
    view.add_item(Share())
    return view


async def _again(
    client: discord.Client, message: discord.Message
) -> tuple[list[discord.Embed], list[discord.File]]:
    """The embeds of a message with their pictures, which go along as files.

    Discord's own address of a picture in a private message would soon run out. A picture that
    cannot be had any more is left out.
    """
    embeds, files = [], []
    for number, given in enumerate(message.embeds[:MOST]):
        embed = given.copy()
        url = embed.image.url
        if url:
            picture = await _picture(client, url)
            embed.set_image(url=None)
            if picture is not None:
                name = f"chart{number or ''}.png"
                files.append(discord.File(io.BytesIO(picture), name, description=embed.title))
                embed.set_image(url=f"attachment://{name}")
        embeds.append(embed)
    return embeds, files


async def _picture(client: discord.Client, url: str) -> bytes | None:
    """The bytes of a picture that Discord keeps for the bot."""
    try:
        async with asyncio.timeout(PICTURE_SECONDS):
            return await client.http.get_from_cdn(url)
    except (aiohttp.ClientError, OSError, discord.HTTPException) as error:
        log.info("a picture could not be shared: %s", type(error).__name__)
        return None
