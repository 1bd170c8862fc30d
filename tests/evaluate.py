"""How well releases are told from other news: `make evaluate`.

Trains on the labelled headlines before a date and tests on those after it, for several dates, and
once with every source left out in turn. `--write` trains on all of them and writes the weights
that are shipped. `--errors` prints the headlines that were judged wrongly in the last split.
"""

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from bot.model.feed import Entry
from bot.releases.detect import DOUBTFUL, SURE, judge
from bot.releases.families import FAMILIES
from bot.releases.shape import look
from bot.releases.speaker import feed_named
from bot.releases.weights import chance, log_odds
from tests.labelled import ABSENT, DATA, Labelled, distinct, labelled
from tests.made_up import made_up
from tests.training import train

CUTS = ("2025-03-01", "2025-07-01", "2025-10-01")
WEIGHTS = Path(__file__).parents[1] / "bot" / "shipped" / "detect_weights.json"
L2 = 3.0
HALF = 0.5
# Releases are rarer in a feed than among the headlines learnt from.
PRIOR = 0.3


def learn(rows: Sequence[Labelled]) -> dict[str, float]:
    """Weights from labelled rows, from the same with families unheard of, and from made-up ones.

    Every family of today is known; those of tomorrow are not. A row whose family is taken from
    the table, at half the weight, teaches what a release of a new family looks like.
    """
    learnt: list[tuple[Mapping[str, float], bool, float]] = []
    for row in distinct(rows):
        learnt.append((row.seen().features, row.release, 1.0))
        if (unheard := row.unheard()) is not None:
            learnt.append((unheard.features, row.release, HALF))
    for release, source, title in made_up():
        seen = look(Entry("", "", title), feed_named(source))
        learnt.append((seen.features, release, HALF))
    features, labels, shares = zip(*learnt, strict=True)
    weights = train(features, labels, weights=shares, l2=L2, at_least=3)
    weights[""] -= PRIOR
    return weights


def chances(weights: Mapping[str, float], rows: Sequence[Labelled]) -> list[float]:
    """The chance of being a release, by row."""
    return [chance(log_odds(weights, row.seen().features)) for row in rows]


def figures(
    rows: Sequence[Labelled], likely: Sequence[float], at: float = 0.5
) -> tuple[float, ...]:
    """(precision, recall, F1) where a release is what has a chance of at least `at`."""
    called = sum(one >= at for one in likely)
    right = sum(one >= at and row.release for row, one in zip(rows, likely, strict=True))
    precision = right / called if called else 1.0
    recall = right / max(1, sum(row.release for row in rows))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def after(rows: Sequence[Labelled], cut: str, part: str) -> list[Labelled]:
    """The unambiguous rows of one part from a date on."""
    return [row for row in rows if row.part == part and row.date >= cut and not row.ambiguous]


def _line(name: str, rows: Sequence[Labelled], likely: Sequence[float]) -> str:
    p, r, f = figures(rows, likely)
    sp, sr, _ = figures(rows, likely, SURE)
    positives = sum(row.release for row in rows)
    return (
        f"{name:<42}{len(rows):>5}{positives:>5}   {p:.3f}  {r:.3f}  {f:.3f}   {sp:.3f}  {sr:.3f}"
    )


def _splits(rows: Sequence[Labelled], show: bool) -> None:
    print(f"{'':<42}{'rows':>5}{'rel':>5}   prec.  rec.   F1      at {SURE}: prec., rec.")
    for cut in CUTS:
        earlier = [row for row in rows if row.date < cut]
        weights = learn(earlier)
        text = " ".join(f"{row.entry.title} {row.entry.summary}" for row in earlier).lower()
        known = {name: family for name, family in FAMILIES.items() if name in text}
        for part in ("headlines", "feeds"):
            tested = after(rows, cut, part)
            likely = chances(weights, tested)
            print(_line(f"{part}, learnt to {cut}", tested, likely))
            blind = [chance(log_odds(weights, row.seen(known).features)) for row in tested]
            print(_line("  families first heard of later taken out", tested, blind))
            if cut == CUTS[-1] or show:
                _confusion(tested, likely, show)


def _confusion(rows: Sequence[Labelled], likely: Sequence[float], show: bool) -> None:
    wrong = [
        (one, row) for row, one in zip(rows, likely, strict=True) if (one >= 0.5) != row.release
    ]
    counted = Counter(
        f"{'missed' if row.release else 'taken for one'}: {row.kind or 'unlabelled'}"
        for _, row in wrong
    )
    for what, count in counted.most_common():
        print(f"    {count:>3} {what}")
    if show:
        for one, row in sorted(wrong, key=lambda pair: pair[0]):
            print(f"      {one:.2f} {row.source} | {row.entry.title[:110]}")


def _left_out(rows: Sequence[Labelled]) -> None:
    total: list[Labelled] = []
    likely: list[float] = []
    for source in sorted({row.source for row in rows}):
        tested = [row for row in distinct(rows) if row.source == source]
        if len(tested) < 8:
            continue
        total += tested
        likely += chances(learn([row for row in rows if row.source != source]), tested)
    print(_line("each source left out in turn", total, likely))


def _calibration(rows: Sequence[Labelled]) -> None:
    cut = CUTS[1]
    weights = learn([row for row in rows if row.date < cut])
    tested = distinct([row for row in rows if row.date >= cut])
    likely = chances(weights, tested)
    edges = (0.0, 0.1, DOUBTFUL, 0.5, SURE, 0.9, 1.01)
    print(f"chance given against share that were releases, learnt to {cut}")
    for low, high in pairwise(edges):
        inside = [row.release for row, one in zip(tested, likely, strict=True) if low <= one < high]
        if inside:
            share = sum(inside) / len(inside)
            print(f"    {low:.2f} to {min(high, 1):.2f}: {share:.2f} of {len(inside)}")


def letters(text: str) -> str:
    """A name with its marks and spaces left out, to compare names by."""
    return "".join(mark for mark in text.lower() if mark.isalnum())


def same_model(found: str, labelled_as: str) -> bool:
    """Whether a found name is one of the labelled ones, or is one's beginning."""
    if not found:
        return False
    wanted = [letters(part) for part in labelled_as.replace(";", ",").split("(")[0].split(",")]
    got = letters(found)
    return any(got == one or (one and (one in got or got in one)) for one in wanted)


def named(rows: Sequence[Labelled], show: bool = False) -> tuple[float, float]:
    """Shares of releases whose lab, and whose model, is named as labelled."""
    releases = [r for r in rows if r.part == "headlines" and r.release and not r.ambiguous]
    labs = models = 0
    for row in releases:
        found = judge(row.entry, feed_named(row.source, row.entry.url))
        labs += found.lab == row.lab
        models += same_model(found.model, row.model)
        if show and (found.lab != row.lab or not same_model(found.model, row.model)):
            print(f"      {row.entry.title[:80]} | {found.lab} | {found.model} | {row.model}")
    return labs / len(releases), models / len(releases)


def write(rows: Sequence[Labelled]) -> None:
    """Learn from everything and write what is shipped."""
    used = distinct(rows)
    weights = {key: round(value, 3) for key, value in learn(rows).items()}
    kept = {key: value for key, value in sorted(weights.items()) if abs(value) >= 0.02 or not key}
    told = {
        "what": "weights of bot/releases/detect.py: logistic regression on the features of "
        "bot/releases/shape.py",
        "how": f"python -m tests.evaluate --write (tests/training.py, L2 {L2:g})",
        "learnt_from": f"{len(used)} labelled headlines, {sum(r.release for r in used)} releases",
        "learnt_to": max(row.date for row in used),
    }
    text = json.dumps({**told, "weights": kept}, ensure_ascii=False, indent=0)
    WEIGHTS.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {len(kept)} weights to {WEIGHTS.name}")


def main() -> int:
    """Print the figures; 0 when they could be computed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--write", action="store_true", help="train on everything and write")
    asked.add_argument("--errors", action="store_true", help="print what was judged wrongly")
    options = asked.parse_args()
    if not (DATA / "headlines_to_2025.csv").is_file():
        print(f"Nothing to evaluate: {ABSENT}")
        return 0
    rows = labelled()
    if options.write:
        write(rows)
        return 0
    _splits(rows, options.errors)
    _left_out(rows)
    _calibration(rows)
    labs, models = named(rows, options.errors)
    print(f"lab named rightly: {labs:.3f}; model: {models:.3f} (of labelled releases)")
    return 0 if math.isfinite(labs) else 1


if __name__ == "__main__":
    sys.exit(main())
