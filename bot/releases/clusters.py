"""Which sightings are one story? Pure, and the same whatever order they come in."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from bot.releases.same import TITLE_DAYS, Likeness, Tie, days_apart, likeness, when
from bot.releases.subject import CLAIMS, Told, names_of, subject

TALK_DAYS = 10
T = TypeVar("T", bound=Told)


def cluster(sightings: Iterable[T]) -> list[list[T]]:
    """Groups of sightings of one release each, oldest first, in groups as within them.

    What has no company is a group of its own.
    """
    groups: list[list[T]] = []
    for sighting in sorted(sightings, key=_order):
        place, _ = best(sighting, groups)
        if place is None:
            groups.append([sighting])
        else:
            groups[place].append(sighting)
    return groups


def best(sighting: Told, groups: Sequence[Sequence[Told]]) -> tuple[int | None, Likeness]:
    """The group that a sighting belongs to most, by its place, and why; None for a new one."""
    found: tuple[int | None, Likeness] = (None, Likeness(Tie.NONE))
    highest: tuple[int, float] = (Tie.NONE, 0.0)
    for place, group in enumerate(groups):
        like, days = _to_group(sighting, group)
        if like.tie and (like.tie, -days) > highest:
            found, highest = (place, like), (like.tie, -days)
    if found[0] is None and sighting.state not in CLAIMS and not names_of(sighting):
        return _talk(sighting, groups)
    return found


def _to_group(sighting: Told, group: Sequence[Told]) -> tuple[Likeness, float]:
    """To the closest member."""
    like, days = Likeness(Tie.NONE), 0.0
    first = min((one for one in group if one.state in CLAIMS), key=when, default=group[0])
    for member in group:
        both_releases = sighting.state in CLAIMS and member.state in CLAIMS
        one = likeness(sighting, member)
        if one.tie < like.tie or not one.tie:
            continue
        if one.tie <= Tie.DAY and both_releases and days_apart(sighting, first) > TITLE_DAYS:
            # Day by day a family would grow into one endless release.
            continue
        apart = days_apart(sighting, member)
        if one.tie > like.tie or apart < days:
            like, days = one, apart
    return like, days


def _talk(sighting: Told, groups: Sequence[Sequence[Told]]) -> tuple[int | None, Likeness]:
    """What names a lab but no model is about the lab's most told release of these days."""
    about = subject(sighting).lab
    told = [
        (len(group), place)
        for place, group in enumerate(groups)
        if about
        and any(
            member.state in CLAIMS
            and subject(member).lab == about
            and 0 <= (when(sighting) - when(member)).total_seconds() <= TALK_DAYS * 86_400
            for member in group
        )
    ]
    if not told:
        return None, Likeness(Tie.NONE)
    return max(told)[1], Likeness(Tie.COVERAGE, f"speaks of {about} days after its release")


def _order(sighting: Told) -> tuple[object, ...]:
    """Releases before what is said about them on the same day."""
    day = when(sighting)
    return (
        day.date(),
        sighting.state not in CLAIMS,
        day,
        sighting.lab,
        sighting.model,
        sighting.title,
        sighting.url,
        sighting.feed,
    )
