"""A Slack on 127.0.0.1: what people do and see in it, and what goes wrong."""

from typing import Any

from tests.servers.slack.core import Core
from tests.servers.slack.delivered import Delivered
from tests.servers.slack.faults import Fault
from tests.servers.slack.interactions import People
from tests.servers.slack.posting import found
from tests.servers.slack.refusals import NotOfferedError, RefusedError
from tests.servers.slack.sending import over_socket, to_address
from tests.servers.slack.world import Channel, Json, Message, User, View, Workspace

# A message, or its channel and timestamp.
Ref = Message | tuple[Channel | str, str]


class SlackServer(Core):
    """The whole of it; see the package's docstring for how to begin.

    Each `async` method hands something to the app and waits until it is acknowledged: over the
    socket, or posted to the address `via`. With `wait=False` it does not wait; then there is
    `await delivered.acked()`.
    """

    async def command(
        self, text: str = "", *, user: User, channel: Channel,
        command: str = "/aftershock", team: Workspace | None = None, via: str | None = None,
        wait: bool = True, **how: Any,
    ) -> Delivered:  # fmt: skip
        """Type a command. `team` is whose workspace asks, in a channel that two share."""
        workspace = team or self.workspaces[channel.team]
        made = People(self).command(text, command, user, channel, workspace)
        return await self._hand(made, via, wait, **how)

    async def press(
        self, where: Ref | View, action_id: str, value: str | None = None,
        block_id: str | None = None, *, user: User, via: str | None = None, wait: bool = True,
        **how: Any,
    ) -> Delivered:  # fmt: skip
        """Press a button; one that is not there any more needs its value and its block's id."""
        if not isinstance(where, View):
            where = self.message(where)
        workspace = (
            self.workspaces[where.team]
            if isinstance(where, View)
            else self.channel(where.channel)[0]
        )
        made = People(self).press(where, workspace, user, action_id, value, block_id)
        return await self._hand(made, via, wait, **how)

    async def submit(
        self, view: View, values: dict[str, Any] | None = None, *, user: User,
        via: str | None = None, wait: bool = True, **how: Any,
    ) -> Delivered:  # fmt: skip
        """Send a dialog off, with what is entered by action id or block id."""
        workspace = self.workspaces[view.team]
        made = People(self).submit(view, values or {}, workspace, user)
        return await self._hand(made, via, wait, **how)

    async def shortcut(
        self, callback_id: str, *, user: User, via: str | None = None,
        wait: bool = True, **how: Any,
    ) -> Delivered:  # fmt: skip
        """Choose a shortcut, from anywhere."""
        made = People(self).shortcut(callback_id, self.workspaces[user.team], user)
        return await self._hand(made, via, wait, **how)

    async def message_shortcut(
        self, callback_id: str, message: Ref, *, user: User,
        via: str | None = None, wait: bool = True, **how: Any,
    ) -> Delivered:  # fmt: skip
        """Choose a shortcut from a message's menu."""
        message = self.message(message)
        workspace = self.channel(message.channel)[0]
        made = People(self).message_shortcut(callback_id, message, workspace, user)
        return await self._hand(made, via, wait, **how)

    async def open_home(
        self, *, user: User, tab: str = "home", via: str | None = None,
        wait: bool = True, **how: Any,
    ) -> Delivered:  # fmt: skip
        """Open the app's Home tab (or its "messages")."""
        workspace = self.workspaces[user.team]
        fields: Json = {"user": user.id, "channel": workspace.dm(user).id, "tab": tab}
        made = People(self).event("app_home_opened", workspace, fields)
        return await self._hand(made, via, wait, **how)

    async def event(
        self, type: str, *, team: Workspace | None = None,  # noqa: A002 - Slack's
        via: str | None = None, wait: bool = True, fields: Json | None = None, **more: Any,
    ) -> Delivered:  # fmt: skip
        """Something that happened; `more` (or `fields`) is what Slack says of it."""
        made = People(self).event(type, team or self.workspace, {**(fields or {}), **more})
        return await self._hand(made, via, wait)

    async def post_to(self, url: str, kind: str, *args: Any, **how: Any
                      ) -> Delivered:  # fmt: skip
        """In HTTP mode: `post_to(url, "command", "help", user=…, channel=…)`, and so for
        "press", "submit", "shortcut", "message_shortcut", "open_home" and "event".

        What comes back is `status`, `body` and `payload`. `secret=` signs with another secret,
        `timestamp=` lies about the time (not for events).
        """
        delivered: Delivered = await getattr(self, kind)(*args, via=url, **how)
        return delivered

    async def redeliver(
        self, delivered: Delivered, *, same_envelope: bool | None = None,
        retry: int = 1, wait: bool = True,
    ) -> Delivered:  # fmt: skip
        """Hand the same payload over again. An event comes in a new envelope with its number of
        retries, anything else in the same, unless `same_envelope` says otherwise.
        """
        if same_envelope is None:
            same_envelope = delivered.kind != "events_api"
        again = Delivered(
            self, delivered.kind, delivered.sent, delivered.envelope_id if same_envelope else "",
            delivered.response_url, delivered.view,
        )  # fmt: skip
        return await self._hand(again, delivered.url, wait, retry=retry)

    async def _hand(
        self, delivered: Delivered, via: str | None, wait: bool, *,
        retry: int = 0, secret: str | None = None, timestamp: str | None = None,
    ) -> Delivered:  # fmt: skip
        if via is None:
            await self.here(over_socket(self, delivered, retry))
            return await delivered.acked() if wait else delivered
        await self.here(
            to_address(self, delivered, via, retry=retry, secret=secret, timestamp=timestamp)
        )
        return delivered

    def channel(self, channel: Channel | str) -> tuple[Workspace, Channel]:
        """A channel by its id, and its workspace."""
        id_ = channel if isinstance(channel, str) else channel.id
        for workspace in self.workspaces.values():
            if id_ in workspace.channels:
                return workspace, workspace.channels[id_]
        raise NotOfferedError(f"there is no channel {id_}")

    def message(self, ref: Ref) -> Message:
        """A message by its channel and timestamp."""
        if isinstance(ref, Message):
            return ref
        channel = self.channel(ref[0])[1]
        message = found(channel, ref[1]) or found(channel, ref[1], ephemeral=True)
        if message is None:
            raise NotOfferedError(f"there is no message {ref[1]} in {channel.name}")
        return message

    def messages(self, channel: Channel | str) -> list[Message]:
        """What everybody in a channel sees, threads included, in the order it was posted."""
        said = self.channel(channel)[1].messages
        return [each for each in said if each.ephemeral_to is None]

    def ephemerals(self, channel: Channel | str, user: User) -> list[Message]:
        """What only one person sees in a channel."""
        said = self.channel(channel)[1].messages
        return [each for each in said if each.ephemeral_to == user.id]

    def home(self, user: User) -> View | None:
        """Somebody's Home tab, once the app has published it."""
        return self.workspaces[user.team].homes.get(user.id)

    @property
    def views(self) -> list[View]:
        """All dialogs there ever were, in order."""
        return [view for each in self.workspaces.values() for view in each.views.values()]

    @property
    def files(self) -> list[Any]:
        """All files, in order."""
        return [file for each in self.workspaces.values() for file in each.files.values()]

    def next(
        self, method: str, *, status: int | None = None, error: str | None = None,
        retry_after: int | None = None, times: int | None = 1, text: str | None = None,
        body: bytes | None = None,
    ) -> Fault:  # fmt: skip
        """Let the next calls of a method fail: a status, an error, a page that is no JSON, or a
        body that is said to be JSON.
        """
        if status == 429 and error is None:
            error = "ratelimited"
        code = error or ("internal_error" if status else "fatal_error")
        refusal = RefusedError(code, status=status or 200, retry_after=retry_after)
        return self._set(Fault(method, refusal=refusal, text=text, body=body, times=times))

    def lose_reply(self, method: str, *, times: int | None = 1) -> Fault:
        """The next calls of a method are carried out; then the connection is reset."""
        return self._set(Fault(method, lost=True, times=times))

    def hang(self, method: str, *, done: bool = False, times: int | None = 1) -> Fault:
        """The next calls of a method are not answered before `release()`, and carried out only
        then (with `done`: at once).
        """
        return self._set(Fault(method, hang=True, done=done, times=times, loop=self.loop))

    def _set(self, fault: Fault) -> Fault:
        self.faults.set.append(fault)
        return fault

    def down(self) -> None:
        """Answer everything with a 503, and cut the sockets."""
        self.is_down = True
        self.soon(self.link.drop)

    def up(self) -> None:
        """Answer again."""
        self.is_down = False

    async def unreachable(self) -> None:
        """Refuse every connection, and cut those there are."""
        await self.here(self.stop_listening())

    async def reachable(self) -> None:
        """Listen again, at the same address."""
        await self.here(self.listen())

    def drop(self) -> None:
        """Cut the sockets without a word."""
        self.soon(self.link.drop)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Say that the sockets end, and (but for a "warning") end them."""
        await self.here(self.link.disconnect(reason))
