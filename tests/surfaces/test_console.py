"""The console's transcript, and how messages look in a terminal."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification, Receiver
from bot.services import SetClock
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.terminal import Terminal
from bot.surfaces.transcript import Transcript

NOW = datetime(2025, 1, 27, 21, tzinfo=UTC)


def notification(nonce: str, action: str = "post", **more: Any) -> Notification:
    """A notification to the console."""
    facts = {"title": "AI stocks", "day": "2025-01-27", **more}
    receiver = Receiver(1, "console", "local", "console")
    return Notification(1, receiver, nonce, action, facts, "AI stocks fell", NOW, 0)


async def test_what_was_sent_is_found_again_by_another_process(tmp_path: Path) -> None:
    shown: list[Shown] = []

    async def show(message: Shown) -> None:
        shown.append(message)

    path = tmp_path / "console.jsonl"
    notifier = ConsoleNotifier(Transcript(path), SetClock(NOW), show)
    assert await notifier.find(notification("a")) is None
    assert await notifier.send(notification("a"), Card("x")) == MessageRef("local", "a")
    later = ConsoleNotifier(Transcript(path), SetClock(NOW), show)
    assert await later.find(notification("a")) == MessageRef("local", "a")
    assert [message.at for message in shown] == [NOW]


def test_a_line_cut_short_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "console.jsonl"
    path.write_bytes(b'{"nonce": "whole"}\n{"nonce": "cut')
    transcript = Transcript(path)
    transcript.append({"nonce": "next"})
    assert [entry["nonce"] for entry in transcript.entries()] == ["whole", "next"]
    assert not transcript.has("cut")


async def test_a_story_reads_as_a_thread() -> None:
    out = io.StringIO()
    terminal = Terminal(None, out=out)
    await terminal.message(Shown(NOW, notification("a"), Card("AI stocks fell")))
    await terminal.message(Shown(NOW, notification("b", "reply"), Card("Deeper")))
    first = {"day": "2025-01-13"}
    await terminal.message(Shown(NOW, notification("c", "edit", first=first), Card("Recovered")))
    shown = out.getvalue().split("\n\n")
    assert shown[0] == "[Mon 27 Jan 2025, 21:00 UTC] console\nAI stocks fell"
    assert "console: a reply in the thread of AI stocks\nDeeper" in shown[1]
    assert ": the message of 13 Jan 2025 about AI stocks now reads\nRecovered" in shown[2]
