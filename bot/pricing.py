"""What a running program does with price lists: read them every few hours, and keep what it saw.

A list that fails, or that lost most of its lines, changes nothing: the last good one stands, and
/status says how old it is.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import priced
from bot.costs.catalog import SOURCE
from bot.costs.doubts import SETTLES
from bot.costs.listed import MODELS_DEV, OPENROUTER, read_models_dev, read_openrouter
from bot.cycle.prices import find_and_tell
from bot.errors import SourceError
from bot.jobs import Job, every
from bot.market.health import LONGEST, after_failure, after_success
from bot.market.thread import DaemonThread
from bot.model.asked import Asked
from bot.model.rate import Key
from bot.model.trust import Health
from bot.model.wording import count
from bot.releases import fetch
from bot.services import Services
from storage import prices, trust
from storage.prices import AHEAD

log = logging.getLogger(__name__)

# How often it is asked whether a list is due; a list that failed is tried again after its pause.
LOOK_SECONDS = 600
# models.dev had 2.7 million bytes in July 2026, and grows.
LIMITS = fetch.Limits(size=30_000_000, whole=120)
# It goes to the network and blocks; a program that ends does not wait for it.
_refreshing = DaemonThread("catalogue")
_SHRUNKEN = "and lacks most of the"
# Called after each look that read anything, changed or not, and once in a while: dates come into
# force too.
Found = Callable[[Services, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PriceList:
    """A list that is read: its name, address and shape."""

    source: str
    url: str
    read: Callable[[Any], list[Asked]]


@dataclass(slots=True)
class _Given:
    """What the last answer was marked with, to be sent back."""

    etag: str = ""
    modified: str = ""


async def nothing(services: Services, now: datetime) -> None:
    """Tells nobody."""


def telling(wake: Callable[[], None]) -> Found:
    """Tells who subscribed what is new; `wake` is called where anything may wait to be sent."""

    async def tell(services: Services, now: datetime) -> None:
        if await find_and_tell(services, now):
            wake()

    return tell


class Pricing:
    """Reads price lists; `told` is called after each look in which one was read.

    Where all fail it is called as often all the same: what is known of already may begin by then.
    """

    def __init__(
        self, services: Services, session: fetch.Session, lists: Sequence[PriceList], told: Found
    ) -> None:
        self._services, self._session, self._told = services, session, told
        self._lists = lists
        self._told_at: datetime | None = None
        self._refreshed = False  # the catalogue is kept in memory alone
        self._given = {one.source: _Given() for one in lists}

    async def look(self) -> None:
        """Read the lists that are due, one after the other."""
        services, now = self._services, self._services.clock.now()
        async with services.database.read() as connection:
            health = await trust.sources(connection)
        read = False
        pause = timedelta(hours=services.settings.prices.hours)
        for one in self._lists:
            state = health.get(one.source, Health(one.source))
            if _is_due(state, now, pause):
                read |= await self._read(one, state, now)
        if services.settings.prices.refresh_catalog:
            state = health.get(SOURCE, Health(SOURCE))
            if _is_due(state, now, pause) or (state.may_ask(now) and not self._refreshed):
                read |= await self._refresh(state, now)
        if read or self._is_silent(now, pause):
            self._told_at = None  # if it fails, the next look tries again
            await self._told(services, now)
            self._told_at = now

    def _is_silent(self, now: datetime, pause: timedelta) -> bool:
        """Whether nothing was looked for since the start, or for as long as a list may rest."""
        at = self._told_at
        return at is None or now - at >= pause or at - now > AHEAD

    async def _read(self, one: PriceList, state: Health, now: datetime) -> bool:
        """Whether the list could be read."""
        given = self._given[one.source]
        try:
            answer = await fetch.get(
                self._session,
                one.url,
                etag=given.etag,
                modified=given.modified,
                own=False,
                now=now,
            )
            if isinstance(answer, fetch.NotModified):
                await self._same(one.source, state, now)
                return True
            lines, meant = await asyncio.to_thread(_lines, one, answer.body)
            look = await self._store(one.source, lines, meant, state, now)
        except SourceError as error:
            await self._failed(state, now, str(error))
            return False
        self._given[one.source] = _Given(answer.etag, answer.modified)
        log.info(
            "%s: %s began, %s ended, %s stand",
            one.source,
            count(look.began, "price"),
            look.ended,
            look.same,
        )
        return True

    async def _store(
        self,
        source: str,
        lines: Sequence[Asked],
        meant: dict[tuple[str, str], Key],
        state: Health,
        now: datetime,
    ) -> prices.Look:
        # A list that has been so for a week is no fault.
        settled = (
            state.failing_since is not None
            and now - state.failing_since >= SETTLES
            and _SHRUNKEN in state.detail
        )

        async def work(connection: AsyncConnection) -> prices.Look:
            look = await prices.put_look(connection, source, lines, meant, now, shrunken=settled)
            if look.shrunken:
                raise SourceError(
                    f"it lists {count(len(lines), 'price')} {_SHRUNKEN} {look.same:,} it had"
                )
            await trust.put_source(connection, after_success(state, now))
            return look

        return await self._services.database.write(work)

    async def _same(self, source: str, state: Health, now: datetime) -> None:
        async def work(connection: AsyncConnection) -> None:
            await prices.seen_again(connection, source, now)
            await trust.put_source(connection, after_success(state, now))

        await self._services.database.write(work)

    async def _failed(self, state: Health, now: datetime, why: str) -> None:
        log.warning("%s could not be read: %s", state.source, why)
        failed = after_failure(state, now, why, self._services.random.random())
        await self._services.database.write(lambda c: trust.put_source(c, failed))

    async def _refresh(self, state: Health, now: datetime) -> bool:
        """Whether the catalogue is the newest."""
        try:
            await _refreshing.run(partial(priced.refreshed, now))
        except SourceError as error:
            stands = "" if self._refreshed else "; what came with the program is used"
            await self._failed(state, now, f"{error}{stands}")
            return False
        self._refreshed = True
        good = after_success(state, now)
        await self._services.database.write(lambda c: trust.put_source(c, good))
        return True


def job(pricing: Pricing) -> Job:
    """Reads the lists that are due, again and again."""
    return Job("prices", pricing.look, every(LOOK_SECONDS))


@asynccontextmanager
async def pricing(services: Services, told: Found = nothing) -> AsyncIterator[Pricing]:
    """The lists of the settings, and connections to read them."""
    settings = services.settings.prices
    lists = (
        PriceList(MODELS_DEV, settings.models_dev_url, read_models_dev),
        PriceList(OPENROUTER, settings.openrouter_url, read_openrouter),
    )
    async with fetch.session(limits=LIMITS) as session:
        yield Pricing(services, session, lists, told)


def _is_due(state: Health, now: datetime, pause: timedelta) -> bool:
    # An answer of the future was had while the clock was wrong; it says nothing of the next.
    old = state.ok_at is None or now - state.ok_at >= pause or state.ok_at - now > AHEAD
    far = state.retry_at is not None and state.retry_at - now > AHEAD + LONGEST
    return (state.may_ask(now) or far) and (old or bool(state.failures))


def _lines(one: PriceList, body: bytes) -> tuple[list[Asked], dict[tuple[str, str], Key]]:
    """The lines of a body and the models they are of. Slow: a second for a large list."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise SourceError("what it answers is not JSON") from None
    lines = one.read(data)
    return lines, priced.meant(lines)
