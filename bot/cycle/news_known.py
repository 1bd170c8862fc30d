"""Which release does a sighting tell of: one that is known, or a new one?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha1
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.release import Release
from bot.releases import names, same
from bot.releases.renewed import SAME, renewed
from storage import releases, sightings
from storage.sightings import RUMOUR, Sighting

# Sources tell of the same release within this time; telling is over then.
WINDOW = timedelta(days=14)
# Point releases of one model on one day are one message.
ONE_DAY = timedelta(hours=24)
# A feed's date is taken for the release's within this time.
PLAUSIBLE = timedelta(days=45)


@dataclass
class Known:
    """The releases that are known, and the sightings of the last weeks that tell of one.

    `owners` are those of feeds by key, "" for shipped ones: what a feed that others chose says
    decides nothing for anybody else.
    """

    releases: dict[str, Release]
    recent: list[Sighting]
    owners: Mapping[str, str]
    _rumours: set[tuple[str, str, str]] = field(default_factory=set)
    _by_name: dict[tuple[str, str], str] = field(default_factory=dict)
    _undated: dict[tuple[str, str], str] = field(default_factory=dict)
    _first: dict[str, Sighting] = field(default_factory=dict)

    @classmethod
    async def load(
        cls, connection: AsyncConnection, now: datetime, owners: Mapping[str, str]
    ) -> "Known":
        """All that is known at `now`."""
        found = await releases.releases(connection, now)
        recent = await sightings.since(connection, now - WINDOW)
        heard = await sightings.since(connection, now - WINDOW, (RUMOUR,))
        known = cls({}, [], owners)
        for one in heard:
            known.whisper(one)
        for release in reversed(found):  # of two with one name the newest stands
            known.add(release)
        for one in recent:
            known.note(one)
        return known

    def add(self, release: Release) -> None:
        """A release is known from now on."""
        self.releases[release.key] = release
        name = names.canonical(release.lab, release.model)
        self._by_name[release.lab, name] = release.key
        self._undated[release.lab, names.bare(name)] = release.key

    def note(self, one: Sighting) -> None:
        """A sighting tells of a release from now on."""
        if one.release_key is not None:
            self.recent.append(one)
            self._first.setdefault(one.release_key, one)
            if not self._owner(one):
                self._by_name.setdefault(name_of(one), one.release_key)

    def whisper(self, one: Sighting) -> None:
        """A rumour is told from now on."""
        self._rumours.add((self._owner(one), *name_of(one)))

    def whispered(self, one: Sighting, owner: str) -> bool:
        """Whether this owner's channels were told of that rumour."""
        return any((whose, *name_of(one)) in self._rumours for whose in ("", owner))

    def _owner(self, one: Sighting) -> str:
        return self.owners.get(one.feed, "")

    def find(self, one: Sighting, owner: str = "", *, by_lab: bool = False) -> str | None:
        """The key of the release that it tells of, if that is known to all or to this owner.

        What the lab itself (`by_lab`) calls new under a name of long ago is another.
        """
        key = self.named(one)
        if key is not None:
            again = self._opened(one, key) or (by_lab and self._renewed(one, key))
            return None if again else key
        for other in reversed(self._seen_by(owner)):
            if same.is_same(one, other):
                return other.release_key
        return None

    def _opened(self, one: Sighting, key: str) -> bool:
        """Whether it says that the weights of a model are open that was closed for long: news."""
        before = self.releases.get(key)
        return (
            before is not None
            and before.open_weights is False
            and open_weights(one.given) is True
            and one.seen_at - before.known_at > WINDOW
        )

    def _renewed(self, one: Sighting, key: str) -> bool:
        """Whether it calls a model new that has been known by that name for long."""
        before = self.releases.get(key)
        return before is not None and renewed(one.title) and one.seen_at - before.known_at > SAME

    def named(self, one: Sighting) -> str | None:
        """The key of the release of just that name, if it is known to all.

        The full date of a snapshot is no part of the name while the release is new; later it says
        that the snapshot is another.
        """
        name = name_of(one)
        if names.is_family(name[1]):
            # "Claude" means the newest of them, not the first.
            return None
        if name in self._by_name:
            return self._by_name[name]
        key = self._undated.get(undated(one))
        near = key in self.releases and one.seen_at - self.releases[key].known_at <= WINDOW
        return key if near else None

    def lead(self, one: Sighting, owner: str = "") -> str | None:
        """A release of the same family, but another model, that its lab made on that day."""
        family = names.family(one.lab, one.model)
        for other in self._seen_by(owner):
            if (
                other.lab == one.lab
                and one.seen_at - other.seen_at < ONE_DAY
                and _one_day(one, other)
                and undated(other) != undated(one)
                and names.family(other.lab, other.model) == family
            ):
                return other.release_key
        return None

    def _seen_by(self, owner: str) -> list[Sighting]:
        """The sightings that this owner may know of."""
        return [
            one
            for one in self.recent
            if one.release_key is not None and self._owner(one) in ("", owner)
        ]

    def is_recent(self, key: str) -> bool:
        """Whether the release was found by a feed within the last weeks."""
        return key in self._first

    def own_of(self, one: Sighting) -> set[str]:
        """The keys by which own feeds told of the same release before everybody knew it."""
        return {
            other.release_key
            for other in self.recent
            if other.release_key is not None
            and is_own(other.release_key)
            and (name_of(other) == name_of(one) or same.is_same(one, other))
        }


def _one_day(one: Sighting, other: Sighting) -> bool:
    if one.published_at is None or other.published_at is None:
        return True
    return abs(one.published_at - other.published_at) <= ONE_DAY


def name_of(one: Sighting) -> tuple[str, str]:
    """Lab and normalised model."""
    return one.lab, names.canonical(one.lab, one.model)


def undated(one: Sighting) -> tuple[str, str]:
    """Lab and normalised model, without the full date of a snapshot."""
    return one.lab, names.bare(names.canonical(one.lab, one.model))


def own_key(owner: str, key: str) -> str:
    """The key of a release that only a community's own feed tells of."""
    return f"own/{owner_mark(owner)}/{key}"


def owner_mark(owner: str) -> str:
    """An owner, as it stands in the key of a release of its own: without slashes, and short."""
    return sha1(owner.encode(), usedforsecurity=False).hexdigest()[:16]


def is_own(key: str, owner: str | None = None) -> bool:
    """Whether the key is of a community's own release; with `owner`, of that one's."""
    prefix = "own/" if owner is None else f"own/{owner_mark(owner)}/"
    return key.startswith(prefix)


def release_of(one: Sighting, source: str, now: datetime) -> Release:
    """The release that a sighting is the first to tell of. It is known from `now` on."""
    day = released_on(one.published_at, now)
    named = one.model.lower().replace("+", "-plus")  # "Command R+" is not "Command R"
    slug = re.sub(r"[^\w.]+", "-", named).strip("-")
    return Release(
        key=f"{one.lab}/{slug}/{day.isoformat()}"[:200],
        lab=one.lab,
        model=one.model,
        kind=one.kind,
        released_on=day,
        known_at=now,
        open_weights=open_weights(one.given),
        source=source,
        url=one.url,
    )


def released_on(published: datetime | None, now: datetime) -> date:
    """The day that a feed gives, where it can be true; today otherwise."""
    if published is None or not now - PLAUSIBLE <= published <= now:
        return now.date()
    return published.date()


def open_weights(given: Any) -> bool | None:
    """What a sighting says of the weights."""
    said = given.get("open_weights")
    return said if isinstance(said, bool) else None


async def unheard(connection: AsyncConnection, shipped: Sequence[Release]) -> list[Release]:
    """Of releases that ship with the program, those that no feed has told of already."""
    heard = await sightings.heard(connection)
    if not heard:
        return list(shipped)
    told = {(lab, names.canonical(lab, model)) for lab, model in heard}
    return [one for one in shipped if (one.lab, names.canonical(one.lab, one.model)) not in told]
