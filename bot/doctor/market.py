"""Where prices of stocks come from: does it answer?"""

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.app import sources
from bot.config import Settings
from bot.doctor.ages import before
from bot.doctor.context import Examination
from bot.doctor.finding import Finding, ok, unchecked, warning, wrong
from bot.errors import SourceError, UserError
from bot.market.calendar import exchange_of, session_close
from bot.market.shipped import ShippedHistory
from bot.market.source import Past
from bot.market.yahoo import YahooMarket
from bot.model.wording import count, day

AREA = "market"
INDEX = "^GSPC"
SECONDS = 45.0
ANSWER_SECONDS = 20.0
NAMED = 8
# Shipped prices of this index say until when they go.
_OF_SHIPPED = "NVDA"


async def examine(examination: Examination) -> list[Finding]:
    """The source that the settings choose."""
    settings = examination.settings
    logging.getLogger("bot.market.yahoo").setLevel(logging.CRITICAL)
    if settings.market.source == "yahoo":
        return [await _yahoo(examination), *_parts(examination)]
    if settings.market.source == "csv":
        return await _csv(examination)
    return [await _shipped(examination)]


async def _yahoo(examination: Examination) -> Finding:
    settings, now = examination.settings, examination.clock.now()
    stored = examination.stored
    past = before(stored.health.get(YahooMarket.name) if stored else None, now)
    mend = (
        "Try again in an hour; if it stays so, see whether this machine reaches "
        f"{settings.yahoo.base_url or 'https://query1.finance.yahoo.com'}, or set yahoo.base_url "
        "to a proxy."
    )
    with _cache(settings) as cache:
        market = YahooMarket(
            cache,
            lambda symbol, on: session_close(exchange_of(symbol), on),
            settings.yahoo.base_url,
            min(settings.yahoo.timeout_seconds, ANSWER_SECONDS),
        )
        try:
            async with asyncio.timeout(SECONDS):
                found = await market.past([INDEX], {INDEX: now.date()}, now)
        except TimeoutError:
            return wrong(AREA, "Yahoo", f"Yahoo did not answer in time{past}", mend)
        except SourceError as error:
            return wrong(AREA, "Yahoo", f"{error}{past}", mend)
    return answered(found, now, past)


def _parts(examination: Examination) -> list[Finding]:
    """What else the bot asks Yahoo for, or hears from it, where that fails: as it last noted."""
    health = examination.stored.health if examination.stored else {}
    failing = [
        one
        for name, one in health.items()
        if name.startswith(f"{YahooMarket.name} ") and one.failures
    ]
    now = examination.clock.now()
    mend = "Leave it: the bot tries again by itself, and says how old its prices are."
    return [warning(AREA, one.source, f"{one.detail}{before(one, now)}", mend) for one in failing]


def answered(found: Past, now: datetime, past: str) -> Finding:
    """What Yahoo's closes of the index say of it."""
    if not found.bars:
        mend = "Update Aftershock: Yahoo may have changed what it answers."
        return wrong(AREA, "Yahoo", f"it answers, but without closes of {INDEX}{past}", mend)
    newest = max(bar.day for bar in found.bars)
    said = f"it answers; the newest close of {INDEX} is of {day(newest)}"
    if now.date() - newest > timedelta(days=7):
        mend = "Compare with finance.yahoo.com; the bot says how old its prices are."
        return warning(AREA, "Yahoo", f"{said}, more than a week old{past}", mend)
    return ok(AREA, "Yahoo", f"{said}{past}")


@contextmanager
def _cache(settings: Settings) -> Iterator[Path]:
    """Where yfinance keeps its own: the bot's folder where there is one, else one for now."""
    own = settings.data_folder() / "yahoo"
    if own.is_dir():
        yield own
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


async def _csv(examination: Examination) -> list[Finding]:
    settings, stored = examination.settings, examination.stored
    folder = settings.market.csv_folder
    try:
        history, _quotes = sources(settings)
        known = await history.known() or {}
        symbols = list(stored.watched) if stored else [*settings.market.watch]
        found = await history.past(symbols or list(known), {}, examination.clock.now())
    except UserError as error:
        what, _, mend = str(error).partition("; ")
        return [wrong(AREA, "CSV folder", what, mend or "Check market.csv_folder.")]
    except SourceError as error:
        return [wrong(AREA, "CSV folder", str(error), "Correct that line of the file.")]
    newest: dict[str, date] = {}
    for bar in found.bars:
        newest[bar.symbol] = max(bar.day, newest.get(bar.symbol, bar.day))
    result = [
        wrong(AREA, symbol, why, "Correct that line of the file.")
        for symbol, why in sorted(found.failed.items())
    ]
    if found.unknown:
        missing = sorted(found.unknown)
        more = f" and {len(missing) - NAMED:,} more" if len(missing) > NAMED else ""
        what = f"there is no file of {', '.join(missing[:NAMED])}{more}"
        mend = f"Put {missing[0]}.csv with the columns date and close into {folder}."
        result.append(warning(AREA, "CSV folder", what, mend))
    if newest:
        said = f"{count(len(newest), 'symbol')} in {folder}, the newest close of "
        result.append(ok(AREA, "CSV folder", said + day(max(newest.values()))))
    if not result:
        result.append(unchecked(AREA, "CSV folder", "nothing is watched yet"))
    return result


async def _shipped(examination: Examination) -> Finding:
    found = await ShippedHistory().past([_OF_SHIPPED], {}, examination.clock.now())
    last = day(max(bar.day for bar in found.bars))
    return warning(
        AREA,
        "shipped history",
        f"it ends on {last}, and nothing comes after it",
        'Set market.source to "yahoo" to be told of what falls today.',
    )
