"""/room: codes, who agrees to what, and what linking brings."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.answers import room
from bot.cards.mrkdwn import as_seen
from bot.cards.to_slack import sentence
from bot.errors import UserError
from bot.model.room import ALPHABET, MOST_TRIES
from bot.services import Services
from bot.surfaces.slack.wording import for_slack
from storage.schema import receiver as receiver_table
from storage.schema import room as room_table
from tests.answers.linked import (
    BESIDE,
    DISCORD,
    EVERYWHERE,
    OTHER,
    SLACK,
    STRANGER,
    Rooms,
    unnamed,
)
from tests.asking import CONSOLE

BAD = "That code is not valid, or not any more"


@pytest.fixture
def rooms(seeded: Services) -> Rooms:
    return Rooms(seeded)


async def test_two_channels_are_linked_once_both_sides_agree(rooms: Rooms) -> None:
    card = await rooms.say(DISCORD, "/room invite")
    code = card.facts["code"]
    assert re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code)
    assert card.text.startswith(
        f"Type /aftershock room join {code} in the channel on Slack within 15 minutes"
    )
    with pytest.raises(UserError, match="Nobody has given this channel's code yet"):
        await rooms.say(DISCORD, "/room confirm")

    asked = await rooms.say(SLACK, f"/room join {code.lower().replace('-', ' ')}", "Bob")
    assert asked.title == "#alerts on Discord is asked to be linked with this channel"
    assert "Invited by Ann of the server Chips" in asked.text
    assert await rooms.notes(DISCORD) == ["#stocks on Slack asks to be linked with this channel"]
    with pytest.raises(UserError, match="type \u2060/room confirm in #alerts on Discord"):
        await rooms.say(SLACK, "/room confirm")

    linked = await rooms.say(DISCORD, "/room confirm")
    assert linked.title == "Linked with #stocks on Slack"
    assert "Asked by Bob of the workspace Desk" in linked.text
    assert await rooms.notes(SLACK) == ["This channel is linked with #alerts on Discord"]
    for where, other in ((DISCORD, "#stocks on Slack"), (SLACK, "#alerts on Discord")):
        assert (await rooms.say(where, "/room show")).title == f"Linked with {other}"
        fields = {f.name: f.value for f in (await rooms.say(where, "/channel")).fields}
        assert fields["Linked with"] == other
    assert (await rooms.say(BESIDE, "/room show")).title == "This channel is not linked"
    assert "Linked with" not in {f.name for f in (await rooms.say(BESIDE, "/channel")).fields}


async def test_a_slack_channel_may_invite_as_well(rooms: Rooms) -> None:
    assert (await rooms.link(SLACK, DISCORD)).title == "Linked with #alerts on Discord"


async def test_each_side_reads_what_to_type_on_the_other_as_it_is_typed_there(rooms: Rooms) -> None:
    """Slack's commands are all "/aftershock …", and Discord's are none of them."""

    def on_slack(text: str) -> str:
        return as_seen(sentence(for_slack(text)))

    assert "/aftershock room join and the code" in (await rooms.say(DISCORD, "/room show")).text
    seen = on_slack((await rooms.say(SLACK, "/room show")).text)
    assert "type /aftershock room invite here, /room join and the code in the other" in seen
    code = await rooms.code(SLACK)
    seen = on_slack((await rooms.say(SLACK, "/room invite")).text)
    assert re.match("Type /room join .{9} in the channel on Discord", seen)
    code = await rooms.code(DISCORD)
    seen = on_slack((await rooms.say(SLACK, f"/room join {code}")).text)
    assert "types /room confirm there" in seen
    assert "Take it back with /aftershock room leave" in seen
    with pytest.raises(UserError) as refused:
        await rooms.say(SLACK, "/room confirm")
    assert on_slack(str(refused.value)).endswith("type /room confirm in #alerts on Discord.")
    with pytest.raises(UserError, match="type /aftershock room invite in the other channel"):
        await rooms.say(STRANGER, "/room join AAAA-AAAA")


async def test_only_its_digest_is_kept_of_a_code(rooms: Rooms) -> None:
    code = await rooms.code()
    async with rooms.services.database.read() as connection:
        row = (await connection.execute(select(room_table))).one()
    assert code not in str(row)
    assert code.replace("-", "") not in str(row)
    assert re.fullmatch("[0-9a-f]{64}", row.code_digest)


async def test_wrong_used_and_old_codes_get_the_same_sentence(rooms: Rooms) -> None:
    used = await rooms.code()
    await rooms.say(SLACK, f"/room join {used}")
    old = await rooms.code(BESIDE)
    replaced = await rooms.code(STRANGER)
    await rooms.code(STRANGER)
    rooms.later(minutes=15)
    said = set()
    for code in ("AAAA-AAAA", used, old, replaced, "?"):
        with pytest.raises(UserError, match=BAD) as refused:
            await rooms.say(OTHER, f"/room join {code}")
        said.add(str(refused.value))
    assert len(said) == 1


async def test_a_code_is_good_for_a_quarter_of_an_hour(rooms: Rooms) -> None:
    code = await rooms.code()
    rooms.later(minutes=14, seconds=59)
    assert "is asked" in (await rooms.say(SLACK, f"/room join {code}")).title


async def test_a_channel_that_guesses_is_believed_no_more(rooms: Rooms) -> None:
    code = await rooms.code()
    for _ in range(MOST_TRIES):
        with pytest.raises(UserError, match=BAD):
            await rooms.say(OTHER, "/room join AAAA-AAAA")
    with pytest.raises(UserError, match=BAD):
        await rooms.say(OTHER, f"/room join {code}")
    # Nobody else is kept out by it.
    assert "is asked" in (await rooms.say(SLACK, f"/room join {code}")).title


async def test_one_platform_alone_is_no_room(rooms: Rooms) -> None:
    code = await rooms.code()
    for where in (DISCORD, BESIDE, STRANGER):
        with pytest.raises(UserError, match=r"was made on Discord too; .* Slack, so give it"):
            await rooms.say(where, f"/room join {code}")
    assert "is asked" in (await rooms.say(SLACK, f"/room join {code}")).title


async def test_a_channel_is_in_one_room_at_most(rooms: Rooms) -> None:
    await rooms.link()
    code = await rooms.code(STRANGER)
    for where, line in ((SLACK, f"/room join {code}"), (DISCORD, "/room invite")):
        with pytest.raises(UserError, match="and with one only; /room leave ends that"):
            await rooms.say(where, line)


@pytest.mark.parametrize("line", ["invite", "join K7QM-2XRD", "confirm", "show", "leave"])
async def test_the_console_cannot_be_linked(rooms: Rooms, line: str) -> None:
    with pytest.raises(UserError, match="Only channels on Discord or Slack can be linked"):
        await rooms.say(CONSOLE, f"/room {line}")


async def test_what_nobody_began_cannot_be_confirmed_or_left(rooms: Rooms) -> None:
    with pytest.raises(UserError, match="Nobody asks to be linked with this channel"):
        await rooms.say(DISCORD, "/room confirm")
    with pytest.raises(UserError, match="This channel is not linked; /room invite"):
        await rooms.say(DISCORD, "/room leave")


async def test_a_link_can_be_refused_taken_back_and_lapses(rooms: Rooms) -> None:
    await rooms.say(SLACK, f"/room join {await rooms.code()}")
    assert "asks to be linked; type /room confirm" in (await rooms.say(DISCORD, "/room show")).title
    assert "has not confirmed yet" in (await rooms.say(SLACK, "/room show")).title
    card = await rooms.say(DISCORD, "/room leave")
    assert card.title == "Not linked with #stocks on Slack"
    assert await rooms.notes(SLACK) == ["#alerts on Discord was not linked with this channel"]
    await rooms.say(SLACK, f"/room join {await rooms.code()}")
    await rooms.say(SLACK, "/room leave")
    with pytest.raises(UserError, match="Nobody asks"):
        await rooms.say(DISCORD, "/room confirm")
    await rooms.code()
    assert "no longer valid" in (await rooms.say(DISCORD, "/room leave")).title
    await rooms.say(SLACK, f"/room join {await rooms.code()}")
    rooms.later(days=1)
    with pytest.raises(UserError, match="Nobody asks"):
        await rooms.say(DISCORD, "/room confirm")


async def test_linking_gives_each_side_what_the_other_has(rooms: Rooms) -> None:
    await rooms.say(DISCORD, "/alert add NVDA levels=10,20 mention=@desk repeat=6h")
    await rooms.say(DISCORD, "/alert add ai")
    await rooms.say(DISCORD, "/silence add 1 1d")
    await rooms.say(SLACK, "/alert add ai")
    await rooms.say(SLACK, "/subscribe digest week 09:00 compute")
    await rooms.say(SLACK, "/channel timezone=Asia/Taipei quiet=22:00-07:00 cap=5")
    await rooms.say(SLACK, "/silence add DeepSeek 2d")
    card = await rooms.link()
    assert (
        "got 1 alert or subscription and 1 silence from there; the other got 1 alert" in card.text
    )
    here, there = await rooms.subscriptions(DISCORD), await rooms.subscriptions(SLACK)
    assert [len(here), len(there)] == [3, 3]
    nvda = next(s for s in there if s.rule and s.rule.target == "NVDA")
    assert (nvda.mention, nvda.repeat_minutes) == (None, 360)
    assert next(s for s in here if s.rule and s.rule.target == "NVDA").mention == "@desk"
    digests = [next(s for s in side if s.kind == "digest") for side in (here, there)]
    # Each at nine o'clock of its own.
    assert [d.next_at.hour for d in digests] == [9, 1]
    assert {s.target for s in await rooms.silences(DISCORD)} == {"rule:1", "lab:deepseek"}
    assert {s.target for s in await rooms.silences(SLACK)} == {f"rule:{nvda.id}", "lab:deepseek"}
    by = {s.target: s.by for s in await rooms.silences(DISCORD)}
    assert by["lab:deepseek"] == "Ann on Slack"
    quiet = (await rooms.say(DISCORD, "/channel")).facts
    assert (quiet["quiet"], quiet["time_zone"]) == (None, "UTC")


async def test_an_alert_that_both_have_is_on_the_wider_terms(rooms: Rooms) -> None:
    await rooms.say(DISCORD, "/alert add ai levels=10 once=yes")
    await rooms.say(SLACK, "/alert add ai levels=10 members=yes expires=30d repeat=6h")
    await rooms.say(DISCORD, "/alert add NVDA levels=10 expires=1d")
    await rooms.say(SLACK, "/alert add NVDA levels=10 expires=2d")
    ends = rooms.services.clock.now() + timedelta(days=2)
    await rooms.link()
    for side, repeats in ((DISCORD, None), (SLACK, 360)):
        ai, nvda = await rooms.subscriptions(side)
        assert (ai.once, ai.members, ai.expires_at) == (False, True, None)
        assert (ai.repeat_minutes, nvda.expires_at) == (repeats, ends)
    # The members are followed on the side that did not, too.
    said = str(await rooms.say(DISCORD, "/alert explain AMD"))
    assert "Alert 1" in said


async def test_a_basket_of_ones_own_stays_and_its_name_is_not_seen(rooms: Rooms) -> None:
    await rooms.say(DISCORD, "/basket add crown-jewels NVDA,AMD")
    await rooms.say(DISCORD, "/alert add crown-jewels")
    await rooms.say(DISCORD, "/subscribe digest day 08:00 crown-jewels")
    await rooms.say(DISCORD, "/silence add crown-jewels 1d")
    card = await rooms.link()
    assert "2 alerts and subscriptions on a basket of your own stay here" in card.text
    await rooms.say(DISCORD, "/alert add crown-jewels levels=15")
    assert await rooms.subscriptions(SLACK) == []
    assert await rooms.silences(SLACK) == []
    for line in ("/channel", "/alert list", "/silence list", "/basket list", "/room show"):
        assert "crown" not in str(await rooms.say(SLACK, line)), line
    async with rooms.services.database.read() as connection:
        told = str(list(await connection.execute(select(room_table))))
    assert "crown" not in told


async def test_leaving_keeps_what_is_there_and_nothing_crosses_any_more(rooms: Rooms) -> None:
    await rooms.say(DISCORD, "/alert add NVDA")
    await rooms.link()
    card = await rooms.say(SLACK, "/room leave")
    assert card.title == "No longer linked with #alerts on Discord"
    told = await rooms.notes(DISCORD)
    assert told[-1] == "#stocks on Slack is no longer linked with this channel"
    await rooms.say(DISCORD, "/alert add AMD")
    await rooms.say(SLACK, "/silence add NVDA 1d")
    assert len(await rooms.subscriptions(SLACK)) == 1
    assert await rooms.silences(DISCORD) == []
    assert (await rooms.say(DISCORD, "/room show")).title == "This channel is not linked"
    await rooms.link()


async def test_a_side_that_cannot_be_told_anything_is_said_to_be_so(rooms: Rooms) -> None:
    code = await rooms.code()
    gone = update(receiver_table).values(
        disabled_at=rooms.services.clock.now(), disabled_reason="the channel is gone"
    )
    said = "That channel cannot be told anything at present."
    stored = await rooms.stored(DISCORD)
    await rooms.services.database.write(
        lambda c: c.execute(gone.where(receiver_table.c.id == stored.id))
    )
    assert said in (await rooms.say(SLACK, f"/room join {code}", "Bob")).text
    stored = await rooms.stored(SLACK)
    await rooms.services.database.write(
        lambda c: c.execute(gone.where(receiver_table.c.id == stored.id))
    )
    assert said in (await rooms.say(DISCORD, "/room confirm")).text


async def test_whoever_left_for_another_room_names_nobody_there(rooms: Rooms) -> None:
    await rooms.link()
    await rooms.say(SLACK, "/silence add NVDA 1d", "Mallory")
    await rooms.say(DISCORD, "/room leave")
    await rooms.link(DISCORD, OTHER)
    assert [s.by for s in await rooms.silences(OTHER)] == ["somebody on Discord"]
    assert "Mallory" not in str(await rooms.say(OTHER, "/silence list"))


async def test_two_full_channels_are_not_linked(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_ALERTS", 2)
    for where, symbols in ((DISCORD, ("NVDA", "AMD")), (SLACK, ("NVDA", "MU"))):
        for symbol in symbols:
            await rooms.say(where, f"/alert add {symbol}")
    with pytest.raises(UserError, match="Together the two channels have 3"):
        await rooms.link()
    assert (await rooms.say(SLACK, "/room show")).title.startswith("#alerts on Discord has not")


async def test_a_channel_that_is_given_up_does_not_hurt_the_other(rooms: Rooms) -> None:
    await rooms.link()
    gone = update(receiver_table).where(receiver_table.c.surface == "slack")
    gone = gone.values(disabled_at=rooms.services.clock.now(), disabled_reason="gone")
    await rooms.services.database.write(lambda c: c.execute(gone))
    await rooms.say(DISCORD, "/alert add NVDA")
    assert "cannot be told" in (await rooms.say(DISCORD, "/room show")).text
    deleted = receiver_table.delete().where(receiver_table.c.surface == "slack")
    await rooms.services.database.write(lambda c: c.execute(deleted))
    assert (await rooms.say(DISCORD, "/room show")).title == "This channel is not linked"
    await rooms.say(DISCORD, "/alert add AMD")


async def test_a_community_without_a_name_is_called_by_its_id(rooms: Rooms) -> None:
    code = await rooms.code()
    await rooms.say(unnamed(SLACK), f"/room join {code}", "Bob")
    assert "Asked by Bob of the workspace T1." in (await rooms.say(DISCORD, "/room confirm")).text


async def test_nobody_else_hears_of_a_room(rooms: Rooms) -> None:
    await rooms.link()
    for where in EVERYWHERE[2:]:
        for line in ("/channel", "/alert list", "/silence list", "/room show", "/status"):
            said = str(await rooms.say(where, line))
            assert not re.search("#alerts|#stocks|Chips|Desk|Linked with", said), line
