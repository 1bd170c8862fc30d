"""Texts name commands as people type them in Slack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import COMMANDS
from bot.model.card import Card, Field, Table, UnderwaterChart
from bot.surfaces.slack.wording import card_for_slack, for_slack


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("/silence remove 3 ends it.", "/aftershock silence remove 3 ends it."),
        ("see /silence list", "see /aftershock silence list"),
        ("End with /subscribe remove 1 or /subscribe remove 2.",
         "End with /aftershock subscribe remove 1 or /aftershock subscribe remove 2."),
        ("did you mean /alert?", "did you mean /aftershock alert?"),
        ("Its state (/status); then \"/help\".",
         "Its state (/aftershock status); then \"/aftershock help\"."),
        ("/channel cap=5\n/setup", "/aftershock channel cap=5\n/aftershock setup"),
        ("/aftershock silence list", "/aftershock silence list"),
        ("https://x.y/status and https://x.y/a/help?b=/help", None),
        ("https://x.y:80/status, x.y/drawdown/help", None),
        ("1/2, and/or, risk/alert, 22/7", None),
        ("/statuses, /help-me, /help/me, /status.json, //status, ~/setup", None),
        ("/invite @Aftershock, /remind, /", None),
        ("Told for <!subteam^S123ABC>.", "Told for a user group."),
        ("No command at all", None),
        ("", None),
    ],
)  # fmt: skip
def test_commands_and_nothing_else(text: str, written: str | None) -> None:
    assert for_slack(text) == (text if written is None else written)


def test_every_command_by_its_name_and_example() -> None:
    for command in COMMANDS:
        assert for_slack(f"Type {command.name}.") == f"Type /aftershock {command.name[1:]}."
        assert for_slack(command.example) == f"/aftershock {command.example[1:]}"


words = st.lists(st.sampled_from(["/", "status", "help", " ", ".", "x", "https://a.b", "-", "é"]))


@given(words.map("".join))
def test_said_twice_is_said_once(text: str) -> None:
    once = for_slack(text)
    assert for_slack(once) == once
    assert once.replace("/aftershock ", "/") == text


def test_every_text_of_a_card() -> None:
    chart = UnderwaterChart("x", (), (), (), (), "USD", "falls", "test")
    card = Card(
        "/help", "Say /help", "/status", (Field("/setup", "see /channel"),),
        Table(("/alert add", "x"), (("/drawdown", "How far"),), frozenset({1}), "/basket list"),
        chart, "by /releases latest", marks=("Snoozed; /silence remove 3 ends it",),
        facts={"line": "/help"},
    )  # fmt: skip
    said = card_for_slack(card)
    assert said == Card(
        "/aftershock help", "Say /aftershock help", "/aftershock status",
        (Field("/aftershock setup", "see /aftershock channel"),),
        Table(("/aftershock alert add", "x"), (("/aftershock drawdown", "How far"),),
              frozenset({1}), "/aftershock basket list"),
        chart, "by /aftershock releases latest",
        marks=("Snoozed; /aftershock silence remove 3 ends it",), facts={"line": "/help"},
    )  # fmt: skip
    assert card_for_slack(Card("x")) == Card("x")
