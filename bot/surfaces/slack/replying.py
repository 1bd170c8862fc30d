"""Answering whoever typed or pressed, and saying privately what went wrong."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.cards import to_slack
from bot.cards.to_slack import Rendered
from bot.errors import UserError
from bot.model.card import Card, Chart
from bot.surfaces.answering import plainly, what_failed
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.known import BROKEN
from bot.surfaces.slack.wording import card_for_slack, for_slack
from bot.surfaces.slack.workspaces import TIMEOUT_SECONDS, Workspace, code_of

log = logging.getLogger(__name__)
# As often as Slack takes an answer to one request.
MOST_USES = 5
PICTURE_SECONDS = 10.0
_USED_UP = ("used_url", "expired_url")
# Whoever has the address of a response can answer in our name, so the SDK never logs it.
_quiet = logging.getLogger(f"{__name__}.webhook")
_quiet.setLevel(logging.INFO)
_PLAIN = {"unfurl_links": False, "unfurl_media": False}


class RefusedBySlack(Exception):  # noqa: N818 - it says what is so
    """Slack did not take an answer; the message is the word by which it said why."""


class Reply:
    """The answers to one request of a user in a channel.

    `url` is the address that Slack takes them at, five times within half an hour; where it is ""
    or used up, they are posted for that user alone. `thread` is the message whose thread the
    request came from, "" for none.
    """

    def __init__(
        self, slack: Slack, team: str, channel: str, user: str, url: str, thread: str = ""
    ) -> None:
        self.slack, self.team, self.channel, self.user = slack, team, channel, user
        self.thread = thread
        self._url, self._uses = url, 0

    async def show(
        self, card: Card, *, private: bool, share: str | None = None, actions: Sequence[str] = ()
    ) -> None:
        """The card, to everybody unless `private`; with a button that asks `share` for all.

        `actions` are ids of the other buttons that it gets.
        """
        rendered = to_slack.answer(card_for_slack(card), share=share, actions=actions)
        picture = await self.picture(rendered.chart)
        refused = await self._send(rendered, picture, private=private)
        if refused and picture is not None:  # the chart can be what Slack does not take
            log.info("an answer goes without its chart: %s", refused)
            refused = await self._send(rendered, None, private=private)
        if refused:
            raise RefusedBySlack(refused)

    async def say(self, text: str) -> None:
        """A sentence that only whoever asked sees."""
        refused = await self.send(to_slack.sentence(for_slack(text)), None, private=True)
        if refused:
            raise RefusedBySlack(refused)

    async def picture(self, chart: Chart | None) -> str | None:
        """The id of the chart's file; None where there is no chart, or Slack takes none in time."""
        if chart is None:
            return None
        try:
            workspace = await self.slack.workspaces.of(self.team)
            async with asyncio.timeout(PICTURE_SECONDS):
                return await self.slack.pictures.file_of(workspace, chart)
        except BROKEN as error:
            log.info("an answer goes without its chart: %s", type(error).__name__)
            return None

    async def send(self, text: str, blocks: list[dict[str, Any]] | None, *, private: bool) -> str:
        """Send a message; the word by which Slack refuses it, "" where it took it.

        What only one person sees is sent again where the connection broke.
        """
        workspace = await self.slack.workspaces.of(self.team)
        body = {"text": text, **({"blocks": blocks} if blocks else {}), **_PLAIN}
        while self._url and self._uses < MOST_USES:
            self._uses += 1
            try:
                refused = await self._respond(workspace, body, private=private)
            except BROKEN as error:
                if not private or self._uses > 1:
                    raise
                log.info("an answer is sent once more: %s", type(error).__name__)
                continue
            # What only one person sees may be sent by another way, whatever became of this.
            if refused not in _USED_UP and not (private and refused.startswith("HTTP ")):
                return refused
            self._url = ""
        return await self._post(workspace, body, private=private)

    async def _send(self, rendered: Rendered, picture: str | None, *, private: bool) -> str:
        return await self.send(rendered.text, rendered.with_chart(picture), private=private)

    async def _respond(
        self, workspace: Workspace, body: Mapping[str, Any], *, private: bool
    ) -> str:
        hook = AsyncWebhookClient(
            self._url, session=workspace.client.session, logger=_quiet, retry_handlers=[]
        )
        sent = {
            **body,
            "response_type": "ephemeral" if private else "in_channel",
            "replace_original": False,
            **({"thread_ts": self.thread} if self.thread else {}),
        }
        async with asyncio.timeout(TIMEOUT_SECONDS):
            said = await hook.send_dict(sent)
        return refusal_of(said.status_code, said.body)

    async def _post(self, workspace: Workspace, body: Mapping[str, Any], *, private: bool) -> str:
        sent = {"channel": self.channel, **body}
        if self.thread:
            sent["thread_ts"] = self.thread
        try:
            if private:
                sent = {name: value for name, value in sent.items() if name not in _PLAIN}
                await workspace.client.chat_postEphemeral(user=self.user, **sent)
            else:
                await workspace.client.chat_postMessage(**sent)
        except SlackApiError as error:
            return code_of(error) or "refused"
        return ""


def refusal_of(status: int, body: str) -> str:
    """The word by which Slack refuses what was sent to a response's address; "" for none. Pure.

    "HTTP 503" where it says that it cannot, now.
    """
    if status >= 500 or status == 429:
        return f"HTTP {status}"
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if isinstance(said, dict):
        code = "" if said.get("ok") else str(said.get("error") or "refused")
    else:
        code = "" if body.strip() in ("", "ok") else body.strip()[:60]
    if status == 200:
        return code
    return code or ("expired_url" if status in (404, 410) else f"HTTP {status}")


@asynccontextmanager
async def answering(reply: Reply, what: str) -> AsyncIterator[None]:
    """Whatever goes wrong within is said privately: a mistake as it is, a fault of ours as ours.

    Nothing is raised: Slack has been told already that the request was taken.
    """
    try:
        yield
    except UserError as error:
        await _say(reply, plainly(error, what), what)
    except Exception as error:
        if isinstance(error, SlackApiError):  # its text holds all that was answered
            log.error("%s could not be answered: Slack says %s", what, code_of(error))
        else:
            log.exception("%s could not be answered", what)
        await _say(reply, what_failed(error), what)


async def _say(reply: Reply, text: str, what: str) -> None:
    try:
        await reply.say(text)
    except (RefusedBySlack, *BROKEN) as error:
        why = str(error) if isinstance(error, RefusedBySlack) else type(error).__name__
        log.warning("what went wrong with %s could not be said: %s", what, why)
