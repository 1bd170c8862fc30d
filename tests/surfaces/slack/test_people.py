"""Who may change what a channel gets in Slack, and what is remembered of people."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.services import SetClock
from bot.surfaces.slack import known
from bot.surfaces.slack.channels import channel_place, look, members_channels
from bot.surfaces.slack.people import (
    NOT_ALLOWED,
    NOT_LISTED,
    OF_ALL,
    OF_ALL_LISTED,
    UNKNOWN,
    Person,
    SetUp,
    allowed,
    asker_name,
    may_manage,
)
from tests.servers.slack import Channel, User
from tests.surfaces.slack.office import AI, Office, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
HOME, MEMBER, ADMIN = "T1", Person("bob", team="T1"), Person("ann", admin=True, team="T1")
GUEST = Person("gil", team="T1", guest=True)
STRANGER = Person("eve", admin=True, team="T2")


@pytest.mark.parametrize(
    ("user", "person", "managers", "set_up", "may"),
    [
        # Nobody has set it up, and nothing is told there: anybody of the workspace.
        ("U1", MEMBER, (), SetUp(), True),
        ("U1", MEMBER, (), SetUp("U2"), False),
        ("U1", MEMBER, (), SetUp("", follows=True), False),
        ("U1", MEMBER, (), SetUp("U1", follows=True), True),
        ("U1", ADMIN, (), SetUp("U2", follows=True), True),
        # A guest sets nothing up, and keeps nothing that they set up before; the settings may.
        ("U1", GUEST, (), SetUp(), False),
        ("U1", GUEST, (), SetUp("U1", follows=True), False),
        ("U1", GUEST, ("U1",), SetUp("U2", follows=True), True),
        # A list in the settings leaves only those on it.
        ("U1", ADMIN, ("U9",), SetUp("U1"), False),
        ("U9", MEMBER, ("U9",), SetUp("U1", follows=True), True),
        # Somebody of another workspace never, whatever they are there.
        ("U1", STRANGER, (), SetUp(), False),
        ("U1", STRANGER, ("U1",), SetUp(), False),
        ("U1", STRANGER, (), SetUp("U1"), False),
        ("U1", Person(), (), SetUp(), False),
    ],
)
async def test_who_may_manage(
    user: str, person: Person, managers: tuple[str, ...], set_up: SetUp, may: bool
) -> None:
    assert allowed(user, person, HOME, managers, set_up) is may


async def _may(office: Office, channel: Channel, user: User) -> bool:
    return await may_manage(office.slack, office.team, channel.id, user.id, user.team)


async def test_whoever_sets_a_channel_up_keeps_it(office: Office) -> None:
    channel, cat = office.channel(), office.server.workspace.add_user("cat")
    # Looking is not setting up.
    await office.ask("channel", channel, office.bob)
    await office.ask("setup", channel, office.bob)
    assert await office.set_up_by(channel) == ""
    assert "Alert" in text_of(await office.ask("alert add NVDA", channel, office.bob))
    assert await office.set_up_by(channel) == office.bob.id
    refused = await office.ask("alert add AMD", channel, cat)
    assert (refused["text"], refused["response_type"]) == (NOT_ALLOWED, "ephemeral")
    assert "1 alert" in text_of(await office.ask("alert list", channel, cat))
    # An admin may too, and that takes it from nobody.
    assert "Alert" in text_of(await office.ask("alert add AMD", channel, office.ann))
    assert await office.set_up_by(channel) == office.bob.id


async def test_a_guest_sets_no_channel_up_but_has_a_conversation_with_the_bot(
    office: Office,
) -> None:
    channel, gil = office.channel(), office.server.workspace.add_user("gil")
    gil.restricted = True
    channel.members.add(gil.id)
    refused = await office.ask("alert add NVDA", channel, gil)
    assert (refused["text"], refused["response_type"]) == (NOT_ALLOWED, "ephemeral")
    assert await office.set_up_by(channel) == ""
    assert "Alert" in text_of(
        await office.ask("alert add NVDA", office.server.workspace.dm(gil), gil)
    )


async def test_what_nobody_set_up_but_is_told_something_is_the_admins(office: Office) -> None:
    channel = office.channel()
    await office.follow(channel, AI)
    assert not await _may(office, channel, office.bob)
    assert await _may(office, channel, office.ann)


async def test_the_settings_name_the_only_ones(office: Office) -> None:
    channel = office.channel()
    await office.ask("alert add NVDA", channel, office.ann)
    office.chosen(office.bob.id)
    try:
        assert text_of(await office.ask("alert add AMD", channel)).strip() == NOT_LISTED
        assert "Alert" in text_of(await office.ask("alert add AMD", channel, office.bob))
    finally:
        office.chosen()


async def test_a_direct_message_is_ones_own(office: Office) -> None:
    own = office.server.workspace.dm(office.bob)
    office.chosen(office.ann.id)
    try:
        assert await _may(office, own, office.bob)
    finally:
        office.chosen()


OF_THE_WORKSPACE = (
    "basket add my-own NVDA,AMD",
    "basket remove my-own",
    "feeds add http://127.0.0.1:9/feed",
    "feeds remove 127.0.0.1",
)


@pytest.mark.parametrize("line", OF_THE_WORKSPACE)
async def test_what_the_whole_workspace_has_is_the_admins_wherever_it_is_asked_for(
    office: Office, line: str
) -> None:
    gil, own = office.server.workspace.add_user("gil"), office.channel()
    gil.restricted = True
    await office.ask("alert add NVDA", own, office.bob)
    direct = office.server.workspace.dm
    asks = [
        (office.bob, direct(office.bob)), (office.bob, office.channel()), (office.bob, own),
        (gil, direct(gil)),
    ]  # fmt: skip
    for user, where in asks:
        assert text_of(await office.ask(line, where, user)).strip() == OF_ALL, where
    for where in (direct(office.ann), office.channel(), own):
        assert OF_ALL not in text_of(await office.ask(line, where, office.ann)), where
    office.chosen(office.bob.id)
    try:
        refused = await office.ask(line, direct(office.ann), office.ann)
        assert text_of(refused).strip() == OF_ALL_LISTED
        assert OF_ALL_LISTED not in text_of(await office.ask(line, own, office.bob))
    finally:
        office.chosen()
    hugo = office.server.workspace.add_user("hugo", admin=True)
    office.server.next("users.info", error="internal_error")
    assert text_of(await office.ask(line, own, hugo)).strip() == UNKNOWN


async def test_an_admin_elsewhere_changes_nothing_of_the_whole_workspace(office: Office) -> None:
    eve = office.server.add_workspace("Far away").add_user("eve", admin=True)
    channel = office.channel(shared=True)
    channel.members.add(eve.id)
    for line in OF_THE_WORKSPACE:
        assert text_of(await office.ask(line, channel, eve)).strip() == OF_ALL


async def test_somebody_of_another_workspace_may_nothing(office: Office) -> None:
    other = office.server.add_workspace("Elsewhere")
    eve = other.add_user("eve", admin=True)
    channel = office.channel(shared=True)
    channel.members.add(eve.id)
    assert not await _may(office, channel, eve)
    # Where the request does not say where they are from, Slack is asked.
    assert not await may_manage(office.slack, office.team, channel.id, eve.id, "")
    assert await may_manage(office.slack, office.team, channel.id, office.bob.id, "")


async def test_who_cannot_be_looked_up_is_no_admin_and_logged_once(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    channel = office.channel()
    await office.follow(channel, AI)
    people = [office.server.workspace.add_user(name, admin=True) for name in ("dan", "eli")]
    office.server.next("users.info", error="missing_scope", times=2)
    with caplog.at_level(logging.WARNING):
        assert [await _may(office, channel, one) for one in people] == [False, False]
    assert caplog.text.count("did not say who somebody is (missing_scope)") == 1
    assert await asker_name(office.slack, office.team, people[0].id) == ""
    # A minute later they are asked for again.
    clock = office.services.clock
    assert isinstance(clock, SetClock)
    clock.moment += timedelta(seconds=61)
    assert await _may(office, channel, people[0])


async def test_while_slack_does_not_say_who_somebody_is_they_set_nothing_up(
    office: Office,
) -> None:
    channel, gus = office.channel(), office.server.workspace.add_user("gus")
    channel.members.add(gus.id)
    office.server.next("users.info", error="internal_error", times=1)
    refused = await office.ask("alert add NVDA", channel, gus)
    assert (refused["text"].strip(), refused["response_type"]) == (UNKNOWN, "ephemeral")
    assert await office.set_up_by(channel) == ""
    # Looking goes on, and a minute later so does the rest.
    assert "0 of 6 steps" in text_of(await office.ask("setup", channel, gus))
    clock = office.services.clock
    assert isinstance(clock, SetClock)
    clock.moment += timedelta(seconds=61)
    assert "Alert" in text_of(await office.ask("alert add NVDA", channel, gus))
    # Whoever set it up before was looked up then.
    office.server.next("users.info", error="internal_error", times=1)
    clock.moment += timedelta(seconds=601)
    assert "Alert" in text_of(await office.ask("alert add AMD", channel, gus))


async def test_people_are_remembered_for_a_while(office: Office) -> None:
    fay = office.server.workspace.add_user("fay")
    fay.display_name = "Fay from the desk"
    before = len(office.server.calls("users.info"))
    for _again in range(3):
        assert await asker_name(office.slack, office.team, fay.id) == "Fay from the desk"
    assert len(office.server.calls("users.info")) == before + 1


async def test_what_is_remembered_is_bounded(office: Office) -> None:
    slack = replace(office.slack, known={})
    for number in range(known.MOST + 10):
        known.remember(slack, ("person", "T", str(number)), number, 60)
    assert len(slack.known) == known.MOST
    assert known.recall(slack, ("person", "T", "0")) is None
    assert known.recall(slack, ("person", "T", str(known.MOST + 9))) == known.MOST + 9
    known.remember(slack, ("person", "T", "late"), "late", 0)
    assert known.recall(slack, ("person", "T", "late")) is None


async def test_channels_are_called_as_people_call_them(office: Office) -> None:
    team, server = office.team, office.server
    named = {
        office.channel().id: "#",
        office.channel(private=True).id: "#",
        server.workspace.dm(office.ann).id: "direct message",
    }
    for channel, begins in named.items():
        title = (await channel_place(office.slack, team, channel, "privategroup")).title
        assert title.startswith(begins)
    # What the bot cannot see is called as the request says.
    assert (await channel_place(office.slack, team, "C0GONE", "general")).title == "#general"
    title = (await channel_place(office.slack, team, "C0GONE", "privategroup")).title
    assert title == "private channel"
    mpdm = office.channel()
    mpdm.name = "mpdm-ann--bob-1"
    title = (await channel_place(office.slack, team, mpdm.id, "")).title
    assert title == "group conversation"


async def test_a_slack_that_does_not_answer_leaves_it_open(office: Office) -> None:
    channel = office.channel()
    office.server.next("conversations.info", status=500)
    assert (await look(office.slack, office.team, channel.id, "alerts")).inside is None
    office.server.next("conversations.info", error="ratelimited")
    assert (await look(office.slack, office.team, channel.id, "alerts")).title == "#alerts"
    assert (await look(office.slack, office.team, channel.id)).inside is True


async def test_the_channels_that_somebody_is_in(office: Office) -> None:
    gil = office.server.workspace.add_user("gil")
    mine = {office.server.workspace.add_channel(f"gils-{n}", gil).id for n in range(3)}
    office.channel()
    assert await members_channels(office.slack, office.team, gil.id) == mine
    office.server.next("users.conversations", error="missing_scope")
    hal = office.server.workspace.add_user("hal")
    assert await members_channels(office.slack, office.team, hal.id) is None
    assert await members_channels(office.slack, office.team, hal.id) == set()
