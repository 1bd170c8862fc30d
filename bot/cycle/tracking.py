"""Tracking: a release of a notable model opens a tracked event, with the message that tells it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cards.release_words import together as named_together
from bot.cycle.release_facts import Account, told
from bot.market.calendar import NEW_YORK, session_close, sessions
from bot.market.event_study import session_zero
from bot.model.basket import Basket
from bot.model.release import Release
from bot.releases.models import load_models
from bot.releases.wanted import notable
from bot.services import Services
from storage import tracked
from storage.tracked import Tracked

VERSION = 1
# The window that is watched: session 0 and so many more.
SESSIONS = 5
# The sessions after which a release is studied.
MARKS = (1, 5)
# Enough days to hold the window, whatever the holidays.
_SPAN = timedelta(days=SESSIONS * 2 + 14)


async def track(
    connection: AsyncConnection, services: Services, together: Sequence[Release], now: datetime
) -> None:
    """Open a tracked event of these releases, which one message tells, if any is notable.

    What was released so long ago that its window is over is not tracked, nor what a source dates
    so far ahead that it must be wrong.
    """
    labs = services.releases.labs
    lead = together[0]
    if not any(notable(one, labs) for one in together):
        return
    if abs(now.date() - lead.released_on) > _SPAN:  # before sessions of the year 9999 are sought
        return
    facts = told(together, services, load_models(), None, now.date(), Account())
    exposed = [one["symbol"] for one in facts["exposed"]]
    window = window_of(lead.released_on)
    if not exposed or session_close(NEW_YORK, window[-1]) <= now:
        return
    marks = [mark for mark in MARKS if session_close(NEW_YORK, window[mark]) > now]
    await tracked.open_event(
        connection,
        Tracked(
            lead.key[: tracked.KEY_LENGTH],
            lead.released_on,
            window[0],
            window[-1],
            now,
            event_facts(facts),
            exposed,
            marks[0],
            session_close(NEW_YORK, window[marks[0]]),
            {},
        ),
    )


def window_of(released_on: date) -> tuple[date, ...]:
    """The sessions of New York that are watched after a release, session 0 first."""
    days = sessions(NEW_YORK, released_on, released_on + _SPAN)
    zero = session_zero(days, released_on)
    assert zero is not None, "a fortnight without a session"
    start = days.index(zero)
    return tuple(days[start : start + SESSIONS + 1])


def event_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a release: its names, and what makes it notable, from its message's facts.

    `times_dearer` is how many times as much the model that it is compared with asks for output;
    None where a price is not known.
    """
    price, other = facts.get("price"), facts.get("beside")
    times = None
    if price and other and price["output_mtok"] and other["output_mtok"]:
        times = float(other["output_mtok"]) / float(price["output_mtok"])
    models = [one["model"] for one in facts.get("models") or [facts]]
    return {
        "version": VERSION,
        "lab": facts["lab"],
        "lab_name": facts["lab_name"],
        # In one line: lines of its own would look like the bot's.
        "model": " ".join(named_together(models).split()),
        "models": models,
        "open_weights": facts["open_weights"],
        "times_dearer": times,
        "source": facts["source"],
        "url": facts["url"],
    }


def notability(event: Tracked) -> tuple[float, bool, date, str]:
    """What orders releases, the most notable largest: how far its price lies below others', open
    weights, the newest.
    """
    facts = event.facts
    gap = facts.get("times_dearer") or 1.0
    return max(gap, 1.0), facts.get("open_weights") is True, event.released_on, event.key


def most_exposed(exposed: Sequence[str], baskets: Mapping[str, Basket], usual: str = "ai") -> str:
    """The shipped basket that depends most on the lab that `exposed` are exposed to, the most
    exposed first: its members count 1, ½, ⅓ …; of equals the smaller. `usual` where none does.
    """
    best: tuple[float, int, str] | None = None
    for target, basket in baskets.items():
        if basket.owner or target == usual:
            continue
        weight = sum(1 / n for n, symbol in enumerate(exposed, 1) if symbol in basket.members)
        if weight > 0 and (best is None or (-weight, len(basket.members), target) < best):
            best = (-weight, len(basket.members), target)
    return usual if best is None else best[2]
