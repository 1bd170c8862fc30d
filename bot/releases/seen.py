"""Which entries of a feed are new? Never by a date: publishers change those. Pure.

An entry is known by several marks, each a digest; it is new only where none of them is known.
So a feed that gives all its entries new ids, or corrects a title, has nothing new.
"""

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from hashlib import sha1

from bot.model.feed import Entry

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Marked:
    """An entry and the digests that it is known by; the first is its identity."""

    entry: Entry
    marks: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Its identity within its feed."""
        return self.marks[0]


@dataclass(frozen=True, slots=True)
class New:
    """What a look at a feed found.

    `fresh` are the new entries in the feed's order, one for each identity. `marks` are all that
    are to be remembered, those of known entries too; `listed` those that are remembered already.
    `seeding` where it was the first look, of which nothing is told. `shrunk` says in words that the
    feed is much smaller than it was; its size must not be taken for its usual one then.
    """

    fresh: tuple[Marked, ...] = ()
    marks: tuple[str, ...] = ()
    seeding: bool = False
    shrunk: str = ""
    size: int = field(default=0)
    listed: tuple[str, ...] = ()


def new_entries(entries: Sequence[Entry], known: Set[str], *, seeded: bool, usual: int = 0) -> New:
    """What is new in a feed that had `usual` entries before, where `known` are remembered.

    An empty first answer seeds nothing: all that a feed holds would be new the next time.
    """
    every = marked(entries)
    size = len(every)
    shrunk = _shrunk(size, usual) if seeded else ""
    unknown = tuple(one for one in every if known.isdisjoint(one.marks))
    there = {mark for one in every for mark in one.marks}
    marks, listed = tuple(sorted(there - known)), tuple(sorted(there & known))
    if not seeded:
        return New((), marks, bool(every), shrunk, size, listed)
    return New(unknown, marks, False, shrunk, usual if shrunk else size, listed)


def _shrunk(size: int, usual: int) -> str:
    if usual and not size:
        return f"it is empty, where it had {usual} entries"
    if usual >= 4 and size * 2 < usual:
        return f"it lists {size} of the {usual} entries that it had"
    return ""


def marked(entries: Sequence[Entry]) -> list[Marked]:
    """The entries with what they are known by; those with the same identity are one."""
    ids = Counter(one for one, _title in {(e.id, _plain(e.title)) for e in entries if e.id})
    links = Counter(one for one, _title in {(e.url, _plain(e.title)) for e in entries if e.url})
    alone = len(entries) == 1  # whose link may be the page of all that follows
    found: dict[str, Marked] = {}
    for entry in entries:
        marks = _marks(
            entry, shared_id=ids[entry.id] > 1, shared_link=alone or links[entry.url] > 1
        )
        found.setdefault(marks[0], Marked(entry, marks))
    return list(found.values())


def _marks(entry: Entry, *, shared_id: bool, shared_link: bool) -> tuple[str, ...]:
    title = _plain(entry.title)
    page = _digest("page", entry.url, title)
    if entry.id and shared_id:
        return _digest("id", entry.id, title), page
    if entry.id:
        return _digest("id", entry.id), page
    if not entry.url or shared_link:
        return (page,)
    # A title that is corrected keeps its link and its numbers; another version has other numbers.
    return page, _digest("link", entry.url, *_NUMBER.findall(title))


def _plain(title: str) -> str:
    return _SPACE.sub(" ", title).strip().casefold()


def _digest(*parts: str) -> str:
    return sha1("\x1f".join(parts).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
