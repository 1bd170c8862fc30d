"""What people do in Slack: commands typed, buttons pressed, dialogs sent off, Home opened."""

from typing import TYPE_CHECKING, Any

from tests.servers.slack import payloads, responding
from tests.servers.slack.delivered import Delivered
from tests.servers.slack.entering import entered
from tests.servers.slack.refusals import NotOfferedError
from tests.servers.slack.world import Channel, Json, Message, User, View, Workspace

if TYPE_CHECKING:
    from tests.servers.slack.core import Core


class People:
    """Makes what is to be delivered; `server` delivers it."""

    def __init__(self, server: "Core") -> None:
        self.server = server

    def command(
        self, text: str, command: str, user: User, channel: Channel, workspace: Workspace
    ) -> Delivered:
        """A slash command typed in a channel."""
        url = responding.new(self.server, workspace, channel, user.id, "commands")
        sent = payloads.command(self.server, workspace, channel, user, command, text, url.url)
        return Delivered(self.server, "slash_commands", dict(sent), response_url=url)

    def press(
        self, where: Message | View, workspace: Workspace, user: User, action_id: str,
        value: str | None, block_id: str | None,
    ) -> Delivered:  # fmt: skip
        """A button under a message, in a dialog or on a Home tab."""
        common = payloads.interaction(self.server, "block_actions", workspace, user)
        action = self._action(where.blocks, action_id, value, block_id)
        if isinstance(where, View):
            sent = payloads.pressed_in_view(common, workspace, where, action, entered(where, {}))
            return Delivered(self.server, "interactive", sent, view=where)
        channel = workspace.channels[where.channel]
        url = responding.new(self.server, workspace, channel, user.id, "actions", where)
        sent = payloads.pressed(common, workspace, channel, where, action, url.url)
        return Delivered(self.server, "interactive", sent, response_url=url)

    def _action(
        self, blocks: list[Json], action_id: str, value: str | None, block_id: str | None
    ) -> Json:
        """What the payload says of what was pressed. A button that is gone needs its value."""
        for block in blocks:
            for element in (*block.get("elements", ()), block.get("accessory") or {}):
                if element.get("action_id") != action_id:
                    continue
                if block_id not in (None, block.get("block_id")):
                    continue
                if value is not None and element.get("value") != value:
                    continue
                said = {key: each for key, each in element.items() if key != "confirm"}
                return said | {"block_id": block["block_id"], "action_ts": self.server.clock.ts()}
        if value is None or block_id is None:
            offered = [element.get("action_id") for block in blocks
                       for element in (*block.get("elements", ()), block.get("accessory") or {})
                       if element.get("action_id")]  # fmt: skip
            raise NotOfferedError(f"no {action_id!r} there; there are {offered}")
        return {
            "type": "button", "action_id": action_id, "block_id": block_id, "value": value,
            "text": {"type": "plain_text", "text": "?"}, "action_ts": self.server.clock.ts(),
        }  # fmt: skip

    def submit(
        self, view: View, values: dict[str, Any], workspace: Workspace, user: User
    ) -> Delivered:
        """A dialog sent off, with what was entered by action id or block id."""
        if not view.open:
            raise NotOfferedError("the dialog is closed")
        common = payloads.interaction(self.server, "view_submission", workspace, user)
        sent = payloads.submitted(common, workspace, view, entered(view, values, sent_off=True))
        return Delivered(self.server, "interactive", sent, view=view)

    def shortcut(self, callback_id: str, workspace: Workspace, user: User) -> Delivered:
        """A shortcut from anywhere."""
        common = payloads.interaction(self.server, "shortcut", workspace, user)
        sent = payloads.shortcut(common, self.server.clock.ts(), callback_id)
        return Delivered(self.server, "interactive", sent)

    def message_shortcut(
        self, callback_id: str, message: Message, workspace: Workspace, user: User
    ) -> Delivered:
        """A shortcut from a message's menu."""
        channel = workspace.channels[message.channel]
        url = responding.new(self.server, workspace, channel, user.id, "actions")
        common = payloads.interaction(self.server, "message_action", workspace, user)
        sent = payloads.message_shortcut(
            common, workspace, channel, message, callback_id, url.url, self.server.clock.ts()
        )
        return Delivered(self.server, "interactive", sent, response_url=url)

    def event(self, kind: str, workspace: Workspace, fields: Json) -> Delivered:
        """Something that happened."""
        inner = {"type": kind, "event_ts": self.server.clock.ts(), **fields}
        return Delivered(self.server, "events_api", payloads.event(self.server, workspace, inner))
