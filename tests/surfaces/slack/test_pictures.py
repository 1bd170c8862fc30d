"""Charts as Slack's files: drawn and uploaded once, and nobody waits long for one."""

import asyncio
from dataclasses import replace

import pytest
from slack_sdk.errors import SlackApiError

from bot.cards import charts
from bot.errors import DeliveryError
from bot.surfaces.shared import Shared
from tests.surfaces.slack.telling import CARD, CHART, Told, telling

START, LOOK = "files.getUploadURLExternal", "files.info"


async def file_of(told: Told, title: str = CHART.title) -> str:
    """The file of the chart with that title."""
    workspace = await told.workspaces.of(told.channel.team)
    return await told.pictures.file_of(workspace, replace(CHART, title=title))


async def test_the_picture_is_drawn_for_a_light_background_and_posted_nowhere() -> None:
    async with telling() as told:
        file = told.server.workspace.files[await file_of(told)]
        assert file.content == await charts.draw(CHART, dark=False)
        assert not told.messages()


async def test_equal_charts_are_uploaded_once_however_many_ask() -> None:
    async with telling() as told:
        files = await asyncio.gather(*(file_of(told) for _channel in range(30)))
        assert len(set(files)) == 1
        await file_of(told, "another")
        assert await file_of(told) == files[0]
        assert len(told.server.calls(START)) == 2


async def test_a_file_is_given_out_once_slack_can_show_it() -> None:
    async with telling() as told:
        told.server.file_processing = 3
        file = await file_of(told)
        assert told.server.workspace.files[file].processed
        assert len(told.server.calls(LOOK)) >= 3


async def test_words_too_long_for_an_address_are_cut() -> None:
    async with telling() as told:
        workspace = await told.workspaces.of(told.channel.team)
        long = replace(CHART, title="−" * 2_000, alt="−" * 5_000)
        file = told.server.workspace.files[await told.pictures.file_of(workspace, long)]
        assert 100 < len(file.title) < len(file.alt_text) <= 1_000


async def test_whoever_gives_up_takes_the_picture_from_nobody() -> None:
    async with telling() as told:
        waiting = [asyncio.create_task(file_of(told)) for _channel in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        assert (await waiting[1]).startswith("F")


async def test_after_a_request_to_wait_files_are_left_alone_and_messages_go_on() -> None:
    async with telling() as told:
        told.server.next(START, status=429, retry_after=60)
        with pytest.raises(SlackApiError):
            await file_of(told, "one")
        with pytest.raises(DeliveryError):
            await file_of(told, "another")
        assert len(told.server.calls(START)) == 1
        await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        assert "Chart: AI stocks fell 13.7%" in str(told.messages()[0].blocks)


async def test_a_file_that_slack_has_lost_is_uploaded_anew() -> None:
    async with telling() as told:
        lost = await file_of(told)
        del told.server.workspace.files[lost]
        for _message in range(2):
            await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        without, again = told.messages()
        assert "Chart: AI stocks fell 13.7%" in str(without.blocks)
        assert any(one["type"] == "image" for one in again.blocks)


@pytest.mark.parametrize("part", ["title", "alt", "unit", "source", "prices", "levels", "marks"])
def test_charts_that_differ_are_not_taken_for_equal(part: str) -> None:
    other = {"prices": (100.0, 80.0), "levels": (0.2,), "marks": CHART.days}.get(part, "another")
    assert replace(CHART, **{part: other}).key != CHART.key  # type: ignore[arg-type]
    assert replace(CHART, prices=list(CHART.prices)).key == CHART.key


async def test_only_the_last_results_are_kept() -> None:
    done: list[str] = []
    shared = Shared[str](kept=2, seconds=60)

    def work(name: str) -> "asyncio.Future[str]":
        async def do() -> str:
            done.append(name)
            return name

        return asyncio.ensure_future(shared.result(name, do))

    for name in ("a", "b", "a", "c", "a", "b"):
        assert await work(name) == name
    assert done == ["a", "b", "c", "b"]


async def test_what_failed_is_tried_again_after_a_pause() -> None:
    tries = 0

    async def fail() -> str:
        nonlocal tries
        tries += 1
        raise OSError

    for pause, expected in ((60.0, 1), (0.0, 2)):
        shared, tries = Shared[str](kept=2, seconds=60, pause=pause), 0
        for _try in range(2):
            with pytest.raises(OSError):  # noqa: PT011 - it is the one above
                await shared.result("a", fail)
        assert tries == expected
