"""Feeds on 127.0.0.1, well served or in every hostile way.

async with serving() as server:
    server.put("/news.xml", body)              # with an ETag, answered 304 when it is sent back
    server.do("/bomb", bomb)                    # one of the behaviours below, or your own
    session = fetch.session(allowed=server.places)
    await fetch.get(session, server.url("/news.xml"), own=True, now=NOW)
"""

import asyncio
import gzip
import hashlib
import ssl
import threading
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

Behaviour = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came; names of headers in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Served:
    """What stands at a path."""

    body: bytes = b""
    status: int = 200
    etag: str | None = None
    modified: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


class FeedServer:
    """What it serves, by path, and what it was asked for, in order."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.port = 0
        self._at: dict[str, Behaviour] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def place(self) -> str:
        """Where it listens, as an allowed place is written."""
        return f"127.0.0.1:{self.port}"

    @property
    def places(self) -> frozenset[str]:
        """What to allow, for a feed of somebody's choosing."""
        return frozenset((self.place,))

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://{self.place}{path}"

    def put(
        self,
        path: str,
        body: bytes = b"",
        *,
        status: int = 200,
        etag: str | None = "",
        modified: str | None = None,
        packed: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Serve `body`. `etag` is made from it unless one is given; None serves without.

        `packed` is "gzip" or "deflate"; `headers` are others, or lies.
        """
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"' if etag == "" else etag
        more = dict(headers or {})
        if packed:
            more["Content-Encoding"] = packed
            body = gzip.compress(body) if packed == "gzip" else zlib.compress(body)
        served = Served(body, status, tag, modified, more)
        self._at[path] = lambda asked, writer: _serve(served, asked, writer)

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        """Send whoever asks for `path` on, to an address or path."""
        self.put(path, status=status, etag=None, headers={"Location": to})

    def do(self, path: str, behaviour: Behaviour) -> None:
        """Answer `path` by a behaviour of the caller's."""
        self._at[path] = behaviour

    def gone(self, path: str) -> None:
        """Serve nothing there any more."""
        self._at.pop(path, None)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A new connection."""
        task = asyncio.create_task(self._answer(reader, writer))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Break every connection off."""
        for task in (under_way := list(self._under_way)):
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side closes it."""
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.strip().split("\r\n")
                pairs = (line.split(": ", 1) for line in lines)
                path = first.split(" ")[1]
                asked = Asked(path, {name.lower(): value for name, value in pairs})
                self.asked.append(asked)
                await self._at.get(path, _nothing)(asked, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def _nothing(asked: Asked, writer: asyncio.StreamWriter) -> None:
    await _serve(Served(status=404), asked, writer)


async def _serve(served: Served, asked: Asked, writer: asyncio.StreamWriter) -> None:
    headers = dict(served.headers)
    if served.etag is not None:
        headers["ETag"] = served.etag
    if served.modified is not None:
        headers["Last-Modified"] = served.modified
    same = (served.etag and asked.headers.get("if-none-match") == served.etag) or (
        served.modified and asked.headers.get("if-modified-since") == served.modified
    )
    if same and served.status == 200:
        writer.write(head(304, headers))
    else:
        headers.setdefault("Content-Type", "application/xml")
        headers.setdefault("Content-Length", str(len(served.body)))
        writer.write(head(served.status, headers) + served.body)
    await writer.drain()


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """The head of an answer."""
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunked(packed: str = "") -> bytes:
    """The head of an answer that goes on as long as it likes."""
    more = {"Content-Encoding": packed} if packed else {}
    return head(200, {"Content-Type": "application/xml", "Transfer-Encoding": "chunked", **more})


def chunk(data: bytes) -> bytes:
    """One chunk of such an answer."""
    return b"%x\r\n%b\r\n" % (len(data), data)


# Behaviours. The endless ones end when the other side closes the connection.


async def _for_ever(writer: asyncio.StreamWriter, data: bytes, every: float = 0) -> None:
    while not writer.is_closing():
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(every)


async def bomb(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A gzip stream of which each byte becomes a thousand; 10 MB of it would be 10 GB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    writer.write(chunked("gzip"))
    zeros = bytes(4_000_000)
    sent = 0
    while sent < 10_000_000 and not writer.is_closing():
        data = packer.compress(zeros)
        sent += len(data)
        if data:
            writer.write(chunk(data))
            await writer.drain()
        await asyncio.sleep(0)
    writer.close()


async def empty_parts(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A gzip file of parts that are all empty: nothing comes out, and it takes long."""
    writer.write(chunked("gzip"))
    await _for_ever(writer, chunk(gzip.compress(b"") * 2_000))


async def endless(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A body that does not end."""
    writer.write(chunked() + chunk(b"<rss>"))
    await _for_ever(writer, chunk(b"<item/>" * 8_000))


async def crumbs(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A body that does not end, in chunks of a byte each."""
    writer.write(chunked())
    await _for_ever(writer, chunk(b"x") * 20_000)


async def drip(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, so that no single wait is long."""
    writer.write(chunked())
    await _for_ever(writer, chunk(b"x"), every=0.01)


async def drip_head(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A head that does not end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _for_ever(writer, b"X-More: 1\r\n", every=0.01)


async def flood_head(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A head that does not end, as fast as it goes."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _for_ever(writer, b"X-More: 1\r\n" * 5_000)


async def cookies(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A hundred cookies of 8 KB."""
    jar = b"".join(b"Set-Cookie: c%d=%b\r\n" % (n, b"a;b=" * 2_000) for n in range(100))
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + jar + b"\r\nok")
    await writer.drain()


async def go_on(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """ "Continue", for ever."""
    await _for_ever(writer, b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000)


async def silent(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """No answer at all."""
    while not writer.is_closing():
        await asyncio.sleep(0.05)


async def reset(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A connection that breaks off in the middle of the body."""
    writer.write(head(200, {"Content-Length": "1000"}) + b"<rss>")
    await writer.drain()
    writer.transport.abort()


async def hang_up(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A connection that is closed instead of an answer."""
    writer.close()


async def short(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A body that is shorter than it says."""
    writer.write(head(200, {"Content-Length": "1000"}) + b"<rss>")
    await writer.drain()
    writer.close()


async def garbage(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """What is not HTTP."""
    writer.write(b"\x16\x03\x01 SSH-2.0-x\r\n\r\n" * 10)
    await writer.drain()
    writer.close()


@contextmanager
def serving_apart() -> Iterator[FeedServer]:
    """A server in a thread of its own, so that what it does keeps no loop but its own busy."""
    server = FeedServer()
    ready, over = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        listening = await asyncio.start_server(server.accept, "127.0.0.1", 0)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        await over.wait()
        listening.close()
        await server.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


@asynccontextmanager
async def serving(
    host: str = "127.0.0.1", secure: ssl.SSLContext | None = None
) -> AsyncIterator[FeedServer]:
    """A server on a port of its own; over TLS with `secure`."""
    server = FeedServer()
    listening = await asyncio.start_server(server.accept, host, 0, ssl=secure)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.close()
