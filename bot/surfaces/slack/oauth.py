"""Installing the bot in a workspace by Slack's OAuth: a link, a yes, a token."""

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import aiohttp
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import Settings
from bot.errors import DeliveryError, StorageError
from bot.services import Clock
from bot.surfaces.slack import pages, paths
from bot.surfaces.slack.installs import ManyWorkspaces, NewInstall
from bot.surfaces.slack.surroundings import without_bolts_variables
from bot.surfaces.slack.workspaces import TIMEOUT_SECONDS, code_of

STATE_LIFE = timedelta(minutes=10)
MOST_STATES = 10_000
log = logging.getLogger(__name__)
# The SDK tells of whole answers, tokens too, when it is asked to tell everything.
_quiet = logging.getLogger(f"{__name__}.requests")
_quiet.setLevel(logging.INFO)


class NotInstalledError(BoltError):
    """A workspace cannot have the bot; the message is for who wanted to install it."""


class StoredInstallations(AsyncInstallationStore):
    """Where Bolt keeps installations: in `workspaces`. Only workspaces' bots are kept."""

    def __init__(self, workspaces: ManyWorkspaces) -> None:
        self._workspaces = workspaces

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_save(self, installation: Installation) -> None:
        """Keep it. Raises NotInstalledError where that cannot be."""
        new = _checked(installation)
        try:
            await self._workspaces.add(new)
        except StorageError as error:
            log.error("an installation could not be stored: %s", error)
            raise NotInstalledError(
                "It could not be stored; try again in a few minutes."
            ) from error

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """The workspace's bot; None where it has none, or cannot be asked now."""
        found = await self.async_find_installation(enterprise_id=enterprise_id, team_id=team_id)
        return None if found is None else found.to_bot()

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The workspace's installation; None where it has none, or cannot be asked now."""
        try:
            found = await self._workspaces.of(team_id or "")
        except DeliveryError:
            return None
        return Installation(
            team_id=found.team,
            team_name=found.name,
            bot_token=found.client.token,
            bot_id=found.bot,
            bot_user_id=found.bot_user,
            user_id=user_id or "",
        )

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget the workspace's token."""
        await self._workspaces.remove(team_id or "")

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Forget the workspace's token; of a single person there is none."""
        if user_id is None:
            await self._workspaces.remove(team_id or "")


class OneTimeStates(AsyncOAuthStateStore):
    """What ties Slack's answer to the browser that asked: good once, for ten minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: OrderedDict[str, datetime] = OrderedDict()

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_issue(self, *_args: Any, **_named: Any) -> str:
        """A new state. The oldest go where very many are open."""
        state = secrets.token_urlsafe(32)
        self._until[state] = self._clock.now() + STATE_LIFE
        while len(self._until) > MOST_STATES:
            self._until.popitem(last=False)
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether the state was issued of late, and comes for the first time."""
        until = self._until.pop(state, None)
        return until is not None and self._clock.now() < until


class Installing(AsyncOAuthFlow):
    """Bolt's flow, whose log names neither codes nor tokens and which outlives a lost line."""

    async def run_installation(self, code: str) -> Installation | None:
        """Exchange Slack's code for a token; None where Slack gives none."""
        settings = self.settings
        asked = {
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "code": code,
        }
        if settings.redirect_uri:
            asked["redirect_uri"] = settings.redirect_uri
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                # The SDK's own method hands the secret to aiohttp in a way that is on its way out.
                said = await self.client.api_call("oauth.v2.access", data=asked)
                token = said.get("access_token")
                # The answer does not say the bot's id.
                bot = (await self.client.auth_test(token=token)).get("bot_id") if token else None
        except SlackApiError as error:
            log.warning("Slack did not take an installation: %s", code_of(error) or "no reason")
            return None
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            log.warning("Slack could not be reached to install: %s", type(error).__name__)
            return None
        team = said.get("team") or {}
        return Installation(
            app_id=said.get("app_id"),
            enterprise_id=(said.get("enterprise") or {}).get("id"),
            team_id=team.get("id"),
            team_name=team.get("name"),
            bot_token=token,
            bot_id=bot,
            bot_user_id=said.get("bot_user_id"),
            bot_scopes=said.get("scope") or "",
            bot_refresh_token=said.get("refresh_token"),
            user_id=(said.get("authed_user") or {}).get("id") or "",
            is_enterprise_install=bool(said.get("is_enterprise_install")),
        )


def installing(
    settings: Settings,
    workspaces: ManyWorkspaces,
    scopes: Iterable[str],
    clock: Clock,
    session: aiohttp.ClientSession,
) -> Installing:
    """The flow by which workspaces install the bot with these scopes.

    The settings have the client id and secret.
    """
    api = settings.slack.api_url.rstrip("/") + "/"
    assert settings.slack_client_secret is not None
    with without_bolts_variables():
        return Installing(
            client=AsyncWebClient(
                base_url=api,
                session=session,
                timeout=TIMEOUT_SECONDS,
                retry_handlers=[],
                logger=_quiet,
            ),
            logger=_quiet,
            settings=AsyncOAuthSettings(
                client_id=settings.slack.client_id,
                client_secret=settings.slack_client_secret.get_secret_value(),
                scopes=list(scopes),
                user_scopes=[],
                install_path=paths.INSTALL,
                install_page_rendering_enabled=False,
                redirect_uri_path=paths.REDIRECT,
                callback_options=AsyncCallbackOptions(success=_installed, failure=_not_installed),
                # https://slack.com/api/ → https://slack.com/oauth/v2/authorize
                authorization_url=urljoin(api, "../oauth/v2/authorize"),
                installation_store=StoredInstallations(workspaces),
                installation_store_bot_only=True,
                state_store=OneTimeStates(clock),
                state_expiration_seconds=int(STATE_LIFE.total_seconds()),
                logger=_quiet,
            ),
        )


def _checked(installation: Installation) -> NewInstall:
    if installation.is_enterprise_install:
        raise NotInstalledError(
            "It cannot be installed for a whole organization; choose one workspace on Slack's page."
        )
    if not installation.team_id or not installation.bot_token:
        raise NotInstalledError("Slack sent no token for the bot; begin again and agree to all.")
    if installation.bot_refresh_token:
        raise NotInstalledError(
            "Token rotation is turned on for this Slack app, which the bot cannot use; whoever "
            "runs it has to make the app anew from its manifest."
        )
    return NewInstall(
        installation.team_id,
        installation.team_name or "",
        installation.bot_id or "",
        installation.bot_user_id or "",
        installation.bot_token,
        ",".join(installation.bot_scopes or ()),
        installation.user_id or "",
    )


async def _installed(args: AsyncSuccessArgs) -> BoltResponse:
    return _answer(args.settings, 200, pages.installed(args.installation.team_name or ""))


async def _not_installed(args: AsyncFailureArgs) -> BoltResponse:
    said = str(args.error) if isinstance(args.error, NotInstalledError) else ""
    page = pages.not_installed(args.reason, args.settings.install_path, said)
    return _answer(args.settings, args.suggested_status_code, page)


def _answer(settings: AsyncOAuthSettings, status: int, page: str) -> BoltResponse:
    headers: dict[str, str | Sequence[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        # The address of this page has Slack's code in it.
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Set-Cookie": settings.state_utils.build_set_cookie_for_deletion(),
    }
    return BoltResponse(status=status, body=page, headers=headers)
