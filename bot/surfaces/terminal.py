"""Printing to a terminal: colour and boxes on a screen, plain text when piped."""

import asyncio
import re
import sys
from datetime import date
from pathlib import Path
from typing import IO

from bot.cards import charts
from bot.cards.to_text import print_card, to_plain
from bot.model.card import Card
from bot.model.wording import day, weekday
from bot.surfaces.console import Shown

WIDTH = 78


class Terminal:
    """Prints cards and messages to `out`, and saves their charts in `folder`.

    With `folder` None no chart is drawn. `plain` (the default when piped) has no colour and a
    fixed width, so that the output of two equal runs is equal.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        dark: bool = True,
        plain: bool | None = None,
        out: IO[str] | None = None,
    ) -> None:
        self._given = out
        self._folder = folder
        self._dark = dark
        self._plain = (not self._out.isatty()) if plain is None else plain

    @property
    def _out(self) -> IO[str]:
        # Looked up each time: a progress bar puts its own in place while it shows.
        return self._given or sys.stdout

    async def card(self, card: Card) -> None:
        """Print a card, and where its chart was saved."""
        if self._plain:
            self.line(to_plain(card, width=WIDTH))
        else:
            print_card(card, self._out)
        if card.chart is not None and self._folder is not None:
            try:
                path = await save_chart(card, self._folder, dark=self._dark)
                self.line(f"Chart: {path}")
            except OSError as error:
                self.line(f"The chart could not be saved in {self._folder} ({error.strerror}).")
        self.line("")

    async def message(self, shown: Shown) -> None:
        """Print a message as it arrives in the console's channel."""
        self.line(heading(shown))
        await self.card(shown.card)

    def line(self, text: str) -> None:
        """Print a line as it is."""
        self._out.write(text + "\n")
        self._out.flush()


def heading(shown: Shown) -> str:
    """When a message came, by which subscription, and how it belongs with earlier ones."""
    item, facts = shown.notification, shown.notification.facts
    text = f"[{weekday(shown.at.date())}, {shown.at:%H:%M} UTC] {item.receiver.title}"
    if item.subscription_id is not None:
        text += f", alert {item.subscription_id}"
    if item.action == "reply":
        text += f": a reply in the thread of {facts['title']}"
    elif item.action == "edit":
        posted = day(date.fromisoformat(facts.get("first", facts)["day"]))
        text += f": the message of {posted} about {facts['title']} now reads"
    return text


async def save_chart(card: Card, folder: Path, *, dark: bool) -> Path:
    """Draw the card's chart into `folder`; the file is named after its title and last day."""
    assert card.chart is not None
    picture = await charts.draw(card.chart, dark=dark)
    name = re.sub(r"[^a-z0-9]+", "-", card.chart.title.lower()).strip("-")
    span = f"{card.chart.days[0]:%Y%m%d}-{card.chart.days[-1]:%Y%m%d}"
    path = folder / f"{name}-{span}.png"
    await asyncio.to_thread(_write, path, picture)
    return path


def _write(path: Path, picture: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
