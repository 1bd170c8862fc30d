"""Feeds that a test writes, looked at by the real cycle on a real database, and what was told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.cycle.news import Ways, hear
from bot.errors import SourceError
from bot.model.feed import Entry, Feed, FeedKind, Judgement, Voice
from bot.services import Services, SetClock
from storage import feeds, receivers, sightings
from storage.feeds import FeedState
from storage.schema import outbox
from storage.sightings import Sighting


@dataclass(frozen=True)
class Answer:
    """What a server sent."""

    body: bytes = b""
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True)
class Listed:
    """What it was read as."""

    entries: Sequence[Entry]
    notes: Sequence[str] = ()


def judged(entry: Entry, feed: Feed) -> Judgement:
    """A judge that anybody can follow: "Introducing X" and entries of lists are releases, "X?" is
    a doubtful one, "Rumour: X" a rumour.
    """
    lab = str(entry.given.get("lab") or feed.lab or "openai")
    open_weights = entry.given.get("open_weights")
    if feed.kind.structured:
        return Judgement(True, 1.0, "a list of models has it", lab, entry.title, "language",
                         open_weights)  # fmt: skip
    if found := re.fullmatch(r"Introducing (.+)", entry.title):
        return Judgement(True, 0.95, "it is introduced", lab, found[1], "language", open_weights,
                         ("Introducing",))  # fmt: skip
    if found := re.fullmatch(r"(.+)\?", entry.title):
        return Judgement(True, 0.55, "perhaps", lab, found[1])
    if found := re.fullmatch(r"Rumour: (.+)", entry.title):
        return Judgement(False, 0.9, "rumor: it is said to come", lab, found[1])
    return Judgement(False, 0.99, "company: nothing new")


def feed(key: str = "openai-news", **more: Any) -> Feed:
    """A feed, by default of OpenAI."""
    given: dict[str, Any] = {
        "kind": FeedKind.FEED, "voice": Voice.LAB, "lab": "openai", "title": key, "interval": 900,
        "url": f"https://{key}.example/feed.xml",
    }  # fmt: skip
    return Feed(key=key, **(given | more))


def entry(number: int | str, title: str, **more: Any) -> Entry:
    """An entry with an id and a link of its own."""
    given = {"id": f"id-{number}", "url": f"https://openai.example/{number}"} | more
    return Entry("", title=title, **given)


def past(count: int, begin: int = 0) -> list[Entry]:
    """So many entries that are no releases."""
    return [entry(f"old-{n}", f"Old news {n}") for n in range(begin, begin + count)]


@dataclass
class Newsroom:
    """Feeds and what they hold now; a SourceError in place of entries is a failure."""

    services: Services
    holds: dict[str, Sequence[Entry] | SourceError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def retrieve(self, state: FeedState, now: datetime) -> Answer | None:
        self.asked.append(state.feed.key)
        held = self.holds.get(state.feed.key, ())
        if isinstance(held, SourceError):
            raise held
        return Answer(etag="tag")

    async def read(self, one: Feed, body: bytes) -> Listed:
        held = self.holds.get(one.key, ())
        assert not isinstance(held, SourceError)
        return Listed(held)

    @property
    def ways(self) -> Ways:
        return Ways(self.retrieve, self.read, judged, 0.4, 0.8)

    @property
    def now(self) -> datetime:
        return self.services.clock.now()

    def later(self, **span: float) -> None:
        """Some time passes."""
        assert isinstance(self.services.clock, SetClock)
        self.services.clock.moment += timedelta(**span)

    async def open(self, *shipped: Feed) -> None:
        """These are the shipped feeds, each seeded with some past."""
        await self.ship(*shipped)
        for one in shipped:
            self.holds.setdefault(one.key, past(20))
        await self.look()

    async def ship(self, *shipped: Feed) -> None:
        """These are the shipped feeds."""
        given = {one.key: one for one in shipped}
        await self.services.database.write(lambda c: feeds.put_shipped(c, given, self.now))

    async def choose(self, one: Feed) -> None:
        """Somebody chooses a feed."""
        await self.services.database.write(lambda c: feeds.add_feed(c, one, self.now))

    async def subscribe(self, channel: str = "news", community: str = "", **filters: Any) -> None:
        """A channel subscribes to releases, by default to the notable ones."""

        async def work(connection: Any) -> None:
            given = await receivers.receiver_of(
                connection, "console", channel, channel, self.now, community
            )
            await receivers.add_subscription(
                connection, given.id, self.now, kind="releases", filters=filters
            )

        await self.services.database.write(work)

    async def look(self, **later: float) -> None:
        """Look at all that is due, some time later: a day, if nothing is said, so that all is."""
        self.later(**(later or {"hours": 7}))
        await hear(self.services, self.ways, self.now)

    async def add(self, key: str, *new: Entry, **later: float) -> None:
        """The feed lists these too, above what it has; then it is looked at."""
        held = self.holds[key]
        assert not isinstance(held, SourceError)
        self.holds[key] = [*new, *held]
        await self.look(**later)

    async def rows(self) -> list[Any]:
        """Every row of the outbox."""
        async with self.services.database.read() as connection:
            return list(await connection.execute(select(outbox).order_by(outbox.c.id)))

    async def posted(self) -> list[str]:
        """Channel and plain line of everything that was posted."""
        async with self.services.database.read() as connection:
            names = {one.id: one.title for one in await receivers.receivers(connection)}
        return [
            f"{names[row.receiver_id]}: {row.fallback}"
            for row in await self.rows()
            if row.action == "post"
        ]

    async def models(self, channel: str = "news") -> list[str]:
        """The models that a channel was told of, message by message."""
        async with self.services.database.read() as connection:
            names = {one.id: one.title for one in await receivers.receivers(connection)}
        return [
            " + ".join(one["model"] for one in row.facts.get("models", ())) or row.facts["model"]
            for row in await self.rows()
            if row.action == "post"
            and row.facts["kind"] == "release"
            and names[row.receiver_id] == channel
        ]

    async def sighting(self, title: str) -> Sighting:
        """What was made of the entry of that title."""
        async with self.services.database.read() as connection:
            return (await sightings.matching(connection, title))[0]

    async def state(self, key: str = "openai-news") -> FeedState:
        """How a feed does."""
        async with self.services.database.read() as connection:
            found = await feeds.find_feed(connection, key)
        assert found is not None
        return found
