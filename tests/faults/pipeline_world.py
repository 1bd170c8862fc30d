"""The world of the pipeline that is killed: prices that fall and recover, and models released."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from xml.sax.saxutils import escape

from bot.market.calendar import NEW_YORK, sessions
from tests.servers import discord, feeds, slack, yahoo
from tests.servers.discord.world import Channel as DiscordChannel
from tests.servers.slack.world import Channel as SlackChannel
from tests.servers.yahoo import Listed
from tests.slack_fanout import nonce_of

BEGIN = datetime(2025, 1, 27, 22, tzinfo=UTC)
PAST = sessions(NEW_YORK, date(2024, 11, 25), date(2025, 1, 27))
DAYS = sessions(NEW_YORK, date(2025, 1, 28), date(2025, 7, 31))
# What each symbol costs on the days of the script, again and again: steps that nobody has to
# confirm, through four levels and back to a new peak.
FALLS = (94.0, 89.0, 84.0, 79.0, 84.0, 90.0, 96.0, 102.0, 100.0)
LEVELS = (50_000, 100_000, 150_000, 200_000)
AFTER = {"NVDA": 0, "AMD": 4}
FLAT = {"^GSPC": 5000.0, "^VIX": 20.0}
FEED = "openai-news"


def price(symbol: str, number: int) -> float:
    """What a symbol costs on the day of that number of the script."""
    if symbol in FLAT:
        return FLAT[symbol]
    return FALLS[(number - AFTER[symbol]) % len(FALLS)] if number >= AFTER[symbol] else 100.0


def crossed(number: int) -> list[str]:
    """The levels that are crossed on the day of that number: the symbol, and percent."""
    found = []
    for symbol, after in AFTER.items():
        place = (number - after) % len(FALLS)
        if number >= after and place < len(LEVELS):
            found.append(f"{symbol} {LEVELS[place] // 10_000}")
    return found


def at(number: int, minutes: float) -> datetime:
    """So many minutes after noon in New York of that day of the script."""
    return datetime.combine(DAYS[number], datetime.min.time(), UTC) + timedelta(
        hours=15, minutes=minutes
    )


def rss(titles: Iterable[str]) -> bytes:
    """A feed that lists these, the newest first."""
    items = "".join(
        f"<item><guid>https://openai.com/index/{number}/</guid><title>{escape(title)}</title>"
        f"<link>https://openai.com/index/{number}/</link>"
        f"<description>{escape(title)}</description></item>"
        for number, title in reversed(list(enumerate(titles)))
    )
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>OpenAI</title>'
        f"<link>https://openai.com/news/</link>{items}</channel></rss>"
    ).encode()


OLD = [f"How customer {number} uses our platform" for number in range(30)]


def model(number: int) -> str:
    """The model that is released on that day."""
    return f"GPT-{number + 6}"


@dataclass
class World:
    """Servers on 127.0.0.1 of everything that the pipeline asks and tells."""

    yahoo: yahoo.YahooServer
    feeds: feeds.FeedServer
    discord: discord.DiscordServer
    slack: slack.SlackServer
    rooms: list[DiscordChannel]
    channels: list[SlackChannel]

    def stands(self, number: int, now: datetime) -> None:
        """It is `now`, on the day of that number: what the sources say then."""
        for symbol, listed in self.yahoo.listed.items():
            listed.price, listed.at = price(symbol, number), now
            for before in range(number):
                listed.closes[DAYS[before]] = price(symbol, before)
        told = [f"Introducing {model(day)}" for day in range(number + 1)]
        self.feeds.put("/news.xml", rss([*OLD, *told]))
        self.tells(now)

    def tells(self, now: datetime) -> None:
        """It is `now` on the platforms as well."""
        for clock in (self.discord.clock, self.slack.clock):
            clock.ahead += now.timestamp() - clock.now()

    def arrived(self) -> dict[str, list[str]]:
        """The nonces of what was posted, by surface, each as often as it is there."""
        return {
            "discord": [str(message.nonce) for room in self.rooms for message in room.sent],
            "slack": [nonce_of(one) for channel in self.channels for one in channel.messages],
        }


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """All of them, as things stand before the script begins."""
    past = dict.fromkeys(PAST, 100.0)
    listed = {
        symbol: Listed({day: FLAT.get(symbol, 100.0) for day in past}, FLAT.get(symbol, 100.0))
        for symbol in (*AFTER, *FLAT)
    }
    chips = discord.DiscordServer()
    chips.limits.requests = 2_000
    guild = chips.add_guild("Chips")
    rooms = [guild.add_channel(f"alerts-{number}") for number in range(2)]
    async with AsyncExitStack() as stack:
        asked = await stack.enter_async_context(yahoo.running(yahoo.YahooServer(listed)))
        news = await stack.enter_async_context(feeds.serving())
        await stack.enter_async_context(discord.running(chips))
        talk = await stack.enter_async_context(slack.running())
        channels = [talk.workspace.add_channel(f"alerts-{number}") for number in range(2)]
        news.put("/news.xml", rss(OLD))
        found = World(asked, news, chips, talk, rooms, channels)
        for one in listed.values():
            one.at = BEGIN - timedelta(hours=1)
        found.tells(BEGIN)
        yield found
