"""/releases timeline: how often labs release, as a picture and a table."""

from collections import Counter
from datetime import date

from bot.answers.releases import footer, known_releases, lab_key, lab_name
from bot.cards.timeline import timeline_chart
from bot.errors import UserError
from bot.model.card import Card, Table
from bot.model.wording import count, day
from bot.releases.cadence import Cadence, cadence
from bot.services import Request

MOST_LABS = 15


async def timeline(request: Request) -> Card:
    """Models by lab, the median days between them and the days since the last."""
    months, lab = request.options["months"], request.options.get("lab")
    every, until = await known_releases(request)
    start = _before(until, months)
    found = [one for one in every if one.released_on > start]
    if lab is not None:
        key = lab_key(lab, request)
        found = [one for one in found if one.lab == key]
    if request.options.get("open_only"):
        found = [one for one in found if one.open_weights is True]
    if not found:
        raise UserError(f"No such release is known from {day(start)} to {day(until)}.")
    order = [key for key, _number in Counter(one.lab for one in found).most_common()]
    by_lab = {key: [one for one in found if one.lab == key] for key in order}
    cadences = {key: cadence((r.released_on for r in by_lab[key]), until) for key in order}
    shown = order[:MOST_LABS]
    rest = len(order) - len(shown)
    source = footer(found, request, until)
    return Card(
        title=_title(len(found), months, until, None if lab is None else cadences[order[0]]),
        table=Table(
            columns=("lab", "models", "median gap", "since last", "last model"),
            rows=tuple(
                (
                    lab_name(key, request),
                    str(len(by_lab[key])),
                    _between(cadences[key]),
                    count(cadences[key].since, "day"),
                    by_lab[key][0].model,
                )
                for key in shown
            ),
            numeric=frozenset({1, 2, 3}),
            note=f"… {count(rest, 'more lab')}" if rest else "",
        ),
        chart=timeline_chart(
            by_lab, cadences, request.services.releases.labs, (start, until), source.split(";")[0]
        ),
        footer=source,
        facts={
            "from": start.isoformat(),
            "to": until.isoformat(),
            "labs": [
                {
                    "lab": key,
                    "releases": len(by_lab[key]),
                    "median_days_between": cadences[key].between,
                    "days_since_last": cadences[key].since,
                    "last": by_lab[key][0].model,
                }
                for key in shown
            ],
        },
    )


def _before(until: date, months: int) -> date:
    """The day so many months before."""
    total = until.year * 12 + until.month - 1 - months
    return date(total // 12, total % 12 + 1, min(until.day, 28))


def _title(number: int, months: int, until: date, one: Cadence | None) -> str:
    text = f"{count(number, 'release')} in {count(months, 'month')} to {day(until)}"
    if one is None or one.between is None:
        return text
    return f"{text}: one every {one.between:g} days, the last {count(one.since, 'day')} before"


def _between(one: Cadence) -> str:
    return "–" if one.between is None else f"{one.between:g} days"
