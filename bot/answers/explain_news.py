"""/alert explain of a model or headline: what was made of it, by which words, how sure."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.explain_prices import both, explain_prices
from bot.answers.explain_tracked import explain_tracked
from bot.answers.feeds import visible
from bot.answers.releases import lab_name
from bot.answers.targets import Known, find_target
from bot.cards.feeds import feed_name
from bot.cards.judged import STATES, why_text
from bot.errors import UserError
from bot.model.card import Card, Field
from bot.model.wording import count, moment
from bot.services import Request
from storage import sightings
from storage.sightings import HELD, Sighting

MOST = 8
LONGEST_TITLE = 90


async def target_or_news(
    connection: AsyncConnection, request: Request, names: Known, zone: str
) -> str | Card:
    """The target that is asked about; else what was made of a model or headline of that name.

    Raises UserError where it is neither.
    """
    asked = str(request.options["target"]).strip()
    try:
        return find_target(asked, names, request.receiver.owner)
    except UserError as error:
        card = both(
            await explain_news(connection, request, asked, zone),
            await explain_tracked(connection, request, asked, zone),
        )
        card = both(card, await explain_prices(connection, request, asked, zone))
        if card is None and "did you mean" in str(error):
            raise
        if card is None:
            raise UserError(
                f"Nothing watched is called {asked}, and no feed that was read named it; "
                "/basket list shows what is watched, /model what is known of a model."
            ) from None
        return card


async def explain_news(
    connection: AsyncConnection, request: Request, text: str, zone: str
) -> Card | None:
    """What was made of entries that name `text`, newest first; None where no feed had any.

    Feeds that another community chose are not spoken of.
    """
    feeds = {one.feed.key: one.feed for one in (await visible(connection, request)).values()}
    every = await sightings.matching(connection, text)
    found = [one for one in every if one.feed in feeds and one.seen_at <= request.now]
    if not found:
        return None
    shown = found[:MOST]
    left = len(found) - len(shown)
    return Card(
        title=f"{text}: {STATES.get(found[0].state, found[0].state)}",
        text=f"{count(len(found), 'entry', 'entries')} of feeds that were read, newest first"
        + (f"; the first {MOST} are shown." if left else "."),
        fields=tuple(
            Field(_short(one.title), _said(one, feed_name(feeds[one.feed]), request, zone))
            for one in shown
        ),
        footer=f"Asked at {moment(request.now, zone)}",
        facts={
            "sightings": [
                {
                    "title": one.title,
                    "feed": feed_name(feeds[one.feed]),
                    "state": one.state,
                    "lab": one.lab or None,
                    "model": one.model or None,
                    "confidence": one.confidence,
                    "reason": one.reason,
                    "words": list(one.words),
                    "seen_at": one.seen_at.isoformat(),
                    "release": one.release_key,
                }
                for one in shown
            ]
        },
    )


def _said(one: Sighting, feed: str, request: Request, zone: str) -> str:
    lines = [f"{STATES.get(one.state, one.state)}: {why_text(one.reason, one.words)}"]
    named = ", ".join(part for part in (lab_name(one.lab, request), one.model) if part)
    lines.append(f"{one.confidence:.0%} sure" + (f"; {named}" if named else ""))
    if one.until is not None:
        waits = "to be named with others" if one.state == HELD else "for another source"
        lines.append(f"waits {waits} until {moment(one.until, zone)}")
    lines.append(f"{feed}, seen {moment(one.seen_at, zone)}")
    return "\n".join(lines)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rstrip() + "…"
