"""The workspaces that have installed the bot: kept in the database, their tokens encrypted."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import DeliveryError, StorageError
from bot.model.wording import count
from bot.services import Services
from bot.surfaces.slack.places import SURFACE
from bot.surfaces.slack.workspaces import (
    PASSING,
    REFUSED,
    TIMEOUT_SECONDS,
    Workspace,
    Workspaces,
    client_of,
    code_of,
)
from storage import receivers, slack_installs
from storage.slack_installs import SlackInstall

if TYPE_CHECKING:  # slow to import, and one workspace needs none of it
    from bot.surfaces.slack.vault import Vault

# Why nothing is sent to the channels of a workspace. A new installation puts both right.
REMOVED = "the workspace has removed the bot"
TURNED_AWAY = "Slack refuses the bot's token for this workspace"
# What cannot be had just now is asked for again after this long; nobody else is asked so soon.
AGAIN_SECONDS = 30
AWAY = timedelta(minutes=5)
# How often workspaces that were turned away are looked at where nobody types anything there.
LOOK_SECONDS = 3600.0
UNREADABLE_SECONDS = 300
# The events by which Slack tells of it.
UNINSTALLED, REVOKED = "app_uninstalled", "tokens_revoked"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewInstall:
    """What Slack says of a workspace that installs the bot.

    `bot` is the bot's id ("B…"), `bot_user` and `by` are user ids; `scopes` have commas between.
    """

    team: str
    name: str
    bot: str
    bot_user: str
    token: str = field(repr=False)
    scopes: str
    by: str


class ManyWorkspaces:
    """Every workspace that has installed the bot, each spoken to with its own token.

    Clients are kept in memory and come from the database after a restart. `session` is theirs.
    """

    def __init__(self, services: Services, vault: "Vault", session: aiohttp.ClientSession) -> None:
        self._services = services
        self._vault = vault
        self._session = session
        self._known: dict[str, Workspace] = {}
        # Workspaces that cannot be spoken to: why, and when Slack may be asked again.
        self._away: dict[str, tuple[str, datetime]] = {}
        # What changes a workspace, or looks it up, waits for its turn.
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._said: set[str] = set()

    async def of(self, team: str) -> Workspace:
        """The workspace; the first time since the start, Slack is asked who the bot is there."""
        async with self._turns[team]:
            if team not in self._known:
                why, until = self._away.get(team, ("", None))
                if until is not None and self._services.clock.now() < until:
                    raise DeliveryError(why, after=AGAIN_SECONDS)
                self._known[team] = await self._look(team)
                await self._reopen(team)
            return self._known[team]

    async def refused(self, workspace: Workspace, code: str) -> Exception:
        """That workspace's channels are closed, and what waits for them is kept; the others go on.

        A new installation opens them again, as does a token that Slack takes after all.
        """
        team = workspace.team
        async with self._turns[team]:
            if self._known.get(team) is not workspace:  # told already, or installed anew since
                return DeliveryError(_turned_away(code), after=AGAIN_SECONDS)
            return await self._refuse(team, code)

    async def add(self, new: NewInstall) -> None:
        """A workspace has installed the bot, for the first time or again.

        Its channels of before are sent to again. Raises StorageError.
        """
        now, team = self._services.clock.now(), new.team
        sealed = self._vault.seal(team, new.token)
        install = SlackInstall(team, new.name, new.bot_user, sealed, new.scopes, new.by, now)

        async def work(connection: AsyncConnection) -> None:
            await slack_installs.keep(connection, install)
            await slack_installs.reopen_channels(connection, team, (REMOVED, TURNED_AWAY), now)

        async with self._turns[team]:
            await self._services.database.write(work)
            client = self._client(new.token)
            self._known[team] = Workspace(team, new.name, new.bot_user, new.bot, client)
            self._away.pop(team, None)
            self._said.discard(team)
        log.info("the Slack workspace %r (%s) has installed the bot", new.name, team)

    async def remove(self, team: str, at: datetime | None = None) -> None:
        """The workspace has removed the bot, at that moment: its token is forgotten.

        Its channels are sent nothing more; what they are subscribed to stays. A removal from
        before the newest installation, told late, removes nothing. Raises StorageError.
        """
        now = self._services.clock.now()

        async def work(connection: AsyncConnection) -> bool:
            install = await slack_installs.install_of(connection, team)
            # Slack tells whole seconds.
            if install is None or (at and at < install.installed_at.replace(microsecond=0)):
                return False
            await slack_installs.remove(connection, team)
            await slack_installs.close_channels(connection, team, REMOVED, now)
            return True

        async with self._turns[team]:
            if not await self._services.database.write(work):
                return
            self._known.pop(team, None)
        log.info("the Slack workspace %s has removed the bot", team)

    async def reseal(self) -> None:
        """Encrypt with the newest key what an older one has, so that the older one can go.

        Names in the log, once, every workspace whose token no key opens. Raises StorageError.
        """

        async def work(connection: AsyncConnection) -> int:
            changed = 0
            for install in await slack_installs.installs(connection):
                team, token = install.team, self._vault.open(install.team, install.token)
                if token is None:
                    self._say_unreadable(install)
                elif not self._vault.is_current(team, install.token):
                    await slack_installs.set_token(connection, team, self._vault.seal(team, token))
                    changed += 1
            return changed

        changed = await self._services.database.write(work)
        if changed:
            tokens = count(changed, "Slack token is", "Slack tokens are")
            log.info("%s now encrypted with the first key of AFTERSHOCK_SLACK_KEY", tokens)

    async def ask_again(self) -> None:
        """Ask Slack anew in each workspace whose channels are closed because it refused the token.

        One that it takes again is told again; a fault of one keeps no other from being asked.
        """
        async with self._services.database.read() as connection:
            everyone = await receivers.receivers(connection)
        turned_away = {
            one.community
            for one in everyone
            if one.surface == SURFACE and (one.disabled_reason or "").startswith(TURNED_AWAY)
        }
        for team in sorted(turned_away):
            try:
                await self.of(team)
            except DeliveryError:
                continue
            async with self._turns[team]:
                if team in self._known:  # its channels may have stayed closed when it was taken
                    await self._reopen(team)

    async def _look(self, team: str) -> Workspace:
        async with self._services.database.read() as connection:
            install = await slack_installs.install_of(connection, team)
        if install is None:
            raise await self._leave(team, REMOVED)
        token = self._vault.open(team, install.token)
        if token is None:
            self._say_unreadable(install)
            # Nobody's fault but the key's: what waits for the workspace is kept.
            raise DeliveryError("the workspace's token cannot be read", after=UNREADABLE_SECONDS)
        client = self._client(token)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                said = await client.auth_test()
        except SlackApiError as error:
            if (code := code_of(error)) in REFUSED:
                raise await self._refuse(team, code) from None
            raise DeliveryError(
                "Slack cannot be asked who the bot is", after=AGAIN_SECONDS
            ) from None
        except PASSING:
            raise DeliveryError("Slack cannot be reached", after=AGAIN_SECONDS) from None
        if not said.get("team_id") or not said.get("user_id"):
            raise DeliveryError("Slack's answer cannot be read", after=AGAIN_SECONDS)
        if said["team_id"] != team:
            raise DeliveryError("the token is another workspace's", after=UNREADABLE_SECONDS)
        name = str(said.get("team") or install.name)
        return Workspace(team, name, said["user_id"], said.get("bot_id") or "", client)

    async def _refuse(self, team: str, code: str) -> DeliveryError:
        self._say(team, "Slack refuses the token of the workspace %s (%s)", team, code)
        return await self._leave(team, _turned_away(code))

    async def _leave(self, team: str, why: str) -> DeliveryError:
        """Close the workspace's channels, so that nothing is claimed for them; what to raise."""
        now = self._services.clock.now()
        self._known.pop(team, None)
        try:
            await self._services.database.write(
                lambda connection: slack_installs.close_channels(connection, team, why, now)
            )
        except StorageError as error:  # whoever comes next tries again
            log.warning("the channels of the Slack workspace %s stay open: %s", team, error)
        else:
            self._away[team] = (why, now + AWAY)
        return DeliveryError(why, after=AGAIN_SECONDS)

    async def _reopen(self, team: str) -> None:
        """Slack takes the token (again): so may the channels that were closed for it."""
        now = self._services.clock.now()
        self._away.pop(team, None)
        self._said.discard(team)
        try:
            await self._services.database.write(
                lambda c: slack_installs.reopen_channels(c, team, (TURNED_AWAY,), now)
            )
        except StorageError as error:
            log.warning("the channels of the Slack workspace %s stay closed: %s", team, error)

    def _client(self, token: str) -> AsyncWebClient:
        self._services.live.keep_secret(token)
        return client_of(token, self._services.settings.slack.api_url, self._session)

    def _say_unreadable(self, install: SlackInstall) -> None:
        self._say(
            install.team,
            "no key in AFTERSHOCK_SLACK_KEY opens the token of the Slack workspace %r (%s); add "
            "the key that it was encrypted with, or install the bot there again",
            install.name,
            install.team,
        )

    def _say(self, team: str, what: str, *values: str) -> None:
        """Log what is wrong with a workspace, once until it installs the bot again."""
        if team not in self._said:
            self._said.add(team)
            log.error(what, *values)


def _turned_away(code: str) -> str:
    return f"{TURNED_AWAY} ({code})"


def tells_removal(body: Mapping[str, Any]) -> bool:
    """Whether Slack tells that a workspace has removed the bot, or taken its token away. Pure."""
    event = body.get("event")
    if not isinstance(event, dict) or not body.get("team_id"):
        return False
    if event.get("type") == REVOKED:  # else only people's own tokens
        return bool((event.get("tokens") or {}).get("bot"))
    return event.get("type") == UNINSTALLED


async def gone(workspaces: Workspaces, body: Mapping[str, Any]) -> None:
    """Forget the workspace whose removal `body` tells of. Raises StorageError.

    Called before anybody asks Slack who the bot is there: with the token that has just been taken
    away nobody could, and it would be kept for ever. Told twice, it does no harm.
    """
    team = str(body["team_id"])
    if not isinstance(workspaces, ManyWorkspaces):
        log.warning("the Slack workspace %s has removed the bot", team)
        return
    seconds = body.get("event_time")
    at = datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    await workspaces.remove(team, at)
