"""A feed looked at now, because somebody asked; nothing of it is kept."""

from bot.errors import SourceError, UserError
from bot.model.feed import Feed
from bot.releases import fetch, parse
from bot.releases.fetch import Fetched
from bot.releases.parse import Parsed
from bot.services import Request


async def looked_up(feed: Feed, request: Request) -> Parsed:
    """What a feed says now; raises UserError with what is wrong.

    The address of a feed that is not shipped must be public, at each step of the way, or one that
    the settings allow.
    """
    try:
        allowed = frozenset(request.services.settings.feeds.allow)
        async with fetch.session(allowed) as session:
            got = await fetch.get(session, feed.url, own=bool(feed.owner), now=request.now)
        if not isinstance(got, Fetched):
            raise SourceError("it says that nothing is new, which was not asked")
        return await parse.read(feed, got.body)
    except SourceError as error:
        raise UserError(f"{feed.title} cannot be read: {error}") from None
