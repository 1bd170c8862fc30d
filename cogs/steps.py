"""What the panel and the wizard stand on: private messages that are edited step by step.

They live as long as Discord lets them be edited, a quarter of an hour after the last press. Each
is known by a key in its custom ids, so that a press on one that this process does not know can
be told from one that it is answering.
"""

import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import discord
from discord import ui
from discord.ext import commands

from cogs.speaking import fail, say

Pressed = Callable[[discord.Interaction[Any]], Awaitable[None]]
log = logging.getLogger(__name__)
# Discord takes edits by an interaction's token for 15 minutes.
LIFETIME = 14 * 60.0
_PREFIX = "aftershock:step:"
# Closed ones are remembered for a second press that is on its way already.
_REMEMBERED = 500


class OpenViews:
    """The panels, wizards and questions that this client is showing, by key.

    The client looks them up by custom id, so what is not here is from before a restart, or has
    waited for too long.
    """

    _of: ClassVar["WeakKeyDictionary[discord.Client, OpenViews]"] = WeakKeyDictionary()

    def __init__(self) -> None:
        self.open: dict[str, str] = {}
        self.closed: deque[str] = deque(maxlen=_REMEMBERED)

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> "OpenViews":
        """Those of the client that received this interaction."""
        return cls._of.setdefault(interaction.client, cls())

    def add(self, again: str) -> str:
        """A new key; `again` says how to come back to it ("type /channel again")."""
        key = f"{secrets.token_hex(6)}:{again.rpartition('/')[2].partition(' ')[0][:12]}"
        self.open[key] = again
        return key

    def remove(self, key: str) -> None:
        """It is closed: a press that is still on its way is no mistake."""
        if self.open.pop(key, None) is not None:
            self.closed.append(key)

    def run_out(self, key: str) -> None:
        """It has waited for too long: a press is told to begin again."""
        self.open.pop(key, None)


def name(key: str, part: str) -> str:
    """The custom id of a part of what has that key."""
    return f"{_PREFIX}{key}:{part}"


def key_of(custom_id: str) -> str | None:
    """The key in a custom id; None where it is not one of these."""
    if not custom_id.startswith(_PREFIX):
        return None
    return custom_id.removeprefix(_PREFIX).rpartition(":")[0]


def left_over(custom_id: str) -> str:
    """What to say to a press on something that has run out, or is from before a restart."""
    command = (key_of(custom_id) or "").rpartition(":")[2]
    if command in ("channel", "setup"):
        return f"This panel is no longer open; type /{command} again."
    return "This question is no longer open; press the button again."


class Leftovers(commands.Cog):
    """Answers presses on what this process has never shown, which would fail otherwise."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Say to a press on a panel that is no longer open what to do."""
        custom_id = str(dict(interaction.data or {}).get("custom_id", ""))
        key, views = key_of(custom_id), OpenViews.of(interaction)
        if key is None or key in views.open or interaction.response.is_done():
            return
        try:
            if key in views.closed:
                await interaction.response.defer()
            else:
                await say(interaction, left_over(custom_id))
        except discord.HTTPException as error:
            log.info("a press on %s could not be answered: %s", custom_id, error)


class Steps(ui.View):
    """A private message with parts that are replaced from step to step.

    `again` says how to come back to it. `draw` makes the message anew: subclasses clear and add
    their items there and return content and embed.
    """

    def __init__(self, views: OpenViews, again: str) -> None:
        super().__init__(timeout=LIFETIME)
        self.views, self.again, self.key = views, again, views.add(again)
        self.last: discord.Interaction[Any] | None = None

    def part(self, custom: str) -> str:
        """The custom id of one of its parts."""
        return name(self.key, custom)

    def button(
        self,
        label: str,
        part: str,
        pressed: Pressed,
        *,
        row: int,
        enabled: bool = True,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    ) -> None:
        """Add a button."""
        made: ui.Button[Any] = ui.Button(
            label=label, custom_id=self.part(part), row=row, disabled=not enabled, style=style
        )
        made.callback = pressed  # type: ignore[method-assign, assignment]
        self.add_item(made)

    async def draw(self) -> tuple[str, discord.Embed | None]:
        """Make the parts anew; the content and the embed of the message."""
        raise NotImplementedError

    async def redraw(self, interaction: discord.Interaction[Any]) -> None:
        """Show the present state in the message; the interaction must be acknowledged."""
        self.last = interaction
        content, embed = await self.draw()
        await interaction.edit_original_response(
            content=content,
            embed=embed,
            view=self,
            attachments=[],
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def end(self, interaction: discord.Interaction[Any], content: str) -> None:
        """Say the last word, without any parts; the interaction must be acknowledged."""
        self.close()
        await interaction.edit_original_response(content=content, view=None)

    def close(self) -> None:
        """Take no more presses."""
        self.views.remove(self.key)
        self.stop()

    async def on_timeout(self) -> None:
        """Take the parts away, and say how to come back."""
        self.views.run_out(self.key)
        if self.last is None:
            return
        try:
            await self.last.edit_original_response(
                content=f"This has waited for a quarter of an hour and is closed; {self.again}.",
                view=None,
            )
        except discord.HTTPException as error:
            log.info("a panel that ran out could not be closed: %s", error)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: ui.Item[Any], /
    ) -> None:
        """Say privately what went wrong; the message stays as it is."""
        await fail(interaction, error, f"{type(self).__name__}, {type(item).__name__}")


class Questions(ui.Modal):
    """A modal whose answer is told from one that was asked before a restart."""

    def __init__(self, views: OpenViews, title: str, again: str) -> None:
        self.views, self.key = views, views.add(again)
        super().__init__(title=title, timeout=LIFETIME, custom_id=name(self.key, "ask"))

    async def answered(self, interaction: discord.Interaction[Any]) -> None:
        """What to do with the answer; its errors are said privately."""
        raise NotImplementedError

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Take the answer; it counts as open until it is acknowledged."""
        try:
            await self.answered(interaction)
        finally:
            self.views.remove(self.key)

    async def on_timeout(self) -> None:
        """Nobody answered; a late answer is told to ask again."""
        self.views.run_out(self.key)

    async def on_error(  # type: ignore[override]
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Say privately what went wrong; a form that was sent is closed all the same."""
        self.stop()
        await fail(interaction, error, type(self).__name__)
