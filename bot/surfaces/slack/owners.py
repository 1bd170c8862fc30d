"""Tells whoever set a channel up that it was given up: once, and only if that is easy."""

import asyncio
import logging
from collections.abc import Mapping

from slack_sdk.errors import SlackApiError

from bot.cards.mrkdwn import entities
from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.slack.link import short
from bot.surfaces.slack.places import SURFACE
from bot.surfaces.slack.workspaces import Workspaces
from storage import receivers

# Whoever loses many channels on a day is told of the first; `/aftershock status` names them all.
AGAIN_SECONDS = 86_400.0
MOST_WAITING = 100
SEND_SECONDS = 20.0
log = logging.getLogger(__name__)


class Owners:
    """Direct messages to those who set channels up, one after another, in a task of their own.

    A message that cannot be sent is not tried again.
    """

    def __init__(self, services: Services, workspaces: Workspaces) -> None:
        self._services, self._workspaces = services, workspaces
        self._waiting: list[tuple[Receiver, str]] = []
        self._told: dict[tuple[str, str], float] = {}
        self._task: asyncio.Task[None] | None = None

    def tell(self, given_up: Mapping[Receiver, str]) -> None:
        """Put a message about each of Slack's channels on its way; `given_up` says why."""
        mine = [(one, why) for one, why in given_up.items() if one.surface == SURFACE]
        self._waiting += mine[: MOST_WAITING - len(self._waiting)]
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Leave unsent what waits."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        while self._waiting:
            receiver, why = self._waiting.pop(0)
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._send(receiver, why)
            except Exception as error:  # noqa: BLE001 - whatever it was, the others are told
                log.info("nobody was told that %s was given up: %s", receiver.address, short(error))

    async def _send(self, receiver: Receiver, why: str) -> None:
        async with self._services.database.read() as connection:
            user = await receivers.set_up_by(connection, receiver.id)
        now = asyncio.get_running_loop().time()
        person = (receiver.community, user)
        if not user or now - self._told.get(person, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return
        workspace = await self._workspaces.of(receiver.community)
        self._told = {who: at for who, at in self._told.items() if at > now - AGAIN_SECONDS}
        self._told[person] = now  # before it leaves: where the answer is lost, it may have arrived
        try:
            await workspace.client.chat_postMessage(
                channel=user, text=text_of(receiver.title, why), unfurl_links=False, parse="none"
            )
        except SlackApiError:
            del self._told[person]
            raise


def text_of(title: str, why: str) -> str:
    """What whoever set the channel up reads, as mrkdwn."""
    title, why = entities(title), entities(why)
    first = f"Aftershock has stopped telling {title}, after three refusals: {why}."
    last = (
        "Once that is put right, type `/aftershock setup` there. You are told this because you set "
        "the channel up, once a day at most."
    )
    return f"{first}\n{last}"
