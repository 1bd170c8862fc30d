"""The loopback Slack, by the real clients: what people do reaches the app, and its answers them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.servers.slack import Delivered, NotOfferedError, SlackServer, running
from tests.servers.slack_bot import client_of, started

BUTTONS = [
    {
        "type": "actions", "block_id": "b1",
        "elements": [{
            "type": "button", "action_id": "explain", "value": "n1",
            "text": {"type": "plain_text", "text": "Explain"},
        }],
    },
]  # fmt: skip


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """A loopback Slack with ann in #alerts."""
    async with running() as server:
        server.workspace.add_channel("alerts", server.workspace.add_user("ann"))
        yield server


def ann_of(server: SlackServer) -> Any:
    """Ann."""
    return next(each for each in server.workspace.users.values() if each.name == "ann")


def alerts_of(server: SlackServer) -> Any:
    """Her channel."""
    return next(iter(server.workspace.channels.values()))


async def test_a_command_is_acknowledged_and_answered(server: SlackServer) -> None:
    ann, alerts = ann_of(server), alerts_of(server)
    async with started(server) as app:

        async def echo(ack: Any, respond: Any, command: Any) -> None:
            await ack()
            await respond(text=f"{command['user_name']} said {command['text']}")

        app.command("/aftershock")(echo)
        asked = await server.command("drawdown NVDA", user=ann, channel=alerts)
        assert asked.acked_after is not None
        assert asked.acked_after < 3
        assert asked.payload == {}
        assert asked.sent["is_enterprise_install"] == "false"
        assert asked.sent["channel_name"] == "alerts"
        assert (await asked.response())["text"] == "ann said drawdown NVDA"
    assert [each.text for each in server.ephemerals(alerts, ann)] == ["ann said drawdown NVDA"]
    assert server.messages(alerts) == []


async def test_what_is_acknowledged_with_a_text_is_shown(server: SlackServer) -> None:
    ann, alerts = ann_of(server), alerts_of(server)
    async with started(server) as app:

        async def usage(ack: Any) -> None:
            await ack("Type /aftershock help.")

        app.command("/aftershock")(usage)
        asked = await server.command("hlep", user=ann, channel=alerts)
    assert asked.payload["text"] == "Type /aftershock help."
    assert [each.text for each in server.ephemerals(alerts, ann)] == ["Type /aftershock help."]


async def test_who_is_not_acknowledged_is_told_so(server: SlackServer) -> None:
    async with started(server) as app:

        async def silent() -> None:
            """Forgets to acknowledge."""

        app.command("/aftershock")(silent)
        asked = await server.command(
            "help", user=ann_of(server), channel=alerts_of(server), wait=False
        )
        with pytest.raises(TimeoutError, match="acknowledged: slash_commands"):
            await asked.acked(0.05)


async def test_a_button_brings_its_message_and_value(server: SlackServer) -> None:
    ann, alerts = ann_of(server), alerts_of(server)
    metadata = {"event_type": "alert", "event_payload": {"nonce": "n1"}}
    async with started(server) as app:
        pressed: list[Any] = []

        async def explain(ack: Any, body: Any, respond: Any) -> None:
            await ack()
            pressed.append(body)
            await respond(text="because", response_type="ephemeral", replace_original=False)

        app.action("explain")(explain)
        await client_of(server).chat_postMessage(
            channel=alerts.id, text="NVDA fell", blocks=BUTTONS, metadata=metadata
        )
        done = await server.press(server.messages(alerts)[0], "explain", user=ann)
        await done.response()
    assert pressed[0]["actions"][0]["value"] == "n1"
    assert pressed[0]["actions"][0]["block_id"] == "b1"
    assert pressed[0]["container"] == {
        "type": "message", "message_ts": server.messages(alerts)[0].ts,
        "channel_id": alerts.id, "is_ephemeral": False,
    }  # fmt: skip
    assert pressed[0]["message"]["metadata"] == metadata
    assert pressed[0]["user"]["team_id"] == server.workspace.team
    assert [each.text for each in server.ephemerals(alerts, ann)] == ["because"]
    assert [each.text for each in server.messages(alerts)] == ["NVDA fell"]


async def test_a_button_that_is_not_there_cannot_be_pressed(server: SlackServer) -> None:
    ann, alerts = ann_of(server), alerts_of(server)
    await client_of(server).chat_postMessage(channel=alerts.id, text="x", blocks=BUTTONS)
    with pytest.raises(NotOfferedError, match="there are \\['explain'\\]"):
        await server.press(server.messages(alerts)[0], "snooze", user=ann)
    async with started(server) as app:

        async def old(ack: Any) -> None:
            await ack()

        app.action("gone")(old)
        done = await server.press(server.messages(alerts)[0], "gone", "n0", "b0", user=ann)
    assert done.sent["actions"][0]["value"] == "n0"


async def test_a_messages_shortcut_brings_the_message(server: SlackServer) -> None:
    ann, alerts = ann_of(server), alerts_of(server)
    await client_of(server).chat_postMessage(channel=alerts.id, text="NVDA fell")
    async with started(server) as app:

        async def explain(ack: Any, respond: Any, shortcut: Any) -> None:
            await ack()
            await respond(text=f"why {shortcut['message']['text']}")

        app.shortcut("explain")(explain)
        done = await server.message_shortcut("explain", server.messages(alerts)[0], user=ann)
        await done.response()
    assert [each.text for each in server.ephemerals(alerts, ann)] == ["why NVDA fell"]
    assert [each.text for each in server.messages(alerts)] == ["NVDA fell"]


async def test_what_is_delivered_again_can_be_told(server: SlackServer) -> None:
    ann, alerts = ann_of(server), alerts_of(server)
    async with started(server) as app:
        events: list[Any] = []

        async def joined(body: Any) -> None:
            events.append(body)

        async def help_(ack: Any) -> None:
            await ack()

        app.event("member_joined_channel")(joined)
        app.command("/aftershock")(help_)
        first = await server.event("member_joined_channel", user=ann.id, channel=alerts.id)
        again = await server.redeliver(first)
        assert again.envelope_id != first.envelope_id
        same = await server.redeliver(first, same_envelope=True)
        assert same.envelope_id == first.envelope_id
        asked = await server.command("help", user=ann, channel=alerts)
        asked_again = await server.redeliver(asked)
        assert asked_again.envelope_id == asked.envelope_id
        assert asked_again.sent["trigger_id"] == asked.sent["trigger_id"]
        await server.until(lambda: len(events) == 3, "all events")
    assert {each["event_id"] for each in events} == {first.sent["event_id"]}


async def pressed_in(server: SlackServer, ephemeral: bool) -> Delivered:
    """A button pressed under a message that ann sees."""
    ann, alerts = ann_of(server), alerts_of(server)
    client = client_of(server)
    if ephemeral:
        await client.chat_postEphemeral(channel=alerts.id, user=ann.id, text="x", blocks=BUTTONS)
    else:
        await client.chat_postMessage(channel=alerts.id, text="x", blocks=BUTTONS)
    said = server.ephemerals(alerts, ann) if ephemeral else server.messages(alerts)
    async with started(server) as app:

        async def nothing(ack: Any) -> None:
            await ack()

        app.action("explain")(nothing)
        return await server.press(said[0], "explain", user=ann)


async def respond(delivered: Delivered, **body: Any) -> tuple[int, str]:
    """Post to a response_url: the status and body of the answer."""
    assert delivered.response_url is not None
    client = AsyncWebhookClient(delivered.response_url.url, retry_handlers=[])
    said = await client.send_dict(body)
    return said.status_code, said.body


async def test_a_response_changes_or_removes_what_was_pressed(server: SlackServer) -> None:
    ann, alerts = ann_of(server), alerts_of(server)
    done = await pressed_in(server, ephemeral=True)
    assert "message" not in done.sent
    assert done.sent["container"]["is_ephemeral"] is True
    assert await respond(done, text="changed", replace_original=True) == (200, "ok")
    assert [each.text for each in server.ephemerals(alerts, ann)] == ["changed"]
    # Nothing said about the original: it is replaced.
    await respond(done, text="once more")
    assert [each.text for each in server.ephemerals(alerts, ann)] == ["once more"]
    await respond(done, text="to all", response_type="in_channel")
    assert [each.text for each in server.messages(alerts)] == ["to all"]
    assert await respond(done, delete_original=True) == (200, "ok")
    assert server.ephemerals(alerts, ann) == []
    assert (await respond(done, text="x", replace_original=True))[0] == 404


async def test_a_response_url_is_good_five_times_within_half_an_hour(server: SlackServer) -> None:
    done = await pressed_in(server, ephemeral=False)
    assert done.response_url is not None
    assert (await respond(done, text=""))[1] == '{"ok": false, "error": "no_text"}'
    for _ in range(4):
        assert await respond(done, text="x", replace_original=True) == (200, "ok")
    server.clock.advance(31 * 60)
    assert await respond(done, text="x") == (404, '{"ok": false, "error": "expired_url"}')
    server.clock.advance(-31 * 60)
    assert (await respond(done, text="x"))[0] == 200
    assert await respond(done, text="x") == (404, '{"ok": false, "error": "used_url"}')
    assert len(done.responses) == 5


async def test_a_command_works_where_the_bot_is_not(server: SlackServer) -> None:
    ann, bob = ann_of(server), server.workspace.add_user("bob")
    talk = server.workspace.dm_between(ann, bob)
    hidden = server.workspace.add_channel("plans", ann, private=True, is_member=False)
    async with started(server) as app:

        async def echo(ack: Any, respond: Any, command: Any) -> None:
            await ack()
            await respond(text=command["channel_name"], response_type="in_channel")

        app.command("/aftershock")(echo)
        for channel in (talk, hidden):
            asked = await server.command("help", user=ann, channel=channel)
            await asked.response()
    assert [each.text for each in server.messages(talk)] == ["directmessage"]
    assert [each.text for each in server.messages(hidden)] == ["privategroup"]
