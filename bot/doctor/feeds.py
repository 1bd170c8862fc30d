"""Feeds of releases: which of them answer. Nothing that is seen there is remembered."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.doctor.context import Examination
from bot.doctor.finding import Finding, State, ok, unchecked, warning, wrong
from bot.errors import SourceError
from bot.model.feed import Feed
from bot.model.wording import count, day, moment
from bot.releases import fetch, parse
from storage.feeds import FeedState

AREA = "feeds"
AT_ONCE, AT_ONCE_OF_A_HOST = 8, 2
SECONDS = 50.0
# Where so many fail and none answers, it is not the feeds.
MANY = 10


@dataclass(frozen=True, slots=True)
class Looked:
    """How a feed did: `why` it cannot be read, "" where it can, None where there was no time."""

    state: FeedState
    why: str | None


async def examine(examination: Examination, shipped: Mapping[str, Feed]) -> list[Finding]:
    """Every feed that is read: those that ship, and communities' own."""
    enabled = examination.settings.feeds.enabled
    states = wanted(shipped if enabled else {}, examination)
    off = "not read, as feeds.enabled = false says"
    found = [] if enabled else [ok(AREA, "feeds", off)]
    if not states:
        return found or [ok(AREA, "feeds", "there are none")]
    looked = await _look(examination, states)
    titles = examination.stored.titles if examination.stored else {}
    return [*found, *findings(looked, titles)]


def wanted(shipped: Mapping[str, Feed], examination: Examination) -> list[FeedState]:
    """The feeds to look at, each with how it did before."""
    stored = examination.stored.feeds if examination.stored else ()
    known = {one.feed.key: one for one in stored}
    now = examination.clock.now()
    found = [
        replace(known[key], feed=item)
        if key in known and known[key].feed.url == item.url
        else FeedState(item, now)
        for key, item in shipped.items()
    ]
    return [
        *(one for one in found if one.off_at is None),
        *(one for one in stored if one.feed.owner),
    ]


async def _look(examination: Examination, states: Sequence[FeedState]) -> list[Looked]:
    slots = asyncio.Semaphore(AT_ONCE)
    hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(
        lambda: asyncio.Semaphore(AT_ONCE_OF_A_HOST)
    )
    async with fetch.session(frozenset(examination.settings.feeds.allow)) as session:
        for client in (session.open, session.guarded):
            trace = examination.trace()
            trace.freeze()
            client.trace_configs.append(trace)

        async def one(state: FeedState) -> str:
            async with hosts[urlsplit(state.feed.url).netloc], slots:
                return await _why(examination, session, state)

        tasks = [asyncio.create_task(one(state)) for state in states]
        try:
            await asyncio.wait(tasks, timeout=SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            said = await asyncio.gather(*tasks, return_exceptions=True)
            parse.close()
    for outcome in said:
        if isinstance(outcome, Exception):
            raise outcome
    return [
        Looked(state, outcome if isinstance(outcome, str) else None)
        for state, outcome in zip(states, said, strict=True)
    ]


async def _why(examination: Examination, session: fetch.Session, state: FeedState) -> str:
    """Why a feed cannot be read; "" where it can."""
    try:
        answer = await fetch.get(
            session,
            state.feed.url,
            etag=state.etag,
            modified=state.modified,
            own=bool(state.feed.owner),
            now=examination.clock.now(),
        )
        if isinstance(answer, fetch.Fetched):
            await parse.read(state.feed, answer.body)
    except SourceError as error:
        return str(error)
    return ""


def findings(looked: Sequence[Looked], titles: Mapping[str, str]) -> list[Finding]:
    """How many answer, and each that does not; `titles` names a channel of each feed's owner."""
    checked = [one for one in looked if one.why is not None]
    dead = [one for one in checked if one.why]
    alive, late = len(checked) - len(dead), len(looked) - len(checked)
    found = []
    if not alive and len(dead) >= MANY:
        mend = "See whether this machine reaches the internet: a firewall or proxy may be why."
        found.append(wrong(AREA, "feeds", f"none of {len(dead):,} feeds answers", mend))
        dead = []
    elif alive:
        verb = "answers" if len(checked) == 1 else "answer"
        found.append(ok(AREA, "feeds", f"{alive:,} of {count(len(checked), 'feed')} {verb}"))
    found += [_dead(one, titles) for one in dead]
    found += [_off(one, titles) for one in checked if not one.why and one.state.off_at is not None]
    if late:
        said = f"no time for {count(late, 'feed')} within {SECONDS:g} seconds"
        found.append(unchecked(AREA, "feeds", said, "Try again when the network is faster."))
    return found


def _dead(one: Looked, titles: Mapping[str, str]) -> Finding:
    feed, since = one.state.feed, one.state.failing_since
    known = f"; failing since {moment(since)}" if since else ""
    if one.state.off_at is not None:
        known = f"; switched off on {day(one.state.off_at.date())}"
    if feed.owner:
        mend = f"If it stays so, type{_where(feed, titles)}: /feeds remove {feed.title}"
        return Finding(AREA, feed.title, State.WRONG, f"{one.why}{known}", mend)
    mend = "Leave it: other feeds tell of the same models, and it is tried again and again."
    return warning(AREA, feed.key, f"{one.why}{known}", mend)


def _off(one: Looked, titles: Mapping[str, str]) -> Finding:
    feed, off_at = one.state.feed, one.state.off_at
    assert off_at is not None
    said = f"it answers again, but was switched off on {day(off_at.date())}"
    mend = f"Add it again{_where(feed, titles)} with /feeds add and its address."
    return warning(AREA, feed.title, said, mend)


def _where(feed: Feed, titles: Mapping[str, str]) -> str:
    """In which channel its owner is found: ", in #alerts on Discord"."""
    surface, _, _community = feed.owner.partition(":")
    title = titles.get(feed.owner, "")
    place = "on the console" if surface == "console" else f"on {surface.capitalize()}"
    return f" in {title} {place}" if title and surface != "console" else f" {place}"
