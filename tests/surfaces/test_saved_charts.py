"""Charts that the terminal saved go once they are old; nobody else's picture does."""

import logging
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.model.card import Card, UnderwaterChart
from bot.sections import ConsoleSettings
from bot.services import Services
from bot.surfaces.saved_charts import remove_charts
from bot.surfaces.terminal import save_chart
from bot.watching import Watching
from bot.working import jobs
from tests.conftest import START

DAYS = [date(2025, 1, 27) + timedelta(days=n) for n in range(3)]
LINES = UnderwaterChart(
    "NVDA", DAYS, [3, 2, 1], [3, 3, 3], levels=(0.1,), marks=(), unit="USD", alt="", source="Yahoo"
)


def _aged(path: Path, days: float) -> Path:
    at = (START - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))
    return path


async def test_old_charts_go_and_other_pictures_stay(tmp_path: Path) -> None:
    old = _aged(await save_chart(Card("x", chart=LINES), tmp_path, dark=True), 401)
    new = _aged(await save_chart(Card("x", chart=LINES), tmp_path, dark=False), 399)
    others = [tmp_path / name for name in ("holiday-20240101.png", "cat.png", "nvda.txt")]
    others += [tmp_path / f"copy of {old.name}", tmp_path / f"nvda-{'0' * 8}.png"]
    for path in others:
        path.write_bytes(old.read_bytes())
        _aged(path, 1000)
    assert remove_charts(tmp_path, START - timedelta(days=400)) == 1
    assert sorted(tmp_path.iterdir()) == sorted([new, *others])


def test_a_folder_that_is_not_there_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert remove_charts(tmp_path / "none", START) == 0
    assert not caplog.messages


def test_a_folder_that_cannot_be_read_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "charts").write_text("a file")
    assert remove_charts(tmp_path / "charts", START) == 0
    assert caplog.messages == [
        f"the folder of charts, {tmp_path}/charts, cannot be read: Not a directory"
    ]


async def test_charts_that_cannot_be_removed_are_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = _aged(await save_chart(Card("x", chart=LINES), tmp_path, dark=True), 401)
    _aged(await save_chart(Card("x", chart=LINES), tmp_path, dark=False), 401)

    def refused(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refused)  # the tests' user may be one who may all
    assert remove_charts(tmp_path, START) == 0
    [said] = caplog.messages
    assert said.startswith("old charts cannot be removed (")
    assert said.endswith(".png: Permission denied)")
    assert first.exists()


async def test_the_night_removes_them_and_says_how_many(
    services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    console = ConsoleSettings(charts=str(tmp_path / "own"))
    settings = services.settings.model_copy(update={"console": console})
    given = replace(services, settings=settings)
    days = settings.retention.messages
    old = _aged(await save_chart(Card("x", chart=LINES), tmp_path / "own", dark=True), days + 1)
    new = _aged(await save_chart(Card("x", chart=LINES), tmp_path / "own", dark=False), days - 1)
    watching = Watching(given, None, lambda: None)  # type: ignore[arg-type]
    with caplog.at_level(logging.INFO, "bot.working"):
        await next(job for job in jobs(given, watching) if job.name == "prune").work()
    assert caplog.messages == ["removed 1 chart that was saved too long ago"]
    assert (old.exists(), new.exists()) == (False, True)
