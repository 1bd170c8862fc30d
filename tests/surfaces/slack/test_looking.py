"""A message that may have arrived is found, on Slack's worst day too."""

from dataclasses import replace
from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError

from bot.model.receiver import Notification
from bot.surfaces.slack.looking import Looking
from bot.surfaces.slack.pacing import Pacing
from bot.surfaces.slack.workspaces import code_of
from tests.servers.slack.posting import post
from tests.surfaces.slack.telling import CARD, Told, telling


def chatter(told: Told, messages: int, thread: str | None = None) -> None:
    """People go on talking."""
    for number in range(messages):
        post(
            told.server, told.server.workspace, told.channel, f"{number}", [],
            user=told.user.id, thread_ts=thread,
        )  # fmt: skip


async def found_after(told: Told, row: Notification) -> int:
    """How many minutes it takes to find a row's message, where Slack gives one page in each."""
    told.server.limits.slow_history = True
    workspace = await told.workspaces.of(told.channel.team)
    looking = Looking(Pacing(1_000))
    for minute in range(10):
        try:
            found = await looking.find(workspace, row)
        except SlackApiError as error:
            if code_of(error) != "ratelimited":
                raise
        else:
            assert found is not None
            return minute
        told.server.clock.advance(61)
        looking = replace(looking, pacing=Pacing(1_000))  # it has waited
        chatter(told, 1)
    raise AssertionError("not found")


async def test_a_look_goes_on_where_slack_asked_to_wait() -> None:
    async with telling() as told:
        row = told.row()
        await told.notifier.send(row, CARD)
        chatter(told, 40)
        assert await found_after(told, row) == 2


async def test_a_look_into_a_long_thread_goes_on_too_and_comes_to_the_channel() -> None:
    async with telling() as told:
        root = await told.notifier.send(told.row(), CARD)
        chatter(told, 20, root.message)
        row = told.row("reply", root=root)
        await told.notifier.send(replace(row, action="post"), CARD)  # it stands beside it
        chatter(told, 20)
        assert await found_after(told, row) < 5


async def test_what_is_looked_for_again_is_looked_for_from_the_beginning() -> None:
    async with telling() as told:
        row = told.row()
        assert await told.notifier.find(row) is None
        ref = await told.notifier.send(row, CARD)
        assert await told.notifier.find(row) == ref
        assert await told.notifier.find(row) == ref


async def test_a_page_that_slack_has_forgotten_is_asked_for_from_the_beginning() -> None:
    async with telling() as told:
        row = told.row()
        ref = await told.notifier.send(row, CARD)
        looking = Looking(told.pacing)
        looking._left[row.nonce, told.channel.id, ""] = "of long ago"
        workspace = await told.workspaces.of(told.channel.team)
        assert await looking.find(workspace, row) == ref
        assert len(told.server.calls("conversations.history")) == 2


@pytest.mark.parametrize("minutes", [-5, 5])
async def test_clocks_that_differ_by_minutes_make_no_second_message(minutes: int) -> None:
    async with telling() as told:
        row = told.row()
        row = replace(row, created_at=row.created_at + timedelta(minutes=minutes))
        ref = await told.notifier.send(row, CARD)
        assert await told.notifier.find(row) == ref
