"""The workspaces that the bot is installed in, and the clients that speak to them."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import DeliveryError, SurfaceStopped

# What Slack answers where a token is not valid, or not valid any more.
REFUSED = (
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "team_access_not_granted",
    "not_allowed_token_type",
)
TIMEOUT_SECONDS = 15
# Until Slack has said who the bot is nothing leaves, so that is no try, after which to look.
UNKNOWN_SECONDS = 5.0
# A refused token may be a fault of Slack's, or pass: it is asked again, so often at first.
ASK_AGAIN_SECONDS, LONGEST_ASK_SECONDS = 300.0, 3600.0
# The SDK tells of whole answers, with addresses as good as tokens, when asked to tell everything.
_quiet = logging.getLogger(f"{__name__}.requests")
_quiet.setLevel(logging.INFO)


class UnreadableAnswerError(ConnectionError):
    """What was answered is no answer of Slack's, so nobody knows what became of the request."""


PASSING = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Workspace:
    """One installation. `bot_user` is the bot's own user id ("U…"), `bot` its bot id ("B…")."""

    team: str
    name: str
    bot_user: str
    bot: str
    client: AsyncWebClient


class Workspaces(Protocol):
    """Finds the workspace that a channel or a request belongs to."""

    async def of(self, team: str) -> Workspace:
        """The workspace with that id.

        Raises DeliveryError where Slack could not be asked yet who the bot is, and where the
        workspace has removed the bot; SurfaceStopped where Slack refuses the only token there is,
        until `look` has succeeded.
        """
        ...

    async def refused(self, workspace: Workspace, code: str) -> Exception:
        """What to raise where Slack refuses the workspace's token with `code` (one of REFUSED)."""
        ...


class _Client(AsyncWebClient):
    """The SDK's, which expects no list, nor bytes of no encoding, where an answer should be."""

    async def api_call(self, *given: Any, **named: Any) -> Any:
        """As the SDK's; raises UnreadableAnswerError too."""
        try:
            return await super().api_call(*given, **named)
        except (AttributeError, RecursionError, UnicodeDecodeError) as error:
            raise UnreadableAnswerError(type(error).__name__) from error


def client_of(token: str | None, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client that asks once: the SDK's own retries post twice where a reply is lost."""
    return _Client(
        token=token,
        base_url=api_url.rstrip("/") + "/",
        session=session,
        timeout=TIMEOUT_SECONDS,
        retry_handlers=[],
        logger=_quiet,
    )


class OneWorkspace:
    """The workspace of the one token in the settings; known once Slack has been asked.

    `taken` is called whenever Slack takes the token.
    """

    def __init__(self, client: AsyncWebClient, taken: Callable[[], None] = lambda: None) -> None:
        self._client, self._taken = client, taken
        self._known: Workspace | None = None
        self._refusal = ""
        # On the event loop's clock: when it was taken last, and when to ask again at the earliest.
        self._taken_at = self._ask_at = 0.0
        self._pause = 0.0

    async def look(self) -> Workspace:
        """Ask Slack who the bot is. Raises what the client raises."""
        try:
            said = await self._client.auth_test()
        except SlackApiError as error:
            if code_of(error) in REFUSED:
                self._refusal = code_of(error)
            raise
        if not all(said.get(key) and isinstance(said[key], str) for key in ("team_id", "user_id")):
            raise UnreadableAnswerError("auth.test names no workspace")
        self._known = Workspace(
            team=said["team_id"],
            name=said.get("team") or said["team_id"],
            bot_user=said["user_id"],
            bot=said.get("bot_id") or "",
            client=self._client,
        )
        self._refusal, self._taken_at = "", asyncio.get_running_loop().time()
        self._taken()
        return self._known

    async def ask_again(self) -> None:
        """Ask anew whether Slack takes a token that it had taken once and refuses now."""
        due = asyncio.get_running_loop().time() >= self._ask_at
        if self._known is not None and self._refusal and due:
            with suppress(*PASSING):
                await self.look()

    async def of(self, team: str) -> Workspace:
        if self._known is None and self._refusal:
            raise _refused(self._refusal)
        if self._known is None:
            raise DeliveryError("the bot is not connected to Slack", after=UNKNOWN_SECONDS)
        if self._known.team != team:
            raise DeliveryError("the bot's token is for another Slack workspace", permanent=True)
        return self._known

    async def refused(self, workspace: Workspace, code: str) -> Exception:
        if not self._refusal:
            self._refusal = code
            # Taken when asked who the bot is, and refused with the next message: less often.
            now = asyncio.get_running_loop().time()
            soon = now - self._taken_at < LONGEST_ASK_SECONDS and self._ask_at > 0
            longer = min(LONGEST_ASK_SECONDS, max(ASK_AGAIN_SECONDS, 2 * self._pause))
            self._pause = longer if soon else 0.0
            self._ask_at = now + self._pause
        return _refused(code)


def _refused(code: str) -> SurfaceStopped:
    return SurfaceStopped(
        f"Slack refuses the bot's token ({code}), and is asked again every few minutes; if it goes "
        "on, set AFTERSHOCK_SLACK_BOT_TOKEN to a valid one and start again."
    )


def code_of(error: SlackApiError) -> str:
    """The word by which Slack says what is wrong: "channel_not_found"; "" where it says none."""
    response = error.response
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""
