"""Tell those who subscribed: a new release, a rumour, or that a feed is not what it was."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.channels import tell_or_hold
from bot.cycle.facts import burst_facts, note_facts
from bot.cycle.flush import tell_news
from bot.cycle.release_facts import Account, told_facts
from bot.cycle.tracking import track
from bot.model.feed import Feed
from bot.model.receiver import Receiver
from bot.model.release import Release
from bot.releases.beside import Given
from bot.releases.wanted import wanted
from bot.services import Services
from storage import receivers
from storage.receivers import Subscription
from storage.sightings import Sighting

KIND = "releases"
# The day that a feed gives is its midnight, and an entry comes up to two days after it.
LATE = timedelta(hours=48)
_DAY_ENDS = time(23, 59, 59, tzinfo=UTC)


@dataclass
class Pending:
    """A message about a release, or several of a lab on one day, that is to be told.

    `by` is the sighting that it is known from; `owner` whose channels alone are told, where only a
    feed of their own tells of it. `also` and `given` are what other sources add: their titles, and
    figures.
    """

    together: list[Release]
    by: Sighting
    owner: str = ""
    rumour: bool = False
    also: list[str] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)


def given_by(one: Sighting, feed: Feed, model: str) -> tuple[Given, ...]:
    """The figures of a model that a structured source has."""
    return (Given(feed.title, model, one.given),) if feed.kind.structured and one.given else ()


class Audience:
    """Who subscribed to releases, read once in a transaction."""

    def __init__(
        self, services: Services, subscriptions: Sequence[Subscription], owners: Mapping[int, str]
    ) -> None:
        self._services, self._subscriptions, self._owners = services, subscriptions, owners

    @classmethod
    async def load(cls, connection: AsyncConnection, services: Services) -> "Audience":
        """All subscriptions to releases, with whose channel each is."""
        found = await receivers.subscriptions(connection, kind=KIND)
        owners = {one.id: one.owner for one in await receivers.receivers(connection)}
        return cls(services, found, owners)

    def of(self, message: Pending, without: Collection[int] = ()) -> list[Subscription]:
        """Who wants any of it, each channel once; none of `without`, who were told already."""
        found: dict[int, Subscription] = {}
        labs, title = self._services.releases.labs, message.by.title
        for one in self._subscriptions:
            whose = self._owners.get(one.receiver_id, "")
            if (message.owner and whose != message.owner) or one.receiver_id in without:
                continue
            if one.receiver_id not in found and any(
                _since(one, release)
                and wanted(release, labs, one.filters, title=title, rumour=message.rumour)
                for release in message.together
            ):
                found[one.receiver_id] = one
        return list(found.values())

    def any_of(self, owner: str) -> list[Subscription]:
        """A subscription of each of the owner's channels."""
        found = {s.receiver_id: s for s in self._subscriptions}
        return [s for key, s in sorted(found.items()) if self._owners.get(key) == owner]


def _since(subscription: Subscription, release: Release) -> bool:
    """Whether it is news to a channel that subscribed when it did."""
    ended = datetime.combine(release.released_on, _DAY_ENDS)
    made = subscription.created_at
    return made < release.known_at and made < ended + LATE


async def tell(
    connection: AsyncConnection,
    services: Services,
    message: Pending,
    to: Sequence[Subscription],
    now: datetime,
) -> None:
    """Enqueue it for each of these, and track what followed where all know of it."""
    if not message.rumour and not message.owner:
        await track(connection, services, message.together, now)
    if not to:
        return
    by = message.by
    account = Account(
        message.given, message.also, by.confidence, by.reason, by.words, rumour=message.rumour
    )
    facts = await told_facts(connection, services, message.together, now, account)
    for one in to:
        own = facts | {"mention": one.mention} if one.mention else facts
        await tell_news(connection, services, one, own, now)


async def tell_burst(
    connection: AsyncConnection,
    services: Services,
    feed: Feed,
    entries: int,
    models: Sequence[str],
    to: Sequence[Subscription],
    now: datetime,
) -> None:
    """Say in one line that a feed has listed so many entries at once."""
    facts = burst_facts(feed.title, entries, models, now)
    if feed.lab:
        facts["lab"] = feed.lab  # so that a silence of the lab covers it
    for one in to:
        await tell_news(connection, services, one, facts, now)


async def tell_off(
    connection: AsyncConnection, services: Services, feed: Feed, why: str, audience: Audience,
    now: datetime,
) -> None:  # fmt: skip
    """Say once to the channels of whoever chose a feed that it has been switched off."""
    facts = note_facts(
        f"The feed {feed.title} has been switched off",
        f"It has failed for two days: {why}. /feeds test shows what it answers now; "
        "/feeds add switches it on again.",
    )
    to = audience.any_of(feed.owner)
    for one in to:
        await tell_news(connection, services, one, facts, now)
    if not to:
        for receiver in await _first_of(connection, feed.owner):
            await tell_or_hold(connection, services, receiver.id, None, facts, now)


async def _first_of(connection: AsyncConnection, owner: str) -> list[Receiver]:
    """The channel that an owner was first known by, where it can be told."""
    found = [
        one
        for one in await receivers.receivers(connection)
        if one.owner == owner and one.disabled_reason is None
    ]
    return found[:1]
