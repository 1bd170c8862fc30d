"""A Discord on 127.0.0.1, for the real client library: gateway, REST, limits and faults.

    server = DiscordServer()
    guild = server.add_guild("Chips")
    channel, ann = guild.add_channel("alerts"), guild.add_member("ann")
    async with running(server), logged_in(server, bot):
        asked = server.interact("drawdown", {"target": "NVDA"}, by=ann, where=channel)
        answer = await asked.response()         # content, embed, files, labels, ephemeral ...
        pressed = server.interact.press(answer, "Explain", by=ann)
        form = server.interact.press(answer, "Note", by=ann)
        noted = server.interact.submit(form, {"text": "hm"})    # after `await form.modal()`
    [each.content for each in channel.sent]

Who does what: `guild.add_role(name, permissions.MANAGE_CHANNELS)`, `channel.deny(...)`,
`guild.remove_channel(...)`, `server.remove_guild(...)`, `server.dm(user)`. What goes wrong:
`server.fail("POST /channels/*/messages", 404, code=10003)` or "reset after" and the like
(`faults.Fault`); `server.gateway.drop()`, `.reconnect()`, `.invalidate(resumable=False)`;
`server.latency`, `server.limits`. Nonces and tokens age by `server.clock.advance(seconds)`.
What a test waits for: `server.until(fact, what)`. A client of a bench has its server in a thread
of its own: `serving_in_thread(server)`.
"""

from tests.servers.discord.interactions import Interaction
from tests.servers.discord.limits import Latency, Limits
from tests.servers.discord.messages import Message
from tests.servers.discord.options import NotOfferedError
from tests.servers.discord.people import Member, Role, User
from tests.servers.discord.running import logged_in, pointed_at, running, serving_in_thread
from tests.servers.discord.server import DiscordServer
from tests.servers.discord.world import Channel, Guild

__all__ = [
    "Channel", "DiscordServer", "Guild", "Interaction", "Latency", "Limits", "Member", "Message",
    "NotOfferedError", "Role", "User", "logged_in", "pointed_at", "running", "serving_in_thread",
]  # fmt: skip
