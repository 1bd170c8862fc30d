"""Buttons under what the bot posts: pressed by those who may and may not, after a restart too."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import discord
import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.pressed import ELSEWHERE, GONE, OF_NOTHING, actions
from bot.cards.marks import mark_lines
from bot.model.receiver import MessageRef, Notification, Receiver
from bot.model.rule import Rule
from bot.services import Services
from cogs.buttons import custom_id, view_for
from cogs.permissions import NOT_ALLOWED
from storage import attempts, outbox, receivers
from storage.attempts import Outcome
from storage.guilds import GuildSettings, set_guild
from storage.schema import outbox as outbox_table
from tests.asking import ask
from tests.cogs.pressing import AI, Bot, World, follow, started
from tests.conftest import START
from tests.servers.discord import DiscordServer, Message, running

NONCE = "0123456789abcdef01234567"
FELL = {"version": 1, "kind": "drawdown", "target": "ai", "level": 0.1}
RELEASED = {
    "version": 1, "kind": "release", "lab": "deepseek", "lab_name": "DeepSeek",
    "model": "DeepSeek-R1",
}  # fmt: skip


def _row(action: str, kind: str, nonce: str = NONCE) -> Notification:
    given = Receiver(1, "discord", "10", "#alerts")
    facts = {"kind": kind, "target": "ai"}
    return Notification(1, given, nonce, action, facts, "text", START, 0)


@pytest.mark.parametrize(
    ("action", "kind", "buttons"),
    [
        ("post", "drawdown", ("explain", "snooze-1h", "snooze-1d", "silence")),
        ("reply", "drawdown", ("explain", "snooze-1h", "snooze-1d", "silence")),
        ("post", "condition", ("explain", "snooze-1h", "snooze-1d", "silence")),
        ("post", "release", ("explain", "snooze-1h", "snooze-1d", "silence")),
        ("edit", "recovery", ("explain",)),
        ("edit", "drawdown", ("explain", "snooze-1h", "snooze-1d", "silence")),
        ("post", "note", ("explain",)),
        ("post", "recovery", ("explain",)),
        ("post", "digest", ("explain",)),
        ("post", "summary", ("explain",)),
    ],
)
def test_a_message_has_the_buttons_that_make_sense(
    action: str, kind: str, buttons: tuple[str, ...]
) -> None:
    assert actions(_row(action, kind)) == buttons


async def test_buttons_are_named_by_the_nonce() -> None:
    view = view_for(_row("post", "drawdown"))
    assert view is not None
    assert view.timeout is None
    assert [item.custom_id for item in view.children] == [  # type: ignore[attr-defined]
        f"aftershock:{action}:{NONCE}"
        for action in ("explain", "snooze-1h", "snooze-1d", "silence")
    ]
    assert view_for(_row("post", "drawdown", "seen")) is None


class Told:
    """#alerts, which follows ai, with one message of the bot's in it."""

    def __init__(self, world: World, services: Services) -> None:
        self.world, self.services = world, services
        guild = str(world.guild.id)
        address = str(world.alerts.id)
        self.receiver = Receiver(0, "discord", address, "#alerts", community=guild)
        self.interact = world.server.interact

    async def follow(self) -> None:
        await follow(self.services, self.receiver, AI)
        await ask("/subscribe releases", self.services, self.receiver)

    async def post(self, bot: Bot, facts: Mapping[str, Any], nonce: str = NONCE) -> Message:
        """A row of the outbox and its message, with an embed, a chart and the buttons."""

        async def work(connection: AsyncConnection) -> None:
            found = await receivers.find_receiver(connection, "discord", self.receiver.address)
            assert found is not None
            number = 2 if facts["kind"] == "release" else 1
            await outbox.enqueue(
                connection, found.id, nonce, "post", facts, "text", START, subscription_id=number
            )

        await self.services.database.write(work)
        async with self.services.database.read() as connection:
            row = await outbox.by_nonce(connection, nonce)
        assert row is not None
        view = view_for(row)
        assert view is not None
        embed = discord.Embed(description="13.7% below").set_image(url="attachment://chart.png")
        await bot.get_partial_messageable(self.world.alerts.id).send(
            "**AI stocks fell**", embed=embed, view=view,
            file=discord.File(__file__, "chart.png"),
        )  # fmt: skip
        message = self.world.last

        async def sent(connection: AsyncConnection) -> None:
            begun = await attempts.begin_attempts(connection, [row.id], START)
            ref = MessageRef(str(self.world.alerts.id), str(message.id))
            outcome = Outcome(row.id, begun[row.id], START, attempts.SENT, ref=ref)
            await attempts.record(connection, [outcome])

        await self.services.database.write(sent)
        return message

    async def marks(self) -> list[str]:
        """What the newest edit on its way says has come of the message."""
        async with self.services.database.read() as connection:
            statement = select(outbox_table).where(outbox_table.c.action == "edit")
            edits = list(await connection.execute(statement.order_by(outbox_table.c.id)))
        assert all(row.root_id == 1 for row in edits)
        return list(mark_lines(edits[-1].facts["marks"])) if edits else []

    async def silences(self) -> list[dict[str, Any]]:
        found = (await ask("/silence list", self.services, self.receiver)).facts["silences"]
        return list(found)


@pytest.fixture
async def told(seeded: Services) -> AsyncIterator[Told]:
    async with running(DiscordServer()) as server:
        made = Told(World(server), seeded)
        await made.follow()
        yield made


async def test_pressing_buttons_with_permission_and_without(told: Told) -> None:
    world, press = told.world, told.interact.press
    async with started(world.server, told.services) as bot:
        message = await told.post(bot, FELL)
        # Explain is for everybody, and private.
        answer = await press(message, "Explain", by=world.bob).response()
        assert answer.ephemeral
        assert "AI stocks: why this channel was told" in answer.embed["title"]
        assert [field["name"] for field in answer.embed["fields"]][:1] == ["Alert 1"]

        # Without permission nothing happens but a private sentence.
        for button in ("Snooze 1 h", "Snooze 1 d", "Silence"):
            pressed = press(message, button, by=world.bob)
            said = (
                await pressed.response() if button == "Silence" else (await pressed.followups())[0]
            )
            assert (said.ephemeral, said.content) == (True, NOT_ALLOWED)
        assert await told.silences() == []

        # With it, whoever pressed is told so, and the message will say who did it until when.
        (said,) = await press(message, "Snooze 1 h", by=world.ann).followups()
        assert (said.ephemeral, said.content) == (
            True, "ai is silenced until 27 Jan 2025, 23:00 UTC.",
        )  # fmt: skip
        assert await told.marks() == ["Snoozed by Ann until Mon 27 Jan 2025, 23:00 UTC"]
        (silence,) = await told.silences()
        assert (silence["target"], silence["by"]) == ("ai", "Ann")
        known = bot.names.following(told.receiver).silences
        assert [one.id for one in known] == [silence["number"]]

        # A second press of the same changes nothing, and says why.
        (said,) = await press(world.last, "Snooze 1 h", by=world.owner).followups()
        assert re.search("ai is silenced until .* already, asked by Ann", said.content)
        assert len(await told.silences()) == 1

        # A longer one takes the line's place.
        opened = press(world.last, "Silence", by=world.owner)
        assert "How long to say nothing of ai" in str(await opened.modal())
        await told.interact.submit(opened, {"for": ["1 week"]}).followups()
        assert await told.marks() == ["Silenced by owner until Mon 3 Feb 2025, 22:00 UTC"]
        assert [s["by"] for s in await told.silences()] == ["Ann", "owner"]


async def test_buttons_work_after_a_restart_and_for_the_chosen_role(told: Told) -> None:
    world, press = told.world, told.interact.press
    async with started(world.server, told.services) as bot:
        message = await told.post(bot, RELEASED)
        opened = press(message, "Silence", by=world.ann)
        await opened.modal()
    guild = str(world.guild.id)
    chosen = GuildSettings(str(world.desk.id))
    await told.services.database.write(lambda c: set_guild(c, guild, chosen))
    world.bob.roles.append(world.desk)
    async with started(world.server, told.services):
        late = await told.interact.submit(opened, {"for": ["1 day"]}).response()
        assert late.content == "This question is no longer open; press the button again."
        await press(message, "Snooze 1 d", by=world.bob).followups()
        assert await told.marks() == ["Snoozed by Bob until Tue 28 Jan 2025, 22:00 UTC"]
        (silence,) = await told.silences()
        assert (silence["target"], silence["by"]) == ("lab:deepseek", "Bob")
        why = await press(message, "Explain", by=world.bob).response()
        assert why.embed["title"] == "Why this channel was told: DeepSeek released DeepSeek-R1"
        assert why.embed["fields"][0]["name"] == "Subscription 2"


async def test_two_people_who_press_at_once_make_one_silence(told: Told) -> None:
    world, press = told.world, told.interact.press
    async with started(world.server, told.services) as bot:
        message = await told.post(bot, FELL)
        both = [press(message, "Snooze 1 h", by=who) for who in (world.ann, world.owner)]
        await world.server.until(
            lambda: all(len(one.more) == 1 for one in both), "a sentence for each"
        )
        said = sorted("already" in one.more[0].content for one in both)
        assert said == [False, True]
        assert len(await told.silences()) == 1
        assert len(await told.marks()) == 1


async def test_presses_on_what_is_over_are_answered(told: Told) -> None:
    world, press = told.world, told.interact.press
    async with started(world.server, told.services) as bot:
        message = await told.post(bot, FELL)
        # The alert was removed meanwhile: there is nothing to silence.
        await ask("/alert remove 1", told.services, told.receiver)
        (said,) = await press(message, "Snooze 1 h", by=world.ann).followups()
        assert said.content.startswith("This channel no longer follows ai")
        assert (await press(message, "Explain", by=world.bob).response()).embed["title"]
        assert await told.silences() == []

        # A copy in another channel is no way to silence this one.
        view = discord.ui.View(timeout=None)
        button: discord.ui.Button[Any] = discord.ui.Button(
            label="Explain", custom_id=custom_id("explain", NONCE)
        )
        await bot.get_partial_messageable(world.other.id).send("copy", view=view.add_item(button))
        copy = await press(world.other.sent[-1], "Explain", by=world.ann).response()
        assert copy.content == ELSEWHERE

        # The row was pruned.
        await told.services.database.write(lambda c: c.execute(delete(outbox_table)))
        assert (await press(message, "Explain", by=world.bob).response()).content == GONE


async def test_a_message_about_nothing_that_can_be_silenced_says_so(told: Told) -> None:
    """A button of an earlier version may stand under it."""
    async with started(told.world.server, told.services) as bot:
        message = await told.post(bot, {"version": 1, "kind": "condition"})
        (said,) = await told.interact.press(message, "Snooze 1 h", by=told.world.ann).followups()
        assert said.content == OF_NOTHING


async def test_a_stock_is_silenced_without_the_lab_of_its_name(told: Told) -> None:
    world, press = told.world, told.interact.press
    meta = Rule("META", "1y", (100_000,), 20_000)
    await follow(told.services, told.receiver, meta)
    async with started(world.server, told.services) as bot:
        message = await told.post(bot, {**FELL, "target": "META"})
        await press(message, "Snooze 1 h", by=world.ann).followups()
    assert [one["target"] for one in await told.silences()] == ["META"]


async def test_a_press_after_a_recovery_keeps_what_the_message_says_by_then(told: Told) -> None:
    world, press = told.world, told.interact.press
    async with started(world.server, told.services) as bot:
        message = await told.post(bot, FELL)
        recovered = {**FELL, "kind": "recovery"}

        async def recover(connection: AsyncConnection) -> None:
            nonce = told.services.nonce()
            await outbox.enqueue(connection, 1, nonce, "edit", recovered, "up", START, root_id=1)

        await told.services.database.write(recover)
        await press(message, "Snooze 1 h", by=world.ann).followups()
    async with told.services.database.read() as connection:
        statement = select(outbox_table).where(outbox_table.c.action == "edit")
        (edit,) = await connection.execute(statement)
    assert (edit.facts["kind"], edit.fallback) == ("recovery", "up")
    assert len(edit.facts["marks"]) == 1


async def test_a_basket_that_was_removed_is_named_as_people_know_it(told: Told) -> None:
    world, press = told.world, told.interact.press
    await ask("/basket add mine NVDA,AMD", told.services, told.receiver)
    target = f"mine@{told.receiver.owner}"
    async with started(world.server, told.services) as bot:
        message = await told.post(bot, {**FELL, "target": target})
        await ask("/basket remove mine", told.services, told.receiver)
        said = await press(message, "Explain", by=world.bob).response()
        assert said.content.startswith("Basket mine has been removed since;")
