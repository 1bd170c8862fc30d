"""What somebody reads in the browser after installing the bot, or failing to."""

import re
from html import unescape

import pytest

from bot.surfaces.slack import pages


def seen(page: str) -> str:
    """The page as it reads."""
    return unescape(re.sub(r"<[^>]*>", "|", page.partition("<body")[2].partition(">")[2]))


def test_success_says_what_to_do_next() -> None:
    assert seen(pages.installed("Alpha")) == (
        "|Aftershock is installed in Alpha||In Slack, invite it to a channel with /invite "
        "@Aftershock, then type /aftershock setup there.|||"
    )
    assert "installed in your workspace" in seen(pages.installed(""))


@pytest.mark.parametrize(
    ("reason", "said", "why"),
    [
        ("access_denied", "", "It was not agreed to on Slack's page. Nothing has changed."),
        (
            "invalid_state",
            "",
            "This page was open for more than ten minutes, or was loaded before.",
        ),
        ("storage_error", "It could not be stored.", "It could not be stored."),
        (
            "<script>",
            "",
            "Slack ended it. If that happens again, ask whoever runs the bot.",
        ),
    ],
)
def test_failure_says_why_and_where_to_begin_again(reason: str, said: str, why: str) -> None:
    page = pages.not_installed(reason, "/slack/install", said)
    assert seen(page) == f"|Aftershock was not installed||{why}|||Begin again||||"
    assert '<a href="/slack/install">' in page


def test_a_workspaces_name_is_text() -> None:
    assert "<script>" not in pages.installed("<script>alert(1)</script>")
