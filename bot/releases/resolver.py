"""Names looked up and connections opened under a guard: what was checked is what is connected to.

The addresses that a look-up gives are judged, and those very addresses are handed to the
connector; there is no second look-up in which a name could have turned private. Each socket is
judged once more before it is opened.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.releases import addresses
from bot.releases.addresses import place

# Answers of a look-up: family and address of each.
Lookup = Callable[[str, int, socket.AddressFamily], Iterable[tuple[int, str]]]


# Read at once. Chunks of a byte each, or "100 Continue" for ever, take long to take apart; between
# two reads everything else has its turn.
READ = 32 * 1024


class _Socket(socket.socket):
    """A socket that gives little at a time, however much is there."""

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        return super().recv(min(size, READ), flags)

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0, /) -> int:
        with memoryview(buffer) as room:
            return super().recv_into(room, min(size or len(room), READ), flags)


class RefusedError(OSError):
    """An address that may not be connected to. Connectors expect an OSError."""


def look_up(host: str, port: int, family: socket.AddressFamily) -> list[tuple[int, str]]:
    """Ask the system, which may take its time."""
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [(answer[0], str(answer[4][0])) for answer in found]


class GuardedResolver(AbstractResolver):
    """Looks names up in threads of its own, and gives no name that has one refused address."""

    def __init__(
        self, *, guard: bool, allowed: frozenset[str], seconds: float, look_up: Lookup = look_up
    ) -> None:
        self._guard = guard
        self._allowed = allowed
        self._seconds = seconds
        self._look_up = look_up
        # Places that an allowed name led to; only these may be connected to though not public.
        self.led_to: set[str] = set()
        # A name that hangs must not take the threads of everybody else.
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="feed-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises OSError, RefusedError where one of them is refused."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds):
                asked = loop.run_in_executor(self._threads, self._look_up, host, port, family)
                answers = list(dict.fromkeys(await asked))
        except TimeoutError:
            raise OSError(f"no address within {self._seconds:g} seconds") from None
        except UnicodeError:
            raise OSError("no name that can be looked up") from None
        if place(host, port) in self._allowed:
            self.led_to.update(place(address, port) for _family, address in answers)
        elif self._guard:
            for _family, address in answers:
                if reason := addresses.refuse(address):
                    raise RefusedError(f"{host} leads to {reason}")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=answer_family,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for answer_family, address in answers
        ]

    async def close(self) -> None:
        """Let go of the threads; what still looks up ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def opened(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for the address in `info`. Raises RefusedError where that is refused."""
        family, kind, protocol, _name, (address, port, *_rest) = info
        here = place(address, port)
        free = not self._guard or here in self._allowed or here in self.led_to
        if not free and (reason := addresses.refuse(address)):
            raise RefusedError(reason)
        return _Socket(family, kind, protocol)


def connector(
    *, guard: bool, allowed: frozenset[str], seconds: float, look_up: Lookup = look_up
) -> TCPConnector:
    """A connector; with `guard` it connects to public addresses and `allowed` places alone."""
    resolver = GuardedResolver(guard=guard, allowed=allowed, seconds=seconds, look_up=look_up)
    return TCPConnector(
        resolver=resolver, socket_factory=resolver.opened, limit=0, ttl_dns_cache=60
    )
