"""The labelled headlines, read where they lie; nothing of them is copied into the project."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.model.feed import Entry
from bot.releases.families import FAMILIES, Family
from bot.releases.shape import Look, look
from bot.releases.speaker import feed_named


def _place() -> Path:
    """`shared/data` beside the project, or beside the copy that a worktree belongs to."""
    root = Path(__file__).resolve().parents[1]
    if (link := root / ".git").is_file():  # "gitdir: …/PROJECT/.git/worktrees/NAME"
        root = Path(link.read_text(encoding="utf-8").split(": ", 1)[1].strip()).parents[2]
    return root.parent / "shared" / "data"


DATA = _place()
ABSENT = f"the labelled headlines are not at {DATA}"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One headline with its labels. `part` is "headlines" or "feeds" (whole feeds)."""

    part: str
    date: str
    source: str
    entry: Entry
    release: bool
    ambiguous: bool
    lab: str
    model: str
    kind: str

    def seen(self, known: Mapping[str, Family] = FAMILIES) -> Look:
        """The entry taken apart, as `detect` does, by the families that are known."""
        return look(self.entry, feed_named(self.source, self.entry.url), known)

    def unheard(self) -> Look | None:
        """The same as if nobody had heard of the families in it; None where it has none."""
        named = {name.family for name in self.seen().names if name.family}
        if not named:
            return None
        known = {key: value for key, value in FAMILIES.items() if key not in named}
        return self.seen(known)


def _read(part: str, name: str) -> Iterable[Labelled]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Labelled(
                part, row["date"], row["source"],
                Entry("", "", row["title"], row["url"], row.get("summary") or ""),
                row["label"] == "release", row["ambiguous"] == "1",
                row.get("lab") or "", row.get("model") or "", row.get("kind") or "",
            )  # fmt: skip


def labelled() -> list[Labelled]:
    """Every labelled headline, and every headline of the whole feeds."""
    return [
        *_read("headlines", "headlines_to_2025.csv"),
        *_read("feeds", "whole_feeds_to_2025.csv"),
    ]


def distinct(rows: Iterable[Labelled]) -> list[Labelled]:
    """Rows to learn from: unambiguous, each (source, title) once."""
    found: dict[tuple[str, str], Labelled] = {}
    for row in rows:
        if not row.ambiguous:
            found.setdefault((row.source, row.entry.title), row)
    return list(found.values())
