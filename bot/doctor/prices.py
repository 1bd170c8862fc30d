"""Lists of what models cost: does each answer, with prices?"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from bot.costs.listed import MODELS_DEV, OPENROUTER, read_models_dev, read_openrouter
from bot.doctor.ages import before
from bot.doctor.context import Examination
from bot.doctor.finding import Finding, ok, warning, wrong
from bot.errors import SourceError
from bot.model.asked import Asked
from bot.model.wording import count
from bot.pricing import LIMITS
from bot.releases import fetch

AREA = "prices of models"
SECONDS = 45.0
Reader = Callable[[Any], list[Asked]]


async def examine(examination: Examination) -> list[Finding]:
    """Each list that the settings name, side by side."""
    settings = examination.settings.prices
    if not settings.enabled:
        said = "not read, as prices.enabled = false says; those that ship stand"
        return [ok(AREA, "lists", said)]
    async with fetch.session(limits=LIMITS) as session:
        session.open.trace_configs.append(_frozen(examination))
        return list(
            await asyncio.gather(
                _list(examination, session, MODELS_DEV, settings.models_dev_url, read_models_dev),
                _list(examination, session, OPENROUTER, settings.openrouter_url, read_openrouter),
            )
        )


def _frozen(examination: Examination) -> Any:
    trace = examination.trace()
    trace.freeze()
    return trace


async def _list(
    examination: Examination, session: fetch.Session, name: str, url: str, read: Reader
) -> Finding:
    now, stored = examination.clock.now(), examination.stored
    past = before(stored.health.get(name) if stored else None, now)
    try:
        async with asyncio.timeout(SECONDS):
            answer = await fetch.get(session, url, own=False, now=now)
            assert isinstance(answer, fetch.Fetched)  # it was not asked for changes
            lines = await asyncio.to_thread(_lines, answer.body, read)
    except TimeoutError:
        why = f"no whole answer within {SECONDS:g} seconds"
    except SourceError as error:
        why = str(error)
    else:
        if lines:
            return ok(AREA, name, f"it answers with {count(lines, 'price')}{past}")
        mend = "Update Aftershock: the list may have changed its shape."
        return wrong(AREA, name, f"it answers, but without prices{past}", mend)
    setting = "prices.models_dev_url" if name == MODELS_DEV else "prices.openrouter_url"
    mend = f"Try again in an hour; {setting} may name a mirror. The last good list stands."
    return warning(AREA, name, f"{why}{past}", mend)


def _lines(body: bytes, read: Reader) -> int:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise SourceError("what it answers is not JSON") from None
    return len(read(data))
