"""Slash commands by the real Bolt app: every one answered, mistakes, who may, and where."""

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands import COMMANDS
from bot.delivery import Delivery
from bot.model.command import Command
from bot.surfaces.answering import NO_MEMORY, OUR_FAULT
from bot.surfaces.slack import names
from bot.surfaces.slack.notifier import SlackNotifier
from bot.surfaces.slack.pacing import Pacing
from bot.surfaces.slack.pictures import SlackPictures
from bot.surfaces.slack.typed import ALIASES, SHORT_COMMANDS
from storage import outbox, reach
from tests.busy import busy, written
from tests.fanout import plain_card
from tests.servers.slack import Channel
from tests.surfaces.slack.office import AI, NONCES, Office, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
# The commands that take a number take that of what the one before them has made.
_NUMBERED = {
    ("alert", "remove"): "/alert add NVDA levels=10",
    ("subscribe", "remove"): "/subscribe releases",
    ("silence", "remove"): "/silence add NVDA 1d",
    ("basket", "remove"): "/basket add my-chips NVDA,AMD",
}
# Nothing here asks the network.
_INSTEAD: dict[tuple[str, ...], str] = {
    ("stress",): "/stress GOOG",  # of Nvidia no earnings are known yet on that day
    ("feeds", "add"): "/feeds add https://127.0.0.1/feed.xml",
    ("feeds", "test"): "/feeds test no-such-feed",
}
# What takes a channel on the other platform, or a feed, too.
_REFUSED = {
    ("feeds", "add"): "127.0.0.1 cannot be read: ",
    ("feeds", "remove"): "There is no feed example.org of this workspace's own; it has none",
    ("feeds", "test"): "There is no feed no-such-feed",
    ("room", "join"): "That code is not valid, or not any more",
    ("room", "confirm"): "Nobody asks to be linked with this channel",
    ("room", "leave"): "This channel is not linked",
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
async def test_every_command_is_acknowledged_and_answered(office: Office, command: Command) -> None:
    channel = office.channel()
    example = _INSTEAD.get(command.path, command.example)
    if command.path in _NUMBERED:
        made = await office.ask(_NUMBERED[command.path].lstrip("/"), channel)
        if command.path[0] != "basket":
            example = f"{command.name} {_number(office, made)}"
    asked = await office.server.command(example, user=office.ann, channel=channel)
    answer = await asked.response()
    assert asked.acked_after is not None
    assert asked.acked_after < 3
    assert asked.payload == {}
    assert answer["response_type"] == "ephemeral"
    assert answer["replace_original"] is False
    (seen,) = office.server.ephemerals(channel, office.ann)[-1:]
    if command.path in _REFUSED:
        assert _REFUSED[command.path] in text_of(seen)
        return
    assert seen.blocks, answer
    # What changes nothing can be shown to everybody.
    shared = "Share" in [one["text"]["text"] for one in seen.buttons()]
    assert shared is not command.changes
    assert office.server.messages(channel) == []


@pytest.mark.parametrize("line", ["drawdown NVDA", "alert add NVDA", "channel"])
async def test_an_acknowledgement_waits_for_no_database(office: Office, line: str) -> None:
    channel = office.channel()
    async with busy(office.services.database):
        asked = await office.server.command(line, user=office.ann, channel=channel, wait=False)
        await asked.acked()
        assert asked.responses == []
    await asked.response()


async def test_an_answer_waits_for_nobody_who_writes(office: Office) -> None:
    channel = office.channel()
    async with written(office.services.database):
        for command in COMMANDS:
            if command.changes or command.path == ("feeds", "test"):
                continue
            line = _INSTEAD.get(command.path, command.example)
            asked = await office.server.command(line, user=office.ann, channel=channel)
            answer = await asked.response()
            assert OUR_FAULT not in str(answer), line


def _number(office: Office, made: Any) -> str:
    """The number that an answer names in how to undo it."""
    return str(text_of(made)).split(" remove ")[1].split()[0].strip(".")


@pytest.mark.parametrize(("short", "full"), ALIASES.items())
async def test_short_forms_ask_the_same(office: Office, short: str, full: str) -> None:
    channel, tail = office.channel(), " NVDA 1d" if short == "snooze" else ""
    short_answer = await office.ask(short + tail, channel)
    if short == "snooze":
        assert "NVDA is silenced until" in text_of(short_answer)
    else:
        assert text_of(short_answer) == text_of(await office.ask(full, channel))


async def test_short_commands_stand_for_their_own_name(office: Office) -> None:
    channel = office.channel()
    words = {"drawdown": "NVDA", "releases": "latest", "alert": "list", "silence": "list"}
    assert set(words) == set(SHORT_COMMANDS)
    for name, rest in words.items():
        alone = await office.ask(rest, channel, command=f"/{name}")
        assert text_of(alone) == text_of(await office.ask(f"{name} {rest}", channel))


@pytest.mark.parametrize("text", ["", "   ", "help", "HELP"])
async def test_help_names_the_short_forms(office: Office, text: str) -> None:
    seen = text_of(await office.ask(text, office.channel()))
    assert "What you can ask" in seen
    assert "/aftershock alert add" in seen
    assert "dd for drawdown" in seen
    assert "snooze for silence add" in seen
    assert "drawdown, releases, alert and silence are slash commands of their own too" in seen


async def test_help_of_a_short_form_is_that_of_the_command(office: Office) -> None:
    seen = text_of(await office.ask("help dd", office.channel()))
    assert "/aftershock drawdown [target]" in seen
    assert "Short forms: dd for drawdown; drawdown is a slash command of its own too." in seen


async def test_help_of_several_commands_is_short(office: Office) -> None:
    seen = text_of(await office.ask("help alert", office.channel()))
    assert "Short forms: alerts for alert list; alert is a slash command of its own too." in seen
    assert "such as /aftershock help alert add" in seen
    assert "[condition=drawdown]" not in seen
    assert "hort form" not in text_of(await office.ask("help basket add", office.channel()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("drawdwn NVDA", "/aftershock drawdwn is not a command; did you mean"),
        ("drawdown NVDA 4y", "window must be 1m, 3m,"),
        ("alert add NVDA 10,20", "not 10,20; write levels=10,20 if you leave it out."),
        ('drawdown "NVDA', "A quotation mark is not closed"),
        ("alert", "/aftershock alert needs one more word: /aftershock alert add,"),
        ("silence remove x", "number x will not do; give a whole number"),
    ],
)
async def test_a_mistake_is_one_sentence_to_whoever_made_it(
    office: Office, text: str, said: str
) -> None:
    channel = office.channel()
    answer = await office.ask(text, channel, office.bob)
    assert answer["response_type"] == "ephemeral"
    assert said in text_of(answer)
    assert "blocks" not in answer
    assert office.server.messages(channel) == []


async def test_a_mistake_comes_with_how_the_command_is_written(office: Office) -> None:
    answer = await office.ask("drawdown NVDA 4y", office.channel())
    assert answer["text"].endswith("\n/aftershock drawdown [target] [window=1y]")
    # Not twice where the sentence has it already.
    answer = await office.ask("silence remove", office.channel())
    assert answer["text"].count("silence remove &lt;number&gt;") == 1


async def test_what_is_typed_on_discord_is_said_as_it_is_typed_there(office: Office) -> None:
    channel = office.channel()
    seen = text_of(await office.ask("room invite", channel))
    assert re.search(
        r"Type /room join [A-Z0-9]{4}-[A-Z0-9]{4} in the channel on Discord within", seen
    )
    assert "type /room join and the code in the other channel first" in text_of(
        await office.ask("room confirm", channel)
    )
    seen = text_of(await office.ask("room join AAAA-BBBB", channel))
    assert "type /room invite in the other channel for a new one" in seen
    await office.ask("room leave", channel)
    seen = text_of(await office.ask("room show", channel))
    assert "type /aftershock room invite here, /room join and the code in the other, then" in seen


@pytest.mark.parametrize("text", ["help", "help alert add", "help basket add", "help room join"])
async def test_help_speaks_of_no_server_nor_roles_alone(office: Office, text: str) -> None:
    seen = text_of(await office.ask(text, office.channel()))
    assert "server" not in seen
    assert seen.count(" role") == seen.count("a role on Discord, a user group on Slack")


async def test_a_direct_message_is_answered_for_all_to_see(office: Office) -> None:
    own = office.server.workspace.dm(office.bob)
    answer = await office.ask("drawdown NVDA", own, office.bob)
    assert answer["response_type"] == "in_channel"
    assert [one["text"]["text"] for one in office.server.messages(own)[-1].buttons()] == []
    assert "Alert" in text_of(await office.ask("alert add NVDA", own, office.bob))
    assert await office.set_up_by(own) == ""


async def test_in_somebodys_own_conversation_nothing_can_be_set_up(office: Office) -> None:
    between = office.server.workspace.dm_between(office.ann, office.bob)
    answer = await office.ask("drawdown NVDA", between, office.bob)
    assert answer["response_type"] == "ephemeral"
    answer = await office.ask("alert add NVDA", between, office.ann)
    assert "Aftershock is not in this conversation" in answer["text"]
    assert await office.found(between) is None


async def test_a_channel_without_the_bot_can_ask_but_not_be_told(office: Office) -> None:
    channel = office.channel(is_member=False)
    assert "below" in text_of(await office.ask("drawdown NVDA", channel))
    answer = await office.ask("alert add NVDA", channel)
    assert text_of(answer).strip() == (
        f"Aftershock is not in #{channel.name}; type /invite there, choose Aftershock and ask "
        "again."
    )
    assert await office.found(channel) is None
    office.server.workspace.invite(channel)
    assert "Alert" in text_of(await office.ask("alert add NVDA", channel))


async def test_a_private_channel_keeps_its_name(office: Office) -> None:
    channel = office.channel(private=True)
    await office.ask("alert add NVDA", channel)
    found = await office.found(channel)
    assert found is not None
    assert (found.title, found.community) == (f"#{channel.name}", office.team)


async def test_a_user_group_is_mentioned_only_as_slack_resolved_it(office: Office) -> None:
    channel = office.channel()
    answer = await office.ask("alert add NVDA mention=@desk", channel)
    assert "@desk is not a user group that Slack knows; type @ and choose" in text_of(answer)
    for everybody in ("<!channel|channel>", "&lt;!here&gt;", "@everyone"):
        answer = await office.ask(f"alert add NVDA mention={everybody}", channel)
        assert "blocks" not in answer, everybody
        assert "<!" not in answer["text"]
    answer = await office.ask("alert add NVDA mention=<!subteam^S123ABC|@desk>", channel)
    assert "Told for a user group." in text_of(answer)
    assert "for a user group" in text_of(await office.ask("alert list", channel))


async def test_what_comes_twice_runs_once(office: Office) -> None:
    channel = office.channel()
    asked = await office.server.command("alert add NVDA", user=office.ann, channel=channel)
    await asked.response()
    again = await office.server.redeliver(asked)
    fresh = await office.server.redeliver(asked, same_envelope=False)
    assert again.acked_after is not None
    assert fresh.acked_after is not None
    assert "1 alert" in text_of(await office.ask("alert list", channel))
    assert len(asked.responses) == 1


async def test_a_slow_database_does_not_delay_the_acknowledgement(office: Office) -> None:
    channel, gate = office.channel(), asyncio.Event()

    async def held(_connection: Any) -> None:
        await gate.wait()

    holding = asyncio.create_task(office.services.database.write(held))
    try:
        asked = await office.server.command("alert add NVDA", user=office.ann, channel=channel)
        assert asked.acked_after is not None
        assert asked.acked_after < 1
        assert asked.responses == []
    finally:
        gate.set()
        await holding
    assert "Alert" in text_of(await asked.response())


async def test_a_fault_of_ours_is_said_as_ours(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_given: Any, **_named: Any) -> None:
        raise RuntimeError("no figures")

    monkeypatch.setattr("bot.surfaces.slack.commands.answer", broken)
    answer = await office.ask("drawdown NVDA", office.channel())
    assert (answer["text"], answer["response_type"]) == (OUR_FAULT, "ephemeral")
    assert "no figures" in caplog.text


async def test_too_little_memory_for_one_command_is_said_and_harms_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_much(*_given: Any, **_named: Any) -> bytes:
        return bytes(2**62)

    with monkeypatch.context() as changed:
        changed.setattr("bot.surfaces.slack.commands.answer", too_much)
        answer = await office.ask("drawdown NVDA", office.channel())
    assert (answer["text"], answer["response_type"]) == (NO_MEMORY, "ephemeral")
    assert "NVDA" in text_of(await office.ask("drawdown NVDA", office.channel()))


async def test_a_chart_comes_with_its_answer(office: Office) -> None:
    office.drawn.charts.clear()
    seen = await office.ask("drawdown NVDA", office.channel())
    (image,) = [block for block in seen["blocks"] if block["type"] == "image"]
    assert image["slack_file"]["id"] in office.server.workspace.files
    assert len(office.drawn.charts) == 1


async def test_an_answer_goes_without_a_chart_that_slack_refuses(office: Office) -> None:
    office.drawn.error = OSError("upload failed")
    seen = await office.ask("drawdown NVDA", office.channel())
    office.drawn.error = None
    assert [block for block in seen["blocks"] if block["type"] == "image"] == []
    assert "Chart: " in text_of(seen)
    # Slack may refuse the message for its chart, too.
    office.server.next("response_url", status=400, error="invalid_blocks")
    seen = await office.ask("drawdown NVDA", office.channel())
    assert "Chart: " in text_of(seen)


async def test_an_alert_that_slack_gave_up_is_taken_up_again(office: Office) -> None:
    channel = office.channel()
    receiver = await office.follow(channel, AI)
    now = office.services.clock.now()
    await office.services.database.write(
        lambda c: reach.disable(c, {receiver.id: (now, "the bot was removed")})
    )
    assert "Nothing is sent here" in text_of(await office.ask("alert list", channel))
    await office.ask("alert add NVDA", channel)
    assert "Nothing is sent here" not in text_of(await office.ask("alert list", channel))


async def _closed(office: Office, channel: Channel) -> Delivery:
    """Slack has refused what the channel was to be told, until it was given up; a row waits."""
    services = office.services
    receiver, now = await office.follow(channel, AI), services.clock.now()
    why = {receiver.id: (now, "the channel is archived; unarchive it")}

    async def work(connection: AsyncConnection) -> None:
        await outbox.enqueue(connection, receiver.id, next(NONCES), "post", {}, "Alert", now)
        await reach.disable(connection, why)

    await services.database.write(work)
    workspaces, pacing = office.slack.workspaces, Pacing(100_000, 0.0)
    notifier = SlackNotifier(workspaces, SlackPictures(pacing), pacing, lambda _row: ())
    return Delivery(services, {"slack": notifier}, plain_card, "start")


async def test_setup_takes_up_again_a_channel_that_was_given_up(office: Office) -> None:
    channel = office.channel()
    delivery = await _closed(office, channel)
    # Whoever may not set it up reads why, and whom to ask.
    seen = text_of(await office.ask("setup", channel, office.bob))
    assert "Nothing is sent here: the channel is archived; unarchive it." in seen
    assert "have somebody who may change what this channel gets type /aftershock setup" in seen
    await delivery.drain()
    assert office.server.messages(channel) == []
    seen = text_of(await office.ask("setup", channel))
    assert "What this channel gets is sent here again" in seen
    assert "Nothing is sent here" not in seen
    await delivery.drain()
    assert len(office.server.messages(channel)) == 1
    assert "sent here again" not in text_of(await office.ask("setup", channel))


async def test_setup_takes_nothing_up_where_the_bot_is_not(office: Office) -> None:
    channel = office.channel(is_member=False)
    await _closed(office, channel)
    assert "type /invite there" in text_of(await office.ask("setup", channel))
    found = await office.found(channel)
    assert found is not None
    assert found.disabled_reason


async def test_status_names_no_channel_that_somebody_may_not_know(office: Office) -> None:
    secret, here = office.channel(private=True), office.channel()
    await office.ask("alert add NVDA", secret, office.bob)
    await _closed(office, secret)
    where = office.server.workspace.dm(office.ann)
    seen = text_of(await office.ask("status", where))
    assert f"#{secret.name}" not in seen
    assert "not shown here; /aftershock status in" in seen
    # Whoever set it up knows it, as does whoever asks there; nobody else reads what they share.
    seen = text_of(await office.ask("status", here, office.bob))
    assert f"#{secret.name}" in seen
    shown = office.server.ephemerals(here, office.bob)[-1]
    await office.server.press(shown, names.SHARE, user=office.bob)
    await office.server.until(lambda: office.server.messages(here), "what is shared")
    assert f"#{secret.name}" not in text_of(office.server.messages(here)[-1])
    assert f"#{secret.name}" in text_of(await office.ask("status", secret, office.ann))
