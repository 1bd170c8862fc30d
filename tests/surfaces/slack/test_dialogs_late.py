"""Dialogs that take longer than Slack waits."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.services import Services
from bot.surfaces.slack import adding, dialogs, names
from tests.servers.slack import View
from tests.surfaces.slack.entering import dialog_from_tab, gets, send
from tests.surfaces.slack.home_scene import Scene, scene_of, text_of


@pytest.fixture
async def scene(seeded: Services) -> AsyncIterator[Scene]:
    """A workspace, and all that is known on the evening of 27 January 2025."""
    async with scene_of(seeded) as scene:
        yield scene


async def test_a_slow_database_is_waited_for_after_slack_has_its_answer(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, release = await slow(scene, monkeypatch)
    sent = await send(scene, view, channel=scene.alerts.id, target="NVDA")
    assert sent.payload["response_action"] == "update"
    assert "It is being added." in text_of(scene.dialogs()[-1])
    release.set()
    await updated(scene, 1)
    assert "Alert 1: NVDA" in text_of(scene.dialogs()[-1])
    await scene.published(2)


async def test_a_mistake_that_comes_late_keeps_what_was_entered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, release = await slow(scene, monkeypatch)
    await send(scene, view, channel=scene.alerts.id, target="NVDAA", levels="7", how=["once"])
    release.set()
    await updated(scene, 1)
    again = scene.dialogs()[-1]
    assert "did you mean NVDA" in text_of(again)
    monkeypatch.undo()
    await send(scene, again, target="NVDA")
    (added,) = await gets(scene, scene.alerts)
    assert (added.once, added.rule and added.rule.levels) == (True, (70_000,))


async def test_who_closes_the_dialog_meanwhile_is_told_in_the_channel(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, release = await slow(scene, monkeypatch)
    await send(scene, view, channel=scene.alerts.id, target="NVDAA")
    scene.server.next("views.update", error="not_found")
    release.set()
    await scene.server.until(
        lambda: scene.server.ephemerals(scene.alerts, scene.ann), "she is told"
    )
    assert "did you mean NVDA" in scene.server.ephemerals(scene.alerts, scene.ann)[0].text
    assert scene.server.messages(scene.alerts) == []


async def slow(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[View, asyncio.Event]:
    """A dialog, and a database that does nothing until the event is set."""
    release, added = asyncio.Event(), adding.add
    view = await dialog_from_tab(scene, names.ADD_ALERT, scene.ann)

    async def waiting(*given: Any) -> Any:
        await release.wait()
        return await added(*given)

    monkeypatch.setattr(dialogs, "add", waiting)
    monkeypatch.setattr(dialogs, "ACK_SECONDS", 0.01)
    return view, release


async def updated(scene: Scene, number: int) -> None:
    """Wait until dialogs were changed so often by the app itself."""
    calls = scene.server.calls
    await scene.server.until(lambda: len(calls("views.update")) >= number, "it is shown")
