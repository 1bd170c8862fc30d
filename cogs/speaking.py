"""Asking the commands of the table on behalf of a press, and showing their cards privately."""

import asyncio
import io
import logging
from typing import Any, Protocol, cast

import discord

from bot.cards import charts, to_discord
from bot.cards.to_discord import Rendered
from bot.commands import COMMANDS, parse
from bot.errors import UserError
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.services import Request, Services
from bot.surfaces.answering import answer, plainly, what_failed
from bot.surfaces.names import Names, relearn
from cogs.permissions import person_key

log = logging.getLogger(__name__)
# What a slow machine may take for a chart, behind those of others.
CHART_SECONDS = 30.0
# Said in the footer, where an embed has room for it.
NO_CHART, ROOM = "The chart could not be drawn.", 100
# Interactions, webhooks and tokens that are gone or too old; a message that somebody deleted.
_TOO_LATE = (10062, 10015, 50027, 10008)


class Client(Protocol):
    """The client that the bot runs as."""

    services: Services
    names: Names


def services_of(interaction: discord.Interaction) -> Services:
    """What the client of an interaction was given."""
    return cast(Client, interaction.client).services


def names_of(interaction: discord.Interaction) -> Names:
    """What the client of an interaction keeps in memory."""
    return cast(Client, interaction.client).names


async def learn(names: Names, services: Services, place: Receiver) -> None:
    """Know for completion what has just been changed at `place`."""
    try:
        await relearn(names, services, place)
    except Exception:  # the change stands; completion can wait for the next minute
        log.exception("names to complete could not be read")


async def changed_at(interaction: discord.Interaction, place: Receiver) -> None:
    """After a press that changed something at `place`: completion offers what is there now."""
    client = cast(Client, interaction.client)
    await learn(client.names, client.services, place)


async def ask(
    text: str, services: Services, receiver: Receiver, user: discord.User | discord.Member
) -> Card:
    """The card that answers a command typed in that channel by that person; raises UserError."""
    return await answer(
        parse(text),
        services,
        receiver,
        services.clock.now(),
        asker=user.display_name,
        person=person_key(user),
    )


def request_of(
    services: Services,
    receiver: Receiver,
    user: discord.User | discord.Member,
    text: str = "/channel",
) -> Request:
    """A command typed in that channel by that person, read; raises UserError."""
    return Request(
        parse(text).options, services, receiver, services.clock.now(), COMMANDS, user.display_name
    )


async def files(rendered: Rendered) -> list[discord.File]:
    """The chart of a rendered card, drawn, as its embed refers to it; none where it is not to be
    had soon, and then the embed shows none: the words do without it.
    """
    chart = rendered.chart
    if chart is None:
        return []
    try:
        async with asyncio.timeout(CHART_SECONDS):
            picture = await charts.draw(chart, dark=True)
    except Exception:  # whatever it is, there is an answer
        log.exception("the chart %r is left out of an answer", chart.title)
        embed = rendered.embed.set_image(url=None)
        if len(embed) + ROOM < to_discord.EMBED:
            embed.set_footer(text=" · ".join(filter(None, (embed.footer.text, NO_CHART))))
        return []
    return [discord.File(io.BytesIO(picture), to_discord.CHART, description=chart.alt)]


async def show(interaction: discord.Interaction, card: Card) -> None:
    """Answer a press privately with a card."""
    rendered = to_discord.answer(card)
    await interaction.followup.send(
        embed=rendered.embed, files=await files(rendered), ephemeral=True
    )


async def say(interaction: discord.Interaction, text: str) -> None:
    """Answer a press privately with a sentence, whether or not it was acknowledged."""
    content, quiet = to_discord.sentence(text), discord.AllowedMentions.none()
    if interaction.response.is_done():
        await interaction.followup.send(content, ephemeral=True, allowed_mentions=quiet)
    else:
        await interaction.response.send_message(content, ephemeral=True, allowed_mentions=quiet)


async def fail(interaction: discord.Interaction, error: Exception, what: Any) -> None:
    """Tell whoever pressed what went wrong: their mistake as it is, ours only as ours."""
    if isinstance(error, UserError):
        text = plainly(error, str(what))
    elif isinstance(error, discord.HTTPException) and error.code in _TOO_LATE:
        log.info("%s could not be answered any more: %s", what, error)
        return
    else:
        log.error("%s failed", what, exc_info=error)
        text = what_failed(error)
    try:
        await say(interaction, text)
    except discord.HTTPException as late:
        log.info("%s could not be answered: %s", what, late)
