"""What there is to say of a feed before it is followed: what it holds, and what is wrong. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.feed import Entry, Feed, Judgement
from bot.model.reason import in_words
from bot.model.wording import count, day
from bot.releases.parsed import Parsed
from bot.releases.seen import marked
from bot.releases.text import cut

STALE = timedelta(days=60)
POST, WAIT, NO = "post", "wait", "no"
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry, what it was taken for, and what would become of it: post, wait or no."""

    entry: Entry
    judgement: Judgement
    fate: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `refused` says in words why nothing could be read, else it is ""."""

    source: str
    refused: str = ""
    dialect: str = ""
    title: str = ""
    entries: int = 0
    known_apart: int = 0
    without: tuple[tuple[str, int], ...] = ()
    shared: tuple[tuple[str, int], ...] = ()
    newest: datetime | None = None
    oldest: datetime | None = None
    wrong: tuple[str, ...] = ()
    judged: tuple[Judged, ...] = ()

    def fates(self, fate: str) -> tuple[Judged, ...]:
        """The entries that would come to this."""
        return tuple(one for one in self.judged if one.fate == fate)


def refused(source: str, reason: str) -> Checked:
    """A source of which nothing could be read."""
    return Checked(source, refused=reason)


def examine(
    source: str,
    feed: Feed,
    parsed: Parsed,
    fate: Callable[[Entry, Feed], tuple[Judgement, str]] | None,
    now: datetime,
) -> Checked:
    """What a body that was read holds. `fate` judges an entry; None where nothing is to be."""
    entries = parsed.entries
    dates = [entry.published for entry in entries if entry.published]
    fields = {
        "id": [entry.id for entry in entries],
        "link": [entry.url for entry in entries],
        "title": [entry.title for entry in entries],
        "date": ["dated" if entry.published else "" for entry in entries],
    }
    missing = [(name, values.count("")) for name, values in fields.items() if "" in values]
    shared = [
        (name, number) for name in ("id", "link", "title") if (number := _shared(fields[name]))
    ]
    judged = tuple(Judged(entry, *fate(entry, feed)) for entry in entries) if fate else ()
    apart = len(marked(entries))
    return Checked(
        source,
        dialect=parsed.dialect,
        title=parsed.title,
        entries=len(entries),
        known_apart=apart,
        without=tuple(missing),
        shared=tuple(shared),
        newest=max(dates, default=None),
        oldest=min(dates, default=None),
        wrong=(
            *_wrong(
                entries,
                dates,
                dict(missing),
                dict(shared),
                apart,
                now,
                structured=feed.kind.structured,
            ),
            *(f"{note[0].upper()}{note[1:]}." for note in parsed.notes),
        ),
        judged=judged,
    )


def _shared(values: Sequence[str]) -> int:
    """How many have a value that another has as well."""
    return sum(number for value, number in Counter(values).items() if value and number > 1)


def _wrong(
    entries: Sequence[Entry],
    dates: Sequence[datetime],
    missing: dict[str, int],
    shared: dict[str, int],
    apart: int,
    now: datetime,
    *,
    structured: bool,
) -> list[str]:
    """What a reader of it should know, a sentence each."""
    if not entries:
        return ["It has no entries; an empty answer changes nothing of what is remembered."]
    found, every = [], len(entries)
    if "id" in missing:
        found.append(f"{_of(missing['id'], every)} no id; link and title stand in for it.")
    if "link" in shared and not structured:
        found.append(f"{_of(shared['link'], every)} a link that others have, so it names none.")
    if "id" in shared:
        found.append(f"{_of(shared['id'], every)} an id that others have; its title is added.")
    if "title" in missing:
        found.append(f"{_of(missing['title'], every)} no title and cannot be judged.")
    if "date" in missing:
        found.append(f"{_of(missing['date'], every)} no date that can be read; none is needed.")
    if apart < every:
        found.append(f"{count(every - apart, 'entry', 'entries')} cannot be told from another.")
    if len(dates) > 3 and len({moment.replace(second=0, microsecond=0) for moment in dates}) == 1:
        found.append("All dates are the same, so they say nothing.")
    elif dates and max(dates) > now + timedelta(days=2):
        found.append(f"Its newest date, {day(max(dates).date())}, has not come yet.")
    elif dates and max(dates) < now - STALE:
        days = (now - max(dates)).days
        found.append(f"Nothing new for {days:,} days, since {day(max(dates).date())}.")
    return found


def _of(number: int, every: int) -> str:
    if number == every:
        return "The entry has" if every == 1 else f"All {every:,} entries have"
    return f"{number:,} of {every:,} entries {'has' if number == 1 else 'have'}"


def as_text(checked: Checked) -> str:
    """What was found, in lines."""
    if checked.refused:
        return f"{checked.source}: cannot be read: {checked.refused}."
    called = f" “{checked.title}”" if checked.title else ""
    lines = [
        f"{checked.source}: {count(checked.entries, 'entry', 'entries')}, {checked.dialect}{called}"
    ]
    if checked.newest and checked.oldest:
        lines.append(
            f"Dates     {day(checked.oldest.date())} to {day(checked.newest.date())}, "
            "as the feed gives them"
        )
    lines.append(f"Apart     {checked.known_apart:,} by id, or by link and title")
    if checked.entries:
        lines.append("First     a first look remembers all of them and posts none")
    if checked.judged:
        post, wait = checked.fates(POST), checked.fates(WAIT)
        lines.append(
            f"Judged    {len(post):,} would be posted if new, {len(wait):,} would wait for another "
            f"source, {len(checked.fates(NO)):,} would not be"
        )
        shown = [*post, *wait][:_SHOWN]
        lines.extend(_line(one) for one in shown)
        if len(post) + len(wait) > len(shown):
            lines.append(f"  … and {len(post) + len(wait) - len(shown):,} more; --json has all")
    lines.extend(f"{'Wrong' if not n else '':9} {said}" for n, said in enumerate(checked.wrong))
    return "\n".join(lines)


def _line(one: Judged) -> str:
    said = one.judgement
    who = ", ".join(filter(None, (said.lab, said.model)))
    why = f"{said.confidence:.0%} sure, {in_words(said.reason)}"
    return f"  {one.fate}  {cut(one.entry.title, 70)} ({who}; {why})"


def as_data(checked: Checked) -> dict[str, object]:
    """The same, for programs."""
    if checked.refused:
        return {"source": checked.source, "ok": False, "reason": checked.refused}
    return {
        "source": checked.source,
        "ok": True,
        "dialect": checked.dialect,
        "title": checked.title,
        "entries": checked.entries,
        "known_apart": checked.known_apart,
        "missing": dict(checked.without),
        "shared": dict(checked.shared),
        "newest": checked.newest.isoformat() if checked.newest else None,
        "oldest": checked.oldest.isoformat() if checked.oldest else None,
        "wrong": list(checked.wrong),
        "posted_at_first": 0,
        "would_post": len(checked.fates(POST)),
        "would_wait": len(checked.fates(WAIT)),
        "judged": [
            {
                "title": one.entry.title,
                "id": one.entry.id,
                "url": one.entry.url,
                "date": one.entry.published.isoformat() if one.entry.published else None,
                "fate": one.fate,
                "release": one.judgement.release,
                "lab": one.judgement.lab,
                "model": one.judgement.model,
                "reason": one.judgement.reason,
                "confidence": round(one.judgement.confidence, 3),
            }
            for one in checked.judged
        ],
    }
