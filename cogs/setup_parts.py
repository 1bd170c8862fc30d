"""The menus of the set-up wizard."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

if TYPE_CHECKING:
    from cogs.setup import Wizard


def several(
    wizard: "Wizard",
    part: str,
    none: str,
    options: list[discord.SelectOption],
    into: tuple[str, Callable[[Iterable[str]], Any]],
    *,
    least: int = 0,
    most: int = 25,
) -> None:
    """A select of several; what is chosen goes into that field of the draft."""
    if not options:
        return
    select: ui.Select[Any] = ui.Select(
        custom_id=wizard.part(part),
        placeholder=none or None,
        min_values=least,
        max_values=min(most, len(options)),
        options=options,
        row=0,
    )

    async def chosen(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        await wizard.set(interaction, **{into[0]: into[1](select.values)})

    select.callback = chosen  # type: ignore[method-assign]
    wizard.add_item(select)
