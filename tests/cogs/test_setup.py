"""/setup from the first step to the last, again on the same channel, and with what is missing."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from bot.model.receiver import Receiver
from bot.services import Services
from cogs.permissions import NOT_ALLOWED
from storage import receivers
from storage.schema import receiver
from tests.asking import ask
from tests.cogs.pressing import EMBED_LINKS, World, part, shown, started
from tests.conftest import START
from tests.limited import limited
from tests.servers.discord import Channel, DiscordServer, Member, Message, User, running

_UNREACHABLE = update(receiver).values(disabled_at=START, disabled_reason="it was gone")


class Wizard:
    """The wizard as one person sees it."""

    def __init__(self, world: World, services: Services, by: Member | User) -> None:
        self.world, self.services, self.by = world, services, by

    async def begin(self, where: Channel) -> Message:
        asked = self.world.server.interact("setup", by=self.by, where=where)
        self.message = await asked.response()
        return self.message

    async def press(self, label: str) -> str:
        """Press a button; what the message says then."""
        await self.world.server.interact.press(self.message, label, by=self.by).edited()
        return self.message.content

    async def choose(self, name: str, *chosen: Any) -> str:
        menu = part(self.message, name)
        await self.world.server.interact.select(
            self.message, menu, list(chosen), by=self.by
        ).edited()
        return self.message.content

    async def fill(self, label: str, values: dict[str, Any]) -> Any:
        opened = self.world.server.interact.press(self.message, label, by=self.by)
        await opened.modal()
        return self.world.server.interact.submit(opened, values)

    def chosen(self, name: str) -> list[str]:
        options = shown(self.message, name)["options"]
        return [option["value"] for option in options if option.get("default")]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running(DiscordServer()) as server:
        yield World(server)


def _receiver(channel: Channel) -> Receiver:
    assert channel.guild is not None
    return Receiver(
        0, "discord", str(channel.id), f"#{channel.name}", community=str(channel.guild.id)
    )


async def test_the_wizard_from_start_to_finish_and_again(world: World, seeded: Services) -> None:
    wizard, other = Wizard(world, seeded, world.ann), _receiver(world.other)
    async with started(world.server, seeded) as bot:
        message = await wizard.begin(world.alerts)
        assert message.ephemeral
        assert message.content.startswith("**1 of 6: channel**\nWhere to post: **#alerts**.")
        assert message.component("Back")["disabled"]
        assert "**#other**. It gets nothing yet." in await wizard.choose("channel", world.other)

        await wizard.press("Next")
        assert wizard.chosen("baskets") == ["ai"]
        await wizard.choose("baskets", "compute", "ai")
        await wizard.press("Next")
        assert wizard.chosen("levels") == ["5", "10", "15", "20", "30"]
        assert "**10, 20** percent" in await wizard.choose("levels", "10%", "20%")
        wrong = await wizard.fill("Other levels", {"levels": "zero"})
        assert '"zero" is not a level' in (await wrong.followups())[0].content
        await (await wizard.fill("Other levels", {"levels": "12.5, 25"})).edited()
        assert wizard.chosen("levels") == ["12.5", "25"]

        await wizard.press("Next")
        assert wizard.chosen("labs") == ["frontier"]
        # All frontier labs has each of them in it.
        await wizard.choose("labs", "All frontier labs", "OpenAI")
        assert wizard.chosen("labs") == ["frontier"]
        await wizard.press("Next")
        wrong = await wizard.fill("Change", {"timezone": "Mars", "quiet": "off"})
        assert "Mars is not a time zone" in (await wrong.followups())[0].content
        given = {"timezone": "asia/taipei", "quiet": "22:00 - 7:00"}
        await (await wizard.fill("Change", given)).edited()
        assert "Time zone **Asia/Taipei**, quiet hours **22:00-07:00**" in message.content

        # Back and on again keeps what was chosen, and nothing is stored before the end.
        await wizard.press("Back")
        await wizard.press("Next")
        assert "Asia/Taipei" in message.content
        assert (
            "- tell when ai compute stocks fall 12.5, 25% below"
            in (await wizard.press("Next")).lower()
        )
        assert "The bot has the permissions that it needs there." in message.content
        async with seeded.database.read() as connection:
            assert await receivers.find_receiver(connection, "discord", other.address) is None

        said = await wizard.press("Finish")
        assert said.startswith("**#other** is set up.\n- Alert 1: ")
        assert "A sample was posted there." in said
        assert message.components == []
        (sample,) = world.other.sent
        assert sample.content.endswith("sample")
        assert "A sample of what this channel will be told" in sample.embed["description"]
        assert list(sample.files) == ["chart.png"]
        found = (await ask("/channel", seeded, other)).facts
        assert (found["time_zone"], found["quiet"]) == ("Asia/Taipei", "22:00–07:00")
        assert found["subscriptions"] == [1, 2, 3]
        assert [one.id for one in bot.names.following(other).subscriptions] == [1, 2, 3]

        # Again: it shows what is there, and adds nothing twice. A sample that arrives shows that
        # a channel which could not be reached can be.
        await seeded.database.write(lambda c: c.execute(_UNREACHABLE))
        message = await wizard.begin(world.other)
        assert "It gets 3 subscriptions already; the next steps show them." in message.content
        await wizard.press("Next")
        assert wizard.chosen("baskets") == ["ai", "compute"]
        await wizard.press("Next")
        assert wizard.chosen("levels") == ["12.5", "25"]
        for _ in range(3):
            await wizard.press("Next")
        assert "Nothing changes: all of this is set already." in message.content
        assert "was set up so already; nothing changed." in await wizard.press("Finish")
        async with seeded.database.read() as connection:
            (known,) = await receivers.receivers(connection)
        assert known.disabled_reason is None

        # What is taken out is removed, and other levels replace those that were.
        await wizard.begin(world.other)
        await wizard.press("Next")
        await wizard.choose("baskets", "ai")
        await wizard.press("Next")
        await wizard.choose("levels", "10%")
        await wizard.press("Next")
        await wizard.choose("labs", "OpenAI")
        await wizard.press("Next")
        await wizard.press("Next")
        await wizard.press("Finish")
    alerts = (await ask("/alert list", seeded, other)).facts["alerts"]
    assert [(a["kind"], a["target"], a["levels"]) for a in alerts] == [
        ("rule", "ai", [0.1]), ("releases", None, None),
    ]  # fmt: skip


async def test_what_the_bot_lacks_is_said_and_looked_at_again(
    world: World, seeded: Services
) -> None:
    wizard = Wizard(world, seeded, world.ann)
    world.other.deny(EMBED_LINKS)
    async with started(world.server, seeded):
        await wizard.begin(world.alerts)
        await wizard.choose("channel", world.other)
        for _ in range(5):
            await wizard.press("Next")
        assert "The bot lacks Embed Links there. Grant it in" in wizard.message.content
        world.other.allow_all()
        await world.server.until(lambda: True, "the gateway")
        assert "The bot has the permissions that it needs" in await wizard.press("Check again")
        await wizard.press("Cancel")
        assert wizard.message.content == "Nothing was set."

        # Discord refuses the sample: the rest is set all the same.
        await wizard.begin(world.alerts)
        await wizard.press("Next")
        await wizard.choose("baskets")
        for _ in range(4):
            await wizard.press("Next")
        world.server.fail("POST /channels/*/messages", 403, code=50013)
        said = await wizard.press("Finish")
        assert "**#alerts** is set up." in said
        assert "The sample could not be posted" in said
        # Nor does a broken connection hide what was set.
        await wizard.begin(world.other)
        for _ in range(5):
            await wizard.press("Next")
        world.server.fail("POST /channels/*/messages", "reset before", times=None)
        said = await wizard.press("Finish")
        assert "**#other** is set up." in said
        assert "The sample could not be posted: Discord did not answer." in said
    assert (await ask("/channel", seeded, _receiver(world.alerts))).facts["subscriptions"]


@pytest.mark.parametrize(
    ("obstacle", "said", "opened"),
    [
        ("too much asked", "No sample was posted: You asked 1 costly question", True),
        ("too much asked and denied", "No sample was posted: You asked 1 costly question", False),
        ("no answer", "The sample could not be posted: Discord did not answer.", True),
        ("refused", "The sample could not be posted", False),
    ],
)
async def test_a_given_up_channel_is_opened_where_the_bot_may_post(
    world: World, seeded: Services, obstacle: str, said: str, opened: bool
) -> None:
    wizard = Wizard(world, seeded, world.ann)
    async with started(world.server, seeded):
        with limited(seeded, 1):
            await ask("/alert add ai", seeded, _receiver(world.alerts))
            await seeded.database.write(lambda c: c.execute(_UNREACHABLE))
            if obstacle.startswith("too much asked"):
                drawdown = world.server.interact(
                    "drawdown", {"target": "NVDA"}, by=world.ann, where=world.alerts
                )
                await drawdown.response(20)
            if obstacle.endswith("denied"):
                world.alerts.deny(EMBED_LINKS)
            await wizard.begin(world.alerts)
            for _ in range(5):
                await wizard.press("Next")
            if obstacle == "no answer":
                world.server.fail("POST /channels/*/messages", "reset before", times=None)
            elif obstacle == "refused":
                world.server.fail("POST /channels/*/messages", 403, code=50013)
            assert said in await wizard.press("Finish")
    async with seeded.database.read() as connection:
        (known,) = await receivers.receivers(connection)
    assert (known.disabled_reason is None) == opened


async def test_only_who_may_manage_a_channel_sets_it_up(world: World, seeded: Services) -> None:
    async with started(world.server, seeded):
        message = await Wizard(world, seeded, world.bob).begin(world.alerts)
        assert (message.ephemeral, message.content) == (True, NOT_ALLOWED)
        # Ann may manage #alerts, but not a channel that she was denied.
        world.other.deny(1 << 4, world.ann)
        wizard = Wizard(world, seeded, world.ann)
        await wizard.begin(world.alerts)
        menu = part(wizard.message, "channel")
        chosen = world.server.interact.select(wizard.message, menu, [world.other], by=world.ann)
        assert (await chosen.followups())[0].content == NOT_ALLOWED
        assert "**#alerts**" in wizard.message.content


async def test_rights_that_were_lost_meanwhile_end_it(world: World, seeded: Services) -> None:
    wizard = Wizard(world, seeded, world.ann)
    async with started(world.server, seeded):
        await wizard.begin(world.alerts)
        await wizard.choose("channel", world.other)
        for _ in range(5):
            await wizard.press("Next")
        world.other.deny(1 << 4, world.ann)
        late = world.server.interact.press(wizard.message, "Finish", by=world.ann)
        assert (await late.followups())[0].content == NOT_ALLOWED
    assert world.other.sent == []
    async with seeded.database.read() as connection:
        assert await receivers.receivers(connection) == []


async def test_finish_pressed_twice_finishes_once(world: World, seeded: Services) -> None:
    wizard = Wizard(world, seeded, world.ann)
    async with started(world.server, seeded):
        await wizard.begin(world.alerts)
        await wizard.choose("channel", world.other)
        for _ in range(5):
            await wizard.press("Next")
        press = world.server.interact.press
        first, second = (press(wizard.message, "Finish", by=world.ann) for _ in range(2))
        await first.edited()
        assert await second.acknowledged()
        assert "**#other** is set up." in wizard.message.content
        assert len(world.other.sent) == 1


async def test_all_that_can_be_chosen_fits_into_the_last_steps(
    world: World, seeded: Services
) -> None:
    here, wizard = _receiver(world.alerts), Wizard(world, seeded, world.ann)
    for number in range(12):
        title = f"chips that somebody described at length, list {number:02}, in his own words"
        await ask(f'/basket add own-{number} NVDA,AMD title="{title}"', seeded, here)
    async with started(world.server, seeded):
        await wizard.begin(world.alerts)
        await wizard.press("Next")
        options = shown(wizard.message, "baskets")["options"]
        await wizard.choose("baskets", *(one["value"] for one in options))
        await wizard.press("Next")
        await wizard.press("Next")
        options = shown(wizard.message, "labs")["options"]
        await wizard.choose("labs", *(one["value"] for one in options[1:]))
        await wizard.press("Next")
        assert " more\nThe bot has the permissions" in await wizard.press("Next")
        said = await wizard.press("Finish")
    assert said.endswith(
        "A sample was posted there.\nChange it with /channel or /setup at any time."
    )


async def test_a_lab_that_the_menu_has_no_room_for_is_kept(world: World, seeded: Services) -> None:
    here = _receiver(world.alerts)
    await ask("/subscribe releases labs=Writer", seeded, here)
    wizard = Wizard(world, seeded, world.ann)
    async with started(world.server, seeded):
        await wizard.begin(world.alerts)
        for _ in range(3):
            await wizard.press("Next")
        assert wizard.message.content.endswith("Writer: told as before; /channel ends that.")
        await wizard.choose("labs", "OpenAI")
        for _ in range(2):
            await wizard.press("Next")
        assert "- tell new models of OpenAI" in wizard.message.content
        assert "end subscription" not in wizard.message.content
        await wizard.press("Finish")
    assert len((await ask("/channel", seeded, here)).facts["subscriptions"]) == 2


async def test_a_conversation_is_set_up_without_a_channel_to_choose(
    world: World, seeded: Services
) -> None:
    user = world.server.add_user("Cara")
    wizard = Wizard(world, seeded, user)
    async with started(world.server, seeded):
        await wizard.begin(world.server.dm(user))
        assert wizard.message.content.startswith("**1 of 5: baskets**")
        await wizard.choose("baskets")
        for _ in range(4):
            await wizard.press("Next")
        said = await wizard.press("Finish")
        assert said.startswith("**direct message** is set up.")
        (sample,) = [m for m in world.server.dm(user).sent if m.id != wizard.message.id]
        assert sample.content.endswith("sample")


async def test_a_wizard_from_before_a_restart_says_what_to_do(
    world: World, seeded: Services
) -> None:
    wizard = Wizard(world, seeded, world.ann)
    async with started(world.server, seeded):
        await wizard.begin(world.alerts)
    async with started(world.server, seeded):
        late = world.server.interact.press(wizard.message, "Next", by=world.ann)
        said = "This panel is no longer open; type /setup again."
        assert (await late.response()).content == said
