"""Pacing: how far apart messages are, who is next, and what a request to wait holds up."""

import asyncio
from contextlib import suppress
from math import inf
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.errors import DeliveryError
from bot.surfaces.slack.paces import MARGIN_SECONDS, Paces, Slots
from bot.surfaces.slack.pacing import PATIENCE_SECONDS, Pacing
from bot.surfaces.slack.refusals import asked_to_wait

NOWHERE: Any = None
UNREACHED = aiohttp.ClientConnectorError(NOWHERE, OSError(111, "refused"))


class Answer(dict[str, Any]):
    """An answer of Slack, as the client keeps it."""

    def __init__(self, code: str, status: int = 200, after: str | None = None) -> None:
        super().__init__(ok=False, error=code)
        self.status_code, self.data = status, dict(self)
        self.headers = {} if after is None else {"Retry-After": after}


def refused(code: str, status: int = 200, after: str | None = None) -> SlackApiError:
    """Slack refuses something in that word."""
    return SlackApiError("refused", Answer(code, status, after))  # type: ignore[no-untyped-call]


def limited(after: str | None = "30") -> SlackApiError:
    """Slack asks to wait."""
    return refused("ratelimited", 429, after)


@pytest.mark.parametrize(
    ("limit", "ends", "due"),
    [
        (1, [], -inf),
        (1, [3.0], 4.0),
        (2, [3.0], -inf),
        (2, [3.0, 3.4], 4.0),
        (2, [3.4, 3.0], 4.0),  # the one that was answered first is free first
    ],
)
def test_a_slot_is_free_a_while_after_its_answer(limit: int, ends: list[float], due: float) -> None:
    slots = Slots(limit, 1.0)
    for _end in ends:
        slots.take()
    for end in ends:
        slots.ended(end)
    assert slots.due() == pytest.approx(due, abs=2 * MARGIN_SECONDS)


def test_a_slot_that_carries_a_message_is_not_free() -> None:
    slots = Slots(1, 1.0)
    taken = slots.take()
    assert slots.due() == inf
    slots.unused(taken)
    assert slots.due() == -inf
    slots.take()
    slots.ended(5.0, answered=False)  # it may arrive later than we gave it up
    assert slots.due() == pytest.approx(7.0, abs=0.01)


@pytest.mark.parametrize(
    ("ends", "ahead", "seconds"),
    [
        ([], 0, 0.0),  # both slots are new
        ([], 1, 0.0),
        ([], 2, 5.0),
        ([8.0], 1, 3.0),  # until the slot of the first message is free
        ([8.0, 9.0], 0, 3.0),
        ([8.0, 9.0], 1, 4.0),
        ([8.0, 9.0], 2, 5.0),
        ([8.0, 9.0], 4, 10.0),
        ([None, None], 0, 5.0),  # both carry a message
        ([8.0, None], 1, 5.0),
    ],
)
def test_how_long_one_waits_behind_others(
    ends: list[float | None], ahead: int, seconds: float
) -> None:
    slots = Slots(2, 5.0)
    for _end in ends:
        slots.take()
    for end in ends:
        if end is not None:
            slots.ended(end)
    assert slots.wait(ahead, 10.0) == pytest.approx(seconds, abs=0.01)


def told(paces: Paces, channel: str, now: float, seconds: float = 0.0) -> bool:
    """Whether a message to the channel may leave; it is answered after so many seconds."""
    taken = paces.take(channel, now)
    if taken is None:
        return False
    paces.ended(taken, now + seconds)
    return True


def test_a_channel_is_told_once_a_second_and_others_meanwhile() -> None:
    paces = Paces(240, 1.0)
    assert told(paces, "a", 0.0, 0.3)
    assert not told(paces, "a", 1.2)
    assert told(paces, "b", 1.2)
    assert told(paces, "a", 1.31)


@pytest.mark.parametrize("per_minute", [6, 60, 240, 600])
@pytest.mark.parametrize("answered_after", [0.0, 0.3])
def test_a_workspace_is_told_no_more_in_any_minute(per_minute: int, answered_after: float) -> None:
    paces = Paces(per_minute, 0.0)
    left: list[float] = []
    for tick in range(20 * 150):
        now = tick / 20
        while told(paces, f"c{len(left)}", now, answered_after):
            left.append(now)
    most = max(sum(at <= one < at + 60 for one in left) for at in left)
    assert most <= per_minute
    assert most >= per_minute * 0.8


def test_a_request_to_wait_holds_the_channel_and_then_the_workspace() -> None:
    paces = Paces(240, 1.0)
    paces.refused("a", 0.0, 30.0)
    assert not told(paces, "a", 29.0)
    assert told(paces, "b", 29.0)
    assert told(paces, "a", 30.0)
    paces.refused("a", 40.0, 30.0)
    paces.refused("b", 41.0, 10.0)  # not only one channel is refused
    assert not told(paces, "c", 50.0)
    assert told(paces, "c", 51.0)
    assert not told(paces, "a", 69.0)


def test_a_refusal_that_is_over_blames_no_workspace() -> None:
    paces = Paces(240, 1.0)
    paces.refused("a", 0.0, 3.0)
    paces.refused("b", 4.0, 3.0)
    assert told(paces, "c", 4.0)


def test_what_was_told_long_ago_is_forgotten_and_what_is_held_is_not() -> None:
    paces = Paces(1_000_000, 1.0)
    paces.refused("held", 0.0, 10_000.0)
    for number in range(3_000):
        assert told(paces, f"c{number}", float(number))
    assert len(paces._channels) < 1_100
    assert not told(paces, "held", 3_000.0)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (limited("30"), 30.0),
        (limited("0"), 0.0),
        (limited(None), 1.0),
        (limited("soon"), 1.0),
        (limited("999999"), 3600.0),
        (limited("inf"), 1.0),
        (limited("nan"), 1.0),
        (refused("ratelimited"), 1.0),
        (refused("is_archived", after="9"), None),
        (refused("", 503), None),
    ],
)
def test_how_long_slack_asks_to_wait(error: SlackApiError, seconds: float | None) -> None:
    assert asked_to_wait(error) == seconds


async def said(
    pacing: Pacing, channel: str, log: list[str], error: Exception | None = None
) -> None:
    """Say something in the channel, which ends so."""
    async with pacing.turn("T1", channel):
        log.append(channel)
        if error is not None:
            raise error


async def test_turns_come_first_come_first_served_among_free_channels() -> None:
    pacing, log = Pacing(6_000, per_channel=0.05), list[str]()
    one = [asyncio.create_task(said(pacing, channel, log)) for channel in ("a", "a", "b", "a", "c")]
    await asyncio.gather(*one)
    assert log == ["a", "b", "c", "a", "a"]


async def test_two_messages_to_a_channel_are_apart_by_their_answers() -> None:
    pacing, log = Pacing(6_000, per_channel=0.05), list[str]()
    loop = asyncio.get_running_loop()
    async with pacing.turn("T1", "a"):
        waiting = asyncio.create_task(said(pacing, "a", log))
        await asyncio.sleep(0)
        assert not log
    answered = loop.time()
    await waiting
    assert loop.time() - answered >= 0.05


async def test_a_turn_that_is_given_up_goes_to_the_next() -> None:
    pacing, log = Pacing(6_000, per_channel=0.05), list[str]()
    await said(pacing, "a", log)
    waiting = [asyncio.create_task(said(pacing, "a", log)) for _one in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert log == ["a", "a", "a"]


async def test_whoever_is_cancelled_with_its_turn_in_hand_leaves_it_to_the_next() -> None:
    pacing, log = Pacing(6_000, per_channel=60.0), list[str]()
    with suppress(aiohttp.ClientConnectorError):
        async with pacing.turn("T1", "a"):
            waiting = asyncio.create_task(said(pacing, "a", log))
            await asyncio.sleep(0)
            raise UNREACHED
    waiting.cancel()  # its turn was given, and it has not heard of it
    await asyncio.gather(waiting, return_exceptions=True)
    assert not log
    await said(pacing, "a", log)


async def test_a_message_that_never_left_takes_no_turn() -> None:
    pacing, log = Pacing(6_000, per_channel=60.0), list[str]()
    with pytest.raises(aiohttp.ClientConnectorError):
        await said(pacing, "a", log, UNREACHED)
    await said(pacing, "a", log)


async def test_whoever_waits_for_what_is_held_is_sent_away() -> None:
    counted: list[str] = []
    pacing = Pacing(6_000, per_channel=0.05, limited=lambda: counted.append("asked to wait"))
    log: list[str] = []
    async with pacing.turn("T1", "b"):
        waiting = asyncio.create_task(said(pacing, "a", log, limited("7")))
        queued = asyncio.create_task(said(pacing, "a", log))
        found = await asyncio.gather(waiting, queued, return_exceptions=True)
    assert isinstance(found[0], SlackApiError)
    assert len(counted) == 1
    assert isinstance(found[1], DeliveryError)
    assert found[1].after == pytest.approx(7.0, abs=0.5)
    with pytest.raises(DeliveryError) as caught:
        await said(pacing, "a", log)
    assert caught.value.after == pytest.approx(7.0, abs=0.5)
    await said(pacing, "c", log)
    assert log == ["a", "c"]


async def test_nobody_waits_for_a_turn_longer_than_a_deadline_bears() -> None:
    pacing, log = Pacing(1), list[str]()
    await said(pacing, "a", log)
    with pytest.raises(DeliveryError) as caught:
        await said(pacing, "b", log)
    assert PATIENCE_SECONDS < (caught.value.after or 0) <= 61
    assert log == ["a"]


async def test_a_method_that_is_held_is_left_alone_and_others_are_not() -> None:
    pacing = Pacing(240)
    with pytest.raises(SlackApiError), pacing.method("T1", "conversations.history"):
        raise limited("60")
    with pytest.raises(DeliveryError), pacing.method("T1", "conversations.history"):
        raise AssertionError
    with pacing.method("T1", "files"), pacing.method("T2", "conversations.history"):
        pass
    async with pacing.turn("T1", "a"):
        pass


@pytest.mark.parametrize(
    ("per_minute", "workspaces", "room"),
    [(240, 0, 20), (240, 1, 20), (240, 3, 60), (240, 100, 256), (1, 1, 4), (100_000, 1, 256)],
)
async def test_there_is_room_for_what_leaves_within_seconds(
    per_minute: int, workspaces: int, room: int
) -> None:
    pacing = Pacing(per_minute)
    for number in range(workspaces):
        async with pacing.turn(f"T{number}", "a"):
            pass
    assert pacing.room == room
