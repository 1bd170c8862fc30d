"""Aftershocks: some sessions after a notable release, its message is answered with a study.

What each study found is kept, and the answers enqueued, in the transaction of the tick that made
it: so each channel is answered once for each mark, whatever ends the program.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.channels import REASONS, channels, tell_or_hold
from bot.cycle.coincident import INDEX
from bot.cycle.evaluate import GRACE
from bot.cycle.load import load_board
from bot.cycle.study_facts import late, study_facts
from bot.cycle.tracking import MARKS, most_exposed, window_of
from bot.market.calendar import NEW_YORK, session_close
from bot.model.release import Release
from bot.model.study import TooLittleError
from bot.model.wording import count, listing
from bot.releases.wanted import ALWAYS, NEVER, study_wish, wanted
from bot.services import Services
from storage import market, receivers, tracked, trust
from storage.receivers import Subscription
from storage.tracked import Heard, Tracked
from storage.trust import Decision

log = logging.getLogger(__name__)
# A close that is missing is waited for so long, and looked for so often.
PATIENCE = timedelta(hours=20)
AGAIN = timedelta(minutes=5)
# A study that comes later than this is kept, and told no more: nobody waits for it.
STALE = timedelta(days=7)
# A tick studies so many releases, since others wait for its transaction; the rest is due still.
AT_ONCE = 2
STEP = "study"
# A study's estimation takes 250 sessions; the other days that it is compared with, the rest.
HISTORY = "5y"
# Enough of it to see whose close is missing.
RECENT = "1m"


async def tell_studies(connection: AsyncConnection, services: Services, now: datetime) -> None:
    """Study what is due, keep what was found and answer the channels that were told."""
    for event in await tracked.due(connection, now, AT_ONCE):
        await _study(connection, services, event, now)


async def _study(
    connection: AsyncConnection, services: Services, event: Tracked, now: datetime
) -> None:
    assert event.mark is not None
    studies = dict(event.studies or {})
    window = window_of(event.released_on)
    day = window[event.mark]
    closed = session_close(NEW_YORK, day)
    baskets = await market.baskets(connection)
    target = most_exposed(event.exposed, baskets)
    if now < closed + PATIENCE:
        # While closes are waited for, years of others are not read every few minutes.
        recent = await load_board(connection, [target], [RECENT], now, baskets=baskets, daily=True)
        missing = late(recent, target, day)
        if missing and (now < closed + GRACE or INDEX in missing):
            await tracked.save(connection, event.key, event.mark, now + AGAIN, studies)
            return
    board = await load_board(connection, [target], [HISTORY], now, baskets=baskets, daily=True)
    missing = late(board, target, day)
    facts: dict[str, Any] | None = None
    why = ""
    try:
        facts = study_facts(board, event, target, event.mark, day)
    except TooLittleError as error:
        why = str(error)
    except Exception:  # one that fails must not take a whole tick along
        log.exception("the study of %s after session %d has failed", event.key, event.mark)
        why = "The study could not be worked out."
    if why and missing and now < closed + PATIENCE:
        await tracked.save(connection, event.key, event.mark, now + AGAIN, studies)
        return
    if why and missing:
        why += f" Without a close: {listing(missing)}."
    studies[str(event.mark)] = {"at": now.isoformat(), "why": why, "facts": facts}
    after = [mark for mark in MARKS if mark > event.mark]
    await tracked.save(
        connection,
        event.key,
        after[0] if after else None,
        session_close(NEW_YORK, window[after[0]]) if after else None,
        studies,
    )
    if facts is not None and now - closed > STALE:
        why = f"It could be made only {count((now - closed).days, 'day')} after that session."
    await _answer(connection, services, event, facts, why, now)


async def _answer(
    connection: AsyncConnection,
    services: Services,
    event: Tracked,
    facts: Mapping[str, Any] | None,
    why: str,
    now: datetime,
) -> None:
    """Answer the release's message in each channel that was told of it and still asks for such."""
    heard = (await tracked.heard(connection, [event.key], event.opened_at))[event.key]
    asking = _asking(await receivers.subscriptions(connection, kind="releases"))
    found = await channels(connection, [one.receiver_id for one in heard], now)
    decided = []
    for one in heard:
        subscription = still_asking(event, one, asking.get(one.receiver_id, ()), services)
        reason = unsaid(facts, why, subscription)
        if facts is not None and subscription is not None and not reason:
            held = await tell_or_hold(
                connection, services, one.receiver_id, subscription.id, facts, now,
                root_id=one.row, channel=found[one.receiver_id],
            )  # fmt: skip
            reason = "told, in answer to the message of the release"
            if held is not None:
                reason = f"told later: {REASONS[held[1]].value}"
        text = f"{after_text(event.mark or 0)}: {reason}"
        decided.append(Decision(now, one.receiver_id, decided_of(event.key), STEP, text))
    await trust.record(connection, decided)


def _asking(every: Iterable[Subscription]) -> dict[int, list[Subscription]]:
    found: dict[int, list[Subscription]] = {}
    for one in every:
        found.setdefault(one.receiver_id, []).append(one)
    return found


def still_asking(
    event: Tracked, told: Heard, own: Sequence[Subscription], services: Services
) -> Subscription | None:
    """Of a channel's own subscriptions the one that told of the release; where that is gone,
    another that lets it through: it was removed and made again, or two of them overlapped.
    """
    for one in own:
        if one.id == told.subscription_id:
            return one
    facts = event.facts
    again = [
        Release(
            event.key, facts["lab"], model, "language", event.released_on, event.opened_at,
            facts["open_weights"], facts["source"],
        )
        for model in facts["models"]
    ]  # fmt: skip
    labs = services.releases.labs
    passing = (s for s in own if any(wanted(release, labs, s.filters) for release in again))
    return next(passing, None)


def unsaid(facts: Mapping[str, Any] | None, why: str, subscription: Subscription | None) -> str:
    """Why a study is not told to a channel, `why` where it is none's; "" where it is told."""
    if facts is None or why:
        return f"nothing told. {why}"
    if subscription is None:
        return "not told: this channel asks for such releases no more, or cannot be reached"
    wish = study_wish(subscription.filters)
    if wish == NEVER:
        return "not told: this channel asked for no studies (study=never)"
    if wish != ALWAYS and not facts["unusual"]:
        return "not told: it is within what is usual (study=always tells of those too)"
    return ""


def after_text(mark: int) -> str:
    """ "after 2 sessions": session 0 is the first."""
    return f"after {count(mark + 1, 'session')}"


def decided_of(key: str) -> str:
    """Under which name it is kept what was decided of a release."""
    return f"release:{key}"[:200]
