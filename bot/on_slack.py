"""Slack, put together: app, listeners, connection, pacing and the notifier. Only with tokens."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import aiohttp
from slack_bolt.async_app import AsyncApp

from bot.errors import UserError
from bot.jobs import Job, every
from bot.lookups import Lookups, connector
from bot.opened import Opened
from bot.services import Services, Stopped
from bot.surfaces.slack import actions, commands, dialogs, home, shortcuts
from bot.surfaces.slack.acquainted import acquainted
from bot.surfaces.slack.app import build
from bot.surfaces.slack.context import Register, Slack
from bot.surfaces.slack.installs import LOOK_SECONDS, ManyWorkspaces
from bot.surfaces.slack.link import connected
from bot.surfaces.slack.manifest import SCOPES
from bot.surfaces.slack.notifier import SlackNotifier
from bot.surfaces.slack.owners import Owners
from bot.surfaces.slack.pacing import Pacing
from bot.surfaces.slack.pictures import SlackPictures
from bot.surfaces.slack.places import SURFACE
from bot.surfaces.slack.setting import Mode, check
from bot.surfaces.slack.under_way import UnderWay
from bot.surfaces.slack.workspaces import (
    ASK_AGAIN_SECONDS,
    TIMEOUT_SECONDS,
    OneWorkspace,
    client_of,
)

LISTENERS: tuple[Register, ...] = (
    commands.register,
    actions.register,
    shortcuts.register,
    home.register,
    dialogs.register,
)
log = logging.getLogger(__name__)


@asynccontextmanager
async def open_slack(services: Services) -> AsyncIterator[Opened]:
    """Slack, while it is connected or listened to.

    Raises UserError where the settings are not complete, or Slack refuses the bot's token. Where it
    refuses only the app's, what there is to tell is sent all the same.
    """
    settings = services.settings
    mode = check(settings)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(_session())
        measured = services.live.measured
        limited = partial(measured.limited.update, (SURFACE,))
        pacing = Pacing(settings.slack.messages_per_minute, limited=limited)
        pictures = SlackPictures(pacing)
        workspaces = await _workspaces(services, mode, session, stack)
        slack = Slack(services, workspaces, pictures)
        client = client_of(None, settings.slack.api_url, session)
        app = build(slack, LISTENERS, client)
        # Once nothing comes in any more, what came in is finished.
        stack.push_async_callback(UnderWay(app).finish)

        def broken(why: str) -> None:
            measured.gateways[SURFACE] = not why
            services.live.hear(SURFACE, why, services.clock.now())

        measured.gateways[SURFACE] = False
        if mode is Mode.SOCKET:
            assert settings.slack_app_token is not None
            token = settings.slack_app_token.get_secret_value()
            await stack.enter_async_context(
                connected(app, token, client, broken=broken, clock=services.clock)
            )
        else:
            await _listen(services, app, workspaces, session, stack)
            measured.gateways[SURFACE] = True
        owners = Owners(services, workspaces)
        stack.push_async_callback(owners.close)
        notifier = SlackNotifier(workspaces, pictures, pacing, actions.actions)
        often = ASK_AGAIN_SECONDS if isinstance(workspaces, OneWorkspace) else LOOK_SECONDS
        asking = Job("tokens", workspaces.ask_again, every(often))
        yield Opened(SURFACE, notifier, (asking,), gave_up=owners.tell)


def _session() -> aiohttp.ClientSession:
    """One for all requests. The SDK's own time-out means nothing to a session that it is given."""
    return aiohttp.ClientSession(
        connector=connector(Lookups()), timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    )


async def _workspaces(
    services: Services, mode: Mode, session: aiohttp.ClientSession, stack: AsyncExitStack
) -> OneWorkspace | ManyWorkspaces:
    """The one workspace of the settings' token, or those that installed the bot."""
    settings = services.settings
    if mode is Mode.WORKSPACES:
        from bot.surfaces.slack.vault import Vault

        assert settings.slack_key is not None
        many = ManyWorkspaces(services, Vault(settings.slack_key.get_secret_value()), session)
        await many.reseal()
        return many
    assert settings.slack_bot_token is not None
    token = settings.slack_bot_token.get_secret_value()
    stopped = services.live.stopped

    def taken() -> None:
        if stopped.pop(SURFACE, None) is not None:
            log.warning("Slack takes the bot's token; what waited is sent now")

    def broken(why: str) -> None:
        now, before = services.clock.now(), stopped.get(SURFACE)
        stopped[SURFACE] = Stopped(why, before.since if before else now)

    one = OneWorkspace(client_of(token, settings.slack.api_url, session), taken)
    await stack.enter_async_context(acquainted(one, broken=broken))
    return one


async def _listen(
    services: Services,
    app: AsyncApp,
    workspaces: OneWorkspace | ManyWorkspaces,
    session: aiohttp.ClientSession,
    stack: AsyncExitStack,
) -> None:
    """Take Slack's requests; where several workspaces may install the bot, their people's too."""
    from bot.surfaces.slack.http import serving

    settings, flow = services.settings, None
    if isinstance(workspaces, ManyWorkspaces):
        from bot.surfaces.slack.oauth import installing

        flow = installing(settings, workspaces, tuple(SCOPES), services.clock, session)
    if settings.slack_signing_secret is None:
        raise UserError("AFTERSHOCK_SLACK_SIGNING_SECRET is not set.")
    secret = settings.slack_signing_secret.get_secret_value()
    address = await stack.enter_async_context(
        serving(app, settings.slack.listen, secret, services.clock, flow)
    )
    log.info("waiting for Slack's requests at %s", address)
