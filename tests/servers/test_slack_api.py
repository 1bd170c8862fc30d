"""The loopback Slack's Web API, by the real client."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.servers.slack import Channel, SlackServer, running
from tests.servers.slack_bot import client_of, refusal

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "fell"}}


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """A loopback Slack."""
    async with running() as server:
        yield server


@pytest.fixture
def alerts(server: SlackServer) -> Channel:
    """A channel with the bot in it."""
    return server.workspace.add_channel("alerts")


async def test_the_bot_learns_who_it_is(server: SlackServer) -> None:
    said = await client_of(server).auth_test()
    own = server.workspace
    assert (said["team_id"], said["user_id"], said["bot_id"], said["team"]) == (
        own.team, own.bot_user, own.bot_id, "Chips",
    )  # fmt: skip
    other = server.add_workspace("Funds")
    assert (await client_of(server, other).auth_test())["team_id"] == other.team
    assert [each.team for each in server.calls("auth.test")] == [own.team, other.team]


async def test_a_bad_token_is_refused(server: SlackServer) -> None:
    assert await refusal(client_of(server, token="").auth_test()) == "not_authed"
    assert await refusal(client_of(server, token="xoxb-1").auth_test()) == "invalid_auth"
    app = client_of(server, token=server.app_token)
    assert await refusal(app.auth_test()) == "not_allowed_token_type"
    bot = client_of(server)
    assert await refusal(bot.apps_connections_open(app_token="")) == "not_authed"
    code = await refusal(bot.apps_connections_open(app_token=server.workspace.bot_token))
    assert code == "not_allowed_token_type"
    server.workspace.uninstall()
    assert await refusal(bot.auth_test()) == "account_inactive"
    server.workspace.refusal = "token_revoked"
    assert await refusal(bot.auth_test()) == "token_revoked"


async def test_a_scope_that_is_missing_is_named(server: SlackServer, alerts: Channel) -> None:
    server.workspace.scopes = {"commands"}
    client = client_of(server)
    assert await refusal(client.chat_postMessage(channel=alerts.id, text="x")) == "missing_scope"
    assert (await client.auth_test())["ok"]
    assert await refusal(client.api_call("no.such")) == "unknown_method"


async def test_arguments_come_in_the_query_a_form_or_json(
    server: SlackServer, alerts: Channel
) -> None:
    url = f"{server.api_url}/chat.postMessage"
    head = {"Authorization": f"Bearer {server.workspace.bot_token}"}
    args = {"channel": alerts.id, "text": "x"}
    async with aiohttp.ClientSession(headers=head) as session:
        for sent in (
            session.post(url, params=args), session.post(url, data=args),
            session.post(url, json=args),
        ):  # fmt: skip
            async with sent as response:
                assert (await response.json())["ok"]
        async with session.post(
            url, data=b"{", headers={"Content-Type": "application/json"}
        ) as response:
            assert (await response.json())["error"] == "invalid_json"
    assert len(server.messages(alerts)) == 3


async def test_who_somebody_is(server: SlackServer) -> None:
    client, own = client_of(server), server.workspace
    ann, zoe = own.add_user("ann", admin=True), server.add_workspace("Funds").add_user("zoe")
    said = (await client.users_info(user=ann.id))["user"]
    assert (said["is_admin"], said["is_owner"], said["team_id"]) == (True, False, own.team)
    stranger = (await client.users_info(user=zoe.id))["user"]
    assert stranger["is_stranger"] is True
    assert "is_admin" not in stranger
    assert await refusal(client.users_info(user="U0NOBODY")) == "user_not_found"


async def test_the_channels_somebody_is_in(server: SlackServer) -> None:
    client, own = client_of(server), server.workspace
    ann = own.add_user("ann")
    public = [own.add_channel(name, ann, is_member=name != "b") for name in "abc"]
    private = own.add_channel("d", ann, private=True)
    own.add_channel("e", ann, private=True, is_member=False)
    own.add_channel("f")
    found: list[str] = []
    cursor = None
    while cursor != "":
        said = await client.users_conversations(
            user=ann.id, types="public_channel,private_channel", limit=2, cursor=cursor
        )
        found += [each["id"] for each in said["channels"]]
        cursor = said["response_metadata"]["next_cursor"]
    assert found == [*(each.id for each in public), private.id]
    public[0].archived = True
    said = await client.users_conversations(user=ann.id, exclude_archived=True)
    assert len(said["channels"]) == 2
    members = await client.conversations_members(channel=private.id)
    assert members["members"] == sorted([ann.id, own.bot_user])


async def test_a_file_is_uploaded_and_shown_once_it_is_processed(
    server: SlackServer, alerts: Channel
) -> None:
    client = client_of(server)
    server.file_processing = 2

    def picture(id_: str) -> list[Any]:
        return [{"type": "image", "alt_text": "NVDA", "slack_file": {"id": id_}}]

    done = await client.files_upload_v2(filename="a.png", content=b"123", alt_txt="NVDA")
    id_ = done["file"]["id"]
    assert server.files[0].content == b"123"
    assert (await client.files_info(file=id_))["file"]["mimetype"] == ""
    early = client.chat_postMessage(channel=alerts.id, text="x", blocks=picture(id_))
    assert await refusal(early) == "invalid_blocks"
    assert (await client.files_info(file=id_))["file"]["mimetype"] == "image/png"
    assert (await client.chat_postMessage(channel=alerts.id, text="x", blocks=picture(id_)))["ok"]
    other = server.add_workspace("Funds")
    theirs = client_of(server, other).chat_postMessage(
        channel=other.add_channel("x").id, text="x", blocks=picture(id_)
    )
    assert await refusal(theirs) == "invalid_blocks"
    await client.files_delete(file=id_)
    assert await refusal(client.files_info(file=id_)) == "file_not_found"


async def test_an_upload_goes_in_three_steps(server: SlackServer) -> None:
    client = client_of(server)
    step = await client.files_getUploadURLExternal(filename="a.png", length=3)
    early = client.files_completeUploadExternal(files=[{"id": step["file_id"]}])
    assert await refusal(early) == "file_not_found"
    async with aiohttp.ClientSession() as session:
        async with session.post(step["upload_url"], data=b"1234") as response:
            assert response.status == 400
        async with session.post(step["upload_url"], data=b"123") as response:
            assert (response.status, await response.text()) == (200, "OK - 3")
    done = await client.files_completeUploadExternal(files=[{"id": step["file_id"], "title": "A"}])
    assert done["files"][0]["title"] == "A"


async def test_a_dialog_needs_a_fresh_trigger(server: SlackServer) -> None:
    client, own = client_of(server), server.workspace
    ann = own.add_user("ann")
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Note"},
            "blocks": [{"type": "divider"}]}  # fmt: skip
    assert await refusal(client.views_open(trigger_id="1.2.3", view=view)) == "invalid_trigger_id"
    old = server.triggers.new(ann.id, own.team)
    server.clock.advance(4)
    assert await refusal(client.views_open(trigger_id=old, view=view)) == "expired_trigger_id"
    once = server.triggers.new(ann.id, own.team)
    opened = (await client.views_open(trigger_id=once, view=view))["view"]
    assert await refusal(client.views_open(trigger_id=once, view=view)) == "exchanged_trigger_id"
    await client.views_update(view_id=opened["id"], hash=opened["hash"], view=view)
    stale = client.views_update(view_id=opened["id"], hash=opened["hash"], view=view)
    assert await refusal(stale) == "hash_conflict"
    assert await refusal(client.views_update(view_id="V0", view=view)) == "not_found"
    for _ in range(2):
        trigger = server.triggers.new(ann.id, own.team)
        await client.views_push(trigger_id=trigger, view=view)
    trigger = server.triggers.new(ann.id, own.team)
    assert await refusal(client.views_push(trigger_id=trigger, view=view)) == "push_limit_reached"


async def test_a_home_tab_is_published_for_somebody(server: SlackServer) -> None:
    client, ann = client_of(server), server.workspace.add_user("ann")
    view = {"type": "home", "blocks": [SECTION]}
    first = (await client.views_publish(user_id=ann.id, view=view))["view"]
    second = (await client.views_publish(user_id=ann.id, view=view))["view"]
    assert first["id"] == second["id"]
    home = server.home(ann)
    assert home is not None
    assert home.blocks[0]["text"] == SECTION["text"]
    assert await refusal(client.views_publish(user_id="U0", view=view)) == "user_not_found"
    server.home_enabled = False
    assert await refusal(client.views_publish(user_id=ann.id, view=view)) == "not_enabled"
