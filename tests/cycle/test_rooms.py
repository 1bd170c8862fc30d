"""January 2025 in a room: both channels are told the same, and nobody else hears of it."""

from datetime import date
from pathlib import Path
from typing import Any

from bot.app import release_facts
from bot.config import load
from bot.demo import plan
from bot.market.shipped import ShippedHistory
from bot.replay import replaying
from bot.services import Services
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.transcript import Transcript
from tests.answers.linked import DISCORD, OTHER, SLACK, STRANGER, Rooms
from tests.cycle.pair import marks, press, rows, sent

CRASH = date(2025, 1, 27)


def said(found: list[Any]) -> list[tuple[str, str, Any]]:
    """What was told, edits apart: action, words and figures of the moment."""
    return [(r.action, r.fallback, r.facts.get("depth")) for r in found if r.action != "edit"]


async def test_january_2025_is_told_alike_and_a_snooze_holds_on_both_sides() -> None:
    settings = load(None, {"XDG_CONFIG_HOME": "/nonexistent"})
    console: list[str] = []

    async def collect(shown: Shown) -> None:
        console.append(shown.notification.fallback)

    def notifier(folder: Path, services: Services) -> ConsoleNotifier:
        return ConsoleNotifier(Transcript(folder / "console.jsonl"), services.clock, collect)

    days = plan(settings, date(2025, 1, 13), date(2025, 1, 28), None)
    async with replaying(days, settings, ShippedHistory(), release_facts(), notifier) as running:
        rooms = Rooms(running.services)
        for line in ("/alert add ai", "/subscribe releases"):
            await rooms.say(DISCORD, line)
            await rooms.say(OTHER, line)
        await rooms.say(SLACK, "/alert add NVDA levels=10,15,20")
        await rooms.say(STRANGER, "/alert add NVDA levels=10,15,20")
        await rooms.link()
        snoozed = False
        async for _instant in running.steps():
            await sent(running.services)
            if not snoozed and running.services.clock.now().date() >= CRASH:
                told = [i for i, row in enumerate(await rows(rooms, SLACK))
                        if row.facts.get("target") == "NVDA" and row.action != "edit"]  # fmt: skip
                if told:
                    snoozed = True
                    await press(rooms, SLACK, told[0], days=30)
                    assert await marks(rooms, DISCORD) == [
                        "Snoozed by Ann on Slack until Wed 26 Feb 2025, 21:00 UTC"
                    ]
        assert snoozed
        here, there = list(await rows(rooms, DISCORD)), list(await rows(rooms, SLACK))
        assert said(here) == said(there)
        assert len(said(here)) > 3
        assert {s.target for s in await rooms.silences(DISCORD)} == {"NVDA"}
        # The console, which follows the same as the others, was told as without a room.
        other = list(await rows(rooms, OTHER))
        assert [row.fallback for row in other] == console
        assert all("marks" not in row.facts for row in [*other, *await rows(rooms, STRANGER)])
        assert await rooms.silences(OTHER) == []
        assert await rooms.silences(STRANGER) == []
