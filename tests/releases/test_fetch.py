"""One feed over HTTP: what comes back, what is asked for, and where a redirect may lead."""

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.releases import addresses, fetch
from bot.releases.fetch import Fetched, NotModified, Session
from tests.servers.feeds import FeedServer, serving

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
COOKIE = {"Set-Cookie": "who=you; Path=/"}
BODY = b"<rss><channel><title>News of a lab</title></channel></rss>" * 50


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serving() as server:
        yield server


@pytest.fixture
async def session(server: FeedServer) -> AsyncIterator[Session]:
    async with fetch.session(allowed=server.places) as session:
        yield session


async def _got(session: Session, url: str, own: bool = True) -> Fetched:
    got = await fetch.get(session, url, own=own, now=NOW)
    assert isinstance(got, Fetched)
    return got


async def _why_not(session: Session, url: str, own: bool = True) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await fetch.get(session, url, own=own, now=NOW)
    return caught.value


async def test_a_feed_comes_back_as_it_was_given(server: FeedServer, session: Session) -> None:
    server.put("/f", BODY, etag='W/"a"', modified="Mon, 05 Jan 2026 10:00:00 GMT")
    got = await _got(session, server.url("/f"))
    assert got == Fetched(
        BODY, 'W/"a"', "Mon, 05 Jan 2026 10:00:00 GMT", "application/xml", server.url("/f")
    )


@pytest.mark.parametrize("packed", ["gzip", "deflate"])
async def test_a_packed_feed_is_unpacked(server: FeedServer, session: Session, packed: str) -> None:
    server.put("/f", BODY, packed=packed)
    assert (await _got(session, server.url("/f"))).body == BODY


async def test_a_file_packed_in_two_parts_is_whole(server: FeedServer, session: Session) -> None:
    two = gzip.compress(BODY) + gzip.compress(b"<!-- more -->") + b"\0\0"
    server.put("/f", two, headers={"Content-Encoding": "gzip"})
    assert (await _got(session, server.url("/f"))).body == BODY + b"<!-- more -->"


async def test_what_has_not_changed_is_not_sent_again(server: FeedServer, session: Session) -> None:
    server.put("/f", BODY, etag='"1"', modified="Mon, 05 Jan 2026 10:00:00 GMT")
    first = await _got(session, server.url("/f"))
    again = await fetch.get(
        session, server.url("/f"), etag=first.etag, modified=first.modified, own=True, now=NOW
    )
    assert again == NotModified('"1"', "Mon, 05 Jan 2026 10:00:00 GMT")
    assert server.asked[1].headers["if-none-match"] == '"1"'
    assert server.asked[1].headers["if-modified-since"] == "Mon, 05 Jan 2026 10:00:00 GMT"

    server.put("/f", BODY + b" ", etag='"2"')
    changed = await fetch.get(session, server.url("/f"), etag='"1"', own=True, now=NOW)
    assert isinstance(changed, Fetched)
    assert changed.etag == '"2"'


async def test_not_modified_without_having_asked_is_a_mistake(
    server: FeedServer, session: Session
) -> None:
    server.put("/f", status=304)
    error = await _why_not(session, server.url("/f"))
    assert str(error) == "it says that nothing changed, but was not asked for changes"


async def test_we_say_who_we_are_and_nothing_else(server: FeedServer, session: Session) -> None:
    server.put("/from", status=302, etag=None, headers={"Location": "/f", **COOKIE})
    server.put("/f", BODY, headers=COOKIE)
    await _got(session, server.url("/from"))
    await _got(session, server.url("/f"))
    assert [asked.path for asked in server.asked] == ["/from", "/f", "/f"]
    for asked in server.asked:
        assert asked.headers["user-agent"].startswith("aftershock/")
        assert asked.headers["accept-encoding"] == "gzip, deflate"
        assert not {"cookie", "referer", "authorization", "origin"} & asked.headers.keys()


@pytest.mark.parametrize(
    ("status", "headers", "words", "after"),
    [
        (
            429,
            {"Retry-After": "120"},
            "it has been asked too often (429) and asks to wait 120",
            120,
        ),
        (503, {"Retry-After": "Mon, 05 Jan 2026 12:05:00 GMT"}, "asks to wait 300 seconds", 300),
        (503, {"Retry-After": "Mon, 05 Jan 2026 11:00:00 GMT"}, "asks to wait 0 seconds", 0),
        (429, {"Retry-After": "99999999"}, "asks to wait 86,400 seconds", 86_400),
        (429, {"Retry-After": "soon"}, "it has been asked too often (429)", None),
        (429, {"Retry-After": "9" * 4000}, "it has been asked too often (429)", None),
        (503, {}, "it is not available (503)", None),
        (404, {}, "there is nothing at this address (404)", None),
        (410, {}, "there is nothing at this address (410)", None),
        (403, {}, "it does not let us read it (403)", None),
        (500, {}, "its server fails (500)", None),
        (204, {}, "it answers with status 204 instead of a feed", None),
        (206, {}, "it answers with status 206 instead of a feed", None),
        (302, {}, "it redirects to nowhere", None),
    ],
)
async def test_a_status_is_said_in_words(
    server: FeedServer,
    session: Session,
    status: int,
    headers: dict[str, str],
    words: str,
    after: float | None,
) -> None:
    server.put("/f", status=status, etag=None, headers=headers)
    error = await _why_not(session, server.url("/f"))
    assert words in str(error)
    assert error.after == after
    assert error.status == (0 if status == 302 else status)


async def test_redirects_are_followed_five_times(server: FeedServer, session: Session) -> None:
    for step in range(6):
        server.redirect(f"/{step}", f"/{step + 1}", status=(301, 302, 303, 307, 308)[step % 5])
    server.put("/6", BODY)
    assert (await _got(session, server.url("/1"))).url == server.url("/6")
    assert str(await _why_not(session, server.url("/0"))) == "it redirects more than 5 times"
    server.redirect("/loop", "/loop")
    assert "more than 5 times" in str(await _why_not(session, server.url("/loop")))


async def test_a_feed_that_moved_for_good_says_where(server: FeedServer, session: Session) -> None:
    server.put("/new", BODY)
    server.redirect("/old", "/new", status=301)
    server.redirect("/for-now", "/new", status=302)
    assert (await _got(session, server.url("/old"))).moved == server.url("/new")
    assert (await _got(session, server.url("/for-now"))).moved == ""
    assert (await _got(session, server.url("/new"))).moved == ""


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("http://169.254.169.254/latest/", "where a cloud keeps its secrets"),
        ("http://127.0.0.2/", "this machine itself"),
        ("//localhost/", "not a name on the public internet"),
        ("http://0x7f000001/", "odd spelling"),
        ("file:///etc/passwd", "https:// or http://"),
        ("ftp://example.com/", "https:// or http://"),
        ("http://u:p@example.com/", "carries a user name"),
        ("http://example.com:6379/", "port 6379 is not read"),
        ("http://[::ffff:127.0.0.1]/", "older address"),
        ("http://[broken/", "no web address"),
    ],
)
async def test_each_redirect_is_judged(
    server: FeedServer, session: Session, own: bool, to: str, reason: str
) -> None:
    server.redirect("/f", to)
    error = await _why_not(session, server.url("/f"), own)
    assert reason in str(error)
    assert error.refused or "no web address" in reason


async def test_redirecting_from_https_to_http_is_refused_for_a_chosen_feed() -> None:
    async with fetch.session() as session:
        first = addresses.read("https://example.com/f", own=True)
        with pytest.raises(SourceError, match="from https to http"):
            fetch._next(session, first, first, "http://example.com/f", True)
        assert fetch._next(session, first, first, "http://example.com/f", False).scheme == "http"


async def test_another_port_of_an_allowed_host_is_refused(
    server: FeedServer, session: Session
) -> None:
    async with serving() as other:
        other.put("/f", BODY)
        error = await _why_not(session, other.url("/f"))
        assert "this machine itself" in str(error)
        assert error.refused
        server.redirect("/over", other.url("/f"))
        error = await _why_not(session, server.url("/over"))
        assert "it redirects, but 127.0.0.1 is not public" in str(error)
        assert other.asked == []
        assert (await _got(session, other.url("/f"), own=False)).body == BODY


async def test_a_session_forgets_no_file_descriptor(server: FeedServer) -> None:
    server.put("/f", BODY)
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    async with fetch.session(allowed=server.places) as session:
        await _got(session, server.url("/f"))
    if before:
        assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
