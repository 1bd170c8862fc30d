"""A workspace with its people, and the Home tab and dialogs at work in it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot.cards.mrkdwn import as_seen
from bot.cards.slack_limits import view_faults
from bot.model.card import Chart
from bot.services import Services
from bot.surfaces.slack import dialogs, home
from bot.surfaces.slack.app import build
from bot.surfaces.slack.channels import channel_place
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.workspaces import OneWorkspace, Workspace, client_of
from tests.asking import ask
from tests.servers.slack import Channel, SlackServer, User, View, running


class NoPictures:
    """Neither the tab nor a dialog has a chart."""

    async def file_of(self, workspace: Workspace, chart: Chart) -> str:
        raise AssertionError(chart.title)


@dataclass
class Scene:
    """An admin and somebody who is none, a channel that both are in, one that nobody is in but
    the admin, and one that the bot is not in.
    """

    server: SlackServer
    slack: Slack
    ann: User
    ben: User
    alerts: Channel
    secret: Channel
    outside: Channel

    async def tell(self, line: str, channel: Channel) -> None:
        """Set something up in a channel."""
        place = await channel_place(self.slack, channel.team, channel.id, channel.name)
        await ask(line, self.slack.services, place)

    async def tab(self, user: User) -> str:
        """Open the tab; all that somebody sees on it."""
        before = len(self.server.calls("views.publish"))
        await self.server.open_home(user=user)
        await self.published(before + 1)
        return self.home_text(user)

    async def published(self, number: int) -> None:
        """Wait until so many tabs were shown."""
        calls = self.server.calls
        await self.server.until(
            lambda: len(calls("views.publish")) >= number, f"{number} tabs are shown"
        )

    def home_text(self, user: User) -> str:
        """All that somebody sees on the tab now."""
        view = self.server.home(user)
        assert view is not None
        assert view_faults(view.content) == []
        return text_of(view)

    async def opened(self, number: int) -> View:
        """The dialog that was opened as the so-manieth."""
        await self.server.until(lambda: len(self.dialogs()) >= number, "the dialog is open")
        view = self.dialogs()[number - 1]
        assert view_faults(view.content) == []
        return view

    def dialogs(self) -> list[View]:
        """The dialogs that there ever were."""
        return [view for view in self.server.views if view.content["type"] == "modal"]


def text_of(view: View) -> str:
    """What is to be read on a view, a line for each text."""
    return text_of_blocks(view.blocks)


def text_of_blocks(blocks: Any) -> str:
    """What is to be read in blocks, a line for each text."""
    return as_seen("\n".join(_texts(blocks)))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part["text"]
        for name, inner in part.items():
            if name not in ("options", "initial_option", "initial_options"):
                yield from _texts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _texts(inner)


@asynccontextmanager
async def scene_of(services: Services) -> AsyncIterator[Scene]:
    """The workspace, with the app connected to it."""
    async with running() as server, aiohttp.ClientSession() as session:
        chips = server.workspace
        ann, ben = chips.add_user("ann", admin=True), chips.add_user("ben")
        alerts = chips.add_channel("alerts", ann, ben)
        secret = chips.add_channel("secret", ann, private=True)
        outside = chips.add_channel("outside", ann, ben, is_member=False)
        workspaces = OneWorkspace(client_of(chips.bot_token, server.api_url, session))
        await workspaces.look()
        slack = Slack(services, workspaces, NoPictures())
        app = build(
            slack, [home.register, dialogs.register], client_of(None, server.api_url, session)
        )
        handler = AsyncSocketModeHandler(app, server.app_token, ping_interval=1)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        try:
            await server.connected()
            yield Scene(server, slack, ann, ben, alerts, secret, outside)
        finally:
            await ended()
            await handler.close_async()  # type: ignore[no-untyped-call]


async def ended() -> None:
    """Wait for what listeners still do after they have answered: they read the database."""
    left = {task for task in asyncio.all_tasks() if "run_ack_function" in repr(task.get_coro())}
    if left:
        await asyncio.wait(left, timeout=5)
