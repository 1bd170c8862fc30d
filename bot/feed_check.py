"""`aftershock feed check`: one feed, from an address or a file, and what is to be said of it."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.errors import SourceError, UserError
from bot.model.feed import Entry, Feed, FeedKind, Judgement, Voice
from bot.releases import detect, fetch, parse
from bot.releases.addresses import read
from bot.releases.checked import NO, POST, WAIT, Checked, as_data, as_text, examine, refused
from bot.releases.guard import SIZE
from bot.releases.shipped import load_labs
from bot.releases.sources import kind_of_url, load_feeds, load_off

Fate = Callable[[Entry, Feed], tuple[Judgement, str]]


async def check(
    target: str, *, json_out: bool, now: datetime, allowed: frozenset[str] = frozenset()
) -> tuple[str, bool]:
    """What to print, and whether the feed could be read.

    `allowed` are places ("host:port") that may be asked though they are not public.
    """
    checked = await look(target, now=now, allowed=allowed)
    text = json.dumps(as_data(checked), ensure_ascii=False, indent=2) if json_out else None
    return text or as_text(checked), not checked.refused


async def look(target: str, *, now: datetime, allowed: frozenset[str] = frozenset()) -> Checked:
    """Read the feed at an address or in a file, and judge what it holds."""
    try:
        if "://" in target:
            feed = _shipped(target) or _feed(target, kind_of_url(target))
            body = await _fetched(feed, now, allowed)
            source = target
        else:
            body = await asyncio.to_thread(_file, target)
            feed, source = _feed("", FeedKind.FEED), Path(target).name
        parsed = await parse.read(feed, body)
    except SourceError as error:
        if "://" not in target:
            return refused(Path(target).name, str(error))
        return refused(target, f"{error}{_advice(target, error)}")
    if parsed.kind is not feed.kind:  # a file says by its shape which list of models it is
        feed = _feed(feed.url, parsed.kind)
    return examine(source, feed, parsed, _fate(), now)


def _advice(url: str, error: SourceError) -> str:
    """What would let an address be read that is refused for where it is; "" where nothing would."""
    if not error.refused or str(error).startswith("it redirects"):
        return ""
    try:
        place = read(url, own=False).place
    except SourceError:  # it is refused for how it is written
        return ""
    return f'; if it is your own, add "{place}" to feeds.allow in the settings'


def _shipped(url: str) -> Feed | None:
    """The shipped source at an address; it is trusted as when it is polled."""
    feeds = [*load_feeds().values(), *(feed for feed, _why in load_off().values())]
    return next((feed for feed in feeds if feed.url == url), None)


def _feed(url: str, kind: FeedKind) -> Feed:
    voice = Voice.REGISTER if kind.structured else Voice.NEWS
    return Feed("check", kind, voice, url, "")


async def _fetched(feed: Feed, now: datetime, allowed: frozenset[str]) -> bytes:
    async with fetch.session(allowed) as session:
        answer = await fetch.get(session, feed.url, own=feed.key == "check", now=now)
    if isinstance(answer, fetch.NotModified):
        raise SourceError("it says that nothing has changed, though nothing was known")
    return answer.body


def _file(name: str) -> bytes:
    path = Path(name)
    try:
        with path.open("rb") as file:
            return file.read(SIZE + 1)
    except FileNotFoundError:
        raise UserError(
            f"{name} is neither a file nor an address; write an address with https://."
        ) from None
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror or error}.") from None


def _fate() -> Fate:
    labs = load_labs()

    def judged(entry: Entry, feed: Feed) -> tuple[Judgement, str]:
        judgement = detect.judge(entry, feed, labs)
        chance = judgement.chance
        named = bool(judgement.lab and judgement.model)
        if named and judgement.release and chance >= detect.SURE:
            return judgement, POST
        return judgement, WAIT if named and chance >= detect.DOUBTFUL else NO

    return judged
