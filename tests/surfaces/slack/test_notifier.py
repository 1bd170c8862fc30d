"""Slack as a surface: what arrives in a channel, is found again, and how refusals are taken."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import DeliveryError, SurfaceStopped
from bot.model.card import Card, Chart, Field
from bot.model.receiver import MessageRef
from bot.surfaces.slack import names
from bot.surfaces.slack.saying import plain_words
from tests.servers.slack import Message
from tests.servers.slack.posting import post
from tests.surfaces.slack.telling import BUTTONS, CARD, CHART, telling

POST, UPDATE = "chat.postMessage", "chat.update"


def words(message: Message) -> str:
    """All that a message says."""
    return str(message.blocks)


async def test_a_post_has_its_headline_its_nonce_and_its_buttons() -> None:
    async with telling() as told:
        row = told.row()
        ref = await told.notifier.send(row, CARD)
        (message,) = told.messages()
        assert ref == MessageRef(told.channel.id, message.ts)
        assert message.text.startswith("AI stocks are 13.7% below their peak")
        assert message.metadata == {
            "event_type": names.METADATA,
            "event_payload": {"nonce": row.nonce},
        }
        assert [one["action_id"] for one in message.buttons()] == list(BUTTONS)
        assert {one["value"] for one in message.buttons()} == {row.nonce}
        (call,) = told.server.calls(POST)
        assert (call.args["unfurl_links"], call.args["unfurl_media"]) == (False, False)
        assert (call.args["link_names"], call.args["parse"]) == (False, "none")


async def test_a_reply_stands_in_its_thread_and_is_seen_in_the_channel() -> None:
    async with telling() as told:
        root = await told.notifier.send(told.row(), CARD)
        first = await told.notifier.send(told.row("reply", root=root), CARD)
        again = await told.notifier.send(told.row("reply", root=first), CARD)
        assert first.thread == again.thread == root.message
        _root, *replies = told.messages()
        assert {one.thread_ts for one in replies} == {root.message}
        assert all(one.reply_broadcast for one in replies)
        threads = [one.args.get("thread_ts") for one in told.server.calls(POST)]
        assert threads == [None, root.message, root.message]


@pytest.mark.parametrize("refusal", [None, "thread_not_found", "restricted_action_thread_locked"])
async def test_a_reply_that_cannot_stand_below_its_root_is_a_post(refusal: str | None) -> None:
    async with telling() as told:
        root = await told.notifier.send(told.row(), CARD)
        if refusal is None:
            told.channel.messages.clear()
        else:
            told.server.next(POST, error=refusal)
        ref = await told.notifier.send(told.row("reply", root=root), CARD)
        assert told.messages()[-1].ts == ref.message
        assert (told.messages()[-1].thread_ts, ref.thread) == (None, "")


async def test_an_edit_says_what_has_become_of_it_and_keeps_whose_message_it_is() -> None:
    async with telling() as told:
        posted = told.row()
        root = await told.notifier.send(posted, CARD)
        row = told.row("edit", root=root, root_nonce=posted.nonce)
        assert await told.notifier.send(row, Card(title="Recovered")) == root
        (message,) = told.messages()
        assert message.text == "Recovered"
        assert "13.7%" not in words(message)
        assert {one["value"] for one in message.buttons()} == {posted.nonce}
        assert await told.notifier.find(posted) == root


async def test_somebodys_own_conversation_with_the_bot_is_told() -> None:
    async with telling() as told:
        direct = told.server.workspace.dm(told.user)
        ref = await told.notifier.send(told.row(channel=direct), CARD)
        assert [one.ts for one in told.server.messages(direct)] == [ref.message]


@pytest.mark.parametrize("buttons", [BUTTONS, ()])
@pytest.mark.parametrize("others", [0, 250])
async def test_what_was_sent_is_found_again(others: int, buttons: tuple[str, ...]) -> None:
    async with telling(buttons=lambda _row: buttons) as told:
        row = told.row()
        assert await told.notifier.find(row) is None
        ref = await told.notifier.send(row, CARD)
        chips = told.server.workspace
        for number in range(others):
            post(told.server, chips, told.channel, f"{number}", [], user=told.user.id)
        assert await told.notifier.find(row) == ref
        assert await told.notifier.find(told.row()) is None


@pytest.mark.parametrize("gone", [False, True])
async def test_a_reply_is_found_in_its_thread_or_beside_it(gone: bool) -> None:
    async with telling() as told:
        root = await told.notifier.send(told.row(), CARD)
        if gone:
            told.channel.messages.clear()
        row = told.row("reply", root=root)
        assert await told.notifier.find(row) is None
        ref = await told.notifier.send(row, CARD)
        assert await told.notifier.find(row) == ref


async def test_an_edit_is_not_looked_for() -> None:
    async with telling() as told:
        root = await told.notifier.send(told.row(), CARD)
        assert await told.notifier.find(told.row("edit", root=root)) is None
        assert not told.server.calls("conversations.history")


async def test_what_others_say_is_not_taken_for_the_bots_own() -> None:
    async with telling() as told:
        row = told.row()
        await told.notifier.send(row, CARD)
        (message,) = told.messages()
        message.user, message.bot_id = told.user.id, ""
        assert await told.notifier.find(row) is None


async def test_without_metadata_the_buttons_say_whose_message_it_is() -> None:
    async with telling() as told:
        row = told.row()
        ref = await told.notifier.send(row, CARD)
        told.messages()[0].metadata = None
        assert await told.notifier.find(row) == ref


async def test_where_the_channel_may_not_be_read_nothing_is_found_and_the_message_still_told() -> (
    None
):
    async with telling() as told:
        told.server.workspace.scopes = {"chat:write"}
        assert await told.notifier.find(told.row()) is None
        await told.notifier.send(told.row(), CARD)


@pytest.mark.parametrize("code", ["missing_scope", "invalid_arguments", "method_deprecated"])
async def test_a_refusal_to_look_is_none_of_the_message(code: str) -> None:
    async with telling() as told:
        told.server.next("conversations.history", error=code)
        assert await told.notifier.find(told.row()) is None


@pytest.mark.parametrize("code", ["channel_not_found", "internal_error", "ratelimited"])
async def test_a_look_that_cannot_be_had_now_or_a_channel_that_is_gone_is_said(code: str) -> None:
    async with telling() as told:
        told.server.next("conversations.history", error=code)
        with pytest.raises((DeliveryError, OSError)):
            await told.notifier.find(told.row())


async def test_a_lost_answer_is_unknown_and_what_was_stored_is_found() -> None:
    async with telling() as told:
        told.server.lose_reply(POST)
        row = told.row()
        with pytest.raises(OSError):  # noqa: PT011 - any of its kind means that nobody knows
            await told.notifier.send(row, CARD)
        found = await told.notifier.find(row)
        assert found is not None
        assert [one.ts for one in told.messages()] == [found.message]


@pytest.mark.parametrize(
    ("code", "permanent", "blames", "said"),
    [
        ("channel_not_found", True, True, "type /invite @Aftershock there"),
        ("not_in_channel", True, True, "the bot is not in the channel"),
        ("is_archived", True, True, "the channel is archived"),
        ("restricted_action", True, True, "ask a workspace admin"),
        ("user_disabled", True, True, "direct messages"),
        ("a_word_of_next_year", True, True, "Slack refuses it: a_word_of_next_year"),
        ("missing_scope", False, True, "install it again"),
        ("msg_too_long", True, False, "Slack refuses it: msg_too_long"),
    ],
)
async def test_refusals(code: str, permanent: bool, blames: bool, said: str) -> None:
    async with telling() as told:
        told.server.next(POST, error=code, times=2)
        error = await told.refused()
        assert isinstance(error, DeliveryError)
        assert (error.permanent, error.blames, error.after) == (permanent, blames, None)
        assert said in str(error)
        told.server.faults.set.clear()
        await told.notifier.send(told.row(), CARD)


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_an_edit_that_cannot_be_made_is_not_the_channels_fault(code: str) -> None:
    async with telling() as told:
        root = await told.notifier.send(told.row(), CARD)
        told.server.next(UPDATE, error=code)
        error = await told.refused("edit", root=root)
        assert isinstance(error, DeliveryError)
        assert (error.permanent, error.blames) == (True, False)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500}, {"status": 503}, {"error": "internal_error"}, {"error": "fatal_error"},
        {"error": "service_unavailable"}, {"error": "request_timeout"}, {"text": "<html>busy"},
    ],
)  # fmt: skip
async def test_a_fault_of_slacks_own_leaves_it_unknown(fault: dict[str, Any]) -> None:
    async with telling() as told:
        told.server.next(POST, **fault)
        error = await told.refused()
        assert isinstance(error, OSError)


async def test_a_page_of_a_proxy_is_no_word_of_slacks() -> None:
    async with telling() as told:
        told.server.next(POST, status=403, text="<html>Forbidden")
        error = await told.refused()
        assert isinstance(error, DeliveryError)
        assert (error.permanent, str(error)) == (
            False,
            "something before Slack refuses it (403)",
        )


async def test_a_slack_that_cannot_be_reached_has_been_told_nothing() -> None:
    async with telling() as told:
        (await told.workspaces.of(told.channel.team)).client.base_url = "http://127.0.0.1:9/api/"
        error = await told.refused()
        assert isinstance(error, DeliveryError)
        assert error.after is not None
        assert not error.permanent


async def test_until_slack_has_said_who_the_bot_is_nothing_was_tried() -> None:
    async with telling() as told:
        told.workspaces._known = None
        error = await told.refused()
        assert isinstance(error, DeliveryError)
        # After a try, each row would be looked for before it is sent.
        assert (error.permanent, error.after) == (False, 5.0)


async def test_a_request_to_wait_is_passed_on_and_holds_the_channel() -> None:
    async with telling() as told:
        other = told.server.workspace.add_channel("other")
        told.server.next(POST, status=429, retry_after=30)
        for _try in range(3):
            error = await told.refused()
            assert isinstance(error, DeliveryError)
            assert error.after == pytest.approx(30, abs=1)
        assert len(told.server.calls(POST)) == 1
        await told.notifier.send(told.row(channel=other), CARD)


async def test_a_history_that_asks_to_wait_is_left_alone_and_messages_go_on() -> None:
    async with telling() as told:
        told.server.limits.slow_history = True
        assert await told.notifier.find(told.row()) is None
        for _try in range(3):
            with pytest.raises(DeliveryError) as caught:
                await told.notifier.find(told.row())
            assert 50 < (caught.value.after or 0) <= 60
        assert len(told.server.calls("conversations.history")) == 2
        await told.notifier.send(told.row(), CARD)


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "token_revoked"])
async def test_a_refused_token_stops_the_surface_and_says_what_to_do(code: str) -> None:
    async with telling() as told:
        told.server.workspace.refusal = code
        error = await told.refused()
        assert isinstance(error, SurfaceStopped)
        assert "set AFTERSHOCK_SLACK_BOT_TOKEN" in str(error)
        assert told.server.workspace.bot_token not in str(error)


async def test_what_slack_does_not_take_is_told_in_plain_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with telling() as told:
        told.server.next(POST, error="invalid_blocks")
        row = told.row()
        ref = await told.notifier.send(row, CARD)
        (message,) = told.messages()
        assert message.ts == ref.message
        said = words(message)
        assert "AI stocks are 13.7% below their peak" in said
        assert "At the close." in said
        assert "in plain words" in caplog.text
        assert await told.notifier.find(row) == ref


async def test_what_would_break_a_limit_is_never_sent_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with telling() as told:
        monkeypatch.setattr(
            "bot.surfaces.slack.notifier.faults", lambda _blocks, _text: ["51 blocks of 50"]
        )
        await told.notifier.send(told.row(), CARD)
        assert len(told.server.calls(POST)) == 1
        assert "At the close." in words(told.messages()[0])


async def test_words_are_cut_to_what_slack_takes() -> None:
    said = plain_words(Card(title="a" * 5_000, text="😀" * 5_000), "0" * 24)
    async with telling() as told:
        client = (await told.workspaces.of(told.channel.team)).client
        await client.chat_postMessage(channel=told.channel.id, text=said.text, blocks=said.blocks)
    assert plain_words(Card(title=""), "0" * 24).text


async def test_text_of_others_calls_nobody() -> None:
    async with telling() as told:
        hostile = Card(
            title="<!channel> & <@U123>", text="<!here>", fields=(Field("a", "<!here>"),)
        )
        await told.notifier.send(told.row(), hostile)
        told.server.next(POST, error="invalid_blocks")
        await told.notifier.send(told.row(), hostile)
        for message in told.messages():
            assert "<!" not in message.text
            assert "<@" not in message.text


async def test_a_chart_is_shown_and_named() -> None:
    async with telling() as told:
        told.server.file_processing = 2
        await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        (message,) = told.messages()
        (picture,) = [one for one in message.blocks if one["type"] == "image"]
        assert picture["alt_text"] == "AI stocks fell 13.7%"
        file = told.server.workspace.files[picture["slack_file"]["id"]]
        assert (file.alt_text, file.title) == ("AI stocks fell 13.7%", "AI stocks")
        assert file.shared_in == []


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_a_picture_that_cannot_be_had_holds_no_alert_up(method: str) -> None:
    async with telling() as told:
        told.server.next(method, error="internal_error", times=None)
        for _message in range(2):
            await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        for message in told.messages():
            assert "Chart: AI stocks fell 13.7%" in words(message)
        assert len(told.server.calls(method)) == 1  # what just failed is not tried at once again


async def test_a_picture_that_slack_never_finishes_holds_no_alert_up() -> None:
    async with telling(seconds=0.05) as told:
        told.server.file_processing = 10_000
        await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        assert "Chart: AI stocks fell 13.7%" in words(told.messages()[0])


@pytest.mark.parametrize("error", [MemoryError(), OSError("no font"), None])
async def test_a_chart_that_cannot_be_drawn_holds_no_alert_up(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None: the drawing never ends."""

    async def fail(_chart: Chart, *, dark: bool) -> bytes:
        assert not dark
        if error is None:
            await asyncio.Event().wait()
        raise error or AssertionError

    monkeypatch.setattr("bot.surfaces.slack.pictures.draw", fail)
    async with telling(seconds=0.05) as told:
        root = await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        await told.notifier.send(told.row("edit", root=root), replace(CARD, chart=CHART))
        (message,) = told.messages()
        assert "Chart: AI stocks fell 13.7%" in words(message)


@pytest.mark.parametrize(("times", "shown"), [(1, True), (2, False)])
async def test_a_picture_that_slack_does_not_show_yet_is_tried_once_more(
    times: int, shown: bool
) -> None:
    async with telling() as told:
        workspace = await told.workspaces.of(told.channel.team)
        file = await told.pictures.file_of(workspace, CHART)
        told.server.workspace.files[file].wait = times
        await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        (message,) = told.messages()
        assert any(one["type"] == "image" for one in message.blocks) == shown
        assert "crossed −10%" in words(message)
        assert len(told.server.calls(POST)) == times + 1
