"""Workspaces with tokens of their own: after a restart, with new keys, gone and back again."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError

from bot.errors import DeliveryError
from bot.services import Services
from bot.surfaces.slack.vault import new_key
from storage import slack_installs
from tests.servers.slack import SlackServer, Workspace, running
from tests.surfaces.slack.installed import Running, on, posted, raw, started, until

KEY = "4RpQOpCiBkAkCrP8QqDnnIkYjGJXRG7yUP9gFVhLsPc="
REMOVED = "the workspace has removed the bot"


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with running() as server:
        yield server


@pytest.fixture
def here(server: SlackServer, services: Services) -> Services:
    """The services of a bot on this server; a restart has the same."""
    return on(services, server)


@pytest.fixture
async def bot(server: SlackServer, here: Services) -> AsyncIterator[Running]:
    async with started(server, here, KEY) as bot:
        yield bot


async def uninstall(bot: Running, workspace: Workspace) -> None:
    """Somebody removes the bot, and Slack says so."""
    workspace.refusal = "account_inactive"
    await bot.server.post_to(bot.events, "event", "app_uninstalled", team=workspace)

    async def gone() -> bool:
        return workspace.team not in await bot.teams()

    await until(gone)


async def refusal(bot: Running, team: str) -> DeliveryError:
    """What is said of a workspace that cannot be spoken to."""
    with pytest.raises(DeliveryError) as refused:
        await bot.workspaces.of(team)
    return refused.value


async def test_each_workspace_is_spoken_to_with_its_own_token(bot: Running) -> None:
    server, chips = bot.server, bot.server.workspace
    other = server.add_workspace("Shops", installed=False)
    for workspace in (chips, other):
        await bot.install(workspace)
        channel = workspace.add_channel("alerts")
        client = (await bot.workspaces.of(workspace.team)).client
        await posted(client, channel, workspace.name)
        assert [message.text for message in server.messages(channel)] == [workspace.name]
    assert [call.team for call in server.calls("chat.postMessage")] == [chips.team, other.team]
    # A channel of the other workspace cannot be reached by mistake.
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await posted(client, chips.add_channel("secret"), "leak")


async def test_a_restart_finds_the_workspaces_again(server: SlackServer, here: Services) -> None:
    async with started(server, here, KEY) as bot:
        await bot.install(server.workspace)
    server.requests.clear()
    async with started(server, here, KEY) as bot:
        found = [await bot.workspaces.of(server.workspace.team) for _ in range(2)]
    assert found[0] is found[1]
    chips = server.workspace
    assert (found[0].name, found[0].bot, found[0].bot_user) == (
        "Chips",
        chips.bot_id,
        chips.bot_user,
    )
    assert [call.method for call in server.requests] == ["auth.test"]


async def test_a_key_can_be_changed(
    server: SlackServer, here: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    team, new = server.workspace.team, new_key()
    async with started(server, here, KEY) as bot:
        await bot.install(server.workspace)
    async with started(server, here, f"{new},{KEY}") as bot:
        assert (await bot.workspaces.of(team)).client.token == server.workspace.bot_token
    assert "1 Slack token is now encrypted with the first key" in caplog.text
    caplog.clear()
    async with started(server, here, new) as bot:
        assert (await bot.workspaces.of(team)).client.token == server.workspace.bot_token
    assert "Slack token" not in caplog.text
    assert server.workspace.bot_token.encode() not in raw(tmp_path)


async def test_a_token_that_no_key_opens_stops_its_workspace_only(
    server: SlackServer, here: Services, caplog: pytest.LogCaptureFixture
) -> None:
    chips, other = server.workspace, server.add_workspace("Shops", installed=False)
    lost, new = new_key(), new_key()
    async with started(server, here, lost) as bot:
        await bot.install(chips)
    async with started(server, here, new) as bot:
        await bot.install(other)
        for _ in range(2):
            said = await refusal(bot, chips.team)
            # It waits: no message and no channel is given up.
            assert (str(said), said.permanent, said.after) == (
                "the workspace's token cannot be read",
                False,
                300,
            )
        assert (await bot.workspaces.of(other.team)).name == "Shops"
    errors = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert errors == [
        (
            "no key in AFTERSHOCK_SLACK_KEY opens the token of the Slack workspace 'Chips' "
            f"({chips.team}); add the key that it was encrypted with, or install the bot there "
            "again"
        )
    ]
    for secret in (lost, new, chips.bot_token):
        assert secret not in caplog.text
    async with started(server, here, f"{new},{lost}") as bot:
        assert (await bot.workspaces.of(chips.team)).name == "Chips"


async def test_a_workspace_that_was_never_there(bot: Running) -> None:
    for team in ("T999", ""):
        said = await refusal(bot, team)
        assert (str(said), said.permanent) == (REMOVED, False)


async def test_a_removed_bot_forgets_the_token_and_keeps_what_was_set_up(bot: Running) -> None:
    server, chips = bot.server, bot.server.workspace
    other = server.add_workspace("Shops", installed=False)
    for workspace in (chips, other):
        await bot.install(workspace)
        await bot.add_channel(workspace.add_channel("alerts"))
    gone, stays = sorted(await bot.closed(), key=lambda address: chips.team not in address)

    await uninstall(bot, chips)
    assert await bot.teams() == [other.team]
    assert await bot.closed() == {gone: REMOVED, stays: None}
    said = await refusal(bot, chips.team)
    assert (str(said), said.permanent) == (REMOVED, False)
    assert (await bot.workspaces.of(other.team)).name == "Shops"

    await bot.install(chips)
    assert await bot.closed() == {gone: None, stays: None}
    channel = server.channel(gone.partition("/")[2])[1]
    await posted((await bot.workspaces.of(chips.team)).client, channel, "back")
    assert [message.text for message in server.messages(channel)] == ["back"]


async def test_a_bot_removed_while_it_was_off_forgets_the_token_after_its_start(
    server: SlackServer, here: Services
) -> None:
    chips = server.workspace
    async with started(server, here, KEY) as bot:
        await bot.install(chips)
        channel = await bot.add_channel(chips.add_channel("alerts"))
    chips.refusal = "token_revoked"
    async with started(server, here, KEY) as bot:
        said = await bot.server.post_to(bot.events, "event", "app_uninstalled", team=chips)
        assert said.status == 200
        assert await bot.teams() == []
        assert await bot.closed() == {channel.address: REMOVED}
        # Told once more, it does no harm.
        again = await bot.server.post_to(bot.events, "event", "app_uninstalled", team=chips)
        assert again.status == 200


async def test_a_removal_told_late_does_not_undo_a_new_installation(bot: Running) -> None:
    chips = bot.server.workspace
    await bot.install(chips)
    removed_at = bot.services.clock.now() - timedelta(seconds=2)
    await bot.workspaces.remove(chips.team, removed_at)
    assert await bot.teams() == [chips.team]
    # In the second of the installation nobody knows which was first: the token tells.
    await bot.workspaces.remove(chips.team, bot.services.clock.now().replace(microsecond=0))
    assert await bot.teams() == []


@pytest.mark.parametrize(
    ("tokens", "left"), [({"oauth": ["U1"]}, 1), ({"oauth": [], "bot": ["U2"]}, 0)]
)
async def test_only_the_bots_own_token_counts(
    bot: Running, tokens: dict[str, list[str]], left: int
) -> None:
    chips = bot.server.workspace
    await bot.install(chips)
    before = asyncio.all_tasks()
    await bot.server.post_to(bot.events, "event", "tokens_revoked", team=chips, tokens=tokens)
    if begun := asyncio.all_tasks() - before:  # what is done after the acknowledgement
        await asyncio.wait(begun, timeout=1)
    assert len(await bot.teams()) == left


async def test_a_refused_token_stops_its_workspace_only(
    bot: Running, caplog: pytest.LogCaptureFixture
) -> None:
    chips = bot.server.workspace
    other = bot.server.add_workspace("Shops", installed=False)
    await bot.install(chips)
    await bot.install(other)
    known = await bot.workspaces.of(chips.team)
    for _ in range(2):
        said = await bot.workspaces.refused(known, "token_revoked")
        assert isinstance(said, DeliveryError)
        assert (said.permanent, said.after) == (False, 30)
        assert str(said) == "Slack refuses the bot's token for this workspace (token_revoked)"
    assert caplog.text.count(f"Slack refuses the token of the workspace {chips.team}") == 1
    assert (await bot.workspaces.of(other.team)).name == "Shops"
    assert not (await refusal(bot, chips.team)).permanent


@pytest.mark.parametrize("how", ["down", "ratelimited", "lost"])
async def test_a_slack_that_cannot_be_asked_is_asked_again(
    server: SlackServer, here: Services, how: str
) -> None:
    async with started(server, here, KEY) as bot:
        await bot.install(server.workspace)
    async with started(server, here, KEY) as bot:
        if how == "down":
            server.down()
        elif how == "lost":
            server.lose_reply("auth.test")
        else:
            server.next("auth.test", status=429, retry_after=1)
        said = await refusal(bot, server.workspace.team)
        assert (said.permanent, said.after) == (False, 30)
        server.up()
        assert (await bot.workspaces.of(server.workspace.team)).name == "Chips"


async def test_a_token_copied_to_another_workspace_opens_nothing(bot: Running) -> None:
    chips = bot.server.workspace
    other = bot.server.add_workspace("Shops", installed=False)
    await bot.install(chips)
    async with bot.services.database.read() as connection:
        stored = await slack_installs.install_of(connection, chips.team)
    assert stored is not None
    copied = slack_installs.SlackInstall(
        other.team, "Shops", "U1", stored.token, "", "U1", stored.installed_at
    )
    await bot.services.database.write(lambda c: slack_installs.keep(c, copied))
    assert not (await refusal(bot, other.team)).permanent


async def test_a_slack_that_is_slow_to_say_who_the_bot_is_leaves_nobody_waiting(
    server: SlackServer, here: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = server.workspace.add_user("ann")
    channel = server.workspace.add_channel("alerts", ann)
    async with started(server, here, KEY) as bot:
        await bot.install(server.workspace)
    monkeypatch.setattr("bot.surfaces.slack.app.AUTHORIZE_SECONDS", 0.05)
    async with started(server, here, KEY) as bot:
        slow = server.hang("auth.test", times=None)
        asked = await server.post_to(bot.events, "command", "help", user=ann, channel=channel)
        assert asked.status == 200
        assert "cannot answer in this workspace just now" in str(await asked.response())
        slow.release()
        assert "Card" in await bot.ask("help", ann, channel)
