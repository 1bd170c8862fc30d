"""Slack as a surface that can be told something: it posts, replies, edits, and looks for that."""

import asyncio
import logging
from collections.abc import Callable, Sequence

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.cards import to_slack
from bot.cards.slack_limits import faults
from bot.cards.to_slack import Rendered
from bot.model.card import Card, Chart
from bot.model.receiver import MessageRef, Notification
from bot.surfaces.slack.looking import Looking
from bot.surfaces.slack.pacing import Pacing
from bot.surfaces.slack.pictures import SlackPictures
from bot.surfaces.slack.refusals import (
    OF_FORM,
    is_of_a_file,
    is_of_looking,
    reasons_of,
    refusal,
)
from bot.surfaces.slack.saying import Said, Saying, plain_words
from bot.surfaces.slack.wording import card_for_slack
from bot.surfaces.slack.workspaces import REFUSED, Workspace, Workspaces, code_of

Actions = Callable[[Notification], Sequence[str]]

# What Slack cannot show yet may be there a moment later.
AGAIN_SECONDS = 1.0
_ERRORS = (SlackClientError, aiohttp.ClientError, OSError)
log = logging.getLogger(__name__)


class SlackNotifier:
    """Tells channels, threads and people on Slack, by their ids and without looking them up.

    `actions` gives the action ids of a message's buttons.
    """

    def __init__(
        self,
        workspaces: Workspaces,
        pictures: SlackPictures,
        pacing: Pacing,
        actions: Actions,
        again_seconds: float = AGAIN_SECONDS,
    ) -> None:
        self._workspaces, self._pictures, self._pacing = workspaces, pictures, pacing
        self._looking = Looking(pacing)
        self._actions, self._again_seconds = actions, again_seconds

    @property
    def room(self) -> int:
        """How many messages may be on their way at once: as many as leave within seconds."""
        return self._pacing.room

    async def find(self, notification: Notification) -> MessageRef | None:
        """The message of this notification among the channel's recent ones, else None.

        An edit is not looked for: made twice it is the same. Where the app may not read the
        channel, or Slack does not let it look, nothing can be found; then a message may be told
        twice rather than never.
        """
        if notification.action == "edit":
            return None
        workspace = await self._workspaces.of(notification.receiver.community)
        try:
            return await self._looking.find(workspace, notification)
        except _ERRORS as error:
            meaning = await self._meaning(error, workspace)
            if isinstance(error, SlackApiError) and is_of_looking(error, meaning):
                where, code = notification.receiver.title, code_of(error)
                log.warning("may not read what was said in %s (%s)", where, code)
                return None
            raise meaning from error

    async def send(self, notification: Notification, card: Card) -> MessageRef:
        """Post, reply or edit.

        Raises DeliveryError where Slack refuses it or asks to wait, SurfaceStopped where it
        refuses everything, and OSError where nobody knows what became of it.
        """
        workspace = await self._workspaces.of(notification.receiver.community)
        editing = notification.action == "edit" and notification.root is not None
        # The buttons under an edited message are still those of the row that posted it.
        nonce = (notification.root_nonce if editing else "") or notification.nonce
        card = card_for_slack(card)
        saying = Saying(self._pacing, workspace, notification, nonce)
        try:
            rendered = to_slack.alert(card, nonce=nonce, actions=self._actions(notification))
            return await self._say(saying, rendered, plain_words(card, nonce))
        except _ERRORS as error:
            raise await self._meaning(error, workspace) from error

    async def _meaning(self, error: Exception, workspace: Workspace) -> Exception:
        """What an error of the client means for the row, as something to raise."""
        if isinstance(error, SlackApiError) and code_of(error) in REFUSED:
            return await self._workspaces.refused(workspace, code_of(error))
        return refusal(error)

    async def _say(self, saying: Saying, rendered: Rendered, plainly: Said) -> MessageRef:
        """Say it with its chart, or with the chart's words where Slack does not show that."""
        workspace, chart = saying.workspace, rendered.chart
        file = None if chart is None else await self._file(workspace, chart)
        if chart is not None and file is not None:
            shown = Said(rendered.text, rendered.with_chart(file))
            for again in (False, True):
                if again:
                    await asyncio.sleep(self._again_seconds)
                try:
                    return await self._fitting(saying, shown, plainly)
                except SlackApiError as error:
                    if not is_of_a_file(error):
                        raise
            log.warning("Slack does not show the chart %r", chart.title)
            self._pictures.forget(workspace, chart)
        said = Said(rendered.text, rendered.with_chart(None))
        return await self._fitting(saying, said, plainly)

    async def _fitting(self, saying: Saying, said: Said, plainly: Said) -> MessageRef:
        """Say it, or the same in plain words where Slack does not take its form."""
        broken = "; ".join(faults(said.blocks, said.text))
        if not broken:
            try:
                return await saying.say(said)
            except SlackApiError as error:
                if code_of(error) not in OF_FORM or is_of_a_file(error):
                    raise
                broken = reasons_of(error) or code_of(error)
        row = saying.notification.id
        log.warning("Slack is told outbox row %d in plain words: %s", row, broken)
        return await saying.say(plainly)

    async def _file(self, workspace: Workspace, chart: Chart) -> str | None:
        """The file that shows the chart; None where it is not to be had soon: alerts come first."""
        try:
            return await self._pictures.file_of(workspace, chart)
        except Exception as error:  # noqa: BLE001 - whatever it was, the message goes without it
            log.warning("the chart %r is left out: %s", chart.title, type(error).__name__)
            return None
