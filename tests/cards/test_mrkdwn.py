"""Text of others in Slack's mrkdwn: shown as it is, and unable to do anything."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.markdown import shortened, units
from bot.cards.mrkdwn import LOOK_ALIKES, as_seen, group_of, inert, literal, plain, size
from bot.cards.to_text import clean

HOSTILE = [
    "<!channel>", "<!here>", "<!everyone>", "<@U123>", "<@W1|ann>", "<#C1>", "<#C1|general>",
    "<!subteam^S123>", "<!subteam^S123|@desk>", "<!date^1^{ago}|x>", "<http://evil|bank>",
    "<mailto:a@b.c|x>", "@channel", "@here", "@everyone", "@ann", "a@here", "#general", "*x*",
    "_x_", "~x~", "`x`", "```x```", "```\nx\n```", "**x**", "x*", "*x", "(*x*)", "snake_case",
    "a*b*c", "> x", ">>> x", ">x", "&gt; x", "&amp;", "&lt;!channel&gt;", "&", "<", ">", "&amp;lt;",
    "- x", "* x", "• x", "1. x", "12) x", ":tada:", ":+1:", "::skin-tone-2:", "12:30:45",
    "https://a.b/c_d_e?f=*g*&h=1", "see https://x.y/z.", "https://x.y/|label", "https://x.y/@here",
    "https://аpple.com", "https://bank.com@evil.com/", "http://", "HTTP://x", "ftp://x.y",
    "\\*x\\*", "\u202eevil", "*\u200bx\u200b*", "<\u200b!channel>", "@\u200bhere",
    "e" + "\u0301" * 400, "שלום", "通义千问", "👩‍👩‍👧", "x\ny", "x\r\n> y", "", " ",
    "\n\n", "−17.0%", "word " * 60,
]  # fmt: skip


def active_markup(text: str) -> list[str]:
    """What Slack would act on in mrkdwn beyond our own bold names and calls of a user group.

    Its own small reading of Slack's grammar, so that it can disagree with what it tests.
    """
    text = re.sub(r"(?: · |^)for <!subteam\^S\w+>$", "", text)
    # A field's name in bold is ours; nothing else in it may be.
    text = re.sub(r"\A\*([^*\n]+)\*(?=\n)", r"\1", text)
    found = re.findall(r"[*`]", re.sub(r"<[^<>]*>", "", text))
    # Links that show where they go: the address and nothing else.
    text = re.sub(r"(?i)<https?://[A-Za-z0-9.\-]+(?:[:/?#][^\s<>|]*)?>", "¤", text)
    found += re.findall(r"[<>]", text)
    found += re.findall(r"&(?!amp;|lt;|gt;)", text)
    found += re.findall(r"@(?:channel|here|everyone)|(?<!\w)[@#]\w+", text, re.IGNORECASE)
    found += re.findall(r":[\w+'-]+:", text)
    found += re.findall(r"\w+://\S+", text)
    for line in text.split("\n"):
        found += re.findall(r"^\s*(?:&gt;|[-*•]\s|\d+[.)]\s).*", line)
        # A marker beside text, where no letter or digit is on both sides of it.
        found += re.findall(r"(?<![A-Za-z0-9])([_~])\S|\S([_~])(?![A-Za-z0-9])", line)
    return ["".join(one) for one in found]


texts = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), max_size=6).map("".join)


@settings(max_examples=150, deadline=None)
@given(texts)
def test_text_is_seen_as_it_was_and_does_nothing(text: str) -> None:
    meant = "\n".join(clean(line).strip() for line in text.split("\n"))
    assert as_seen(plain(text)).translate(LOOK_ALIKES) == meant.translate(LOOK_ALIKES)
    assert as_seen(inert(text)).translate(LOOK_ALIKES) == clean(text).strip().translate(LOOK_ALIKES)
    assert not active_markup(plain(text)), plain(text)
    assert not active_markup(inert(text)), inert(text)
    assert "<" not in inert(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("see https://a.b/c_d_e?f=1&g=2.", "see <https://a.b/c_d_e?f=1&amp;g=2>."),
        ("<http://evil|bank>", "&lt;http:\u200b//evil|bank&gt;"),
        ("https://аpple.com", "https:\u200b//аpple.com"),
        ("https://bank.com@evil.com/x", "https:\u200b//bank.com@evil.com/x"),
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@\u200bU1&gt;"),
        ("*a* _b_ ~c~ `d` snake_case 2*3", "∗a∗ ˍbˍ ∼c∼ ˋdˋ snake_case 2∗3"),
        ("@here, #general, ann@x.y", "@\u200bhere, #\u200bgeneral, ann@x.y"),
        (":tada: at 21:05", ":\u200btada: at 21:05"),
        ("> one\n- two\n1. three\n-5%", "\u200b&gt; one\n\u200b- two\n\u200b1. three\n-5%"),
        ("NVDA −17.0% at 21:05 UTC", "NVDA −17.0% at 21:05 UTC"),
        ("one\n\ntwo", "one\n\ntwo"),
    ],
)
def test_what_is_written(text: str, written: str) -> None:
    assert plain(text) == written


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("text", ["&<>" * 20, "👩 " * 20, "e\u0301" * 20, "**" * 30, ":a:" * 20])
def test_a_cut_never_halves_an_entity_a_pair_or_an_accent(text: str, limit: int) -> None:
    cut = shortened(text, limit, inert)
    assert units(cut) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", cut)
    assert as_seen(cut).endswith("…")
    kept = literal(text, limit)
    assert size(kept) <= limit
    assert kept.endswith("…")
    assert text.startswith(kept[:-1].rstrip())
    assert not kept[:-1].endswith("e")


@pytest.mark.parametrize("text", ["&amp;", "a & b", "<!channel>", "&copy;", "&lt;b&gt;"])
def test_where_slack_reads_no_markup_a_text_stays_as_it_is(text: str) -> None:
    assert literal(text, 100) == text
    assert unescape(plain(text)).replace("\u200b", "") == text


@pytest.mark.parametrize(
    ("mention", "group"),
    [
        ("<!subteam^S0DESK1>", "S0DESK1"), (" <!subteam^S0DESK1|@desk> ", "S0DESK1"),
        ("<!subteam^U1>", None), ("<!subteam^S0DESK1|<!here>>", None), ("<!here>", None),
        ("@desk", None), ("", None), ("<!subteam^S0DESK1> x", None),
    ],
)  # fmt: skip
def test_only_a_user_group_s_id_is_a_mention(mention: str, group: str | None) -> None:
    assert group_of(mention) == group
