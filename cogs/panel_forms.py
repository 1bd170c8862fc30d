"""The questions that the channel panel asks: levels, a new alert, time zone and hours."""

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.commands import COMMANDS
from bot.errors import UserError
from bot.surfaces.answering import line
from cogs.permissions import NOT_ALLOWED, may_manage
from cogs.place import refuse_mute
from cogs.speaking import changed_at, request_of, say
from cogs.steps import Questions

if TYPE_CHECKING:
    from bot.answers.relevel import Choice
    from cogs.panel import Panel

CONDITIONS = next(
    option.choices
    for command in COMMANDS
    if command.path == ("alert", "add")
    for option in command.options
    if option.name == "condition"
)
# Ten prices of six digits and as many decimals are 150 characters.
LONGEST = 200
# What each condition watches for, in the words of a list.
_EXPLAINED = {
    "drawdown": "falls so many percent below its peak",
    "move": "moves so many percent in a day",
    "above": "rises above a price",
    "below": "falls below a price",
    "high": "reaches a new 52-week high",
    "low": "reaches a new 52-week low",
    "pe-above": "forward P/E rises above a figure",
    "pe-below": "forward P/E falls below a figure",
    "crowding": "stocks of a basket move as one",
    "volatility": "swings more than it usually does",
}


class PanelQuestions(Questions):
    """Questions whose answer changes the panel that asked them."""

    def __init__(self, panel: "Panel", title: str) -> None:
        super().__init__(panel.views, title[:45], panel.again)
        self.panel = panel

    def ask(self, label: str, name: str, present: str, hint: str, *, required: bool = True) -> Any:
        """Add a line to fill in, with what it is now."""
        entry: ui.TextInput[Any] = ui.TextInput(
            custom_id=name, default=present or None, required=required, max_length=LONGEST
        )
        self.add_item(ui.Label(text=label, description=hint, component=entry))
        return entry

    async def answered(self, interaction: discord.Interaction[Any]) -> None:
        """Store the answer, unless whoever gave it may not any more."""
        await interaction.response.defer()
        if not may_manage(interaction):
            await say(interaction, NOT_ALLOWED)
            return
        await self.store(interaction)

    async def store(self, interaction: discord.Interaction[Any]) -> None:
        """Store the answer and show the panel anew; raises UserError."""
        raise NotImplementedError


class EditLevels(PanelQuestions):
    """Other levels for an alert."""

    def __init__(self, panel: "Panel", choice: "Choice") -> None:
        if not choice.levels:
            raise UserError(f"Number {choice.number} has no levels to change.")
        super().__init__(panel, f"Alert {choice.number}")
        self.choice = choice
        self.levels = self.ask("Levels", "levels", choice.levels, f"Now: {choice.what}"[:100])

    async def store(self, interaction: discord.Interaction[Any]) -> None:
        from bot.answers.relevel import relevel  # not before it is asked: it is slow

        panel, one = self.panel, self.choice
        text = line(
            "/alert add", target=one.target, condition=one.condition, levels=self.levels.value
        )
        request = request_of(panel.services, panel.receiver, interaction.user, text)
        card = await relevel(request, one.number)
        await changed_at(interaction, panel.receiver)
        panel.chosen = None
        await panel.changed(interaction, card.title)


class AddAlert(PanelQuestions):
    """A new alert: what, on which condition, at which levels."""

    def __init__(self, panel: "Panel") -> None:
        super().__init__(panel, "Add an alert")
        self.target = self.ask("Symbol or basket", "target", "", "such as NVDA or ai")
        self.condition: ui.Select[Any] = ui.Select(
            custom_id="condition",
            options=[
                discord.SelectOption(
                    label=name, value=name, description=_EXPLAINED[name], default=at == 0
                )
                for at, name in enumerate(CONDITIONS)
            ],
        )
        self.add_item(ui.Label(text="Condition", component=self.condition))
        hint = "percent (5, 10, 20), a price or a P/E; empty for the usual ones"
        self.levels = self.ask("Levels", "levels", "", hint, required=False)

    async def store(self, interaction: discord.Interaction[Any]) -> None:
        refuse_mute(interaction)
        await self.panel.change(
            interaction,
            line(
                "/alert add",
                target=self.target.value,
                condition=self.condition.values[0],
                levels=self.levels.value.strip() or None,
            ),
        )


class HowTold(PanelQuestions):
    """Time zone, quiet hours and the hourly cap."""

    def __init__(self, panel: "Panel") -> None:
        super().__init__(panel, "Time zone and hours")
        self.now = {
            "timezone": str(panel.wishes["time_zone"]),
            "quiet": panel.wishes["quiet"] or "off",
            "cap": str(panel.wishes["hourly_cap"]),
        }
        self.entries = {
            "timezone": self.ask(
                "Time zone", "timezone", self.now["timezone"], "such as Europe/Berlin"
            ),
            "quiet": self.ask(
                "Quiet hours", "quiet", self.now["quiet"], "such as 22:00-07:00, or off"
            ),
            "cap": self.ask(
                "Messages within an hour, at most", "cap", self.now["cap"], "a whole number"
            ),
        }

    async def store(self, interaction: discord.Interaction[Any]) -> None:
        given = {name: entry.value.strip() for name, entry in self.entries.items()}
        changed = {name: text for name, text in given.items() if text != self.now[name]}
        if not changed:
            await self.panel.changed(interaction, "Nothing was changed.")
            return
        names = {"timezone": "time zone", "quiet": "quiet hours", "cap": "messages an hour"}
        await self.panel.run(interaction, line("/channel", **changed))
        what = ", ".join(names[name] for name in changed)
        await self.panel.changed(interaction, f"Changed: {what}.")
