"""/releases: model releases, from the list that ships with the program."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches

from bot.errors import UserError
from bot.model.card import Card, Table
from bot.model.release import Release
from bot.model.wording import count, day, listing
from bot.releases.naming import starts_word
from bot.services import Request
from storage import feeds, releases

MOST_FOUND = 25


async def latest(request: Request) -> Card:
    """The newest releases, of one lab or all."""
    found, until = await known_releases(request)
    lab = request.options.get("lab")
    if lab is not None:
        key = lab_key(lab, request)
        found = [r for r in found if r.lab == key]
    if request.options.get("open_only"):
        found = [r for r in found if r.open_weights is True]
    if not found:
        raise UserError(f"No such release is known up to {day(until)}.")
    shown = found[: request.options["count"]]
    return Card(
        title=f"{_newest(lab, request)}: {shown[0].model}, {day(shown[0].released_on)}",
        table=_table(shown, request),
        text=f"The last {len(shown)} of {count(len(found), 'release')}."
        if len(found) > len(shown)
        else "",
        footer=footer(shown, request, until),
        facts={"releases": [_facts(r) for r in shown], "of": len(found)},
    )


async def search(request: Request) -> Card:
    """Releases whose model or lab has, for every word, a word that starts so."""
    words = str(request.options["words"]).split()
    labs = request.services.releases.labs
    every, until = await known_releases(request)
    found = [
        r
        for r in every
        if all(
            starts_word(w, f"{r.model} {labs[r.lab].name if r.lab in labs else r.lab}")
            for w in words
        )
    ]
    if not found:
        raise UserError(
            f'No release matches "{" ".join(words)}" up to {day(until)}; '
            "try fewer or shorter words."
        )
    shown = found[:MOST_FOUND]
    more = f"The newest {len(shown)} of them." if len(found) > len(shown) else ""
    return Card(
        title=f"{count(len(found), 'release')} found for {' '.join(words)}",
        text=more,
        table=_table(shown, request),
        footer=footer(shown, request, until),
        facts={"releases": [_facts(r) for r in shown], "of": len(found)},
    )


async def known_releases(request: Request) -> tuple[list[Release], date]:
    """Every release that is known, newest first; and the last day that they speak of.

    That is today where feeds were read today; else the day of the last look, or of the last
    release: what came after is not known to be nothing.
    """
    async with request.services.database.read() as connection:
        found = await releases.releases(connection, request.now)
        looked = await feeds.last_looked(connection)
    days = [one.released_on for one in (*found[:1], *request.services.releases.releases)]
    days += [looked.date()] if looked is not None else []
    return found, min(request.now.date(), max(days, default=request.now.date()))


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


def lab_name(key: str, request: Request) -> str:
    """How a lab is called."""
    labs = request.services.releases.labs
    return labs[key].name if key in labs else key


def _newest(lab: str | None, request: Request) -> str:
    return (
        "Newest release" if lab is None else f"Newest of {lab_name(lab_key(lab, request), request)}"
    )


def _table(found: Sequence[Release], request: Request) -> Table:
    weights = {True: "open", False: "closed", None: "unknown"}
    return Table(
        columns=("released", "lab", "model", "kind", "weights"),
        rows=tuple(
            (
                day(r.released_on),
                lab_name(r.lab, request),
                r.model,
                r.kind,
                weights[r.open_weights],
            )
            for r in found
        ),
    )


def footer(found: Sequence[Release], request: Request, until: date) -> str:
    """The sources of releases, and the day up to which they are known."""
    sources = [name for name, _n in Counter(r.source for r in found).most_common()]
    shown = listing(sources[:3]) if len(sources) <= 3 else f"{', '.join(sources[:3])} and others"
    ends = until < request.now.date()
    return f"{shown}; {'the list ends on' if ends else 'as of'} {day(until)}"


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
