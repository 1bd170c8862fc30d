"""/healthz, /readyz and /metrics, for whoever watches the bot.

No answer holds a secret, a channel's name or a message, so whoever reaches the port may read it,
whatever name he calls it by. Nothing can be changed there.
"""

import asyncio
import errno
import logging
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web
from sqlalchemy import make_url

from bot.bounded import Bounded, last
from bot.metrics import Files, Observed, render
from bot.model.measured import JobRuns
from bot.model.wording import count
from bot.sections import listening
from bot.services import Services, Stopped
from bot.sourced import in_use
from storage import gauges

# A healthy bot works its queue off every second; a database may be busy for a while.
DELIVERY_SECONDS = 120.0
# No run of a job takes so long, unless it hangs; and none that is due waits so long.
JOB_SECONDS, OVERDUE = 900.0, timedelta(minutes=5)
DATABASE_SECONDS = 5.0
FAILING_FEED = 3
# A connection is for one request. One that takes longer is closed; of too many, the oldest is.
CONNECTION_SECONDS, MOST_CONNECTIONS = 15.0, 32
LAG_SECONDS, LAGS = 1.0, 60
log = logging.getLogger(__name__)

Due = Callable[[], Mapping[str, datetime | None]]


def failing(
    ticks: float,
    now: datetime,
    began: float,
    turned: float | None,
    runs: Mapping[str, JobRuns],
    due: Mapping[str, datetime | None],
) -> list[str]:
    """Why the bot does not do its work, in sentences; nothing where it does. Pure.

    `ticks`, `began` (when it started) and `turned` (when the outbox was last worked off) are
    seconds of the event loop's clock; `due` is when each job runs next.
    """
    found = []
    idle = ticks - (began if turned is None else turned)
    if idle > DELIVERY_SECONDS:
        found.append(f"No messages have been sent or looked for in {_long(idle)}.")
    for name, job in sorted(runs.items()):
        longest = ticks - min(job.under_way, default=ticks)
        at = due.get(name)
        if longest > JOB_SECONDS:
            found.append(f"The job {name} has not ended in {_long(longest)}.")
        elif at is None:
            found.append(f"The job {name} does not run any more.")
        elif now - at > OVERDUE:
            late = (now - at).total_seconds()
            found.append(f"The job {name} should have run {_long(late)} ago.")
    return found


def not_ready(
    gateways: Mapping[str, bool], stopped: Mapping[str, Stopped], unheard: Mapping[str, Stopped]
) -> list[str]:
    """Which surfaces cannot be used, in sentences; nothing where all can. Pure."""
    found = []
    for name, connected in sorted(gateways.items()):
        heard = unheard.get(name)
        if name in stopped and (heard is None or heard.why == stopped[name].why):
            continue  # a surface that takes nothing is not connected either: once is enough
        if not connected:
            why = f": {heard.why}" if heard else "."
            found.append(f"{name.capitalize()} is not connected{why}")
    found += [
        f"{name.capitalize()} takes no messages: {one.why}" for name, one in sorted(stopped.items())
    ]
    return found


def _long(seconds: float) -> str:
    if seconds < 120:
        return count(int(seconds), "second")
    return count(int(seconds // 60), "minute")


@dataclass
class Probes:
    """Answers the three questions; `surfaces` are those that are spoken to."""

    services: Services
    surfaces: Sequence[str]
    due: Due
    began: float
    lags: deque[float] = field(default_factory=lambda: deque(maxlen=LAGS))
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def health(self, _request: web.Request) -> web.Response:
        """Whether the bot does its work: 200, or 503 with the reasons."""
        measured = self.services.live.measured
        ticks, now = asyncio.get_running_loop().time(), self.services.clock.now()
        reasons = failing(
            ticks, now, self.began, measured.delivery_turned, measured.jobs, self.due()
        )
        try:
            async with asyncio.timeout(DATABASE_SECONDS), self.services.database.read() as opened:
                await gauges.answers(opened)
        except Exception as error:  # noqa: BLE001 - whatever it is, the database does not answer
            if not self.services.database.damage:
                reasons.append(f"The database does not answer ({type(error).__name__}).")
        if self.services.database.damage:
            reasons.append("The database is damaged; the log says which backup to restore.")
        return _said(reasons, "failing")

    async def ready(self, _request: web.Request) -> web.Response:
        """Whether every surface is connected: 200, or 503 with those that are not."""
        live = self.services.live
        reasons = not_ready(live.measured.gateways, live.stopped, live.unheard)
        return _said(reasons, "not ready")

    async def metrics(self, request: web.Request) -> web.Response:
        """Everything that is measured."""
        live = self.services.live
        found = Observed(
            now=self.services.clock.now(),
            ticks=asyncio.get_running_loop().time(),
            measured=live.measured,
            surfaces=self.surfaces,
            stopped=frozenset(live.stopped),
            lag=max(self.lags, default=None),
            gauges=await self._gauges(),
            files=await asyncio.to_thread(self._files),
        )
        body, content_type = render(found, request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def feel(self) -> None:
        """Measure how late the event loop wakes those who sleep, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)
            self.lags.append(max(0.0, loop.time() - due))

    async def _gauges(self) -> gauges.Gauges | None:
        """What the database says; many who ask at once wait for each other."""
        try:
            async with (
                asyncio.timeout(DATABASE_SECONDS),
                self._reading,
                self.services.database.read() as opened,
            ):
                now, used = self.services.clock.now(), in_use(self.services)
                return await gauges.gauges(opened, now, FAILING_FEED, used)
        except Exception as error:  # noqa: BLE001 - the page says that it does not answer
            log.warning("the database has no figures for /metrics (%s)", type(error).__name__)
            return None

    def _files(self) -> Files:
        settings = self.services.settings
        url = make_url(settings.database_url())
        wal = _size(Path(f"{url.database}-wal")) if url.get_backend_name() == "sqlite" else None
        made: list[float] = []
        with suppress(OSError):
            found = (settings.data_folder() / "backups").glob("*.db")
            made.extend(path.stat().st_mtime for path in found)
        newest = datetime.fromtimestamp(max(made), UTC) if made else None
        return Files(wal, len(made), newest)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _said(reasons: Sequence[str], bad: str) -> web.Response:
    if not reasons:
        return web.json_response({"status": "ok"})
    return web.json_response({"status": bad, "reasons": list(reasons)}, status=503)


@asynccontextmanager
async def probing(services: Services, surfaces: Sequence[str], due: Due) -> AsyncIterator[str]:
    """Answer at the address of the setting health.listen while this context lasts: its address,
    such as "http://127.0.0.1:9464".

    Where nobody can listen there the bot works all the same, and the address is "".
    """
    place = listening(services.settings.health.listen)
    if place is None:
        yield ""
        return
    probes = Probes(services, surfaces, due, asyncio.get_running_loop().time())
    feeling = asyncio.create_task(probes.feel())
    try:
        async with _served(probes, *place) as address:
            yield address
    finally:
        feeling.cancel()


@asynccontextmanager
async def _served(probes: Probes, host: str, port: int) -> AsyncIterator[str]:
    site = web.Application(client_max_size=1)
    site.router.add_get("/healthz", probes.health)
    site.router.add_get("/readyz", probes.ready)
    site.router.add_get("/metrics", probes.metrics)
    site.on_response_prepare.append(last)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=1, handle_signals=False)
    await runner.setup()
    # Whoever asks is answered at once, so of too many it is the oldest that asks nothing.
    door, server = Bounded(runner, CONNECTION_SECONDS, MOST_CONNECTIONS), None
    try:
        try:
            server = await asyncio.get_running_loop().create_server(door.accept, host, port)
        except OSError as error:
            log.warning(
                "nothing answers /healthz, /readyz and /metrics: health.listen is %s, %s; set it "
                "to another address or port, or to nothing",
                probes.services.settings.health.listen,
                _why(error),
            )
            yield ""
            return
        bound = server.sockets[0].getsockname()
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        if not ip_address(bound[0].partition("%")[0]).is_loopback:
            log.warning(
                "health.listen is %s: whoever reaches that address may read how the bot is", shown
            )
        log.info("/healthz, /readyz and /metrics are at http://%s:%d", shown, bound[1])
        yield f"http://{shown}:{bound[1]}"
    finally:
        if server is not None:
            server.close()
        await runner.cleanup()


def _why(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "which another program uses"
    # The event loop words it at length; a name that cannot be resolved has words of its own only.
    known = error.errno in errno.errorcode
    why = os.strerror(error.errno) if known and error.errno else error.strerror
    return f"which cannot be listened on ({why or type(error).__name__})"
