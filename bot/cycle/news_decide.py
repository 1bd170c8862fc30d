"""Sightings become releases that are told once, or wait, or are kept as what they are."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle import also
from bot.cycle.facts import RELEASE as RELEASED
from bot.cycle.news_flood import sum_up
from bot.cycle.news_known import WINDOW, Known, is_own, open_weights, own_key, release_of
from bot.cycle.news_tell import Audience, Pending, given_by, tell
from bot.model.feed import Feed, Voice
from bot.releases import corroborate
from bot.services import Services
from storage import releases, rewording, sightings
from storage.sightings import OTHER, RELEASE, RUMOUR, WAITING, Sighting

# So long after a release its weights being opened is news; later it is a copy.
OPENED = timedelta(days=180)
# Who is believed to be first, where several tell of it at the same moment.
_FIRST = (Voice.LAB, Voice.REGISTER, Voice.PLATFORM, Voice.NEWS)


class _Deciding:
    """One transaction's decisions."""

    def __init__(
        self,
        connection: AsyncConnection,
        services: Services,
        audience: Audience,
        feeds: Mapping[str, Feed],
        known: Known,
        now: datetime,
    ) -> None:
        self.connection, self.services, self.audience = connection, services, audience
        self.feeds, self.known, self.now = feeds, known, now
        self.pending: dict[str, Pending] = {}

    def order(self, one: Sighting) -> tuple[bool, int, str]:
        """Shipped before chosen, the maker before who writes about it."""
        feed = self.feeds[one.feed]
        return bool(feed.owner), _FIRST.index(feed.voice), one.feed

    async def release(self, one: Sighting) -> Sighting:
        """A sighting of a release: to be told if it is the first, added to the first otherwise."""
        await asyncio.sleep(0)
        feed = self.feeds[one.feed]
        lead = self._lead(one, feed)
        by_lab = feed.voice is Voice.LAB and feed.lab == one.lab
        key = self.known.find(one, feed.owner, by_lab=by_lab) if lead is None else None
        if key is not None:
            return await self._again(one, feed, key)
        found = release_of(one, feed.title, self.now)
        if feed.owner:
            # Only its own channels hear of what only their own feed says.
            found = replace(found, key=own_key(feed.owner, found.key)[:200])
        else:
            await releases.put_releases(self.connection, [found], self.now)
            self.known.add(found)
        kept = replace(one, state=RELEASE, release_key=found.key, until=None)
        self.known.note(kept)
        given = given_by(one, feed, found.model)
        message = self.pending.get(lead) if lead is not None else None
        if message is not None:
            message.together.append(found)
        elif lead is not None:
            await also.joined(
                self.connection, self.services, lead, found, feed.title, self.now, given
            )
            return kept
        else:
            message = Pending([found], one, feed.owner)
        message.given += given
        self.pending[found.key] = message
        return kept

    def _lead(self, one: Sighting, feed: Feed) -> str | None:
        """The message that another model of the day joins. A headline's wording is no new model."""
        if feed.voice is Voice.NEWS or feed.owner or self.known.named(one) is not None:
            return None
        return self.known.lead(one)

    async def _again(self, one: Sighting, feed: Feed, key: str) -> Sighting:
        """Another source of a release that is known: it is added to what was told, not posted."""
        kept = replace(one, state=RELEASE, release_key=key, until=None)
        own_voice = not feed.owner or is_own(key, feed.owner)
        if own_voice and (self.known.is_recent(key) or self._opens(one, key)):
            await self._add(one, feed, key)  # what others chose is not shown to everybody
        self.known.note(kept)
        return kept

    def _opens(self, one: Sighting, key: str) -> bool:
        """Whether it is the first to say, months later perhaps, that the weights are open."""
        before = self.known.releases.get(key)
        return (
            before is not None
            and before.open_weights is None
            and open_weights(one.given) is True
            and self.now - before.known_at <= OPENED
        )

    async def _add(self, one: Sighting, feed: Feed, key: str) -> None:
        message, before = self.pending.get(key), self.known.releases.get(key)
        model = one.model if before is None else before.model
        given, said = given_by(one, feed, model), open_weights(one.given)
        if message is None:
            await also.added(self.connection, self.services, key, feed.title, self.now, given)
        else:
            message.given += given
            if feed.title not in (*message.also, message.together[0].source):
                message.also.append(feed.title)
        if before is None or before.open_weights is not None or said is None:
            return
        after = replace(before, open_weights=said)
        self.known.releases[key] = after
        await releases.set_open(self.connection, key, open_weights=said)
        if message is not None:
            message.together = [after if r.key == key else r for r in message.together]
        elif said:  # some have waited for just that
            had = {s.receiver_id for s in self.audience.of(Pending([before], one))}
            new = Pending([after], one)
            to = self.audience.of(new, had | await self._told(new))
            await tell(self.connection, self.services, new, to, self.now)

    async def rumour(self, one: Sighting) -> Sighting:
        """A rumour, for those who asked for them; once, and not of what is out already."""
        feed = self.feeds[one.feed]
        if self.known.whispered(one, feed.owner) or self.known.find(one, feed.owner) is not None:
            return one
        self.known.whisper(one)
        found = release_of(one, feed.title, self.now)
        found = replace(found, key=f"rumour/{found.key}"[:200])
        message = Pending([found], one, feed.owner, rumour=True)
        await tell(self.connection, self.services, message, self.audience.of(message), self.now)
        return one

    async def flush(self) -> None:
        """Enqueue every message about what is new."""
        for message in {id(one): one for one in self.pending.values()}.values():
            message.together.sort(key=lambda one: (len(one.model), one.model))  # the plainest leads
            to = self.audience.of(message, await self._told(message))
            await tell(self.connection, self.services, message, to, self.now)

    async def _told(self, message: Pending) -> set[int]:
        """The channels that a feed of their own told of it before everybody knew it."""
        own = set() if message.owner else self.known.own_of(message.by)
        if not own:
            return set()
        return await rewording.told(self.connection, RELEASED, own, self.now - WINDOW)

    async def wait(self, one: Sighting, doubtful: Sequence[Sighting]) -> Sighting:
        """A doubtful headline: told if another source bears it out, dropped when it has waited."""
        await asyncio.sleep(0)  # comparing takes its time, and others wait
        feed = self.feeds.get(one.feed)
        if feed is None:
            return replace(one, state=OTHER, until=None)
        key = self.known.find(one, feed.owner)
        if key is not None:
            return await self._again(one, feed, key)
        others = [
            other
            for other in (*self.known.recent, *doubtful)
            if other.feed in self.feeds and self.feeds[other.feed].owner in ("", feed.owner)
        ]
        verdict = corroborate.weigh(one, others, self.feeds, self.now)
        if verdict.outcome == corroborate.Outcome.RELEASE:
            return await self.release(replace(one, reason=f"{verdict.reason}; {one.reason}"))
        if verdict.outcome == corroborate.Outcome.DROP or _over(one, self.now):
            reason = f"no other source told of it in time; {one.reason}"
            return replace(one, state=OTHER, reason=reason, until=None)
        return one


async def decide(
    connection: AsyncConnection,
    services: Services,
    audience: Audience,
    feeds: Mapping[str, Feed],
    found: Sequence[Sighting],
    held: Mapping[str, Sequence[Sighting]],
    now: datetime,
) -> None:
    """Keep these sightings, and enqueue what is to be told of them.

    `held` are those of feeds that listed too many at once, by feed.
    """
    waited = await sightings.waiting(connection)
    over = any(_over(one, now) for one in waited)
    unsaid = await sightings.unsaid(connection, now)
    if not any(one.state != OTHER for one in found) and not (held or over or unsaid):
        await sightings.put_sightings(connection, found)
        return
    known = await Known.load(connection, now, {key: one.owner for key, one in feeds.items()})
    deciding = _Deciding(connection, services, audience, feeds, known, now)
    kept = [one for one in found if one.state == OTHER]
    sure = sorted((s for s in found if s.state == RELEASE), key=deciding.order)
    kept += [await deciding.release(one) for one in sure]
    fresh = sorted((s for s in found if s.state == WAITING), key=deciding.order)
    kept += [await deciding.wait(one, [*fresh, *waited]) for one in fresh]
    claims = [*sure, *fresh]
    settling = [one for one in waited if _over(one, now) or corroborate.concerns(one, claims)]
    settled = [await deciding.wait(one, [*fresh, *waited]) for one in settling]
    await deciding.flush()
    kept += [await deciding.rumour(one) for one in found if one.state == RUMOUR]
    changed = [one for one, was in zip(settled, settling, strict=True) if one != was]
    for key in dict.fromkeys((*(one.feed for one in unsaid), *held)):
        many = [*(one for one in unsaid if one.feed == key), *held.get(key, ())]
        said = await sum_up(connection, services, audience, known, feeds[key], many, now)
        changed += [one for one in said if one.id]
        kept += [one for one in said if not one.id]
    await sightings.put_sightings(connection, kept)
    await sightings.settle(connection, changed)


def _over(one: Sighting, now: datetime) -> bool:
    """Whether it has waited long enough."""
    return one.until is not None and one.until <= now
