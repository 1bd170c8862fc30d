"""Names of hosts, looked up in threads that keep neither the program nor its end waiting.

The system's look-up blocks for as long as it likes. In asyncio's own threads a few that hang would
stop all else that runs there, and the end of the program, which waits for those threads.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from threading import Thread

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

SECONDS = 10.0
# Threads at most, and of one name: one that hangs for good must not keep the next from an answer.
MOST, MOST_OF_ONE = 32, 3

Answers = list[tuple[int, str]]
# Answers of a look-up: family and address of each.
Lookup = Callable[[str, int, socket.AddressFamily], Iterable[tuple[int, str]]]
_Asked = tuple[str, int, socket.AddressFamily]


def look_up(host: str, port: int, family: socket.AddressFamily) -> Answers:
    """Ask the system, which may take its time."""
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [(answer[0], str(answer[4][0])) for answer in found]


class Lookups:
    """Look-ups side by side, each in a daemon thread; equal ones share one.

    One that has not ended in time is asked once more beside it, as often as MOST_OF_ONE.
    """

    def __init__(
        self, seconds: float = SECONDS, look_up: Lookup = look_up, most: int = MOST
    ) -> None:
        self._seconds, self._look_up, self._most = seconds, look_up, most
        self._under_way: dict[_Asked, list[tuple[float, asyncio.Future[Answers]]]] = {}
        self._ended = asyncio.Event()

    @property
    def threads(self) -> int:
        """How many look-ups have not ended."""
        return sum(len(each) for each in self._under_way.values())

    async def ask(self, host: str, port: int, family: socket.AddressFamily) -> Answers:
        """Families and addresses of a host. Raises OSError where there are none in time."""
        try:
            async with asyncio.timeout(self._seconds):
                while (answer := self._answer((host, port, family))) is None:
                    self._ended.clear()
                    await self._ended.wait()
                # Whoever gives up waiting must not take the answer from the others.
                return list(await asyncio.shield(answer))
        except TimeoutError:
            raise OSError(f"no address within {self._seconds:g} seconds") from None
        except UnicodeError:
            raise OSError("no name that can be looked up") from None

    def _answer(self, asked: _Asked) -> "asyncio.Future[Answers] | None":
        """What a look-up gives that is under way or begins now; None while there is no room."""
        loop = asyncio.get_running_loop()
        same = self._under_way.get(asked, [])
        late = not same or loop.time() - same[-1][0] >= self._seconds
        if same and (not late or len(same) >= MOST_OF_ONE or self.threads >= self._most):
            return same[-1][1]
        if self.threads >= self._most:
            return None
        answer: asyncio.Future[Answers] = loop.create_future()
        self._under_way.setdefault(asked, []).append((loop.time(), answer))
        work = partial(self._work, loop, asked, answer)
        Thread(target=work, name="names", daemon=True).start()
        return answer

    def _work(
        self, loop: asyncio.AbstractEventLoop, asked: _Asked, answer: "asyncio.Future[Answers]"
    ) -> None:
        found: Answers | Exception
        try:
            found = list(dict.fromkeys(self._look_up(*asked)))
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is awaited
            found = error
        with suppress(RuntimeError):  # the loop has closed: nobody waits any more
            loop.call_soon_threadsafe(self._settle, asked, answer, found)

    def _settle(
        self, asked: _Asked, answer: "asyncio.Future[Answers]", found: Answers | Exception
    ) -> None:
        left = [one for one in self._under_way.pop(asked) if one[1] is not answer]
        if left:
            self._under_way[asked] = left
        self._ended.set()
        if answer.cancelled():
            return
        if isinstance(found, Exception):
            answer.set_exception(found)
            answer.exception()  # nobody may wait for it any more
        else:
            answer.set_result(found)


class Resolver(AbstractResolver):
    """Names for aiohttp's connections."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises OSError."""
        return results(host, port, await self._lookups.ask(host, port, family))

    async def close(self) -> None:
        """Nothing to let go of: what still looks up ends by itself."""


def results(host: str, port: int, answers: Iterable[tuple[int, str]]) -> list[ResolveResult]:
    """Answers of a look-up as aiohttp takes them."""
    return [
        ResolveResult(
            hostname=host,
            host=address,
            port=port,
            family=family,
            proto=socket.IPPROTO_TCP,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for family, address in answers
    ]


def connector(lookups: Lookups) -> TCPConnector:
    """A connector for as many connections as are asked of it."""
    return TCPConnector(resolver=Resolver(lookups), limit=0)
