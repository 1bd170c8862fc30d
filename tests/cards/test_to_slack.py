"""Cards in Slack: golden messages, limits, and what is left out where they are too long."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.cards import slack_names as names
from bot.cards.mrkdwn import as_seen
from bot.cards.slack_limits import faults, weight
from bot.cards.to_slack import Rendered, alert, answer, sentence
from bot.cards.to_text import clean
from bot.model.card import Card, Field, Table, Tone, UnderwaterChart
from bot.surfaces.slack.wording import card_for_slack
from tests.cards.discord_cards import Cards
from tests.cards.slack_seen import rich, seen
from tests.cards.test_mrkdwn import HOSTILE, active_markup
from tests.cards.test_to_discord import cards_of
from tests.servers.slack.block_checks import faults_in_message

GOLDEN = Path(__file__).parent / "golden" / "slack"
NONCE = "0123456789abcdef01234567"
BUTTONS = (names.EXPLAIN, names.SNOOZE_1H, names.SNOOZE_1D, names.SILENCE)
CHART = UnderwaterChart("x", (), (), (), (), "USD", "falls", "test")


def posted(card: Card) -> Rendered:
    """The card as an alert with all its buttons."""
    return alert(card, nonce=NONCE, actions=BUTTONS)


def reads(message: Rendered, file_id: str | None = "F0CHART") -> str:
    """What a reader sees of the message with its chart."""
    return seen(message.text, message.with_chart(file_id))


def words(message: Rendered) -> str:
    """All that can be read of the message, whatever cannot be seen left out."""
    return clean(reads(message).replace("\n", " \n")).replace("\n", " ")


def as_json(blocks: list[dict[str, Any]]) -> str:
    """The blocks as JSON; a table has a line for each row."""
    lines = []
    for block in blocks:
        rows = [json.dumps(row, ensure_ascii=False) for row in block.get("rows", ())]
        whole = json.dumps({**block, "rows": []} if rows else block, ensure_ascii=False)
        lines.append(whole.replace('"rows": []', '"rows": [\n' + ",\n".join(rows) + "\n]"))
    return "[\n" + ",\n".join(lines) + "\n]\n"


def test_each_kind_of_message_reads_as_it_should(cards: Cards) -> None:
    told = {name: posted(card_for_slack(card)) for name, card in cards.posted.items()}
    told |= {
        name: answer(card_for_slack(card), share="asked") for name, card in cards.answered.items()
    }
    written = {}
    for name, message in told.items():
        blocks = message.with_chart("F0CHART")
        assert faults(blocks, message.text) == [], name
        assert faults_in_message(blocks, "F0CHART".__eq__) == [], name
        for block in Block.parse_all(blocks):
            block.validate_json()
        written[f"{name}.txt"] = reads(message) + "\n"
        written[f"{name}.json"] = as_json(blocks)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        for name, text in written.items():
            (GOLDEN / name).write_text(text, "utf-8")
    found = {path.name: path.read_text("utf-8") for path in GOLDEN.iterdir()}
    assert written == found


def mrkdwn_of(part: Any) -> list[str]:
    """All texts in which Slack would read markup."""
    if isinstance(part, dict):
        own = [part["text"]] if part.get("type") == "mrkdwn" else []
        return own + [text for inner in part.values() for text in mrkdwn_of(inner)]
    return [text for inner in part for text in mrkdwn_of(inner)] if isinstance(part, list) else []


def is_sound(message: Rendered) -> None:
    """Slack takes it, with the chart and without, and nothing in it does anything."""
    for file_id in ("F0CHART", None):
        blocks = message.with_chart(file_id)
        assert faults(blocks, message.text) == []
        assert faults_in_message(blocks, "F0CHART".__eq__) == []
    for text in (message.text, *mrkdwn_of(message.blocks)):
        assert not active_markup(text), active_markup(text)


@settings(max_examples=40, deadline=None)
@given(cards_of)
def test_the_ugliest_card_fits_and_does_nothing(card: Card) -> None:
    is_sound(posted(card))
    is_sound(answer(card, share="/drawdown NVDA"))


huge = st.sampled_from([*HOSTILE, "&<>", "word ", "я", "👩 "]).map(
    lambda text: (text * 9000)[:9000]
)


@settings(max_examples=8, deadline=None)
@given(huge, st.integers(0, 40), st.integers(1, 300), st.integers(1, 30))
def test_the_longest_card_keeps_its_headline_its_footer_and_its_counts(
    text: str, fields: int, rows: int, columns: int
) -> None:
    table = Table(("c",) * columns, ((text[:90] or "x",) * columns,) * rows, note=f"Note {text}")
    card = Card(
        f"Headline {text}", "\n".join([text] * 9), f"badge {text}",
        tuple(Field(f"name {text}", text) for _ in range(fields)), table,
        replace(CHART, alt=f"Chart {text}"), f"Footer {text}", Tone.DOWN, text,
        datetime(2025, 1, 27, 21, tzinfo=UTC), ("Snoozed by Ann " + text, "Last mark " + text) * 9,
    )  # fmt: skip
    message = posted(card)
    is_sound(message)
    is_sound(answer(card, share="/x" * 1000))
    said = words(message)
    for kept in ("Headline", "badge", "(Footer", "Last mark", "Note", "[time since", "F0CHART"):
        assert kept in said, kept
    tables = [block for block in message.blocks if block["type"] == "table"]
    shown = len(tables[0]["rows"]) - 1 if tables else 0
    assert shown == rows or f"(… {rows - shown:,} more" in said
    sections = [block for block in message.blocks if block["type"] == "section"]
    of = [field for section in sections for field in section["fields"]]
    if fields:
        last = as_seen(of[-1]["text"]).split("\n")[0]
        assert len(of) == fields or last == f"… {fields - len(of) + 1} more"


def test_a_comparison_of_hundreds_of_models_leaves_whole_rows_out() -> None:
    rows = tuple((f"model-{n:03}", "0.55", "", "16K") for n in range(300))
    table = Table(("", "in", "out", "context"), rows, frozenset({1, 2}), "Prices per million")
    blocks = answer(Card("Models", table=table)).blocks
    assert [block["type"] for block in blocks] == ["header", "table", "context"]
    assert len(blocks[1]["rows"]) == 100
    assert blocks[1]["rows"][99][0] == {"type": "raw_text", "text": "model-098"}
    assert [rich(cell) for cell in blocks[1]["rows"][0]] == ["name", "in", "out", "context"]
    assert blocks[1]["rows"][1][2]["text"] == "–"
    assert [one["align"] for one in blocks[1]["column_settings"]] == [
        "left", "right", "right", "left",
    ]  # fmt: skip
    assert blocks[2]["elements"][0]["text"] == "… 201 more\nPrices per million"


def test_a_column_of_sentences_breaks_its_lines() -> None:
    table = Table(("number", "what"), (("1", "x" * 41), ("2", "y")), frozenset({0}))
    assert answer(Card("x", table=table)).blocks[1]["column_settings"] == [
        {"align": "right"},
        {"align": "left", "is_wrapped": True},
    ]


def test_what_stands_where() -> None:
    card = Card(
        "NVDA fell", "Mon 27 Jan\nsee https://a.b/c_d?e=1&f=*2 now", "crossed −10%",
        (Field("Peak", "$149.43"), Field("", "a_b *c*"), Field("x", "")),
        Table(("", "last"), (("NVDA", "118.42"),), frozenset({1})), CHART, "Yahoo, * adjusted",
        Tone.DOWN, "<!subteam^S0DESK1|@desk>", datetime(2025, 1, 27, 21, tzinfo=UTC),
        ("Snoozed by <@U1> until 22:00",),
    )  # fmt: skip
    message = posted(card)
    assert reads(message) == (
        "[notification] NVDA fell · crossed −10% · for @group S0DESK1\n"
        "# NVDA fell · crossed −10%\n"
        "Mon 27 Jan · [time since 27 Jan 2025, 21:00 UTC]\n"
        "see https://a.b/c_d?e=1&f=*2 now\nfor @group S0DESK1\n"
        "| Peak\n|   $149.43\n| a_b ∗c∗\n| x\n|   –\n"
        "name    last\nNVDA  118.42\n"
        "[image F0CHART: falls]\n"
        "(Snoozed by <@U1> until 22:00)\n(Yahoo, * adjusted)\n"
        "[Explain] [Snooze 1 h] [Snooze 1 d] [Silence]"
    )
    assert "(Chart: falls)\n(Snoozed by" in reads(message, None)
    text = message.blocks[1]["elements"][0]["elements"]
    assert text[1] == {
        "type": "date", "timestamp": 1738011600, "format": "{ago}",
        "fallback": "27 Jan 2025, 21:00 UTC",
    }  # fmt: skip
    assert text[3] == {"type": "link", "url": "https://a.b/c_d?e=1&f=*2"}
    assert text[-1] == {"type": "usergroup", "usergroup_id": "S0DESK1"}
    assert message.blocks[2]["fields"][0]["text"] == "*Peak*\n$149.43"
    buttons = message.blocks[-1]
    assert buttons["block_id"] == f"aftershock:{NONCE}"
    assert {button["value"] for button in buttons["elements"]} == {NONCE}


@pytest.mark.parametrize(
    "mention", ["@desk", "<!channel>", "<!here>", "<@U123>", "@channel", "<!subteam^S1> <!here>",
                "<!subteam^S0DESK1|a>b>", "<#C123>"],
)  # fmt: skip
def test_only_a_user_group_is_really_called(mention: str) -> None:
    message = posted(Card("NVDA fell", mention=mention))
    assert message.text == "NVDA fell"
    assert message.blocks[1]["elements"][0]["elements"] == [
        {"type": "text", "text": f"for {mention}"}
    ]
    assert "for" not in reads(answer(Card("NVDA fell", mention=mention)))


def test_a_title_too_long_for_a_header_is_bold_text() -> None:
    assert answer(Card("x" * 150)).blocks[0]["type"] == "header"
    block = answer(Card("x" * 151)).blocks[0]
    assert block["elements"][0]["elements"] == [
        {"type": "text", "text": "x" * 151, "style": {"bold": True}}
    ]


@pytest.mark.parametrize(
    ("text", "kept"), [("word " * 150, 3), ("x" * 5000, 1), ("👩 " * 2000, 1), ("&" * 700, 1)]
)
def test_long_text_loses_whole_lines_and_says_how_many(text: str, kept: int) -> None:
    message = answer(Card("Long", "\n".join([text.strip()] * 6)))
    is_sound(message)
    shown = rich(message.blocks[1]).split("\n")
    assert weight(message.blocks[1:]) <= 3000
    assert shown[-1] == f"… {6 - kept} more"
    assert len(shown) == kept + 1


def test_the_newest_marks_are_kept() -> None:
    marks = tuple(f"Mark {n} " + "x" * 90 for n in range(30))
    context = posted(Card("NVDA fell", "At the close", marks=marks)).blocks[2]
    lines = context["elements"][0]["text"].split("\n")
    assert lines[0] == f"… {31 - len(lines)} earlier"
    assert lines[-1] == marks[-1]
    assert 5 < len(lines) < 15


def test_a_share_button_carries_the_line_that_was_asked() -> None:
    assert answer(Card("x"), share="drawdown NVDA").blocks[-1]["elements"] == [
        {
            "type": "button", "action_id": names.SHARE, "value": "drawdown NVDA",
            "text": {"type": "plain_text", "text": "Share", "emoji": False},
        }
    ]  # fmt: skip
    assert answer(Card("x"), share="x" * 2001).blocks[-1]["type"] == "header"
    assert posted(Card("x")).blocks[-1]["type"] == "actions"
    assert alert(Card("x"), nonce=NONCE, actions=()).blocks[-1]["type"] == "header"


def test_a_card_that_says_nothing_is_still_a_message() -> None:
    is_sound(answer(Card("")))
    is_sound(answer(Card("", "\n \n")))


def test_a_sentence_is_harmless_and_short_enough() -> None:
    assert sentence("There is no basket <!channel>.") == "There is no basket &lt;!channel&gt;."
    assert len(sentence("<" * 9000)) <= 4000
    assert sentence("\n".join(["x" * 1500] * 5)).endswith("\n… 3 more")
