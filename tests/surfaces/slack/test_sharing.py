"""The Share button under a private answer, and answers where Slack takes none at their address."""

import logging

import pytest

from bot.surfaces.slack import names
from bot.surfaces.slack.replying import MOST_USES, Reply, answering, refusal_of
from bot.surfaces.slack.sharing import NOTHING
from tests.servers.slack import Channel
from tests.surfaces.slack.office import Office, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _asked(office: Office, channel: Channel, text: str = "drawdown NVDA") -> None:
    await office.ask(text, channel, office.bob)


async def test_an_answer_is_shared_with_all(office: Office) -> None:
    channel = office.channel()
    await _asked(office, channel)
    (private,) = office.server.ephemerals(channel, office.bob)
    pressed = await office.server.press(private, names.SHARE, user=office.bob)
    await office.server.until(lambda: office.server.messages(channel), "a message for all")
    (shared,) = office.server.messages(channel)
    assert pressed.responses == []
    assert office.server.ephemerals(channel, office.bob) == [private]
    assert shared.blocks[-1]["elements"][0]["text"] == f"Shared by <@{office.bob.id}>"
    kinds = [block["type"] for block in private.blocks if block["type"] != "actions"]
    assert [block["type"] for block in shared.blocks[:-1]] == kinds
    assert "image" in kinds
    assert shared.buttons() == []


async def test_where_the_bot_is_not_it_answers_for_all(office: Office) -> None:
    channel = office.channel(is_member=False)
    await _asked(office, channel, "releases latest count=3")
    (private,) = office.server.ephemerals(channel, office.bob)
    pressed = await office.server.press(private, names.SHARE, user=office.bob)
    answer = await pressed.response()
    assert (answer["response_type"], answer["replace_original"]) == ("in_channel", False)
    assert f"Shared by <@{office.bob.id}>" in text_of(answer)
    assert len(office.server.messages(channel)) == 1


async def test_what_is_too_long_for_a_button_is_not_offered(office: Office) -> None:
    channel = office.channel()
    await _asked(office, channel, f"releases latest{' ' * 2000}count=3")
    (private,) = office.server.ephemerals(channel, office.bob)
    assert private.buttons() == []


@pytest.mark.parametrize("line", ["alert add NVDA", "silence add all", ""])
async def test_nothing_that_changes_anything_is_asked_again(office: Office, line: str) -> None:
    channel = office.channel()
    await _asked(office, channel)
    (private,) = office.server.ephemerals(channel, office.bob)
    pressed = await office.server.press(private, names.SHARE, line or " ", "other", user=office.bob)
    said = text_of(await pressed.response())
    assert NOTHING in said or "Type a command" in said
    assert office.server.messages(channel) == []
    assert await office.found(channel) is None


async def _boom() -> None:
    raise RuntimeError("boom")


async def _reply(office: Office, channel: Channel) -> Reply:
    asked = await office.server.command("status", user=office.bob, channel=channel)
    await asked.response()
    assert asked.response_url is not None
    url = asked.response_url.url
    return Reply(office.slack, office.team, channel.id, office.bob.id, url)


async def test_a_used_up_address_is_replaced_by_a_private_message(office: Office) -> None:
    channel = office.channel()
    reply = await _reply(office, channel)
    for number in range(MOST_USES + 2):
        await reply.say(f"sentence {number}")
    said = [one.text for one in office.server.ephemerals(channel, office.bob)][1:]
    assert said == [f"sentence {number}" for number in range(MOST_USES + 2)]
    # One of the five was used by the answer itself, so Slack refused the last of ours.
    assert len(office.server.calls("chat.postEphemeral")) == 3


async def test_an_address_that_ran_out_is_replaced_too(office: Office) -> None:
    channel = office.channel()
    reply = await _reply(office, channel)
    office.server.clock.advance(31 * 60)
    before = len(office.server.calls("chat.postEphemeral"))
    await reply.say("late")
    assert len(office.server.calls("chat.postEphemeral")) == before + 1
    assert office.server.ephemerals(channel, office.bob)[-1].text == "late"


async def test_a_lost_answer_is_sent_once_more_only_where_one_person_sees_it(
    office: Office,
) -> None:
    channel = office.channel()
    reply = await _reply(office, channel)
    office.server.lose_reply("response_url")
    await reply.say("once more")
    assert office.server.ephemerals(channel, office.bob)[-1].text == "once more"
    reply = await _reply(office, channel)
    office.server.lose_reply("response_url")
    with pytest.raises(OSError):  # noqa: PT011 - the library's own words
        await reply.send("for all", None, private=False)
    assert [one.text for one in office.server.messages(channel)] == ["for all"]


async def test_what_cannot_be_said_is_logged_and_raises_nothing(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    channel = office.channel(is_member=False)
    reply = Reply(office.slack, office.team, channel.id, office.bob.id, "")
    with caplog.at_level(logging.WARNING):
        async with answering(reply, "drawdown"):
            await _boom()
    assert "what went wrong with drawdown could not be said: not_in_channel" in caplog.text


async def test_no_address_of_a_response_is_logged(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    channel = office.channel()
    reply = await _reply(office, channel)
    with caplog.at_level(logging.DEBUG, logger="bot"):
        await reply.say("hello")
        office.server.next("response_url", status=500)
        await reply.say("hello again")
    assert "/commands/" not in caplog.text


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, "ok", ""),
        (200, "", ""),
        (200, '{"ok":true}', ""),
        (200, '{"ok":false,"error":"invalid_blocks"}', "invalid_blocks"),
        (404, '{"ok":false,"error":"used_url"}', "used_url"),
        (404, "", "expired_url"),
        (500, "", "HTTP 500"),
        (429, '{"ok":false,"error":"rate_limited"}', "HTTP 429"),
        (400, "no_text", "no_text"),
        (200, '{"ok":false}', "refused"),
    ],
)
async def test_how_slack_refuses_an_answer(status: int, body: str, code: str) -> None:
    assert refusal_of(status, body) == code
