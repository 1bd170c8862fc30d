"""Running a replay and collecting what it posts."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path

from bot.app import release_facts
from bot.config import Settings, load
from bot.demo import plan
from bot.market.shipped import ShippedHistory
from bot.market.source import PastHistory
from bot.model.receiver import Receiver
from bot.replay import replaying
from bot.services import Services
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.transcript import Transcript


@asynccontextmanager
async def replayed(
    first: str,
    last: str,
    targets: tuple[str, ...] | None = None,
    history: PastHistory | None = None,
    each: Callable[[Services, Receiver, datetime], Awaitable[None]] | None = None,
) -> AsyncIterator[tuple[Services, Receiver, list[Shown]]]:
    """Services, receiver and messages of a replay that has run to its end.

    `each` is called after each instant, with it.
    """
    settings: Settings = load(None, {"XDG_CONFIG_HOME": "/nonexistent"})
    messages: list[Shown] = []

    async def collect(shown: Shown) -> None:
        messages.append(shown)

    def notifier(folder: Path, services: Services) -> ConsoleNotifier:
        return ConsoleNotifier(Transcript(folder / "console.jsonl"), services.clock, collect)

    chosen = plan(settings, date.fromisoformat(first), date.fromisoformat(last), targets)
    async with replaying(
        chosen, settings, history or ShippedHistory(), release_facts(), notifier
    ) as running:
        async for instant in running.steps():
            if each is not None:
                await each(running.services, running.receiver, instant)
        yield running.services, running.receiver, messages


def told(messages: list[Shown]) -> list[tuple[str, str, str]]:
    """Day, action and target (or model) of each message."""
    return [
        (
            shown.at.date().isoformat(),
            shown.notification.action,
            str(shown.notification.facts.get("target") or shown.notification.facts["model"]),
        )
        for shown in messages
    ]
