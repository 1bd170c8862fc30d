"""Whoever set a channel up hears that it was given up: once a day, and nobody waits for that."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.slack import owners
from bot.surfaces.slack.owners import Owners
from bot.surfaces.slack.places import place
from storage import receivers
from tests.servers.slack import User
from tests.surfaces.slack.telling import Told, telling

WHY = "the channel is archived; unarchive it"
POST = "chat.postMessage"


@dataclass
class Street:
    """Channels that people have set up, and what the people hear."""

    services: Services
    told: Told
    owners: Owners
    made: list[Receiver] = field(default_factory=list)

    async def channel(self, by: User | None) -> Receiver:
        """A channel that somebody, or nobody known, has set up."""
        one = place(self.told.channel.team, f"C{len(self.made)}", f"#desk-{len(self.made)}")
        now = self.services.clock.now()

        async def work(connection: object) -> Receiver:
            found = await receivers.receiver_of(
                connection, one.surface, one.address, one.title, now, one.community  # type: ignore[arg-type]
            )  # fmt: skip
            if by is not None:
                await receivers.claim_set_up(connection, found.id, by.id)  # type: ignore[arg-type]
            return found

        self.made.append(await self.services.database.write(work))
        return self.made[-1]

    async def give_up(self, *channels: Receiver) -> None:
        """The channels are given up; wait until all that is said of it was said."""
        self.owners.tell(dict.fromkeys(channels, WHY))
        task = self.owners._task
        if task is not None:
            await task

    def heard(self, user: User) -> list[str]:
        """What the bot has written to somebody."""
        direct = self.told.server.workspace.dm(user)
        return [one.text for one in self.told.server.messages(direct)]


@pytest.fixture
async def street(services: Services) -> AsyncIterator[Street]:
    async with telling() as told:
        found = Owners(services, told.workspaces)
        yield Street(services, told, found)
        await found.close()


async def test_each_person_hears_of_the_first_of_a_day(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = street.told.user, street.told.server.workspace.add_user("ben")
    lost = [await street.channel(by) for by in (ann, ann, ben, None)]
    await street.give_up(*lost)
    (said,) = street.heard(ann)
    assert said == (
        "Aftershock has stopped telling #desk-0, after three refusals: the channel is archived; "
        "unarchive it.\n"
        "Once that is put right, type `/aftershock setup` there. You are told this because you set "
        "the channel up, once a day at most."
    )
    assert [text.split(",")[0] for text in street.heard(ben)] == [
        "Aftershock has stopped telling #desk-2"
    ]
    await street.give_up(lost[1])
    assert len(street.heard(ann)) == 1
    monkeypatch.setattr(owners, "AGAIN_SECONDS", 0.0)  # the day is over
    await street.give_up(lost[1])
    assert len(street.heard(ann)) == 2


async def test_channels_of_other_surfaces_are_not_slacks(street: Street) -> None:
    await street.give_up(Receiver(1, "discord", "1/2", "#alerts"))
    assert not street.told.server.calls(POST)


async def test_what_slack_refused_does_not_count_as_told(street: Street) -> None:
    ann = street.told.user
    first, second = await street.channel(ann), await street.channel(ann)
    street.told.server.next(POST, error="fatal_error")
    await street.give_up(first, second)
    assert ["#desk-1" in text for text in street.heard(ann)] == [True]


async def test_a_lost_answer_may_have_arrived(street: Street) -> None:
    ann = street.told.user
    first, second = await street.channel(ann), await street.channel(ann)
    street.told.server.lose_reply(POST)
    await street.give_up(first, second)
    assert ["#desk-0" in text for text in street.heard(ann)] == [True]


@pytest.mark.parametrize("fault", [{"status": 500}, {"text": "<html>"}, {"error": "cannot_dm_bot"}])
async def test_one_that_cannot_be_told_keeps_nobody_else_from_it(
    street: Street, fault: dict[str, object]
) -> None:
    ann, ben = street.told.user, street.told.server.workspace.add_user("ben")
    street.told.server.next(POST, **fault)  # type: ignore[arg-type]
    await street.give_up(await street.channel(ann), await street.channel(ben))
    assert street.heard(ann) == []
    assert len(street.heard(ben)) == 1


async def test_any_fault_of_the_database_is_survived(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = street.told.user, street.told.server.workspace.add_user("ben")
    lost = [await street.channel(by) for by in (ann, ben)]
    real, met = receivers.set_up_by, []

    async def once(connection: object, receiver: int) -> str:
        met.append(receiver)
        if len(met) == 1:
            raise RuntimeError
        return await real(connection, receiver)  # type: ignore[arg-type]

    monkeypatch.setattr(receivers, "set_up_by", once)
    await street.give_up(*lost)
    assert len(street.heard(ben)) == 1


async def test_a_channels_name_pings_nobody(street: Street) -> None:
    said = owners.text_of("<!channel> & *co*", WHY)
    assert "<!channel>" not in said


async def test_at_the_end_what_waits_is_left(street: Street) -> None:
    ann = street.told.user
    lost = await street.channel(ann)
    street.owners.tell({lost: WHY})
    await street.owners.close()
    assert street.heard(ann) == []
