"""Event windows as people write them."""

import pytest

from bot.market.window import parse_window, window_text


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("0..5", (0, 5)), ("[0,+5]", (0, 5)), ("0-5", (0, 5)), ("5", (0, 5)), (" +5 ", (0, 5)),
        ("-1..10", (-1, 10)), ("−1..10", (-1, 10)), ("[-1, 10]", (-1, 10)), ("-1 to 10", (-1, 10)),
        ("-5-5", (-5, 5)), ("0..0", (0, 0)), ("0", (0, 0)), ("-20..60", (-20, 60)), ("0…5", (0, 5)),
        ("", None), ("five", None), ("T+5", (0, 5)), ("t-1..t+10", (-1, 10)), ("t", None),
        ("5..0", None), ("1..5", None), ("-30..5", None),
        ("0..61", None), ("-5..-1", None), ("0..5..9", None), ("٥", None),
    ],
)  # fmt: skip
def test_reading_a_window(text: str, window: tuple[int, int] | None) -> None:
    assert parse_window(text) == window


def test_writing_a_window() -> None:
    assert window_text((0, 5)) == "[0, +5]"
    assert window_text((-1, 0)) == "[−1, 0]"
