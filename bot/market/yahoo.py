"""Yahoo through yfinance: the only file that imports it.

yfinance blocks, so it runs in a worker thread, one call at a time: its cookie, crumb and caches
are one singleton per process.
"""

import asyncio
import logging
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import SourceError
from bot.market.source import Batch, Instrument, Past
from bot.market.yahoo_shapes import read_batch, read_estimates, read_history, start_of
from bot.model.bar import Bar, MarketEvent, Measure, Split

T = TypeVar("T")
QUOTES_URL = "https://query1.finance.yahoo.com/v7/finance/quote"
BATCH = 50
YEARS = 6
_thread = threading.Lock()
log = logging.getLogger(__name__)


class YahooError(SourceError):
    """Yahoo refused or failed; `limited` where it asks us to slow down."""

    def __init__(self, message: str, *, limited: bool = False) -> None:
        super().__init__(message)
        self.limited = limited


@dataclass
class Fetch:
    """History of several symbols; `failures` says, by symbol, why there is none."""

    bars: list[Bar] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)
    dividends: list[MarketEvent] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


class YahooMarket:
    """Quotes and daily history of Yahoo's.

    `base_url` names a proxy that answers in Yahoo's place, under BASE_URL/HOST/PATH;
    `closes_at` says when a symbol's session of a day closes (UTC); `cache` is a folder for
    yfinance's own files.
    """

    name = "Yahoo"

    def __init__(
        self,
        cache: Path,
        closes_at: Callable[[str, date], datetime],
        base_url: str = "",
        timeout_seconds: float = 20,
    ) -> None:
        self._cache = cache
        self._closes_at = closes_at
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout_seconds
        self._session: Any = None

    async def known(self) -> dict[str, Instrument] | None:
        """Yahoo cannot list its symbols."""
        return None

    async def quotes(self, symbols: Sequence[str], now: datetime) -> Batch:
        """The newest price of each symbol, in one request per fifty. Raises YahooError."""
        wanted = sorted(set(symbols))
        rows: list[Any] = []
        for start in range(0, len(wanted), BATCH):
            rows += await self._run(partial(self._quote_rows, wanted[start : start + BATCH]))
        return read_batch(rows, wanted, now)

    async def past(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> Past:
        """As `History.past`: ten days before `after` come again, so that a change shows."""
        fetched = await self.history(symbols, after, until)
        return Past(
            tuple(fetched.bars),
            tuple(split for split in fetched.splits if split.day <= until.date()),
            tuple(fetched.dividends),
            failed=fetched.failures,
        )

    async def history(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> Fetch:
        """Daily history, symbol by symbol; one that fails spoils no other.

        Raises YahooError where none can be had. Once Yahoo limits us the rest is not asked for.
        """
        fetched = Fetch()
        limited: YahooError | None = None
        last: YahooError | None = None
        for symbol in symbols:
            if limited is not None:
                fetched.failures[symbol] = str(limited)
                continue
            first = start_of(after.get(symbol), until, YEARS)
            try:
                frame = await self._run(partial(self._frame, symbol, first, until))
            except YahooError as error:
                fetched.failures[symbol] = str(error)
                last = error
                limited = error if error.limited else None
                continue
            bars, splits, dividends = read_history(symbol, frame, self._closes_at, until)
            fetched.bars += bars
            fetched.splits += splits
            fetched.dividends += dividends
        if last is not None and len(fetched.failures) == len(set(symbols)):
            raise last
        for symbol, why in sorted(fetched.failures.items()):
            log.warning("no history of %s: %s", symbol, why)
        return fetched

    async def estimates(self, symbol: str, now: datetime) -> list[Measure]:
        """Estimates of earnings and revenue with their growth, by period. Raises YahooError."""
        frames = await self._run(partial(self._estimate_frames, symbol))
        return [
            measure
            for name, frame in frames
            for measure in read_estimates(symbol, name, frame, now.date(), now)
        ]

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.to_thread(self._blocking, call)

    def _blocking(self, call: Callable[[], T]) -> T:
        with _thread, warnings.catch_warnings(action="ignore"):
            self._prepare()
            try:
                return call()
            except Exception as error:
                raise explained(error) from error

    def _prepare(self) -> None:
        import yfinance
        from yfinance.data import YfData

        fresh = self._session is None
        if fresh:
            self._cache.mkdir(parents=True, exist_ok=True)
            yfinance.set_tz_cache_location(str(self._cache))
            self._session = new_session(self._base_url)
        # A newer pandas warns about what yfinance does; nothing that a user could mend.
        warnings.filterwarnings("ignore", module=r"yfinance(\.|$)")
        yfinance.config.debug.hide_exceptions = False
        logging.getLogger("yfinance").setLevel(logging.CRITICAL)  # its errors are ours to tell
        data = YfData(session=self._session)
        if data._session is not self._session:  # the singleton keeps what it was made with
            data._set_session(self._session)
        if fresh:  # another session's cookie and crumb are worth nothing
            data._cookie = data._crumb = None
            data._cookie_strategy = "basic"
        YfData.cache_get.cache_clear()  # it keeps failures too

    def _quote_rows(self, symbols: Sequence[str]) -> list[Any]:
        from yfinance.data import YfData

        answer = YfData(session=self._session).get_raw_json(
            QUOTES_URL, params={"symbols": ",".join(symbols)}, timeout=self._timeout
        )
        rows = answer["quoteResponse"]["result"]
        return rows if isinstance(rows, list) else []

    def _frame(self, symbol: str, first: date, until: datetime) -> Any:
        import yfinance

        return yfinance.Ticker(symbol, session=self._session).history(
            start=first,
            end=until.date() + timedelta(days=1),
            interval="1d",
            auto_adjust=False,
            actions=True,
            raise_errors=True,
            timeout=self._timeout,
        )

    def _estimate_frames(self, symbol: str) -> list[tuple[str, Any]]:
        import yfinance

        ticker = yfinance.Ticker(symbol, session=self._session)  # a failed answer sticks to one
        return [("eps", ticker.earnings_estimate), ("revenue", ticker.revenue_estimate)]


def new_session(base_url: str) -> Any:
    """A session as yfinance wants it; with `base_url` every request goes there instead."""
    from curl_cffi import requests

    class Rewriting(requests.Session[Any]):
        def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Any:
            target = f"{base_url}/{url.split('://', 1)[1]}" if base_url else url
            return super().request(method, target, *args, **kwargs)

    return Rewriting(impersonate="chrome")


def explained(error: Exception) -> YahooError:
    """What went wrong, in one sentence."""
    if isinstance(error, YahooError):
        return error
    name, text = type(error).__name__, str(error)
    status = getattr(getattr(error, "response", None), "status_code", None) or None
    if name == "YFRateLimitError" or status == 429:
        return YahooError("Yahoo limits our requests (429)", limited=True)
    if name in ("YFPricesMissingError", "YFTzMissingError", "YFTickerMissingError"):
        return YahooError("Yahoo has no prices of it")
    if "Timeout" in name or "timed out" in text:
        return YahooError("Yahoo did not answer in time")
    if "JSON" in name or isinstance(error, KeyError | TypeError | ValueError):
        return YahooError("Yahoo answered with something else than data")
    if status is not None:
        return YahooError(f"Yahoo answered {status}")
    if "Connection" in name or "DNS" in name or "Proxy" in name:
        return YahooError("Yahoo cannot be reached")
    return YahooError(f"Yahoo failed ({name})")
