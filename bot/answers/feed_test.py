"""/feeds test: what the newest entries of a feed would be judged as; nothing is posted."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from bot.answers.feeds import named, visible
from bot.answers.looking_up import looked_up
from bot.answers.own_feeds import host_of
from bot.cards.feeds import feed_name, read_text
from bot.cards.judged import verdict, why_text
from bot.errors import UserError
from bot.model.basket import Lab
from bot.model.card import Card, Table
from bot.model.feed import Entry, Feed, FeedKind, Judgement, Voice
from bot.model.wording import count
from bot.releases import detect
from bot.releases.speaker import by_address
from bot.services import Request

MOST = 10
LONGEST_TITLE = 70


async def test_feed(request: Request) -> Card:
    """Read a feed now and judge its newest entries."""
    feed = await _asked(request)
    parsed = await looked_up(feed, request)
    labs = request.services.releases.labs
    newest = parsed.entries[:MOST]
    judged = [(entry, detect.judge(entry, feed, labs)) for entry in newest]
    verdicts = [verdict(judgement, detect.SURE, detect.DOUBTFUL) for _entry, judgement in judged]
    told = verdicts.count("release")
    name = feed_name(feed)
    title = f"{name}: {told} of its {count(len(judged), 'newest entry', 'newest entries')}"
    return Card(
        title=f"{title} would be told",
        text=f"{read_text(parsed.dialect, len(parsed.entries), parsed.notes)}. Nothing is posted.",
        table=Table(
            ("entry", "judged", "sure", "because"),
            tuple(
                (
                    _short(entry.title),
                    f"{decided}: {_what(one, labs)}" if decided != "no release" else decided,
                    f"{one.confidence:.0%}",
                    why_text(one.reason, one.words),
                )
                for (entry, one), decided in zip(judged, verdicts, strict=True)
            ),
            frozenset({2}),
        )
        if judged
        else None,
        footer="Read just now; a doubtful one waits for a second source",
        facts={"feed": name, "entries": [_facts(*one) for one in judged]},
    )


async def _asked(request: Request) -> Feed:
    """The feed that was named, or that is at the address. Raises UserError."""
    text = str(request.options["feed"]).strip().strip("<>")
    owner = request.receiver.owner
    if "://" in text:
        return Feed("own:test", FeedKind.FEED, Voice.NEWS, text, host_of(text), owner=owner)
    async with request.services.database.read() as connection:
        found = await visible(connection, request)
    feed = named(text, found)
    if feed is not None:
        return by_address(feed)
    near = get_close_matches(text.lower(), list(found), 3, 0.5)
    advice = f"did you mean {' or '.join(near)}?" if near else "/feeds list shows those there are."
    raise UserError(f"There is no feed {text}; {advice}")


def _what(one: Judgement, labs: Mapping[str, Lab]) -> str:
    lab = labs[one.lab].name if one.lab in labs else one.lab or "unknown lab"
    return f"{lab}, {one.model or 'unnamed'}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rstrip() + "…"


def _facts(entry: Entry, one: Judgement) -> dict[str, Any]:
    return {
        "title": entry.title,
        "release": one.release,
        "lab": one.lab or None,
        "model": one.model or None,
        "kind": one.kind,
        "confidence": one.confidence,
        "reason": one.reason,
        "words": list(one.words),
    }
