"""A Yahoo on 127.0.0.1: cookie, crumb, quotes, charts, estimates, the price stream; and its faults.

Every path is /HOST/PATH, as the program asks when `yahoo.base_url` names a proxy.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import WSMsgType, web

NEW_YORK = ZoneInfo("America/New_York")


def opened(day: date) -> int:
    """The opening of a day in New York, as Yahoo stamps its daily bars."""
    return int(datetime.combine(day, time(9, 30), NEW_YORK).timestamp())


# What every company is worth with its debts, and sells in four quarters.
STATISTICS: dict[str, Any] = {
    "enterpriseValue": 2.9e12, "totalRevenue": 1e11, "financialCurrency": "USD", "currency": "USD",
}  # fmt: skip


@dataclass
class Listed:
    """A symbol: closes by day (None for a row without prices), quote, splits, dividends."""

    closes: dict[date, float | None] = field(default_factory=dict)
    price: Any = None
    at: datetime = datetime(2025, 1, 27, 18, tzinfo=UTC)
    previous: float | None = None
    low: float | None = None
    high: float | None = None
    splits: dict[date, tuple[int, int]] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class YahooServer:
    """What it has, what it was asked, and what is wrong with it.

    `faults` are used up one an answer: 429, 503, 404, 401, "html", "hang", "trickle", "broken".
    `chart_faults` are those of one symbol's chart, and stay;
    `statistics` are a company's own, in the place of `STATISTICS`; `down` may hold "stream", which
    refuses it, or "stream hangs", which leaves who wants it without an answer.
    """

    listed: dict[str, Listed] = field(default_factory=dict)
    faults: list[int | str] = field(default_factory=list)
    chart_faults: dict[str, int | str] = field(default_factory=dict)
    statistics: dict[str, dict[str, Any]] = field(default_factory=dict)
    earnings_currency: str | None = None
    down: set[str] = field(default_factory=set)
    crumb: str = "crumb1"
    asked: list[str] = field(default_factory=list)
    crumbs_given: int = 0
    cookies_given: int = 0
    base_url: str = ""
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    subscribed: list[list[str]] = field(default_factory=list)
    unsubscribed: list[str] = field(default_factory=list)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        host, _, path = request.path.lstrip("/").partition("/")
        if host == "streamer.finance.yahoo.com":
            return await self._stream(request)
        if host == "fc.yahoo.com":
            self.cookies_given += 1
            response = web.Response(status=404)
            response.set_cookie("A3", "d=1&S=x", max_age=3600)
            return response
        if path == "v1/test/getcrumb":
            self.crumbs_given += 1
            return web.Response(text=self.crumb)
        if not path.startswith(("v7/", "v8/", "v10/")):
            return web.Response(status=404, text="Not Found")
        self.asked.append(path)
        if self.faults and (bad := await self._fault(self.faults.pop(0), request)):
            return bad
        if path == "v7/finance/quote":
            if request.query.get("crumb") != self.crumb:
                return self._unauthorized()
            names = request.query["symbols"].split(",")
            rows = [self._row(name) for name in names if name in self.listed]
            return web.json_response({"quoteResponse": {"result": rows, "error": None}})
        if path.startswith("v8/finance/chart/"):
            return await self._chart(path.rsplit("/", 1)[1], request)
        if path.startswith("v10/finance/quoteSummary/"):
            return web.json_response(self._summary(path.rsplit("/", 1)[1], request))
        return web.Response(status=404, text="Not Found")

    def _summary(self, name: str, request: web.Request) -> dict[str, Any]:
        if "earningsTrend" in request.query["modules"]:
            return _trend(self.earnings_currency)
        said = {**STATISTICS, **self.statistics.get(name, {})}
        parts = {
            "defaultKeyStatistics": {"enterpriseValue": said["enterpriseValue"]},
            "financialData": {
                "totalRevenue": said["totalRevenue"],
                "financialCurrency": said["financialCurrency"],
            },
            "price": {"currency": said["currency"]},
        }
        return {"quoteSummary": {"result": [parts], "error": None}}

    async def _trickle(self, request: web.Request) -> web.StreamResponse:
        """A byte now and then, until the other side has enough."""
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while not self.released.is_set():
                await response.write(b" ")
                await asyncio.sleep(0.01)
        return response

    async def _fault(self, fault: int | str, request: web.Request) -> web.StreamResponse | None:
        if fault == "html":
            return web.Response(
                text="<html>Our engineers are working on it", content_type="text/html"
            )
        if fault == "hang":
            await self.released.wait()
            return web.Response(status=504)
        if fault == "trickle":
            return await self._trickle(request)
        if fault == "broken":
            return web.json_response({"quoteResponse": {"result": [{"symbol": "NVDA"}, None, 7]}})
        if fault == 401:
            return self._unauthorized()
        return web.Response(status=int(fault), text="Too Many Requests" if fault == 429 else "no")

    def _unauthorized(self) -> web.Response:
        error = {"code": "Unauthorized", "description": "Invalid Crumb"}
        return web.json_response({"finance": {"result": None, "error": error}}, status=401)

    def _row(self, name: str) -> dict[str, Any]:
        item = self.listed[name]
        return {
            "symbol": name,
            "quoteType": "INDEX" if name.startswith("^") else "EQUITY",
            "currency": "USD",
            "shortName": f"{name} Corp",
            "exchangeTimezoneName": "America/New_York",
            "regularMarketPrice": item.price,
            "regularMarketTime": int(item.at.timestamp()),
            "regularMarketPreviousClose": item.previous,
            "regularMarketDayLow": item.low,
            "regularMarketDayHigh": item.high,
            **item.more,
        }

    async def _chart(self, name: str, request: web.Request) -> web.StreamResponse:
        fault = self.chart_faults.get(name)
        if fault is not None and (bad := await self._fault(fault, request)):
            return bad
        if name not in self.listed:
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return web.json_response({"chart": {"result": None, "error": error}}, status=404)
        item = self.listed[name]
        first = int(request.query.get("period1", 0))
        last = int(request.query.get("period2", 2**40))
        days = [day for day in sorted(item.closes) if first <= opened(day) < last]
        values = [item.closes[day] for day in days]
        splits = {
            str(opened(day)): {"date": opened(day), "numerator": n, "denominator": d,
                               "splitRatio": f"{n}:{d}"}
            for day, (n, d) in item.splits.items()
        }  # fmt: skip
        column = dict.fromkeys(("open", "high", "low", "close"), values)
        volumes = [1000 if value is not None else 1200 for value in values]
        result = {
            "meta": {
                "currency": "USD", "symbol": name, "instrumentType": "EQUITY",
                "exchangeName": "NMS", "gmtoffset": -18000, "timezone": "EST",
                "exchangeTimezoneName": "America/New_York", "dataGranularity": "1d",
                "regularMarketPrice": 1.0, "priceHint": 2, "validRanges": ["1d", "max"],
                "currentTradingPeriod": {
                    part: {"timezone": "EST", "start": 0, "end": 0, "gmtoffset": -18000}
                    for part in ("pre", "regular", "post")
                },
            },
            "timestamp": [opened(day) for day in days],
            "indicators": {
                "quote": [{**column, "volume": volumes}],
                "adjclose": [{"adjclose": values}],
            },
        }  # fmt: skip
        if splits:
            result["events"] = {"splits": splits}
        return web.json_response({"chart": {"result": [result], "error": None}})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if "stream" in self.down:
            return web.Response(status=503)
        while "stream hangs" in self.down:
            await asyncio.sleep(0.02)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for received in socket:
            if received.type is WSMsgType.TEXT:
                said = json.loads(received.data)
                self.unsubscribed += said.get("unsubscribe", [])
                if "subscribe" in said:
                    self.subscribed.append(said["subscribe"])
                    self.connected.set()
        return socket

    async def tick(self, symbol: str, price: float, at: datetime, **more: Any) -> None:
        """Send a price of the regular session to everybody who listens; `more` fields with it."""
        text = message(symbol, price, at, **more)
        for socket in self.sockets:
            if not socket.closed:
                await socket.send_str(text)


def message(symbol: str, price: float, at: datetime, **more: Any) -> str:
    """A message of the price stream, of the regular session unless `market_hours` says so."""
    from yfinance.pricing_pb2 import PricingData

    fields = {"market_hours": 1, "currency": "USD", **more}
    data = PricingData(id=symbol, price=price, time=int(at.timestamp() * 1000), **fields)
    return json.dumps(
        {"type": "pricing", "message": base64.b64encode(data.SerializeToString()).decode()}
    )


def _trend(currency: str | None) -> dict[str, Any]:
    def estimate(value: float, growth: float) -> dict[str, Any]:
        return {"avg": {"raw": value}, "low": {"raw": value}, "high": {"raw": value},
                "growth": {"raw": growth}, "numberOfAnalysts": {"raw": 5},
                "earningsCurrency": currency, "revenueCurrency": currency}  # fmt: skip

    trend = [
        {"period": period, "earningsEstimate": estimate(4.45, 0.51),
         "revenueEstimate": estimate(196e9, 0.5)}
        for period in ("0q", "+1q", "0y", "+1y")
    ]  # fmt: skip
    result = {"earningsTrend": {"trend": trend, "maxAge": 1}}
    return {"quoteSummary": {"result": [result], "error": None}}


@asynccontextmanager
async def running(server: YahooServer) -> AsyncIterator[YahooServer]:
    """The server, listening on a port of its own."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.base_url = f"http://127.0.0.1:{port}"
    try:
        yield server
    finally:
        server.released.set()
        await runner.cleanup()
