"""A process that reads bodies for this one, so that a parser can be ended when it does not return.

Neither a thread nor a time limit stops a parser in C. The event loop speaks to the process over one
socket: several bodies may be under way, and are answered in the order in which they were sent.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
from dataclasses import fields
from datetime import datetime
from typing import Any

from bot.errors import SourceError
from bot.model.feed import Entry, Feed, FeedKind
from bot.releases.parsed import Parsed

# Nothing of the environment that could hold a token reaches a process that reads what strangers
# wrote.
_KEPT = frozenset({"PATH", "LANG", "HOME", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH"})
_STEP = 128 * 1024
_FEED = tuple(field.name for field in fields(Feed))


class Child:
    """The process, started when the first body comes and again whenever it has ended.

    It belongs to the event loop that asks; where another one does, it starts anew.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self._running: _Running | None = None
        self._turn: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    def turn(self) -> asyncio.Lock:
        """Of the event loop that asks: who decides where its body is read."""
        loop = asyncio.get_running_loop()
        if self._turn is None or self._turn[0] is not loop:
            self._turn = loop, asyncio.Lock()
        return self._turn[1]

    async def ask(self, feed: Feed, body: bytes, seconds: float) -> Parsed:
        """The entries of `body`, for which the process has `seconds` when it is its turn.

        Raises SourceError with what is wrong in plain words.
        """
        self.waiting += 1
        try:
            while True:
                running = self._current()
                try:
                    return await running.read(feed, body, seconds)
                except _NeverReadError:
                    continue  # the body before this one ended the process
        finally:
            self.waiting -= 1

    def close(self) -> None:
        """End the process, where there is one; it starts again when it is needed."""
        running, self._running = self._running, None
        if running is not None:
            running.end()

    def _current(self) -> "_Running":
        loop = asyncio.get_running_loop()
        if self._running is None or not self._running.alive or self._running.loop is not loop:
            self.close()
            self._running = _Running(loop)
        return self._running


class _NeverReadError(Exception):
    """The process ended before it was a body's turn."""


class _Running:
    """One life of the process."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._sending, self._answered = asyncio.Lock(), asyncio.Lock()
        self._left = b""
        self._users, self._ended = 0, False
        self._socket, its = socket.socketpair()
        self._socket.setblocking(False)
        kept = {k: v for k, v in os.environ.items() if k in _KEPT or k.startswith("LC_")}
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        with its:
            end = its.fileno()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.releases.parse_child"],
                stdin=end, stdout=end, stderr=subprocess.DEVNULL, env=kept,
            )  # fmt: skip

    @property
    def alive(self) -> bool:
        return not self._ended and self.process.poll() is None

    def end(self) -> None:
        """Whoever waits for it sees its end of the socket close, and leaves."""
        self._ended = True
        self.process.kill()
        self.process.wait()
        if not self._users:
            self._socket.close()

    async def read(self, feed: Feed, body: bytes, seconds: float) -> Parsed:
        """Send and read the answer. However it fails, the process ends: nothing may be left over
        in the socket for the next body to take for its own."""
        self._users += 1
        try:
            async with self._sending:
                told = {name: getattr(feed, name) for name in _FEED}
                await self._send(json.dumps([told, len(body)]).encode() + b"\n" + body)
            async with self._answered:
                if not self.alive:
                    raise _NeverReadError
                return await self._answer(feed, seconds)
        except SourceError:
            raise
        except BaseException:
            self.end()
            raise
        finally:
            self._users -= 1
            if self._ended and not self._users:  # never under somebody who waits for it
                self._socket.close()

    async def _send(self, message: bytes) -> None:
        try:
            await self.loop.sock_sendall(self._socket, message)
        except (OSError, ValueError):
            raise _NeverReadError from None

    async def _answer(self, feed: Feed, seconds: float) -> Parsed:
        try:
            async with asyncio.timeout(seconds):
                head: dict[str, Any] = json.loads(await self._line())
                entries: list[Entry] = []
                while len(entries) < head.get("entries", 0):
                    entries += [_entry(feed.key, row) for row in json.loads(await self._line())]
        except TimeoutError:
            self.end()
            raise SourceError(f"reading it took longer than {seconds:.0f} seconds") from None
        except (OSError, ValueError):
            self.end()
            raise SourceError("it could not be read") from None
        if "refused" in head:
            raise SourceError(head["refused"])
        return Parsed(
            tuple(entries),
            head["title"],
            head["dialect"],
            tuple(head["notes"]),
            FeedKind(head["kind"]),
        )

    async def _line(self) -> bytes:
        """The next line of the answer; others have their turn between two lines."""
        pieces = [self._left]
        while b"\n" not in pieces[-1]:
            piece = await self.loop.sock_recv(self._socket, _STEP)
            if not piece:
                raise ConnectionResetError
            pieces.append(piece)
        line, _, self._left = b"".join(pieces).partition(b"\n")
        await asyncio.sleep(0)
        return line


def _entry(feed: str, row: list[Any]) -> Entry:
    id_, title, url, summary, published, given = row
    moment = datetime.fromisoformat(published) if published else None
    return Entry(feed, id_, title, url, summary, moment, given)
