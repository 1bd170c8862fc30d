"""Yahoo through yfinance: the only file that imports it.

yfinance blocks, so it runs in a thread of its own, one call at a time: its cookie, crumb and
caches are one singleton per process.
"""

import asyncio
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import SourceError
from bot.market.source import Batch, Instrument, Past
from bot.market.thread import DaemonThread
from bot.market.yahoo_figures import read_estimates, read_statistics, unit_of
from bot.market.yahoo_shapes import read_batch, read_history, start_of
from bot.model.bar import Bar, MarketEvent, Measure, Split

T = TypeVar("T")
QUOTES_URL = "https://query1.finance.yahoo.com/v7/finance/quote"
SUMMARY_URL = "https://query2.finance.yahoo.com/v10/finance/quoteSummary"
BATCH = 50
YEARS = 6
# So many time-outs in a row, and the rest is not asked for: each would take as long again.
MOST_TIMEOUTS = 2
_thread = DaemonThread("yahoo")
log = logging.getLogger(__name__)


class YahooError(SourceError):
    """Yahoo refused or failed.

    `limited` where it asks us to slow down, `unknown` where it does not have what was asked for,
    `late` where it did not answer in time.
    """

    def __init__(
        self, message: str, *, limited: bool = False, unknown: bool = False, late: bool = False
    ) -> None:
        super().__init__(message)
        self.limited, self.unknown, self.late = limited, unknown, late


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
        """As `History.past`: ten days before `after` come again, so that a change shows.

        Once Yahoo limits us, or has let two requests in a row time out, the rest is not asked for.
        """
        bars: list[Bar] = []
        splits: list[Split] = []
        dividends: list[MarketEvent] = []
        unknown: list[str] = []
        failed: dict[str, str] = {}
        stopped: YahooError | None = None
        last: YahooError | None = None
        late = answered = 0
        for symbol in dict.fromkeys(symbols):
            if stopped is not None:
                failed[symbol] = str(stopped)
                continue
            first = start_of(after.get(symbol), until, YEARS)
            try:
                frame = await self._run(partial(self._frame, symbol, first, until))
            except YahooError as error:
                late = late + 1 if error.late else 0
                if error.unknown:
                    unknown.append(symbol)
                    continue
                failed[symbol], last = str(error), error
                stopped = error if error.limited or late == MOST_TIMEOUTS else None
                continue
            late, answered = 0, answered + 1
            found = await asyncio.to_thread(read_history, symbol, frame, self._closes_at, until)
            bars += found[0]
            splits += (split for split in found[1] if split.day <= until.date())
            dividends += found[2]
        if last is not None and not answered:
            raise stopped or last
        for symbol, why in sorted(failed.items()):
            log.warning("no history of %s: %s", symbol, why)
        return Past(
            tuple(bars),
            tuple(splits),
            tuple(dividends),
            tuple(unknown),
            failed,
            limited=stopped is not None,
        )

    async def estimates(self, symbol: str, now: datetime) -> list[Measure]:
        """Estimates of earnings and revenue with their growth, by period, and what a company is
        worth with its debts, beside its revenue. Raises YahooError.
        """
        frames, said = await self._run(partial(self._estimate_frames, symbol))
        unit = unit_of(said)
        return [
            *(
                measure
                for name, frame in frames
                for measure in read_estimates(symbol, name, frame, now.date(), now, unit)
            ),
            *read_statistics(symbol, said, now.date(), now),
        ]

    async def _run(self, call: Callable[[], T]) -> T:
        return await _thread.run(partial(self._blocking, call))

    def _blocking(self, call: Callable[[], T]) -> T:
        with warnings.catch_warnings(action="ignore"):
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
            # A symbol without a time zone is unknown; yfinance would ask elsewhere, in vain.
            yfinance.base._tz_info_fetch_ctr = 2
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
        if self._base_url and data._cookie is None and data._cookie_strategy == "basic":
            # yfinance keeps only cookies of Yahoo's domain; a proxy's would be fetched each time.
            data._cookie = next(iter(self._session.cookies.jar), None)
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

    def _estimate_frames(self, symbol: str) -> tuple[list[tuple[str, Any]], Any]:
        import yfinance
        from yfinance.data import YfData

        ticker = yfinance.Ticker(symbol, session=self._session)  # a failed answer sticks to one
        frames = [("eps", ticker.earnings_estimate), ("revenue", ticker.revenue_estimate)]
        answer = YfData(session=self._session).get_raw_json(
            f"{SUMMARY_URL}/{symbol}",
            params={"modules": "defaultKeyStatistics,financialData,price", "formatted": "false"},
            timeout=self._timeout,
        )
        return frames, answer["quoteSummary"]["result"][0]


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
        return YahooError("Yahoo has no prices of it", unknown=True)
    if "Timeout" in name or "timed out" in text:
        return YahooError("Yahoo did not answer in time", late=True)
    if "JSON" in name or isinstance(error, KeyError | TypeError | ValueError):
        return YahooError("Yahoo answered with something else than data")
    if status is not None:
        return YahooError(f"Yahoo answered {status}", unknown=status == 404)
    if "Connection" in name or "DNS" in name or "Proxy" in name:
        return YahooError("Yahoo cannot be reached")
    return YahooError(f"Yahoo failed ({name})")
