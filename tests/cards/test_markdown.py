"""Text of others in Discord: shown as it is, and unable to do anything."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.markdown import as_seen, inert, last_lines, plain, shortened, units, whole_lines
from bot.cards.to_text import clean

HOSTILE = [
    "@everyone", "@here", "<@&1>", "<@1>", "<@!1>", "<#1>", "<t:1>", "<:a:1>", "<a:b:1>",
    "</help:1>", "<id:home>", "[x](http://evil)", "[x](<http://evil>)", "[x] (y)", "**x", "x**",
    "*x*", "__x__", "_x_", "~~x~~", "||x||", "`x`", "```x", "```\nx\n```", "# x", "### x", "-# x",
    "> x", ">>> x", "- x", "* x", "1. x", "12) x", "\\", "\\*", "x\\", ":tada:", "steam://run/1",
    "https://a.b/c_d_e?f=*g*", "see https://x.y/z.", "(https://x.y/(z))", "http://<@&1>",
    "https://x.y/@everyone", "https://аpple.com", "https://bank.com@evil.com/", "discord.gg/abc",
    "https://discord.gg/abc", "https://discord.com/invite/abc", "http://", "\u202eevil", "é" * 3,
    "e" + "\u0301" * 400, "a\u200bb", "@every\u200bone", "שלום", "通义千问", "👩‍👩‍👧", "🇬🇧",
    "x\ny", "x\r\n# y",
    "", " ", "\n\n", "−17.0%", "word " * 60,
]  # fmt: skip


def active_markup(text: str, small: str = "") -> list[str]:
    """What Discord would act on in `text` beyond our own bold, italics, code, role and time.

    Its own small reading of Discord's grammar, so that it can disagree with what it tests. Lines
    may begin with `small`, where small print is ours.
    """
    text = re.sub(f"^{small}", "", text, flags=re.MULTILINE)
    text = re.sub(r"^```\n.*?\n```$", "", text, flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"@(?:everyone|here)|<@!?\d+|discord\.gg/\w|discord\.com/invite/", text)
    found += re.findall(r"<@&\d+>", re.sub(r"(?<![^ ])for <@&\d+>$", "", text))
    rest = re.sub(r"<https?://[^\s<>]+>", "¤", text)  # links that show where they go
    rest = re.sub(r"<t:\d+:R>", "", rest)
    rest = re.sub(r"\\[^0-9A-Za-z\s]", "¤", rest)
    found += re.findall(r"\w+://\S+|<@&?|<[#:a/t]|\[|\||~|`|_", re.sub(r"for <@&\d+>$", "", rest))
    found += re.findall(r"^(?:#{1,3}|-#|>{1,3}|[-*]|\d+\.) .*", rest, re.MULTILINE)
    found += re.findall(r":\w+:", rest)
    for line in rest.split("\n"):
        if line.count("**") % 2 or line.replace("**", "").count("*") % 2:
            found.append(line)
    return found


texts = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), max_size=6).map("".join)


@settings(max_examples=150, deadline=None)
@given(texts)
def test_text_is_seen_as_it_was_and_does_nothing(text: str) -> None:
    meant = "\n".join(clean(line).strip() for line in text.split("\n"))
    seen = as_seen(plain(text)).replace("%40everyone", "@everyone").replace("%40here", "@here")
    assert seen == meant
    assert as_seen(inert(text)) == clean(text).strip()
    assert not active_markup(plain(text))
    assert not active_markup(inert(text))
    assert "://" not in inert(text).replace(":\\/", "")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("see https://a.b/c_d_e.", "see <https://a.b/c_d_e>."),
        ("[free](http://evil)", "\\[free](<http://evil>)"),
        ("(https://en.org/a_(b))", "(<https://en.org/a_(b))>"),
        ("https://аpple.com", "https:\\//аpple.com"),
        ("https://bank.com@evil.com/x", "https:\\//bank.com@evil.com/x"),
        ("https://discord.gg/abc", "https:\\//discord\\.gg/abc"),
        ("https://x.y/@everyone", "<https://x.y/%40everyone>"),
        ("- one\n# two\n1. three\n-5%", "\\- one\n\\# two\n1\\. three\n-5%"),
        ("NVDA −17.0% at 21:05 UTC", "NVDA −17.0% at 21:05 UTC"),
        ("one\n\ntwo", "one\n\ntwo"),
    ],
)
def test_what_is_written(text: str, written: str) -> None:
    assert plain(text) == written


def test_names_and_titles_hold_no_links_and_one_line() -> None:
    assert inert("x https://a.b\ny") == "x https:\\//a.b y"


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("text", ["**" * 20, "👩 " * 20, "e\u0301" * 20, "https://a.b/" + "c" * 60])
def test_a_cut_never_halves_an_escape_a_pair_or_an_accent(text: str, limit: int) -> None:
    cut = shortened(text, limit, inert)
    assert units(cut) <= limit
    seen = as_seen(cut)
    assert seen.endswith("…")
    assert clean(text).startswith(seen[:-1].rstrip())
    assert not seen[:-1].endswith("e") or not clean(text).startswith("e\u0301")


def test_long_nothing_is_a_sign_that_more_was_there() -> None:
    assert shortened(" " * 9000, 400, inert) == "…"
    assert shortened("NVDA" + " " * 9000, 400, inert) == "NVDA…"


@pytest.mark.parametrize(
    ("limit", "kept", "said"),
    [(100, 4, ""), (19, 4, ""), (18, 2, "… 2 more"), (17, 1, "… 3 more"), (8, 0, "… 4 more")],
)
def test_lines_are_left_out_whole(limit: int, kept: int, said: str) -> None:
    lines = ["aaaa"] * 4
    assert whole_lines(lines, limit) == (lines[:kept], said)


@pytest.mark.parametrize(
    ("limit", "kept"),
    [
        (19, ["aaaa", "bbbb", "cccc", "dddd"]),
        (18, ["… 3 earlier", "dddd"]),
        (8, ["… 4 earlier"]),
    ],
)
def test_the_last_lines_are_kept_below_how_many_came_earlier(limit: int, kept: list[str]) -> None:
    assert last_lines(["aaaa", "bbbb", "cccc", "dddd"], limit) == kept
