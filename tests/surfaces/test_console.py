"""The console's transcript, and how messages look in a terminal."""

import asyncio
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.card import Card, Chart, UnderwaterChart
from bot.model.receiver import MessageRef, Notification, Receiver
from bot.services import SetClock
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.terminal import Terminal, heading, save_chart
from bot.surfaces.transcript import Transcript

NOW = datetime(2025, 1, 27, 21, tzinfo=UTC)


def notification(nonce: str, action: str = "post", **more: Any) -> Notification:
    """A notification to the console."""
    facts = {"kind": "drawdown", "title": "AI stocks", "day": "2025-01-27", **more}
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


class Full(Transcript):
    """A transcript on a disk that is full for the next `times` lines of that kind.

    With `halfway` the line is written all the same, and only its way to the disk fails.
    """

    def __init__(self, path: Path, kind: str, *, halfway: bool = False, times: int = 1) -> None:
        super().__init__(path)
        self.kind, self.halfway, self.times = kind, halfway, times

    def _write(self, entry: dict[str, Any], *, durable: bool) -> None:
        if self.kind not in entry or not self.times:
            super()._write(entry, durable=durable)
            return
        self.times -= 1
        if self.halfway:
            super()._write(entry, durable=durable)
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("kind", "halfway", "shown"),
    [
        # Written down, but not shown: it is shown once it is found.
        ("to_show", True, ["x", "The disk failed before this message was shown."]),
        # Shown, but not marked as shown: it is not shown again.
        ("shown", False, ["x", "x"]),
    ],
)
async def test_a_full_disk_shows_every_message_once(
    tmp_path: Path, kind: str, halfway: bool, shown: list[str]
) -> None:
    seen: list[Shown] = []

    async def show(message: Shown) -> None:
        seen.append(message)

    path = tmp_path / "console.jsonl"
    await ConsoleNotifier(Transcript(path), SetClock(NOW), show).send(
        notification("a"), Card("x", text="x")
    )
    full = Full(path, kind, halfway=halfway, times=2)
    notifier = ConsoleNotifier(full, SetClock(NOW), show)
    with pytest.raises(OSError, match="No space left"):
        await notifier.send(notification("b"), Card("x", text="x"))
    if kind == "shown":
        with pytest.raises(OSError, match="No space left"):  # as full as before
            await notifier.find(notification("b"))
    for _time in range(2):
        assert await notifier.find(notification("b")) == MessageRef("local", "b")
    assert [message.card.text for message in seen] == shown
    await ConsoleNotifier(Transcript(path), SetClock(NOW), show).show_missed()
    assert len(seen) == 2


async def test_what_the_disk_did_not_take_at_all_is_sent_again(tmp_path: Path) -> None:
    seen: list[Shown] = []

    async def show(message: Shown) -> None:
        seen.append(message)

    full = Full(tmp_path / "console.jsonl", "to_show")
    notifier = ConsoleNotifier(full, SetClock(NOW), show)
    with pytest.raises(OSError, match="No space left"):
        await notifier.send(notification("a"), Card("x"))
    assert await notifier.find(notification("a")) is None
    assert seen == []
    await notifier.send(notification("a"), Card("x"))
    assert len(seen) == 1


def test_a_line_cut_short_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "console.jsonl"
    path.write_bytes(b'{"nonce": "whole"}\n{"nonce": "cut')
    transcript = Transcript(path)
    transcript.append({"nonce": "next"})
    assert [entry["nonce"] for entry in transcript.entries()] == ["whole", "next"]
    assert not transcript.has("cut")


async def test_what_was_not_shown_is_shown_once_at_the_next_start(tmp_path: Path) -> None:
    path, out = tmp_path / "console.jsonl", io.StringIO()
    terminal = Terminal(None, out=out)

    async def killed(_message: Shown) -> None:
        raise KeyboardInterrupt

    root = await ConsoleNotifier(Transcript(path), SetClock(NOW), terminal.message).send(
        notification("a"), Card("AI stocks fell")
    )
    dying = ConsoleNotifier(Transcript(path), SetClock(NOW), killed)
    for action in ("post", "reply", "edit"):
        with pytest.raises(KeyboardInterrupt):
            await dying.send(replace(notification(action, action), root=root), Card("x"))
    out.truncate(0)
    later = SetClock(NOW + timedelta(days=1))
    for _start in range(2):
        await ConsoleNotifier(Transcript(path), later, terminal.message).show_missed()
    post, reply, edit = out.getvalue().strip("\0").rstrip().split("\n\n")
    assert post.startswith("[Mon 27 Jan 2025, 21:00 UTC] console: message 2\nAI stocks fell\n")
    assert "stopped before it could show" in post
    assert "↳ reply to message 1" in reply
    assert "message 1 of 27 Jan 2025 now reads" in edit


def test_the_messages_of_an_earlier_version_are_not_shown_again(tmp_path: Path) -> None:
    path = tmp_path / "console.jsonl"
    Transcript(path).append({"nonce": "a", "at": NOW.isoformat(), "text": "AI stocks fell"})
    assert Transcript(path).unshown() == []


async def thread(path: Path, terminal: Terminal) -> None:
    """A story: a message, another one, a reply and an edit of the first."""
    clock = SetClock(NOW)
    notifier = ConsoleNotifier(Transcript(path), clock, terminal.message)
    root = await notifier.send(notification("a"), Card("AI stocks are 13.7% below their peak"))
    await notifier.send(notification("b"), Card("Another story"))
    clock.moment += timedelta(days=1)
    notifier = ConsoleNotifier(Transcript(path), clock, terminal.message)  # after a restart
    reply = replace(notification("c", "reply"), root=root)
    await notifier.send(reply, Card("AI stocks are 16.0% below their peak", text="Deeper. " * 20))
    edit = replace(notification("d", "edit", first={"day": "2025-01-27"}), root=root)
    await notifier.send(edit, Card("AI stocks have recovered"))
    await notifier.send(notification("e"), Card("A third story"))


async def test_a_story_reads_as_a_thread(tmp_path: Path) -> None:
    out = io.StringIO()
    await thread(tmp_path / "console.jsonl", Terminal(None, out=out))
    first, second, reply, edit, third = out.getvalue().rstrip().split("\n\n")
    assert first.startswith("[Mon 27 Jan 2025, 21:00 UTC] console: message 1\nAI stocks are 13.7%")
    assert ": message 2\n" in second
    lines = reply.split("\n")
    assert lines[0] == "  [Tue 28 Jan 2025, 21:00 UTC] console: message 3"
    assert lines[1] == "  ↳ reply to message 1 of 27 Jan 2025: AI stocks fell"
    assert lines[2] == "  AI stocks are 16.0% below their peak"
    assert all(line.startswith("  ") and len(line) <= 78 for line in lines)
    assert edit.split("\n")[0].endswith("console: message 1 of 27 Jan 2025 now reads")
    assert ": message 4\n" in third  # an edit is no message of its own


async def test_a_reply_stands_in_on_a_coloured_terminal_too(tmp_path: Path) -> None:
    out = io.StringIO()
    await thread(tmp_path / "console.jsonl", Terminal(None, out=out, plain=False))
    lines = re.sub("\x1b\\[[0-9;]*m", "", out.getvalue()).split("\n")
    assert "▌ AI stocks are 13.7% below their peak" in [line.rstrip() for line in lines]
    assert "  ▌ AI stocks are 16.0% below their peak" in [line.rstrip() for line in lines]


async def test_a_reply_whose_message_is_gone_still_says_where_it_belongs(tmp_path: Path) -> None:
    out = io.StringIO()
    terminal = Terminal(None, out=out)
    lost = replace(notification("b", "reply"), root=MessageRef("local", "lost"))
    notifier = ConsoleNotifier(Transcript(tmp_path / "t.jsonl"), SetClock(NOW), terminal.message)
    await notifier.send(lost, Card("Deeper"))
    assert "  ↳ reply in the thread of AI stocks\n  Deeper" in out.getvalue()
    out.truncate(0)
    # Its first message never arrived: it is told as a message of its own.
    await notifier.send(notification("c", "reply"), Card("Deeper"))
    assert "↳" not in out.getvalue()
    assert "console: message 2\nDeeper" in out.getvalue()


async def test_a_digest_is_of_a_subscription(tmp_path: Path) -> None:
    digest = replace(notification("a", kind="digest"), subscription_id=4)
    fall = replace(notification("a"), subscription_id=4)
    assert "console, subscription 4" in heading(Shown(NOW, digest, Card("x")))
    assert "console, alert 4" in heading(Shown(NOW, fall, Card("x")))


async def test_a_printed_path_keeps_its_picture(tmp_path: Path) -> None:
    days = [date(2025, 1, 27) + timedelta(days=n) for n in range(3)]

    def chart(**more: Any) -> Card:
        drawn: dict[str, Any] = {"levels": (0.1,), "marks": ()} | more
        return Card("x", chart=UnderwaterChart("NVDA", days, [3, 2, 1], [3, 3, 3],
                    unit="USD", alt="", source="Yahoo", **drawn))  # fmt: skip

    one = await save_chart(chart(), tmp_path, dark=True)
    before = one.read_bytes()
    others = [
        await save_chart(chart(levels=(0.2,)), tmp_path, dark=True),
        await save_chart(chart(marks=(days[1],)), tmp_path, dark=True),
        await save_chart(chart(), tmp_path, dark=False),
    ]
    assert len({one, *others}) == 4
    assert one.read_bytes() == before
    assert await save_chart(chart(), tmp_path, dark=True) == one
    assert one.name.startswith("nvda-20250127-20250129-")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "The chart could not be drawn (MemoryError); the log says why."),
        (OSError(28, "No space left on device"), "(No space left on device)."),
        (OSError("no font"), "(OSError)."),
        (None, "The chart was not ready within 0 s; it is left out."),
    ],
)
async def test_a_chart_that_cannot_be_had_keeps_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception | None, said: str
) -> None:
    """None: the drawing never ends."""

    async def fail(_chart: Chart, *, dark: bool) -> bytes:
        assert dark
        if error is None:
            await asyncio.Event().wait()
        raise error or AssertionError

    monkeypatch.setattr("bot.surfaces.terminal.charts.draw", fail)
    monkeypatch.setattr("bot.surfaces.terminal.CHART_SECONDS", 0.05)
    out = io.StringIO()
    terminal = Terminal(tmp_path, plain=True, out=out)
    notifier = ConsoleNotifier(Transcript(tmp_path / "t.jsonl"), SetClock(NOW), terminal.message)
    days = [date(2025, 1, 27) + timedelta(days=n) for n in range(3)]
    chart = UnderwaterChart("NVDA", days, [3, 2, 1], [3, 3, 3], (0.1,), "USD", "", "Yahoo")
    assert await notifier.send(notification("a"), Card("NVDA fell", chart=chart))
    assert "NVDA fell" in out.getvalue()
    assert said in out.getvalue()
