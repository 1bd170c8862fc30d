"""The Bolt app: who may speak to it, what was said already, and its listeners."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import DeliveryError, SurfaceStopped
from bot.surfaces.slack.context import Register, Slack
from bot.surfaces.slack.installs import gone, tells_removal
from bot.surfaces.slack.surroundings import without_bolts_variables
from bot.surfaces.slack.workspaces import Workspaces

SEEN = 10_000
# A request is acknowledged within three seconds, of which a dialog may take two; before that, Slack
# may have to be asked who the bot is.
AUTHORIZE_SECONDS = 0.9
NOT_HERE = (
    "Aftershock cannot answer in this workspace just now. If that lasts, have an admin install it "
    "again."
)
log = logging.getLogger(__name__)


def build(
    slack: Slack,
    listeners: Iterable[Register],
    client: AsyncWebClient,
) -> AsyncApp:
    """The app with its listeners. `client` has no token: each workspace brings its own.

    Signatures are looked at where requests come in over HTTP, before they reach the app.
    """

    async def authorize(team_id: str | None, **_ignored: Any) -> AuthorizeResult | None:
        try:
            async with asyncio.timeout(AUTHORIZE_SECONDS):
                workspace = await slack.workspaces.of(team_id or "")
        except (DeliveryError, SurfaceStopped, TimeoutError) as error:
            why = str(error) or "Slack does not say in time who the bot is"
            log.warning("a request of the Slack workspace %s is not answered: %s", team_id, why)
            return None
        return AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.team,
            bot_user_id=workspace.bot_user,
            bot_id=workspace.bot,
            bot_token=workspace.client.token,
        )

    with without_bolts_variables():
        app = AsyncApp(
            client=client,
            authorize=authorize,  # type: ignore[arg-type] # None is a refusal, which Bolt says
            user_facing_authorize_error_message=NOT_HERE,
            signing_secret="",
            request_verification_enabled=False,
            before_authorize=once(Seen(), slack.workspaces),
        )
    for register in listeners:
        register(app, slack)
    return app


class Seen:
    """The requests that came of late, so that one that Slack delivers again is not run again."""

    def __init__(self, kept: int = SEEN) -> None:
        self._kept = kept
        self._keys: OrderedDict[str, None] = OrderedDict()

    def is_new(self, key: str) -> bool:
        """Whether this key comes for the first time; it is remembered."""
        if key in self._keys:
            self._keys.move_to_end(key)
            return False
        self._keys[key] = None
        while len(self._keys) > self._kept:
            self._keys.popitem(last=False)
        return True


def key_of(body: Mapping[str, Any]) -> str | None:
    """What names a request whatever envelope it comes in; None where nothing does."""
    for name in ("event_id", "trigger_id"):
        if body.get(name):
            return f"{name}:{body[name]}"
    return None


Next = Callable[[], Awaitable[BoltResponse | None]]


def once(
    seen: Seen, workspaces: Workspaces | None = None
) -> Callable[..., Awaitable[BoltResponse | None]]:
    """A middleware that acknowledges a request that came before, and does nothing more.

    It hears of removals itself: Bolt hands them on only where the bot still has a token that Slack
    takes, which it has just lost.
    """

    async def middleware(req: AsyncBoltRequest, next: Next) -> BoltResponse | None:  # noqa: A002 - Bolt's
        if workspaces is not None and tells_removal(req.body):
            await gone(workspaces, req.body)
            return BoltResponse(status=200)
        key = key_of(req.body)
        if key is not None and not seen.is_new(key):
            return BoltResponse(status=200)
        return await next()

    return middleware
