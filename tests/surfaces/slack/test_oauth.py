"""Installing the bot in a workspace, from the link to the first message, and what goes wrong."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation

from bot.errors import StorageError
from bot.services import Services, SetClock
from bot.surfaces.slack.oauth import (
    MOST_STATES,
    NotInstalledError,
    OneTimeStates,
    StoredInstallations,
)
from bot.surfaces.slack.vault import Vault
from storage import slack_installs
from tests.conftest import START
from tests.servers.slack import SlackServer, running
from tests.surfaces.slack.installed import Running, on, posted, raw, started
from tests.surfaces.slack.test_pages import seen

KEY = "4RpQOpCiBkAkCrP8QqDnnIkYjGJXRG7yUP9gFVhLsPc="


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with running() as server:
        yield server


@pytest.fixture
async def bot(server: SlackServer, services: Services) -> AsyncIterator[Running]:
    async with started(server, on(services, server), KEY) as bot:
        yield bot


async def test_a_workspace_installs_the_bot(
    bot: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server, chips = bot.server, bot.server.workspace
    ann = chips.add_user("ann", admin=True)
    cookie, asked = await bot.begin()
    assert asked == {
        "client_id": server.client_id,
        "scope": "chat:write,commands",
        "user_scope": "",
        "state": cookie,
    }
    page = await bot.agree(chips, ann, cookie, asked["state"])

    assert page.status == 200
    assert "Aftershock is installed in Chips" in seen(page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.cookie == "deleted"
    async with bot.services.database.read() as connection:
        stored = await slack_installs.install_of(connection, chips.team)
    assert stored is not None
    assert (stored.name, stored.bot_user, stored.installed_by, stored.scopes) == (
        "Chips",
        chips.bot_user,
        ann.id,
        "chat:write,commands",
    )
    assert Vault(KEY).open(chips.team, stored.token) == chips.bot_token

    # The token is nowhere to be read, and works.
    code = server.calls("oauth.v2.access")[0].args["code"]
    for secret in (chips.bot_token, server.client_secret, code):
        assert secret.encode() not in raw(tmp_path)
        assert secret not in page.text + caplog.text
    alerts = chips.add_channel("alerts", ann)
    await posted((await bot.workspaces.of(chips.team)).client, alerts, "hello")
    assert [(m.text, m.bot_id) for m in server.messages(alerts)] == [("hello", chips.bot_id)]


async def test_a_state_is_good_once(bot: Running) -> None:
    chips = bot.server.workspace
    ann = chips.add_user("ann", admin=True)
    cookie, asked = await bot.begin()
    await bot.agree(chips, ann, cookie, asked["state"])
    again = await bot.agree(chips, ann, cookie, asked["state"])
    assert again.status == 401
    assert "for more than ten minutes, or was loaded before" in seen(again.text)
    assert len(bot.server.calls("oauth.v2.access")) == 1


async def test_a_state_is_good_for_ten_minutes(bot: Running) -> None:
    chips = bot.server.workspace
    ann = chips.add_user("ann", admin=True)
    cookie, asked = await bot.begin()
    bot.server.clock.advance(601)
    assert (await bot.agree(chips, ann, cookie, asked["state"])).status == 401
    assert await bot.teams() == []


async def test_another_browser_cannot_end_what_one_began(bot: Running) -> None:
    chips = bot.server.workspace
    ann = chips.add_user("ann", admin=True)
    _cookie, asked = await bot.begin()
    other, _asked = await bot.begin()
    for cookie in ("", other):
        page = await bot.agree(chips, ann, cookie, asked["state"])
        assert page.status == 400
        assert "the browser in which it began" in seen(page.text)
    assert await bot.teams() == []


async def test_a_made_up_state_is_refused(bot: Running) -> None:
    chips = bot.server.workspace
    page = await bot.agree(chips, chips.add_user("ann"), "made-up", "made-up")
    assert page.status == 401


async def test_who_says_no_is_told_that_nothing_has_changed(bot: Running) -> None:
    page = await bot.get("/slack/oauth_redirect", error="access_denied")
    assert "It was not agreed to on Slack's page. Nothing has changed." in seen(page.text)
    assert bot.server.calls("oauth.v2.access") == []


async def test_what_slack_does_not_take_is_logged_with_its_reason_only(
    bot: Running, caplog: pytest.LogCaptureFixture
) -> None:
    chips = bot.server.workspace
    bot.server.client_secret = "changed"
    page = await bot.install(chips)
    assert page.status == 401
    assert "ask whoever runs the bot to look into its log" in seen(page.text)
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == [
        "Slack did not take an installation: bad_client_secret"
    ]


@pytest.mark.parametrize("method", ["oauth.v2.access", "auth.test"])
async def test_a_lost_line_is_told_as_a_failure(bot: Running, method: str) -> None:
    bot.server.lose_reply(method)
    page = await bot.install(bot.server.workspace)
    assert page.status == 401
    assert await bot.teams() == []
    assert (await bot.install(bot.server.workspace)).status == 200


async def test_a_database_that_cannot_be_written_is_told_as_a_failure(
    bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_new: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(bot.workspaces, "add", full)
    page = await bot.install(bot.server.workspace)
    assert page.status == 500
    assert "It could not be stored; try again in a few minutes." in seen(page.text)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"is_enterprise_install": True}, "It cannot be installed for a whole organization"),
        ({"bot_token": None}, "Slack sent no token for the bot"),
        ({"team_id": None}, "Slack sent no token for the bot"),
        ({"bot_refresh_token": "xoxe-1"}, "Token rotation is turned on"),
    ],
)
async def test_what_cannot_be_kept_is_refused(
    bot: Running, more: dict[str, object], said: str
) -> None:
    values: dict[str, Any] = {"team_id": "T1", "bot_token": "xoxb-1", "user_id": "U1", **more}
    with pytest.raises(NotInstalledError, match=said):
        await StoredInstallations(bot.workspaces).async_save(Installation(**values))
    assert await bot.teams() == []


async def test_the_store_gives_back_what_it_was_given(bot: Running) -> None:
    chips = bot.server.workspace
    await bot.install(chips)
    store = StoredInstallations(bot.workspaces)
    found = await store.async_find_bot(enterprise_id=None, team_id=chips.team)
    assert found is not None
    assert (found.bot_token, found.bot_id) == (chips.bot_token, chips.bot_id)
    assert await store.async_find_bot(enterprise_id=None, team_id="T2") is None
    await store.async_delete_installation(enterprise_id=None, team_id=chips.team, user_id="U1")
    assert await bot.teams() == [chips.team]
    await store.async_delete_all(enterprise_id=None, team_id=chips.team)
    assert await bot.teams() == []


async def test_open_states_are_bounded() -> None:
    states = OneTimeStates(SetClock(START))
    issued = [await states.async_issue() for _ in range(MOST_STATES + 1)]
    assert len(set(issued)) == MOST_STATES + 1
    assert [await states.async_consume(state) for state in issued[:2]] == [False, True]
