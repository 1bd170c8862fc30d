"""What goes on failing is said once, and once more when it works again."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import StorageError
from bot.failing import WELL, Failing

NOW = datetime(2025, 1, 27, 15, tzinfo=UTC)
FULL, LOCKED = StorageError("the disk is full"), StorageError("it is locked")
# As SQLAlchemy says it: what was asked differs each time.
GONE = [RuntimeError(f"the server is gone\n[SQL: SELECT 1 WHERE at = {n}]") for n in range(9)]
BACK = -60 * 24


@pytest.mark.parametrize(
    ("well", "tries", "said"),
    [
        # (minutes, what the try failed with)
        (WELL, [(0, None), (1, None)], []),
        (WELL, [(n / 60, FULL) for n in range(600)], [(0, "full")]),
        # Tries in between that have nothing to write succeed, and mean nothing.
        (WELL, [(n, FULL if n % 2 else None) for n in range(60)], [(1, "full")]),
        (WELL, [(0, FULL), (9, None), (10, None), (11, None)], [(0, "full"), (10, "works")]),
        # Two ways in turn are two lines.
        (WELL, [(n, (FULL, LOCKED)[n % 2]) for n in range(60)], [(0, "full"), (1, "locked")]),
        (WELL, [(n, GONE[n]) for n in range(9)], [(0, "gone")]),
        # A clock that was set back by a day.
        (WELL, [(0, FULL), (BACK, FULL), (BACK + 1, None), (BACK + 10, None)],
         [(0, "full"), (BACK + 10, "works")]),
        (WELL, [(0, FULL), (BACK, None)], [(0, "full"), (BACK, "works")]),
        (timedelta(0), [(0, FULL), (0, None), (1, None), (1, FULL)],
         [(0, "full"), (0, "works"), (1, "full")]),
    ],
)  # fmt: skip
def test_each_way_of_failing_is_said_once_until_it_works_again(
    caplog: pytest.LogCaptureFixture,
    well: timedelta,
    tries: list[tuple[float, Exception | None]],
    said: list[tuple[float, str]],
) -> None:
    log = logging.getLogger("any")
    failing, heard = Failing(log, "it fails", "it works again", well), []
    for minutes, error in tries:
        at = NOW + timedelta(minutes=minutes)
        if error is None:
            failing.worked(at)
        else:
            failing.failed(error, at)
        words = ("full", "locked", "gone", "works")
        heard += [(minutes, word) for word in words for line in caplog.messages if word in line]
        caplog.clear()
    assert heard == said


def test_only_what_nobody_expected_has_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    failing = Failing(logging.getLogger("any"), "it fails", "it works again")
    failing.failed(FULL, NOW)
    failing.failed(GONE[0], NOW)
    assert [bool(record.exc_info) for record in caplog.records] == [False, True]
    assert caplog.messages[0] == "it fails: the disk is full"


def test_what_fails_in_ever_new_ways_takes_no_more_memory() -> None:
    log = logging.getLogger("any.quiet")
    log.disabled = True
    failing = Failing(log, "it fails", "it works again")
    for number in range(1000):
        failing.failed(RuntimeError(str(number)), NOW)
    assert len(failing._ways) <= 20
