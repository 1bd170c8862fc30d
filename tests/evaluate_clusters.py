"""`make evaluate`, second part: is one release one story, measured on labelled headlines?

Headlines lie beside the project and are not shipped; without them there is nothing to measure.
"""

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from bot.model.feed import Entry
from bot.releases.clusters import cluster
from bot.releases.detect import judge
from bot.releases.lab_names import lab_of
from bot.releases.mentions import named_in
from bot.releases.shipped import load_labs
from bot.releases.speaker import feed_named
from tests.labelled import ABSENT, DATA

PRECISION, RECALL = 0.95, 0.90
HEADLINES = DATA / "headlines_to_2025.csv"


@dataclass(frozen=True, slots=True)
class Headline:
    """A labelled headline, with the parts of a sighting that are compared."""

    id: str
    feed: str
    title: str
    summary: str
    url: str
    lab: str
    model: str
    state: str
    seen_at: datetime
    published_at: datetime | None
    group: str


@dataclass(frozen=True, slots=True)
class Score:
    """Of the pairs put together, how many belong together; of those, how many were."""

    precision: float
    recall: float
    pairs: int
    wrong: tuple[tuple[Headline, Headline], ...]
    missed: tuple[tuple[Headline, Headline], ...]


def headlines(path: Path = HEADLINES, *, ambiguous: bool = True) -> list[Headline]:
    """The headlines about a release, with the labelled names of models."""
    with path.open(encoding="utf-8") as file:
        return [
            _headline(row)
            for row in csv.DictReader(file)
            # Without a date nobody knows when it would have been seen.
            if row["cluster"] and row["date"] and (ambiguous or not row["ambiguous"])
        ]


def by_title(rows: Iterable[Headline]) -> list[Headline]:
    """The same with lab and model as their titles, addresses and summaries give them."""
    labs = load_labs()
    found = []
    for row in rows:
        lab = lab_of(row.title, labs) or feed_named(row.feed, row.url).lab
        names = named_in(row.title, lab, row.url)
        if not names and row.state == "release":
            lab = lab or lab_of(row.summary, labs)
            names = named_in(row.summary, lab)
        found.append(replace(row, lab=lab, model=names[0] if names else ""))
    return found


def by_detect(rows: Iterable[Headline]) -> list[Headline]:
    """The same with lab and model as the program finds them."""
    labs = load_labs()
    found = []
    for row in rows:
        entry = Entry(row.feed, "", row.title, row.url, row.summary, row.published_at)
        judged = judge(entry, feed_named(row.feed, row.url), labs)
        found.append(replace(row, lab=judged.lab, model=judged.model))
    return found


def score(rows: Sequence[Headline]) -> Score:
    """How well the clusters of `rows` agree with the labelled ones, over all pairs."""
    made = {row.id: number for number, group in enumerate(cluster(rows)) for row in group}
    pairs = list(combinations(rows, 2))
    wrong = tuple(p for p in pairs if made[p[0].id] == made[p[1].id] and p[0].group != p[1].group)
    missed = tuple(p for p in pairs if made[p[0].id] != made[p[1].id] and p[0].group == p[1].group)
    true = sum(1 for a, b in pairs if a.group == b.group) - len(missed)
    joined, real = true + len(wrong), true + len(missed)
    return Score(
        true / joined if joined else 1.0, true / real if real else 1.0, real, wrong, missed
    )


def _headline(row: dict[str, str]) -> Headline:
    day = _day(row["date"])
    feed = feed_named(row["source"], row["url"])
    lab = row["lab"] or lab_of(row["title"], load_labs()) or feed.lab
    return Headline(
        row["id"],
        row["source"],
        row["title"],
        row["summary"],
        row["url"],
        lab,
        row["model"],
        row["label"] if row["label"] == "release" else "other",
        day,
        day,
        row["cluster"],
    )


def _day(text: str) -> datetime:
    """A date; the middle of a month where no day is given."""
    parts = [int(part) for part in text.split("-") if part]
    return datetime(parts[0], parts[1], parts[2] if len(parts) > 2 else 15, tzinfo=UTC)


def main() -> int:
    """Print the scores; with `--show` also what went wrong."""
    if not HEADLINES.is_file():
        print(f"No clusters to evaluate: {ABSENT}")
        return 0
    everything = headlines()
    releases = [row for row in everything if row.state == "release"]
    failed = False
    for what, some in (("releases", releases), ("all about releases", everything)):
        for how, rows in (
            ("names as labelled", some),
            ("names from titles", by_title(some)),
            ("names as detected", by_detect(some)),
        ):
            found = score(rows)
            failed |= found.precision < PRECISION or found.recall < RECALL
            print(
                f"{what}, {how}: precision {found.precision:.3f}, recall {found.recall:.3f}"
                f" over {found.pairs} pairs of {len(rows)} headlines"
            )
            if what == "releases":
                groups = len({row.group for row in rows})
                print(f"  {len(cluster(rows))} messages for {groups} releases")
            if "--show" in sys.argv:
                _show(found)
    return int(failed)


def _show(found: Score) -> None:
    for kind, pairs in (("wrong", found.wrong), ("missed", found.missed)):
        for a, b in pairs:
            print(f"  {kind}: {a.title[:50]!r} ({a.model}) | {b.title[:50]!r} ({b.model})")


if __name__ == "__main__":
    raise SystemExit(main())
