"""Which releases are told in one message: variants of one model that came on one day. Pure."""

from collections.abc import Hashable, Iterable

from bot.model.release import Release
from bot.releases.names import family


def told_together(releases: Iterable[Release]) -> list[tuple[Release, ...]]:
    """The releases in the order in which they became known, those of one message side by side.

    "GPT-4.1", "GPT-4.1 mini" and "GPT-4.1 nano" are one message; the plainest name leads.
    """
    groups: dict[Hashable, list[Release]] = {}
    for one in sorted(releases, key=lambda r: (r.known_at, r.key)):
        groups.setdefault(event_of(one), []).append(one)
    return [tuple(sorted(group, key=_plainest)) for group in groups.values()]


def event_of(release: Release) -> Hashable:
    """What a release and its own variants of that day have in common, and no other."""
    name = family(release.lab, release.model)
    return release.lab, name, release.kind, release.released_on


def _plainest(release: Release) -> tuple[int, str]:
    return len(release.model), release.model
