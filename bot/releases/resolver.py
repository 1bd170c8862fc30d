"""Names looked up and connections opened under a guard: what was checked is what is connected to.

The addresses that a look-up gives are judged, and those very addresses are handed to the
connector; there is no second look-up in which a name could have turned private. Each socket is
judged once more before it is opened.
"""

import socket
from typing import Any

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.lookups import Lookup, Lookups, look_up, results
from bot.releases import addresses
from bot.releases.addresses import place

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


class GuardedResolver(AbstractResolver):
    """Looks names up, and gives no name that has one refused address."""

    def __init__(
        self, *, guard: bool, allowed: frozenset[str], seconds: float, look_up: Lookup = look_up
    ) -> None:
        self._guard = guard
        self._allowed = allowed
        self._lookups = Lookups(seconds, look_up)
        # Places that an allowed name led to; only these may be connected to though not public.
        self.led_to: set[str] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises OSError, RefusedError where one of them is refused."""
        answers = await self._lookups.ask(host, port, family)
        if place(host, port) in self._allowed:
            self.led_to.update(place(address, port) for _family, address in answers)
        elif self._guard:
            for _family, address in answers:
                if reason := addresses.refuse(address):
                    raise RefusedError(f"{host} leads to {reason}")
        return results(host, port, answers)

    async def close(self) -> None:
        """Nothing to let go of: what still looks up ends by itself."""

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
