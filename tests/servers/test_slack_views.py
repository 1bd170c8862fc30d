"""The loopback Slack's dialogs and Home tab, by the real client."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.servers.slack import NotOfferedError, SlackServer, running
from tests.servers.slack_bot import started

MODAL = {
    "type": "modal", "callback_id": "note", "private_metadata": "n1",
    "title": {"type": "plain_text", "text": "Note"},
    "submit": {"type": "plain_text", "text": "Add"},
    "blocks": [
        {
            "type": "input", "block_id": "text",
            "label": {"type": "plain_text", "text": "Text"},
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 5},
        },
        {
            "type": "input", "block_id": "when", "optional": True,
            "label": {"type": "plain_text", "text": "When"},
            "element": {
                "type": "static_select", "action_id": "when",
                "options": [
                    {"text": {"type": "plain_text", "text": word}, "value": word}
                    for word in ("now", "later")
                ],
            },
        },
    ],
}  # fmt: skip
BUTTONS = [
    {
        "type": "actions", "block_id": "b1",
        "elements": [{
            "type": "button", "action_id": "explain", "value": "n1",
            "text": {"type": "plain_text", "text": "Explain"},
        }],
    },
]  # fmt: skip


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """A loopback Slack with ann in it."""
    async with running() as server:
        server.workspace.add_user("ann")
        yield server


def ann_of(server: SlackServer) -> Any:
    """Ann."""
    return next(each for each in server.workspace.users.values() if each.name == "ann")


async def test_a_dialog_is_opened_filled_in_and_sent_off(server: SlackServer) -> None:
    ann = ann_of(server)
    async with started(server) as app:
        sent: list[Any] = []

        async def show(ack: Any, client: Any, body: Any) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        async def take(ack: Any, view: Any) -> None:
            if view["state"]["values"]["text"]["text"]["value"] == "no":
                await ack(response_action="errors", errors={"text": "Say more."})
                return
            await ack()
            sent.append(view)

        app.shortcut("add_note")(show)
        app.view("note")(take)
        await server.shortcut("add_note", user=ann)
        await server.until(lambda: server.views, "a dialog")
        view = server.views[0]
        with pytest.raises(NotOfferedError, match="'Text' must not be empty"):
            await server.submit(view, {"when": "now"}, user=ann)
        with pytest.raises(NotOfferedError, match="there is no input where"):
            await server.submit(view, {"text": "hi", "where": "x"}, user=ann)
        with pytest.raises(NotOfferedError, match="'never' cannot be chosen"):
            await server.submit(view, {"text": "hi", "when": "never"}, user=ann)
        with pytest.raises(NotOfferedError, match="longer than 5"):
            await server.submit(view, {"text": "too long"}, user=ann)
        refused = await server.submit(view, {"text": "no"}, user=ann)
        assert refused.payload["errors"] == {"text": "Say more."}
        assert [each.open for each in server.views] == [True]
        await server.submit(view, {"text": "hi", "when": "later"}, user=ann)
    assert [each.open for each in server.views] == [False]
    assert sent[0]["state"]["values"]["when"]["when"]["selected_option"]["value"] == "later"
    assert sent[0]["private_metadata"] == "n1"
    with pytest.raises(NotOfferedError, match="closed"):
        await server.submit(view, {"text": "hi"}, user=ann)


async def test_errors_under_no_input_are_the_apps_mistake(server: SlackServer) -> None:
    ann = ann_of(server)
    async with started(server) as app:

        async def show(ack: Any, client: Any, body: Any) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        async def wrong(ack: Any) -> None:
            await ack(response_action="errors", errors={"nothing": "Say more."})

        app.shortcut("add_note")(show)
        app.view("note")(wrong)
        await server.shortcut("add_note", user=ann)
        await server.until(lambda: server.views, "a dialog")
        await server.submit(server.views[0], {"text": "hi"}, user=ann)
    # Raised when the server stops, unless a test has looked.
    assert [str(each) for each in server.broken] == [
        "errors must name inputs: {'nothing': 'Say more.'}; there are ['text', 'when']"
    ]
    server.broken.clear()


async def test_a_dialog_changes_into_another(server: SlackServer) -> None:
    ann = ann_of(server)
    other = {
        "type": "modal", "title": {"type": "plain_text", "text": "Done"},
        "blocks": [{"type": "divider"}],
    }  # fmt: skip
    async with started(server) as app:

        async def show(ack: Any, client: Any, body: Any) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        async def take(ack: Any) -> None:
            await ack(response_action="update", view=other)

        app.shortcut("add_note")(show)
        app.view("note")(take)
        await server.shortcut("add_note", user=ann)
        await server.until(lambda: server.views, "a dialog")
        await server.submit(server.views[0], {"text": "hi"}, user=ann)
    assert server.views[0].open
    assert server.views[0].content["title"]["text"] == "Done"


async def test_home_is_opened_published_and_pressed(server: SlackServer) -> None:
    ann = ann_of(server)
    async with started(server) as app:
        pressed: list[Any] = []

        async def publish(event: Any, client: Any) -> None:
            view = {"type": "home", "blocks": BUTTONS}
            await client.views_publish(user_id=event["user"], view=view)

        async def explain(ack: Any, body: Any) -> None:
            await ack()
            pressed.append(body)

        app.event("app_home_opened")(publish)
        app.action("explain")(explain)
        assert server.home(ann) is None
        await server.open_home(user=ann)
        await server.until(lambda: server.home(ann), "a Home tab")
        home = server.home(ann)
        assert home is not None
        await server.press(home, "explain", user=ann)
    assert pressed[0]["view"]["id"] == home.id
    assert pressed[0]["container"] == {"type": "view", "view_id": home.id}
    assert "response_url" not in pressed[0]
