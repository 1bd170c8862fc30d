"""Printing to a terminal: colour and boxes on a screen, plain text when piped."""

import asyncio
import logging
import re
import sys
import textwrap
from datetime import date
from pathlib import Path
from typing import IO

from bot.cards import charts
from bot.cards.to_text import clean, cut, print_card, to_plain
from bot.model.card import BarChart, Card
from bot.model.wording import day, weekday
from bot.surfaces.console import Shown
from bot.surfaces.saved_charts import mark_of

WIDTH = 78
# What a slow machine may take for its first chart; a disk that hangs takes longer.
CHART_SECONDS = 10.0
# How far a reply stands in from the message that it answers.
THREAD = 2
_NEWS = ("release", "digest", "prices", "study")
log = logging.getLogger(__name__)


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

    async def card(self, card: Card, *, indent: int = 0) -> None:
        """Print a card `indent` columns from the left, and where its chart was saved."""
        if self._plain:
            self.line(textwrap.indent(to_plain(card, width=WIDTH - indent), " " * indent))
        else:
            print_card(card, self._out, indent=indent)
        if card.chart is not None and self._folder is not None:
            self.line(" " * indent + await self._chart(card, self._folder))
        self.line("")

    async def _chart(self, card: Card, folder: Path) -> str:
        """Save a card's chart; where it is, or why it is not there: the words do without it."""
        try:
            async with asyncio.timeout(CHART_SECONDS):
                path = await save_chart(card, folder, dark=self._dark)
        except TimeoutError:
            return f"The chart was not ready within {CHART_SECONDS:.0f} s; it is left out."
        except OSError as error:
            why = error.strerror or type(error).__name__
            return f"The chart could not be saved in {folder} ({why})."
        except Exception as error:
            log.exception("could not draw the chart %r", card.chart and card.chart.title)
            return f"The chart could not be drawn ({type(error).__name__}); the log says why."
        return f"Chart: {path}"

    async def message(self, shown: Shown) -> None:
        """Print a message as it arrives in the console's channel; a reply under its thread."""
        indent = THREAD if _answers(shown) else 0
        self.line(textwrap.indent(heading(shown), " " * indent))
        await self.card(shown.card, indent=indent)

    def line(self, text: str) -> None:
        """Print a line as it is."""
        self._out.write(text + "\n")
        self._out.flush()


def heading(shown: Shown) -> str:
    """When a message came, its number, by which subscription, and the message it belongs with."""
    item, facts = shown.notification, shown.notification.facts
    text = f"[{weekday(shown.at.date())}, {shown.at:%H:%M} UTC] {item.receiver.title}"
    if item.subscription_id is not None:
        kind = "subscription" if facts["kind"] in _NEWS else "alert"
        text += f", {kind} {item.subscription_id}"
    if item.action == "edit":
        if shown.root is not None:
            return f"{text}: message {shown.root.number} of {day(shown.root.at.date())} now reads"
        posted = day(date.fromisoformat(facts.get("first", facts)["day"]))
        return f"{text}: the message of {posted} about {facts['title']} now reads"
    if shown.number is not None:
        text += f": message {shown.number}"
    if _answers(shown):
        text += f"\n{_thread(shown)}"
    return text


def _answers(shown: Shown) -> bool:
    """Whether it is a reply; one whose message never arrived stands for itself."""
    return shown.notification.action == "reply" and shown.notification.root is not None


def _thread(shown: Shown) -> str:
    """The message that a reply answers, in one line."""
    if shown.root is None:
        return f"↳ reply in the thread of {shown.notification.facts.get('title', 'this story')}"
    root = f"message {shown.root.number} of {day(shown.root.at.date())}"
    return cut(clean(f"↳ reply to {root}: {shown.root.text}"), WIDTH - THREAD)


async def save_chart(card: Card, folder: Path, *, dark: bool) -> Path:
    """Draw the card's chart into `folder`.

    The file is named after its title and days, and after what is drawn: a path that was printed
    keeps its picture.
    """
    chart = card.chart
    assert chart is not None
    picture = await charts.draw(chart, dark=dark)
    name = re.sub(r"[^a-z0-9]+", "-", chart.title.lower()).strip("-")
    # Bars stand for one day, which their title names.
    days = () if isinstance(chart, BarChart) else (*chart.days[:1], *chart.days[-1:])
    span = "-".join(f"{one:%Y%m%d}" for one in days)
    path = folder / f"{'-'.join(filter(None, (name, span, mark_of(picture))))}.png"
    await asyncio.to_thread(_write, path, picture)
    return path


def _write(path: Path, picture: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
