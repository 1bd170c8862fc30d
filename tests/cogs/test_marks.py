"""The line that says who silenced what until when."""

from datetime import UTC, datetime

import pytest

from cogs.marks import MOST_CONTENT, mark, with_mark

UNTIL = datetime(2025, 1, 28, 22, 0, tzinfo=UTC)
FIRST = mark("Snoozed", 7, UNTIL)
SECOND = mark("Silenced", 8, UNTIL)


def test_the_mark_names_who_and_until_when() -> None:
    assert FIRST == "-# Snoozed by <@7> until <t:1738101600:f>, <t:1738101600:R>"


@pytest.mark.parametrize(
    ("content", "line", "becomes"),
    [
        ("**AI stocks fell**", FIRST, f"**AI stocks fell**\n{FIRST}"),
        (f"**AI stocks fell**\n{FIRST}", SECOND, f"**AI stocks fell**\n{SECOND}"),
        (f"one\ntwo\n{FIRST}", SECOND, f"one\ntwo\n{SECOND}"),
        ("", FIRST, FIRST),
        (FIRST, SECOND, SECOND),
    ],
)
def test_a_later_mark_takes_the_place_of_the_earlier(content: str, line: str, becomes: str) -> None:
    assert with_mark(content, line) == becomes


def test_a_mark_fits_under_the_longest_content() -> None:
    marked = with_mark("x" * MOST_CONTENT, FIRST)
    assert len(marked) <= MOST_CONTENT
    assert marked.endswith(f"…\n{FIRST}")
