"""Texts of others: what is left of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.releases import text
from bot.releases.text import clean, summary_of

_PIECES = st.sampled_from(
    ["word ", "a", "<p>", "</p>", "<b>", "<!-- not shown ", "-->", "<script>x", "</script>", "&",
     "&amp;", "&CounterClockwiseContourIntegral;", "&#160;", "<", ">", "  ", "\n", "]]>", "模型",
     "\u200b"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=40), st.integers(0, 90), st.booleans())
def test_looking_at_the_beginning_alone_leaves_the_same_summary(
    pieces: list[str], words: int, markup: bool
) -> None:
    whole = "plain " * words + "".join(pieces) + "plain " * (90 - words)
    quick = summary_of(whole, markup=markup)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_ENOUGH", len(whole))
        assert quick == summary_of(whole, markup=markup)


@pytest.mark.parametrize(
    ("given_", "left"),
    [
        ("  two  words ", "two words"),
        ("a\tb\nc", "a b c"),
        ("bell\x07 and \x7fdelete", "bell and delete"),
        ("zero\u200bwidth", "zerowidth"),
        ("", ""),
    ],
)
def test_one_line_without_what_is_not_seen(given_: str, left: str) -> None:
    assert clean(given_) == left
