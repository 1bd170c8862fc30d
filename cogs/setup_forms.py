"""The questions that the set-up wizard asks in forms: other levels, time zone and quiet hours."""

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.model.rule import PPM, Condition
from bot.values import read_levels
from cogs.draft import figures
from cogs.steps import Questions

if TYPE_CHECKING:
    from cogs.setup import Wizard


class OtherLevels(Questions):
    """Levels that the list does not have."""

    def __init__(self, wizard: "Wizard") -> None:
        super().__init__(wizard.views, "Levels", wizard.again)
        self.wizard = wizard
        self.entry: ui.TextInput[Any] = ui.TextInput(
            custom_id="levels", default=figures(wizard.draft.levels), max_length=100
        )
        self.add_item(
            ui.Label(
                text="Levels in percent", description="such as 7.5, 12.5", component=self.entry
            )
        )

    async def answered(self, interaction: discord.Interaction[Any]) -> None:
        from bot.answers.rules import make_rule  # not before it is asked: it is slow

        await interaction.response.defer()
        given = [level * 100 for level in read_levels(self.entry.value)]
        settings = self.wizard.services.settings.alerts
        rule = make_rule("ai", Condition.DRAWDOWN, given, None, settings, members=None)
        await self.wizard.set(interaction, levels=tuple(level * 100 / PPM for level in rule.levels))


class ZoneAndHours(Questions):
    """Time zone and quiet hours."""

    def __init__(self, wizard: "Wizard") -> None:
        super().__init__(wizard.views, "Time zone and hours", wizard.again)
        self.wizard = wizard
        self.zone: ui.TextInput[Any] = ui.TextInput(
            custom_id="timezone", default=wizard.draft.time_zone, max_length=64
        )
        self.quiet: ui.TextInput[Any] = ui.TextInput(
            custom_id="quiet", default=wizard.draft.quiet, max_length=20
        )
        hint = "such as Europe/Berlin or Asia/Taipei"
        self.add_item(ui.Label(text="Time zone", description=hint, component=self.zone))
        hint = "such as 22:00-07:00, or off"
        self.add_item(ui.Label(text="Quiet hours", description=hint, component=self.quiet))

    async def answered(self, interaction: discord.Interaction[Any]) -> None:
        from bot.answers.channel import read_quiet, read_zone  # not before it is asked: it is slow

        await interaction.response.defer()
        start, end = read_quiet(self.quiet.value)
        quiet = "off"
        if start is not None and end is not None:
            quiet = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
        await self.wizard.set(interaction, time_zone=read_zone(self.zone.value), quiet=quiet)
