"""Do two sightings tell of the same release, and why? Pure.

A name decides before a link: some pages announce every model under one address. Dates only
narrow: publishers rewrite them, so what was seen counts where the two are far apart.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from bot.releases import names as spelling
from bot.releases.lab_names import plain
from bot.releases.links import is_listing, same_page
from bot.releases.names import bare, is_soft, is_stamp
from bot.releases.subject import CLAIMS, Told, names_of, said_in_short, subject

# How long the same name means the same release; what only speaks of it may come much later.
NAME_DAYS = 21.0
MENTION_DAYS = 180.0
SURE_DAYS = 90.0
# Variants that come out within a day are one release; a name said in short may come a bit later.
FAMILY_DAYS = 1.0
SHORT_DAYS = 3.0
PAGE_DAYS = 30.0
TITLE_DAYS = 7.0
# An entry that is no release speaks of the last one of its family.
COVERAGE_DAYS = 61.0
# A publisher's date is believed if it is this close to when the entry was seen.
_BELIEVED = timedelta(days=60)


class Tie(IntEnum):
    """How strongly two sightings belong together."""

    NONE = 0
    COVERAGE = 1
    SHORT = 2
    DAY = 3
    TITLE = 4
    PAGE = 5
    NAME = 6


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two sightings belong together, and why, in words."""

    tie: Tie
    reason: str = ""


_NOT = Likeness(Tie.NONE)


def is_same(a: Told, b: Told) -> bool:
    """Whether both tell of one release, which is told once."""
    return likeness(a, b).tie > Tie.COVERAGE


def likeness(a: Told, b: Told) -> Likeness:
    """How, and why, two sightings belong together."""
    days = days_apart(a, b)
    both_releases = a.state in CLAIMS and b.state in CLAIMS
    if days > (PAGE_DAYS if both_releases else MENTION_DAYS):
        return _NOT
    mine, theirs = names_of(a), names_of(b)
    shared = _shared(mine, theirs)
    labs = {subject(a).lab, subject(b).lab} - {""}
    if len(labs) > 1 and not any(re.search(r"\d", name) for name in shared):
        return _NOT
    if shared and days <= NAME_DAYS:
        return Likeness(Tie.NAME, f"the same name, {shared[0]}")
    if days <= PAGE_DAYS and _on_one_page(a, b):
        return Likeness(Tie.PAGE, f"the same page, {same_page(a.url)}")
    if shared and not both_releases:
        return _mention(a, b, days, shared[0])
    if mine and theirs:
        return _by_family(a, b, days)
    if days <= TITLE_DAYS and overlap(a.title, b.title) >= 0.75:
        return Likeness(Tie.TITLE, "nearly the same title")
    return _NOT


def days_apart(a: Told, b: Told) -> float:
    """Days between two sightings."""
    return abs((when(a) - when(b)).total_seconds()) / 86_400


def when(sighting: Told) -> datetime:
    """The moment to compare by: the publisher's, unless it is far from when it was seen."""
    at = sighting.published_at
    if at is not None and abs(sighting.seen_at - at) <= _BELIEVED:
        return at
    return sighting.seen_at


def family(model: str, lab: str = "") -> str:
    """The release whose variants of one day are one message: of "Qwen3-32B" "qwen-3"."""
    return spelling.family(lab, model)


def families_of(sighting: Told) -> frozenset[str]:
    """The families of the models that a sighting is about."""
    return frozenset(family(name, sighting.lab) for name in names_of(sighting))


def overlap(one: str, other: str) -> float:
    """How far two titles consist of the same words, from 0 to 1; 0 where they are too short."""
    mine, theirs = _words(one), _words(other)
    if min(len(mine), len(theirs)) < 3:
        return 0.0
    return len(mine & theirs) / len(mine | theirs)


def _words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9.]+|[\u3400-\u9fff]", plain(title)))


def _shared(mine: Collection[str], theirs: Collection[str]) -> list[str]:
    """Names in common; a snapshot's full date may be missing on one side, but not differ."""
    found = [name for name in mine if name in theirs]
    if found:
        return found
    dated = {name for name in mine if bare(name) != name}
    other = {name for name in theirs if bare(name) != name}
    return [
        bare(name)
        for name in mine
        if (name in dated and bare(name) in theirs)
        or (name not in dated and any(bare(full) == name for full in other))
    ]


def _on_one_page(a: Told, b: Told) -> bool:
    page = same_page(a.url)
    if not page or page != same_page(b.url) or is_listing(a.url):
        return False
    # One feed that gives one link to different models has a page for all of them.
    return a.feed != b.feed or not (names_of(a) and names_of(b))


def _mention(a: Told, b: Told, days: float, name: str) -> Likeness:
    """The same name, later: nearly sure for weeks, then a newer release may be meant."""
    if not {a.state, b.state} & CLAIMS and days > COVERAGE_DAYS:
        return _NOT
    tie = Tie.NAME if days <= SURE_DAYS else Tie.COVERAGE
    return Likeness(tie, f"speaks of {name}")


def _by_family(a: Told, b: Told, days: float) -> Likeness:
    common = sorted(families_of(a) & families_of(b))
    if not common:
        return _NOT
    releases = (a.state in CLAIMS) + (b.state in CLAIMS)
    if releases == 2 and days <= FAMILY_DAYS:
        return Likeness(Tie.DAY, f"variants of {common[0]} within a day")
    missing = _left_out(names_of(a), names_of(b))
    if missing is None:
        return _NOT
    if any(is_stamp(token) for token in missing) and (releases == 2 or days > TITLE_DAYS):
        # "R1" in the days after R1-0528 is that one; else a date means another release.
        return _NOT
    said = said_in_short(a) + said_in_short(b)
    in_title = bool(_shared(said, names_of(a) + names_of(b)))
    if releases == 2:
        # A size that comes days after another is a release of its own.
        soft = all(is_soft(token) for token in missing) and _in_short(names_of(a), names_of(b))
        in_short = days <= (TITLE_DAYS if in_title else SHORT_DAYS if soft else 0.0)
        tie = Tie.SHORT if in_short else Tie.NONE
    elif releases == 1 and days <= COVERAGE_DAYS:
        dated = any(is_stamp(token) for token in missing)
        tie = Tie.SHORT if in_title or dated else Tie.COVERAGE
    else:
        tie = Tie.NONE
    return Likeness(tie, f"{common[0]} in short") if tie else _NOT


def _left_out(mine: Collection[str], theirs: Collection[str]) -> frozenset[str] | None:
    """What a name of one side leaves out of a name of the other; None where neither does.

    Sizes and packings may also differ, as in "M1-40k" and "M1-80k".
    """
    return min(
        (
            one ^ other
            for one in (frozenset(name.split("-")) for name in mine)
            for other in (frozenset(name.split("-")) for name in theirs)
            if one < other or other < one or all(is_soft(token) for token in one ^ other)
        ),
        key=lambda missing: (len(missing), sorted(missing)),
        default=None,
    )


def _in_short(mine: Collection[str], theirs: Collection[str]) -> bool:
    return any(
        frozenset(one.split("-")) < frozenset(other.split("-"))
        or frozenset(other.split("-")) < frozenset(one.split("-"))
        for one in mine
        for other in theirs
    )
