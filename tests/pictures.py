"""`make pictures`: the README's pictures, from a real replay through the real renderers."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console, Group
from rich.text import Text

from bot.answers.pressed import LABELS
from bot.cards import to_discord, to_slack
from bot.cards.slack_names import EXPLAIN, SILENCE, SNOOZE_1D, SNOOZE_1H
from bot.cards.to_text import to_rich
from bot.model.card import Card
from bot.surfaces.console import Shown
from bot.surfaces.slack.wording import card_for_slack
from bot.surfaces.terminal import heading
from tests.discord_picture import discord_svg
from tests.january import told_in_january
from tests.slack_picture import slack_svg

# The alert is sent when both polls of the close agree.
AGO = "5 minutes ago"
DOCS = Path(__file__).parents[1] / "docs"
# Rich's own template names a font on the network; a README must not load anything.
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}"
 xmlns="http://www.w3.org/2000/svg" xml:space="preserve">
<style>
.{unique_id}-matrix {{
  font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: 20.26px; line-height: {line_height}px; white-space: pre;
}}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>{lines}</defs>
<rect fill="#1e1f24" width="{width}" height="{height}" rx="8"/>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


# Under an alert on Discord.
BUTTONS = tuple(LABELS.values())


def pictured(messages: Sequence[Shown], study: Card) -> tuple[Shown, Shown, Card]:
    """Of what is told in January 2025: the release of the 20th and the alert of the 27th, as the
    demo prints them, and the beginning of the answer to the question with its chart.
    """
    release = next(m for m in messages if m.notification.facts.get("model") == "DeepSeek-R1")
    shock = next(m for m in messages if m.at.date() == date(2025, 1, 27) and m.card.chart)
    return release, shock, begun(study)


def begun(card: Card) -> Card:
    """The first lines of a card that is too long for a picture, and its chart."""
    return replace(card, text="\n".join(card.text.split("\n")[:2]), fields=(), table=None)


def in_slack(card: Card) -> to_slack.Rendered:
    """The card as a channel in Slack gets it, with the buttons of an alert."""
    buttons = (EXPLAIN, SNOOZE_1H, SNOOZE_1D, SILENCE)
    return to_slack.alert(card_for_slack(card), nonce="0" * 24, actions=buttons)


async def main() -> None:
    """Draw the pictures anew: of a terminal, and of channels in Discord and Slack."""
    release, shock, study = pictured(*await told_in_january())
    console = Console(record=True, width=82, file=io.StringIO(), force_terminal=True)
    for shown in (release, shock):
        console.print(Group(Text(heading(shown), "dim"), to_rich(shown.card, width=78), Text()))
    DOCS.mkdir(exist_ok=True)
    svg = console.export_svg(title="", code_format=SVG, unique_id="aftershock")
    (DOCS / "alert.svg").write_text(svg, "utf-8")
    message = to_discord.alert(shock.card)
    (DOCS / "discord.svg").write_text(discord_svg(message, AGO, BUTTONS), "utf-8")
    (DOCS / "impact.svg").write_text(discord_svg(to_discord.answer(study), AGO), "utf-8")
    (DOCS / "slack.svg").write_text(slack_svg(in_slack(shock.card), AGO), "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
