"""The demo and `replay`: January 2025 through the rules that run live, in a terminal."""

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bot.app import release_facts
from bot.config import Settings
from bot.market.shipped import ShippedHistory
from bot.model.rule import PPM
from bot.model.wording import count, day
from bot.replay import Plan, Running, replaying
from bot.services import Services
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.prompt import converse
from bot.surfaces.terminal import Terminal
from bot.surfaces.transcript import Transcript

DEMO_FROM, DEMO_TO = date(2025, 1, 13), date(2025, 2, 7)


def plan(
    settings: Settings,
    first: date,
    last: date,
    targets: tuple[str, ...] | None = None,
    levels: tuple[float, ...] | None = None,
) -> Plan:
    """What to replay; `levels` are fractions, by default those of the settings."""
    fractions = levels or [percent / 100 for percent in settings.alerts.levels_percent]
    parts = tuple(round(fraction * PPM) for fraction in fractions)
    return Plan(first, last, targets, parts, settings.alerts.window)


async def demo(settings: Settings, terminal: Terminal, *, interactive: bool) -> None:
    """Replay January 2025, then answer commands with the clock at the end of the replay."""
    chosen = plan(settings, DEMO_FROM, DEMO_TO)
    terminal.line(
        f"Replaying {day(DEMO_FROM)} to {day(DEMO_TO)}: the weeks in which DeepSeek released R1.\n"
        "This channel follows the basket ai and new models of frontier labs. Real closes, no "
        "network.\n"
    )
    messages: list[Shown] = []
    async with replaying(
        chosen, settings, ShippedHistory(), release_facts(), _printing(terminal, messages)
    ) as running:
        await _run(running, speed=None)
        terminal.line(f"{count(len(messages), 'message')}. The clock stands at {day(DEMO_TO)}.")
        if not interactive:
            return
        terminal.line(
            "Ask something: /drawdown NVDA, /basket show ai, /releases latest, /help. "
            "Leave with exit.\n"
        )
        history = settings.data_folder() / "history"
        await converse(running.services, running.receiver, terminal, history)


async def replay_text(
    settings: Settings, chosen: Plan, terminal: Terminal, speed: float | None
) -> None:
    """Print what would have been posted, as it would have looked."""
    messages: list[Shown] = []
    async with replaying(
        chosen, settings, ShippedHistory(), release_facts(), _printing(terminal, messages)
    ) as running:
        await _run(running, speed)
    terminal.line(
        f"{count(len(messages), 'message')} from {day(chosen.first)} to {day(chosen.last)}."
    )


async def replay_json(settings: Settings, chosen: Plan, speed: float | None) -> str:
    """What would have been posted, as JSON."""
    messages: list[Shown] = []

    async def collect(shown: Shown) -> None:
        messages.append(shown)

    def notifier(folder: Path, services: Services) -> ConsoleNotifier:
        return ConsoleNotifier(Transcript(folder / "console.jsonl"), services.clock, collect)

    async with replaying(chosen, settings, ShippedHistory(), release_facts(), notifier) as running:
        await _run(running, speed)
    found = {
        "from": chosen.first.isoformat(),
        "to": chosen.last.isoformat(),
        "messages": [_as_json(shown) for shown in messages],
    }
    return json.dumps(found, ensure_ascii=False, indent=2)


def _as_json(shown: Shown) -> dict[str, Any]:
    item = shown.notification
    return {
        "at": shown.at.isoformat(),
        "action": item.action,
        "receiver": item.receiver.title,
        "subscription": item.subscription_id,
        "kind": item.facts["kind"],
        "target": item.facts.get("target"),
        "title": shown.card.title,
        "text": item.fallback,
        "facts": dict(item.facts),
    }


def _printing(terminal: Terminal, messages: list[Shown]) -> Any:
    async def show(shown: Shown) -> None:
        messages.append(shown)
        await terminal.message(shown)

    def notifier(folder: Path, services: Services) -> ConsoleNotifier:
        return ConsoleNotifier(Transcript(folder / "console.jsonl"), services.clock, show)

    return notifier


async def _run(running: Running, speed: float | None) -> None:
    """Run to the end, with a progress bar on a terminal's stderr.

    `speed` paces it, in days a second.
    """
    advance = _progress(len(running.instants))
    today: date | None = None
    async for instant in running.steps():
        advance()
        if speed is not None and today is not None and instant.date() != today:
            await asyncio.sleep(1 / speed)
        today = instant.date()


def _progress(total: int) -> Callable[[], None]:
    if not sys.stderr.isatty():
        return lambda: None
    from rich.console import Console
    from rich.progress import Progress

    progress = Progress(
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # or messages would be printed into the bar
        redirect_stderr=False,
    )
    task = progress.add_task("Replaying", total=total)
    progress.start()

    def advance() -> None:
        progress.advance(task)
        if progress.finished:
            progress.stop()

    return advance
