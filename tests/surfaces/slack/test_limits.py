"""One person asks for too much at once in Slack: commands, buttons, the Home tab."""

import pytest

from bot.services import Services
from bot.surfaces.slack import names
from tests.limited import limited
from tests.surfaces.slack.home_scene import Scene, scene_of
from tests.surfaces.slack.home_scene import text_of as seen_in
from tests.surfaces.slack.office import Office, text_of, told

TWO = "You asked 2 costly questions within a minute; ask again in 60 seconds."


@pytest.mark.asyncio(loop_scope="module")
async def test_beyond_the_limit_one_private_sentence_says_when(office: Office) -> None:
    channel = office.channel()
    with limited(office.services, 2):
        for _ in range(2):
            assert (await office.ask("drawdown NVDA", channel, office.bob))["blocks"]
        # Sharing asks again, and Explain reads as much.
        private = office.server.ephemerals(channel, office.bob)[-1]
        pressed = await office.server.press(private, names.SHARE, user=office.bob)
        assert text_of(await pressed.response()).strip() == TWO
        message = await told(office, channel, {"kind": "drawdown", "target": "ai"})
        pressed = await office.server.press(message, names.EXPLAIN, user=office.bob)
        assert text_of(await pressed.response()).strip() == TWO
        for command, text in (("/drawdown", "NVDA"), ("/aftershock", "crowding ai")):
            refused = await office.ask(text, channel, office.bob, command)
            assert (refused["text"], refused["response_type"]) == (TWO, "ephemeral")
        # What costs little is answered all the same, and so is everybody else.
        assert (await office.ask("status", channel, office.bob))["blocks"]
        assert (await office.ask("drawdown NVDA", channel))["blocks"]
    assert office.server.messages(channel) == [message]


async def test_a_tab_refreshed_again_and_again_says_so_in_a_dialog(seeded: Services) -> None:
    async with scene_of(seeded) as scene:
        with limited(scene.slack.services, 2):
            await scene.tab(scene.ben)
            await _refresh(scene)
            await scene.published(2)
            await _refresh(scene)
            dialog = await scene.opened(1)
            assert TWO in seen_in(dialog)
            # Opening it shows what it showed; somebody else's is read.
            await scene.server.open_home(user=scene.ben)
            await scene.tab(scene.ann)
            assert len(scene.server.calls("views.publish")) == 3


async def _refresh(scene: Scene) -> None:
    view = scene.server.home(scene.ben)
    assert view is not None
    await scene.server.press(view, "aftershock:refresh", user=scene.ben)
