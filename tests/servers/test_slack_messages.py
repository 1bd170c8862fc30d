"""Messages in the loopback Slack, by the real client."""

from collections.abc import AsyncIterator

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


async def test_a_message_is_read_with_its_metadata_only_where_asked(
    server: SlackServer, alerts: Channel
) -> None:
    client = client_of(server)
    metadata = {"event_type": "alert", "event_payload": {"nonce": "n1"}}
    said = await client.chat_postMessage(
        channel=alerts.id, text="fell", blocks=[SECTION], metadata=metadata
    )
    plain = await client.conversations_history(channel=alerts.id)
    assert "metadata" not in plain["messages"][0]
    full = await client.conversations_history(channel=alerts.id, include_all_metadata=True)
    assert full["messages"][0]["ts"] == said["ts"]
    assert full["messages"][0]["metadata"] == metadata
    assert full["messages"][0]["bot_id"] == server.workspace.bot_id
    assert full["messages"][0]["blocks"][0]["block_id"]
    bad = client.chat_postMessage(channel=alerts.id, text="x", metadata={"event_type": "alert"})
    assert await refusal(bad) == "invalid_metadata_format"


async def test_history_comes_newest_first_in_pages(server: SlackServer, alerts: Channel) -> None:
    client = client_of(server)
    sent = [(await client.chat_postMessage(channel=alerts.id, text=str(n)))["ts"] for n in range(5)]
    page = await client.conversations_history(channel=alerts.id, limit=2)
    assert [each["text"] for each in page["messages"]] == ["4", "3"]
    assert page["has_more"]
    cursor = page["response_metadata"]["next_cursor"]
    page = await client.conversations_history(channel=alerts.id, limit=3, cursor=cursor)
    assert [each["text"] for each in page["messages"]] == ["2", "1", "0"]
    assert not page["has_more"]
    some = await client.conversations_history(channel=alerts.id, oldest=sent[1], latest=sent[3])
    assert [each["text"] for each in some["messages"]] == ["2"]
    some = await client.conversations_history(channel=alerts.id, oldest=sent[3], inclusive=True)
    assert [each["text"] for each in some["messages"]] == ["4", "3"]
    wrong = client.conversations_history(channel=alerts.id, cursor="?")
    assert await refusal(wrong) == "invalid_cursor"


async def test_replies_stand_in_their_thread(server: SlackServer, alerts: Channel) -> None:
    client = client_of(server)
    first = (await client.chat_postMessage(channel=alerts.id, text="fell"))["ts"]
    reply = await client.chat_postMessage(channel=alerts.id, text="deeper", thread_ts=first)
    await client.chat_postMessage(
        channel=alerts.id, text="for all", thread_ts=first, reply_broadcast=True
    )
    # A reply to a reply goes to the thread's first message.
    await client.chat_postMessage(channel=alerts.id, text="more", thread_ts=reply["ts"])
    history = await client.conversations_history(channel=alerts.id)
    assert [each["text"] for each in history["messages"]] == ["for all", "fell"]
    assert history["messages"][1]["reply_count"] == 3
    thread = await client.conversations_replies(channel=alerts.id, ts=first)
    assert [each["text"] for each in thread["messages"]] == ["fell", "deeper", "for all", "more"]
    assert thread["messages"][1]["parent_user_id"] == server.workspace.bot_user
    gone = client.conversations_replies(channel=alerts.id, ts="1.000000")
    assert await refusal(gone) == "thread_not_found"


async def test_a_reply_to_what_is_gone_stands_alone(server: SlackServer, alerts: Channel) -> None:
    client = client_of(server)
    first = (await client.chat_postMessage(channel=alerts.id, text="fell"))["ts"]
    await client.chat_delete(channel=alerts.id, ts=first)
    said = await client.chat_postMessage(channel=alerts.id, text="deeper", thread_ts=first)
    assert "thread_ts" not in said["message"]
    assert [each.is_reply for each in server.messages(alerts)] == [False]


async def test_a_message_is_changed_by_who_wrote_it(server: SlackServer, alerts: Channel) -> None:
    client = client_of(server)
    ts = (await client.chat_postMessage(channel=alerts.id, text="fell", blocks=[SECTION]))["ts"]
    await client.chat_update(channel=alerts.id, ts=ts, text="recovered", blocks=[SECTION])
    [message] = server.messages(alerts)
    assert (message.text, len(message.blocks), message.ts) == ("recovered", 1, ts)
    assert message.edited
    # A text alone takes the blocks away.
    await client.chat_update(channel=alerts.id, ts=ts, text="only text")
    assert server.messages(alerts)[0].blocks == []
    missing = client.chat_update(channel=alerts.id, ts="1.000000", text="x")
    assert await refusal(missing) == "message_not_found"
    ann = server.workspace.add_user("ann")
    message.bot_id, message.user = "", ann.id
    theirs = client.chat_update(channel=alerts.id, ts=ts, text="x")
    assert await refusal(theirs) == "cant_update_message"
    assert await refusal(client.chat_delete(channel=alerts.id, ts=ts)) == "cant_delete_message"


async def test_only_one_person_sees_an_ephemeral_message(
    server: SlackServer, alerts: Channel
) -> None:
    client, own = client_of(server), server.workspace
    ann, bob = own.add_user("ann"), own.add_user("bob")
    alerts.members.add(ann.id)
    said = await client.chat_postEphemeral(channel=alerts.id, user=ann.id, text="psst")
    assert said["message_ts"]
    assert [each.text for each in server.ephemerals(alerts, ann)] == ["psst"]
    assert server.ephemerals(alerts, bob) == []
    assert (await client.conversations_history(channel=alerts.id))["messages"] == []
    other = client.chat_postEphemeral(channel=alerts.id, user=bob.id, text="psst")
    assert await refusal(other) == "user_not_in_channel"
    changed = client.chat_update(channel=alerts.id, ts=said["message_ts"], text="x")
    assert await refusal(changed) == "message_not_found"


async def test_where_the_bot_is_not_it_cannot_write(server: SlackServer, alerts: Channel) -> None:
    client, own = client_of(server), server.workspace
    outside = own.add_channel("news", is_member=False)
    hidden = own.add_channel("plans", private=True, is_member=False)
    expected = {outside.id: "not_in_channel", hidden.id: "channel_not_found",
                "C0NOWHERE": "channel_not_found"}  # fmt: skip
    for id_, code in expected.items():
        assert await refusal(client.chat_postMessage(channel=id_, text="x")) == code
        assert await refusal(client.conversations_history(channel=id_)) == code
    assert (await client.conversations_info(channel=outside.id))["channel"]["is_member"] is False
    assert await refusal(client.conversations_info(channel=hidden.id)) == "channel_not_found"
    own.invite(hidden)
    info = (await client.conversations_info(channel=hidden.id))["channel"]
    assert (info["name"], info["is_private"], info["is_member"]) == ("plans", True, True)
    own.remove(alerts)
    assert await refusal(client.chat_postMessage(channel=alerts.id, text="x")) == "not_in_channel"
    hidden.archived = True
    assert await refusal(client.chat_postMessage(channel=hidden.id, text="x")) == "is_archived"
    other = server.add_workspace("Funds").add_channel("theirs")
    assert await refusal(client.conversations_info(channel=other.id)) == "channel_not_found"


async def test_somebody_is_written_to_by_their_id(server: SlackServer) -> None:
    client, ann = client_of(server), server.workspace.add_user("ann")
    opened = (await client.conversations_open(users=ann.id))["channel"]["id"]
    said = await client.chat_postMessage(channel=ann.id, text="hi")
    assert said["channel"] == opened
    assert opened.startswith("D")
    assert (await client.conversations_info(channel=opened))["channel"]["is_im"] is True


async def test_a_text_is_needed_and_not_endless(server: SlackServer, alerts: Channel) -> None:
    client = client_of(server)
    # The client warns of a text that is missing; a call by name does not.
    empty = client.api_call("chat.postMessage", json={"channel": alerts.id, "text": ""})
    assert await refusal(empty) == "no_text"
    long = client.chat_postMessage(channel=alerts.id, text="x" * 40_001)
    assert await refusal(long) == "msg_too_long"
    assert await refusal(client.chat_postMessage(channel=alerts.id, text="x" * 40_000)) == ""
