"""The Home tab: what a person sees of their workspace, and what nobody may see."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.status import status
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.model.story import Story
from bot.services import Request, Services
from bot.surfaces.slack import home_reading
from storage import reach, receivers, stories
from storage.receivers import find_receiver
from tests.asking import ask
from tests.surfaces.slack.home_scene import Scene, scene_of


@pytest.fixture
async def scene(seeded: Services) -> AsyncIterator[Scene]:
    """A workspace, and all that is known on the evening of 27 January 2025."""
    async with scene_of(seeded) as scene:
        yield scene


async def test_an_empty_workspace_is_told_what_to_do_first(scene: Scene) -> None:
    seen = await scene.tab(scene.ann)
    assert "Nothing is followed in this workspace yet. To begin:" in seen
    assert "type /invite and choose Aftershock" in seen
    assert "Press Add an alert, choose that channel" in seen
    assert "It works" in seen
    assert "!" not in seen


async def test_it_shows_what_is_followed_with_its_figures_source_and_day(scene: Scene) -> None:
    await scene.tell("/alert add NVDA levels=10,20", scene.alerts)
    await scene.tell("/subscribe digest day 08:00 ai", scene.alerts)
    seen = await scene.tab(scene.ben)
    assert "−20.8% · Nvidia (NVDA) · last $118.42 · −17.0% on the day · peak of" in seen
    assert "−13.7% · AI stocks (ai) · −12.8% on the day" in seen
    assert seen.index("Nvidia (NVDA)") < seen.index("AI stocks (ai)"), "the deepest first"
    assert "as of 27 Jan 2025" in seen
    assert "#alerts" in seen
    assert "NVDA is 10% or 20% below its peak (peak of 1y)" in seen
    assert "A daily digest of ai (every day at 08:00 UTC)" in seen
    assert "Nothing is followed" not in seen


async def test_a_private_channel_shows_to_its_members_only(scene: Scene) -> None:
    await scene.tell("/alert add TSM levels=10", scene.secret)
    await scene.tell("/alert add NVDA levels=10", scene.alerts)
    await open_story(scene, scene.secret.id, "TSM")
    hers, his = await scene.tab(scene.ann), await scene.tab(scene.ben)
    assert "#secret" in hers
    assert "(TSM)" in hers
    assert "#secret" not in his
    assert "TSM" not in his
    assert "NVDA" in his


async def test_a_guest_sees_no_channel_that_they_are_not_in(scene: Scene) -> None:
    chips = scene.server.workspace
    guest = chips.add_user("gil")
    guest.restricted = True
    await scene.tell("/alert add NVDA levels=10", scene.alerts)
    await open_story(scene, scene.alerts.id, "NVDA", told=True)
    assert "(NVDA)" not in await scene.tab(guest)
    assert "#alerts" not in scene.home_text(guest)
    lobby = chips.add_channel("lobby", guest)
    scene.slack.known.clear()
    await scene.tell("/alert add TSM levels=10", lobby)
    seen = await scene.tab(guest)
    assert "(TSM)" in seen
    assert "#lobby" in seen
    assert "(NVDA)" not in seen


async def test_what_others_are_told_alone_is_theirs(scene: Scene) -> None:
    chips = scene.server.workspace
    await scene.tell("/alert add TSM levels=10", chips.dm(scene.ann))
    assert "direct message" in await scene.tab(scene.ann)
    assert "TSM" not in await scene.tab(scene.ben)


async def test_nothing_of_another_workspace_or_server_shows(scene: Scene) -> None:
    services = scene.slack.services
    for surface, community in (("slack", "TOTHER"), ("discord", scene.server.workspace.team)):
        address = f"{community}/{scene.alerts.id}"  # as a channel has it that two of them share
        place = Receiver(0, surface, address, "#theirs", community=community)
        await ask("/alert add TSM levels=10", services, place)
        await ask("/basket add ours NVDA,AMD", services, place)
        await ask("/alert add ours levels=10", services, place)
    seen = await scene.tab(scene.ann)
    assert "Nothing is followed in this workspace yet" in seen
    assert not {"TSM", "ours", "#theirs"} & set(seen.replace(":", " ").split())


async def test_drawdowns_under_way_say_who_was_told_the_deepest_first(scene: Scene) -> None:
    await scene.tell("/alert add ai levels=10", scene.alerts)
    await scene.tell("/alert add NVDA levels=10", scene.secret)
    await open_story(scene, scene.alerts.id, "ai", told=True)
    await open_story(scene, scene.secret.id, "NVDA")
    seen = await scene.tab(scene.ann)
    assert "AI stocks (ai) · crossed −10% on 27 Jan 2025 · told in #alerts" in seen
    assert "Nvidia (NVDA) · crossed −10% on 27 Jan 2025 · not told yet in #secret" in seen
    assert seen.index("not told yet in #secret") < seen.index("told in #alerts")


async def test_a_channel_that_is_told_nothing_says_why(scene: Scene) -> None:
    await scene.tell("/alert add ai levels=10", scene.alerts)
    services = scene.slack.services
    async with services.database.read() as connection:
        found = await find_receiver(connection, "slack", f"{scene.alerts.team}/{scene.alerts.id}")
    assert found is not None
    why = {found.id: (services.clock.now(), "the channel is archived")}
    await services.database.write(lambda c: reach.disable(c, why))
    assert "Nothing is sent there: the channel is archived." in await scene.tab(scene.ann)


async def test_health_tells_of_trouble(scene: Scene) -> None:
    services = scene.slack.services
    services.live.stop("discord", "its token was refused.", services.clock.now(), None)
    seen = await scene.tab(scene.ann)
    assert "Discord takes no messages: its token was refused." in seen
    assert "Prices to 27 Jan 2025, today's." in seen
    assert "asked at 27 Jan 2025, 22:00 UTC" in seen


async def test_refresh_shows_what_has_changed(scene: Scene) -> None:
    chips = scene.server.workspace
    await scene.tab(scene.ann)
    await scene.tell("/alert add NVDA levels=10", chips.dm(scene.ann))
    view = scene.server.home(scene.ann)
    assert view is not None
    pressed = await scene.server.press(view, "aftershock:refresh", user=scene.ann)
    assert pressed.acked_after is not None
    await scene.published(2)
    assert "direct message" in scene.home_text(scene.ann), "the tab knows whose it is"


async def test_the_messages_tab_publishes_nothing(scene: Scene) -> None:
    await scene.server.open_home(user=scene.ann, tab="messages")
    await scene.tab(scene.ben)
    assert scene.server.home(scene.ann) is None


async def test_a_part_that_cannot_be_read_says_so_and_spoils_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.tell("/alert add NVDA levels=10", scene.alerts)

    async def broken(*_given: object, **_named: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(home_reading, "load_board", broken)
    seen = await scene.tab(scene.ann)
    assert seen.count("This could not be read just now. Press Refresh in a minute.") == 2
    assert "#alerts" in seen
    assert "Prices to 27 Jan 2025" in seen


async def test_a_part_that_takes_too_long_is_left_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.tell("/alert add NVDA levels=10", scene.alerts)
    release, ended, others = asyncio.Event(), asyncio.Event(), asyncio.Event()
    read = []

    async def slow(request: Request) -> Card:
        await release.wait()
        try:
            return await status(request)
        finally:
            ended.set()

    async def until_others(_seconds: float, work: asyncio.Task[object]) -> bool:
        """The time is over for a part once whose channels it is and three parts are read."""
        over = asyncio.ensure_future(others.wait())
        await asyncio.wait({work, over}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            return False
        read.append(work)
        if len(read) == 4:
            others.set()
        return True

    monkeypatch.setattr(home_reading, "status", slow)
    monkeypatch.setattr(home_reading, "within", until_others)
    seen = await scene.tab(scene.ann)
    release.set()
    await ended.wait()
    assert seen.count("This could not be read just now") == 1
    assert "Nvidia (NVDA)" in seen


@pytest.mark.parametrize("what", ["error", "page"])
async def test_where_slack_does_not_tell_channels_none_is_shown(scene: Scene, what: str) -> None:
    await scene.tell("/alert add NVDA levels=10", scene.alerts)
    if what == "page":
        scene.server.next("users.conversations", text="<html>", status=500, times=None)
    else:
        scene.server.next("users.conversations", error="fatal_error", times=None)
    seen = await scene.tab(scene.ann)
    assert seen.count("This could not be read just now") == 3
    assert "NVDA" not in seen
    assert "Prices to 27 Jan 2025" in seen


async def test_a_tab_that_slack_refuses_is_only_logged(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.server.next("views.publish", error="not_enabled")
    await scene.server.open_home(user=scene.ann)
    await scene.published(1)
    assert "It works" in await scene.tab(scene.ann)
    assert "a Home tab could not be shown: not_enabled" in caplog.text


async def open_story(scene: Scene, channel: str, target: str, *, told: bool = False) -> None:
    """A story under way for a channel that has an alert on the target, at −10%."""
    services = scene.slack.services
    now = services.clock.now()

    async def work(connection: AsyncConnection) -> None:
        found = await receivers.find_receiver(connection, "slack", f"{scene.alerts.team}/{channel}")
        assert found is not None
        state = Story(100_000, 100_000 if told else 0, now if told else None, None)
        on = date(2025, 1, 27)
        await stories.open_story(
            connection, found.id, target, stories.DRAWDOWN, "1y", now, state, 1, on
        )

    await services.database.write(work)
