"""The world of a soak: a market, feeds and price lists whose every answer follows a set clock."""

import asyncio
import json
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

from aiohttp import web

from bot.market.calendar import NEW_YORK, session_close, session_open, sessions
from bot.market.shipped import load_baskets
from tests.servers.feeds import Asked, FeedServer, head
from tests.servers.yahoo import Listed, YahooServer

BEGIN = datetime(2025, 3, 3, 13, 0, tzinfo=UTC)
_PAST, _LONGEST = timedelta(days=460), timedelta(days=140)
# The usual size of a day's move, within what the gate lets pass unconfirmed.
DAILY = 0.018
RELEASE_DAYS, PRICE_DAYS = 4, 12
FEEDS = {"/lab": "openai", "/news": "", "/other": ""}
_TURNS = ("nano", "mini", "pro", "turbo")


def instants(days: int) -> Iterator[datetime]:
    """When something happens: half-hourly in sessions, around their ends, else each two hours."""
    first = BEGIN.date()
    for number in range(days):
        day = first + timedelta(days=number)
        start = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
        found = {start + timedelta(hours=2 * step) for step in range(12)}
        if sessions(NEW_YORK, day, day):
            opened, closed = session_open(NEW_YORK, day), session_close(NEW_YORK, day)
            steps = int((closed - opened) / timedelta(minutes=30))
            found |= {opened + timedelta(minutes=30 * step + 1) for step in range(steps)}
            found |= {closed + timedelta(minutes=late) for late in (0, 5, 25, 70)}
        yield from sorted(found)


@dataclass
class Market:
    """Prices that wander, the same for one seed: closes by day, straight lines between them."""

    seed: int
    closes: dict[str, dict[date, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = {name for basket in load_baskets().values() for name in basket.members}
        for name in sorted(names):
            # Each symbol's own, so that one more changes no other.
            random, price = Random(f"{self.seed} {name}"), 100.0
            self.closes[name] = {}
            for day in self.days:
                price *= 1 + max(-0.06, min(0.06, random.gauss(0, DAILY)))
                self.closes[name][day] = round(price, 2)

    @cached_property
    def days(self) -> list[date]:
        """Every session."""
        return sessions(NEW_YORK, (BEGIN - _PAST).date(), (BEGIN + _LONGEST).date())

    @cached_property
    def ends(self) -> list[datetime]:
        """When each of them closes."""
        return [session_close(NEW_YORK, day) for day in self.days]

    def closed(self, now: datetime) -> int:
        """How many sessions are over."""
        return bisect_right(self.ends, now)

    def price(self, name: str, now: datetime) -> tuple[float, datetime, float]:
        """The last price, when it was traded, and the close before its session."""
        over = self.closed(now)
        closes = self.closes[name]
        last, day = closes[self.days[over - 1]], self.days[over]
        opened = session_open(NEW_YORK, day)
        if now < opened:
            return last, self.ends[over - 1], closes[self.days[over - 2]]
        share = (now - opened) / (self.ends[over] - opened)
        return round(last + (closes[day] - last) * share, 4), now, last


@dataclass
class LivingYahoo(YahooServer):
    """A Yahoo of that market, as it is when it is asked."""

    market: Market = field(default_factory=lambda: Market(1))
    moment: Callable[[], datetime] = lambda: BEGIN
    known: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any request, once everything is as of now."""
        now = self.moment()
        over = self.market.closed(now)
        for name, closes in self.market.closes.items():
            one = self.listed.setdefault(name, Listed())
            if over != self.known:
                one.closes = {day: closes[day] for day in self.market.days[:over]}
            one.price, one.at, one.previous = self.market.price(name, now)
            ends = sorted((one.price, one.previous))
            one.low, one.high = ends[0] * 0.999, ends[1] * 1.001
        self.known = over
        self.asked.clear()
        return await super().answer(request)


def releases(now: datetime) -> list[tuple[datetime, str]]:
    """What OpenAI has released by now, the newest first."""
    found = []
    for number in range(400):
        at = BEGIN + timedelta(days=RELEASE_DAYS * number + 1, hours=3)
        if at > now:
            break
        found.append((at, f"GPT-{6 + number // 4}.{number % 4} {_TURNS[number % 4]}"))
    return found[::-1]


def _rss(title: str, items: list[tuple[datetime, str, str]]) -> bytes:
    said = "".join(
        f"<item><title>{words}</title><link>https://example.com/{key}</link><guid>{key}</guid>"
        f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for at, key, words in items
    )
    return f"<rss version='2.0'><channel><title>{title}</title>{said}</channel></rss>".encode()


def feed(path: str, now: datetime) -> bytes:
    """What a feed holds: the lab's own words, or an outlet's, with rumours and other news."""
    items = []
    for at, model in releases(now)[:30]:
        key = model.replace(" ", "-").lower()
        if path == "/lab":
            items.append((at, f"lab-{key}", f"Introducing {model}"))
            items.append((at, f"lab-story-{key}", f"How a bakery uses {model} for its menu"))
        else:
            late = at + timedelta(hours=2 if path == "/news" else 9)
            if late <= now:
                items.append((late, f"{path[1:]}-{key}", f"OpenAI launches {model}"))
    if path != "/lab":
        hours = int((now - BEGIN) / timedelta(hours=8))
        for number in range(max(0, hours - 30), hours):
            at = BEGIN + timedelta(hours=8 * number)
            rumour = number % 5 == 0
            words = f"Rumour: OpenAI may release GPT-9.{number} soon" if rumour else (
                f"Chip maker opens office number {number}"
            )  # fmt: skip
            items.append((at, f"{path[1:]}-{number}", words))
    return _rss(path[1:], sorted(items, reverse=True)) if items else _rss(path[1:], [])


def asked_for(now: datetime) -> float:
    """What DeepSeek-R1's input costs by now, in dollars for a million tokens."""
    cuts = max(0, int((now - BEGIN) / timedelta(days=PRICE_DAYS)))
    return round(3.0 * 0.8**cuts, 3)


def models_dev(now: datetime) -> bytes:
    """One list of prices."""
    cost = asked_for(now)
    others: dict[str, Any] = {
        f"gpt-{n}": {"cost": {"input": 1, "output": 2}} for n in range(100, 130)
    }
    data = {
        "openai": {"models": {"gpt-4o": {"cost": {"input": 2.5, "output": 10}}}},
        "deepseek": {"models": {"deepseek-r1": {"cost": {"input": cost, "output": cost * 4}}}},
        "together": {
            "models": {
                "deepseek/deepseek-r1": {"cost": {"input": cost, "output": cost * 4}}, **others
            }
        },
    }  # fmt: skip
    return json.dumps(data).encode()


def openrouter(now: datetime) -> bytes:
    """The other."""
    cost = f"{asked_for(now) / 1e6:.10f}"
    rows = [{"id": "deepseek/deepseek-r1", "pricing": {"prompt": cost, "completion": cost}}]
    return json.dumps({"data": rows}).encode()


def publish(server: FeedServer, moment: Callable[[], datetime]) -> None:
    """Serve all of them, as of the moment at which they are asked for."""

    def serve(path: str, body: Callable[[datetime], bytes]) -> None:
        async def answer(_asked: Asked, writer: asyncio.StreamWriter) -> None:
            data = body(moment())
            server.asked.clear()
            writer.write(head(200, {"Content-Length": str(len(data))}) + data)
            await writer.drain()

        server.do(path, answer)

    for path in FEEDS:
        serve(path, lambda now, path=path: feed(path, now))  # type: ignore[misc]
    serve("/api.json", models_dev)
    serve("/models", openrouter)
