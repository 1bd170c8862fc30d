"""Cards as text: golden layouts, limits, and nothing that could break a terminal."""

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.to_text import clean, print_card, to_json, to_plain, width_of
from bot.model.card import Card, Field, Table, Tone

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "\x1b[31mred\x1b]0;title\x07 @everyone \u202eevil\u200b\r\nnext\x00"

CARDS = {
    "alert": Card(
        title="AI stocks are 13.7% below their peak",
        badge="crossed −10%",
        text="Mon 27 Jan 2025, at the close · −12.8% on the day\nS&P 500 −1.5%, VIX 17.90",
        table=Table(
            ("", "last", "day", "from peak"),
            (("VRT", "102.60", "−29.9%", "−33.2%"), ("NVDA", "118.42", "−17.0%", "−20.8%")),
            frozenset({1, 2, 3}),
            "… 16 more; up on the day: META +1.9%",
        ),
        footer="Yahoo, daily close, as of 27 Jan 2025",
        tone=Tone.DOWN,
    ),
    "fields": Card(
        title="Nvidia (NVDA) is 20.8% below its peak",
        text="It takes a gain of 26.2% to be back at the peak.",
        fields=(Field("Last close", "$118.42"), Field("Peak", "$149.43 on 6 Jan 2025, " * 5)),
    ),
    "one line": Card(title="Basket mine is removed"),
    "wide": Card(
        title="通义千问 2.0：新的模型" * 5,
        badge="新",
        text="深度求索发布了新的模型" * 6,
        table=Table(("lab", "model"), (("阿里巴巴", "通义千问" * 20), ("x", "y"))),
    ),
    "hostile": Card(title=HOSTILE, text=HOSTILE, fields=(Field(HOSTILE, HOSTILE),)),
}


@pytest.mark.parametrize("name", CARDS)
def test_golden(name: str) -> None:
    path = GOLDEN / f"{name.replace(' ', '-')}.txt"
    text = to_plain(CARDS[name]) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


texts = st.text(max_size=90)
tables = st.integers(1, 5).flatmap(
    lambda n: st.builds(
        Table,
        columns=st.tuples(*[texts] * n),
        rows=st.lists(st.tuples(*[texts] * n), max_size=6).map(tuple),
        numeric=st.frozensets(st.integers(0, n - 1)),
        note=texts,
    )
)
cards = st.builds(
    Card,
    title=texts,
    text=texts,
    badge=texts,
    fields=st.lists(st.builds(Field, texts, texts), max_size=4).map(tuple),
    table=st.none() | tables,
    footer=texts,
)


@given(cards, st.integers(30, 100))
def test_no_line_is_too_wide_and_nothing_controls_the_terminal(card: Card, width: int) -> None:
    for line in to_plain(card, width=width).split("\n"):
        assert width_of(line) <= width
        assert clean(line) == line
        assert line == line.rstrip()


def test_a_long_cell_is_wrapped_and_nothing_of_it_is_lost() -> None:
    table = Table(("number", "what", "how"), (("1", "falls by " * 12, "until Friday " * 5),))
    lines = to_plain(Card("x", table=table)).split("\n")[2:]
    text = " ".join(lines)
    assert (text.count("falls"), text.count("Friday"), "…" in text) == (12, 5, False)
    assert all(len(line) <= 78 for line in lines)


def test_hostile_text_is_harmless() -> None:
    text = to_plain(CARDS["hostile"])
    for bad in ("\x1b", "\u202e", "\u200b", "\x00", "\r", "\x07"):
        assert bad not in text


def test_a_terminal_gets_colour_and_the_same_words() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    print_card(CARDS["alert"], out)
    assert "\x1b[" in out.getvalue() or os.environ.get("NO_COLOR") or os.environ.get("TERM")
    assert "AI stocks are 13.7% below their peak" in out.getvalue()
    assert "NVDA  118.42  −17.0%" in out.getvalue().replace("\x1b[31m", "").replace("\x1b[0m", "")


def test_a_mention_stands_after_the_text() -> None:
    card = Card("NVDA fell", text="On the day", footer="Yahoo", mention="@desk\x1b[31m")
    assert to_plain(card) == "NVDA fell\nOn the day\nFor: @desk\nYahoo"
    assert json.loads(to_json(card))["mention"] == card.mention


def test_what_came_since_stands_before_the_source() -> None:
    marks = ("Snoozed by Ann\x1b[31m\nuntil 22:05", "Now 20.1% below its peak")
    card = Card("NVDA fell", "On the day", footer="Yahoo", marks=marks)
    assert to_plain(card) == (
        "NVDA fell\nOn the day\nSnoozed by Ann until 22:05\nNow 20.1% below its peak\nYahoo"
    )
    assert json.loads(to_json(card))["marks"] == list(marks)


def test_json_keeps_the_facts_and_never_says_nan() -> None:
    card = replace(CARDS["alert"], facts={"depth": -0.137, "pe": float("nan"), "rows": (1, None)})
    found = json.loads(to_json(card))
    assert found["facts"] == {"depth": -0.137, "pe": None, "rows": [1, None]}
    assert found["table"]["rows"][1][0] == "NVDA"
    assert found["tone"] == "down"
