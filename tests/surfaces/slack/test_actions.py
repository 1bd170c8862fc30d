"""Buttons under what the bot posts in Slack: by those who may and may not, after a restart too."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from bot.answers.pressed import ELSEWHERE, LENGTHS
from bot.surfaces.slack import names
from bot.surfaces.slack.people import NOT_ALLOWED
from bot.surfaces.slack.silencing import TOO_LATE
from storage.schema import outbox as outbox_table
from tests.asking import ask
from tests.cogs.asked import services_in
from tests.servers.slack import Channel, Message, running
from tests.surfaces.slack.office import AI, Office, marks_of, opened, text_of, told

pytestmark = pytest.mark.asyncio(loop_scope="module")
FELL = {"version": 1, "kind": "drawdown", "target": "ai", "level": 0.1}
RELEASED = {
    "version": 1, "kind": "release", "lab": "deepseek", "lab_name": "DeepSeek",
    "model": "DeepSeek-R1",
}  # fmt: skip


async def _fallen(office: Office, facts: Any = None) -> tuple[Channel, Message]:
    """A channel that follows ai and new models, and a message of the bot's in it."""
    channel = office.channel()
    await office.follow(channel, AI, kind="releases")
    return channel, await told(office, channel, facts or FELL)


async def _silences(office: Office, channel: Channel) -> list[dict[str, Any]]:
    card = await ask("/silence list", office.services, office.place(channel))
    return list(card.facts["silences"])


async def test_explain_is_for_everybody_and_private(office: Office) -> None:
    channel, message = await _fallen(office)
    pressed = await office.server.press(message, names.EXPLAIN, user=office.bob)
    answer = await pressed.response()
    assert pressed.acked_after is not None
    assert pressed.acked_after < 3
    assert (answer["response_type"], answer["replace_original"]) == ("ephemeral", False)
    assert "AI stocks: why this channel was told" in text_of(answer)
    assert office.server.messages(channel) == [message]


async def test_an_answer_to_a_press_in_a_thread_stays_there(office: Office) -> None:
    channel, first = await _fallen(office)
    reply = await told(office, channel, FELL, thread=first)
    answer = await (await office.server.press(reply, names.EXPLAIN, user=office.bob)).response()
    assert answer["thread_ts"] == first.ts
    # The first message stands outside its own thread.
    first.thread_ts = first.ts
    answer = await (await office.server.press(first, names.EXPLAIN, user=office.bob)).response()
    assert "thread_ts" not in answer


@pytest.mark.parametrize(
    ("action", "until"),
    [
        (names.SNOOZE_1H, "Mon 27 Jan 2025, 23:00 UTC"),
        (names.SNOOZE_1D, "Tue 28 Jan 2025, 22:00 UTC"),
    ],
    ids=["1h", "1d"],
)
async def test_a_snooze_says_under_the_message_who_until_when(
    office: Office, action: str, until: str
) -> None:
    channel, message = await _fallen(office)
    pressed = await office.server.press(message, action, user=office.ann)
    answer = await pressed.response()
    assert answer["response_type"] == "ephemeral"
    assert answer["text"].startswith("ai is silenced until")
    assert await marks_of(office, channel) == [f"Snoozed by Ann until {until}"]
    (silence,) = await _silences(office, channel)
    assert (silence["target"], silence["by"]) == ("ai", "Ann")


async def test_without_permission_nothing_happens_but_a_sentence(office: Office) -> None:
    channel, message = await _fallen(office)
    for action in (names.SNOOZE_1H, names.SNOOZE_1D, names.SILENCE):
        pressed = await office.server.press(message, action, user=office.bob)
        answer = await pressed.response()
        assert (answer["text"], answer["response_type"]) == (NOT_ALLOWED, "ephemeral")
    assert await _silences(office, channel) == []
    assert await marks_of(office, channel) == []


async def test_somebody_of_another_workspace_can_ask_why_and_no_more(office: Office) -> None:
    eve = office.server.add_workspace("Elsewhere").add_user("eve", admin=True)
    channel, message = await _fallen(office)
    channel.shared = True
    channel.members.add(eve.id)
    why = await (await office.server.press(message, names.EXPLAIN, user=eve)).response()
    assert "why this channel was told" in text_of(why)
    refused = await (await office.server.press(message, names.SNOOZE_1H, user=eve)).response()
    assert refused["text"] == NOT_ALLOWED
    assert await _silences(office, channel) == []


async def test_a_second_press_changes_nothing_and_says_why(office: Office) -> None:
    channel, message = await _fallen(office)
    first = await office.server.press(message, names.SNOOZE_1D, user=office.ann)
    await first.response()
    pressed = await office.server.press(message, names.SNOOZE_1D, user=office.ann)
    said = text_of(await pressed.response())
    assert "ai is silenced until" in said
    assert "already, asked by Ann; /aftershock silence remove" in said
    assert len(await _silences(office, channel)) == 1


async def test_silence_asks_for_how_long(office: Office) -> None:
    channel, message = await _fallen(office)
    snoozed = await office.server.press(message, names.SNOOZE_1H, user=office.ann)
    await snoozed.response()
    views = len(office.server.views)
    await office.server.press(message, names.SILENCE, user=office.ann)
    await office.server.until(lambda: len(office.server.views) > views, "a dialog")
    view = office.server.views[-1]
    assert "How long to say nothing of ai" in text_of(view.content)
    assert [o["value"] for o in view.blocks[0]["element"]["options"]] == list(LENGTHS)
    sent = await office.server.submit(view, {"for": "1w"}, user=office.ann)
    assert sent.acked_after is not None
    await office.server.until(lambda: office.server.ephemerals(channel, office.ann)[1:], "a word")
    # The longer one takes the place of the line that was there.
    assert await marks_of(office, channel) == ["Silenced by Ann until Mon 3 Feb 2025, 22:00 UTC"]
    assert [s["by"] for s in await _silences(office, channel)] == ["Ann", "Ann"]


async def test_a_dialog_is_answered_by_whoever_may_still(office: Office) -> None:
    channel, message = await _fallen(office)
    views = len(office.server.views)
    await office.server.press(message, names.SILENCE, user=office.ann)
    await office.server.until(lambda: len(office.server.views) > views, "a dialog")
    office.chosen(office.bob.id)
    try:
        await office.server.submit(office.server.views[-1], user=office.ann)
        await office.server.until(
            lambda: office.server.ephemerals(channel, office.ann), "a sentence"
        )
    finally:
        office.chosen()
    assert "the bot's settings name" in office.server.ephemerals(channel, office.ann)[0].text
    assert await _silences(office, channel) == []


async def test_a_dialog_that_slack_does_not_open_any_more(office: Office) -> None:
    _channel, message = await _fallen(office)
    office.server.next("views.open", error="expired_trigger_id")
    pressed = await office.server.press(message, names.SILENCE, user=office.ann)
    assert (await pressed.response())["text"] == TOO_LATE


async def test_news_of_a_lab_is_silenced_as_its_lab(office: Office) -> None:
    channel, message = await _fallen(office, RELEASED)
    pressed = await office.server.press(message, names.SNOOZE_1D, user=office.ann)
    assert "Models of DeepSeek are silenced until" in text_of(await pressed.response())
    (silence,) = await _silences(office, channel)
    assert silence["target"] == "lab:deepseek"


async def test_what_is_no_longer_followed_cannot_be_silenced(office: Office) -> None:
    channel = office.channel()
    message = await told(office, channel, FELL)
    views = len(office.server.views)
    for action in (names.SNOOZE_1H, names.SILENCE):
        pressed = await office.server.press(message, action, user=office.ann)
        said = text_of(await pressed.response())
        assert "This channel no longer follows ai, so there is nothing to silence" in said
        assert "/aftershock channel shows what it follows" in said
    assert len(office.server.views) == views


async def test_a_copy_of_a_message_has_no_say(office: Office) -> None:
    _channel, message = await _fallen(office)
    elsewhere = office.channel()
    client = (await office.slack.workspaces.of(office.team)).client
    await client.chat_postMessage(channel=elsewhere.id, text="copy", blocks=message.blocks)
    copy = office.server.messages(elsewhere)[-1]
    for action in (names.EXPLAIN, names.SNOOZE_1H):
        pressed = await office.server.press(copy, action, user=office.ann)
        assert text_of(await pressed.response()).strip() == ELSEWHERE
    assert await _silences(office, elsewhere) == []


async def test_what_is_no_longer_on_record(office: Office) -> None:
    _channel, message = await _fallen(office)
    nonce = message.buttons()[0]["value"]
    await office.services.database.write(
        lambda c: c.execute(delete(outbox_table).where(outbox_table.c.nonce == nonce))
    )
    for action in (names.EXPLAIN, names.SILENCE):
        pressed = await office.server.press(message, action, user=office.ann)
        said = text_of(await pressed.response())
        assert "no longer on record; /aftershock alert explain tells" in said


async def test_explain_by_the_shortcut_on_a_message(office: Office) -> None:
    channel, message = await _fallen(office)
    shortcut = office.server.message_shortcut
    for lost in ("nothing", "metadata", "block_id"):
        if lost == "metadata":
            message.metadata = None
        if lost == "block_id":
            message.blocks[-1]["block_id"] = "x"
        chosen = await shortcut(names.EXPLAIN_SHORTCUT, message, user=office.bob)
        answer = await chosen.response()
        assert answer["response_type"] == "ephemeral"
        assert "why this channel was told" in text_of(answer), lost
    client = (await office.slack.workspaces.of(office.team)).client
    await client.chat_postMessage(channel=channel.id, text="lunch?")
    other = office.server.messages(channel)[-1]
    chosen = await shortcut(names.EXPLAIN_SHORTCUT, other, user=office.bob)
    said = text_of(await chosen.response())
    assert "That message is no alert of Aftershock's; choose one that is" in said
    assert "type /aftershock alert explain" in said


async def test_a_press_that_comes_twice_runs_once(office: Office) -> None:
    channel, message = await _fallen(office)
    pressed = await office.server.press(message, names.SNOOZE_1H, user=office.ann)
    await pressed.response()
    again = await office.server.redeliver(pressed)
    assert again.acked_after is not None
    explained = await office.server.press(message, names.EXPLAIN, user=office.ann)
    await explained.response()
    assert len(pressed.responses) == 1
    assert len(await _silences(office, channel)) == 1


@pytest.mark.asyncio(loop_scope="function")
async def test_buttons_work_after_a_restart(tmp_path: Path, history_file: Path) -> None:
    async with services_in(tmp_path, history_file) as services, running() as server:
        async with opened(server, services) as office:
            channel, message = await _fallen(office)
            ann = office.ann
            await server.press(message, names.SILENCE, user=ann)
            await server.until(lambda: server.views, "a dialog")
        async with opened(server, services) as office:
            why = await (await server.press(message, names.EXPLAIN, user=ann)).response()
            assert "why this channel was told" in text_of(why)
            # The dialog that was opened before it is answered too.
            await server.submit(server.views[-1], user=ann)
            await server.until(lambda: len(server.ephemerals(channel, ann)) > 1, "a sentence")
            assert "ai is silenced until" in server.ephemerals(channel, ann)[-1].text
            assert len(await _silences(office, channel)) == 1
