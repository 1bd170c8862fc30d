"""What tests of Slack's notifier share: a channel of a loopback Slack, told by the real client."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import aiohttp
import pytest

from bot.errors import DeliveryError, SurfaceStopped
from bot.model.card import Card, UnderwaterChart
from bot.model.receiver import Notification
from bot.surfaces.slack import names
from bot.surfaces.slack.notifier import SlackNotifier
from bot.surfaces.slack.pacing import Pacing
from bot.surfaces.slack.pictures import SlackPictures
from bot.surfaces.slack.places import place
from bot.surfaces.slack.workspaces import OneWorkspace, client_of
from tests.servers.slack import Channel, Message, SlackServer, User, running

CARD = Card(
    title="AI stocks are 13.7% below their peak", text="At the close.", badge="crossed −10%"
)
CHART = UnderwaterChart(
    "AI stocks", (date(2025, 1, 24), date(2025, 1, 27)), (100.0, 86.3), (100.0, 100.0), (0.1,),
    "USD", "AI stocks fell 13.7%", "Yahoo",
)  # fmt: skip
BUTTONS = (names.EXPLAIN, names.SNOOZE_1H)


@dataclass
class Told:
    """A Slack with a channel, and the notifier that tells it."""

    server: SlackServer
    channel: Channel
    user: User
    workspaces: OneWorkspace
    pacing: Pacing
    pictures: SlackPictures
    notifier: SlackNotifier
    number: int = 0

    def row(
        self, action: str = "post", channel: Channel | None = None, **more: Any
    ) -> Notification:
        """A row of the outbox for the channel."""
        self.number += 1
        to = channel or self.channel
        receiver = replace(place(to.team, to.id, "#alerts"), id=1)
        now = datetime.fromtimestamp(self.server.clock.now(), UTC)
        row = Notification(self.number, receiver, f"{self.number:024x}", action, {}, "", now, 0)
        return replace(row, **more)

    async def refused(self, action: str = "post", **more: Any) -> Exception:
        """The error that a row meets."""
        with pytest.raises((DeliveryError, SurfaceStopped, OSError)) as caught:
            await self.notifier.send(self.row(action, **more), CARD)
        return caught.value

    def messages(self) -> list[Message]:
        """What everybody in the channel sees."""
        return self.server.messages(self.channel)


def actions(_notification: Notification) -> Sequence[str]:
    """Two of the buttons."""
    return BUTTONS


@asynccontextmanager
async def telling(
    *, per_channel: float = 0.0, seconds: float = 8.0, buttons: Any = actions
) -> AsyncIterator[Told]:
    """A notifier with a client that knows its workspace at a loopback Slack."""
    async with running() as server, aiohttp.ClientSession() as session:
        user = server.workspace.add_user("ann")
        channel = server.workspace.add_channel("alerts", user)
        client = client_of(server.workspace.bot_token, server.api_url, session)
        workspaces = OneWorkspace(client)
        await workspaces.look()
        pacing = Pacing(100_000, per_channel)
        pictures = SlackPictures(pacing, seconds, look_seconds=0.01)
        notifier = SlackNotifier(workspaces, pictures, pacing, buttons, again_seconds=0.01)
        yield Told(server, channel, user, workspaces, pacing, pictures, notifier)
