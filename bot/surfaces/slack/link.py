"""The connection of Socket Mode: opened, kept through whatever breaks it, and closed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.failing import Failing
from bot.lookups import Lookups, connector
from bot.services import Clock, SystemClock
from bot.surfaces.slack.refusals import retry_after
from bot.surfaces.slack.workspaces import PASSING, REFUSED, UnreadableAnswerError, code_of

START_SECONDS, STOP_SECONDS = 10.0, 2.0
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
# A socket that has not opened by then is tried anew.
OPENING_SECONDS = 30.0
# How often the connection is tried out, which is also how soon a lost one is noticed.
PING_SECONDS = 5.0
TOKEN_REFUSED = (
    "Slack refuses the token in AFTERSHOCK_SLACK_APP_TOKEN ({code}); make one with the scope "  # noqa: S105 - words, not a token
    "connections:write at api.slack.com/apps, under Basic Information, and start again with it. "
    "Alerts go on; only commands do not work."
)
UNREADABLE = "its answer cannot be read"
Broken = Callable[[str], None]
log = logging.getLogger(__name__)


class Link(SocketModeClient):
    """The SDK's client, but for how it connects.

    The SDK tries one address again and again, although each is for one use and runs out; and where
    it gets none at a `disconnect`, it waits until the connection is closed under it. Here every try
    asks for an address of its own, with growing pauses and a line in the log. `broken` hears why
    there is no connection, and "" once there is one.
    """

    def __init__(
        self,
        app_token: str,
        web_client: AsyncWebClient,
        ping_seconds: float,
        pause: float,
        broken: Broken,
        clock: Clock,
    ) -> None:
        super().__init__(
            app_token=app_token,
            logger=logging.getLogger("slack_sdk.socket_mode"),
            web_client=web_client,
            ping_interval=ping_seconds,
        )
        # The SDK's own looks names up in threads that others need, and waits minutes for a socket.
        self.aiohttp_client_session.detach()
        self.aiohttp_client_session = aiohttp.ClientSession(
            connector=connector(Lookups()), timeout=aiohttp.ClientTimeout(total=OPENING_SECONDS)
        )
        self._pause, self._broken, self._clock = pause, broken, clock
        self._failing = Failing(
            log, "Slack's answer to a new connection cannot be used; trying again and again",
            "Slack's answers to new connections can be used again",
        )  # fmt: skip
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def connect(self) -> None:
        """Connect, however long it takes; `first` is done once the first try has ended."""
        pause = self._pause
        while not self.closed:
            try:
                await self._open()
            except Exception as error:  # noqa: BLE001 - whatever it is, commands wait for it
                pause = self._failed(error, pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                log.info("connected to Slack")
                self._failing.worked(self._clock.now())
                self._broken("")
                self._tried()
                return

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Connect anew where the connection is lost, or is said to end soon (`force`)."""
        ending = self.current_session
        async with self.connect_operation_lock:
            renewed = self.current_session is not ending
            if not await self.is_connected() or (force and not renewed):
                await self.connect()

    async def _open(self) -> None:
        self.auto_reconnect_enabled = False
        said = await self.web_client.apps_connections_open(app_token=self.app_token)
        session = await self.aiohttp_client_session.ws_connect(
            said["url"], autoping=False, heartbeat=self.ping_interval, proxy=self.proxy
        )
        # The new one is there before the old one goes, so that nothing falls in between.
        old, self.current_session = self.current_session, session
        self.stale, self.last_ping_pong_time = False, None
        self.auto_reconnect_enabled = self.default_auto_reconnect_enabled
        for task in (self.current_session_monitor, self.message_receiver):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())
        if old is not None:
            with suppress(*PASSING):
                await old.close()

    def _failed(self, error: Exception, pause: float) -> float:
        """Say what went wrong; how long to wait until the next try."""
        code = code_of(error) if isinstance(error, SlackApiError) else ""
        self._tried()
        if code in REFUSED:  # it may be a fault of Slack's: it is tried again, though seldom
            refused = TOKEN_REFUSED.format(code=code)
            log.error("%s", refused)
            self._broken(refused)
            return LONGEST_PAUSE
        if not isinstance(error, PASSING):
            self._failing.failed(error, self._clock.now())
            self._broken(f"Slack's answer to a new connection cannot be used ({short(error)}).")
            return pause
        wait = max(pause, asked_wait(error))
        why = f"Slack cannot be reached ({short(error)})"
        log.warning("%s; again in %.0f s", why, wait)
        self._broken(f"{why}.")
        return wait

    def _tried(self) -> None:
        if not self.first.done():
            self.first.set_result(None)


class _Handler(AsyncSocketModeHandler):
    """Bolt's, with a client that is there already."""

    def __init__(self, app: AsyncApp, link: Link) -> None:
        self.app, self.app_token, self.client = app, link.app_token, link


def asked_wait(error: BaseException) -> float:
    """How many seconds Slack asks to wait; 0 where it asks for nothing."""
    return (retry_after(error) if isinstance(error, SlackApiError) else None) or 0.0


def short(error: BaseException) -> str:
    """An error in a few words, without what was sent."""
    if isinstance(error, SlackApiError):
        status = getattr(error.response, "status_code", None) or "unknown"
        unreadable = UNREADABLE if status == 200 else f"status {status}"
        return code_of(error) or unreadable
    if isinstance(error, UnreadableAnswerError):
        return UNREADABLE
    return type(error).__name__


@asynccontextmanager
async def connected(
    app: AsyncApp,
    app_token: str,
    web_client: AsyncWebClient,
    *,
    ping_seconds: float | None = None,
    first_pause: float | None = None,
    broken: Broken = lambda _why: None,
    clock: Clock | None = None,
) -> AsyncIterator[Link]:
    """Connected until the context ends. While Slack cannot be reached, or refuses the app's token,
    it is tried again and again: what the bot's own token sends needs no connection.

    `broken` hears why there is no connection, and "" once there is one.
    """
    _quieten()
    pause = FIRST_PAUSE if first_pause is None else first_pause
    ping = PING_SECONDS if ping_seconds is None else ping_seconds
    link = Link(app_token, web_client, ping, pause, broken, clock or SystemClock())
    link.socket_mode_request_listeners.append(_Handler(app, link).handle)  # type: ignore[arg-type]
    task = asyncio.create_task(link.connect_to_new_endpoint())
    try:
        # The others do not wait for it longer: it may be Slack that is down.
        await asyncio.wait((link.first,), timeout=START_SECONDS)
        yield link
    finally:
        task.cancel()
        await asyncio.wait([task])
        link.first.cancel()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await link.close()  # type: ignore[no-untyped-call]
        except TimeoutError:
            log.warning("Slack's connection did not close in time")


class _Short(logging.Filter):
    """Connections break; that is one line in the log, not thirty. Nor is each ping told of."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep what matters, without the traceback of what happens every day."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if isinstance(error, PASSING):
            record.msg, record.args = f"{str(record.msg).partition('(')[0]}({short(error)})", ()
            record.exc_info = None
        return record.levelno >= logging.WARNING


def _quieten() -> None:
    logger = logging.getLogger("slack_sdk.socket_mode")
    if not any(isinstance(one, _Short) for one in logger.filters):
        logger.addFilter(_Short())
