"""Which releases are told in one message: variants of one model that came on one day. Pure."""

from collections.abc import Iterable

from bot.model.release import Release
from bot.releases.names import family


def told_together(releases: Iterable[Release]) -> list[tuple[Release, ...]]:
    """The releases in the order in which they became known, those of one message side by side.

    "GPT-4.1", "GPT-4.1 mini" and "GPT-4.1 nano" are one message; the plainest name leads.
    """
    groups: dict[tuple[str, ...], list[Release]] = {}
    for one in sorted(releases, key=lambda r: (r.known_at, r.key)):
        of = (one.lab, family(one.lab, one.model), one.kind, one.released_on.isoformat())
        groups.setdefault(of, []).append(one)
    return [tuple(sorted(group, key=_plainest)) for group in groups.values()]


def _plainest(release: Release) -> tuple[int, str]:
    return len(release.model), release.model
