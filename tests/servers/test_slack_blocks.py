"""Each limit of blocks and views that the loopback Slack keeps: at it fine, beyond it refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.servers.slack import Channel, SlackServer, running
from tests.servers.slack_bot import client_of, refusal

Block = dict[str, Any]


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """A loopback Slack."""
    async with running() as server:
        yield server


@pytest.fixture
def alerts(server: SlackServer) -> Channel:
    """A channel with the bot in it."""
    return server.workspace.add_channel("alerts")


def plain(text: str) -> Block:
    """A plain text."""
    return {"type": "plain_text", "text": text}


def section(text: str) -> Block:
    """A section."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def header(text: str) -> Block:
    """A header."""
    return {"type": "header", "text": plain(text)}


def fields(count: int, length: int = 1) -> Block:
    """A section of fields."""
    return {"type": "section", "fields": [plain("x" * length)] * count}


def context(count: int) -> Block:
    """Small print."""
    return {"type": "context", "elements": [plain("x")] * count}


def button(action_id: str = "a", label: str = "Go", value: str = "v") -> Block:
    """A button."""
    return {"type": "button", "action_id": action_id, "text": plain(label), "value": value}


def actions(*buttons: Block) -> Block:
    """A block of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def picture(alt: str, **more: Any) -> Block:
    """A picture by its address."""
    return {"type": "image", "image_url": "http://127.0.0.1/a.png", "alt_text": alt, **more}


def table(rows: int = 1, cells: int = 1, text: str = "x") -> Block:
    """A table of equal cells."""
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * cells] * rows}


def rich(*elements: Block) -> Block:
    """Rich text of one paragraph."""
    section = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [section]}


BOLD = {"type": "text", "text": "x", "style": {"bold": True}}
FINE = {
    "50 blocks": [{"type": "divider"}] * 50,
    "a header": [header("x" * 150)],
    "a section": [section("x" * 3_000)],
    "fields": [fields(10, 1_000)],
    "a long field": [fields(1, 2_000)],
    "context": [context(10)],
    "buttons": [actions(*(button(f"a{n}") for n in range(25)))],
    "a label, a value, an id": [actions(button("a" * 255, "x" * 75, "v" * 2_000))],
    "a block id": [{"type": "divider", "block_id": "x" * 255}],
    "a picture": [picture("x" * 2_000, title=plain("x" * 2_000))],
    "rows": [table(100)],
    "cells": [table(1, 20)],
    "characters of a table": [table(10, 10, "x" * 100)],
    "rich text": [rich(BOLD, {"type": "link", "url": "http://127.0.0.1"})],
    "a rich cell": [{"type": "table", "rows": [[rich(BOLD)]]}],
    "columns": [{**table(), "column_settings": [{"align": "right", "is_wrapped": True}, None]}],
    "all together": [section("x" * 2_900)] * 4,
    "an accessory": [{**section("x"), "accessory": button()}],
}
REFUSED = {
    "51 blocks": ([{"type": "divider"}] * 51, "no more than 50 items"),
    "an unknown type": ([{"type": "banner"}], "unsupported type: banner"),
    "an input in a message's actions": ([actions(plain("x"))], "unsupported type: plain_text"),
    "a long header": ([header("x" * 151)], "less than 151 characters"),
    "an empty header": ([header("")], "more than 0 characters"),
    "a header of mrkdwn": ([{**header("x"), "text": section("x")["text"]}], "unsupported type"),
    "a long section": ([section("x" * 3_001)], "less than 3001 characters"),
    "an empty section": ([section("")], "more than 0 characters"),
    "a section of nothing": ([{"type": "section"}], "text or fields"),
    "11 fields": ([fields(11)], "between 1 and 10 items"),
    "a long field": ([fields(1, 2_001)], "less than 2001"),
    "11 elements": ([context(11)], "between 1 and 10 items"),
    "no elements": ([context(0)], "between 1 and 10 items"),
    "a button in context": ([{"type": "context", "elements": [button()]}], "unsupported type"),
    "26 buttons": ([actions(*(button(f"a{n}") for n in range(26)))], "between 1 and 25 items"),
    "a long label": ([actions(button(label="x" * 76))], "less than 76"),
    "a long value": ([actions(button(value="x" * 2_001))], "less than 2001"),
    "a long action id": ([actions(button("a" * 256))], "between 1 and 255"),
    "an action id twice": ([actions(button(), button())], "action_id already exists: a"),
    "a strange style": ([actions({**button(), "style": "loud"})], "one of primary, danger"),
    "a long block id": ([{"type": "divider", "block_id": "x" * 256}], "between 1 and 255"),
    "a block id twice": ([{"type": "divider", "block_id": "b"}] * 2, "block_id already exists"),
    "a strange property": ([{"type": "divider", "text": "x"}], "invalid additional property: text"),
    "no alt text": ([picture("")], "between 1 and 2000"),
    "a long alt text": ([picture("x" * 2_001)], "between 1 and 2000"),
    "a long title": ([picture("x", title=plain("x" * 2_001))], "less than 2001"),
    "no picture": ([{"type": "image", "alt_text": "x"}], "either image_url or slack_file"),
    "no such file": (
        [{"type": "image", "alt_text": "x", "slack_file": {"id": "F0"}}], "invalid slack file",
    ),
    "101 rows": ([table(101)], "between 1 and 100 items"),
    "no rows": ([{"type": "table", "rows": []}], "between 1 and 100 items"),
    "21 cells": ([table(1, 21)], "between 1 and 20 items"),
    "an empty cell": ([table(text="")], "more than 0 characters"),
    "an empty rich cell": ([{"type": "table", "rows": [[rich()]]}], "at least 1 item"),
    "a strange cell": ([{"type": "table", "rows": [[plain("x")]]}], "unsupported type: plain_text"),
    "a long table": ([table(10, 10, "x" * 101)], "less than 10001"),
    "two tables": ([table(), table()], "only_one_table_allowed"),
    "a strange column": (
        [{**table(), "column_settings": [{"align": "middle"}]}], "one of left, center, right",
    ),
    "21 columns": ([{**table(), "column_settings": [{}] * 21}], "no more than 20 items"),
    "empty rich text": ([rich({"type": "text", "text": ""})], "more than 0 characters"),
    "a strange element": ([rich({"type": "shout", "text": "x"})], "unsupported type: shout"),
    "no list": ({"type": "divider"}, "must be an array"),
}  # fmt: skip


@pytest.mark.parametrize("blocks", FINE.values(), ids=FINE.keys())
async def test_what_keeps_the_limits_is_taken(
    server: SlackServer, alerts: Channel, blocks: list[Block]
) -> None:
    await client_of(server).chat_postMessage(channel=alerts.id, text="x", blocks=blocks)
    assert len(server.messages(alerts)[0].blocks) == len(blocks)


@pytest.mark.parametrize(("blocks", "why"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_beyond_a_limit_is_refused_in_words(
    server: SlackServer, alerts: Channel, blocks: Any, why: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client_of(server).chat_postMessage(channel=alerts.id, text="x", blocks=blocks)
    said = caught.value.response
    assert said["error"] == "invalid_blocks"
    assert any(why in each for each in said["errors"]), said["errors"]
    first = f"[ERROR] {said['errors'][0]}"
    assert said["response_metadata"]["messages"][0] == first
    assert "[json-pointer:/blocks" in first
    assert server.messages(alerts) == []


async def test_limits_hold_wherever_blocks_go(server: SlackServer, alerts: Channel) -> None:
    client, ann = client_of(server), server.workspace.add_user("ann")
    alerts.members.add(ann.id)
    ts = (await client.chat_postMessage(channel=alerts.id, text="x"))["ts"]
    blocks = [{"type": "divider"}] * 51
    for sent in (
        client.chat_update(channel=alerts.id, ts=ts, text="x", blocks=blocks),
        client.chat_postEphemeral(channel=alerts.id, user=ann.id, text="x", blocks=blocks),
    ):
        assert await refusal(sent) == "invalid_blocks"


async def test_blocks_together_are_limited(server: SlackServer, alerts: Channel) -> None:
    client = client_of(server)
    long = [section("x" * 3_000)] * 4
    said = client.chat_postMessage(channel=alerts.id, text="x", blocks=[*long, section("x" * 797)])
    assert await refusal(said) == ""
    said = client.chat_postMessage(channel=alerts.id, text="x", blocks=[*long, section("x" * 798)])
    assert await refusal(said) == "msg_blocks_too_long"


def modal(**more: Any) -> Block:
    """A dialog."""
    return {"type": "modal", "title": plain("Note"), "blocks": [{"type": "divider"}], **more}


def entry(element: Block, **more: Any) -> Block:
    """An input."""
    return {"type": "input", "label": plain("Text"), "element": element, **more}


def menu(count: int, value: str = "v") -> Block:
    """A menu."""
    option = {"text": plain("x"), "value": value}
    return {"type": "static_select", "action_id": "m", "options": [option] * count}


TYPED = {"type": "plain_text_input", "action_id": "t"}
FINE_VIEWS = {
    "100 blocks": modal(blocks=[{"type": "divider"}] * 100),
    "texts": modal(title=plain("x" * 24), submit=plain("x" * 24), close=plain("x" * 24)),
    "metadata": modal(private_metadata="x" * 3_000, callback_id="x" * 255),
    "an input": modal(submit=plain("Add"), blocks=[entry(TYPED, hint=plain("x"))]),
    "a menu": modal(submit=plain("Add"), blocks=[entry(menu(100))]),
}
REFUSED_VIEWS = {
    "101 blocks": (modal(blocks=[{"type": "divider"}] * 101), "no more than 100"),
    "a long title": (modal(title=plain("x" * 25)), "less than 25"),
    "no title": (modal(title=None), "missing required field"),
    "a long submit": (modal(submit=plain("x" * 25)), "less than 25"),
    "a long close": (modal(close=plain("x" * 25)), "less than 25"),
    "long metadata": (modal(private_metadata="x" * 3_001), "less than 3001"),
    "a long callback id": (modal(callback_id="x" * 256), "less than 256"),
    "an input, no submit": (modal(blocks=[entry(TYPED)]), "submit is required"),
    "a strange input": (modal(submit=plain("x"), blocks=[entry(button())]), "unsupported type"),
    "no label": (modal(submit=plain("x"), blocks=[entry(TYPED, label=None)]), "missing required"),
    "101 options": (modal(submit=plain("x"), blocks=[entry(menu(101))]), "between 1 and 100"),
    "no options": (modal(submit=plain("x"), blocks=[entry(menu(0))]), "between 1 and 100"),
    "a long value": (modal(submit=plain("x"), blocks=[entry(menu(1, "v" * 151))]), "1 and 150"),
    "an option not offered": (
        modal(submit=plain("x"), blocks=[entry({
            **menu(1), "initial_option": {"text": plain("y"), "value": "y"},
        })]), "one of the provided options",
    ),
    "a table": (modal(blocks=[table()]), "unsupported type: table"),
    "a strange property": (modal(colour="red"), "invalid additional property: colour"),
    "a Home tab": ({"type": "home", "blocks": []}, "must be modal"),
}  # fmt: skip


@pytest.mark.parametrize("view", FINE_VIEWS.values(), ids=FINE_VIEWS.keys())
async def test_a_view_that_keeps_the_limits_is_opened(server: SlackServer, view: Block) -> None:
    ann = server.workspace.add_user("ann")
    trigger = server.triggers.new(ann.id, ann.team)
    await client_of(server).views_open(trigger_id=trigger, view=view)
    assert len(server.views) == 1


@pytest.mark.parametrize(("view", "why"), REFUSED_VIEWS.values(), ids=REFUSED_VIEWS.keys())
async def test_a_view_beyond_a_limit_is_refused_in_words(
    server: SlackServer, view: Block, why: str
) -> None:
    ann = server.workspace.add_user("ann")
    trigger = server.triggers.new(ann.id, ann.team)
    with pytest.raises(SlackApiError) as caught:
        await client_of(server).views_open(trigger_id=trigger, view=view)
    assert caught.value.response["error"] == "invalid_arguments"
    assert any(why in each for each in caught.value.response["errors"])
    assert server.views == []
