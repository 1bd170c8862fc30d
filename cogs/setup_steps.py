"""The steps of the set-up wizard: what each asks, and with which parts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.cards.to_discord import plain
from bot.model.wording import count, listing
from cogs.draft import FRONTIER, figures, levels_offered
from cogs.finishing import planned
from cogs.permissions import NOT_ALLOWED, may_manage_with
from cogs.setup_forms import OtherLevels, ZoneAndHours
from cogs.setup_parts import several
from cogs.speaking import say

if TYPE_CHECKING:
    from cogs.setup import Wizard

_CHANNELS = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
]


class Step:
    """One step: a title, what it says, and the parts that it puts into the message."""

    title = ""

    def text(self, wizard: "Wizard") -> str:
        """What it says; Discord's markdown."""
        raise NotImplementedError

    def place(self, wizard: "Wizard") -> None:
        """Add its parts."""


class Channel(Step):
    title = "channel"

    def text(self, wizard: "Wizard") -> str:
        found, has = len(wizard.present.found), "It gets nothing yet."
        if found:
            has = f"It gets {count(found, 'subscription')} already; the next steps show them."
        return (
            f"Where to post: **{plain(wizard.receiver.title)}**. {has}\n"
            "A text or announcement channel, a thread, or a post of a forum."
        )

    def place(self, wizard: "Wizard") -> None:
        wizard.add_item(_Where(wizard))


class Baskets(Step):
    title = "baskets"

    def text(self, wizard: "Wizard") -> str:
        return (
            "Which baskets of stocks to follow as one. One message tells of a fall, with a table "
            "of its members."
        )

    def place(self, wizard: "Wizard") -> None:
        draft = wizard.draft
        options = [
            discord.SelectOption(
                label=_cut(one.name),
                value=target[:100],
                description=_cut(f"{one.title}, {len(one.members)} symbols"),
                default=target in draft.baskets,
            )
            for target, one in wizard.offer.baskets.items()
        ]
        several(wizard, "baskets", "No basket", options, ("baskets", tuple))


class Levels(Step):
    title = "levels"

    def text(self, wizard: "Wizard") -> str:
        return (
            f"How far below its peak of a year a basket must fall to be told: "
            f"**{figures(wizard.draft.levels)}** percent. Each is told once, and again only after "
            "a recovery."
        )

    def place(self, wizard: "Wizard") -> None:
        chosen = set(wizard.draft.levels)
        options = [
            discord.SelectOption(label=f"{one:g}%", value=f"{one:g}", default=one in chosen)
            for one in levels_offered(wizard.draft)
        ]
        several(wizard, "levels", "", options, ("levels", _as_levels), least=1, most=10)

        async def ask(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_modal(OtherLevels(wizard))

        wizard.button("Other levels", "other", ask, row=1)


class Labs(Step):
    title = "new models"

    def text(self, wizard: "Wizard") -> str:
        said = (
            "Whose new models to tell. All frontier labs means their language models; a lab by "
            "its name means all that it releases."
        )
        labs = wizard.services.releases.labs
        named = [plain(labs[key].name) if key in labs else plain(key) for key in _unseen(wizard)]
        return f"{said} {listing(named)}: told as before; /channel ends that." if named else said

    def place(self, wizard: "Wizard") -> None:
        chosen = wizard.draft.labs
        options = [
            discord.SelectOption(
                label="All frontier labs",
                value=FRONTIER,
                description="language models of the labs that move the field",
                default=FRONTIER in chosen,
            )
        ]
        options += [
            discord.SelectOption(label=_cut(lab.name), value=key, default=key in chosen)
            for key, lab in wizard.offer.labs.items()
        ]
        labs, unseen = wizard.offer.labs, _unseen(wizard)

        def read(values: Iterable[str]) -> tuple[str, ...]:
            picked = tuple(values)
            if FRONTIER in picked:
                picked = tuple(one for one in picked if one == FRONTIER or not labs[one].frontier)
            # The menu is too short for all labs; one that it lacks cannot have been taken out.
            return (*picked, *unseen)

        several(wizard, "labs", "No new models", options, ("labs", read))


def _unseen(wizard: "Wizard") -> tuple[str, ...]:
    """Labs that are told and for which the menu has no room."""
    labs = wizard.offer.labs
    return tuple(key for key in wizard.draft.labs if key != FRONTIER and key not in labs)


class Hours(Step):
    title = "time zone and quiet hours"

    def text(self, wizard: "Wizard") -> str:
        draft = wizard.draft
        quiet = "none" if draft.quiet == "off" else draft.quiet
        return (
            f"Time zone **{plain(draft.time_zone)}**, quiet hours **{quiet}**.\n"
            "What happens in quiet hours is summed up when they end."
        )

    def place(self, wizard: "Wizard") -> None:
        async def ask(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_modal(ZoneAndHours(wizard))

        wizard.button("Change", "hours", ask, row=0)


class Check(Step):
    title = "look it over"

    def text(self, wizard: "Wizard") -> str:
        lines = [f"In **{plain(wizard.receiver.title)}**:", *planned(wizard)]
        if wizard.missing:
            lines.append(
                f"The bot lacks {listing(wizard.missing)} there. Grant it in that channel's "
                "settings, under Permissions, to the bot's role; then press Check again."
            )
        else:
            lines.append("The bot has the permissions that it needs there.")
        lines.append("Finish stores this and posts a sample.")
        return "\n".join(lines)

    def place(self, wizard: "Wizard") -> None:
        async def again(interaction: discord.Interaction[Any]) -> None:
            await wizard.go(interaction, 0)

        if wizard.missing:
            wizard.button("Check again", "again", again, row=0)


STEPS: tuple[Step, ...] = (Channel(), Baskets(), Levels(), Labs(), Hours(), Check())


def navigation(wizard: "Wizard") -> None:
    """The way back, on and out."""

    async def back(interaction: discord.Interaction[Any]) -> None:
        await wizard.go(interaction, -1)

    async def on(interaction: discord.Interaction[Any]) -> None:
        await wizard.go(interaction, 1)

    wizard.button("Back", "back", back, row=4, enabled=wizard.at > 0)
    if wizard.last_step:
        wizard.button("Finish", "finish", wizard.finish, row=4, style=discord.ButtonStyle.primary)
    else:
        wizard.button("Next", "next", on, row=4, style=discord.ButtonStyle.primary)
    wizard.button("Cancel", "cancel", wizard.cancel, row=4)


class _Where(ui.ChannelSelect[Any]):
    """Chooses the channel."""

    def __init__(self, wizard: "Wizard") -> None:
        self.wizard = wizard
        present = discord.SelectDefaultValue(
            id=int(wizard.receiver.address), type=discord.SelectDefaultValueType.channel
        )
        super().__init__(
            custom_id=wizard.part("channel"),
            channel_types=_CHANNELS,
            default_values=[present],
            row=0,
        )

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        channel, wizard = self.values[0], self.wizard
        if may_manage_with(interaction, channel.permissions):
            await wizard.choose(channel.id, f"#{channel.name}", channel.permissions)
        else:
            await say(interaction, NOT_ALLOWED)
        await wizard.redraw(interaction)


def _as_levels(values: Iterable[str]) -> tuple[float, ...]:
    return tuple(sorted(float(value) for value in values))


def _cut(text: str) -> str:
    return text if len(text) <= 100 else text[:99].rstrip() + "…"
