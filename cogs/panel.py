"""/channel as a panel: all that a channel gets, and the parts that change it."""

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.cards import to_discord
from bot.errors import UserError
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.answering import line, plainly
from cogs.panel_forms import AddAlert, EditLevels, HowTold
from cogs.permissions import (
    NOT_ALLOWED,
    SERVER_ONLY,
    may_manage,
    may_manage_server,
    receiver_of,
)
from cogs.replying import acknowledge
from cogs.speaking import ask, changed_at, names_of, request_of, say
from cogs.steps import OpenViews, Steps
from storage import guilds
from storage.guilds import GuildSettings

if TYPE_CHECKING:
    from bot.answers.relevel import Choice

PAGE = 25
AGAIN = "type /channel again"


async def show_channel(interaction: discord.Interaction[Any], services: Services) -> None:
    """Answer /channel privately: its card, and for those who may manage what changes it."""
    await acknowledge(interaction, private=True)
    receiver = await receiver_of(interaction, services)
    if not may_manage(interaction):
        rendered = to_discord.answer(await ask("/channel", services, receiver, interaction.user))
        await interaction.edit_original_response(embed=rendered.embed)
        return
    panel = Panel(interaction, services, receiver)
    try:
        await panel.redraw(interaction)
    except BaseException:
        panel.close()
        raise


class Panel(Steps):
    """The panel of one channel, shown to one person who may manage it."""

    def __init__(
        self, interaction: discord.Interaction[Any], services: Services, receiver: Receiver
    ) -> None:
        super().__init__(OpenViews.of(interaction), AGAIN)
        self.services, self.receiver, self.user = services, receiver, interaction.user
        self.guild_id, self.for_server = interaction.guild_id, may_manage_server(interaction)
        self.server = interaction.guild
        self.chosen: Choice | None = None
        self.page = 0
        self.said = ""
        self.guild = GuildSettings()
        self.wishes: dict[str, Any] = {}

    def has_role(self, role: int) -> bool:
        """Whether the server has that role."""
        return self.server is not None and self.server.get_role(role) is not None

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Whoever lost the permission meanwhile is told so."""
        if may_manage(interaction):
            return True
        await say(interaction, NOT_ALLOWED)
        return False

    async def draw(self) -> tuple[str, discord.Embed | None]:
        """The card of /channel, with what was just changed above it."""
        card = await ask("/channel", self.services, self.receiver, self.user)
        from bot.answers.relevel import choices  # not before it is asked: it is slow

        found = await choices(request_of(self.services, self.receiver, self.user))
        if self.guild_id is not None:
            async with self.services.database.read() as connection:
                self.guild = await guilds.guild_of(connection, str(self.guild_id))
        self.wishes = dict(card.facts)
        self._place(found)
        return to_discord.sentence(self.said), to_discord.answer(card).embed

    def _place(self, found: "list[Choice]") -> None:
        self.clear_items()
        numbers = {one.number for one in found}
        if self.chosen is not None and self.chosen.number not in numbers:
            self.chosen = None
        pages = max(1, -(-len(found) // PAGE))
        self.page = min(self.page, pages - 1)
        if found:
            shown = found[self.page * PAGE : (self.page + 1) * PAGE]
            self.add_item(_Which(self, shown, self.page, pages))
        one = self.chosen
        self.button(
            "Remove",
            "remove",
            self._remove,
            row=1,
            enabled=one is not None,
            style=discord.ButtonStyle.danger,
        )
        levels = one is not None and bool(one.levels)
        self.button("Change levels", "levels", self._change_levels, row=1, enabled=levels)
        self.button("Add alert", "add", self._add, row=1)
        self.button("Time zone and hours", "hours", self._hours, row=1)
        if self.for_server:
            self.add_item(_ManagerRole(self))
            public = self.guild.public_answers
            label = "Make answers private" if public else "Make answers public"
            self.button(label, "public", self._public, row=3)
        if pages > 1:
            self.button("Earlier", "earlier", self._earlier, row=3, enabled=self.page > 0)
            self.button("Later", "later", self._later, row=3, enabled=self.page < pages - 1)
        self.button("Close", "close", self._close, row=3)

    async def change(self, interaction: discord.Interaction[Any], command: str) -> None:
        """Run a command that changes this channel, and show what became of it."""
        await self.changed(interaction, (await self.run(interaction, command)).title)

    async def run(self, interaction: discord.Interaction[Any], command: str) -> Card:
        """The card of a command, typed in this channel by whoever pressed; raises UserError."""
        card = await ask(command, self.services, self.receiver, interaction.user)
        await changed_at(interaction, self.receiver)
        return card

    async def changed(self, interaction: discord.Interaction[Any], said: str) -> None:
        """Show the panel anew, with that sentence above it."""
        self.said = said
        await self.redraw(interaction)

    def _picked(self) -> "Choice":
        if self.chosen is None:
            raise UserError("Choose an alert or a subscription in the list first.")
        return self.chosen

    async def _remove(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        one = self._picked()
        command = "/alert remove" if one.target else "/subscribe remove"
        try:
            await self.change(interaction, line(command, number=one.number))
        except UserError as error:  # somebody else removed it: show what is left
            self.chosen = None
            await self.changed(interaction, plainly(error, command))

    async def _change_levels(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(EditLevels(self, self._picked()))

    async def _add(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(AddAlert(self))

    async def _hours(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(HowTold(self))

    async def _public(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        public = not self.guild.public_answers  # as the button that was pressed says
        who = "everybody in the channel sees them" if public else "only who asks sees them"
        await self.choose_for_server(
            interaction, f"Answers to commands: {who}.", public_answers=public
        )

    async def choose_for_server(
        self, interaction: discord.Interaction[Any], said: str, **chosen: Any
    ) -> None:
        """Store a choice for the whole server, if whoever pressed may."""
        if not may_manage_server(interaction):
            raise UserError(SERVER_ONLY)
        guild_id = str(interaction.guild_id)

        async def work(connection: Any) -> GuildSettings:
            before = await guilds.guild_of(connection, guild_id)
            wanted = {
                "manager_role": before.manager_role,
                "public_answers": before.public_answers,
                **chosen,
            }
            settings = GuildSettings(**wanted)
            await guilds.set_guild(connection, guild_id, settings)
            return settings

        names_of(interaction).chose(int(guild_id), await self.services.database.write(work))
        await self.changed(interaction, said)

    async def _earlier(self, interaction: discord.Interaction[Any]) -> None:
        await self._turn(interaction, -1)

    async def _later(self, interaction: discord.Interaction[Any]) -> None:
        await self._turn(interaction, 1)

    async def _turn(self, interaction: discord.Interaction[Any], pages: int) -> None:
        await interaction.response.defer()
        self.page, self.chosen = max(0, self.page + pages), None
        await self.changed(interaction, "")

    async def _close(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        await self.end(interaction, "")


class _Which(ui.Select[Any]):
    """Chooses what the buttons below are about."""

    def __init__(self, panel: Panel, shown: "list[Choice]", page: int, pages: int) -> None:
        self.panel = panel
        which = f", {page + 1} of {pages}" if pages > 1 else ""
        chosen = panel.chosen.number if panel.chosen else None
        super().__init__(
            custom_id=panel.part("which"),
            placeholder=f"Choose an alert or subscription{which}",
            row=0,
            options=[
                discord.SelectOption(
                    label=_cut(f"{one.number}: {one.what}", 100),
                    value=str(one.number),
                    default=one.number == chosen,
                )
                for one in shown
            ],
        )
        self.by_value = {str(one.number): one for one in shown}

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        self.panel.chosen = self.by_value.get(self.values[0])
        await self.panel.changed(interaction, "")


class _ManagerRole(ui.RoleSelect[Any]):
    """Chooses who may manage channels beside those who may anyway."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        chosen = panel.guild.manager_role
        if chosen is not None and not panel.has_role(int(chosen)):
            chosen = None  # it was deleted since
        super().__init__(
            custom_id=panel.part("role"),
            placeholder="A role that may change what channels get",
            min_values=0,
            max_values=1,
            row=2,
            default_values=[discord.Object(int(chosen), type=discord.Role)] if chosen else [],
        )

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        role = self.values[0] if self.values else None
        said = (
            "Only who has Manage Channels may change what channels get."
            if role is None
            else f"The role {role.name} may change what this server's channels get."
        )
        await self.panel.choose_for_server(
            interaction, said, manager_role=None if role is None else str(role.id)
        )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
