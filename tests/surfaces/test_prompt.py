"""The prompt: how lines are typed, answered and left."""

import asyncio
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.services import Services
from bot.surfaces import prompt
from bot.surfaces.answering import NO_MEMORY
from bot.surfaces.names import Names, refresh
from bot.surfaces.prompt import converse, typed
from bot.surfaces.terminal import Terminal
from tests.asking import CONSOLE, ask

CTRL_C, CTRL_D, ENTER = "\x03", "\x04", "\r"


@pytest.fixture
def keyboard() -> Iterator[PipeInput]:
    """A terminal without a screen, whose keys the test presses."""
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        yield keys


async def line_of(keyboard: PipeInput, keys: str, history: Path | None = None) -> str | None:
    """What the prompt takes these keys for."""
    keyboard.send_text(keys)
    return await asyncio.wait_for(typed(Names(), history, CONSOLE)(), timeout=20)


async def test_ctrl_c_clears_a_line_that_was_begun(keyboard: PipeInput) -> None:
    assert await line_of(keyboard, f"/drawdo{CTRL_C}/status{ENTER}") == "/status"


@pytest.mark.parametrize("keys", [CTRL_C, CTRL_D, f"/drawdo{CTRL_C}{CTRL_C}"])
async def test_an_empty_line_is_left_by_ctrl_c_and_ctrl_d(keyboard: PipeInput, keys: str) -> None:
    assert await line_of(keyboard, keys) is None


async def test_lines_are_remembered_where_a_file_can_be(
    keyboard: PipeInput, tmp_path: Path
) -> None:
    assert await line_of(keyboard, f"/status{ENTER}", tmp_path / "data" / "history") == "/status"
    assert "/status" in (tmp_path / "data" / "history").read_text()


@pytest.mark.parametrize("path", ["/proc/nope/history", "/dev/null/history", "/proc"])
async def test_a_history_that_cannot_be_written_ends_nothing(
    keyboard: PipeInput, path: str
) -> None:
    assert await line_of(keyboard, f"/status{ENTER}", Path(path)) == "/status"


async def test_names_are_those_of_this_channel(seeded: Services) -> None:
    await ask("/basket add my-chips NVDA,AMD", seeded)
    names = Names()
    await refresh(names, seeded)
    assert names.symbols["NVDA"] == "Nvidia"
    assert {"ai", "my-chips"} <= set(names.baskets_at(CONSOLE))
    assert "DeepSeek" in names.labs


async def test_an_answer_that_fails_is_said_in_one_line_and_the_next_is_answered(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_given: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(prompt, "answer", broken)
    monkeypatch.setattr("sys.stdin", io.StringIO("/status\n/drawdwon\n"))
    out = io.StringIO()
    with caplog.at_level(logging.ERROR):
        await converse(services, CONSOLE, Terminal(None, out=out), None)
    first, second = out.getvalue().rstrip().split("\n\n")
    assert first.startswith("That could not be answered")
    assert len(first.splitlines()) == 1
    assert "did you mean /drawdown?" in second
    assert "a fault of ours" in caplog.text


async def test_too_little_memory_for_one_line_is_one_sentence_and_the_next_is_answered(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_much(*_given: object) -> bytes:
        return bytes(2**62)

    monkeypatch.setattr(prompt, "answer", too_much)
    monkeypatch.setattr("sys.stdin", io.StringIO("/status\n/drawdwon\n"))
    out = io.StringIO()
    await converse(services, CONSOLE, Terminal(None, out=out), None)
    first, second = out.getvalue().rstrip().split("\n\n")
    assert first == NO_MEMORY
    assert "/drawdown" in second
