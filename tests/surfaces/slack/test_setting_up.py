"""What everybody may look at without changing it: /setup and /channel; and where nothing shows."""

import pytest

from bot.surfaces.slack import names
from tests.surfaces.slack.office import AI, Office, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADDING = [names.ADD_ALERT, names.ADD_SUBSCRIPTION]


async def test_setup_has_buttons_that_add_to_this_channel(office: Office) -> None:
    channel = office.channel()
    await office.ask("setup", channel)
    answer = office.server.ephemerals(channel, office.ann)[-1]
    assert [one["action_id"] for one in answer.buttons()] == ADDING
    assert [one["text"]["text"] for one in answer.buttons()] == [
        "Add an alert",
        "Add a subscription",
    ]
    for action, title in zip(ADDING, ("Add an alert", "Add a subscription"), strict=True):
        calls = len(office.server.calls("views.open"))
        await office.server.press(answer, action, user=office.ann)
        await office.server.until(
            lambda calls=calls: len(office.server.calls("views.open")) > calls,  # type: ignore[misc]
            "a dialog",
        )
        view = office.server.views[-1]
        assert view.content["title"]["text"] == title
        assert view.blocks[0]["element"]["initial_conversation"] == channel.id


async def test_a_form_that_slack_does_not_open_is_said(office: Office) -> None:
    channel = office.channel()
    await office.ask("setup", channel)
    answer = office.server.ephemerals(channel, office.ann)[-1]
    office.server.next("views.open", error="expired_trigger_id")
    pressed = await office.server.press(answer, names.ADD_ALERT, user=office.ann)
    said = "Slack did not open the form; press the button again."
    assert (await pressed.response())["text"] == said


async def test_who_may_not_manage_a_channel_sees_what_it_gets_without_buttons(
    office: Office,
) -> None:
    channel = office.channel()
    await office.follow(channel, AI)
    for text in ("channel", "subs", "setup"):
        answer = await office.ask(text, channel, office.bob)
        assert answer["response_type"] == "ephemeral"
        assert "blocks" in answer, text
        assert office.server.ephemerals(channel, office.bob)[-1].buttons() == []
    assert "Only workspace admins" in text_of(
        await office.ask("channel cap=5", channel, office.bob)
    )
    assert await office.set_up_by(channel) == ""


async def test_a_channel_without_the_bot_is_set_up_by_inviting_it_first(office: Office) -> None:
    channel = office.channel(is_member=False)
    answer = await office.ask("setup", channel)
    assert "is not in #" in answer["text"]
    assert "type /invite there, choose Aftershock and ask again" in answer["text"]


async def test_what_help_does_not_know_is_said_as_it_is_typed(office: Office) -> None:
    said = text_of(await office.ask("help nonsense", office.channel())).strip()
    assert said == "/aftershock nonsense is not a command; /aftershock help lists them all."


async def test_where_slack_does_not_say_whose_conversation_it_is_nothing_is_shown_to_both(
    office: Office,
) -> None:
    between = office.server.workspace.dm_between(office.ann, office.bob)
    office.server.next("conversations.info", error="fatal_error", times=2)
    answer = await office.ask("status", between, office.bob)
    assert answer["response_type"] == "ephemeral"
