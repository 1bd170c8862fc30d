"""/feeds in a Discord server: who may have an address read, and what is refused."""

from typing import Any

import pytest

from cogs.permissions import NOT_ALLOWED
from tests.cogs.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADDRESS = "https://127.0.0.1/feed.xml"


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("feeds add", {"url": ADDRESS}),
        ("feeds remove", {"name": "example.org"}),
        ("feeds test", {"feed": ADDRESS}),
    ],
)
async def test_only_those_who_may_manage_have_an_address_read(
    town: Town, line: str, given: dict[str, Any]
) -> None:
    where = town.guild.add_channel("feeds")
    refused = await town.ask(line, given, by=town.member, where=where)
    assert (refused.content, refused.ephemeral) == (NOT_ALLOWED, True)


@pytest.mark.parametrize(
    ("line", "given", "says"),
    [
        ("feeds add", {"url": ADDRESS}, "127.0.0.1 cannot be read: "),
        ("feeds test", {"feed": ADDRESS}, "127.0.0.1 cannot be read: "),
        ("feeds add", {"url": "feed.xml"}, "That is no feed's address"),
        ("feeds remove", {"name": "example.org"}, "of this server's own; it has none"),
    ],
)
async def test_what_cannot_be_read_is_one_private_sentence(
    town: Town, line: str, given: dict[str, Any], says: str
) -> None:
    where = town.guild.add_channel("feeds")
    answer = await town.ask(line, given, by=town.manager, where=where)
    assert says in answer.content
    assert (answer.ephemeral, answer.embeds, answer.labels) == (True, [], [])


async def test_a_feed_that_is_named_is_anybodys_to_ask_about(town: Town) -> None:
    where = town.guild.add_channel("feeds")
    answer = await town.ask("feeds test", {"feed": "openai-newz"}, by=town.member, where=where)
    assert "did you mean openai-news" in answer.content
    listed = await town.ask("feeds list", {"lab": "openai"}, by=town.member, where=where)
    assert "openai-news" in str(listed.embed)


async def test_a_timeline_has_its_picture(town: Town) -> None:
    where = town.guild.add_channel("timeline")
    answer = await town.ask("releases timeline", {"lab": "OpenAI"}, by=town.member, where=where)
    assert answer.files["chart.png"].startswith(b"\x89PNG")
    assert answer.embed["image"]["url"].endswith("/chart.png")
