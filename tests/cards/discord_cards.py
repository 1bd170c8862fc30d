"""Real cards of every kind: half a year of the shipped history through the production cycle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.cycle.compose import compose
from bot.cycle.seed import seed_shipped
from bot.cycle.tick import tell_due, tick
from bot.market.calendar import NEW_YORK, session_close
from bot.model.card import Card
from bot.model.receiver import Notification, Receiver
from bot.services import Services
from tests.asking import ask
from tests.cycle.channel import TIMING, Channel

ASKED = {
    "status": "/status",
    "drawdown-answer": "/drawdown NVDA",
    "drawdown-of-a-basket": "/drawdown ai",
    "drawdown-overview": "/drawdown",
    "basket-show": "/basket show ai",
    "alert-list": "/alert list",
    "help": "/help",
    "help-of-one": "/help alert add",
    "releases-latest": "/releases latest",
    "releases-timeline": "/releases timeline",
    "model": "/model r1",
    "models": "/model DeepSeek-R1, gpt4o",
    "feeds-list": "/feeds list",
    "feeds-of-a-lab": "/feeds list DeepSeek",
    "feeds-health": "/feeds health OpenAI",
    "alert-explain": "/alert explain",
    "crowding": "/crowding ai",
}


@dataclass(frozen=True)
class Cards:
    """What the bot posted by itself, and what it answered, by the name of a golden file."""

    posted: Mapping[str, Card]
    answered: Mapping[str, Card]


async def real_cards(services: Services) -> Cards:
    """One card of each kind; the services' database is empty."""
    half_year = HalfYear(services)
    await half_year.pass_by()
    return Cards(half_year.posted, half_year.answered)


class HalfYear(Channel):
    """July 2024 to January 2025, as two channels saw it."""

    def __init__(self, services: Services) -> None:
        super().__init__(services, [100])
        self.services = services
        self.posted: dict[str, Card] = {}
        self.answered: dict[str, Card] = {}
        self._seen = 0
        self._quiet = Receiver(0, "console", "quiet", "quiet")

    async def pass_by(self) -> None:
        """Everything, in order."""
        self.set(datetime(2024, 7, 23, 22, tzinfo=UTC))
        await seed_shipped(self.services, self.now)
        await self.say("/alert add ai levels=15,20")
        await self.say("/alert add NVDA levels=15,20")
        await self.close_of(date(2024, 7, 24), single=("drawdown", "NVDA"))
        await self.close_of(date(2024, 7, 30), deeper=("drawdown", "ai"))
        await self.close_of(date(2024, 10, 14), recovery=("recovery", "ai"))
        self.set(datetime(2025, 1, 19, 22, tzinfo=UTC))
        await tick(self.services, TIMING)
        await self.take()
        await self.follow_in_january()
        self.set(datetime(2025, 1, 20, 23, 59, 59, tzinfo=UTC))
        await tick(self.services, TIMING)
        await self.take(release=("release", "DeepSeek-R1"))
        await self.close_of(date(2025, 1, 27), drawdown=("drawdown", "ai"), move=("condition", ""))
        for name, line in ASKED.items():
            self.answered[name] = await ask(line, self.services, self.receiver)
        for hours in (1, 6):  # to 22:05, when the digest is due, and past the end of quiet hours
            self.set(self.now + timedelta(hours=hours))
            await tell_due(self.services, TIMING)
            await self.take(digest=("digest", "ai"), summary=("summary", ""))

    async def follow_in_january(self) -> None:
        """What the channels ask for before the shock."""
        await self.say("/alert add ai levels=5,10")
        await self.say("/alert add AVGO move levels=8 mention=@desk")
        await self.say("/subscribe releases")
        await self.say("/subscribe digest week 22:00 ai weekday=mon")
        for line in (
            "/channel quiet=15:00-23:00 timezone=America/New_York",
            "/alert add NVDA levels=10,20",
            "/alert add AVGO move levels=8",
            "/alert add ai levels=10",
        ):
            await ask(line, self.services, self._quiet)

    async def close_of(self, day: date, **wanted: tuple[str, str]) -> None:
        """Both polls of a close."""
        for late in (0, 5):
            self.set(session_close(NEW_YORK, day) + timedelta(minutes=late))
            await tick(self.services, TIMING)
        await self.take(**wanted)

    async def take(self, **wanted: tuple[str, str]) -> None:
        """Cards of new messages that are wanted, by kind and target (or model); all are sent."""
        for row in (await self.rows())[self._seen :]:
            self._seen += 1
            facts = row.facts
            of = {(facts["kind"], facts.get("target")), (facts["kind"], facts.get("model"))}
            of.add((facts["kind"], ""))
            for name, one in wanted.items():
                if one in of and name not in self.posted:
                    about = Notification(
                        row.id, Receiver(row.receiver_id, "console", "local", "console"), row.nonce,
                        row.action, facts, row.fallback, row.created_at, 0,
                    )  # fmt: skip
                    self.posted[name] = await compose(self.services, about)
                    assert (row.action == "reply") == (name == "deeper"), (row.action, name)
        await self.send()
