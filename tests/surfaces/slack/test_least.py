"""The manifest against the code: all that it names is listened to, and no scope is too many."""

import ast
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

import bot.surfaces.slack
from bot.on_slack import LISTENERS
from bot.services import Services
from bot.surfaces.slack import names
from bot.surfaces.slack.installs import REVOKED, UNINSTALLED
from bot.surfaces.slack.manifest import SCOPES, manifest
from tests.surfaces.slack.home_scene import Scene, scene_of

# What each call needs, in channels, private ones and conversations with the bot; Slack's reference.
NEEDED: dict[str, set[str]] = {
    "apps_connections_open": set(),  # by the app's own token
    "auth_test": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history", "im:history"},
    "conversations_info": {"channels:read", "groups:read", "im:read"},
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    "files_info": {"files:read"},
    "files_upload_v2": {"files:write"},
    "users_conversations": {"channels:read", "groups:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_update": set(),
}


class Recorder:
    """An app that only notes what is listened to, by kind."""

    def __init__(self) -> None:
        self.heard: defaultdict[str, set[str]] = defaultdict(set)

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        def listen(constraint: str, *_more: object, **_named: object) -> Callable[[Any], Any]:
            self.heard[kind].add(constraint)
            return lambda listener: listener

        return listen


@pytest.fixture
def heard(services: Services) -> defaultdict[str, set[str]]:
    """All that the program listens to."""
    recorder: Any = Recorder()
    for register in LISTENERS:
        register(recorder, None)  # type: ignore[arg-type]
    found: defaultdict[str, set[str]] = recorder.heard
    return found


def test_all_that_the_manifest_names_is_listened_to_and_nothing_else(
    heard: defaultdict[str, set[str]],
) -> None:
    features = manifest()["features"]
    assert {one["command"] for one in features["slash_commands"]} == heard["command"]
    shortcuts = {one["callback_id"] for one in features["shortcuts"]}
    assert shortcuts == heard["shortcut"] | heard["message_shortcut"] | heard["global_shortcut"]
    # Removals are heard of before Bolt: see tests of installs.
    heard_of = heard["event"] | {UNINSTALLED, REVOKED}
    assert set(manifest()["settings"]["event_subscriptions"]["bot_events"]) == heard_of


def test_all_that_can_be_pressed_and_sent_off_is_listened_to(
    heard: defaultdict[str, set[str]],
) -> None:
    words = {value for name, value in vars(names).items() if name.isupper()}
    buttons = {word for word in words if isinstance(word, str) and word.startswith("aftershock:")}
    assert buttons <= heard["action"]
    assert {names.ALERT_DIALOG, names.SUBSCRIPTION_DIALOG, names.SILENCE_DIALOG} <= heard["view"]


def called() -> Iterator[str]:
    """The methods of the Web API that the program calls, by the client's names."""
    for path in sorted(Path(bot.surfaces.slack.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and "_" in node.attr and is_method(node.attr):
                yield node.attr


def is_method(name: str) -> bool:
    """Whether the client has a method of the Web API by that name."""
    return not name.startswith("_") and name != "api_call" and hasattr(AsyncWebClient, name)


def test_each_scope_is_needed_and_none_lacks() -> None:
    calls = set(called())
    assert calls == set(NEEDED), "say in NEEDED which scopes a call takes"
    needed = set().union(*(NEEDED[call] for call in calls)) | {"commands"}
    assert needed == set(SCOPES)


@pytest.fixture
async def scene(seeded: Services) -> AsyncIterator[Scene]:
    """A workspace whose token may do what the manifest asks for."""
    async with scene_of(seeded) as scene:
        scene.server.workspace.scopes = set(SCOPES)
        yield scene


async def test_tab_and_dialogs_work_with_these_scopes(scene: Scene) -> None:
    await scene.tab(scene.ann)
    await scene.server.shortcut(names.ALERT_SHORTCUT, user=scene.ann)
    view = await scene.opened(1)
    values = {"channel": scene.alerts.id, "target": "NVDA"}
    await scene.server.submit(view, values, user=scene.ann)
    await scene.published(2)
    assert "NVDA" in scene.home_text(scene.ann)
    assert [one for one in scene.server.requests if one.error] == []
