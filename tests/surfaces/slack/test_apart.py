"""Two workspaces with one bot: neither is told anything of the other, nor changes it."""

from collections.abc import AsyncIterator

import pytest

from bot.commands import COMMANDS
from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.services import Services
from storage import receivers, slack_installs
from storage.receivers import Subscription
from tests.conftest import START
from tests.servers.slack import Channel, User, Workspace, running
from tests.surfaces.slack.installed import Running, on, started

KEY = "4RpQOpCiBkAkCrP8QqDnnIkYjGJXRG7yUP9gFVhLsPc="
# What one workspace sets up, in words that nobody else would say.
SET_UP = (
    "basket add hushhush NVDA,AMD Whispered chips",
    "alert add hushhush drawdown 11,23",
    "alert add SMH drawdown 17",
    "subscribe digest every=week at=08:00 basket=hushhush",
    "subscribe releases mistral",
    "silence add hushhush 90d",
    "channel quiet=22:00-07:00 timezone=America/Bogota",
)
SECRETS = ("hushhush", "whispered", "−23%", "17%", "whispers", "bogota", "zoe", "hushed")
# What another workspace asks then.
ASKED = (
    "releases search llama", "releases timeline", "alert test NVDA levels=10",
    "status", "help", "setup", "drawdown ai", "releases latest", "alert list",
    "silence list", "channel", "basket list", "alert add NVDA drawdown 10",
    "silence add NVDA 1d", "alert list", "silence list", "alert explain", "status",
    "room invite", "room show", "model DeepSeek-R1", "subscribe releases", "feeds list",
    "feeds health", "subscribe digest", "cost price GPT-4o", "cost compare GPT-4o,o1",
    "cost workload GPT-4o 10 2000 500", "cost migrate GPT-4o o1 10 2000 500", "cost training",
    "cost index", "subscribe prices", "valuation ai", "stress GOOG", "impact DeepSeek-R1 ai",
    "crowding ai",
)  # fmt: skip

# What it tries on what is not its own.
TRIED = (
    "valuation hushhush", "stress hushhush", "crowding hushhush", "impact DeepSeek-R1 hushhush",
    "basket show hushhush", "basket remove hushhush", "drawdown hushhush",
    "alert add hushhush drawdown 5", "alert remove {alert}", "silence remove 1",
    "subscribe remove {alert}", "alert explain {alert}", "room join ABCD2345", "room confirm",
    "room leave", "feeds remove hushhush", "feeds test hushhush",
    "feeds add http://127.0.0.1:9/feed",
)  # fmt: skip


@pytest.fixture
async def bot(seeded: Services) -> AsyncIterator[Running]:
    async with running() as server:
        server.clock.advance(START.timestamp() - server.clock.now())  # when there are prices
        async with started(server, on(seeded, server), KEY) as bot:
            yield bot


async def settled(bot: Running, name: str, channel: str) -> tuple[Workspace, User, Channel]:
    """A workspace with the bot, somebody in it, and a channel."""
    workspace = bot.server.add_workspace(name, installed=False)
    await bot.install(workspace)
    user = workspace.add_user("zoe" if name == "One" else "bea")
    return workspace, user, workspace.add_channel(channel, user)


async def set_up(bot: Running, user: User, channel: Channel) -> None:
    """What one workspace sets up."""
    for line in SET_UP:
        said = await bot.ask(line, user, channel)
        assert not said.startswith(UserError.__name__), f"{line}: {said}"


async def everything(bot: Running) -> list[tuple[Receiver, list[Subscription]]]:
    """All that is set up, apart from what the shipped program has."""
    async with bot.services.database.read() as connection:
        found = await receivers.receivers(connection)
        return [
            (one, await receivers.subscriptions(connection, one.id))
            for one in found
            if one.surface == "slack"
        ]


async def test_one_workspace_hears_nothing_of_another(bot: Running) -> None:
    one, zoe, whispers = await settled(bot, "One", "whispers")
    await set_up(bot, zoe, whispers)
    told = " ".join([await bot.ask(line, zoe, whispers) for line in ("alert list", "basket list")])
    assert "hushhush" in told
    assert "17%" in told
    now = bot.services.clock.now()
    await bot.services.database.write(
        lambda connection: slack_installs.close_channels(connection, one.team, "hushed up", now)
    )
    before = await everything(bot)

    two, bea, talk = await settled(bot, "Two", "talk")
    bot.server.requests.clear()
    for line in ASKED:
        said = (await bot.ask(line, bea, talk)).lower()
        assert not said.startswith("usererror"), f"{line}: {said}"
        leaked = [word for word in SECRETS if word in said]
        assert not leaked, f"{line}: {leaked} in {said}"
    # Every answer was given with the token of the workspace that asked.
    assert {call.team for call in bot.server.calls("auth.test")} == {two.team}
    assert (await everything(bot))[: len(before)] == before
    assert [receiver.address for receiver, _ in await everything(bot)] == [
        f"{one.team}/{whispers.id}",
        f"{two.team}/{talk.id}",
    ]


async def test_what_is_anothers_is_as_if_it_were_not_there(bot: Running) -> None:
    _one, zoe, whispers = await settled(bot, "One", "whispers")
    await set_up(bot, zoe, whispers)
    before = await everything(bot)
    number = before[0][1][0].id
    _two, bea, talk = await settled(bot, "Two", "talk")
    for line in TRIED:
        said = await bot.ask(line.format(alert=number), bea, talk)
        assert said.startswith(UserError.__name__), f"{line}: {said}"
        # What was asked for may be said again, and nothing more.
        leaked = [word for word in SECRETS if word in said.lower() and word not in line]
        assert not leaked, f"{line}: {leaked} in {said}"
    assert (await everything(bot))[0] == before[0]


async def test_a_channel_that_two_workspaces_share_is_two(bot: Running) -> None:
    one, zoe, shared = await settled(bot, "One", "shared")
    two, bea, _talk = await settled(bot, "Two", "talk")
    await bot.ask("alert add SMH drawdown 17", zoe, shared)
    assert "SMH" not in await bot.ask("alert list", bea, shared, two)
    assert "SMH" in await bot.ask("alert list", zoe, shared, one)


def test_every_command_is_asked() -> None:
    lines = " | ".join((*SET_UP, *ASKED, *TRIED))
    assert [one.name for one in COMMANDS if one.name.strip("/") not in lines] == []
