"""Slash commands, as somebody in a Discord channel uses them."""

from typing import Any

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands import COMMANDS
from cogs.permissions import NOT_ALLOWED
from cogs.place import NOT_AMONG_OTHERS, NOT_HERE
from cogs.sharing import MAY_NOT
from storage import reach, receivers
from storage.guilds import GuildSettings
from tests.cogs.town import GIVEN, Town
from tests.servers.discord import Channel, Member, User
from tests.servers.discord.permissions import (
    EMBED_LINKS,
    MANAGE_CHANNELS,
    SEND_MESSAGES,
    VIEW_CHANNEL,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_command_is_answered_privately_with_a_card(town: Town) -> None:
    where = town.guild.add_channel("all-commands")
    for command in sorted(COMMANDS, key=lambda one: one.path[-1] == "remove"):
        if command.path in (("setup",), ("room", "join"), ("room", "confirm")):
            continue  # it asks before it shows, or takes another channel
        if command.path[0] == "feeds" and command.path[1] not in ("list", "health"):
            continue  # they take a feed: see test_feeds
        line = " ".join(command.path)
        answer = await town.ask(line, GIVEN.get(command.path), by=town.manager, where=where)
        assert answer.ephemeral, line
        assert answer.embed["title"], line
        assert ("Share" in answer.labels) == (not command.changes), line
        assert answer.content == "", line
    assert where.sent == []


async def test_an_answer_has_its_chart_and_the_figure_first(town: Town) -> None:
    where = town.guild.add_channel("chart")
    answer = await town.ask("drawdown", {"target": "NVDA"}, by=town.member, where=where)
    assert answer.embed["title"].startswith("Nvidia (NVDA) is 20.8% below its peak")
    assert answer.files["chart.png"].startswith(b"\x89PNG")
    assert answer.embed["image"]["url"].endswith("/chart.png")


@pytest.mark.parametrize(
    ("line", "given", "says"),
    [
        ("drawdown", {"target": "NVDAA"}, "did you mean NVDA"),
        ("alert add", {"target": "NVDA", "levels": "ten"}, "is not a level; give percentages"),
        ("alert add", {"target": "NVDA", "once": True, "repeat": "1h"}, "do not go together"),
        ("alert add", {"target": "NVDA", "repeat": "soon"}, "repeat soon will not do; write 30m"),
        ("alert remove", {"number": 4_000}, "This channel has no alert 4000"),
        ("subscribe releases", {"labs": "deepsek"}, "did you mean DeepSeek?"),
        ("channel", {"timezone": "Taipei/Asia"}, "is not a time zone; write it as Europe/Berlin"),
        ("basket remove", {"name": "ai"}, "Basket ai is shipped and stays"),
        ("releases search", {"words": "*zzz*"}, r"No release matches "),
    ],
)
async def test_a_mistake_is_one_private_sentence(
    town: Town, line: str, given: dict[str, Any], says: str
) -> None:
    where = town.guild.add_channel("mistakes")
    answer = await town.ask(line, given, by=town.manager, where=where)
    assert says in answer.content
    assert (answer.ephemeral, answer.embeds, answer.labels) == (True, [], [])
    assert "\n" not in answer.content


async def test_a_mentioned_role_is_listed_by_its_name(town: Town) -> None:
    where = town.guild.add_channel("mentions")
    role = next(one for one in town.guild.roles.values() if one.name == "desk")
    given = {"target": "AMD", "mention": role}
    await town.ask("alert add", given, by=town.manager, where=where)
    listed = await town.ask("alert list", by=town.manager, where=where)
    assert "for @desk" in listed.embed["description"]
    assert f"<@&{role.id}>" not in str(listed.embed)
    refused = await town.ask(
        "alert add", {"target": "SMH", "mention": town.guild.everyone}, by=town.manager, where=where
    )
    assert refused.content.startswith("An alert mentions a role, not everyone")


@pytest.mark.parametrize("line", ["alert add", "basket add", "channel", "silence add"])
async def test_only_who_may_manage_the_channel_changes_what_it_gets(town: Town, line: str) -> None:
    where = town.guild.add_channel("not-yours")
    given = GIVEN[tuple(line.split())] | ({"name": "theirs"} if line == "basket add" else {})
    refused = await town.ask(line, given, by=town.member, where=where)
    assert (refused.content, refused.ephemeral) == (NOT_ALLOWED, True)
    assert (await town.ask("alert list", by=town.member, where=where)).embed["title"] == (
        "This channel has no alerts"
    )


async def test_the_chosen_role_may_manage(town: Town) -> None:
    where, desk = town.guild.add_channel("chosen"), town.guild.add_role("traders")
    trader = town.guild.add_member("carl", desk)
    await town.choose(GuildSettings(manager_role=str(desk.id)))
    try:
        answer = await town.ask("alert add", {"target": "TSM"}, by=trader, where=where)
    finally:
        await town.choose(GuildSettings())
    assert answer.embed["title"].startswith("Alert ")


async def test_a_server_may_choose_that_everybody_sees_answers(town: Town) -> None:
    where = town.guild.add_channel("public")
    await town.choose(GuildSettings(public_answers=True))
    try:
        answer = await town.ask("status", by=town.member, where=where)
        assert (answer.ephemeral, answer.labels) == (False, [])
        asked = town.server.interact("drawdown", {"target": "NVDAA"}, by=town.member, where=where)
        (mistake,) = await asked.followups()
        changed = await town.ask("alert add", {"target": "TSM"}, by=town.manager, where=where)
    finally:
        await town.choose(GuildSettings())
    assert mistake.ephemeral
    assert "did you mean NVDA" in mistake.content
    assert changed.ephemeral
    assert where.sent == [answer]


async def test_an_answer_is_shared_with_its_chart_even_after_a_restart(town: Town) -> None:
    where = town.guild.add_channel("sharing")
    answer = await town.ask("drawdown", {"target": "NVDA"}, by=town.member, where=where)
    await town.restart()
    pressed = town.server.interact.press(answer, "Share", by=town.member)
    shared = await pressed.response()
    assert pressed.refused == []
    assert shared.content == f"Shared by <@{town.member.user.id}>"
    assert shared.payload["mentions"] == []
    assert shared.embed["title"] == answer.embed["title"]
    assert shared.embed["description"] == answer.embed["description"]
    assert shared.files["chart.png"] == answer.files["chart.png"]
    assert shared.embed["image"]["url"] != answer.embed["image"]["url"]
    assert (shared.ephemeral, where.sent) == (False, [shared])

    where.deny(SEND_MESSAGES, town.member)
    refused = await town.server.interact.press(answer, "Share", by=town.member).response()
    assert (refused.content, refused.ephemeral) == (MAY_NOT, True)
    assert where.sent == [shared]


async def test_an_answer_is_shared_without_a_picture_that_cannot_be_had(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_url: str) -> bytes:
        raise aiohttp.ServerDisconnectedError

    where = town.guild.add_channel("no-picture")
    answer = await town.ask("drawdown", {"target": "NVDA"}, by=town.member, where=where)
    monkeypatch.setattr(town.bot.http, "get_from_cdn", gone)
    shared = await town.server.interact.press(answer, "Share", by=town.member).response()
    assert shared.embed["title"] == answer.embed["title"]
    assert shared.files == {}


async def test_people_who_talk_without_the_bot_share_its_answers_too(town: Town) -> None:
    user = town.server.add_user("fred")
    where = town.server.private_channel(user)
    asked = town.server.interact("help", by=user, where=where, installed="user")
    answer = await asked.response()
    shared = await town.server.interact.press(answer, "Share", by=user).response()
    assert (answer.ephemeral, shared.ephemeral) == (True, False)
    assert shared.embed["title"] == answer.embed["title"]


async def test_where_the_bot_can_post_nothing_it_says_so(town: Town) -> None:
    user = town.server.add_user("dora")
    elsewhere = town.server.add_guild("Elsewhere", joined=False)
    stranger, chat = elsewhere.add_member(user), elsewhere.add_channel("chat")
    interact = town.server.interact
    given = GIVEN["alert", "add"]
    tried: list[tuple[str, Member | User, Channel, str | None]] = [
        ("alert add", stranger, chat, NOT_HERE),
        ("alert add", user, town.server.private_channel(user), NOT_AMONG_OTHERS),
        ("drawdown", stranger, chat, None),
    ]
    for line, by, where, says in tried:
        values = given if line == "alert add" else {}
        asked = interact(line, values, by=by, where=where, installed="user")
        answer = await asked.response()
        assert answer.content == (says or "")
        assert answer.ephemeral
    closed = town.guild.add_channel("closed")
    closed.deny(EMBED_LINKS)
    refused = await town.ask("alert add", given, by=town.manager, where=closed)
    assert refused.content.startswith("Aftershock lacks Embed Links in this channel")
    asked = interact("alert add", given, by=user, where=town.server.dm(user))
    assert (await asked.response()).embed["title"].startswith("Alert ")


async def test_status_names_the_channels_that_whoever_asks_can_see(town: Town) -> None:
    where, closed = town.guild.add_channel("open"), town.guild.add_channel("council")
    closed.deny(VIEW_CHANNEL, town.member)
    for one in (where, closed):
        await _given_up(town, one)
    answer = await town.ask("status", by=town.member, where=where)
    assert "#open" in str(answer.embed)
    assert "#council" not in str(answer.embed)
    assert "1 channel that is not shown here; /status in it says why" in str(answer.embed)
    closed.allow_all()
    answer = await town.ask("status", by=town.member, where=where)
    assert "#council" in str(answer.embed)
    # What everybody is shown is only of the channel that they are all in.
    await town.choose(GuildSettings(public_answers=True))
    try:
        answer = await town.ask("status", by=town.member, where=where)
    finally:
        await town.choose(GuildSettings())
    assert "#open" in str(answer.embed)
    assert "#council" not in str(answer.embed)


async def _given_up(town: Town, where: Channel) -> None:
    now, server = town.services.clock.now(), str(town.guild.id)

    async def work(connection: AsyncConnection) -> None:
        made = await receivers.receiver_of(
            connection, "discord", str(where.id), f"#{where.name}", now, server
        )
        await reach.disable(connection, {made.id: (now, "Missing Access")})

    await town.services.database.write(work)


@pytest.mark.parametrize("line", ["alert add", "subscribe digest", "subscribe releases"])
async def test_what_is_added_to_a_channel_that_was_given_up_is_told(town: Town, line: str) -> None:
    where = town.guild.add_channel("given-up")
    await town.ask("channel", {"cap": 9}, by=town.manager, where=where)
    database, address = town.services.database, str(where.id)
    async with database.read() as connection:
        before = await receivers.find_receiver(connection, "discord", address)
    assert before is not None
    why = (town.services.clock.now(), "Missing Access")
    await database.write(lambda connection: reach.disable(connection, {before.id: why}))
    await town.ask(line, GIVEN[tuple(line.split())], by=town.manager, where=where)
    async with database.read() as connection:
        after = await receivers.find_receiver(connection, "discord", address)
    assert after is not None
    assert after.disabled_reason is None


async def test_a_servers_basket_serves_all_of_its_channels_and_no_other_servers(
    town: Town,
) -> None:
    first, second = town.guild.add_channel("first"), town.guild.add_channel("second")
    other = town.server.add_guild("Other")
    owner = other.add_member("erik", other.add_role("boss", MANAGE_CHANNELS))
    there = other.add_channel("there")
    given = {"name": "ours", "symbols": "NVDA,AMD"}
    await town.ask("basket add", given, by=town.manager, where=first)
    alert = await town.ask("alert add", {"target": "ours"}, by=town.manager, where=second)
    assert alert.embed["title"].startswith("Alert ")
    unknown = await town.ask("basket show", {"name": "ours"}, by=owner, where=there)
    assert unknown.content.startswith("There is no basket ours")
    followed = await town.ask("basket remove", {"name": "ours"}, by=town.manager, where=first)
    assert "follows ours in #second; remove it first" in followed.content
    offered = town.server.interact.autocomplete(
        "drawdown", "target", "our", by=town.member, where=second
    )
    assert [one["value"] for one in await offered.choices()] == ["ours"]
