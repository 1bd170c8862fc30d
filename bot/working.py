"""The work of a running program: poll, judge, hear and deliver, until it is told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot import backups, hearing, pricing
from bot.cycle.estimates import DailyEstimates
from bot.cycle.set_back import put_right
from bot.cycle.tick import timing_of
from bot.delivery import Delivery, deliver_while
from bot.failing import Failing
from bot.jobs import Job, daily, every
from bot.market.splits import adjust
from bot.market.yahoo import YahooMarket
from bot.memory import settle
from bot.model.wording import count
from bot.probes import probing
from bot.pulse import Pulse
from bot.ready import warm
from bot.scheduling import STOP_SECONDS, Schedule, scheduled
from bot.services import Services
from bot.stopping import end, until_told
from bot.surfaces.saved_charts import remove_charts
from bot.watching import Watching
from storage.prune import Keep, prune

log = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 10
# What the gate holds is looked at again this often.
RECHECK_SECONDS = 30
# What commands have added is watched after this long.
FOLLOW_SECONDS = 5


async def work(
    services: Services,
    delivery: Delivery,
    news: asyncio.Event,
    more: Sequence[Job],
    interact: Callable[[Services], Awaitable[None]] | None,
) -> None:
    """Poll, judge and deliver until told to stop; `more` are the surfaces' own jobs."""
    watching = Watching(services, timing_of(services.settings), news.set)
    await watching.begin()
    stopping = False

    async def occasion() -> bool:
        await news.wait()
        news.clear()
        return not stopping

    sender = asyncio.create_task(deliver_while(delivery, occasion))
    tasks = [sender]
    if services.settings.market.source == "yahoo" and services.settings.yahoo.stream:
        tasks.append(asyncio.create_task(watching.listen()))
    try:
        planned = [*jobs(services, watching), *more]
        async with AsyncExitStack() as stack:
            if services.settings.feeds.enabled:
                planned.append(
                    hearing.job(
                        await stack.enter_async_context(hearing.hearing(services, news.set))
                    )
                )
            if services.settings.prices.enabled:
                told = pricing.telling(news.set)
                lists = await stack.enter_async_context(pricing.pricing(services, told))
                planned.append(pricing.job(lists))
            runs = services.live.measured.jobs
            schedule = await stack.enter_async_context(
                scheduled(planned, services.clock.now(), runs)
            )
            if services.settings.health.listen:
                await stack.enter_async_context(
                    probing(services, tuple(delivery.notifiers), schedule.due)
                )

            async def jumped(by: timedelta, again: bool) -> None:
                if by < timedelta(0):  # else all is due by itself
                    await put_right(services, -by, again=again)

            def replan() -> None:
                schedule.all_soon(services.clock.now())
                watching.forget_asked()
                news.set()

            pulse = Pulse(services.clock, services.live, jumped, replan)
            attendants = [
                asyncio.create_task(warm()),
                asyncio.create_task(follow(services, watching, schedule)),
                asyncio.create_task(pulse.beat()),
            ]
            try:
                await until_told(interact(services) if interact else None, sender)
            finally:
                # What is being sent is finished while the jobs end.
                stopping = True
                services.database.hurry()
                news.set()
                await end(attendants)
    finally:
        stopping = True
        news.set()
        for task in tasks[1:]:
            task.cancel()
        # What is being sent is finished; what is left waits in the outbox.
        _done, late = await asyncio.wait(tasks, timeout=SHUTDOWN_SECONDS - STOP_SECONDS - 1)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1)


def jobs(services: Services, watching: Watching) -> list[Job]:
    """All that runs again and again; what is not stated is as `Job` has it."""

    async def forget() -> None:
        now, doubtful = services.clock.now(), services.live.doubtful_until
        if doubtful is not None and now < doubtful:
            log.warning(
                "the clock leapt, or the last run was long ago; nothing is forgotten for a day"
            )
            return
        settings = services.settings
        days = settings.retention.model_dump()
        keep = Keep(**{name: timedelta(days=number) for name, number in days.items()})
        old = now - keep.messages
        # Before the rows, which a full disk may keep from being forgotten.
        charts = await asyncio.to_thread(remove_charts, settings.charts_folder(), old)
        if charts:
            were = "was" if charts == 1 else "were"
            log.info("removed %s that %s saved too long ago", count(charts, "chart"), were)
        forgotten = await prune(services.database, now, keep, adjust)
        # By itself it would look through what has lived for long only after days.
        settle()
        total = sum(forgotten.values())
        if not total:
            if not charts:
                log.info("nothing was too old to keep")
            return
        were = "was" if total == 1 else "were"
        what = ", ".join(f"{name} {number:,}" for name, number in sorted(forgotten.items()))
        log.info("forgot %s that %s too old to keep: %s", count(total, "row"), were, what)

    found = [
        Job("poll", watching.poll, watching.next_poll),
        Job("recheck", watching.recheck, every(RECHECK_SECONDS), grace_seconds=60),
        Job("tell", watching.tell, every(1), grace_seconds=60),
        # At night in New York, when most of the exchanges watched are closed; else once awake.
        Job(
            "prune", forget, daily(4), time_zone=ZoneInfo("America/New_York"), grace_seconds=86_400
        ),
    ]
    if (nightly := backups.job(services)) is not None:
        found.append(nightly)
    if isinstance(services.quotes, YahooMarket):
        estimates = DailyEstimates(services, services.quotes)
        found.append(Job("estimates", estimates.ask_next, every(60), grace_seconds=60))
    return found


async def follow(services: Services, watching: Watching, schedule: Schedule) -> None:
    """Watch what commands add, without a restart."""
    reading = Failing(log, "what is watched cannot be read", "what is watched is read again")
    while True:
        await asyncio.sleep(FOLLOW_SECONDS)
        try:
            if await watching.refresh():
                schedule.soon("poll", services.clock.now())
            reading.worked(services.clock.now())
        except Exception as error:  # noqa: BLE001 - it is looked at again in a moment
            reading.failed(error, services.clock.now())
