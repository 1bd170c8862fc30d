"""A small bot of the real client library, that the tests of the loopback Discord run."""

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from tests.servers.discord import DiscordServer, logged_in

Prepare = Callable[["Bot"], None]


class Bot(commands.AutoShardedBot):
    """Starts without the client's usual waits, with the commands a test gives it."""

    def __init__(self, prepare: Prepare | None = None, **more: Any) -> None:
        intents = more.pop("intents", discord.Intents(guilds=True))
        super().__init__("!", intents=intents, guild_ready_timeout=0.05, **more)
        self.prepare = prepare
        self.events: list[str] = []

    async def setup_hook(self) -> None:
        if self.prepare:
            self.prepare(self)
            await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without the five seconds between shards."""

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Note what happens, then let it happen."""
        self.events.append(event)
        super().dispatch(event, *args, **kwargs)


@asynccontextmanager
async def started(
    server: DiscordServer, prepare: Prepare | None = None, **more: Any
) -> AsyncIterator[Bot]:
    """A bot that is logged in and ready."""
    bot = Bot(prepare, **more)
    async with logged_in(server, bot):
        yield bot


class Note(discord.ui.Modal, title="A note"):
    """A form with a text and a menu."""

    text: discord.ui.Label[Any] = discord.ui.Label(
        text="Text", component=discord.ui.TextInput(custom_id="text", max_length=20)
    )
    tone: discord.ui.Label[Any] = discord.ui.Label(
        text="Tone",
        component=discord.ui.Select(
            custom_id="tone", options=[discord.SelectOption(label="Dry", value="dry")]
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Say privately what was filled in."""
        assert isinstance(self.text.component, discord.ui.TextInput)
        assert isinstance(self.tone.component, discord.ui.Select)
        said = f"{self.text.component.value}, {self.tone.component.values[0]}"
        await interaction.response.send_message(f"noted {said}", ephemeral=True)


class More(discord.ui.View):
    """Two buttons and a menu of channels."""

    @discord.ui.button(label="Again", custom_id="again")
    async def again(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        """Change the message it is on."""
        await interaction.response.edit_message(content="again")

    @discord.ui.button(label="Note", custom_id="note")
    async def note(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        """Open the form."""
        await interaction.response.send_modal(Note(custom_id="form"))

    @discord.ui.select(cls=discord.ui.ChannelSelect, custom_id="where")
    async def where(
        self, interaction: discord.Interaction, chosen: discord.ui.ChannelSelect[Any]
    ) -> None:
        """Say later what was chosen."""
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"in {chosen.values[0].name}")


def drawdown(bot: Bot) -> None:
    """/drawdown: thinks privately, then shows a chart with buttons, then says more."""

    @bot.tree.command(name="drawdown", description="How far below its peak")
    async def drawdown(
        interaction: discord.Interaction, target: str, window: app_commands.Range[int, 1, 500] = 252
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        file = discord.File(io.BytesIO(b"png"), "chart.png", description="a chart")
        embed = discord.Embed(title=f"{target} over {window}")
        embed.set_image(url="attachment://chart.png")
        await interaction.edit_original_response(embed=embed, attachments=[file], view=More())
        await interaction.followup.send("more", ephemeral=True)

    @drawdown.autocomplete("target")
    async def target(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}DA", value="NVDA")]


def whereabouts(bot: Bot) -> None:
    """/who say: says where it was asked and by whom, everywhere; /manage: for who may manage."""
    group = app_commands.Group(
        name="who",
        description="Who and where",
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        ),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
    )

    @group.command(name="say", description="Say it")
    async def say(
        interaction: discord.Interaction,
        member: discord.Member | None = None,
        role: discord.Role | None = None,
        channel: discord.TextChannel | None = None,
    ) -> None:
        context = interaction.context
        place = "server" if context.guild else "direct" if context.dm_channel else "private"
        how = "user" if interaction.is_user_integration() else "guild"
        manages = interaction.permissions.manage_channels
        named = [each.name for each in (member, role, channel) if each]
        text = f"{place} {how} {interaction.user.name} {manages} {named}"
        await interaction.response.send_message(text)

    bot.tree.add_command(group)

    @bot.tree.command(name="manage", description="Manage")
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def manage(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("managed")
        await interaction.delete_original_response()
