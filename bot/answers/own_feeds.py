"""/feeds add and remove: feeds that a server, a workspace or a channel chose for itself."""

import hashlib
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.looking_up import looked_up
from bot.answers.releases import lab_key
from bot.cards.feeds import read_text
from bot.errors import UserError
from bot.model.card import Card
from bot.model.feed import Feed, FeedKind
from bot.model.wording import listing
from bot.releases.sources import load_feeds
from bot.releases.speaker import own_voice
from bot.services import Request
from storage import feeds
from storage.feeds import FeedState

MOST_FEEDS = 10
LONGEST_URL = 400
INTERVAL = 1800


async def add(request: Request) -> Card:
    """Read a feed of one's own, once it was looked at and can be read."""
    url = str(request.options["url"]).strip().strip("<>")
    lab = request.options.get("lab")
    key = "" if lab is None else lab_key(lab, request)
    owner = request.receiver.owner
    item = feed_of(url, key, owner)
    async with request.services.database.read() as connection:
        refuse(item, await feeds.feeds(connection, owner=owner), request.receiver.kind)
    parsed = await looked_up(item, request)

    async def work(connection: AsyncConnection) -> str:
        present = await feeds.feeds(connection, owner=owner)
        refuse(item, present, request.receiver.kind)
        titled = named(item, {one.feed.title for one in present})
        await feeds.add_feed(connection, titled, request.now, request.asker)
        return titled.title

    name = await request.services.database.write(work)
    newest = f" The newest: “{parsed.entries[0].title}”." if parsed.entries else ""
    return Card(
        title=f"{name} is read from now on",
        text=f"{read_text(parsed.dialect, len(parsed.entries), parsed.notes)}.{newest}\n"
        f"What is in it now is not told. Releases that it names go to the channels of this "
        f"{request.receiver.kind} that follow new models; /feeds test {name} shows how its "
        "entries are judged.",
        facts={"feed": name, "entries": len(parsed.entries), "dialect": parsed.dialect},
    )


def feed_of(url: str, lab: str, owner: str) -> Feed:
    """A feed of `owner`'s own, called by its host; raises UserError for what is no address."""
    host = host_of(url)
    return Feed(
        key=f"own:{_digest(owner, url)}",
        kind=FeedKind.FEED,
        voice=own_voice(url, lab),
        url=url,
        title=host,
        lab=lab,
        owner=owner,
        interval=INTERVAL,
    )


async def remove(request: Request) -> Card:
    """Stop reading a feed of one's own."""
    wanted = str(request.options["name"]).strip().lower()

    async def work(connection: AsyncConnection) -> str:
        present = await feeds.feeds(connection, owner=request.receiver.owner)
        for one in present:
            if wanted == one.feed.title.lower():
                await feeds.remove_feed(connection, one.feed.key)
                return one.feed.title
        raise UserError(_missing(request, wanted, [one.feed.title for one in present]))

    name = await request.services.database.write(work)
    return Card(title=f"{name} is not read any more", facts={"feed": name})


def _missing(request: Request, wanted: str, titles: Sequence[str]) -> str:
    whose = f"this {request.receiver.kind}"
    if wanted in load_feeds():
        return f"{wanted} ships with the program and stays; only {whose}'s own can be removed."
    near = get_close_matches(wanted, titles, 1, 0.5)
    if near:
        return f"There is no feed {wanted} of {whose}'s own; did you mean {near[0]}?"
    there = f"it has {listing(sorted(titles))}" if titles else "it has none"
    return f"There is no feed {wanted} of {whose}'s own; {there}."


def host_of(url: str) -> str:
    """The host of an address; raises UserError for what is no address of a page."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or len(url) > LONGEST_URL:
        raise UserError(
            "That is no feed's address; write one that begins with https:// or http://, at most "
            f"{LONGEST_URL} letters."
        )
    if parts.username is not None or parts.password is not None:
        raise UserError("A feed's address must hold no name or password; leave them out.")
    return host.removeprefix("www.")[:60]


def refuse(item: Feed, present: Sequence[FeedState], whose: str) -> None:
    """Raise UserError where a feed is read already, or there are as many as there may be."""
    wanted = same_page(item.url)
    for one in load_feeds().values():
        if same_page(one.url) == wanted:
            raise UserError(f"That feed is read already, as {one.key}.")
    for state in present:
        if same_page(state.feed.url) == wanted:
            name = state.feed.title
            if state.off_at is None:
                raise UserError(f"That feed is read already, as {name}.")
            raise UserError(
                f"That feed was switched off: {state.detail or 'it failed too often'}; say "
                f"/feeds remove {name} and add it again."
            )
    if len(present) >= MOST_FEEDS:
        raise UserError(f"A {whose} has at most {MOST_FEEDS} feeds of its own; remove one first.")


def same_page(url: str) -> str:
    """What is equal for addresses of one page: the scheme and a slash at the end say nothing."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower().removeprefix("www.").rstrip(".")
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    return f"{host}{port}{parts.path.rstrip('/')}?{parts.query}"


def named(item: Feed, taken: Collection[str]) -> Feed:
    """The feed under a name that no other of its owner has."""
    names = [item.title, *(f"{item.title}-{number}" for number in range(2, MOST_FEEDS + 2))]
    title = next(name for name in names if name not in taken)
    return Feed(
        item.key, item.kind, item.voice, item.url, title, item.lab, item.owner, item.interval
    )


def _digest(owner: str, url: str) -> str:
    return hashlib.sha256(f"{owner} {same_page(url)}".encode()).hexdigest()[:24]
