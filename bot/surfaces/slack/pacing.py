"""Pacing for Slack: each message waits for its turn, and leaves its place where that is far off."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from math import inf

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.errors import DeliveryError
from bot.surfaces.slack.paces import SPAN_SECONDS, Paces, Taken
from bot.surfaces.slack.refusals import asked_to_wait

CHANNEL_SECONDS = 1.0
LEAST_ROOM, MOST_ROOM = 4, 256
# A turn that comes later is not waited for: a picture may take as long, and the deadline is 20 s.
PATIENCE_SECONDS = 8.0
WAITING = "Slack asks to wait"


@dataclass(slots=True)
class _Line:
    """Those who wait for a turn in one workspace, in the order in which they came."""

    paces: Paces
    waiting: list[tuple[str, "asyncio.Future[Taken]"]] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


class Pacing:
    """Lets each message wait for its turn: first come, first served among the channels that may
    be told something.

    `per_minute` is for all channels of one workspace; `per_channel` seconds lie between two
    messages to one channel. `limited` is called whenever Slack asks to wait.
    """

    def __init__(
        self,
        per_minute: int,
        per_channel: float = CHANNEL_SECONDS,
        limited: Callable[[], None] = lambda: None,
    ) -> None:
        self._per_minute, self._per_channel = per_minute, per_channel
        self._limited = limited
        self._lines: dict[str, _Line] = {}

    @property
    def room(self) -> int:
        """How many messages leave within a few seconds, in all workspaces that were told so far."""
        each = self._per_minute * SPAN_SECONDS / 60
        return min(MOST_ROOM, max(LEAST_ROOM, int(each * max(1, len(self._lines)))))

    @asynccontextmanager
    async def turn(self, team: str, channel: str) -> AsyncIterator[None]:
        """Wait for a turn, and say one message in it.

        Raises DeliveryError with `after` where Slack has asked to wait, or the turn would come so
        late that the message's own deadline were over by then.
        """
        line = self._line(team)
        taken = await self._wait(line, channel)
        loop, left, answered = asyncio.get_running_loop(), True, False
        try:
            yield
            answered = True
        except SlackApiError as error:
            answered = True
            seconds = asked_to_wait(error)
            if seconds is not None:
                self._limited()
                self._refused(line, channel, seconds)
            raise
        except aiohttp.ClientConnectorError:
            left = False
            raise
        finally:
            if left:
                line.paces.ended(taken, loop.time(), answered=answered)
            else:
                line.paces.unused(taken)
            self._wake(line)

    @contextmanager
    def method(self, team: str, name: str) -> Iterator[None]:
        """Call a method of that name, unless Slack has asked to leave it alone for a while.

        Raises DeliveryError with `after` where it has.
        """
        paces, loop = self._line(team).paces, asyncio.get_running_loop()
        left = paces.method_due(name) - loop.time()
        if left > 0:
            raise DeliveryError(WAITING, after=left)
        try:
            yield
        except SlackApiError as error:
            seconds = asked_to_wait(error)
            if seconds is not None:
                self._limited()
                paces.hold_method(name, loop.time(), seconds)
            raise

    def _line(self, team: str) -> _Line:
        line = self._lines.get(team)
        if line is None:
            line = self._lines[team] = _Line(Paces(self._per_minute, self._per_channel))
        return line

    async def _wait(self, line: _Line, channel: str) -> Taken:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._check(line, channel, now)
        if (late := line.paces.wait(channel, len(line.waiting), now)) > PATIENCE_SECONDS:
            raise DeliveryError("too much is on its way to this workspace", after=late)
        future: asyncio.Future[Taken] = loop.create_future()
        line.waiting.append((channel, future))
        self._wake(line)
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                line.paces.unused(future.result())  # given a turn and cancelled at once
            self._wake(line)
            raise

    def _check(self, line: _Line, channel: str, now: float) -> None:
        left = line.paces.held_until(channel) - now
        if left > 0:
            raise DeliveryError(WAITING, after=left)

    def _refused(self, line: _Line, channel: str, seconds: float) -> None:
        """Hold what Slack refuses; whoever waits for that comes again, and leaves its place."""
        now = asyncio.get_running_loop().time()
        line.paces.refused(channel, now, seconds)
        for other, future in line.waiting:
            try:
                self._check(line, other, now)
            except DeliveryError as error:
                if not future.done():
                    future.set_exception(error)

    def _wake(self, line: _Line) -> None:
        """Give turns to those who wait, and see to it that the next is given when it is due."""
        loop = asyncio.get_running_loop()
        if line.timer is not None:
            line.timer.cancel()
            line.timer = None
        now, still, next_due = loop.time(), [], inf
        for channel, future in line.waiting:
            if future.done():
                continue
            taken = line.paces.take(channel, now)
            if taken is not None:
                future.set_result(taken)
            else:
                still.append((channel, future))
                next_due = min(next_due, line.paces.due(channel))
        line.waiting = still
        if next_due < inf:
            line.timer = loop.call_at(next_due, self._wake, line)
