"""Cards in Discord: golden messages, limits, and what is left out where they are too long."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.markdown import as_seen, units
from bot.cards.to_discord import COLOURS, Rendered, alert, answer, picture_text, role_of
from bot.model.card import Card, Field, Table, Tone, UnderwaterChart
from tests.cards.discord_cards import Cards
from tests.cards.test_markdown import HOSTILE, active_markup

GOLDEN = Path(__file__).parent / "golden" / "discord"


def test_each_kind_of_message_reads_as_it_should(cards: Cards) -> None:
    seen = {name: picture_text(alert(card)) for name, card in cards.posted.items()}
    seen |= {name: picture_text(answer(card)) for name, card in cards.answered.items()}
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        for name, text in seen.items():
            (GOLDEN / f"{name}.txt").write_text(text + "\n", "utf-8")
    found = {path.stem: path.read_text("utf-8") for path in GOLDEN.glob("*.txt")}
    assert {name: text + "\n" for name, text in seen.items()} == found


ugly = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=40),
    st.builds(
        lambda text, size: (text * size)[:size], st.sampled_from(HOSTILE), st.integers(1, 1500)
    ),
)
rows_of = st.integers(1, 6).flatmap(
    lambda n: st.builds(
        Table,
        columns=st.tuples(*[ugly] * n),
        rows=st.builds(
            lambda rows, times: rows * times,
            st.lists(st.tuples(*[ugly] * n), max_size=4).map(tuple),
            st.integers(1, 12),
        ),
        numeric=st.frozensets(st.integers(0, n - 1)),
        note=ugly,
    )
)
fields_of = st.builds(
    lambda fields, times: fields * times,
    st.lists(st.builds(Field, ugly, ugly), max_size=4).map(tuple),
    st.integers(1, 10),
)
CHART = UnderwaterChart("x", (), (), (), (), "USD", "falls", "test")
cards_of = st.builds(
    Card,
    title=ugly,
    text=st.lists(ugly, max_size=12).map("\n".join),
    badge=ugly,
    fields=fields_of,
    table=st.none() | rows_of,
    chart=st.none() | st.just(CHART),
    footer=ugly,
    mention=ugly,
    at=st.none() | st.just(datetime(2025, 1, 27, 21, tzinfo=UTC)),
    marks=st.builds(lambda some, n: tuple(some) * n, st.lists(ugly, max_size=3), st.integers(1, 9)),
)


def within_limits(message: Rendered) -> None:
    """What Discord would refuse, and what a reader should never meet."""
    embed = message.embed
    assert len(embed) <= 6000
    assert units(message.content) <= 2000
    assert units(embed.title or "") <= 256
    assert units(embed.description or "") <= 4096
    assert units(embed.footer.text or "") <= 2048
    assert len(embed.fields) <= 25
    for field in embed.fields:
        assert 1 <= units(field.name or "") <= 256
        assert 1 <= units(field.value or "") <= 1024
    values = [text for f in embed.fields for text in (f.name or "", f.value or "")]
    total = [embed.title or "", embed.description or "", embed.footer.text or "", *values]
    assert sum(map(units, total)) <= 6000
    assert (embed.title or embed.description or embed.fields or embed.footer.text) is not None
    assert embed.image.url == ("attachment://chart.png" if message.chart else None)
    for text in (message.content, embed.title or "", *values):
        assert not active_markup(text), active_markup(text)
    assert not active_markup(embed.description or "", small="-# ")


@settings(max_examples=40, deadline=None)
@given(cards_of)
def test_the_ugliest_card_fits_and_does_nothing(card: Card) -> None:
    within_limits(alert(card))
    within_limits(answer(card))


def test_a_comparison_of_forty_models_fits_by_leaving_whole_rows_out() -> None:
    rows = tuple((f"model-{n:02}-{'x' * 51}", "0.55", "2.19" * 20, "16K") for n in range(40))
    table = Table(("model", "in", "out", "context"), rows, frozenset({1, 2}), "Prices a million")
    fields = tuple(Field(f"Field {n}", "word " * 180) for n in range(30))
    message = answer(Card("Forty models", "Side by side", table=table, fields=fields))
    within_limits(message)
    lines = picture_text(message).split("\n")
    shown = [line for line in lines if line.startswith("model-")]
    assert 5 < len(shown) < 40
    assert all(line.endswith(" · 16K") for line in shown)
    assert f"… {40 - len(shown)} more" in lines
    names = [field.name for field in message.embed.fields]
    assert names[-1] == f"… {31 - len(names)} more"
    assert "Prices a million" in lines


@pytest.mark.parametrize(
    ("text", "kept"),
    [("word " * 150, 5), ("x" * 5000, 1), ("👩 " * 2000, 1), ("line\n" * 400, 400)],
)
def test_long_text_loses_whole_lines_and_says_how_many(text: str, kept: int) -> None:
    lines = "\n".join([text.strip()] * 6) if "\n" not in text else text.strip()
    message = answer(Card("Long", lines))
    within_limits(message)
    shown = (message.embed.description or "").split("\n")
    total = lines.count("\n") + 1
    assert len(shown) == (kept if kept == total else kept + 1)
    if kept < total:
        assert shown[-1] == f"… {total - kept} more"
    assert message.embed.description is not None


def test_a_table_that_fits_a_phone_is_aligned_and_a_wider_one_is_lines() -> None:
    narrow = Table(("", "last", "from peak"), (("NVDA", "118.42", "−20.8%"), ("MU", "9.1", "?")),
                   frozenset({1, 2}))  # fmt: skip
    assert answer(Card("x", table=narrow)).embed.description == (
        "```\n        last  from peak\nNVDA  118.42     −20.8%\nMU       9.1          ?\n```"
    )
    wide = Table(("model", "in", "note"), (("a" * 30, "", "**x"), ("", "2", "")))
    assert answer(Card("x", table=wide)).embed.description == (
        f"*model · in · note*\n**{'a' * 30}** · – · \\*\\*x\n**–** · 2"
    )


def test_a_long_head_goes_into_two_lines_before_the_table_gives_up() -> None:
    row = ("ASML*", "1,233.51", "+17.6%", "+12.3%", "−64.1%")
    table = Table(("", "last", "week", "day", "from peak"), (row,), frozenset({1, 2, 3, 4}))
    text = answer(Card("x", table=table)).embed.description or ""
    assert text == (
        "```\n                               from\n          last   week    day   peak\n"
        "ASML* 1,233.51 +17.6% +12.3% −64.1%\n```"
    )


def test_a_backtick_cannot_end_a_block_of_code() -> None:
    table = Table(("a", "b"), (("```", "@everyone"),))
    text = answer(Card("x", table=table)).embed.description or ""
    assert text.count("```") == 2


@pytest.mark.parametrize(
    ("mention", "content"),
    [
        ("", "**NVDA fell** · crossed −10%"),
        ("<@&123>", "**NVDA fell** · crossed −10% · for <@&123>"),
        ("@desk", "**NVDA fell** · crossed −10% · for @desk"),
        ("@everyone", "**NVDA fell** · crossed −10% · for @\u200beveryone"),
        ("<@&1> <@&2>", "**NVDA fell** · crossed −10% · for \\<@\u200b&1> \\<@\u200b&2>"),
        ("<@123>", "**NVDA fell** · crossed −10% · for \\<@\u200b123>"),
    ],
)
def test_a_push_notification_says_the_headline_and_calls_one_role(
    mention: str, content: str
) -> None:
    card = Card("NVDA fell", "On the day", badge="crossed −10%", mention=mention)
    message = alert(card)
    assert (message.content, message.embed.title) == (content, None)
    assert (role_of(mention) is not None) == (mention == "<@&123>")
    told = answer(card)
    assert (told.content, told.embed.title) == ("", "NVDA fell · crossed −10%")


def test_tone_moment_fields_and_footer() -> None:
    card = Card(
        "x", "Mon 27 Jan, at the close\nmore", tone=Tone.DOWN, footer="Yahoo_x, as of 27 Jan",
        fields=(Field("Peak", "$149.43"), Field("", ""), Field("Long", "word " * 20)),
        at=datetime(2025, 1, 27, 21, tzinfo=UTC),
    )  # fmt: skip
    embed = answer(card).embed
    assert embed.description == "Mon 27 Jan, at the close · <t:1738011600:R>\nmore"
    assert embed.colour == discord.Colour(COLOURS[Tone.DOWN])
    assert embed.footer.text == "Yahoo_x, as of 27 Jan"  # no markdown there
    assert [(f.name, f.value, f.inline) for f in embed.fields[:2]] == [
        ("Peak", "$149.43", True),
        ("\u200b", "–", True),
    ]
    assert embed.fields[2].inline is False
    assert {answer(replace(card, tone=tone)).embed.colour for tone in Tone} == {
        discord.Colour(value) for value in COLOURS.values()
    }


def test_a_reader_sees_the_moment_the_role_and_the_chart() -> None:
    card = Card("A_b", "At the close", mention="<@&7>", chart=CHART, footer="Yahoo",
                at=datetime(2025, 1, 27, 21, tzinfo=UTC))  # fmt: skip
    assert picture_text(alert(card)) == (
        "A_b · for @role 7\nAt the close · [time since 27 Jan 2025, 21:00 UTC]\n"
        "[chart: falls]\nYahoo"
    )


def test_what_came_since_is_small_print_below_the_table() -> None:
    table = Table(("", "last"), (("NVDA", "118.42"),), frozenset({1}))
    card = Card("NVDA fell", "On the day", table=table, marks=("Snoozed by *Ann*", "", "# Deeper"))
    message = alert(card)
    assert message.embed.description == (
        "On the day\n```\n        last\nNVDA  118.42\n```\n-# Snoozed by \\*Ann\\*\n-# \\# Deeper"
    )
    assert picture_text(message).endswith("NVDA  118.42\nSnoozed by *Ann*\n# Deeper")


def test_what_came_since_survives_every_limit() -> None:
    marks = tuple(f"Mark {n} " + "_" * 300 for n in range(30))
    table = Table(("a",), (("x" * 90,),) * 200, note="n" * 900)
    fields = tuple(Field(f"Field {n}", "word " * 180) for n in range(30))
    card = Card("Long", "\n".join(["word " * 200] * 9), "", fields, table, footer="f" * 3000)
    message = alert(replace(card, marks=marks))
    within_limits(message)
    lines = [line for line in (message.embed.description or "").split("\n") if line[:3] == "-# "]
    assert lines[0] == f"-# … {31 - len(lines)} earlier"
    assert lines[-1].startswith("-# Mark 29 ")
    assert 3 <= len(lines) <= 10


def test_a_card_that_says_nothing_is_still_a_message() -> None:
    within_limits(answer(Card("")))
    assert as_seen(alert(Card("Only a title")).embed.description or "") == ""
