"""/channel as a panel: by those who may manage, and for everybody else only its card."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.model.receiver import Receiver
from bot.model.rule import Condition, Rule
from bot.services import Services
from cogs.permissions import NOT_ALLOWED, SERVER_ONLY
from storage.guilds import GuildSettings, guild_of, set_guild
from tests.asking import ask
from tests.cogs.pressing import AI, EMBED_LINKS, World, follow, part, shown, started
from tests.servers.discord import DiscordServer, Member, Message, running


class Panel:
    """The panel of #alerts as one person sees it."""

    def __init__(self, world: World, services: Services, by: Member) -> None:
        self.world, self.services, self.by = world, services, by
        address, guild = str(world.alerts.id), str(world.guild.id)
        self.receiver = Receiver(0, "discord", address, "#alerts", community=guild)

    async def open(self) -> Message:
        asked = self.world.server.interact("channel", by=self.by, where=self.world.alerts)
        self.message = await asked.response()
        return self.message

    async def press(self, label: str) -> Message:
        """Press a button; the panel once it has changed."""
        await self.world.server.interact.press(self.message, label, by=self.by).edited()
        return self.message

    async def choose(self, name: str, *chosen: Any) -> Message:
        """Choose in a menu; the panel once it has changed."""
        menu = part(self.message, name)
        await self.world.server.interact.select(
            self.message, menu, list(chosen), by=self.by
        ).edited()
        return self.message

    async def fill(self, label: str, values: dict[str, Any]) -> Any:
        """Press a button and fill in its form."""
        opened = self.world.server.interact.press(self.message, label, by=self.by)
        await opened.modal()
        return self.world.server.interact.submit(opened, values)

    async def facts(self, line: str) -> dict[str, Any]:
        return dict((await ask(line, self.services, self.receiver)).facts)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running(DiscordServer()) as server:
        yield World(server)


async def test_who_may_not_manage_sees_the_card_only(world: World, seeded: Services) -> None:
    panel = Panel(world, seeded, world.bob)
    await follow(seeded, panel.receiver, AI)
    async with started(world.server, seeded):
        message = await panel.open()
    assert message.ephemeral
    assert message.embed["title"] == "This channel gets 1 alert"
    assert message.components == []


async def test_a_channel_is_changed_in_its_panel(world: World, seeded: Services) -> None:
    panel = Panel(world, seeded, world.ann)
    await follow(seeded, panel.receiver, AI)
    await ask("/subscribe releases", seeded, panel.receiver)
    async with started(world.server, seeded) as bot:

        def offered() -> list[int]:
            """The numbers that completion knows."""
            return [one.id for one in bot.names.following(panel.receiver).subscriptions]

        assert offered() == [1, 2]
        message = await panel.open()
        assert message.ephemeral
        # Choosing for the whole server takes Manage Server, which Ann lacks.
        assert message.labels == [
            "Remove", "Change levels", "Add alert", "Time zone and hours", "Close",
        ]  # fmt: skip
        assert message.component("Remove")["disabled"]

        # Remove a subscription.
        await panel.choose("which", "2: new language models of frontier labs")
        assert message.component("Change levels")["disabled"]
        await panel.press("Remove")
        assert message.content == (
            "Subscription 2 (new language models of frontier labs) is removed"
        )
        assert message.embed["title"] == "This channel gets 1 alert"
        assert offered() == [1]

        # Change an alert's levels; a mistake is said privately and changes nothing.
        await panel.choose("which", "1")
        wrong = await panel.fill("Change levels", {"levels": "120"})
        assert "percentages between 0 and 100" in (await wrong.followups())[0].content
        await (await panel.fill("Change levels", {"levels": "7.5, 30"})).edited()
        assert message.content.startswith("Alert 1 is now alert 3: AI stocks are 7.5% or 30%")
        (alert,) = (await panel.facts("/alert list"))["alerts"]
        assert alert["levels"] == [0.075, 0.3]
        assert offered() == [3]

        # Add one; its sentence for a mistake is the one that /alert add has.
        wrong = await panel.fill("Add alert", {"target": "NVDAA", "condition": ["drawdown"]})
        assert "did you mean NVDA" in (await wrong.followups())[0].content
        await (
            await panel.fill(
                "Add alert", {"target": "nvda", "condition": ["below"], "levels": "100"}
            )
        ).edited()
        assert message.content.startswith("Alert 4: NVDA")

        # As with /alert add, not where the bot could not tell it.
        world.alerts.deny(EMBED_LINKS)
        mute = await panel.fill("Add alert", {"target": "AMD", "condition": ["drawdown"]})
        assert "Aftershock lacks Embed Links" in (await mute.followups())[0].content
        world.alerts.allow_all()

        # Time zone, quiet hours and cap.
        given = {"timezone": "Mars", "quiet": "off", "cap": "5"}
        wrong = await panel.fill("Time zone and hours", given)
        assert "Mars is not a time zone" in (await wrong.followups())[0].content
        given = {"timezone": "taipei", "quiet": "22:00-07:00", "cap": "5"}
        await (await panel.fill("Time zone and hours", given)).edited()
        assert message.content == "Changed: time zone, quiet hours, messages an hour."
        found = await panel.facts("/channel")
        assert (found["time_zone"], found["quiet"], found["hourly_cap"]) == (
            "Asia/Taipei", "22:00–07:00", 5,
        )  # fmt: skip

        await panel.press("Close")
        assert message.components == []


async def test_as_many_levels_as_there_can_be_are_shown_to_be_changed(
    world: World, seeded: Services
) -> None:
    panel = Panel(world, seeded, world.ann)
    prices = tuple(123_456_000_001 + number * 1_000_001 for number in range(10))
    await follow(seeded, panel.receiver, Rule("NVDA", "above", prices, 1, Condition.ABOVE))
    async with started(world.server, seeded):
        await panel.open()
        await panel.choose("which", "1")
        opened = world.server.interact.press(panel.message, "Change levels", by=world.ann)
        assert "123456.000001, 123457.000002" in str(await opened.modal())


async def test_a_role_that_was_deleted_is_not_shown_as_chosen(
    world: World, seeded: Services
) -> None:
    chosen = GuildSettings("4242", True)
    await seeded.database.write(lambda c: set_guild(c, str(world.guild.id), chosen))
    panel = Panel(world, seeded, world.owner)
    async with started(world.server, seeded):
        await panel.open()
    assert not shown(panel.message, "role").get("default_values")


async def test_two_who_make_answers_public_at_once_make_them_public(
    world: World, seeded: Services
) -> None:
    first, second = Panel(world, seeded, world.owner), Panel(world, seeded, world.owner)
    async with started(world.server, seeded):
        await first.open()
        await second.open()
        await first.press("Make answers public")
        await second.press("Make answers public")
        assert "everybody in the channel sees them" in second.message.content
    async with seeded.database.read() as connection:
        assert (await guild_of(connection, str(world.guild.id))).public_answers


async def test_choices_for_the_whole_server_take_manage_server(
    world: World, seeded: Services
) -> None:
    guild = str(world.guild.id)

    async def settings() -> GuildSettings:
        async with seeded.database.read() as connection:
            return await guild_of(connection, guild)

    panel = Panel(world, seeded, world.owner)
    async with started(world.server, seeded):
        await panel.open()
        await panel.choose("role", world.desk)
        assert "The role desk may change" in panel.message.content
        await panel.press("Make answers public")
        assert await settings() == GuildSettings(str(world.desk.id), True)
        default = shown(panel.message, "role")["default_values"]
        assert [str(value["id"]) for value in default] == [str(world.desk.id)]

        # Somebody else who presses on it, with the role but without Manage Server.
        world.bob.roles.append(world.desk)
        pressed = world.server.interact.press(panel.message, "Make answers private", by=world.bob)
        assert (await pressed.followups())[0].content == SERVER_ONLY
        # Without the role he may not even open or use it.
        world.bob.roles.clear()
        pressed = world.server.interact.press(panel.message, "Close", by=world.bob)
        assert (await pressed.response()).content == NOT_ALLOWED
        await panel.choose("role")
        assert await settings() == GuildSettings(None, True)


async def test_a_panel_from_before_a_restart_says_what_to_do(
    world: World, seeded: Services
) -> None:
    panel = Panel(world, seeded, world.ann)
    async with started(world.server, seeded):
        message = await panel.open()
        opened = world.server.interact.press(message, "Add alert", by=world.ann)
        await opened.modal()
    async with started(world.server, seeded):
        said = "This panel is no longer open; type /channel again."
        late = world.server.interact.press(message, "Time zone and hours", by=world.ann)
        assert (await late.response()).content == said
        filled = world.server.interact.submit(
            opened, {"target": "NVDA", "condition": ["drawdown"], "levels": "10"}
        )
        assert (await filled.response()).content == said
        assert (await panel.facts("/alert list"))["alerts"] == []


async def test_more_than_a_menu_holds_comes_in_pages(world: World, seeded: Services) -> None:
    panel = Panel(world, seeded, world.ann)
    prices = [price * 1_000_000 for price in range(200, 226)]
    rules = [Rule("NVDA", "above", (price,), 1, Condition.ABOVE) for price in prices]
    await follow(seeded, panel.receiver, *rules)
    async with started(world.server, seeded):
        message = await panel.open()
        assert len(shown(message, "which")["options"]) == 25
        assert message.component("Earlier")["disabled"]
        await panel.press("Later")
        (only,) = shown(message, "which")["options"]
        assert only["value"] == "26"
        # The page goes with its last alert.
        await panel.choose("which", "26")
        await panel.press("Remove")
        assert len(shown(message, "which")["options"]) == 25
        assert "Later" not in message.labels


async def test_a_panel_that_ran_out_says_so(world: World, seeded: Services) -> None:
    panel = Panel(world, seeded, world.ann)
    async with started(world.server, seeded) as bot:
        message = await panel.open()
        (view,) = {item.view for items in _views(bot).values() for item in items.values()}
        await view.on_timeout()
        assert message.content == (
            "This has waited for a quarter of an hour and is closed; type /channel again."
        )
        assert message.components == []


async def test_an_answer_that_came_too_late_is_told_to_ask_again(
    world: World, seeded: Services
) -> None:
    panel = Panel(world, seeded, world.ann)
    async with started(world.server, seeded) as bot:
        message = await panel.open()
        opened = world.server.interact.press(message, "Time zone and hours", by=world.ann)
        await opened.modal()
        (view,) = {item.view for items in _views(bot).values() for item in items.values()}
        for one in (*bot._connection._view_store._modals.values(), view):
            one._dispatch_timeout()
        await world.server.until(lambda: message.components == [], "the end of the panel")
        late = world.server.interact.submit(opened, {"timezone": "UTC", "quiet": "off", "cap": "5"})
        said = "This panel is no longer open; type /channel again."
        assert (await late.response()).content == said


def _views(bot: Any) -> dict[Any, dict[Any, Any]]:
    return dict(bot._connection._view_store._views)


async def test_nothing_is_kept_of_what_was_closed(world: World, seeded: Services) -> None:
    guild = str(world.guild.id)
    await seeded.database.write(lambda c: set_guild(c, guild, GuildSettings()))
    panel = Panel(world, seeded, world.ann)
    async with started(world.server, seeded) as bot:
        for _ in range(3):
            await panel.open()
            wrong = await panel.fill("Time zone and hours", {"timezone": "Mars"})
            await wrong.followups()
            await panel.press("Close")
        assert _views(bot) == {}
        store = bot._connection._view_store
        assert dict(store._synced_message_views) == {}
        assert dict(store._modals) == {}
