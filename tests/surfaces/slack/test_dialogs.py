"""The dialogs: opened at once, answered at the field, and what they add told where it was asked."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.commands import command_of
from bot.sections import SlackSettings
from bot.services import Services
from bot.surfaces.slack import dialogs, names
from bot.surfaces.slack.dialog_parts import plain
from bot.surfaces.slack.dialog_views import CONDITIONS
from tests.servers.slack import Channel, View
from tests.surfaces.slack.entering import dialog, dialog_from_tab, errors, gets, send
from tests.surfaces.slack.home_scene import Scene, scene_of, text_of


@pytest.fixture
async def scene(seeded: Services) -> AsyncIterator[Scene]:
    """A workspace, and all that is known on the evening of 27 January 2025."""
    async with scene_of(seeded) as scene:
        yield scene


async def test_an_alert_is_added_and_shown_on_the_tab(scene: Scene) -> None:
    view = await dialog_from_tab(scene, names.ADD_ALERT, scene.ann)
    assert view.content["title"]["text"] == "Add an alert"
    sent = await send(
        scene,
        view,
        channel=scene.alerts.id,
        target="nvda",
        levels="10, 20",
        how=["once"],
        expires="30d",
    )
    assert sent.payload["response_action"] == "update"
    said = text_of(scene.dialogs()[-1])
    assert "Alert 1: NVDA is 10% or 20% below its peak" in said
    assert "Undo with /aftershock alert remove 1" in said
    (added,) = await gets(scene, scene.alerts)
    assert added.once
    assert added.expires_at is not None
    await scene.published(2)
    assert "NVDA is 10% or 20% below its peak" in scene.home_text(scene.ann)
    assert scene.server.messages(scene.alerts) == [], "the channel is told nothing but alerts"


async def test_the_shortcut_opens_it_too(scene: Scene) -> None:
    await scene.server.shortcut(names.ALERT_SHORTCUT, user=scene.ann)
    view = await scene.opened(1)
    await send(scene, view, channel=scene.alerts.id, target="ai")
    assert "AI stocks are 5%, 10%, 15%" in text_of(scene.dialogs()[-1])


async def test_a_button_under_a_message_knows_its_channel(scene: Scene) -> None:
    for channel in (scene.alerts, scene.server.workspace.dm(scene.ann)):
        await under_a_message(scene, channel)
        view = scene.dialogs()[-1]
        sent = await send(scene, view, target="NVDA")
        assert sent.payload["response_action"] == "update"
        assert len(await gets(scene, channel)) == 1


async def under_a_message(scene: Scene, channel: Channel) -> None:
    """Press "Add an alert" under a message of the bot's."""
    button = {"type": "button", "action_id": names.ADD_ALERT, "text": plain("Add an alert")}
    client = (await scene.slack.workspaces.of(channel.team)).client
    blocks = [{"type": "actions", "elements": [button]}]
    await client.chat_postMessage(channel=channel.id, text="Steps", blocks=blocks)
    number = len(scene.dialogs()) + 1
    await scene.server.press(scene.server.messages(channel)[-1], names.ADD_ALERT, user=scene.ann)
    await scene.opened(number)


def test_every_condition_can_be_chosen() -> None:
    (condition,) = (o for o in command_of("alert", "add").options if o.name == "condition")
    assert tuple(CONDITIONS) == condition.choices


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"target": "NVDAA"}, "target", "did you mean NVDA"),
    ({"target": "benchmarks"}, "target", "benchmarks is a list to compare with"),
    ({"levels": "ten"}, "levels", '"ten" is not a level; give percentages such as 5,10,20'),
    ({"levels": "150%", }, "levels", "write percentages between 0 and 100"),
    ({"condition": "above"}, "levels", "“is above a price” needs a figure, such as 1"),
    ({"condition": "above", "levels": "-5"}, "levels", "price” needs a figure above zero"),
    ({"condition": "high", "levels": "10"}, "levels", "a new 52-week high” takes no levels"),
    ({"condition": "move", "levels": "-5"}, "levels", "write 5 without the minus"),
    ({"levels": "1,2,3,4,5,6,7,8,9,10,11"}, "levels", "at most 10 levels"),
    ({"condition": "crowding"}, "target", "stocks move as one” is about a basket"),
    ({"target": "ai", "condition": "above", "levels": "5"}, "target", "about one symbol"),
    ({"how": ["members"]}, "how", "NVDA is not a basket: it has no stocks"),
    ({"how": ["once"], "repeat": "6h"}, "repeat", "cannot be told again; choose one"),
]  # fmt: skip


async def test_a_mistake_comes_back_at_its_field(scene: Scene) -> None:
    view = await dialog(scene)
    for entered, field, says in MISTAKES:  # the dialog stays open
        given = {"channel": scene.alerts.id, "target": "NVDA", **entered}
        found = errors(await send(scene, view, **given))
        assert list(found) == [field], entered
        assert says in found[field]
        assert "/alert" not in found[field]
        assert await gets(scene, scene.alerts) == [], entered


async def test_the_window_and_how_often_it_is_said_again_can_be_chosen(scene: Scene) -> None:
    view = await dialog(scene)
    await send(
        scene, view, channel=scene.alerts.id, target="NVDA", levels="10", window="6m", repeat="1d"
    )
    (added,) = await gets(scene, scene.alerts)
    assert added.rule is not None
    assert added.rule.measure == "6m"
    assert added.repeat_minutes == 24 * 60


async def test_a_window_counts_only_for_a_fall(scene: Scene) -> None:
    view = await dialog(scene)
    sent = await send(
        scene, view, channel=scene.alerts.id, target="NVDA", condition="move", window="6m"
    )
    assert sent.payload["response_action"] == "update"


async def test_the_same_alert_twice_is_refused_at_the_channel(scene: Scene) -> None:
    for _time in range(2):
        view = await dialog(scene)
        sent = await send(scene, view, channel=scene.alerts.id, target="NVDA", levels="10")
    assert errors(sent) == {"channel": "This channel has that alert already, as number 1."}


@pytest.mark.parametrize("which", ["unknown", "theirs"])
async def test_nothing_is_said_of_a_channel_that_one_is_not_in(scene: Scene, which: str) -> None:
    channel = {"unknown": "C0NONE", "theirs": scene.secret.id}[which]
    view = await dialog(scene, by=scene.ben)
    found = errors(await send(scene, view, by=scene.ben, channel=channel, target="NVDA"))
    assert list(found) == ["channel"]
    assert found["channel"].startswith("Choose a channel that both you and Aftershock are in;")
    assert not any(
        one.args.get("channel") == channel for one in scene.server.calls("conversations.info")
    )


async def test_where_slack_does_not_say_who_is_where_it_is_no_fault_of_theirs(
    scene: Scene,
) -> None:
    await scene.server.shortcut(names.ALERT_SHORTCUT, user=scene.ann)
    view = await scene.opened(1)
    scene.server.next("users.conversations", error="fatal_error")
    found = errors(await send(scene, view, channel=scene.alerts.id, target="NVDA"))
    assert found == {
        "channel": "Slack did not say just now which channels you are in; send this again in a "
        "minute."
    }


async def test_where_the_bot_is_not_it_says_how_to_invite_it(scene: Scene) -> None:
    view = await dialog(scene)
    found = errors(await send(scene, view, channel=scene.outside.id, target="NVDA"))
    says = "Aftershock is not in #outside; type /invite there, choose Aftershock and ask again."
    assert found == {"channel": says}
    assert await gets(scene, scene.outside) == []


async def test_who_may_not_manage_a_channel_is_told_so(scene: Scene) -> None:
    await scene.tell("/alert add ai", scene.alerts)
    view = await dialog(scene, by=scene.ben)
    sent = await send(scene, view, by=scene.ben, channel=scene.alerts.id, target="NVDA")
    assert "Only workspace admins and whoever set this channel up" in errors(sent)["channel"]
    assert len(await gets(scene, scene.alerts)) == 1


async def test_whoever_sets_a_channel_up_may_change_it_later(scene: Scene) -> None:
    for target in ("NVDA", "ai"):
        view = await dialog(scene, by=scene.ben)
        sent = await send(scene, view, by=scene.ben, channel=scene.alerts.id, target=target)
        assert sent.payload["response_action"] == "update"
    assert len(await gets(scene, scene.alerts)) == 2


async def test_the_own_conversation_with_the_bot_can_be_chosen_from_the_tab(scene: Scene) -> None:
    mine = scene.server.workspace.dm(scene.ben)
    view = await dialog_from_tab(scene, names.ADD_ALERT, scene.ben)
    await send(scene, view, by=scene.ben, channel=mine.id, target="NVDA")
    assert len(await gets(scene, mine)) == 1


async def test_somebody_elses_conversation_cannot(scene: Scene) -> None:
    hers = scene.server.workspace.dm(scene.ann)
    view = await dialog(scene, by=scene.ben)
    sent = await send(scene, view, by=scene.ben, channel=hers.id, target="NVDA")
    assert "Aftershock cannot post in that conversation" in errors(sent)["channel"]
    assert await gets(scene, hers) == []


async def test_new_models_of_one_lab_with_open_weights(scene: Scene) -> None:
    view = await dialog(scene, names.ADD_SUBSCRIPTION)
    await send(scene, view, channel=scene.alerts.id, labs="deepseek", which=["open_only"])
    said = text_of(scene.dialogs()[-1])
    assert "Subscription 1: new models of DeepSeek with open weights" in said


async def test_all_labs_at_the_frontier_are_usual(scene: Scene) -> None:
    view = await dialog(scene, names.ADD_SUBSCRIPTION)
    await send(scene, view, channel=scene.alerts.id)
    assert "new language models of frontier labs" in text_of(scene.dialogs()[-1])
    again = await dialog(scene, names.ADD_SUBSCRIPTION)
    assert list(errors(await send(scene, again, channel=scene.alerts.id))) == ["channel"]


async def digest(scene: Scene) -> View:
    """The dialog, after a digest was chosen in it."""
    return await of_kind(scene, "digest")


async def of_kind(scene: Scene, wanted: str) -> View:
    """The dialog, after another kind of subscription was chosen in it."""
    view = await dialog(scene, names.ADD_SUBSCRIPTION)
    (kind,) = (block for block in view.blocks if block["block_id"] == "kind")
    before = len(scene.server.calls("views.update"))
    await choose(scene, view, kind, wanted)
    await scene.server.until(
        lambda: len(scene.server.calls("views.update")) > before, "the dialog asks for that kind"
    )
    return scene.dialogs()[-1]


async def choose(scene: Scene, view: View, block: dict[str, Any], value: str) -> None:
    """Choose another one of a dialog's radio buttons."""
    element = block["element"]
    chosen = next(one for one in element["options"] if one["value"] == value)
    changed = {**block, "elements": [{**element, "selected_option": chosen}]}
    shown = View(
        view.id,
        view.user,
        view.team,
        {**view.content, "blocks": [changed, *view.blocks]},
        view.hash,
    )
    await scene.server.press(shown, element["action_id"], user=scene.ann)


@pytest.mark.parametrize(
    ("entered", "says"),
    [
        ({}, "of frontier labs that move by 10% or more"),
        ({"labs": "deepseek", "percent": "20"}, "of DeepSeek that move by 20% or more"),
    ],
)
async def test_token_prices(scene: Scene, entered: dict[str, Any], says: str) -> None:
    view = await of_kind(scene, "prices")
    await send(scene, view, channel=scene.alerts.id, **entered)
    assert f"token prices {says}" in text_of(scene.dialogs()[-1])
    again = await of_kind(scene, "prices")
    refused = errors(await send(scene, again, channel=scene.alerts.id, **entered))
    assert "told of these prices already" in refused["channel"]


async def test_a_weekly_digest(scene: Scene) -> None:
    view = await digest(scene)
    await send(
        scene,
        view,
        channel=scene.alerts.id,
        every="week",
        weekday="fri",
        at="17:30",
        basket="compute",
    )
    said = text_of(scene.dialogs()[-1])
    assert "a digest of compute, every Fri at 17:30 in UTC" in said


@pytest.mark.parametrize(("basket", "says"), [
    ("nowhere", "There is no basket nowhere; /aftershock basket list shows them."),
    ("benchmarks", "benchmarks is a list to compare with"),
])  # fmt: skip
async def test_a_digest_of_no_basket_is_refused_there(scene: Scene, basket: str, says: str) -> None:
    view = await digest(scene)
    found = errors(await send(scene, view, channel=scene.alerts.id, basket=basket))
    assert says in found["basket"]


async def test_a_fault_of_ours_is_said_as_ours(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(dialogs, "add", broken)
    view = await dialog(scene)
    await send(scene, view, channel=scene.alerts.id, target="NVDA")
    assert "Something went wrong on our side" in text_of(scene.dialogs()[-1])


async def test_a_shared_channels_guest_may_change_nothing(scene: Scene) -> None:
    away = scene.server.add_workspace("Away")
    guest = away.add_user("cleo", admin=True)
    scene.server.workspace.users[guest.id] = guest
    scene.alerts.shared, scene.alerts.members = True, {*scene.alerts.members, guest.id}
    await scene.server.shortcut(names.ALERT_SHORTCUT, user=scene.ann)
    view = await scene.opened(1)
    view.user = guest.id
    sent = await send(scene, view, by=guest, channel=scene.alerts.id, target="NVDA")
    assert "Only workspace admins" in errors(sent)["channel"]


async def test_with_a_list_of_managers_only_they_add(scene: Scene) -> None:
    listed = SlackSettings(managers=(scene.ben.id,))
    object.__setattr__(scene.slack.services.settings, "slack", listed)
    view = await dialog(scene)
    sent = await send(scene, view, channel=scene.alerts.id, target="NVDA")
    assert "Only the people whom the bot's settings name" in errors(sent)["channel"]
