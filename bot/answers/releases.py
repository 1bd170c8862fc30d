"""/releases: model releases, from the list that ships with the program."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from itertools import pairwise

from bot.errors import UserError
from bot.model.card import Card, Table
from bot.model.release import Release
from bot.model.wording import count, day, listing
from bot.services import Request
from storage import releases

MOST_FOUND = 25
MOST_LABS = 15
# "GPT-4o" is GPT, 4 and o; "OpenAI" is Open and AI.
_WORDS = re.compile(r"[A-Z]+[^\W\dA-Z_]*|[^\W\dA-Z_]+|[\d.]+")


async def latest(request: Request) -> Card:
    """The newest releases, of one lab or all."""
    found = await _known(request)
    lab = request.options.get("lab")
    if lab is not None:
        key = lab_key(lab, request)
        found = [r for r in found if r.lab == key]
    if request.options.get("open_only"):
        found = [r for r in found if r.open_weights is True]
    if not found:
        raise UserError(f"No such release is known up to {day(_until(request))}.")
    shown = found[: request.options["count"]]
    return Card(
        title=f"{_newest(lab, request)}: {shown[0].model}, {day(shown[0].released_on)}",
        table=_table(shown, request),
        text=f"The last {len(shown)} of {count(len(found), 'release')}."
        if len(found) > len(shown)
        else "",
        footer=_footer(shown, request),
        facts={"releases": [_facts(r) for r in shown], "of": len(found)},
    )


async def search(request: Request) -> Card:
    """Releases whose model or lab has, for every word, a word that starts so."""
    words = str(request.options["words"]).split()
    labs = request.services.releases.labs
    found = [
        r
        for r in await _known(request)
        if all(
            _starts_word(w, f"{r.model} {labs[r.lab].name if r.lab in labs else r.lab}")
            for w in words
        )
    ]
    if not found:
        raise UserError(
            f'No release matches "{" ".join(words)}" up to {day(_until(request))}; '
            "try fewer or shorter words."
        )
    shown = found[:MOST_FOUND]
    more = f"The newest {len(shown)} of them." if len(found) > len(shown) else ""
    return Card(
        title=f"{count(len(found), 'release')} found for {' '.join(words)}",
        text=more,
        table=_table(shown, request),
        footer=_footer(shown, request),
        facts={"releases": [_facts(r) for r in shown], "of": len(found)},
    )


def _starts_word(wanted: str, text: str) -> bool:
    """Whether a word of `text` begins with `wanted`; "r1" is in "DeepSeek-R1", not in "AR1"."""
    words = [word.lower() for word in _WORDS.findall(text)]
    plain = "".join(_WORDS.findall(wanted)).lower()
    return bool(plain) and any("".join(words[i:]).startswith(plain) for i in range(len(words)))


async def timeline(request: Request) -> Card:
    """How often labs release: models by lab, the median gap, and days since the last."""
    months = request.options["months"]
    today = _until(request)  # what came after the list ends is not known to be nothing
    total = today.year * 12 + today.month - 1 - months
    start = date(total // 12, total % 12 + 1, min(today.day, 28))
    found = [r for r in await _known(request) if r.released_on > start]
    lab = request.options.get("lab")
    if lab is not None:
        key = lab_key(lab, request)
        found = [r for r in found if r.lab == key]
    if not found:
        raise UserError(f"No such release is known from {day(start)} to {day(today)}.")
    by_lab = Counter(r.lab for r in found).most_common()
    rows, facts = [], []
    for key, number in by_lab[:MOST_LABS]:
        dates = sorted({r.released_on for r in found if r.lab == key})
        gaps = sorted((b - a).days for a, b in pairwise(dates))
        median = None if not gaps else (gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2]) / 2
        name, since = _lab_name(key, request), (today - dates[-1]).days
        last = next(r for r in found if r.lab == key)
        rows.append(
            (
                name,
                str(number),
                "–" if median is None else f"{median:g} days",
                count(since, "day"),
                last.model,
            )
        )
        facts.append(
            {
                "lab": key,
                "releases": number,
                "median_days_between": median,
                "days_since_last": since,
                "last": last.model,
            }
        )
    rest = len(by_lab) - len(rows)
    return Card(
        title=f"{count(len(found), 'release')} in {count(months, 'month')} to {day(today)}",
        table=Table(
            columns=("lab", "models", "median gap", "since last", "last model"),
            rows=tuple(rows),
            numeric=frozenset({1, 2, 3}),
            note=f"… {count(rest, 'more lab')}" if rest else "",
        ),
        footer=_footer(found, request),
        facts={"from": start.isoformat(), "to": today.isoformat(), "labs": facts},
    )


async def _known(request: Request) -> list[Release]:
    async with request.services.database.read() as connection:
        return await releases.releases(connection, request.now)


def lab_key(text: str, request: Request) -> str:
    """The key of the lab that `text` names; raises UserError with near names."""
    labs = request.services.releases.labs
    names = {name: key for key, lab in labs.items() for name in (key, lab.name.lower())}
    wanted = text.strip().lower()
    if wanted in names:
        return names[wanted]
    near = list(dict.fromkeys(labs[names[n]].name for n in get_close_matches(wanted, names, 3)))
    if near:
        raise UserError(f"{text} is not a lab that is known; did you mean {listing(near, 'or')}?")
    raise UserError(f"{text} is not a lab that is known; write it as OpenAI or DeepSeek.")


def _lab_name(key: str, request: Request) -> str:
    labs = request.services.releases.labs
    return labs[key].name if key in labs else key


def _newest(lab: str | None, request: Request) -> str:
    return (
        "Newest release"
        if lab is None
        else f"Newest of {_lab_name(lab_key(lab, request), request)}"
    )


def _table(found: Sequence[Release], request: Request) -> Table:
    weights = {True: "open", False: "closed", None: "unknown"}
    return Table(
        columns=("released", "lab", "model", "kind", "weights"),
        rows=tuple(
            (
                day(r.released_on),
                _lab_name(r.lab, request),
                r.model,
                r.kind,
                weights[r.open_weights],
            )
            for r in found
        ),
    )


def _footer(found: Sequence[Release], request: Request) -> str:
    sources = [name for name, _n in Counter(r.source for r in found).most_common()]
    shown = listing(sources[:3]) if len(sources) <= 3 else f"{', '.join(sources[:3])} and others"
    until = _until(request)
    ends = until < request.now.date()
    return f"{shown}; {'the list ends on' if ends else 'as of'} {day(until)}"


def _until(request: Request) -> date:
    """The last day that the list speaks of: today, or the day on which the list ends."""
    today = request.now.date()
    return min(
        today, max((r.released_on for r in request.services.releases.releases), default=today)
    )


def _facts(r: Release) -> dict[str, object]:
    return {
        "date": r.released_on.isoformat(),
        "lab": r.lab,
        "model": r.model,
        "kind": r.kind,
        "open_weights": r.open_weights,
        "source": r.source,
        "url": r.url or None,
        "other_dates": r.other_dates or None,
    }
