"""Releases → the picture of their timeline. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from bot.model.basket import Lab
from bot.model.card import Dot, Lane, TimelineChart
from bot.model.release import Release
from bot.model.wording import count, day
from bot.releases.cadence import Cadence

MOST_LANES = 12
MOST_NAMED = 5


def timeline_chart(
    by_lab: Mapping[str, Sequence[Release]],
    cadences: Mapping[str, Cadence],
    labs: Mapping[str, Lab],
    span: tuple[date, date],
    source: str,
) -> TimelineChart:
    """A lane per lab, in the order given, as many as are told apart at a glance."""
    start, end = span
    shown = list(by_lab)[:MOST_LANES]
    names = {key: labs[key].name if key in labs else key for key in shown}
    left = len(by_lab) - len(shown)
    title = f"{names[shown[0]]}: releases" if len(by_lab) == 1 else "Model releases by lab"
    if left:
        title += f" (the {len(shown)} with most of {len(by_lab)})"
    return TimelineChart(
        title,
        start,
        end,
        tuple(Lane(names[key], _dots(by_lab[key]), _short(cadences[key], end)) for key in shown),
        _alt(by_lab, cadences, names, span),
        source,
    )


def _dots(found: Sequence[Release]) -> tuple[Dot, ...]:
    """A dot per day and kind of weights, oldest first, named after one and how many more."""
    groups: dict[tuple[date, bool | None], list[str]] = {}
    for one in sorted(found, key=lambda r: (r.released_on, r.model)):
        groups.setdefault((one.released_on, one.open_weights), []).append(one.model)
    return tuple(
        Dot(when, names[0] + (f" +{len(names) - 1}" if len(names) > 1 else ""), weights)
        for (when, weights), names in groups.items()
    )


def _short(one: Cadence, until: date) -> str:
    """The last one's day: "ago" would count from the list's end, not from when it is read."""
    when = until - timedelta(days=one.since)
    last = f"last {when:%-d %b}" if one.since < 300 else f"last {when:%b %Y}"
    return last if one.between is None else f"every {one.between:.0f} d, {last}"


def _alt(
    by_lab: Mapping[str, Sequence[Release]],
    cadences: Mapping[str, Cadence],
    names: Mapping[str, str],
    span: tuple[date, date],
) -> str:
    parts = []
    for key in list(names)[:MOST_NAMED]:
        newest = max(by_lab[key], key=lambda r: r.released_on)
        open_ = sum(one.open_weights is True for one in by_lab[key])
        parts.append(
            f"{names[key]} {count(len(by_lab[key]), 'model')}, {open_} with open weights, the last "
            f"{newest.model} {count(cadences[key].since, 'day')} before the end"
        )
    rest = len(by_lab) - len(parts)
    if rest:
        parts.append(count(rest, "more lab"))
    return f"Releases from {day(span[0])} to {day(span[1])}: {'; '.join(parts)}."
