"""Opening dialogs, sending them off, and what came of it."""

from typing import Any

from bot.surfaces.slack import names
from storage import receivers
from storage.receivers import Subscription
from tests.servers.slack import Channel, Delivered, User, View
from tests.surfaces.slack.home_scene import Scene


async def dialog(scene: Scene, action: str = names.ADD_ALERT, by: User | None = None) -> View:
    """A dialog: that for an alert by its shortcut, another one from the Home tab."""
    user = by or scene.ann
    number = len(scene.dialogs()) + 1
    if action == names.ADD_ALERT:
        await scene.server.shortcut(names.ALERT_SHORTCUT, user=user)
        return await scene.opened(number)
    return await dialog_from_tab(scene, action, user)


async def dialog_from_tab(scene: Scene, action: str, user: User) -> View:
    """A dialog, opened from the Home tab."""
    number = len(scene.dialogs()) + 1
    await scene.tab(user)
    view = scene.server.home(user)
    assert view is not None
    await scene.server.press(view, action, user=user)
    return await scene.opened(number)


async def send(scene: Scene, view: View, by: User | None = None, **values: Any) -> Delivered:
    """Send a dialog off; Slack has its answer within three seconds."""
    return await scene.server.submit(view, values, user=by or scene.ann)


async def gets(scene: Scene, channel: Channel) -> list[Subscription]:
    """What a channel is told."""
    async with scene.slack.services.database.read() as connection:
        found = await receivers.find_receiver(connection, "slack", f"{channel.team}/{channel.id}")
        return [] if found is None else await receivers.subscriptions(connection, found.id)


def errors(sent: Delivered) -> dict[str, str]:
    """What was wrong, by field."""
    assert sent.payload["response_action"] == "errors"
    found: dict[str, str] = sent.payload["errors"]
    assert "\n" not in str(found.values())
    return found
