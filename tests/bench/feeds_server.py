"""Five hundred feeds of about 100 KB on 127.0.0.1, served as fast as can be: `-m` runs it.

It prints its port and ends when its standard input does.
"""

import asyncio
import hashlib
import re
import sys

FEEDS = 500
SIZE = 100_000
_PATH = re.compile(rb"GET /(\d+)")
_TAG = re.compile(rb"if-none-match: *([^\r]+)", re.IGNORECASE)
_SAID = "The model answers in text and pictures, costs less than the one before, and is open. "


def feed(number: int) -> bytes:
    """A feed; every other one is Atom. No two have an entry in common."""
    atom = number % 2 == 1
    entries: list[str] = []
    size = 0
    while size < SIZE:
        n = len(entries)
        name, link = f"Model {number}-{n} is here", f"https://lab{number}.org/news/{n}"
        text = f"&lt;p&gt;{_SAID * 8}&lt;/p&gt;"
        day = f"{1 + n % 28:02d}"
        entries.append(
            f"<entry><id>{link}</id><title>{name}</title><link href='{link}'/>"
            f"<updated>2025-01-{day}T10:00:00Z</updated>"
            f"<summary type='html'>{text}</summary></entry>\n"
            if atom
            else f"<item><guid>{link}</guid><title>{name}</title><link>{link}</link>"
            f"<pubDate>{day} Jan 2025 10:00:00 GMT</pubDate>"
            f"<description>{text}</description></item>\n"
        )
        size += len(entries[-1])
    title = f"<title>Lab {number}</title>"
    inner = "".join(entries)
    if atom:
        return (
            f"<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'>{title}"
            f"<id>lab{number}</id><updated>2025-01-28T10:00:00Z</updated>{inner}</feed>"
        ).encode()
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>{title}"
        f"<link>https://lab{number}.org</link><description>News</description>{inner}</channel></rss>"
    ).encode()


class _Serving(asyncio.Protocol):
    """A connection; `made` are whole answers by number: tag, 200 and 304."""

    def __init__(self, made: list[tuple[bytes, bytes, bytes]]) -> None:
        self._made = made
        self._transport: asyncio.Transport | None = None
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, self._asked = self._asked.split(b"\r\n\r\n", 1)
            path, tag = _PATH.match(head), _TAG.search(head)
            assert path is not None
            assert self._transport is not None
            own, whole, nothing = self._made[int(path[1])]
            self._transport.write(nothing if tag is not None and tag[1] == own else whole)


def _answers(number: int) -> tuple[bytes, bytes, bytes]:
    body = feed(number)
    tag = b'"%b"' % hashlib.sha256(body).hexdigest()[:16].encode()
    whole = (
        b"HTTP/1.1 200 OK\r\nETag: %b\r\nContent-Type: application/xml\r\n"
        b"Content-Length: %d\r\n\r\n"
    )
    return (
        tag,
        whole % (tag, len(body)) + body,
        b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\n\r\n" % tag,
    )


async def _serve() -> None:
    made = [_answers(number) for number in range(FEEDS)]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Serving(made), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
