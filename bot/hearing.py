"""What a running program does with feeds: look at those that are due, and tell of releases."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.news import MOST, Ways, hear
from bot.jobs import Job, every
from bot.model.feed import Entry, Feed, Judgement
from bot.releases import detect, fetch, parse
from bot.releases.pace import Hours
from bot.releases.sources import load_feeds
from bot.services import Services
from storage import feeds
from storage.feeds import FeedState

log = logging.getLogger(__name__)
LOOK_SECONDS = 5
# Batches of feeds that are looked at side by side: a slow server holds up its own batch only.
AT_ONCE = 8


class Hearing:
    """Looks at feeds; `told` is called whenever there may be something to send."""

    def __init__(self, services: Services, ways: Ways, told: Callable[[], None]) -> None:
        self._services, self._ways, self._told = services, ways, told
        self._under_way: set[str] = set()

    async def look(self) -> None:
        """Look at the feeds that are due and that no other look is at."""
        services, now = self._services, self._services.clock.now()
        async with services.database.read() as connection:
            due = await feeds.due(connection, now, MOST, without=self._under_way)
        mine = {state.feed.key for state in due}
        self._under_way |= mine
        try:
            await hear(services, self._ways, now, due)
        finally:
            self._under_way -= mine
        self._told()


def job(heard: Hearing) -> Job:
    """Looks at the feeds that are due, again and again."""
    return Job("feeds", heard.look, every(LOOK_SECONDS), grace_seconds=60, max_instances=AT_ONCE)


@asynccontextmanager
async def hearing(
    services: Services, told: Callable[[], None], shipped: Mapping[str, Feed] | None = None
) -> AsyncIterator[Hearing]:
    """The shipped feeds in their table, and connections to look at them and at people's own."""
    now = services.clock.now()
    shipping = load_feeds() if shipped is None else shipped

    async def work(connection: AsyncConnection) -> None:
        await feeds.put_shipped(connection, shipping, now)

    await services.database.write(work)
    async with fetch.session(frozenset(services.settings.feeds.allow)) as session:
        try:
            yield Hearing(services, ways_of(services, session), told)
        finally:
            parse.close()


def ways_of(services: Services, session: fetch.Session) -> Ways:
    """Feeds as they are: over HTTP, parsed under guard, judged by their words."""
    settings, labs = services.settings.feeds, services.releases.labs

    async def retrieve(state: FeedState, now: datetime) -> fetch.Fetched | None:
        answer = await fetch.get(
            session,
            state.feed.url,
            etag=state.etag,
            modified=state.modified,
            own=bool(state.feed.owner),
            now=now,
        )
        return answer if isinstance(answer, fetch.Fetched) else None

    def judge(entry: Entry, feed: Feed) -> Judgement:
        return detect.judge(entry, feed, labs)

    hours = Hours(settings.pacific_hours, settings.china_hours)
    return Ways(retrieve, parse.read, judge, detect.DOUBTFUL, detect.SURE, hours)
