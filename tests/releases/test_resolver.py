"""Names that lead somewhere near, at once or later: what was checked is what is connected to."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.errors import SourceError
from bot.releases import addresses, fetch, resolver
from bot.releases.fetch import Fetched, Limits
from tests.servers.feeds import FeedServer, serving

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serving() as server:
        server.put("/f", b"<rss/>")
        yield server


class Names:
    """A look-up whose answers are given; the last one of a name stays."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): given for name, given in answers.items()}
        self.asked: list[str] = []

    def __call__(
        self, host: str, _port: int, _family: socket.AddressFamily
    ) -> list[tuple[int, str]]:
        self.asked.append(host)
        given = self.answers[host]
        answer = given.pop(0) if len(given) > 1 else given[0]
        return [(socket.AF_INET6 if ":" in ip else socket.AF_INET, ip) for ip in answer]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (["127.0.0.1"], "feeds.org leads to 127.0.0.1 is not public: this machine itself"),
        (["8.8.8.8", "10.0.0.1"], "10.0.0.1 is not public: a private network"),
        (["10.0.0.1", "8.8.8.8"], "10.0.0.1 is not public: a private network"),
        (["169.254.169.254"], "where a cloud keeps its secrets"),
        (["100.64.0.1"], "a provider's inner network"),
        (["::1"], "this machine itself"),
        (["2606:4700::1", "fd00::1"], "fd00::1 is not public: a private network"),
        (["::ffff:127.0.0.1"], "an older address inside a newer one"),
        (["64:ff9b::a9fe:a9fe"], "an older address inside a newer one"),
        (["fe80::1%lo"], "fe80::1"),
    ],
)
async def test_a_name_that_leads_somewhere_near_is_refused(answers: list[str], reason: str) -> None:
    async with fetch.session(look_up=Names(feeds_org=[answers])) as session:
        with pytest.raises(SourceError) as caught:
            await fetch.get(session, "https://feeds.org/f", own=True, now=NOW)
    assert reason in str(caught.value)
    assert caught.value.refused


def _public(monkeypatch: pytest.MonkeyPatch, *public: str) -> None:
    """Let these addresses of this machine count as public, all others as they are."""
    refuse = addresses.refuse
    monkeypatch.setattr(addresses, "refuse", lambda ip: None if str(ip) in public else refuse(ip))


async def test_a_name_is_looked_up_once_and_what_was_judged_is_connected_to(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 127.0.0.1 stands for a public address, 127.0.0.2 for what the name turns into at once after.
    _public(monkeypatch, "127.0.0.1")
    monkeypatch.setattr(addresses, "PORTS", (server.port,))
    addresses.read.cache_clear()
    names = Names(feeds_org=[["127.0.0.1"], ["127.0.0.2"]])
    url = f"http://feeds.org:{server.port}/f"
    async with fetch.session(look_up=names) as session:
        got = await fetch.get(session, url, own=True, now=NOW)
        assert isinstance(got, Fetched)
        assert names.asked == ["feeds.org"]
        assert server.asked[0].headers["host"] == f"feeds.org:{server.port}"
    async with fetch.session(look_up=names) as session:  # and the next time it is refused
        with pytest.raises(SourceError, match=r"127\.0\.0\.2 is not public"):
            await fetch.get(session, url, own=True, now=NOW)


async def test_a_redirect_to_a_name_that_leads_near_is_refused(server: FeedServer) -> None:
    server.redirect("/away", "https://inner.org/")
    names = Names(inner_org=[["192.168.1.1"]])
    async with fetch.session(server.places, look_up=names) as session:
        for own in (True, False):  # a shipped feed may not be led there either
            with pytest.raises(SourceError, match="a private network"):
                await fetch.get(session, server.url("/away"), own=own, now=NOW)


async def test_a_socket_is_not_opened_though_the_look_up_let_it_pass(server: FeedServer) -> None:
    guarded = resolver.connector(guard=True, allowed=frozenset(), seconds=1)
    try:
        asked = resolver.GuardedResolver(guard=True, allowed=frozenset(), seconds=1)
        info = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))
        with pytest.raises(resolver.RefusedError, match="this machine itself"):
            asked.opened(info)
    finally:
        await guarded.close()
        await asked.close()


async def test_an_allowed_name_may_lead_near_and_no_other_may(server: FeedServer) -> None:
    names = Names(proxy_lan=[["127.0.0.1"]], other_org=[["127.0.0.1"]])
    allowed = frozenset((f"proxy.lan:{server.port}", f"other.org:{server.port + 1}"))
    async with fetch.session(allowed, look_up=names) as session:
        url = f"http://proxy.lan:{server.port}/f"
        assert isinstance(await fetch.get(session, url, own=True, now=NOW), Fetched)
        for url in (f"http://other.org:{server.port}/f", f"http://127.0.0.1:{server.port}/f"):
            with pytest.raises(SourceError):
                await fetch.get(session, url, own=True, now=NOW)


async def test_a_name_that_does_not_exist_or_hangs_is_said_so() -> None:
    def none(_host: str, _port: int, _family: socket.AddressFamily) -> list[tuple[int, str]]:
        raise socket.gaierror(-2, "Name or service not known")

    released = threading.Event()

    def hangs(_host: str, _port: int, _family: socket.AddressFamily) -> list[tuple[int, str]]:
        released.wait(10)
        return []

    limits = Limits(connect=0.2, whole=1)
    async with fetch.session(look_up=none, limits=limits) as session:
        with pytest.raises(SourceError, match="there is no such host"):
            await fetch.get(session, "https://feeds.org/f", own=True, now=NOW)
    async with fetch.session(look_up=hangs, limits=limits) as session:
        asked = [fetch.get(session, f"https://feeds{n}.org/f", own=True, now=NOW) for n in range(3)]
        for error in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(error, SourceError)
    released.set()
