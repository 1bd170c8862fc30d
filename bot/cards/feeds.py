"""How feeds are shown: which are read, and how each does. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.basket import Lab
from bot.model.card import Card, Table, Tone
from bot.model.feed import Feed, FeedKind
from bot.model.wording import count, listing, moment, span

MOST_FAILING = 8
SEVERAL = "several labs"
LONGEST_WHY = 160
_KINDS = {
    FeedKind.FEED: "feed",
    FeedKind.HUGGING_FACE: "Hugging Face's list",
    FeedKind.OPENROUTER: "OpenRouter's list",
    FeedKind.MODELS_DEV: "models.dev's list",
    FeedKind.GITHUB: "GitHub releases",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a feed does. `why` says what is wrong since `failing_since`; None: never, or not."""

    feed: Feed
    ok_at: datetime | None
    changed_at: datetime | None
    next_at: datetime
    failing_since: datetime | None
    off_at: datetime | None
    why: str = ""

    @property
    def well(self) -> bool:
        """Whether it is read, and was the last time."""
        return self.ok_at is not None and self.failing_since is None and self.off_at is None


def feed_name(feed: Feed) -> str:
    """What people call a feed: a shipped one's key, a chosen one's title."""
    return feed.title if feed.owner else feed.key


def list_card(found: Sequence[Feed], labs: Mapping[str, Lab], whose: str) -> Card:
    """What is read, a row per lab."""
    by_lab: dict[str, list[Feed]] = {}
    for one in found:
        by_lab.setdefault(_lab(one, labs), []).append(one)
    ordered = sorted(by_lab, key=lambda name: (name == SEVERAL, name.lower()))
    own = sum(bool(one.owner) for one in found)
    note = f"{count(own, 'feed')} of this {whose}'s own. " if own else ""
    return Card(
        title=f"{count(len(found), 'feed')} read for new models",
        text=f"{note}Say /feeds list and a lab for its feeds one by one, /feeds health for how "
        "each does.",
        table=Table(
            ("lab", "feeds", "which"),
            tuple(
                (name, str(len(by_lab[name])), ", ".join(feed_name(one) for one in by_lab[name]))
                for name in ordered
            ),
            frozenset({1}),
        ),
        footer=f"Shipped with the program, or added in this {whose} with /feeds add",
        facts={"feeds": [_facts(one) for one in found]},
    )


def lab_card(found: Sequence[Feed], lab: str, whose: str) -> Card:
    """The feeds of one lab, each with what it is and what is known of it."""
    return Card(
        title=f"{count(len(found), 'feed')} of {lab}",
        table=Table(
            ("feed", "what it is", "looked at", "known of it"),
            tuple(
                (
                    feed_name(one),
                    _KINDS[one.kind] + (f" (this {whose}'s)" if one.owner else ""),
                    f"every {span(timedelta(seconds=one.interval))}",
                    one.note or "–",
                )
                for one in found
            ),
        ),
        text="Lists of all labs' models are read as well; /feeds list names them.",
        footer="The interval is the usual one: shorter after news, longer in silence",
        facts={"feeds": [_facts(one) for one in found]},
    )


def health_card(
    found: Sequence[Standing], now: datetime, zone: str, *, reading: bool = True
) -> Card:
    """How each feed does, those that fail first. `reading` is whether feeds are read at all."""
    failing = [one for one in found if one.off_at is None and one.failing_since is not None]
    off = [one for one in found if one.off_at is not None]
    well = sum(one.well for one in found)
    fresh = len(found) - well - len(failing) - len(off)
    troubles = [
        *([f"{fresh} not looked at yet"] if fresh else []),
        *([f"{count(len(failing), 'feed')} failing"] if failing else []),
        *([f"{len(off)} switched off"] if off else []),
    ]
    lines = [_trouble(one, now, zone) for one in [*failing, *off]]
    shown = lines[:MOST_FAILING]
    if len(lines) > len(shown):
        shown.append(f"… {len(lines) - len(shown)} more; ask for one lab.")
    if not reading:
        shown.insert(0, "Feeds are not read: they are switched off in the bot's settings.")
    ordered = sorted(found, key=lambda one: (_rank(one), feed_name(one.feed)))
    title = f"{well} of {count(len(found), 'feed')} well"
    return Card(
        title=", ".join([title, *troubles]),
        text="\n".join(shown),
        table=Table(
            ("feed", "last good", "last new", "next look"),
            tuple(
                (
                    feed_name(one.feed),
                    ago(one.ok_at, now),
                    ago(one.changed_at, now),
                    "off" if one.off_at is not None or not reading else ahead(one.next_at, now),
                )
                for one in ordered
            ),
            frozenset({1, 2, 3}),
        ),
        tone=Tone.DOWN if failing or off else Tone.NEUTRAL,
        footer=f"As of {moment(now, zone)}",
        facts={"feeds": [_health_facts(one) for one in ordered], "well": well},
    )


def _rank(one: Standing) -> int:
    """Failing ones first, then those that are off, not looked at yet, and well."""
    if one.well:
        return 3
    if one.off_at is not None:
        return 1
    return 0 if one.failing_since is not None else 2


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago: "4 min ago"; "never"."""
    return "never" if at is None else f"{_rough(now - at)} ago"


def ahead(at: datetime, now: datetime) -> str:
    """How soon: "in 4 min"; "now" for what is due."""
    return "now" if at <= now else f"in {_rough(at - now)}"


def _rough(value: timedelta) -> str:
    minutes = max(int(value.total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def _trouble(one: Standing, now: datetime, zone: str) -> str:
    why = one.why if len(one.why) <= LONGEST_WHY else one.why[: LONGEST_WHY - 1] + "…"
    name = feed_name(one.feed)
    if one.off_at is not None:
        return f"{name}: off since {moment(one.off_at, zone)}: {why or 'nothing more is known'}"
    assert one.failing_since is not None
    looked = ahead(one.next_at, now)
    return f"{name}: failing since {moment(one.failing_since, zone)}: {why}; next look {looked}"


def _lab(one: Feed, labs: Mapping[str, Lab]) -> str:
    if not one.lab:
        return SEVERAL
    return labs[one.lab].name if one.lab in labs else one.lab


def _facts(one: Feed) -> dict[str, object]:
    return {
        "feed": feed_name(one),
        "lab": one.lab or None,
        "kind": one.kind.value,
        "own": bool(one.owner),
        "interval": one.interval,
        "note": one.note or None,
    }


def _health_facts(one: Standing) -> dict[str, object]:
    times = {
        "last_good": one.ok_at,
        "last_new": one.changed_at,
        "failing_since": one.failing_since,
        "off_since": one.off_at,
        "next_look": None if one.off_at else one.next_at,
    }
    shown = {name: at.isoformat() if at else None for name, at in times.items()}
    return {"feed": feed_name(one.feed), **shown, "why": one.why or None}


def read_text(dialect: str, entries: int, notes: Sequence[str]) -> str:
    """What was read of a feed: "Atom, 12 entries; two have no id"."""
    return "; ".join([f"{dialect}, {count(entries, 'entry', 'entries')}", *listing_of(notes)])


def listing_of(notes: Sequence[str]) -> list[str]:
    """The notes as one part of a sentence, or none."""
    return [listing(list(notes))] if notes else []
