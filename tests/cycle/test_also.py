"""What is learnt of a release after it was told: an edit of its first message, never a new one."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cards.notices import card_of
from bot.cycle.also import added, joined
from bot.cycle.channels import tell_or_hold
from bot.cycle.marks import change_marks
from bot.cycle.release_facts import Account, told_facts
from bot.model.release import Release
from bot.releases.beside import Given
from bot.services import Services
from storage import receivers
from storage.schema import held_news
from tests.cycle.channel import Channel

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
KEY = "acme/new-1/2026-01-20"
FIGURES = {"context": 128_000, "input_mtok": 0.5, "output_mtok": 2.0, "licence": "apache-2.0"}


def release(key: str = KEY, model: str = "New-1 Flash") -> Release:
    return Release(key, "acme", model, "language", date(2026, 1, 20), NOW, True, "Acme's blog")


class Told:
    """Two channels that were told of a release."""

    def __init__(self, services: Services) -> None:
        self.services, self.channel = services, Channel(services, [100])

    async def write(self, work: Callable[[AsyncConnection], Awaitable[Any]]) -> Any:
        return await self.services.database.write(work)

    async def tell(self, **how: Any) -> None:
        self.channel.set(NOW)

        async def work(connection: AsyncConnection) -> None:
            facts = await told_facts(connection, self.services, [release()], NOW, Account(**how))
            for name in ("one", "two"):
                to = await receivers.receiver_of(connection, "console", name, name, NOW)
                await tell_or_hold(connection, self.services, to.id, None, facts, NOW)

        await self.write(work)

    async def add(self, source: str, *given: Given, key: str = KEY, later: int = 1) -> int:
        now = NOW + timedelta(minutes=later)
        return int(await self.write(lambda c: added(c, self.services, key, source, now, given)))

    async def says(self) -> list[tuple[str, str]]:
        """Action of each row of the outbox, and the line that says where it was seen."""
        return [(row.action, _seen_at(row.facts)) for row in await self.channel.rows()]


def _seen_at(facts: Any) -> str:
    lines = card_of(facts).text.split("\n")
    return next((line for line in lines if line.startswith("Seen at")), "")


async def test_a_later_source_edits_the_message_of_every_channel(services: Services) -> None:
    told = Told(services)
    await told.tell()
    await told.channel.send()
    assert await told.add("OpenRouter") == 2
    line = "Seen at: Acme's blog; also: OpenRouter"
    assert await told.says() == [("post", ""), ("post", ""), ("edit", line), ("edit", line)]


async def test_edits_on_their_way_become_one(services: Services) -> None:
    told = Told(services)
    await told.tell()
    await told.channel.send()
    for source in ("OpenRouter", "models.dev", "Acme's blog", "OpenRouter"):
        await told.add(source)
    line = "Seen at: Acme's blog; also: OpenRouter and models.dev"
    assert (await told.says())[2:] == [("edit", line), ("edit", line)]


async def test_a_message_that_nobody_has_tried_to_send_says_it_at_once(services: Services) -> None:
    told = Told(services)
    await told.tell()
    await told.add("OpenRouter")
    line = "Seen at: Acme's blog; also: OpenRouter"
    assert await told.says() == [("post", line), ("post", line)]


async def test_figures_that_were_unknown_are_filled_in_and_known_ones_stay(
    services: Services,
) -> None:
    told = Told(services)
    await told.tell(given=[Given("Hugging Face", "New-1 Flash", {"context": 64_000})])
    await told.channel.send()
    await told.add("OpenRouter", Given("OpenRouter", "New-1 Flash", FIGURES))
    edit = (await told.channel.rows())[-1]
    card = card_of(edit.facts)
    assert card.title == "New-1 Flash: a new model, open weights (Apache 2.0)"
    assert "64K context" in card.text
    assert "$0.50 in, $2 out per million tokens; Anthropic's Claude Opus 4.5 costs" in card.text
    assert "figures: Hugging Face and OpenRouter" in card.footer


async def test_marks_and_mentions_stay(services: Services) -> None:
    told = Told(services)
    await told.tell()
    await told.channel.send()
    first = (await told.channel.rows())[0]
    mark = {"kind": "deeper", "level": 1, "at": NOW.isoformat(), "zone": "UTC"}
    await told.write(lambda c: change_marks(c, told.services, first.id, lambda _marks: [mark], NOW))
    await told.add("OpenRouter")
    edits = [row.facts for row in await told.channel.rows() if row.action == "edit"]
    assert [edit.get("marks") for edit in edits] == [[mark], None]
    assert [edit["also"] for edit in edits] == [["OpenRouter"], ["OpenRouter"]]


async def test_what_quiet_hours_hold_says_it_when_it_comes(services: Services) -> None:
    told = Told(services)
    await told.tell()
    facts = (await told.channel.rows())[0].facts

    async def hold(connection: AsyncConnection) -> None:
        row = {
            "receiver_id": 1, "facts": facts, "fallback": "x", "held_by": "quiet",
            "until": NOW + timedelta(hours=9), "created_at": NOW,
        }  # fmt: skip
        await connection.execute(insert(held_news).values(**row))

    await told.write(hold)
    assert await told.add("OpenRouter") == 3
    async with told.services.database.read() as connection:
        held = (await connection.execute(held_news.select())).one()
    assert held.facts["also"] == ["OpenRouter"]


async def test_another_model_of_the_day_joins_the_message_and_its_sources_find_it(
    services: Services,
) -> None:
    told = Told(services)
    await told.tell()
    await told.channel.send()
    other = release("acme/new-1-pro/2026-01-20", "New-1 Pro")
    later = NOW + timedelta(minutes=1)
    for _twice in range(2):
        await told.write(lambda c: joined(c, told.services, KEY, other, "OpenRouter", later))
    await told.add("models.dev", key=other.key)
    rows = await told.channel.rows()
    assert [row.action for row in rows] == ["post", "post", "edit", "edit"]
    assert card_of(rows[-1].facts).title == "New-1 Flash and Pro: two new models, open weights"
    assert rows[-1].facts["also"] == ["OpenRouter", "models.dev"]
    assert rows[-1].fallback == "acme released New-1 Flash and Pro (2026-01-20)"


async def test_neither_another_release_nor_a_rumour_nor_an_old_message_is_touched(
    services: Services,
) -> None:
    told = Told(services)
    await told.tell(rumour=True)
    await told.channel.send()
    assert await told.add("OpenRouter") == 0
    await told.tell()
    await told.channel.send()
    assert await told.add("OpenRouter", key="acme/other/2026-01-20") == 0
    assert await told.add("OpenRouter", later=60 * 24 * 8) == 0
