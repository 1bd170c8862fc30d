"""A Slack on 127.0.0.1, for the real client libraries: Web API, Socket Mode, limits and faults.

    async with running() as server:
        ann = server.workspace.add_user("ann", admin=True)
        alerts = server.workspace.add_channel("alerts", ann)
        client = AsyncWebClient(server.workspace.bot_token, base_url=server.api_url + "/")
        ...                                     # the app connects with server.app_token
        await server.connected()
        asked = await server.command("help", user=ann, channel=alerts)
        asked.acked_after, asked.payload        # what the acknowledgement brought
        await asked.response()                  # the first post to its response_url
        server.ephemerals(alerts, ann)          # what only she sees
        pressed = await server.press(server.messages(alerts)[0], "aftershock:explain", user=ann)
        await server.shortcut("aftershock_add_alert", user=ann)
        await server.submit(server.views[-1], {"target": "NVDA"}, user=ann)
        await server.open_home(user=ann); server.home(ann).blocks

In HTTP mode: `server.post_to(url, "command", "help", user=ann, channel=alerts)`, signed with
`server.signing_secret`; installing: `server.code(workspace, ann)` for oauth.v2.access with
`client_id` and `client_secret`. More workspaces: `server.add_workspace(name)`; each has
`add_user`, `add_channel`, `dm`, `dm_between`, `invite`, `remove`, `refusal`, `scopes`.

What goes wrong: `server.next("chat.postMessage", status=429, retry_after=2)` or `error="…"`,
`lose_reply`, `hang` (then `release()`), `down()`, `up()`, `await unreachable()`, `await
reachable()`, `drop()`, `await disconnect(reason)`; the names are methods, "response_url" and
"upload". How often: `server.limits`. Files take
`server.file_processing` looks until they can be shown. `server.clock.advance(seconds)` lets
limits, response_urls and trigger_ids age. What the server was asked: `server.requests`,
`server.calls(method)`. What a test waits for: `await server.until(fact, what)`. For a program in
another thread or process: `serving_in_thread()`, and `server.wait(server.command(…))`.
"""

from tests.servers.slack.delivered import Delivered
from tests.servers.slack.refusals import NotOfferedError
from tests.servers.slack.running import running, serving_in_thread
from tests.servers.slack.server import SlackServer
from tests.servers.slack.world import Channel, File, Message, User, View, Workspace

__all__ = [
    "Channel", "Delivered", "File", "Message", "NotOfferedError", "SlackServer", "User", "View",
    "Workspace", "running", "serving_in_thread",
]  # fmt: skip
