"""The workspaces that the bot is installed in, and the clients that speak to them."""

import logging
from dataclasses import dataclass
from typing import Protocol

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
    "org_login_required",
    "team_access_not_granted",
    "not_allowed_token_type",
)
TIMEOUT_SECONDS = 15
# Until Slack has said who the bot is nothing leaves, so that is no try, after which to look.
UNKNOWN_SECONDS = 5.0
# A token refused before Slack has ever taken it may be a fault of Slack's: it is asked again.
REFUSED_SECONDS = 60.0
# The SDK tells of whole answers, with addresses as good as tokens, when asked to tell everything.
_quiet = logging.getLogger(f"{__name__}.requests")
_quiet.setLevel(logging.INFO)


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
        workspace has removed the bot; SurfaceStopped where Slack refuses the only token there is.
        """
        ...

    async def refused(self, workspace: Workspace, code: str) -> Exception:
        """What to raise where Slack refuses the workspace's token with `code` (one of REFUSED)."""
        ...


def client_of(token: str | None, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client that asks once: the SDK's own retries post twice where a reply is lost."""
    return AsyncWebClient(
        token=token,
        base_url=api_url.rstrip("/") + "/",
        session=session,
        timeout=TIMEOUT_SECONDS,
        retry_handlers=[],
        logger=_quiet,
    )


class OneWorkspace:
    """The workspace of the one token in the settings; known once Slack has been asked."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: Workspace | None = None
        self._refusal = ""

    async def look(self) -> Workspace:
        """Ask Slack who the bot is. Raises what the client raises."""
        try:
            said = await self._client.auth_test()
        except SlackApiError as error:
            self._refusal = code_of(error) if code_of(error) in REFUSED else ""
            raise
        self._known = Workspace(
            team=said["team_id"],
            name=said.get("team") or said["team_id"],
            bot_user=said["user_id"],
            bot=said.get("bot_id") or "",
            client=self._client,
        )
        return self._known

    async def of(self, team: str) -> Workspace:
        if self._known is None and self._refusal:
            raise _refused(self._refusal, REFUSED_SECONDS)
        if self._known is None:
            raise DeliveryError("the bot is not connected to Slack", after=UNKNOWN_SECONDS)
        if self._known.team != team:
            raise DeliveryError("the bot's token is for another Slack workspace", permanent=True)
        return self._known

    async def refused(self, workspace: Workspace, code: str) -> Exception:
        return _refused(code, None)


def _refused(code: str, seconds: float | None) -> SurfaceStopped:
    return SurfaceStopped(
        f"Slack refuses the bot's token ({code}); set AFTERSHOCK_SLACK_BOT_TOKEN to a valid one "
        "and start again.",
        seconds=seconds,
    )


def code_of(error: SlackApiError) -> str:
    """The word by which Slack says what is wrong: "channel_not_found"; "" where it says none."""
    response = error.response
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""
